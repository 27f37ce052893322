# Makes answers.csv, figures.csv, persons.csv and versions.txt, in some minutes. Run in this folder: Rscript synthetic.R
source("calibration.R")
set.seed(2718)
n <- 500; k <- 5; m <- 3
theta <- rnorm(n)
a <- c(0.8, 1.3, 1.8, 1.0, 1.5)
b <- rbind(c(-1.6, -0.3, 0.9), c(-1.0, 0.2, 1.1), c(-1.3, -0.6, 0.7), c(-0.7, 0.1, 1.5), c(-1.8, -0.5, 0.4))
answers <- as.data.frame(sapply(1:k, function(j) apply(curve("pcm", a[j], b[j, ], theta), 1, function(p) sample(0:m, 1, prob = p))))
answers[matrix(runif(n * k) < 0.06, n)] <- NA
answers <- answers[rowSums(!is.na(answers)) > 0, ]
names(answers) <- sprintf("i%d", 1:k)
answers$weight <- sample(1:3, nrow(answers), TRUE)
write(answers, "answers.csv")
x <- answers[1:k]
fits <- lapply(c(pcm = "pcm", gpcm = "gpcm", grm = "grm"), fit, x = x)
made <- Map(describe, fits, names(fits))
weighted <- describe(fit("gpcm", x, answers$weight), "gpcm_weighted", sandwich = TRUE)
# Whole weights are so many students alike: the same estimates from rows written out, and their own log likelihood.
many <- x[rep(seq_len(nrow(x)), answers$weight), ]; rownames(many) <- NULL
repeated <- describe(fit("gpcm", many), "gpcm_repeated")
repeated$figures <- repeated$figures[repeated$figures$table == "items", ]
write(do.call(rbind, c(lapply(made, `[[`, "figures"), list(weighted$figures, repeated$figures))), "figures.csv")
number <- function(x) ifelse(is.na(x), NA, sprintf("%.9g", x))
write(do.call(rbind, c(lapply(made, `[[`, "persons"), list(weighted$persons))), "persons.csv")
writeLines(c(R.version.string, paste("numDeriv", packageVersion("numDeriv"))), "versions.txt")
