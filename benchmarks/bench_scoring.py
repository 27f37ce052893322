"""Scoring a million students on 30 items, 4 scales, 5 % missing: beside plain pandas, and R where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from figures import Figure, table

from connectedness.declare.instrument import Instrument
from connectedness.scoring.classical import score

STUDENTS, SIZES, MIN_ANSWERED, ROUNDS = 1_000_000, (8, 8, 7, 7), 4, 3
REVERSED = (4, 5)  # the places, within each scale, of its negative items
TIMES_FASTER = 10  # than psych::scoreFast
# The same scores in R: raw codes in, missing as NA, reversal by keys; reading the data in is not counted.
R_SCRIPT = """
suppressMessages({library(psych); library(data.table)})
given <- commandArgs(TRUE)
n <- as.integer(given[2]); sizes <- as.integer(strsplit(given[3], ",")[[1]])
codes <- matrix(readBin(given[1], "integer", n * sum(sizes), size = 1), nrow = n)
codes[codes < 0] <- NA
items <- paste0("i", seq_len(sum(sizes))); colnames(codes) <- items
ends <- cumsum(sizes); starts <- ends - sizes + 1
members <- lapply(seq_along(sizes), function(s) items[starts[s]:ends[s]])
keys <- setNames(lapply(members, function(m) paste0(ifelse(seq_along(m) %in% c(5, 6), "-", ""), m)), paste0("s", 1:4))
best <- function(run) min(sapply(1:2, function(round) system.time(run())[["elapsed"]]))
fast <- NULL
cat("scoreFast", best(function() fast <<- scoreFast(keys, codes, min = 1, max = 5, impute = "none")), "\n")
table <- as.data.table(codes)
means <- NULL
row_means <- function() {
  turned <- unlist(lapply(members, function(m) m[c(5, 6)]))
  work <- copy(table)
  work[, (turned) := lapply(.SD, function(x) 6L - x), .SDcols = turned]
  means <<- sapply(members, function(m) rowMeans(work[, ..m], na.rm = TRUE))
}
cat("data.table", best(row_means), "\n")
cat("mean", colMeans(means, na.rm = TRUE), "\n")
"""


def instrument() -> Instrument:
    """Four scales of seven or eight five-point items, two of each worded against the scale."""
    text = {"en": "For the benchmark only"}
    options = {"expresses": "agreement", "options": [{"code": code} for code in range(1, 6)], "favourable": [4, 5]}
    ids = [[f"s{scale}_i{item}" for item in range(size)] for scale, size in enumerate(SIZES)]
    items = [
        {"id": one, "options": "agreement", "polarity": "negative" if place in REVERSED else "positive"}
        for scale in ids
        for place, one in enumerate(scale)
    ]
    scales = [
        {"id": f"s{number}", "title": text, "description": text, "items": scale, "min_answered": MIN_ANSWERED}
        for number, scale in enumerate(ids)
    ]
    return Instrument.model_validate(
        {
            "id": "benchmark",
            "version": 1,
            "title": text,
            "standing": text,
            "source": ["made for the benchmark"],
            "licence": {"tier": "A", "terms": "none"},
            "option_sets": {"agreement": options},
            "items": items,
            "scales": scales,
        }
    )


def answers(known: Instrument) -> pd.DataFrame:
    """Random answers, one in twenty skipped, as they stand in the responses table."""
    rng = np.random.default_rng(1)
    codes = rng.integers(1, 6, (STUDENTS, sum(SIZES)), dtype=np.int16)
    codes[rng.random(codes.shape) < 0.05] = -1
    return pd.DataFrame(codes, columns=[item.id for item in known.items])


def plain_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    """Blank the missing, turn the negative items round, and take means where enough is answered."""
    points = frame.where(frame > 0)
    out = {}
    for number, size in enumerate(SIZES):
        scale = points[[f"s{number}_i{item}" for item in range(size)]].copy()
        for place in REVERSED:
            scale.iloc[:, place] = 6 - scale.iloc[:, place]
        out[f"s{number}"] = scale.mean(axis=1).where(scale.notna().sum(axis=1) >= MIN_ANSWERED)
    return pd.DataFrame(out)


def measure() -> list[Figure]:
    """Best of three of each, in turn, on the same table; both must give the same scores."""
    known = instrument()
    frame = answers(known)
    scores, peer = score(frame, known), plain_pandas(frame)
    np.testing.assert_allclose(scores[list(peer)], peer)
    ours, theirs = _best_in_turn(lambda: score(frame, known), lambda: plain_pandas(frame))
    found = [
        Figure("scoring 1,000,000 x 30, ours", ours, "s"),
        Figure("scoring 1,000,000 x 30, plain pandas", theirs, "s"),
        Figure("scoring, ours / plain pandas", ours / theirs, "ratio"),
    ]
    return found if shutil.which("Rscript") is None else [*found, *_beside_r(frame, peer, ours)]


def _beside_r(frame: pd.DataFrame, scores: pd.DataFrame, ours: float) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder, "codes.bin"), Path(folder, "score.R")
        data.write_bytes(frame.to_numpy(np.int8).tobytes(order="F"))
        script.write_text(R_SCRIPT, encoding="utf-8")
        command = ["Rscript", str(script), str(data), str(STUDENTS), ",".join(map(str, SIZES))]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    words = {line.split()[0]: [float(word) for word in line.split()[1:]] for line in printed.splitlines()}
    # R scores whoever answered one item; those with fewer than four are so few that they move no third decimal.
    np.testing.assert_allclose(words["mean"], scores.mean(), atol=1e-3)
    fast, row_means = words["scoreFast"][0], words["data.table"][0]
    return [
        Figure("psych::scoreFast, the same", fast, "s"),
        Figure("scoring, ours / psych::scoreFast", ours / fast, "ratio", 1 / TIMES_FASTER),
        Figure("data.table row means, the same", row_means, "s"),
        Figure("scoring, ours / data.table", ours / row_means, "ratio", 1.0),
    ]


def _best_in_turn(*calls: Callable[[], object]) -> list[float]:
    best = [float("inf")] * len(calls)
    for _ in range(ROUNDS):
        for place, call in enumerate(calls):
            at = time.perf_counter()
            call()
            best[place] = min(best[place], time.perf_counter() - at)
    return best


if __name__ == "__main__":
    print(table(measure()))
