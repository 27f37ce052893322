# Makes longstring.csv from answers.csv with base R's rle(): what careless::longstring() counts, and the longest run
# through statements of both polarities. Run in this folder: Rscript longstring.R
answers <- read.csv("answers.csv")[, -1]
negative <- names(answers) %in% c("hr_bel_outside", "hr_bel_hide")
runs <- function(row) {
  found <- rle(row) # a missing answer is a run of its own
  end <- cumsum(found$lengths); start <- end - found$lengths + 1
  real <- !is.na(found$values)
  both <- real & mapply(function(a, b) length(unique(negative[a:b])) == 2, start, end)
  c(max(0, found$lengths[real]), max(0, found$lengths[both]))
}
found <- t(apply(as.matrix(answers), 1, runs))
colnames(found) <- c("longstring", "longstring_mixed")
write.csv(found, "longstring.csv", row.names = FALSE, quote = FALSE, eol = "\n")
