"""Partial credit thresholds by R's eRm, which conditions theta away; pcm_thresholds.R beside this file made them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from unit.scoring.irt_examples import instrument

from connectedness.psychometrics.calibration import calibrate

HERE = Path(__file__).parent
ANSWERS, BY_R = pd.read_csv(HERE / "pcm_answers.csv"), pd.read_csv(HERE / "pcm_thresholds.csv")


def test_centred_thresholds_are_erms():
    found = calibrate(ANSWERS, instrument(list(ANSWERS), 3), model="pcm")
    expected = BY_R["threshold"] - BY_R["threshold"].mean()
    assert list(found.items["item"]) == list(BY_R["item"])
    assert (found.items["centred"] - expected).abs().max() < 0.02
    # The answers were drawn from a normal theta of mean 0.3 less the mean threshold, and SD 1.4.
    assert found.population.loc[1, "sd"] == pytest.approx(1.4, abs=0.1)
    assert found.population.loc[1, "mean"] == pytest.approx(0.3 + 0.1278, abs=0.1)


def test_standard_errors_are_of_the_size_that_answers_allow():
    found = calibrate(ANSWERS, instrument(list(ANSWERS), 3), model="pcm").items
    assert found["centred_se"].between(0.03, 0.2).all()
    assert (found["centred_se"] < found["se"] + 0.02).all()
