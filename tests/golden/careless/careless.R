# Makes answers.csv, expected.csv, sensitivity.csv and versions.txt: runs of one answer by rle(), whole sets of answers by
# table(), Mahalanobis distances, time and missed attention items, in base R.
# Nobody's answers: they are drawn. Run in this folder: Rscript careless.R [FOLDER_OF_REAL_DATA]
# With it also real_distances.csv and real_counts.csv: figures of whole files, no row of real data.
number <- function(x) ifelse(is.na(x), NA, sprintf("%.12g", x))
write <- function(frame, file) {
  frame[sapply(frame, is.double)] <- lapply(frame[sapply(frame, is.double)], number)
  write.csv(frame, file, row.names = FALSE, na = "", quote = FALSE, eol = "\n")
}
# The longest run of one code within a block, of all or of those that hold both polarities; NA ends a run.
runs <- function(row, block, negative, mixed = FALSE) {
  longest <- 0
  for (one in unique(block)) {
    x <- row[block == one]; own <- negative[block == one]
    label <- ifelse(is.na(x), paste0("none", seq_along(x)), paste0("code", x)) # a blank is like no other
    r <- rle(label); end <- cumsum(r$lengths)
    for (i in seq_along(end)) {
      at <- (end[i] - r$lengths[i] + 1):end[i]
      if (is.na(x[at[1]]) || (mixed && length(unique(own[at])) < 2)) next
      longest <- max(longest, length(at))
    }
  }
  longest
}
distances <- function(points) {
  whole <- complete.cases(points); out <- rep(NA, nrow(points))
  out[whole] <- mahalanobis(points[whole, ], colMeans(points[whole, ]), cov(points[whole, ]))
  out
}
others_alike <- function(codes) {
  key <- apply(codes, 1, paste, collapse = " "); as.vector(table(key)[key]) - 1
}

set.seed(2012)
n <- 400
scale_items <- sprintf("q%02d", 1:12); negative <- rep(c(FALSE, FALSE, TRUE), 4)
block <- rep(1:2, each = 6) # two sets of options
trait <- rnorm(n)
codes <- sapply(1:12, function(j) cut(ifelse(negative[j], -1, 1) * trait + rnorm(n), c(-Inf, -1.2, -.3, .5, 1.4, Inf), labels = FALSE))
codes[1:30, ] <- sample(1:5, 30, TRUE) # straight lines
codes[31:50, ] <- matrix(sample(1:5, 12, TRUE), 20, 12, byrow = TRUE) # one set of answers, twenty times
codes[51:90, ] <- sample(1:5, 40 * 12, TRUE)
codes[matrix(runif(n * 12) < 0.03, n)] <- NA
colnames(codes) <- scale_items
check <- sample(c(1:5, NA), n, TRUE, c(.02, .02, .04, .86, .03, .03))
seconds <- round(rlnorm(n, log(45), 0.6), 1); seconds[sample(n, 10)] <- NA
answers <- data.frame(codes, check, seconds)
write(answers, "answers.csv")

points <- codes; points[, negative] <- 6 - points[, negative]
given <- rowSums(!is.na(cbind(codes, check)))
whole <- cbind(codes, check); straight <- apply(whole, 1, function(r) length(unique(r[!is.na(r)])) < 2)
d <- distances(points); each <- ifelse(given > 0, seconds / given, NA); alike <- others_alike(whole)
longest <- apply(codes, 1, runs, block = block, negative = negative)
mixed <- apply(codes, 1, runs, block = block, negative = negative, mixed = TRUE)
flags <- data.frame(
  longstring_flag = replace(mixed >= 5, rowSums(!is.na(codes)) == 0, NA), mahalanobis_flag = d > qchisq(0.99, 12),
  attention_flag = replace(check != 4, is.na(check), NA), speed_flag = each < 2,
  duplicates_flag = replace(alike > 0 & !straight, given < 10, NA)
)
expected <- data.frame(
  longstring = longest, longstring_mixed = mixed, mahalanobis = d, attention_missed = as.integer(!is.na(check) & check != 4),
  seconds_per_item = each, duplicates = alike, flags, any_flag = apply(flags, 1, any, na.rm = TRUE)
)
write(expected, "expected.csv")
account <- data.frame(check = names(flags), checked = colSums(!is.na(flags)), flagged = colSums(flags, na.rm = TRUE))
account$threshold <- c(5, qchisq(0.99, 12), 1, 2, 10)
write(account, "account.csv")

# Means with and without the flagged; the score is the mean of the answers, where there are 6.
score <- ifelse(rowSums(!is.na(points)) >= 6, rowMeans(points, na.rm = TRUE), NA)
there <- !is.na(score); flagged <- expected$any_flag
test <- t.test(score[there & !flagged], score[there])
write(data.frame(n = sum(there), n_flagged = sum(there & flagged), n_unflagged = sum(there & !flagged),
  mean = test$estimate[[2]], mean_unflagged = test$estimate[[1]], difference = round(test$estimate[[1]] - test$estimate[[2]], 3)), "sensitivity.csv")

real <- commandArgs(TRUE)
if (length(real)) {
  pisa <- read.csv(file.path(real, "pisa2018_fra_ita_mex", "pisa2018_fra_ita_mex.csv"))
  class <- read.csv(file.path(real, "class_wellbeing_mokken", "SWMDK.csv"))
  timss <- read.csv(file.path(real, "timss2015_grade8_edmdata", "timss2015_g8_belonging_bullying_items.csv"))
  files <- list(
    "pisa-belonging" = list(pisa[sprintf("ST034Q0%dTA", 1:6)], 1:4, c(TRUE, FALSE, FALSE, TRUE, FALSE, TRUE), rep(1, 6)),
    "class-wellbeing-cool" = list(class[sprintf("Item%d", 1:13)], 1:5, rep(FALSE, 13), rep(1, 13)),
    "timss-2015-g8-edmdata" = list(timss, 0:3, rep(FALSE, 16), rep(1:2, c(7, 9)))
  )
  counts <- tails <- list()
  for (name in names(files)) {
    one <- files[[name]]; x <- as.matrix(one[[1]]); x[!(x %in% one[[2]])] <- NA
    negative <- one[[3]]
    d <- distances(x) # turning items round leaves a distance as it is
    count <- function(check, values) { t <- table(values); counts[[length(counts) + 1]] <<- data.frame(instrument = name, check, value = as.integer(names(t)), students = as.vector(t)) }
    count("longstring", apply(x, 1, runs, block = one[[4]], negative = negative))
    count("longstring_mixed", apply(x, 1, runs, block = one[[4]], negative = negative, mixed = TRUE))
    count("duplicates", others_alike(one[[1]])[rowSums(!is.na(x)) > 0])
    d <- d[!is.na(d)]
    tails[[name]] <- data.frame(instrument = name, n = length(d), mean = mean(d), sd = sd(d), median = median(d), p99 = quantile(d, .99)[[1]],
      largest = max(d), beyond = sum(d > qchisq(0.999, ncol(x))))
  }
  write(do.call(rbind, counts), "real_counts.csv"); write(do.call(rbind, tails), "real_distances.csv")
}
writeLines(R.version.string, "versions.txt")
