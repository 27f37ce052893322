# Makes answers.csv, facts.csv, groups.csv and versions.txt with R's psych, lavaan and multilevel, so that every
# statistic of a scale, and every interval, is checked against somebody else's code. Nobody's answers: they are drawn
# here. Run in this folder: Rscript scale_facts.R
source("scale_statistics.R")
set.seed(20261)
sizes <- c(3, 8, 9, 11, 12, 14, 15, 17, 18, 20, 22, 25, 26, 30, 34, 36) # 300 pupils in 16 schools of unlike size
n <- sum(sizes)
school <- rep(sprintf("s%02d", seq_along(sizes)), sizes)
pull <- rep(rnorm(length(sizes), 0, 0.45), sizes)
general <- rnorm(n)

# Three subscales on five options, one item of each worded against it; a general trait behind all.
load <- list(warm = c(.8, .7, .6, -.65, .55), fair = c(.75, .65, -.6, .5), safe = c(.7, .8, .6, -.5, .45, .65))
lean <- c(warm = .8, fair = .7, safe = .6)
draw <- function(scale) {
  trait <- lean[[scale]] * general + sqrt(1 - lean[[scale]]^2) * rnorm(n) + pull
  sapply(load[[scale]], function(l) {
    latent <- l * trait + sqrt(1 - l^2) * rnorm(n)
    cut(latent, c(-Inf, qnorm(c(.08, .25, .5, .8)) + 0.3 * (l > 0) - 0.2, Inf), labels = FALSE)
  })
}
raw <- do.call(cbind, lapply(names(load), draw))
items <- unlist(lapply(names(load), function(s) paste0(s, seq_along(load[[s]]))))
colnames(raw) <- items
raw[matrix(runif(length(raw)) < 0.04, n)] <- NA
# One in ten pupils was not asked the last item of the last scale (code 7 in the file).
unasked <- runif(n) < 0.1
answers <- data.frame(respondent = sprintf("r%03d", seq_len(n)), school = school, raw)
answers$school[c(5, 77, 140)] <- NA
answers$safe6[unasked] <- 7
write.csv(answers, "answers.csv", row.names = FALSE, na = "", quote = FALSE, eol = "\n")

whole <- function(level) {
  x <- do.call(cbind, lapply(names(load), function(s) {
    x <- answers[paste0(s, seq_along(load[[s]]))]
    if (s == "safe") x[unasked, 6] <- NA
    for (item in names(x)[load[[s]] < 0]) x[[item]] <- 6 - x[[item]]
    x
  }))
  complete <- na.omit(x)
  part <- lapply(names(load), function(s) paste0(s, seq_along(load[[s]])))
  label <- lapply(part, function(p) paste0("l_", p))
  general <- mapply(function(l, g) paste0(g, "*(", paste(l, collapse = "+"), ")"), label, c("g1", "g2", "g3"))
  top <- paste0("(", paste(general, collapse = " + "), ")^2")
  common <- paste0(mapply(function(l, g) paste0("(", paste(l, collapse = "+"), ")^2"), label, 1:3), collapse = " + ")
  unique <- paste0("e_", unlist(part), collapse = " + ")
  # Residual variances of the first-order factors are 1, so an item's own variance through them is its loading squared.
  model <- paste0(
    paste0(c("f1", "f2", "f3"), " =~ ", mapply(function(l, p) paste0(l, "*", p, collapse = " + "), label, part), collapse = "\n"),
    "\ng =~ g1*f1 + g2*f2 + g3*f3\n",
    paste0(unlist(part), " ~~ e_", unlist(part), "*", unlist(part), collapse = "\n"),
    "\ntotal := ", top, " + ", common, " + ", unique,
    "\noh := ", top, " / total\not := 1 - (", unique, ") / total",
    "\nlogit_oh := log(oh / (1 - oh))\nlogit_ot := log(ot / (1 - ot))\n"
  )
  fit <- fitted_by_ml(model, complete)
  p <- parameterEstimates(fitted_by_ml(model, complete, "robust.sem"), level = level)
  for (one in list(c("omega_hierarchical", "oh"), c("omega_total", "ot"))) {
    logit <- p[p$label == paste0("logit_", one[2]), ]
    put("climate", one[1], p$est[p$label == one[2]], logistic(logit$ci.lower), logistic(logit$ci.upper), nrow(complete))
  }
  put("climate", "n_items", ncol(x)); put("climate", "n_complete", nrow(complete))
  m <- fitMeasures(fit, fm.args = list(rmsea.ci.level = level))
  names <- c(chi_square = "chisq", df = "df", cfi = "cfi", tli = "tli", srmr = "srmr")
  for (one in names(names)) put("climate", one, unname(m[names[[one]]]), n = nrow(complete))
  put("climate", "rmsea", m["rmsea"], m["rmsea.ci.lower"], m["rmsea.ci.upper"], nrow(complete))
}

all <- list()
for (level in c(.95, .99)) {
  rows <- list(); groups <- list()
  for (scale in names(load)) {
    own <- paste0(scale, seq_along(load[[scale]]))
    asked <- matrix(TRUE, n, length(own))
    if (scale == "safe") asked[unasked, 6] <- FALSE
    x <- answers[own]
    x[!asked] <- NA
    for (item in own[load[[scale]] < 0]) x[[item]] <- 6 - x[[item]]
    scale_statistics(scale, x, asked, answers$school, level, 3, c(1, 5))
  }
  whole(level)
  all[[as.character(level)]] <- list(
    facts = cbind(level, do.call(rbind, rows)), groups = cbind(level, do.call(rbind, groups))
  )
}
plain(do.call(rbind, lapply(all, `[[`, "facts")), "facts.csv")
plain(do.call(rbind, lapply(all, `[[`, "groups")), "groups.csv")
versions <- sapply(c("psych", "lavaan", "multilevel"), function(one) paste(one, packageVersion(one)))
writeLines(c(R.version.string, versions), "versions.txt")
