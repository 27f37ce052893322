# Makes synthetic_answers.csv, synthetic_scores.csv and synthetic_reliability.csv with R's psych package, so that
# scores and alpha are checked against somebody else's code. Nobody's answers: the numbers are drawn here.
# Run in this folder: Rscript synthetic_scores.R
suppressMessages(library(psych))
set.seed(20260)
n <- 240

draw <- function(items, negative, high, load, missing) {
  trait <- rnorm(n)
  out <- sapply(items, function(item) {
    sign <- if (item %in% negative) -1 else 1
    latent <- sign * load * trait + sqrt(1 - load^2) * rnorm(n)
    cut(latent, c(-Inf, qnorm(seq_len(high - 1) / high), Inf), labels = FALSE)
  })
  out[matrix(runif(length(out)) < missing, n)] <- NA
  out
}

# Codes as stored: healthy-relationships 1 strongly disagree .. 5; PISA 1 strongly agree .. 4 strongly disagree.
hr_items <- c("hr_bel_accepted", "hr_bel_included", "hr_bel_valued", "hr_bel_part", "hr_bel_outside", "hr_bel_hide")
hr_low <- c("hr_bel_outside", "hr_bel_hide")
pisa_items <- sprintf("ST034Q0%dTA", 1:6)
pisa_low <- sprintf("ST034Q0%dTA", c(2, 3, 5))
answers <- data.frame(
  respondent = sprintf("r%03d", seq_len(n)),
  draw(hr_items, hr_low, 5, 0.75, 0.15),
  draw(pisa_items, pisa_low, 4, 0.65, 0.20)
)

# In a key of psych, "-" marks an item whose high stored code means little of the scale.
scored <- function(items, reversed, least, low, high) {
  keys <- list(scale = ifelse(items %in% reversed, paste0("-", items), items))
  raw <- answers[items]
  found <- scoreItems(keys, raw, impute = "none", missing = TRUE, totals = FALSE, min = low, max = high)
  mean <- as.vector(found$scores)
  answered <- rowSums(!is.na(raw))
  mean[answered < least] <- NA
  data.frame(mean = mean, sum = mean * length(items), pomp = 100 * (mean - low) / (high - low), answered = answered)
}
hr <- scored(hr_items, hr_low, 4, 1, 5)
pisa <- scored(pisa_items, pisa_low, 3, 1, 4)
names(hr) <- paste0("hr_belonging_", names(hr))
names(pisa) <- paste0("pisa_belong_", names(pisa))

facts <- function(scale, items, reversed, low, high) {
  raw <- answers[items]
  for (item in reversed) raw[[item]] <- low + high - raw[[item]]
  complete <- na.omit(raw)
  listwise <- alpha(complete, warnings = FALSE)
  pairwise <- alpha(raw, use = "pairwise", warnings = FALSE)
  one <- function(fact, item, value) data.frame(scale = scale, item = item, fact = fact, value = value)
  rbind(
    one("n", "", sum(rowSums(!is.na(raw)) > 0)),
    one("n_complete", "", nrow(complete)),
    one("alpha_listwise", "", listwise$total$raw_alpha),
    one("alpha_pairwise", "", pairwise$total$raw_alpha),
    one("mean_inter_item_r", "", listwise$total$average_r),
    one("item_rest_r", items, listwise$item.stats$r.drop),
    one("mean", items, listwise$item.stats$mean),
    one("sd", items, listwise$item.stats$sd)
  )
}
reliability <- rbind(
  facts("hr_belonging", hr_items, hr_low, 1, 5),
  facts("pisa_belong", pisa_items, pisa_low, 1, 4)
)

plain <- function(frame, file) {
  numbers <- sapply(frame, is.double)
  frame[numbers] <- lapply(frame[numbers], function(x) ifelse(is.na(x), NA, sprintf("%.12g", x)))
  write.csv(frame, file, row.names = FALSE, na = "", quote = FALSE, eol = "\n")
}
plain(answers, "synthetic_answers.csv")
plain(cbind(answers["respondent"], hr, pisa), "synthetic_scores.csv")
plain(reliability, "synthetic_reliability.csv")
writeLines(c(R.version.string, paste("psych", packageVersion("psych"))), "synthetic_versions.txt")
