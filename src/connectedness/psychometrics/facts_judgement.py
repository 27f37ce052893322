"""What the facts say of a scale and of a school's mean: shown, flagged, or not put in a headline."""

from __future__ import annotations

import math

import pandas as pd

WITHHELD_UNDER, FLAGGED_UNDER = 0.60, 0.70
GOOD_FROM, FAIR_FROM = 0.70, 0.50


def headline_withheld(facts: pd.DataFrame) -> pd.DataFrame:
    """Whether each scale holds together well enough for a headline; judged once, on the whole wave.

    Parameters
    ----------
    facts : DataFrame
        What `scale_facts` returns.

    Returns
    -------
    DataFrame
        One row per scale: `scale`; `verdict`: `withheld` (the upper limit of omega total is under 0.60), `flagged`
        (omega total is under 0.70), `fine`, or `not_judged`; `withheld` and `flagged` as truth values (what is withheld
        is flagged too); `omega_total`, `low`, `high`, `n`; `reason`: null, or why it is not judged: the reason why
        there is no omega, such as `formative_scale` or `two_items`.

    Notes
    -----
    A scale that is not clearly under 0.60 keeps its headline: the upper limit decides, so that a small district does
    not lose a good scale to chance. 0.70 is the usual least for comparing groups (Nunnally & Bernstein 1994,
    Psychometric theory). A scale of which omega says nothing is not judged; only its facts are shown.
    """
    omega = facts[(facts["statistic"] == "omega_total") & facts["unit_type"].isna()]
    verdicts = [_verdict(value, high) for value, high in zip(omega["value"], omega["high"], strict=True)]
    judged = pd.DataFrame({"scale": omega["scale"], "verdict": verdicts})
    judged["withheld"] = judged["verdict"] == "withheld"
    judged["flagged"] = judged["verdict"].isin(["withheld", "flagged"])
    judged = judged.assign(omega_total=omega["value"], low=omega["low"], high=omega["high"], n=omega["n"])
    return judged.assign(reason=omega["reason"]).reset_index(drop=True)


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


def _verdict(omega: float, high: float) -> str:
    if math.isnan(omega):
        return "not_judged"
    if high < WITHHELD_UNDER:
        return "withheld"
    return "flagged" if omega < FLAGGED_UNDER else "fine"
