# Intervals by R, as the outside figures for connectedness.measures.intervals.
# Run in this folder:  Rscript intervals.R   It writes the CSV files beside it; the first line of each names R's version.
options(digits = 17)
number <- function(x) trimws(formatC(x, digits = 17, format = "g"))
write_golden <- function(name, table) {
  lines <- c(paste0("# ", R.version.string, ", package stats ", packageVersion("stats"), "; by intervals.R"),
             paste(names(table), collapse = ","),
             apply(sapply(table, number), 1, paste, collapse = ","))
  out <- file(name, "wb")
  writeLines(lines, out)
  close(out)
}

# Scores on a scale of 1 to 5 in steps of a fifth, the same on every machine: no random numbers.
scores <- function(n, shift) 1 + (floor(abs(sin(seq_len(n) * 12.9898 + shift)) * 43758.5453) %% 21) / 5

sizes <- c(2, 3, 5, 10, 29, 30, 120, 1000)
one <- do.call(rbind, lapply(sizes, function(n) {
  x <- scores(n, n)
  test <- t.test(x)
  data.frame(n = n, mean = mean(x), sd = sd(x), se = test$stderr, low = test$conf.int[1], high = test$conf.int[2])
}))
write_golden("t_interval_r.csv", one)

pairs <- rbind(c(2, 2), c(2, 40), c(5, 7), c(10, 10), c(29, 31), c(30, 300), c(120, 118), c(1000, 950))
two <- do.call(rbind, apply(pairs, 1, function(n) {
  x <- scores(n[1], 1); y <- (scores(n[2], 2) + 3) / 2
  test <- t.test(x, y)
  data.frame(n = n[1], mean = mean(x), se = sd(x) / sqrt(n[1]),
             other_n = n[2], other_mean = mean(y), other_se = sd(y) / sqrt(n[2]),
             value = mean(x) - mean(y), difference_se = test$stderr, df = unname(test$parameter),
             low = test$conf.int[1], high = test$conf.int[2])
}, simplify = FALSE))
# One wave in which all answered alike: R still gives an interval, from the other wave's spread.
x <- rep(3, 8); y <- scores(12, 4); test <- t.test(x, y)
two <- rbind(two, data.frame(n = 8, mean = 3, se = 0, other_n = 12, other_mean = mean(y),
             other_se = sd(y) / sqrt(12), value = 3 - mean(y), difference_se = test$stderr,
             df = unname(test$parameter), low = test$conf.int[1], high = test$conf.int[2]))
write_golden("welch_r.csv", two)

wilson <- function(k, n) suppressWarnings(prop.test(k, n, correct = FALSE)$conf.int)
grid <- rbind(c(0, 1), c(1, 1), c(0, 5), c(2, 5), c(5, 5), c(1, 10), c(9, 10), c(0, 29), c(28, 40), c(84, 120),
              c(280, 400), c(263, 263), c(15, 148), c(99999, 100000))
share <- do.call(rbind, apply(grid, 1, function(g) {
  limits <- wilson(g[1], g[2])
  data.frame(chosen = g[1], n = g[2], share = g[1] / g[2], low = limits[1], high = limits[2])
}, simplify = FALSE))
write_golden("wilson_r.csv", share)

# Method 10 of Newcombe (1998), from prop.test's limits of each share.
quads <- rbind(c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 0, 29), c(0, 10, 0, 20), c(0, 10, 0, 10),
               c(10, 10, 0, 20), c(10, 10, 0, 10), c(1, 1, 0, 1), c(3, 12, 41, 90), c(450, 1000, 430, 980))
change <- do.call(rbind, apply(quads, 1, function(q) {
  p <- q[c(1, 3)] / q[c(2, 4)]
  a <- wilson(q[1], q[2]); b <- wilson(q[3], q[4])
  data.frame(chosen = q[1], n = q[2], other_chosen = q[3], other_n = q[4], value = p[1] - p[2],
             se = sqrt(sum(p * (1 - p) / q[c(2, 4)])),
             low = p[1] - p[2] - sqrt((p[1] - a[1])^2 + (b[2] - p[2])^2),
             high = p[1] - p[2] + sqrt((a[2] - p[1])^2 + (p[2] - b[1])^2))
}, simplify = FALSE))
write_golden("newcombe_r.csv", change)
