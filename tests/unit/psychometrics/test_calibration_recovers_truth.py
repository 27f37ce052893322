"""Parameters that answers were drawn from lie within two standard errors of what calibration finds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from unit.scoring.irt_examples import draw, instrument

from connectedness.itemresponse import Model
from connectedness.psychometrics.calibration import calibrate

ITEMS = tuple(f"i{n}" for n in range(1, 7))
KNOWN = instrument(ITEMS, 3)
THRESHOLDS = np.array(
    [[-1.6, -0.3, 0.9], [-1.0, 0.1, 1.3], [-1.9, -0.8, 0.4], [-0.7, 0.3, 1.0], [-1.3, 0.4, 1.6], [-0.4, 0.2, 0.8]]
)
SLOPES = np.array([1.0, 1.4, 0.7, 1.8, 1.2, 0.9])
STUDENTS = 1500


def truth_of(kind: str) -> tuple[Model, float]:
    """The model that answers come from, and the SD of theta."""
    return Model(kind, np.ones(6) if kind == "pcm" else SLOPES, THRESHOLDS), 1.3 if kind == "pcm" else 1.0


def distances(kind: str, sets: int, seed: int, weights: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """(estimate - truth) / se, and estimate - truth, for every number of every set."""
    model, sd = truth_of(kind)
    rng = np.random.default_rng(seed)
    expected = model.thresholds.ravel() if kind == "pcm" else np.column_stack([SLOPES, THRESHOLDS]).ravel()
    z, away = [], []
    for _ in range(sets):
        answers = draw(model, sd * rng.normal(size=STUDENTS), rng, missing=0.05)
        frame = pd.DataFrame(np.where(answers < 0, 9, answers), columns=ITEMS)
        weight = rng.choice([0.5, 1.0, 3.0], STUDENTS) if weights else None
        found = calibrate(frame, KNOWN, model=kind, weights=weight)
        off = found.items["value"].to_numpy() - expected
        if kind == "pcm":
            off = np.append(off, found.population.loc[0, "sd"] - sd)
            z.append(off / np.append(found.items["se"], found.population.loc[0, "sd_se"]))
        else:
            z.append(off / found.items["se"].to_numpy())
        away.append(off)
    return np.array(z), np.array(away)


@pytest.mark.parametrize("kind", ["pcm", "gpcm", "grm"])
def test_a_few_sets(kind):
    z, away = distances(kind, sets=8, seed=21)
    assert (np.abs(z) < 2).mean() > 0.9
    assert np.abs(away.mean(axis=0)).max() < 0.15
    assert 0.7 < z.std() < 1.3


def test_weights_make_standard_errors_larger_and_still_right():
    z, away = distances("gpcm", sets=8, seed=22, weights=True)
    assert (np.abs(z) < 2).mean() > 0.9
    assert away.std() > 1.1 * distances("gpcm", sets=8, seed=22)[1].std()


@pytest.mark.parametrize("kind", ["pcm", "gpcm", "grm"])
def test_a_skewed_theta_needs_a_free_shape(kind):
    model, sd = truth_of(kind)
    rng = np.random.default_rng(23)
    skewed = (rng.gamma(1.0, size=6000) - 1) * sd
    answers = draw(model, skewed, rng)
    frame = pd.DataFrame(answers, columns=ITEMS)
    free, normal = (calibrate(frame, KNOWN, model=kind, theta=shape) for shape in ("free", "normal"))
    expected = model.thresholds.ravel() if kind == "pcm" else np.column_stack([SLOPES, THRESHOLDS]).ravel()
    off = np.abs(free.items["value"] - expected)
    assert free.log_likelihood > normal.log_likelihood + 20
    assert (off / free.items["se"]).median() < 1.5
    assert off.mean() < 0.6 * np.abs(normal.items["value"] - expected).mean()
    assert free.population.loc[0, "sd"] == pytest.approx(sd, abs=0.12)
    assert free.person_fit["theta"].mean() == pytest.approx(0, abs=0.02)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["pcm", "gpcm", "grm"])
def test_within_two_standard_errors_in_95_percent_of_200_sets(kind):
    z, _ = distances(kind, sets=200, seed=2026)
    # To the percent: right standard errors give 95.4 %, and 200 sets of correlated numbers leave it half a percent.
    assert round((np.abs(z) < 2).mean(), 2) >= 0.95
    # And for each number by itself: 95.4 % of 200 is 191, three SD below is 182.
    assert ((np.abs(z) < 2).sum(axis=0) >= 180).all()
