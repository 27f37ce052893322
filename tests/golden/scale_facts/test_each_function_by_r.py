"""Every column of the functions that tell facts of scales, items and groups, straight against R's figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from golden.scale_facts.test_scale_facts_by_r import ANSWERS, FACTS, GROUPS, climate

from connectedness.psychometrics.icc import icc
from connectedness.psychometrics.items import item_analysis
from connectedness.psychometrics.omega import omega
from connectedness.psychometrics.omega_hierarchical import omega_hierarchical
from connectedness.psychometrics.reliability import item_reliability, reliability
from connectedness.psychometrics.rwg import rwg

# Our column, R's statistic, and which of its numbers.
RELIABILITY = {
    "n_items": ("n_items", "value"), "n": ("n_answered", "value"), "n_complete": ("n_complete", "value"),
    "alpha_listwise": ("alpha", "value"), "alpha_low": ("alpha", "low"), "alpha_high": ("alpha", "high"),
    "mean_inter_item_r": ("mean_inter_item_r", "value"), "alpha_pairwise": ("alpha_pairwise", "value"),
}  # fmt: skip
OMEGA = {
    "n_items": ("n_items", "value"), "n": ("n_complete", "value"), "omega_total": ("omega_total", "value"),
    "omega_low": ("omega_total", "low"), "omega_high": ("omega_total", "high"), "chi_square": ("chi_square", "value"),
    "df": ("df", "value"), "cfi": ("cfi", "value"), "tli": ("tli", "value"), "rmsea": ("rmsea", "value"),
    "rmsea_low": ("rmsea", "low"), "rmsea_high": ("rmsea", "high"), "srmr": ("srmr", "value"),
}  # fmt: skip
GENERAL = {
    **{column: number for column, number in OMEGA.items() if not column.startswith("omega")},
    **{f"{one}{end}": (one, field) for one in ("omega_hierarchical", "omega_total")
       for end, field in (("", "value"), ("_low", "low"), ("_high", "high"))},
}  # fmt: skip
ICC = {
    "n": ("icc1", "n"), "n_groups": ("n_groups", "value"), "group_size": ("group_size", "value"),
    "icc1_mean_size": ("icc1_mean_size", "value"),
    **{f"{one}{end}": (one, field) for one in ("icc1", "icc2", "n_for_70", "n_for_80")
       for end, field in (("", "value"), ("_low", "low"), ("_high", "high"))},
}  # fmt: skip
FUNCTIONS = {
    "reliability": (reliability, {}, RELIABILITY),
    "omega": (omega, {}, OMEGA),
    "omega_hierarchical": (omega_hierarchical, {}, GENERAL),
    "icc": (icc, {"groups": "school"}, ICC),
}
ITEMS = ["missing_share", "not_asked_share", "floor_share", "ceiling_share", "mean", "sd", "item_rest_r"]
ITEMS += ["alpha_if_deleted", "loading", "loading_standardized"]


def by_r(level: float) -> pd.DataFrame:
    return FACTS[FACTS["level"] == level]


@pytest.mark.parametrize("level", [0.95, 0.99])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_column_of_a_scale(name, level):
    function, more, columns = FUNCTIONS[name]
    found = function(ANSWERS, climate(), level=level, **more).set_index("scale")
    rows = by_r(level)
    expected = rows[rows["item"].isna()].set_index(["scale", "statistic"])
    assert set(columns) == {one for one in found.columns if not one.startswith("reason")}
    for column, (statistic, number) in columns.items():
        theirs = [expected.loc[(scale, statistic), number] for scale in found.index]
        np.testing.assert_allclose(found[column].astype(float), theirs, rtol=2e-7, atol=1e-6, err_msg=column)


@pytest.mark.parametrize("level", [0.95, 0.99])
@pytest.mark.parametrize("column", ["value", "low", "high", "n"])
def test_every_number_of_every_item(column, level):
    rows, found = by_r(level), item_analysis(ANSWERS, climate(), level=level)
    both = found.merge(
        rows[rows["item"].notna()], on=["scale", "item", "statistic"], suffixes=("", "_r"), validate="1:1"
    )
    assert len(both) == len(found)
    assert list(dict.fromkeys(found["statistic"])) == ITEMS
    np.testing.assert_allclose(both[column].astype(float), both[f"{column}_r"].astype(float), rtol=2e-7, atol=1e-6)


def test_items_of_complete_respondents_are_those_of_item_analysis():
    """`item_reliability` speaks of those who answered the whole scale; psych's item.stats of them is in golden/."""
    found, rows = item_reliability(ANSWERS, climate()), by_r(0.95)
    expected = rows[rows["statistic"] == "item_rest_r"].set_index(["scale", "item"])
    at = list(zip(found["scale"], found["item"], strict=True))
    np.testing.assert_allclose(found["item_rest_r"], expected.loc[at, "value"], atol=1e-9)


def test_every_group():
    found = rwg(ANSWERS, climate(), "school")
    expected = GROUPS[(GROUPS["level"] == 0.95) & (GROUPS["statistic"] == "rwg_j")]
    both = found.merge(expected, left_on=["scale", "group"], right_on=["scale", "unit"], suffixes=("", "_r"))
    assert len(both) == len(found) == len(expected)
    np.testing.assert_allclose(both["rwg_j"], both["value"], atol=1e-9)
    assert (both["n"] == both["n_r"]).all()
