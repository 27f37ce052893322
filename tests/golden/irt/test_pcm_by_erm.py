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


def test_standard_errors_are_a_little_under_erms():
    """eRm spends the raw scores on getting rid of theta; a likelihood that knows theta's shape keeps what they tell.

    So our errors are smaller, here by 0.0 to 2.3%, .003 at most, and no closer is to be had. That the errors are those
    of our own likelihood is shown to 1e-6 in golden/calibration.
    """
    found = calibrate(ANSWERS, instrument(list(ANSWERS), 3), model="pcm").items
    assert (found["centred_se"] / BY_R["centred_se"]).between(0.97, 1.0).all()
    assert (found["centred_se"] < found["se"] + 0.02).all()


def test_thresholds_of_9672_real_students_are_erms(real_data):
    by_r = pd.read_csv(HERE / "pcm_timss_thresholds.csv")
    timss = pd.read_csv(real_data / "timss2015_grade8_edmdata" / "timss2015_g8_belonging_bullying_items.csv")
    timss = timss.rename(columns=str.lower)
    known = instrument(list(dict.fromkeys(by_r["item"].str.lower())), 3)
    expected = by_r["threshold"] - by_r["threshold"].mean()
    free = calibrate(timss, known, model="pcm", theta="free").items
    assert (free["centred"] - expected).abs().max() < 0.002
    # With the shape of theta left free to the answers, as eRm leaves it, errors are eRm's to 1%.
    assert (free["centred_se"] / by_r["centred_se"]).between(0.99, 1.0).all()
    # Belonging is skewed there, and a normal theta bends the thresholds by more than the promised 0.02.
    normal = calibrate(timss, known, model="pcm").items
    assert 0.02 < (normal["centred"] - expected).abs().max() < 0.06
    assert (normal["centred_se"] / by_r["centred_se"]).between(0.96, 1.01).all()
