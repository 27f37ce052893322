# Read by synthetic.R and timss.R: a partial credit, a generalised partial credit and a graded response model
# by marginal maximum likelihood, written for this in base R. Nothing is shared with the package but the models: theta is
# integrated over 161 points from -8 to 8 SD, the top is found by nlminb and Newton's steps with numeric derivatives, and
# standard errors come from a numeric Hessian (numDeriv, Richardson). No package of R for these models is at hand here.
suppressMessages(library(numDeriv))
number <- function(x) ifelse(is.na(x), NA, sprintf("%.12g", x))
write <- function(frame, file) {
  frame[sapply(frame, is.double)] <- lapply(frame[sapply(frame, is.double)], number)
  write.csv(frame, file, row.names = FALSE, na = "", quote = FALSE, eol = "\n")
}
nodes <- seq(-8, 8, 0.1); prior <- dnorm(nodes) / sum(dnorm(nodes))

# Slopes a and thresholds b of each item from one vector: for pcm the SD of theta first, then thresholds.
split_up <- function(kind, v, k, m) {
  if (kind == "pcm") return(list(a = rep(1, k), b = matrix(v[-1], k, byrow = TRUE), sd = exp(v[1])))
  v <- matrix(v, k, byrow = TRUE)
  list(a = v[, 1], b = v[, -1, drop = FALSE], sd = 1)
}
curve <- function(kind, a, b, theta) { # thetas x categories
  if (kind == "grm") {
    up <- cbind(1, plogis(outer(theta, b, function(t, s) a * (t - s))), 0)
    return(up[, -ncol(up), drop = FALSE] - up[, -1, drop = FALSE])
  }
  e <- cbind(0, t(apply(outer(theta, b, function(t, s) a * (t - s)), 1, cumsum)))
  e <- exp(e - apply(e, 1, max)); e / rowSums(e)
}
joint <- function(kind, v, x) { # persons x nodes: likelihood times prior
  p <- split_up(kind, v, ncol(x), max(x, na.rm = TRUE)); out <- matrix(prior, nrow(x), length(nodes), byrow = TRUE)
  for (j in seq_len(ncol(x))) {
    given <- !is.na(x[, j])
    out[given, ] <- out[given, ] * t(curve(kind, p$a[j], p$b[j, ], p$sd * nodes))[x[given, j] + 1, ]
  }
  out
}
each <- function(kind, v, x) log(rowSums(joint(kind, v, x)))

fit <- function(kind, x, w = rep(1, nrow(x))) {
  k <- ncol(x); m <- max(x, na.rm = TRUE)
  b0 <- t(sapply(x, function(y) qlogis(pmin(pmax(cumsum(prop.table(table(factor(y, 0:m))))[1:m], .02), .98))))
  start <- if (kind == "pcm") c(0, t(b0)) else as.vector(t(cbind(1, b0)))
  if (kind == "grm") start <- as.vector(t(cbind(1, t(apply(b0, 1, sort)) + rep(1e-3 * seq_len(m), each = k))))
  x <- as.matrix(x)
  down <- function(v) { l <- suppressWarnings(-sum(w * each(kind, v, x))); if (is.finite(l)) l else 1e10 }
  v <- nlminb(start, down, control = list(iter.max = 500, eval.max = 2000, rel.tol = 1e-12))$par
  for (round in 1:2) v <- v - solve(hessian(down, v), grad(down, v))
  h <- hessian(down, v)
  list(kind = kind, v = v, h = h, log_likelihood = -down(v), x = x, w = w, k = k, m = m)
}
errors <- function(f, g, covariance) { d <- jacobian(g, f$v); sqrt(diag(d %*% covariance %*% t(d))) }

# Figures of a fit as rows: parameter tables, population, fits and the rest.
describe <- function(f, name, sandwich = FALSE) {
  covariance <- solve(f$h)
  if (sandwich) {
    s <- jacobian(function(v) each(f$kind, v, f$x), f$v) * f$w
    covariance <- covariance %*% crossprod(s) %*% covariance
  }
  at <- function(v) split_up(f$kind, v, f$k, f$m)
  p <- at(f$v); items <- colnames(f$x); rows <- list()
  put <- function(table, item, statistic, value, se = NA) rows[[length(rows) + 1]] <<- data.frame(fit = name, table, item, statistic, value, se)
  step <- paste0("step_", seq_len(f$m))
  b <- function(v) as.vector(t(at(v)$b))
  put("items", rep(items, each = f$m), rep(step, f$k), b(f$v), errors(f, b, covariance))
  if (f$kind == "pcm") {
    centred <- function(v) b(v) - mean(b(v))
    put("items", rep(items, each = f$m), paste0("centred_", step), centred(f$v), errors(f, centred, covariance))
    put("population", "", "mean", -mean(b(f$v)), errors(f, function(v) -mean(b(v)), covariance))
    put("population", "", "sd", p$sd, errors(f, function(v) exp(v[1]), covariance))
  } else {
    a <- function(v) at(v)$a
    put("items", items, "slope", p$a, errors(f, a, covariance))
  }

  # Fits: means over each person's posterior of squared residuals over their variances.
  post <- joint(f$kind, f$v, f$x); post <- post / rowSums(post); theta <- p$sd * nodes; wt <- f$w / sum(f$w) * nrow(f$x)
  eap <- as.vector(post %*% theta); sd <- sqrt(as.vector(post %*% theta^2) - eap^2)
  square <- variance <- standard <- list(); lz_top <- lz_var <- 0
  for (j in seq_len(f$k)) {
    pr <- curve(f$kind, p$a[j], p$b[j, ], theta); cat <- 0:f$m
    e <- as.vector(pr %*% cat); vj <- as.vector(pr %*% cat^2) - e^2
    given <- !is.na(f$x[, j])
    sq <- t(sapply(f$x[, j], function(y) (y - e)^2))
    square[[j]] <- ifelse(given, rowSums(post * sq), NA); variance[[j]] <- ifelse(given, post %*% vj, NA)
    standard[[j]] <- ifelse(given, rowSums(post * sweep(sq, 2, vj, "/")), NA)
    put("item_fit", items[j], "n", sum(wt[given]))
    put("item_fit", items[j], "infit", sum((wt * square[[j]])[given]) / sum((wt * variance[[j]])[given]))
    put("item_fit", items[j], "outfit", sum((wt * standard[[j]])[given]) / sum(wt[given]))
    # lz of Drasgow, Levine and Williams (1985), at the posterior mean.
    pe <- curve(f$kind, p$a[j], p$b[j, ], eap); l <- log(pe); own <- l[cbind(seq_along(eap), f$x[, j] + 1)]
    mean_l <- rowSums(pe * l); var_l <- rowSums(pe * l^2) - mean_l^2
    lz_top <- lz_top + ifelse(given, own - mean_l, 0); lz_var <- lz_var + ifelse(given, var_l, 0)
  }
  all <- function(l) do.call(cbind, l)
  persons <- data.frame(
    fit = name, row = seq_len(nrow(f$x)) - 1, n = rowSums(!is.na(f$x)), theta = eap, sd = sd,
    infit = rowSums(all(square), na.rm = TRUE) / rowSums(all(variance), na.rm = TRUE),
    outfit = rowMeans(all(standard), na.rm = TRUE), lz = lz_top / sqrt(lz_var)
  )
  put("fit", "", "log_likelihood", sum(wt * each(f$kind, f$v, f$x)))
  put("fit", "", "reliability", weighted.mean(eap^2, wt) / p$sd^2)
  # Information: expected squares of numeric derivatives of the log probabilities.
  at_theta <- p$sd * seq(-4, 4, 0.25)
  info <- sapply(at_theta, function(t) sum(sapply(seq_len(f$k), function(j) {
    g <- function(u) as.vector(curve(f$kind, p$a[j], p$b[j, ], u)); sum(jacobian(g, t)^2 / g(t))
  })))
  put("information", number(seq(-4, 4, 0.25)), "theta", at_theta)
  put("information", number(seq(-4, 4, 0.25)), "information", info)
  put("information", number(seq(-4, 4, 0.25)), "se", 1 / sqrt(info))
  list(figures = do.call(rbind, rows), persons = persons)
}
