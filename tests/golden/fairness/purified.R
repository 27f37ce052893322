# Makes purified_answers.csv, purified.csv and purified_versions.txt: differential item functioning with a purified score,
# by MASS::polr in a loop of our own, and Mantel's test as the score test of an exact conditional logistic regression
# (survival::clogit), which is another way to the same number. Nobody's answers: they are drawn.
# Run in this folder: Rscript purified.R [FOLDER_OF_REAL_DATA]; with it also real_dif.csv, figures of whole groups only.
suppressMessages({library(MASS); library(survival)})
number <- function(x) ifelse(is.na(x), NA, sprintf("%.12g", x))
write <- function(frame, file) {
  frame[sapply(frame, is.double)] <- lapply(frame[sapply(frame, is.double)], number)
  write.csv(frame, file, row.names = FALSE, na = "", quote = FALSE, eol = "\n")
}
nagelkerke <- function(l, null, n) (1 - exp(2 * (null - l) / n)) / (1 - exp(2 * null / n))
one <- function(x, j, group, left_out) {
  kept <- setdiff(names(x), setdiff(left_out, names(x)[j])); own <- x[[j]]
  y <- factor(own, ordered = TRUE); g <- as.numeric(group); s <- rowMeans(x[kept])
  start <- function(k) c(rep(0, k), qlogis(cumsum(table(y))[-nlevels(y)] / length(y)))
  model <- function(formula, k) polr(formula, start = start(k), control = list(reltol = 1e-15, maxit = 5000))
  fits <- list(model(y ~ s, 1), model(y ~ s + g, 2), model(y ~ s + g + s:g, 3))
  shares <- table(y) / length(y); null <- sum(table(y) * log(shares))
  l <- sapply(fits, function(m) as.numeric(logLik(m))); nk <- nagelkerke(l, null, length(y)); mc <- 1 - l / null
  lr <- 2 * c(l[2] - l[1], l[3] - l[2], l[3] - l[1]); p <- pchisq(lr, c(1, 1, 2), lower.tail = FALSE)
  both <- names(which(sapply(split(g, s), function(h) length(unique(h))) == 2)); at <- as.character(s) %in% both
  # One step from 0 is enough for the score test.
  mantel <- suppressWarnings(clogit(g[at] ~ own[at] + strata(s[at]), method = "exact", control = coxph.control(iter.max = 0)))$score
  by <- split(data.frame(own, g), s)[both]
  smd <- sum(sapply(by, function(d) sum(d$g) * (mean(d$own[d$g == 1]) - mean(d$own[d$g == 0])))) / sum(g[at])
  size <- if (p[3] >= 0.01 || nk[3] - nk[1] < 0.035) "negligible" else if (nk[3] - nk[1] < 0.07) "moderate" else "large"
  data.frame(
    item = names(x)[j], n_reference = sum(g == 0), n_focal = sum(g == 1), n_strata = length(both), log_likelihood_null = null,
    log_likelihood_score = l[1], log_likelihood_group = l[2], log_likelihood_interaction = l[3],
    slope_score = coef(fits[[1]])[["s"]], slope_group = coef(fits[[2]])[["g"]], slope_interaction = coef(fits[[3]])[["s:g"]],
    uniform_chi2 = lr[1], uniform_p = p[1], nonuniform_chi2 = lr[2], nonuniform_p = p[2], total_chi2 = lr[3], total_p = p[3],
    uniform_mcfadden = mc[2] - mc[1], nonuniform_mcfadden = mc[3] - mc[2], total_mcfadden = mc[3] - mc[1],
    uniform_nagelkerke = nk[2] - nk[1], nonuniform_nagelkerke = nk[3] - nk[2], total_nagelkerke = nk[3] - nk[1],
    mantel_chi2 = mantel, mantel_p = pchisq(mantel, 1, lower.tail = FALSE), smd = smd, smd_sd = smd / sd(own), size = size,
    matched_on = length(kept)
  )
}
every <- function(x, group, left_out) do.call(rbind, lapply(seq_along(x), function(j) one(x, j, group, left_out)))
purified <- function(x, group) {
  left_out <- character(0); before <- list(left_out); rounds <- 0
  repeat {
    found <- every(x, group, left_out); rounds <- rounds + 1
    now <- found$item[found$size != "negligible"]
    if (any(sapply(before, setequal, now))) break
    left_out <- now; before[[length(before) + 1]] <- now
  }
  cbind(found, rounds)
}
pairs <- function(x, group, reference, focals, name) do.call(rbind, lapply(focals, function(f) {
  keep <- complete.cases(x) & group %in% c(reference, f)
  rbind(
    cbind(groups = name, reference, focal = f, purify = FALSE, every(x[keep, ], group[keep] == f, character(0)), rounds = 1),
    cbind(groups = name, reference, focal = f, purify = TRUE, purified(x[keep, ], group[keep] == f))
  )
}))

set.seed(1990)
n <- 900
items <- c("hr_bel_accepted", "hr_bel_included", "hr_bel_valued", "hr_bel_part", "hr_bel_outside", "hr_bel_hide")
mode <- sample(c("in_person", "digital"), n, TRUE, c(0.55, 0.45))
trait <- rnorm(n) - 0.3 * (mode == "digital"); digital <- mode == "digital"
x <- as.data.frame(sapply(seq_along(items), function(j) {
  shift <- c(0, 0, -2.2, 0, 0, 1.0)[j] * digital; slope <- ifelse(j == 4 & digital, 0.3, 1.6)
  cut(slope * trait + shift + rlogis(n), c(-Inf, -2, -0.8, 0.3, 1.6, Inf), labels = FALSE)
}))
names(x) <- items
x[matrix(runif(n * 6) < 0.01, n)] <- NA
codes <- x; codes[items[5:6]] <- 6 - codes[items[5:6]] # the two negative statements, as answered
write(data.frame(learning_mode = mode, codes), "purified_answers.csv")
write(pairs(x, mode, "in_person", "digital", "learning_mode"), "purified.csv")

real <- commandArgs(TRUE)
if (length(real)) {
  pisa <- read.csv(file.path(real, "pisa2018_fra_ita_mex", "pisa2018_fra_ita_mex.csv"))
  x <- pisa[sprintf("ST034Q0%dTA", 1:6)]; x[!(x >= 1 & x <= 4)] <- NA
  x[c(2, 3, 5)] <- 5 - x[c(2, 3, 5)]
  found <- rbind(pairs(x, pisa$CNT, "ITA", c("FRA", "MEX"), "CNT"), pairs(x, pisa$ST004D01T, 2, 1, "ST004D01T"))
  write(found, "real_dif.csv")
}
versions <- sapply(c("MASS", "survival"), function(one) paste(one, packageVersion(one)))
writeLines(c(R.version.string, versions), "purified_versions.txt")
