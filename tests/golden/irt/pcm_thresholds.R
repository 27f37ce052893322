# Partial credit thresholds by conditional maximum likelihood, with R's eRm: a method that knows no distribution of
# theta, so agreement is more than the same code written twice.
# Run in this folder: Rscript pcm_thresholds.R [folder of real data]
# Writes pcm_answers.csv (drawn here, nobody's answers), pcm_thresholds.csv and pcm_versions.txt; with the real data
# also pcm_timss_thresholds.csv.
suppressMessages(library(eRm))
set.seed(4711)
n <- 1500
theta <- rnorm(n, 0.3, 1.4)
steps <- rbind(c(-1.8, -0.4, 0.9), c(-1.0, 0.2, 1.4), c(-2.2, -1.1, 0.3), c(-0.6, -0.9, 1.1), c(-1.4, 0.6, 2.0), c(-0.3, 0.1, 0.8))
answers <- as.data.frame(apply(steps, 1, function(b) {
  odds <- exp(cbind(0, t(apply(outer(theta, b, "-"), 1, cumsum))))
  rowSums(runif(n) > t(apply(odds / rowSums(odds), 1, cumsum)))
}))
answers[matrix(runif(n * 6) < 0.04, n)] <- NA
answers <- answers[rowSums(!is.na(answers)) > 1, ]
names(answers) <- sprintf("i%d", 1:6)

# Errors of thresholds about their own mean: those of eRm's numbers, carried over by its design matrix.
centred_errors <- function(model, k, m) {
  easiness <- model$W %*% vcov(model) %*% t(model$W) # of the sums of an item's thresholds, up to each step
  steps <- kronecker(diag(k), diag(m) - rbind(0, cbind(diag(m - 1), 0)))
  about <- steps - rep(1, k * m) %*% t(colMeans(steps))
  sqrt(diag(about %*% easiness %*% t(about)))
}
write_thresholds <- function(answers, file) {
  model <- PCM(answers)
  found <- thresholds(model)$threshtable[[1]][, -1]
  out <- data.frame(
    item = rep(rownames(found), each = ncol(found)), step = rep(seq_len(ncol(found)), nrow(found)),
    threshold = sprintf("%.8f", as.vector(t(found))),
    centred_se = sprintf("%.8f", centred_errors(model, nrow(found), ncol(found)))
  )
  write.csv(out, file, row.names = FALSE, quote = FALSE, eol = "\n")
}

write.csv(answers, "pcm_answers.csv", row.names = FALSE, na = "", quote = FALSE, eol = "\n")
write_thresholds(answers, "pcm_thresholds.csv")
real <- commandArgs(trailingOnly = TRUE)
if (length(real)) {
  timss <- read.csv(file.path(real, "timss2015_grade8_edmdata", "timss2015_g8_belonging_bullying_items.csv"))
  write_thresholds(timss[sprintf("BSBG15%s", LETTERS[1:7])], "pcm_timss_thresholds.csv")
}
writeLines(c(R.version.string, paste("eRm", packageVersion("eRm"))), "pcm_versions.txt")
