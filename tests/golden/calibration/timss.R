# Makes timss_figures.csv: the partial credit model of 9,672 real students' belonging, by the code in calibration.R, from
# the distinct sets of answers and how many gave each. Figures only. Run in this folder: Rscript timss.R FOLDER_OF_REAL_DATA
source("calibration.R")
file <- file.path(commandArgs(TRUE)[1], "timss2015_grade8_edmdata", "timss2015_g8_belonging_bullying_items.csv")
x <- read.csv(file)[sprintf("BSBG15%s", LETTERS[1:7])]
many <- aggregate(list(students = rep(1, nrow(x))), x, sum)
found <- fit("pcm", many[1:7], many$students)
rows <- describe(found, "timss")$figures
rows$value[rows$statistic == "log_likelihood"] <- found$log_likelihood
write(rows[!(rows$table == "item_fit" & rows$statistic == "n"), ], "timss_figures.csv")
