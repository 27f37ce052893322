"""How far groups differ, by sources that share no formula with ours; groups.R made the figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from unit.scoring.irt_examples import instrument

from connectedness.psychometrics.facts import scale_facts
from connectedness.psychometrics.icc import anova, icc, mean_reliability

HERE = Path(__file__).parent
ITEMS = [f"i{at}" for at in range(1, 5)]
ANSWERS = pd.read_csv(HERE / "answers.csv")
FIGURES = pd.read_csv(HERE / "figures.csv")


def of_case(case: str, source: str, figures: pd.DataFrame = FIGURES) -> pd.DataFrame:
    return figures[(figures["case"] == case) & (figures["source"] == source)].set_index("statistic")


def ours(case: str) -> pd.Series:
    return icc(ANSWERS[ANSWERS["case"] == case], instrument(ITEMS, 4), "group").iloc[0]


def close(found, expected, tolerance=1e-6):
    """Equal, or both without a number."""
    np.testing.assert_allclose(np.float64(found), np.float64(expected), rtol=0, atol=tolerance)


@pytest.mark.parametrize("case", ["balanced", "flat"])
@pytest.mark.parametrize("statistic", ["icc1", "icc2", "n_for_70", "n_for_80"])
def test_groups_of_one_size_are_those_of_shrout_and_fleiss(case, statistic):
    """psych::ICC has exact limits; where the lower one is not above 0 no number of members is enough."""
    found, expected = ours(case), of_case(case, "psych").loc[statistic]
    close(found[statistic], expected["value"])
    close(found[f"{statistic}_low"], expected["low"])
    close(found[f"{statistic}_high"], expected["high"])


@pytest.mark.parametrize(("case", "source"), [("balanced", "lme4"), ("balanced", "gmeanrel"), ("flat", "lme4")])
def test_groups_of_one_size_have_the_icc_of_a_mixed_model(case, source):
    """REML is the analysis of variance there; lme4 and nlme climb to about 1e-7 of the top."""
    close(ours(case)["icc1"], of_case(case, source).loc["icc1", "value"])


def test_groups_of_unlike_size_by_expected_mean_squares():
    found, moments = ours("unequal"), of_case("unequal", "moments")
    for statistic in ("group_size", "icc1", "n_for_70", "n_for_80"):
        close(found[statistic], moments.loc[statistic, "value"])
    close(found["icc2"], of_case("unequal", "anova").loc["icc2", "value"])


def test_limits_of_unlike_groups_are_near_those_of_wald():
    """Ours put one size in the place of all, so they only come near Wald's, which are exact.

    Sizes here run from 2 to 40, about as unlike as groups get; the upper limit is .225 to Wald's .262.
    """
    found, exact = ours("unequal"), of_case("unequal", "wald").loc["icc1"]
    assert [found["icc1_low"], found["icc1_high"]] == pytest.approx([exact["low"], exact["high"]], abs=0.04)


def test_the_looms_of_a_textbook():
    """Montgomery, Design and analysis of experiments: F = 15.68, error mean square 1.90."""
    strength = [98, 91, 96, 95, 97, 90, 95, 96, 99, 93, 97, 99, 96, 92, 95, 98]
    found, by_r = anova(np.array(strength, float), np.tile(np.arange(4), 4)), pd.read_csv(HERE / "looms.csv")
    assert (round(found.ratio, 2), round(found.within, 2)) == (15.68, 1.90)
    close([found.ratio, found.within, *found.icc1_interval(0.95)], by_r["value"])


@pytest.mark.parametrize("file", ["mean_reliability.csv", "real_mean_reliability.csv"])
def test_reliability_of_each_mean_is_that_of_gmeanrel_at_its_icc(file):
    """Spearman and Brown's formula, group by group; the ICC in it is REML's there."""
    for _, rows in pd.read_csv(HERE / file).groupby("case"):
        assert rows["icc"].nunique() == 1
        close(mean_reliability(rows["icc"].iloc[0], rows["size"].to_numpy()), rows["reliability"])


def test_reliability_of_each_mean_of_groups_of_one_size():
    answers = ANSWERS[ANSWERS["case"] == "balanced"]
    facts = scale_facts(answers, instrument(ITEMS, 4), {"school": "group"})
    found = facts[facts["statistic"] == "mean_reliability"].set_index("unit")
    expected = pd.read_csv(HERE / "mean_reliability.csv").query("case == 'balanced'").set_index("group")
    close(found["value"], expected.loc[found.index, "reliability"])
    limits = of_case("balanced", "psych").loc["icc2"]
    # All are of the size that ICC(2) speaks of, so each mean has its limits.
    close(found["low"], np.full(len(found), limits["low"]))
    close(found["high"], np.full(len(found), limits["high"]))


@pytest.mark.parametrize(("case", "items"), [("teachers", range(1, 8)), ("classmates", range(8, 14))])
def test_pupils_in_30_classes(real_data, case, items):
    """Ours is the analysis of variance's .1704 (teachers), with ICC(2) .8134 at the size that stands for all, 21.2.

    multilevel::gmeanrel gives .1772 and .8038. Its ICC is REML's: with classes of 5 to 29 pupils the two estimators
    weigh the classes otherwise and differ in the third decimal, far inside the limits of either. Its .8038 is the
    mean over classes of each class's own reliability; a mean over unlike sizes lies below the reliability at the
    middle size, since reliability rises ever more slowly. Both of its numbers follow from ours when REML's ICC is put
    in (the test above).
    """
    figures = pd.read_csv(HERE / "real_figures.csv")
    names = [f"Item{at}" for at in items]
    answers = pd.read_csv(real_data / "class_wellbeing_mokken" / "SWMDK.csv")
    answers = answers.rename(columns=str.lower)
    answers[[name.lower() for name in names]] -= 1  # codes 1 to 5, here 0 to 4
    known = instrument([name.lower() for name in names], 4, min_answered=len(names))
    found = icc(answers, known, "classid").iloc[0]
    moments = of_case(case, "moments", figures)
    for statistic in ("group_size", "icc1", "n_for_70", "n_for_80"):
        close(found[statistic], moments.loc[statistic, "value"])
    close(found["icc2"], of_case(case, "anova", figures).loc["icc2", "value"])
    exact, reml = of_case(case, "wald", figures).loc["icc1"], of_case(case, "gmeanrel", figures)["value"]
    assert [found["icc1_low"], found["icc1_high"]] == pytest.approx([exact["low"], exact["high"]], abs=0.02)
    assert found["icc1"] == pytest.approx(reml["icc1"], abs=0.01)
    assert 0 < found["icc2"] - reml["mean_reliability_mean"] < 0.02
