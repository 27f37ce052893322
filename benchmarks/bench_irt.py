"""Item response theory: thetas of a million students, and calibration of 20,000 beside the package girth.

    python benchmarks/irt.py

girth is no dependency of the project: where it cannot be imported its rows are left out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pandas as pd
from figures import Figure, table

from connectedness.declare.instrument import Instrument
from connectedness.itemresponse import Model, patterns
from connectedness.psychometrics.calibration import calibrate
from connectedness.scoring.irt import eap, wle

STUDENTS, CALIBRATED, ITEMS, STEPS, MISSING = 1_000_000, 20_000, 10, 4, 0.05
WLE_AT_MOST, CALIBRATION_AT_MOST = 5.0, 30.0


def model(kind: str) -> Model:
    """Ten five-point items."""
    rng = np.random.default_rng(1)
    return Model(kind, rng.uniform(0.7, 1.8, ITEMS), np.sort(rng.normal(0, 1, (ITEMS, STEPS)), axis=1))


def draw(known: Model, n: int, seed: int, missing: float) -> np.ndarray:
    """Answers of n students whose theta is standard normal."""
    rng = np.random.default_rng(seed)
    answers = np.empty((n, ITEMS), np.int8)
    for piece in np.array_split(np.arange(n), max(n // 100_000, 1)):
        up = np.exp(known.chances(rng.normal(size=len(piece)))).cumsum(axis=1)[:, :-1]
        answers[piece] = (rng.random((ITEMS, 1, len(piece))) > up).sum(axis=1).T
    answers[rng.random(answers.shape) < missing] = -1
    return answers


def scattered(n: int) -> np.ndarray:
    """Answers at random: all but no two students alike, the hardest case."""
    rng = np.random.default_rng(3)
    answers = rng.integers(0, STEPS + 1, (n, ITEMS)).astype(np.int8)
    answers[rng.random(answers.shape) < MISSING] = -1
    return answers


def instrument() -> Instrument:
    """One scale of the items."""
    text, ids = {"en": "For the benchmark only"}, [f"i{n}" for n in range(ITEMS)]
    return Instrument.model_validate(
        {
            "id": "benchmark",
            "version": 1,
            "title": text,
            "standing": text,
            "source": ["made for the benchmark"],
            "licence": {"tier": "A", "terms": "none"},
            "option_sets": {"o": {"expresses": "agreement", "options": [{"code": k} for k in range(STEPS + 1)]}},
            "items": [{"id": one, "options": "o"} for one in ids],
            "scales": [{"id": "s", "title": text, "description": text, "items": ids, "min_answered": 1}],
        }
    )


def theta_figures() -> list[Figure]:
    """WLE and EAP of a million students."""
    answers, known = scattered(STUDENTS), model("gpcm")
    distinct = len(patterns(answers, STEPS + 1)[0])
    label = f"1,000,000 x {ITEMS} gpcm, {distinct:,} patterns"
    figures = [Figure(f"WLE, {label}", _best(lambda: wle(answers, known)), "s", WLE_AT_MOST)]
    figures.append(Figure(f"EAP, {label}", _best(lambda: eap(answers, known)), "s"))
    lifelike = draw(known, STUDENTS, 2, MISSING)
    figures.append(Figure("WLE, 1,000,000 lifelike answers, gpcm", _best(lambda: wle(lifelike, known)), "s"))
    graded = model("grm")
    figures.append(Figure("WLE, 1,000,000 lifelike answers, grm", _best(lambda: wle(lifelike, graded)), "s"))
    return figures


def calibration_figures() -> list[Figure]:
    """Calibration of 20,000 students, beside girth on the same answers in turn; complete, as girth needs them."""
    girth = import_module("girth") if find_spec("girth") else None
    known, figures = instrument(), []
    for kind in ("pcm", "gpcm", "grm"):
        truth = model("gpcm" if kind == "pcm" else kind)
        answers = draw(truth, CALIBRATED, 4, 0.0)
        frame = pd.DataFrame(answers, columns=[item.id for item in known.items])
        name = f"calibration 20,000 x {ITEMS}, {kind}"
        ours = _best(lambda frame=frame, kind=kind: calibrate(frame, known, model=kind), rounds=2)
        figures.append(Figure(f"{name}, ours", ours, "s", CALIBRATION_AT_MOST))
        if girth is None or kind == "pcm":
            continue
        # Its partial credit model has a slope for each item: it is the generalised one.
        peer = girth.pcm_mml if kind == "gpcm" else girth.grm_mml
        started = time.perf_counter()
        theirs = peer(answers.T.astype(int) + 1)
        took = time.perf_counter() - started
        found = calibrate(frame, known, model=kind).items
        slopes = found.loc[found["parameter"] == "slope", "value"].to_numpy()
        figures.append(Figure(f"{name}, girth", took, "s"))
        figures.append(Figure(f"{name}, ours / girth", ours / took, "ratio"))
        gap = np.abs(slopes - theirs["Discrimination"]).max()
        figures.append(Figure(f"{name}, largest difference of a slope from girth's", gap, "slope"))
    return figures


def measure() -> list[Figure]:
    """Thetas, then calibration."""
    return [*theta_figures(), *calibration_figures()]


def _best(call: Callable[[], object], rounds: int = 3) -> float:
    best = float("inf")
    for _ in range(rounds):
        at = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - at)
    return best


if __name__ == "__main__":
    print(table(measure()))
