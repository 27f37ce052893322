# Makes favourable_norms_tables.csv, table.csv, counts.csv, theta.csv and versions.txt with R alone: shares favourable, scores against norms,
# scores from tables, and scores of item response theory. Warm's estimate is found here as the top of a likelihood (or
# of a numerically differentiated equation), and the posterior by adaptive quadrature: other ways than the package's.
# Nobody's answers: they are drawn. Run in this folder: Rscript scores.R
suppressMessages(library(numDeriv))
number <- function(x) ifelse(is.na(x), NA, sprintf("%.12g", x))
write <- function(frame, file) {
  frame[sapply(frame, is.double)] <- lapply(frame[sapply(frame, is.double)], number)
  write.csv(frame, file, row.names = FALSE, na = "", quote = FALSE, eol = "\n")
}

# --- favourable, z, T and tables, of the answers made by ../synthetic_scores.R ---
answers <- read.csv("../synthetic_answers.csv")
share <- function(items, good, bad, negative, least) {
  told <- mapply(function(item, name) item %in% (if (name %in% negative) bad else good), answers[items], items)
  given <- !is.na(answers[items])
  out <- rowSums(told & given) / rowSums(given)
  replace(out, rowSums(given) < least, NA)
}
hr <- c("hr_bel_accepted", "hr_bel_included", "hr_bel_valued", "hr_bel_part", "hr_bel_outside", "hr_bel_hide")
pisa <- sprintf("ST034Q0%dTA", 1:6)
scores <- read.csv("../synthetic_scores.csv")

# Norms made up for this: of the mean, and of the sum. scale() of R gives z.
z_mean <- as.vector(scale(scores$hr_belonging_mean, center = 3.21, scale = 0.87))
z_sum <- as.vector(scale(scores$pisa_belong_sum, center = 16.4, scale = 3.9))

# A made-up table from the raw sum of six items of 1 to 5 points, counted there from 0: a raw sum of 0 to 24.
raw <- answers[hr]; raw[hr[5:6]] <- 6 - raw[hr[5:6]]; raw <- raw - 1
look <- 20 + 60 * pnorm((0:24 - 12) / 5)
whole <- rowSums(raw); n <- rowSums(!is.na(raw))
# Prorated: the sum that the mean of the items answered would give over all six, a half going up; or the next above.
# The points of the instrument (1 to 5) are prorated, as publishers do, and 6 taken off afterwards.
mean_of <- rowMeans(raw, na.rm = TRUE) + 1
nearest <- floor(round(6 * mean_of, 9) + 0.5) - 6; up <- ceiling(round(6 * mean_of, 9)) - 6
at <- function(sum) replace(look[sum + 1], n < 4, NA)
write(data.frame(
  respondent = answers$respondent,
  hr_belonging_favourable = share(hr, 4:5, 1:2, hr[5:6], 4), pisa_belong_favourable = share(pisa, 1:2, 3:4, pisa[c(1, 4, 6)], 3),
  hr_z = z_mean, hr_t = 50 + 10 * z_mean, pisa_z = z_sum, pisa_t = 50 + 10 * z_sum,
  table_whole = look[whole + 1], table_nearest = at(nearest), table_up = at(up)
), "favourable_norms_tables.csv")
write(data.frame(sum = 0:24, scale = look), "table.csv")
items <- c(hr, pisa)
write(data.frame(item = items, answered = colSums(!is.na(answers[items])), skipped = colSums(is.na(answers[items]))), "counts.csv")

# --- theta ---
# Published thresholds of PIRLS 2011 (delta + tau), a generalised partial credit and a graded response model made up.
pirls <- rbind(
  c(-0.40028, 0.28337, -0.29489, 0.01152), c(-0.65667, 0.20370, 0.09031, -0.29401), c(-0.69308, 0.15638, -0.07310, -0.08328),
  c(-1.08761, 0.39262, -0.21343, -0.17919), c(-0.73600, 0.10595, -0.16089, 0.05494), c(-1.30323, 0.47879, 0.18391, -0.66270)
)
models <- list(
  pcm = list(kind = "pcm", a = rep(1, 6), b = pirls[, 1] + pirls[, -1], prior = c(0, 1)),
  gpcm = list(kind = "pcm", a = c(0.6, 1.1, 1.7, 0.9, 2.2), prior = c(0.4, 1.3),
    b = rbind(c(-1.9, -0.4, 0.8, 1.6), c(-1.2, -1.4, 0.5, 1.1), c(-2.0, -0.7, 0.1, 1.3), c(-0.5, 0.0, 0.9, 2.4), c(-1.0, -0.2, 0.6, 1.5))),
  grm = list(kind = "grm", a = c(0.7, 1.2, 1.9, 1.0, 2.4), prior = c(-0.3, 0.9),
    b = rbind(c(-1.9, -0.4, 0.8, 1.6), c(-1.5, -1.1, 0.5, 1.1), c(-2.0, -0.7, 0.1, 1.3), c(-0.5, 0.0, 0.9, 2.4), c(-1.0, -0.2, 0.6, 1.5)))
)
# Probabilities of the categories of item j at one theta.
chances <- function(m, j, theta) {
  if (m$kind == "grm") return(-diff(c(1, plogis(m$a[j] * (theta - m$b[j, ])), 0)))
  e <- c(0, cumsum(m$a[j] * (theta - m$b[j, ]))); p <- exp(e - max(e)); p / sum(p)
}
there <- function(x) which(x >= 0)
log_likelihood <- function(m, x, theta) sum(sapply(there(x), function(j) log(chances(m, j, theta)[x[j] + 1])))
# Fisher's information: of partial credit the variance of what the answer earns, a k; else the expected square of a
# numeric derivative.
information <- function(m, x, theta) sum(sapply(there(x), function(j) {
  p <- chances(m, j, theta)
  if (m$kind == "pcm") { k <- seq_along(p) - 1; return(m$a[j]^2 * (sum(k^2 * p) - sum(k * p)^2)) }
  d <- jacobian(function(t) chances(m, j, t), theta)
  sum(d^2 / p)
}))
warm <- function(m, x) {
  if (m$kind == "pcm") {
    # In an exponential family Warm's estimate is the top of the likelihood times the root of the information.
    f <- function(t) log_likelihood(m, x, t) + 0.5 * log(information(m, x, t))
    near <- optimize(f, c(-12, 12), maximum = TRUE, tol = 1e-5)$maximum
    g <- function(t) grad(f, t)
    theta <- uniroot(g, near + c(-0.3, 0.3), tol = 1e-12)$root
  } else {
    # J of Warm (1989): the sum over categories of P' P'' / P, by numeric derivatives.
    g <- function(t) {
      j <- sum(sapply(there(x), function(i) {
        p <- chances(m, i, t)
        first <- jacobian(function(u) chances(m, i, u), t)
        second <- sapply(seq_along(p), function(k) hessian(function(u) chances(m, i, u)[k], t))
        sum(first * second / p)
      }))
      grad(function(u) log_likelihood(m, x, u), t) + j / (2 * information(m, x, t))
    }
    grid <- seq(-8, 8, 0.25); left <- sapply(grid, g); cross <- which(left[-1] < 0 & left[-length(left)] >= 0)
    stopifnot(length(cross) == 1)
    theta <- uniroot(g, grid[cross + 0:1], tol = 1e-11)$root
  }
  c(theta, 1 / sqrt(information(m, x, theta)))
}
posterior <- function(m, x) {
  top <- optimize(function(t) log_likelihood(m, x, t) + dnorm(t, m$prior[1], m$prior[2], TRUE), c(-15, 15), maximum = TRUE, tol = 1e-8)$maximum
  height <- log_likelihood(m, x, top) + dnorm(top, m$prior[1], m$prior[2], TRUE)
  mass <- function(power) {
    f <- Vectorize(function(t) (t - top)^power * exp(log_likelihood(m, x, t) + dnorm(t, m$prior[1], m$prior[2], TRUE) - height))
    integrate(f, top - 12, top, rel.tol = 1e-10, subdivisions = 500L)$value + integrate(f, top, top + 12, rel.tol = 1e-10, subdivisions = 500L)$value
  }
  m0 <- mass(0); m1 <- mass(1) / m0
  c(top + m1, sqrt(mass(2) / m0 - m1^2))
}
set.seed(1989)
draw <- function(m, many) {
  k <- nrow(m$b); most <- ncol(m$b)
  theta <- rnorm(many, 0, 1.5)
  x <- t(sapply(theta, function(t) sapply(seq_len(k), function(j) sample(0:most, 1, prob = chances(m, j, t)))))
  x[matrix(runif(length(x)) < 0.25, many)] <- -1
  rbind(rep(0, k), rep(most, k), c(0, rep(-1, k - 1)), c(rep(-1, k - 1), most), c(most, rep(-1, k - 2), 0), x)
}
rows <- list()
for (name in names(models)) {
  m <- models[[name]]; x <- draw(m, 40); x <- x[rowSums(x >= 0) > 0, ]
  found <- t(apply(x, 1, function(one) c(warm(m, one), posterior(m, one))))
  rows[[name]] <- data.frame(model = name, answers = apply(x, 1, paste, collapse = " "), wle = found[, 1], wle_se = found[, 2], eap = found[, 3], eap_sd = found[, 4])
}
write(do.call(rbind, rows), "theta.csv")
writeLines(c(R.version.string, paste("numDeriv", packageVersion("numDeriv"))), "versions.txt")
