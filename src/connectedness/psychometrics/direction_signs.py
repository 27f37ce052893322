"""Second and third check of direction: an item against its scale, a scale against other scales and anchors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.declare.instrument import Scale
from connectedness.psychometrics.direction_finding import (
    FEWEST,
    FEWEST_FOR_ITEM,
    Correlation,
    Finding,
    correlate,
    why_not,
)

Floats = NDArray[np.float64]
_SMALL = 0.10


def check_items(scale: Scale, points: pd.DataFrame, columns: dict[str, str]) -> list[Finding]:
    """Corrected item-rest correlation of each item: below 0 at 99% over 100 respondents or more stops.

    The rest is the mean of the other items that a respondent answered, so that students who were asked only some
    of the items count too; with every item answered it is the usual sum of the others.
    """
    if len(scale.items) < 2:
        words = f"{scale.id}: a scale of one item has no rest to hold the item against."
        return [Finding("one_item", scale.id, scale.items[0], "not_checked", "one_item", words)]
    values = points.to_numpy()
    there = np.isfinite(values)
    total, answered = np.where(there, values, 0).sum(axis=1), there.sum(axis=1)
    least = max(scale.min_answered - 1, 1)
    found = []
    for at, item in enumerate(scale.items):
        if item not in columns:
            words = f"{item}: the file has no such column."
            found.append(Finding("one_item", scale.id, item, "not_checked", "no_column", words, n=0))
            continue
        others = answered - there[:, at]
        with np.errstate(invalid="ignore", divide="ignore"):
            rest = np.where(others >= least, (total - np.where(there[:, at], values[:, at], 0)) / others, np.nan)
        found.append(_item(scale, item, correlate(values[:, at], rest)))
    return found


def _item(scale: Scale, item: str, r: Correlation) -> Finding:
    if r.r is None or r.high is None:
        words = f"{item}: not checked against the rest of {scale.id}, since {why_not(r.reason, r.n)}."
        return Finding("one_item", scale.id, item, "not_checked", r.reason or "", words, n=r.n)
    numbers = (r.r, r.low, r.high, r.n)
    if r.r >= 0:
        words = f"{item}: goes with the rest of {scale.id}."
        return Finding("one_item", scale.id, item, "ok", "goes_with_rest", words, *numbers)
    if r.high < 0 and r.n >= FEWEST_FOR_ITEM:
        words = (
            f"{item}: students who score high on the rest of {scale.id} score low on this item. Likely cause: its "
            "codes were already reversed in the file, or its polarity in the instrument is wrong."
        )
        return Finding("one_item", scale.id, item, "stop", "item_reversed", words, *numbers)
    words = (
        f"{item}: goes slightly against the rest of {scale.id}, which may be chance in {r.n} respondents. Look at "
        "its codes."
    )
    return Finding("one_item", scale.id, item, "caution", "item_against_rest", words, *numbers)


def check_scale(
    scale: Scale,
    scores: Floats,
    points: pd.DataFrame,
    find: Callable[[str], tuple[Floats, bool] | None],
) -> list[Finding]:
    """Sign of the correlation with each declared scale and anchor; `find` gives its values, and whether an anchor."""
    if not scale.expected_sign:
        words = (
            f"{scale.id}: the instrument names no scale or anchor whose sign is known, so a scale that runs "
            "backwards as a whole would not be seen by this check."
        )
        return [Finding("whole_scale", scale.id, None, "not_checked", "no_expected_sign", words)]
    found, absent = [], []
    for other, sign in scale.expected_sign.items():
        values = find(other)
        if values is None:
            absent.append(other)
            continue
        found.append(_whole(scale, other, sign, correlate(scores, values[0])))
        if values[1]:
            found += _items_against_anchor(scale, other, sign, points, values[0])
    if absent:
        names = ", ".join(absent)
        words = f"{scale.id}: not held against {names}, which this file does not hold."
        found.append(Finding("whole_scale", scale.id, None, "not_checked", "no_anchor", words, other=names))
    return found


def _whole(scale: Scale, other: str, sign: str, r: Correlation) -> Finding:
    if r.r is None or r.low is None or r.high is None:
        words = f"{scale.id}: not held against {other}, since {why_not(r.reason, r.n)}."
        return Finding("whole_scale", scale.id, None, "not_checked", r.reason or "", words, n=r.n, other=other)
    numbers = (r.r, r.low, r.high, r.n, other)
    expected = "rise" if sign == "+" else "fall"
    if not _against(sign, r.r, r.r):
        words = f"{scale.id}: goes with {other} as it should ({sign})."
        return Finding("whole_scale", scale.id, None, "ok", "expected_sign", words, *numbers)
    if _against(sign, r.low, r.high) and r.n >= FEWEST:
        words = (
            f"{scale.id}: it should {expected} with {other} and does the opposite. Likely cause: all of its codes, "
            f"or those of {other}, run the other way in this file (1 = strongly agree read as 1 = strongly disagree)."
        )
        return Finding("whole_scale", scale.id, None, "stop", "scale_reversed", words, *numbers)
    words = f"{scale.id}: it should {expected} with {other}, and in {r.n} respondents it does not, perhaps by chance."
    return Finding("whole_scale", scale.id, None, "caution", "against_expected_sign", words, *numbers)


def _items_against_anchor(scale: Scale, anchor: str, sign: str, points: pd.DataFrame, values: Floats) -> list[Finding]:
    """Find items that clearly run against an anchor.

    Where half of the items are turned, the scale's own correlation with the anchor vanishes, and so do item-rest
    correlations; each item's sign with the anchor still tells. A single item may truly have next to nothing to do
    with an anchor that measures something else, so its 99% limit must lie beyond a small correlation, 0.10.
    """
    found = []
    for item in scale.items:
        r = correlate(points[item].to_numpy(), values)
        if r.low is None or r.high is None or r.n < FEWEST_FOR_ITEM:
            continue
        if not _against(sign, r.low - _SMALL, r.high + _SMALL):
            continue
        words = (
            f"{item}: it should {'rise' if sign == '+' else 'fall'} with {anchor} and does the opposite. Likely cause: "
            "its codes were already reversed in the file, or should have been and were not."
        )
        found.append(
            Finding("whole_scale", scale.id, item, "stop", "item_reversed", words, r.r, r.low, r.high, r.n, anchor)
        )
    return found


def _against(sign: str, low: float, high: float) -> bool:
    return high < 0 if sign == "+" else low > 0
