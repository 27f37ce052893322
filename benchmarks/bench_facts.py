"""All facts of four scales of a million students, beside psych::alpha in R on the same answers in the same run."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from figures import Figure, table

from connectedness.declare.instrument import Instrument
from connectedness.psychometrics.facts import scale_facts

STUDENTS, SIZES, MISSING, ROUNDS = 1_000_000, (8, 8, 7, 7), 0.05, 3
SCHOOLS = 2_000
NEGATIVE = 3  # the place, within each scale, of its negative item
TIMES_FASTER = 20

# Reads the same points, already turned round, and times psych::alpha alone: not the reading.
R_SCRIPT = """
suppressMessages(library(psych))
args <- commandArgs(TRUE); n <- as.integer(args[2]); sizes <- as.integer(strsplit(args[3], ",")[[1]])
points <- readBin(args[1], "integer", n * sum(sizes), size = 1)
points[points < 0] <- NA
points <- as.data.frame(matrix(points, n))
seconds <- 0; at <- 0
for (size in sizes) {
  x <- points[at + seq_len(size)]; at <- at + size
  seconds <- seconds + system.time(found <- alpha(x, warnings = FALSE))[["elapsed"]]
  cat(sprintf("alpha %.10f\\n", found$total$raw_alpha))
}
cat(sprintf("seconds %.3f\\n", seconds))
"""


def instrument() -> Instrument:
    """Four scales of five-point items, one of each worded against the scale; thirty items in all."""
    text = {"en": "For the benchmark only"}
    ids = [[f"s{scale}_i{item}" for item in range(size)] for scale, size in enumerate(SIZES)]
    options = {"expresses": "agreement", "options": [{"code": code} for code in range(1, 6)], "favourable": [4, 5]}
    return Instrument.model_validate(
        {
            "id": "benchmark",
            "version": 1,
            "title": text,
            "standing": text,
            "source": ["made for the benchmark"],
            "licence": {"tier": "A", "terms": "none"},
            "option_sets": {"agreement": options},
            "items": [
                {"id": one, "options": "agreement", "polarity": "negative" if place == NEGATIVE else "positive"}
                for scale in ids
                for place, one in enumerate(scale)
            ],
            "scales": [
                {"id": f"s{number}", "title": text, "description": text, "items": scale, "min_answered": 4}
                for number, scale in enumerate(ids)
            ],
        }
    )


def answers(known: Instrument) -> pd.DataFrame:
    """Answers to scales that hold together, one in twenty skipped, as they stand in the responses table."""
    rng = np.random.default_rng(1)
    columns = {}
    for scale in known.scales:
        trait = rng.standard_normal(STUDENTS)
        for place, item in enumerate(scale.items):
            latent = (0.7 * trait + 0.7 * rng.standard_normal(STUDENTS)) * (-1 if place == NEGATIVE else 1)
            codes = np.digitize(latent, [-1.2, -0.4, 0.3, 1.1]).astype(np.int16) + 1
            columns[item] = np.where(rng.random(STUDENTS) < MISSING, np.int16(-1), codes)
    return pd.DataFrame(columns)


def measure() -> list[Figure]:
    """Best of three of ours, one run of R's; both must find the same alpha."""
    known = instrument()
    frame = answers(known)
    school = pd.Series(np.random.default_rng(2).integers(0, SCHOOLS, STUDENTS))
    facts, alone = _best(lambda: scale_facts(frame, known))
    _, grouped = _best(lambda: scale_facts(frame, known, {"school": school}))
    found = [
        Figure("facts of 4 scales, 1,000,000 x 30, 5 % missing, ours", alone, "s", 5),
        Figure("the same by 2,000 schools too, ours", grouped, "s", 8),
    ]
    if shutil.which("Rscript") is None:
        return found
    theirs, seconds = _psych(frame, known)
    np.testing.assert_allclose(facts.loc[facts["statistic"] == "alpha_pairwise", "value"], theirs, atol=1e-9)
    return [
        *found,
        Figure("psych::alpha of the same 4 scales", seconds, "s"),
        Figure("facts, ours / psych::alpha", alone / seconds, "ratio", 1 / TIMES_FASTER),
    ]


def _best(call) -> tuple[pd.DataFrame, float]:
    best, result = float("inf"), pd.DataFrame()
    for _ in range(ROUNDS):
        at = time.perf_counter()
        result = call()
        best = min(best, time.perf_counter() - at)
    return result, best


def _psych(frame: pd.DataFrame, known: Instrument) -> tuple[list[float], float]:
    points = np.column_stack(
        [
            np.where(frame[item] > 0, 6 - frame[item] if known.is_reversed(item) else frame[item], -1)
            for scale in known.scales
            for item in scale.items
        ]
    ).astype(np.int8)
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder, "points.bin"), Path(folder, "alpha.R")
        data.write_bytes(points.tobytes(order="F"))
        script.write_text(R_SCRIPT, encoding="utf-8")
        command = ["Rscript", str(script), str(data), str(STUDENTS), ",".join(map(str, SIZES))]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    words = [line.split() for line in printed.splitlines()]
    return [float(word) for name, word in words if name == "alpha"], float(words[-1][1])


if __name__ == "__main__":
    print(table(measure()))
