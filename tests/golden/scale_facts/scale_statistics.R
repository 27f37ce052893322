# Every fact of a scale by R's psych, lavaan and multilevel; put() collects them in rows, groups.
suppressMessages({library(psych); library(lavaan); library(multilevel)})

rows <- list(); groups <- list()
put <- function(scale, statistic, value, low = NA, high = NA, n = NA, item = "", unit_type = "") {
  rows[[length(rows) + 1]] <<- data.frame(scale, unit_type, statistic, item, value, low, high, n)
}
wilson <- function(k, n, level) prop.test(k, n, conf.level = level, correct = FALSE)$conf.int
fitted_by_ml <- function(model, data, se = "standard") {
  cfa(model, data, std.lv = TRUE, se = se, optim.method = "BFGS", control = list(reltol = 1e-15))
}
logistic <- function(x) 1 / (1 + exp(-x))

icc_limits <- function(model, level) {
  mod <- summary(model)[[1]]
  j <- mod[1, 1] + 1; total <- mod[2, 1] + j
  per <- as.vector(table(model$model[[2]])); per <- per[per > 0]
  n0 <- (total - sum(per^2) / total) / (j - 1)
  f <- mod[1, 3] / mod[2, 3]
  fl <- f / qf(1 - (1 - level) / 2, mod[1, 1], mod[2, 1]); fu <- f / qf((1 - level) / 2, mod[1, 1], mod[2, 1])
  rho <- function(f) (f - 1) / (f + n0 - 1)
  list(n0 = n0, icc1 = rho(f), low = rho(fl), high = rho(fu), low2 = 1 - 1 / fl, high2 = 1 - 1 / fu, n = total, j = j)
}

# All facts of one scale. x holds points, turned round already; asked, who was asked what; least, how many answers a
# score needs; range, the lowest and highest points of an item; school may be NULL.
scale_statistics <- function(scale, x, asked, school, level, least, range) {
  n <- nrow(x); own <- names(x)
  complete <- na.omit(x); k <- length(own); nc <- nrow(complete)
  a <- alpha(complete, warnings = FALSE)
  pairwise <- alpha(x, use = "pairwise", warnings = FALSE)
  feldt <- function(value, items) unlist(alpha.ci(value, nc, items, p.val = 1 - level)[c("lower.ci", "upper.ci")])
  score <- ifelse(rowSums(!is.na(x)) >= least, rowMeans(x, na.rm = TRUE), NA)
  scored <- sum(!is.na(score)); answered <- sum(rowSums(!is.na(x)) > 0)
  put(scale, "n_items", k); put(scale, "n_answered", answered); put(scale, "n_scored", scored)
  put(scale, "n_complete", nc)
  put(scale, "missing_share", 1 - sum(!is.na(x)) / sum(asked)); put(scale, "not_asked_share", mean(!asked))
  for (end in 1:2) {
    count <- sum(score == range[end], na.rm = TRUE); lim <- wilson(count, scored, level)
    put(scale, c("floor_share", "ceiling_share")[end], count / scored, lim[1], lim[2], scored)
  }
  lim <- feldt(a$total$raw_alpha, k)
  put(scale, "alpha", a$total$raw_alpha, lim[1], lim[2], nc)
  put(scale, "alpha_standardized", a$total$std.alpha, n = nc)
  put(scale, "lambda6", a$total$`G6(smc)`, n = nc)
  put(scale, "mean_inter_item_r", a$total$average_r, n = nc)
  put(scale, "alpha_pairwise", pairwise$total$raw_alpha)
  # lavaan's two-step correlations are exact to its convergence; those of psych to 1e-4 only.
  ordered <- lavCor(complete, ordered = own)
  put(scale, "ordinal_alpha", k / (k - 1) * (1 - k / sum(ordered)), n = nc)
  put(scale, "ordinal_alpha_psych", alpha(polychoric(complete, correct = 0)$rho, warnings = FALSE)$total$raw_alpha, n = nc)

  terms <- paste0("l", seq_len(k))
  model <- paste0(
    "f =~ ", paste0(terms, "*", own, collapse = " + "), "\n",
    paste0(own, " ~~ e", seq_len(k), "*", own, collapse = "\n"), "\n",
    "omega := (", paste(terms, collapse = "+"), ")^2 / ((", paste(terms, collapse = "+"), ")^2 + ",
    paste0("e", seq_len(k), collapse = "+"), ")\nlogit := log(omega / (1 - omega))\n"
  )
  fit <- fitted_by_ml(model, complete)
  p <- parameterEstimates(fit, level = level)
  # Limits of omega do not take the items as normal; those of the loadings do.
  robust <- parameterEstimates(fitted_by_ml(model, complete, "robust.sem"), level = level)
  logit <- robust[robust$label == "logit", ]
  put(scale, "omega_total", p$est[p$label == "omega"], logistic(logit$ci.lower), logistic(logit$ci.upper), nc)
  m <- fitMeasures(fit, fm.args = list(rmsea.ci.level = level))
  names <- c(chi_square = "chisq", df = "df", cfi = "cfi", tli = "tli", srmr = "srmr")
  for (one in names(names)) put(scale, one, unname(m[names[[one]]]), n = nc)
  put(scale, "rmsea", m["rmsea"], m["rmsea.ci.lower"], m["rmsea.ci.upper"], nc)
  std <- standardizedSolution(fit, level = level)
  flip <- sign(sum(p$est[p$op == "=~"])) # the factor's direction is free

  for (at in seq_len(k)) {
    item <- own[at]; values <- x[[item]]; given <- sum(!is.na(values)); open <- sum(asked[, at])
    lim <- wilson(open - given, open, level)
    put(scale, "missing_share", (open - given) / open, lim[1], lim[2], open, item)
    put(scale, "not_asked_share", 1 - open / n, item = item, n = n)
    for (end in 1:2) {
      count <- sum(values == range[end], na.rm = TRUE); lim <- wilson(count, given, level)
      put(scale, c("floor_share", "ceiling_share")[end], count / given, lim[1], lim[2], given, item)
    }
    put(scale, "mean", mean(values, na.rm = TRUE), item = item, n = given)
    put(scale, "sd", sd(values, na.rm = TRUE), item = item, n = given)
    rest <- rowSums(complete[setdiff(own, item)])
    lim <- cor.test(complete[[item]], rest, conf.level = level)$conf.int
    put(scale, "item_rest_r", a$item.stats$r.drop[at], lim[1], lim[2], nc, item)
    dropped <- a$alpha.drop$raw_alpha[at]; lim <- feldt(dropped, k - 1)
    put(scale, "alpha_if_deleted", dropped, lim[1], lim[2], nc, item)
    one <- p[p$label == terms[at], ]; lim <- sort(flip * c(one$ci.lower, one$ci.upper))
    put(scale, "loading", flip * one$est, lim[1], lim[2], nc, item)
    one <- std[std$label == terms[at], ]; lim <- sort(flip * c(one$ci.lower, one$ci.upper))
    put(scale, "loading_standardized", flip * one$est.std, lim[1], lim[2], nc, item)
  }

  if (is.null(school)) return(invisible())
  d <- data.frame(score, school)
  d <- d[!is.na(d$score) & !is.na(d$school), ]
  d$school <- factor(d$school)
  aov_ <- aov(score ~ school, d); i <- icc_limits(aov_, level)
  need <- function(rho, r) if (rho > 0) ceiling(r * (1 - rho) / ((1 - r) * rho)) else NA
  by <- function(statistic, ...) put(scale, statistic, ..., n = i$n, unit_type = "school")
  by("n_groups", i$j); by("group_size", i$n0); by("icc1", i$icc1, i$low, i$high)
  by("icc1_mean_size", ICC1(aov_)); by("icc2", ICC2(aov_), i$low2, i$high2)
  by("n_for_70", need(i$icc1, .7), need(i$high, .7), need(i$low, .7))
  by("n_for_80", need(i$icc1, .8), need(i$high, .8), need(i$low, .8))
  agree <- rwg.j(x[!is.na(school), ], school[!is.na(school)], ranvar = ((diff(range) + 1)^2 - 1) / 12)
  put(scale, "rwg_j_mean", mean(agree$rwg.j, na.rm = TRUE), n = sum(agree$gsize[agree$gsize > 1]), unit_type = "school")
  put(scale, "rwg_j_median", median(agree$rwg.j, na.rm = TRUE), n = sum(agree$gsize[agree$gsize > 1]), unit_type = "school")
  per <- table(d$school); sb <- function(rho, m) m * max(rho, 0) / (1 + (m - 1) * max(rho, 0))
  for (one in names(per)) groups[[length(groups) + 1]] <<- data.frame(
    scale, unit = one, statistic = "mean_reliability", value = sb(i$icc1, per[[one]]), low = sb(i$low, per[[one]]),
    high = sb(i$high, per[[one]]), n = per[[one]])
  groups[[length(groups) + 1]] <<- data.frame(scale, unit = agree$grpid, statistic = "rwg_j", value = agree$rwg.j,
    low = NA, high = NA, n = agree$gsize)
}

plain <- function(frame, file) {
  numbers <- sapply(frame, is.double)
  frame[numbers] <- lapply(frame[numbers], function(x) ifelse(is.na(x), NA, sprintf("%.12g", x)))
  write.csv(frame, file, row.names = FALSE, na = "", quote = FALSE, eol = "\n")
}
