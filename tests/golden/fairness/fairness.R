# Makes answers.csv, dif.csv, distance.csv and versions.txt: differential item functioning by MASS::polr and by
# Mantel's formula written out, and base R's mahalanobis(). Nobody's answers: the numbers are drawn here.
# Run in this folder: Rscript fairness.R
suppressMessages(library(MASS))
set.seed(1963)
n <- 1500
items <- c("hr_bel_accepted", "hr_bel_included", "hr_bel_valued", "hr_bel_part", "hr_bel_outside", "hr_bel_hide")
negative <- c("hr_bel_outside", "hr_bel_hide")
mode <- sample(c("in_person", "digital", "blended"), n, TRUE, c(0.5, 0.33, 0.17))
trait <- rnorm(n) - 0.4 * (mode == "digital")
points <- sapply(seq_along(items), function(j) {
  # The third item is harder for students online; the fifth tells less about them.
  slope <- ifelse(j == 5 & mode == "digital", 0.5, 1.6)
  latent <- slope * trait - 0.9 * (j == 3 & mode == "digital") + rlogis(n)
  cut(latent, c(-Inf, -2, -0.8, 0.3, 1.6, Inf), labels = FALSE)
})
colnames(points) <- items
points[matrix(runif(length(points)) < 0.02, n)] <- NA
codes <- points
codes[, negative] <- 6 - codes[, negative]
number <- function(x) ifelse(is.na(x), NA, sprintf("%.12g", x))
write.csv(data.frame(learning_mode = mode, codes), "answers.csv", row.names = FALSE, na = "", quote = FALSE, eol = "\n")

whole <- complete.cases(points)
nagelkerke <- function(ll, null, n) (1 - exp(2 * (null - ll) / n)) / (1 - exp(2 * null / n))

one <- function(item, focal, reference) {
  keep <- whole & mode %in% c(focal, reference)
  own <- points[keep, item]
  y <- factor(own, ordered = TRUE)
  g <- as.numeric(mode[keep] == focal)
  s <- rowMeans(points[keep, ])
  start <- function(k) c(rep(0, k), qlogis(cumsum(table(y))[-nlevels(y)] / length(y)))
  fit <- function(formula, k) polr(formula, start = start(k), control = list(reltol = 1e-15, maxit = 5000))
  m0 <- polr(y ~ 1, control = list(reltol = 1e-15))
  m1 <- fit(y ~ s, 1); m2 <- fit(y ~ s + g, 2); m3 <- fit(y ~ s + g + s:g, 3)
  ll <- sapply(list(m0, m1, m2, m3), function(m) as.numeric(logLik(m)))
  mc <- 1 - ll / ll[1]
  nk <- nagelkerke(ll, ll[1], length(y))
  lr <- c(ll[3] - ll[2], ll[4] - ll[3], ll[4] - ll[2]) * 2
  p <- pchisq(lr, c(1, 1, 2), lower.tail = FALSE)

  # Mantel (1963), stratum by stratum.
  f <- ef <- vf <- smd <- weight <- 0; strata <- 0
  for (value in unique(s)) {
    at <- s == value
    yr <- own[at & g == 0]; yf <- own[at & g == 1]
    if (!length(yr) || !length(yf)) next
    strata <- strata + 1
    both <- c(yr, yf); m <- length(both)
    f <- f + sum(yf); ef <- ef + length(yf) * mean(both)
    vf <- vf + length(yr) * length(yf) / (m^2 * (m - 1)) * (m * sum(both^2) - sum(both)^2)
    smd <- smd + length(yf) * (mean(yf) - mean(yr)); weight <- weight + length(yf)
  }
  mantel <- (f - ef)^2 / vf
  data.frame(
    item, reference, focal, n_reference = sum(g == 0), n_focal = sum(g == 1), n_strata = strata,
    log_likelihood_null = number(ll[1]), log_likelihood_score = number(ll[2]), log_likelihood_group = number(ll[3]),
    log_likelihood_interaction = number(ll[4]), slope_score = number(coef(m1)["s"]), slope_group = number(coef(m2)["g"]),
    slope_interaction = number(coef(m3)["s:g"]), uniform_chi2 = number(lr[1]), uniform_p = number(p[1]),
    nonuniform_chi2 = number(lr[2]), nonuniform_p = number(p[2]), total_chi2 = number(lr[3]), total_p = number(p[3]),
    uniform_mcfadden = number(mc[3] - mc[2]), nonuniform_mcfadden = number(mc[4] - mc[3]),
    total_mcfadden = number(mc[4] - mc[2]), uniform_nagelkerke = number(nk[3] - nk[2]),
    nonuniform_nagelkerke = number(nk[4] - nk[3]), total_nagelkerke = number(nk[4] - nk[2]),
    mantel_chi2 = number(mantel), mantel_p = number(pchisq(mantel, 1, lower.tail = FALSE)),
    smd = number(smd / weight), smd_sd = number(smd / weight / sd(own))
  )
}
pairs <- expand.grid(item = items, focal = c("blended", "digital"), stringsAsFactors = FALSE)
facts <- do.call(rbind, Map(one, pairs$item, pairs$focal, "in_person"))
write.csv(facts, "dif.csv", row.names = FALSE, na = "", quote = FALSE, eol = "\n")

# Thresholds of one model, for the fit itself.
keep <- whole & mode %in% c("in_person", "digital")
y <- factor(points[keep, 3], ordered = TRUE)
m <- polr(y ~ s + g, data.frame(s = rowMeans(points[keep, ]), g = as.numeric(mode[keep] == "digital")),
  control = list(reltol = 1e-15, maxit = 5000))
write.csv(data.frame(term = c(names(coef(m)), names(m$zeta)), value = number(c(coef(m), m$zeta))), "polr.csv",
  row.names = FALSE, quote = FALSE, eol = "\n")

distance <- rep(NA, n)
distance[whole] <- mahalanobis(points[whole, ], colMeans(points[whole, ]), cov(points[whole, ]))
write.csv(data.frame(distance = number(distance), beyond = distance > qchisq(0.95, ncol(points))), "distance.csv",
  row.names = FALSE, na = "", quote = FALSE, eol = "\n")
# A 2 x 2 table in each stratum, where R's own test is the same as Mantel's.
twice <- (points[keep, 3] >= 4) * 1
strata <- round(6 * rowMeans(points[keep, ]))
table <- table(mode[keep] == "digital", twice, strata)
table <- table[, , apply(table, 3, function(x) all(rowSums(x) > 0)), drop = FALSE]
test <- mantelhaen.test(table, correct = FALSE)
write.csv(data.frame(chi2 = number(test$statistic), p = number(test$p.value)), "mantelhaen.csv", row.names = FALSE,
  quote = FALSE, eol = "\n")
writeLines(c(R.version.string, paste("MASS", packageVersion("MASS"))), "versions.txt")
