"""What the facts say of a scale and of a school's mean: shown, flagged, or not put in a headline."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np
import pandas as pd

from connectedness.psychometrics.omega_fit import HEYWOOD, NO_CONVERGENCE, NOT_IDENTIFIED, REDUNDANT_ITEMS
from connectedness.psychometrics.reliability_alpha import CONSTANT_TOTAL

UNDECLARED = "structure_not_declared"
WITHHELD_UNDER, FLAGGED_UNDER = 0.60, 0.70
GOOD_FROM, FAIR_FROM = 0.70, 0.50
# The data are there, but the one-factor model has no proper solution.
NO_SOLUTION = (HEYWOOD, NO_CONVERGENCE, NOT_IDENTIFIED, REDUNDANT_ITEMS, CONSTANT_TOTAL)


def headline_withheld(facts: pd.DataFrame, undeclared: Collection[str] = ()) -> pd.DataFrame:
    """Whether each scale holds together well enough for a headline; judged once, on the whole wave.

    Parameters
    ----------
    facts : DataFrame
        What `scale_facts` returns.
    undeclared : collection of str
        Ids of scales of which no instrument says whether their items are signs of one thing; they are not judged.

    Returns
    -------
    DataFrame
        One row per scale: `scale`; `verdict`: `withheld` (the upper limit of omega total is under 0.60), `flagged`
        (omega total is under 0.70), `fine`, or `not_judged`; `withheld` and `flagged` as truth values (what is withheld
        is flagged too); `basis`: `omega_total`, or `alpha` where the one-factor model has no proper solution, so that
        a scale cannot pass for want of one; `value`, `low`, `high`, `n` of the basis; `reason`: null, or the reason
        why there is no omega, such as `formative_scale`, `two_items` or `structure_not_declared` (not judged), or
        `heywood_case` (judged by alpha).

    Notes
    -----
    A scale that is not clearly under 0.60 keeps its headline: the upper limit decides, so that a small district does
    not lose a good scale to chance. 0.70 is the usual least for comparing groups (Nunnally & Bernstein 1994,
    Psychometric theory). A scale of which omega says nothing is not judged; only its facts are shown.
    """
    of_scale = facts[facts["unit_type"].isna() & facts["item"].isna()]
    omega, alpha = (of_scale[of_scale["statistic"] == name].set_index("scale") for name in ("omega_total", "alpha"))
    judged = omega[["value", "low", "high", "n", "reason"]].copy()
    judged.loc[judged.index.isin(list(undeclared)), ["value", "low", "high", "reason"]] = [*[np.nan] * 3, UNDECLARED]
    stands_in = omega.index[judged["reason"].isin(NO_SOLUTION) & omega.index.isin(alpha.index[alpha["value"].notna()])]
    figures = ["value", "low", "high", "n"]
    judged.loc[stands_in, figures] = alpha.loc[stands_in, figures]
    verdicts = [_verdict(value, high) for value, high in zip(judged["value"], judged["high"], strict=True)]
    judged.insert(0, "verdict", verdicts)
    judged.insert(1, "withheld", judged["verdict"] == "withheld")
    judged.insert(2, "flagged", judged["verdict"].isin(["withheld", "flagged"]))
    judged.insert(3, "basis", np.where(judged.index.isin(stands_in), "alpha", "omega_total"))
    return judged.reset_index()


def group_mean_marks(facts: pd.DataFrame) -> pd.DataFrame:
    """How far the means of each kind of group can be trusted, on each scale.

    Parameters
    ----------
    facts : DataFrame
        What `scale_facts` returns with groups.

    Returns
    -------
    DataFrame
        One row per scale and kind of group: `scale`, `unit_type`, `icc2`, `low`, `high`, `mark` (see `mark_of`),
        `reason`.
    """
    found = facts[facts["statistic"] == "icc2"]
    marks = found[["scale", "unit_type", "value", "low", "high", "reason"]].rename(columns={"value": "icc2"})
    marks.insert(5, "mark", [mark_of(value) for value in marks["icc2"]])
    return marks.reset_index(drop=True)


def mark_of(reliability: float) -> str:
    """`good` from 0.70, `fair` from 0.50, else `poor`; `not_judged` where there is none.

    LeBreton & Senter (2008), doi 10.1177/1094428106296642, ask 0.70 to 0.85 of the mean of a group; under 0.50 is poor
    by Koo & Li (2016), doi 10.1016/j.jcm.2016.02.012. Between, differences between schools are partly chance.
    """
    if math.isnan(reliability):
        return "not_judged"
    return "good" if reliability >= GOOD_FROM else "fair" if reliability >= FAIR_FROM else "poor"


def _verdict(value: float, high: float) -> str:
    if math.isnan(value):
        return "not_judged"
    if high < WITHHELD_UNDER:
        return "withheld"
    return "flagged" if value < FLAGGED_UNDER else "fine"
