"""Differential item functioning by MASS::polr, Mantel's formula and mantelhaen.test, made by fairness.R."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from connectedness.declare.registry import find_instrument
from connectedness.psychometrics.dif import COLUMNS, dif
from connectedness.psychometrics.dif_mantel import mantel_test
from connectedness.psychometrics.dif_ordinal import fit_ordinal

HERE = Path(__file__).parent
ANSWERS = pd.read_csv(HERE / "answers.csv")
EXPECTED = pd.read_csv(HERE / "dif.csv")
ITEMS = [column for column in ANSWERS if column.startswith("hr_")]
WORDS = {"scale", "item", "reference", "focal", "size", "matched_on", "reason", "mantel_reason"}


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return dif(ANSWERS, "healthy-relationships", "learning_mode", "hr_belonging")


def points(whole_only: bool = True) -> pd.DataFrame:
    instrument = find_instrument("healthy-relationships")
    made = pd.DataFrame({item: ANSWERS[item].map(instrument.points(item)) for item in ITEMS})
    return made.dropna() if whole_only else made


@pytest.mark.parametrize("column", [one for one in COLUMNS if one not in WORDS])
def test_every_number_of_every_item_and_group(found, column):
    both = found.merge(EXPECTED, on=["item", "reference", "focal"], suffixes=("", "_r"), validate="1:1")
    assert len(both) == len(found) == 12
    assert both[column].notna().all()
    tolerance = 2e-5 if column.startswith("slope") else 1e-6
    np.testing.assert_allclose(
        both[column].astype(float), both[f"{column}_r"].astype(float), rtol=tolerance, atol=1e-7, err_msg=column
    )


def test_the_planted_items_are_the_ones_that_show(found):
    digital = found[found["focal"] == "digital"].set_index("item")
    assert digital["uniform_p"].idxmin() == "hr_bel_valued"
    assert digital.loc["hr_bel_valued", "slope_group"] < 0
    assert digital.loc["hr_bel_valued", "smd"] < 0
    assert digital["nonuniform_p"].idxmin() == "hr_bel_outside"
    assert found["reason"].isna().all()


def test_thresholds_and_slopes_of_the_model():
    whole = points()
    mode = ANSWERS.loc[whole.index, "learning_mode"]
    whole = whole[mode.isin(["in_person", "digital"])]
    x = np.column_stack([whole.mean(axis=1), (mode.loc[whole.index] == "digital").astype(float)])
    counts = np.equal.outer(whole["hr_bel_valued"].to_numpy(), np.arange(1, 6)).astype(float)
    fit = fit_ordinal(x, counts)
    expected = pd.read_csv(HERE / "polr.csv")["value"]
    np.testing.assert_allclose(np.concatenate([fit.slopes, fit.thresholds]), expected, rtol=2e-5)


def test_mantel_of_two_categories_is_rs_mantelhaen_test():
    whole = points()
    mode = ANSWERS.loc[whole.index, "learning_mode"]
    high, total = (whole["hr_bel_valued"] >= 4).astype(int), whole.sum(axis=1)

    def counts(group: str) -> np.ndarray:
        at = mode == group
        table = pd.crosstab(total[at], high[at])
        return table.reindex(index=range(6, 31), columns=[0, 1], fill_value=0).to_numpy(dtype=float)

    test = mantel_test(counts("in_person"), counts("digital"), np.array([0.0, 1.0]))
    expected = pd.read_csv(HERE / "mantelhaen.csv").iloc[0]
    assert test.chi_square == pytest.approx(expected["chi2"], rel=1e-9)
    assert test.p == pytest.approx(expected["p"], rel=1e-8)
