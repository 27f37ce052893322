"""Signs of careless answers by base R's rle(), table() and mahalanobis(); careless.R made the figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from connectedness.declare.instrument import Instrument
from connectedness.psychometrics.careless import CHECKS, careless
from connectedness.psychometrics.careless_sensitivity import sensitivity
from connectedness.scoring.classical import score

HERE = Path(__file__).parent
ANSWERS = pd.read_csv(HERE / "answers.csv")
EXPECTED = pd.read_csv(HERE / "expected.csv")
SCALE = [f"q{at:02}" for at in range(1, 13)]


def questionnaire() -> Instrument:
    """Twelve items in two sets of options, every third against the scale, and an item that asks for code 4."""
    text = {"en": "x"}
    options = {"expresses": "agreement", "options": [{"code": code} for code in range(1, 6)]}
    items = [
        {"id": item, "options": "first" if at < 6 else "second", "polarity": "negative" if at % 3 == 2 else "positive"}
        for at, item in enumerate(SCALE)
    ]
    return Instrument.model_validate(
        {
            "id": "made-up", "version": 1, "title": text, "standing": text, "source": ["made up"],
            "licence": {"tier": "A", "terms": "none"}, "option_sets": {"first": options, "second": options},
            "items": [*items, {"id": "check", "kind": "attention", "options": "first", "correct": 4}],
            "scales": [{"id": "s", "title": text, "description": text, "min_answered": 6, "items": SCALE}],
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return careless(ANSWERS, questionnaire(), "seconds", longstring=5, distance_p=0.01, duplicate_items=10)


@pytest.mark.parametrize("column", EXPECTED.columns)
def test_every_sign_of_every_respondent(found, column):
    figures = [one for one in found.columns if not one.endswith("_reason")]
    assert set(figures) == set(EXPECTED.columns)
    theirs = EXPECTED[column]
    if column.endswith("flag"):
        ours = found[column].astype("boolean")
        pd.testing.assert_series_equal(ours, theirs.astype("boolean"), check_names=False)
        assert 2 < ours.sum() < 200
    else:
        np.testing.assert_allclose(found[column].astype(float), theirs.astype(float), rtol=1e-9)


def test_what_each_check_was_held_to(found):
    expected = pd.read_csv(HERE / "account.csv").set_index("check")
    for name in CHECKS:
        told, by_r = found.attrs["checks"][name], expected.loc[f"{name}_flag"]
        assert (told["checked"], told["flagged"], told["reason"]) == (by_r["checked"], by_r["flagged"], None)
        assert told["threshold"] == pytest.approx(by_r["threshold"], abs=1e-9)


def test_means_with_and_without_the_flagged(found):
    scores = score(ANSWERS, questionnaire())
    told, expected = sensitivity(scores, found, 10, digits=3).iloc[0], pd.read_csv(HERE / "sensitivity.csv").iloc[0]
    for column in expected.index:
        assert told[column] == pytest.approx(expected[column], abs=1e-9), column
    assert 20 < told["n_flagged"] < 200


REAL = {
    "pisa-belonging": "pisa2018_fra_ita_mex/pisa2018_fra_ita_mex.csv",
    "class-wellbeing-cool": "class_wellbeing_mokken/SWMDK.csv",
    "timss-2015-g8-edmdata": "timss2015_grade8_edmdata/timss2015_g8_belonging_bullying_items.csv",
}


@pytest.mark.parametrize("name", REAL)
def test_signs_in_whole_real_files(real_data, name):
    """How many students have each length of a run and each number of doubles, and where the distances lie."""
    answers = pd.read_csv(real_data / REAL[name])
    told = careless(answers, name)
    counts = pd.read_csv(HERE / "real_counts.csv").query("instrument == @name")
    for check, expected in counts.groupby("check"):
        column = told[check]
        if check == "duplicates":  # of those who answered anything
            column = column[told["longstring"] > 0]
        ours = column.value_counts().sort_index()
        assert dict(ours) == dict(zip(expected["value"], expected["students"], strict=True)), check
    expected = pd.read_csv(HERE / "real_distances.csv").set_index("instrument").loc[name]
    distance = told["mahalanobis"].dropna()
    ours = [len(distance), distance.mean(), distance.std(), distance.median(), distance.quantile(0.99), distance.max()]
    np.testing.assert_allclose(ours, expected[["n", "mean", "sd", "median", "p99", "largest"]].astype(float), rtol=1e-7)
    assert told["mahalanobis_flag"].sum() == expected["beyond"]
