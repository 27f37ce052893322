"""Figures computed by R's psych package on made-up answers; synthetic_scores.R beside this file made them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from connectedness.declare.registry import find_instrument
from connectedness.psychometrics.reliability import item_reliability, reliability
from connectedness.scoring.classical import METHODS, score

HERE = Path(__file__).parent
ANSWERS = pd.read_csv(HERE / "synthetic_answers.csv")
SCORES = pd.read_csv(HERE / "synthetic_scores.csv")
FACTS = pd.read_csv(HERE / "synthetic_reliability.csv")
CASES = pytest.mark.parametrize(
    ("name", "scale"), [("healthy-relationships", "hr_belonging"), ("pisa-belonging", "pisa_belong")]
)


@CASES
def test_scores_with_missing_answers(name, scale):
    found = score(ANSWERS, name, METHODS)
    np.testing.assert_array_equal(found[f"{scale}__n"], SCORES[f"{scale}_answered"])
    for column, method in ((scale, "mean"), (f"{scale}_sum", "sum"), (f"{scale}_pomp", "pomp")):
        np.testing.assert_allclose(found[column], SCORES[f"{scale}_{method}"], rtol=1e-10)
    assert 0 < SCORES[f"{scale}_mean"].isna().sum() < 60
    assert (SCORES[f"{scale}_answered"] < 6).sum() > 100


@CASES
def test_reliability_with_missing_answers(name, scale):
    found = reliability(ANSWERS, name).set_index("scale").loc[scale]
    expected = FACTS[(FACTS["scale"] == scale) & FACTS["item"].isna()].set_index("fact")["value"]
    assert len(expected) == 5
    for fact, value in expected.items():
        assert found[fact] == pytest.approx(value, abs=1e-9), fact


@CASES
def test_items_of_a_scale(name, scale):
    items = item_reliability(ANSWERS, name)
    items = items[items["scale"] == scale].set_index("item")
    instrument = find_instrument(name)
    by_column = {item.variable or item.id: item.id for item in instrument.items}
    expected = FACTS[(FACTS["scale"] == scale) & FACTS["item"].notna()]
    assert len(expected) == 18
    for row in expected.itertuples():
        assert items.loc[by_column[row.item], row.fact] == pytest.approx(row.value, abs=1e-9), (row.item, row.fact)
