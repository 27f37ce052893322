# Makes real/<case>_facts.csv, real/<case>_groups.csv and real/versions.txt: every figure and every limit of scales of
# real answers, by R's psych, lavaan and multilevel. Figures of whole files and of groups only: no row of real data.
# Run in this folder: Rscript real_answers.R FOLDER_OF_REAL_DATA OUT [CASE ...]   (OUT is real for the committed files)
args <- commandArgs(TRUE)
source("scale_statistics.R")
pisa_items <- sprintf("ST034Q0%dTA", 1:6)
cases <- list(
  teachers = list("class_wellbeing_mokken/SWMDK.csv", sprintf("Item%d", 1:7), 1:5, "classId"),
  classmates = list("class_wellbeing_mokken/SWMDK.csv", sprintf("Item%d", 8:13), 1:5, "classId"),
  timss = list("timss2015_grade8_edmdata/timss2015_g8_belonging_bullying_items.csv", sprintf("BSBG15%s", LETTERS[1:7]), 0:3, NULL),
  timss_bullying = list("timss2015_grade8_edmdata/timss2015_g8_belonging_bullying_items.csv", sprintf("BSBG16%s", LETTERS[1:9]), 0:3, NULL),
  pisa = list("pisa2018_fra_ita_mex/pisa2018_fra_ita_mex.csv", pisa_items, 1:4, "CNT")
)
backwards <- pisa_items[c(2, 3, 5)] # a low code means much there

dir.create(args[2], showWarnings = FALSE)
for (case in if (length(args) > 2) args[-(1:2)] else names(cases)) {
  one <- cases[[case]]
  file <- read.csv(file.path(args[1], one[[1]]))
  x <- file[one[[2]]]
  x[!apply(x, 2, `%in%`, one[[3]])] <- NA # codes of missing answers
  for (item in intersect(names(x), backwards)) x[[item]] <- sum(range(one[[3]])) - x[[item]]
  rows <- list(); groups <- list()
  group <- if (is.null(one[[4]])) NULL else file[[one[[4]]]]
  scale_statistics("scale", x, matrix(TRUE, nrow(x), ncol(x)), group, 0.95, 1, range(one[[3]]))
  plain(do.call(rbind, rows), file.path(args[2], paste0(case, "_facts.csv")))
  if (length(groups)) plain(do.call(rbind, groups), file.path(args[2], paste0(case, "_groups.csv")))
}
versions <- sapply(c("psych", "lavaan", "multilevel"), function(one) paste(one, packageVersion(one)))
writeLines(c(R.version.string, versions), file.path(args[2], "versions.txt"))
