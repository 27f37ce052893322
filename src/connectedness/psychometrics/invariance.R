# Measurement invariance of ordered answers, with lavaan: configural, threshold, metric and scalar models by diagonally
# weighted least squares (WLSMV), identified as in Wu & Estabrook (2016), doi 10.1007/s11336-016-9506-0.
# Run in this folder: Rscript invariance.R    It writes invariance.csv and versions.txt.
suppressMessages(library(lavaan))

worse_cfi <- 0.010    # a model holds unless its CFI falls by more than this
worse_rmsea <- 0.015  # or its RMSEA rises by more than this: Chen (2007), doi 10.1080/10705510701301834
fewest <- 5           # a category chosen by fewer in some group is joined with its neighbour

answers <- read.csv("answers.csv", colClasses = c(group = "character"), check.names = FALSE)
scales <- read.csv("scales.csv", colClasses = "character")

# Categories 1, 2, ... of one item, each chosen by at least `fewest` in every group; NULL where only one is left.
joined <- function(x, group) {
  repeat {
    x <- as.integer(factor(x))
    counts <- table(group, factor(x, levels = seq_len(max(x, na.rm = TRUE))))
    if (ncol(counts) < 2) return(NULL)
    rare <- which(apply(counts, 2, min) < fewest)
    if (!length(rare)) return(x)
    at <- rare[[1]]
    x[which(x == at)] <- if (at == 1) 2 else at - 1
  }
}

# One number per group: `first` in the first group, `others` in the rest; NA is free.
each <- function(groups, first, others) paste0("c(", paste(c(first, rep(others, groups - 1)), collapse = ", "), ")")
same <- function(groups, name) paste0("c(", paste(rep(name, groups), collapse = ", "), ")")
own <- function(groups, name) paste0("c(", paste0(name, "_", seq_len(groups), collapse = ", "), ")")

# Intercepts and scales of the answers behind the items are freed in the other groups once thresholds are equal, and
# taken back when loadings and intercepts are.
model <- function(step, items, categories, groups) {
  equal <- match(step, c("configural", "threshold", "metric", "scalar")) - 1
  lines <- sprintf("F ~~ %s * F", if (equal >= 2) each(groups, 1, "NA") else each(groups, 1, 1))
  lines <- c(lines, sprintf("F ~ %s * 1", if (equal >= 3) each(groups, 0, "NA") else each(groups, 0, 0)))
  for (item in items) {
    k <- categories[[item]] - 1
    label <- if (equal >= 2) same(groups, paste0("l_", item)) else own(groups, paste0("l_", item))
    lines <- c(lines, sprintf("F =~ %s * %s", label, item))
    for (t in seq_len(k)) {
      name <- paste0("t", t, "_", item)
      lines <- c(lines, sprintf("%s | %s * t%d", item, if (equal >= 1) same(groups, name) else own(groups, name), t))
    }
    lines <- c(lines, sprintf("%s ~*~ %s * %s", item, each(groups, 1, if (equal >= 1) "NA" else 1), item))
    lines <- c(lines, sprintf("%s ~ %s * 1", item, each(groups, 0, if (equal %in% 1:2) "NA" else 0)))
  }
  paste(lines, collapse = "\n")
}

fitted_steps <- function(scale) {
  items <- scales$item[scales$scale == scale]
  here <- answers[complete.cases(answers[items]), c("group", items)]
  groups <- length(unique(here$group))
  nothing <- function(reason) data.frame(scale, model = c("configural", "threshold", "metric", "scalar"), n = nrow(here),
    chi2 = NA, df = NA, p = NA, cfi = NA, rmsea = NA, srmr = NA, cfi_change = NA, rmsea_change = NA, holds = NA, reason)
  if (groups < 2) return(nothing("one_group"))
  for (item in items) {
    categories <- joined(here[[item]], here$group)
    if (is.null(categories)) return(nothing("constant_item"))
    here[[item]] <- categories
  }
  counts <- sapply(here[items], max)
  # One threshold cannot tell a scale from an intercept, so these models say nothing of items with two answers.
  if (any(counts < 3)) return(nothing("two_categories"))
  rows <- lapply(c("configural", "threshold", "metric", "scalar"), function(step) {
    fit <- tryCatch(
      suppressWarnings(lavaan(model(step, items, counts, groups), here, group = "group", ordered = items,
        estimator = "WLSMV", parameterization = "delta")),
      error = function(e) NULL)
    if (is.null(fit) || !lavInspect(fit, "converged")) return(NULL)
    fitMeasures(fit, c("chisq.scaled", "df.scaled", "pvalue.scaled", "cfi.scaled", "rmsea.scaled", "srmr"))
  })
  found <- nothing("")
  found$reason <- ifelse(sapply(rows, is.null), "no_convergence", NA)
  there <- which(!sapply(rows, is.null))
  found[there, c("chi2", "df", "p", "cfi", "rmsea", "srmr")] <- do.call(rbind, rows[there])
  found$cfi_change <- c(NA, diff(found$cfi))
  found$rmsea_change <- c(NA, diff(found$rmsea))
  # The first model has nothing before it: it holds by its own fit.
  found$holds <- c(found$cfi[1] >= 0.95 && found$rmsea[1] <= 0.08,
    (found$cfi_change >= -worse_cfi & found$rmsea_change <= worse_rmsea)[-1])
  found
}

results <- do.call(rbind, lapply(unique(scales$scale), fitted_steps))
# Which answers these are results of; others are told from them by it.
results$data <- unname(tools::md5sum("answers.csv"))
write.csv(results, "invariance.csv", row.names = FALSE, na = "", quote = FALSE, eol = "\n")
writeLines(c(R.version.string, paste("lavaan", packageVersion("lavaan"))), "versions.txt")
