# Facts of a scale in a file of points: Rscript real_answers.R POINTS.csv OUT LEVEL LOWEST HIGHEST
# A column called group, where there is one, holds the group of each row.
args <- commandArgs(TRUE)
source("scale_statistics.R")
x <- read.csv(args[1])
group <- x$group
x$group <- NULL
asked <- matrix(TRUE, nrow(x), ncol(x))
scale_statistics("scale", x, asked, group, as.numeric(args[3]), 1, as.numeric(args[4:5]))
plain(do.call(rbind, rows), file.path(args[2], "facts.csv"))
if (length(groups)) plain(do.call(rbind, groups), file.path(args[2], "groups.csv"))
