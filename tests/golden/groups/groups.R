# Makes answers.csv, figures.csv, mean_reliability.csv, looms.csv and versions.txt: how far groups differ, from sources
# that share no formula with the package. psych::ICC (Shrout and Fleiss, exact limits of F), lme4 and nlme (REML) and
# multilevel::gmeanrel where groups are of one size, in which all of these are the same estimator; where sizes differ,
# expected mean squares by projection matrices and Wald's exact limits (1940), found by root search.
# Run in this folder: Rscript groups.R [FOLDER_OF_REAL_DATA]   With it also real_figures.csv, real_mean_reliability.csv.
suppressMessages({library(psych); library(lme4); library(nlme); library(multilevel)})
number <- function(x) ifelse(is.na(x), NA, sprintf("%.12g", x))
write <- function(frame, file) {
  frame[sapply(frame, is.double)] <- lapply(frame[sapply(frame, is.double)], number)
  write.csv(frame, file, row.names = FALSE, na = "", quote = FALSE, eol = "\n")
}
rows <- list()
put <- function(case, source, statistic, value, low = NA, high = NA) {
  rows[[length(rows) + 1]] <<- data.frame(case, source, statistic, value, low, high)
}
# The least whole number of members whose mean is as reliable as wanted, by trying one after another.
members <- function(icc, wanted) {
  if (is.na(icc) || icc <= 0) return(NA)
  n <- 1; while (n * icc / (1 + (n - 1) * icc) < wanted - 1e-12) n <- n + 1
  n
}

# Groups of one size.
balanced <- function(case, y, g, level) {
  wide <- do.call(rbind, split(y, g))
  found <- ICC(wide, alpha = 1 - level, lmer = FALSE)$results
  one <- found[found$type == "ICC1", ]; many <- found[found$type == "ICC1k", ]
  put(case, "psych", "icc1", one$ICC, one$"lower bound", one$"upper bound")
  put(case, "psych", "icc2", many$ICC, many$"lower bound", many$"upper bound")
  for (wanted in c(.7, .8)) put(case, "psych", paste0("n_for_", 100 * wanted), members(one$ICC, wanted),
    members(one$"upper bound", wanted), members(one$"lower bound", wanted))
  v <- as.data.frame(VarCorr(lmer(y ~ 1 + (1 | g), control = lmerControl(optCtrl = list(ftol_abs = 1e-15, xtol_abs = 1e-15)))))$vcov
  put(case, "lme4", "icc1", v[1] / sum(v))
}
# Groups of any sizes.
unbalanced <- function(case, y, g, level) {
  g <- factor(g); n <- length(y); z <- model.matrix(~ 0 + g); j <- ncol(z)
  onto <- function(m) m %*% solve(crossprod(m), t(m))
  between <- onto(z) - onto(matrix(1, n, 1)); within <- diag(n) - onto(z)
  msb <- drop(t(y) %*% between %*% y) / (j - 1); msw <- drop(t(y) %*% within %*% y) / (n - j)
  table <- anova(lm(y ~ g)); stopifnot(all.equal(c(msb, msw), table[, "Mean Sq"]))
  # E(MSB) = error + size * groups' variance: the size is a trace.
  size <- sum(diag(t(z) %*% between %*% z)) / (j - 1)
  tau <- (msb - msw) / size; icc <- tau / (tau + msw)
  # Wald: at the true ratio of variances the weighted squares of group means over MSW follow F exactly.
  means <- tapply(y, g, mean); per <- as.vector(base::table(g))
  pivot <- function(ratio) { w <- per / (1 + per * ratio); sum(w * (means - weighted.mean(means, w))^2) / (j - 1) / msw }
  edge <- function(p) {
    f <- function(ratio) pivot(ratio) - qf(p, j - 1, n - j)
    low <- -1 / max(per) + 1e-9
    if (f(low) < 0) NA else { r <- uniroot(f, c(low, 1e4), tol = 1e-14)$root; r / (1 + r) }
  }
  tail <- (1 - level) / 2
  put(case, "moments", "group_size", size)
  put(case, "moments", "icc1", icc)
  put(case, "wald", "icc1", icc, edge(1 - tail), edge(tail))
  put(case, "anova", "icc2", 1 - msw / msb)
  for (wanted in c(.7, .8)) put(case, "moments", paste0("n_for_", 100 * wanted), members(icc, wanted))
  reliability(case, y, g)
}
sizes_seen <- list()
reliability <- function(case, y, g) {
  v <- as.numeric(VarCorr(lme(y ~ 1, random = ~ 1 | g, control = lmeControl(tolerance = 1e-12, msTol = 1e-14)))[, 1])
  r <- gmeanrel(lme(y ~ 1, random = ~ 1 | g, control = lmeControl(tolerance = 1e-12, msTol = 1e-14)))
  stopifnot(all.equal(r$ICC, v[1] / sum(v)))
  put(case, "gmeanrel", "icc1", r$ICC); put(case, "gmeanrel", "mean_reliability_mean", mean(r$MeanRel))
  sizes_seen[[case]] <<- data.frame(case, group = r$Group, size = as.vector(r$GrpSize), icc = r$ICC, reliability = as.vector(r$MeanRel))
}

set.seed(1940)
draw <- function(case, sizes, pull) {
  g <- rep(sprintf("%s%02d", substr(case, 1, 1), seq_along(sizes)), sizes); trait <- rnorm(sum(sizes)) + rep(rnorm(length(sizes), 0, pull), sizes)
  x <- sapply(1:4, function(i) cut(trait + rnorm(sum(sizes)), c(-Inf, -1.3, -.4, .4, 1.3, Inf), labels = FALSE) - 1)
  colnames(x) <- sprintf("i%d", 1:4)
  data.frame(case, group = g, x)
}
answers <- rbind(draw("balanced", rep(8, 24), 0.6), draw("flat", rep(6, 12), 0.05), draw("unequal", c(2, 3, 5, 8, 9, 12, 12, 15, 20, 26, 31, 40), 0.5))
write(answers, "answers.csv")
for (case in unique(answers$case)) {
  own <- answers[answers$case == case, ]; y <- rowMeans(own[sprintf("i%d", 1:4)])
  if (case == "unequal") unbalanced(case, y, own$group, 0.95) else {
    balanced(case, y, own$group, 0.95)
    if (case == "balanced") reliability(case, y, own$group)
  }
}
write(do.call(rbind, rows), "figures.csv")
write(do.call(rbind, sizes_seen), "mean_reliability.csv")

# Four looms, four strengths each: Montgomery, Design and analysis of experiments, on a random effect.
strength <- c(98, 91, 96, 95, 97, 90, 95, 96, 99, 93, 97, 99, 96, 92, 95, 98); loom <- factor(rep(1:4, 4))
table <- anova(lm(strength ~ loom)); f <- table[1, "F value"]
ratio <- (f / qf(c(.975, .025), 3, 12) - 1) / 4
write(data.frame(statistic = c("F", "MSW", "icc1_low", "icc1_high"), value = c(f, table[2, "Mean Sq"], ratio / (1 + ratio))), "looms.csv")

real <- commandArgs(TRUE)
if (length(real)) {
  rows <- list(); sizes_seen <- list()
  pupils <- read.csv(file.path(real, "class_wellbeing_mokken", "SWMDK.csv"))
  for (one in list(list("teachers", 1:7), list("classmates", 8:13))) {
    y <- rowMeans(pupils[sprintf("Item%d", one[[2]])]); keep <- !is.na(y)
    unbalanced(one[[1]], y[keep], pupils$classId[keep], 0.95)
  }
  write(do.call(rbind, rows), "real_figures.csv")
  write(do.call(rbind, lapply(sizes_seen, function(s) s[names(s) != "group"])), "real_mean_reliability.csv")
}
writeLines(c(R.version.string, sapply(c("psych", "lme4", "nlme", "multilevel"), function(one) paste(one, packageVersion(one)))), "versions.txt")
