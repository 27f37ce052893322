"""Careless answers: signs of them are flagged, and nobody is dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2

from connectedness.answers import ANSWERED, NOT_ASKED, Codes, as_codes, find_columns, item_key, places
from connectedness.declare.instrument import Instrument, Item
from connectedness.declare.registry import instrument_of
from connectedness.errors import ContractError, DeclarationError
from connectedness.psychometrics.careless_runs import count_equal_rows, longest_run

Floats = NDArray[np.float64]
CHECKS = ("longstring", "mahalanobis", "attention", "speed", "duplicates")
_FEWEST_ITEMS_IN_RUN = 6


def careless(
    frame: pd.DataFrame,
    instrument: Instrument | str,
    duration: str | pd.Series | Sequence[float] | Floats | None = None,
    *,
    longstring: int | None = None,
    distance_p: float = 0.001,
    seconds_per_item: float = 2.0,
    duplicate_items: int = 20,
    items_in_duration: int | None = None,
) -> pd.DataFrame:
    """Flag signs of careless answering, one row per respondent.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent; item columns named by item id or variable, holding the instrument's codes.
    instrument : Instrument or str
        An instrument, or the name of one that ships. Its order is the order in which items were presented.
    duration : str, Series or array, optional
        Seconds a respondent took, or the column that holds them.
    longstring : int, optional
        Flag a run of one stored code over this many items, of both polarities. Default: half of the scale items of
        the longest stretch with one set of options, and at least 6.
    distance_p : float
        Flag a distance that this share of careful respondents would exceed, were answers normal.
    seconds_per_item : float
        Flag a mean time under this.
    duplicate_items : int
        Compare whole sets of answers only where at least this many items were answered: over few items, honest
        students often give the same answers.
    items_in_duration : int, optional
        Number of items answered in `duration`. Default: those of the instrument that the respondent answered.

    Returns
    -------
    DataFrame
        Index of `frame`:

        - `longstring`: longest run of one stored code over scale items; `longstring_mixed`: the longest that holds a
          positive and a negative item, where one answer throughout contradicts itself; `longstring_flag`;
        - `mahalanobis`: squared distance from the mean of those who answered every scale item; null for the others;
          `mahalanobis_flag`;
        - `attention_missed`: attention items answered wrongly; `attention_flag`;
        - `seconds_per_item`; `speed_flag`;
        - `duplicates`: how many other respondents gave exactly the same answers to all items; `duplicates_flag`,
          where they also differ among themselves (straight lines are the first check's);
        - `any_flag`.

        - `longstring_reason` and so on, for each check: null where it was made of that respondent, else why not
          (`not_answered`, `not_all_answered`, `too_few_answered`, or as below).

        Flags and figures are null where a check could not be made of that respondent; `any_flag` never is.
        ``attrs["checks"]`` tells for each check its `threshold`, how many were `checked` and `flagged`, and `reason`:
        null, or why it was made of nobody (`no_mixed_polarity`, `too_few_items`, `too_few_complete`, `constant_items`,
        `no_attention_item`, `no_duration`).

    Raises
    ------
    ContractError
        When the table holds none of the items, or `duration` does not fit it.
    DeclarationError
        When a limit is not one that can be: `distance_p` lies between 0 and 1, the others above 0.

    Notes
    -----
    D2 = (x - m)' S^-1 (x - m) against the chi-square quantile, with as many degrees of freedom as items; where items
    are constant or redundant, S^-1 is the pseudo-inverse and the degrees of freedom its rank. In R: `mahalanobis`,
    `careless::longstring`. Meade & Craig (2012), doi 10.1037/a0028085; Huang et al. (2012),
    doi 10.1007/s10869-011-9231-8 (2 seconds per item).
    """
    known = instrument_of(instrument)
    _limits_can_be(longstring, distance_p, seconds_per_item, duplicate_items, items_in_duration)
    answers = _read(frame, known)
    made = {
        "longstring": _runs(answers, known, longstring),
        "mahalanobis": _distances(answers, distance_p),
        "attention": _attention(answers),
        "speed": _speed(answers, _seconds(frame, duration), seconds_per_item, items_in_duration),
        "duplicates": _duplicates(answers, duplicate_items),
    }
    table = pd.concat([one.columns.set_axis(frame.index) for one in made.values()], axis=1)
    flags = table[[f"{name}_flag" for name in CHECKS]]
    table["any_flag"] = flags.fillna(False).any(axis=1).astype(bool)
    table.attrs["checks"] = {name: one.account(name) for name, one in made.items()}
    return table


def _limits_can_be(longstring: Any, distance_p: Any, seconds_per_item: Any, duplicate_items: Any, items: Any) -> None:
    at_least = {
        "longstring": (longstring, 2),
        "seconds_per_item": (seconds_per_item, 0),
        "duplicate_items": (duplicate_items, 1),
        "items_in_duration": (items, 1),
    }
    for name, (value, least) in at_least.items():
        if value is not None and not (_is_number(value) and value >= least):
            raise DeclarationError("this limit cannot be.", key=name, found=str(value), allowed=f"{least} or more")
    if not (_is_number(distance_p) and 0 < distance_p < 1):
        raise DeclarationError(
            "this limit cannot be.", key="distance_p", found=str(distance_p), allowed="between 0 and 1, as in 0.001"
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


@dataclass(frozen=True)
class _Answers:
    """Stored codes of the items that the table holds, in the instrument's order: respondents x items."""

    items: tuple[Item, ...]
    codes: Codes
    points: NDArray[np.float32]
    answered: NDArray[np.bool_]
    asked: NDArray[np.bool_]

    def of_kind(self, *kinds: str) -> NDArray[np.bool_]:
        return np.array([item.kind in kinds for item in self.items], dtype=bool)


@dataclass(frozen=True)
class _Check:
    """Columns of one check, its flag last, and what it was held to."""

    columns: pd.DataFrame
    threshold: float | None
    reason: str | None = None

    def account(self, name: str) -> dict[str, Any]:
        flag = self.columns[f"{name}_flag"]
        counted = {"checked": int(flag.notna().sum()), "flagged": int(flag.fillna(False).sum())}
        return {"threshold": self.threshold, **counted, "reason": self.reason}


def _read(frame: pd.DataFrame, instrument: Instrument) -> _Answers:
    columns = find_columns(frame, instrument)
    items = tuple(item for item in instrument.items if item.id in columns and item.kind != "context")
    shape = (len(frame), len(items))
    # Columns lie one after another, since every check goes through them item by item.
    codes = np.empty(shape, np.int16, order="F")
    points = np.empty(shape, np.float32, order="F")
    answered, asked = (np.empty(shape, bool, order="F") for _ in range(2))
    for at, item in enumerate(items):
        key, codes[:, at] = item_key(instrument, item.id), as_codes(frame[columns[item.id]], instrument)
        place = places(codes[:, at])
        kind = key.kind[place]
        answered[:, at], asked[:, at], points[:, at] = kind == ANSWERED, kind != NOT_ASKED, key.points[place]
    return _Answers(items, codes, points, answered, asked)


def _check(columns: dict[str, Any], name: str, flag: Any, known: Any, threshold: float | None, why: Any) -> _Check:
    """`flag` where `known`; elsewhere null, and `why`."""
    there = np.asarray(known, dtype=bool)
    whole = pd.array(np.asarray(flag, dtype=bool), dtype="boolean")
    whole[~there] = pd.NA
    reason = pd.array(np.where(there, None, why), dtype="str")
    return _Check(pd.DataFrame({**columns, f"{name}_flag": whole, f"{name}_reason": reason}), threshold)


def _not_made(columns: dict[str, Any], name: str, n: int, reason: str, threshold: float | None = None) -> _Check:
    nobody = pd.array([pd.NA] * n, dtype="boolean")
    why = pd.array([reason] * n, dtype="str")
    return _Check(pd.DataFrame({**columns, f"{name}_flag": nobody, f"{name}_reason": why}), threshold, reason)


def _runs(answers: _Answers, instrument: Instrument, threshold: int | None) -> _Check:
    scale = answers.of_kind("scale")
    items = [item for item in answers.items if item.kind == "scale"]
    options = [item.options for item in items]
    changes = [first != second for first, second in zip(options, options[1:], strict=False)]
    block = np.concatenate([[0], np.cumsum(changes)]).astype(np.int64)[: len(items)]
    negative = np.array([item.polarity == "negative" for item in items], dtype=bool)
    longest, mixed = longest_run(
        answers.codes[:, scale], answers.answered[:, scale], answers.asked[:, scale], block, negative
    )
    columns = {"longstring": longest, "longstring_mixed": mixed}
    stretch = int(np.bincount(block).max()) if items else 0
    least = max(_FEWEST_ITEMS_IN_RUN, -(-stretch // 2)) if threshold is None else threshold
    both = [block_of for block_of in np.unique(block) if len(set(negative[block == block_of])) == 2]
    if not both:
        return _not_made(columns, "longstring", len(longest), "no_mixed_polarity", least)
    if stretch < least:
        return _not_made(columns, "longstring", len(longest), "too_few_items", least)
    return _check(columns, "longstring", mixed >= least, answers.answered[:, scale].any(axis=1), least, "not_answered")


def _distances(answers: _Answers, p: float) -> _Check:
    scale = answers.of_kind("scale")
    n = len(answers.codes)
    distance = np.full(n, np.nan)
    whole = answers.answered[:, scale].all(axis=1)
    size = int(scale.sum())
    if size < 2 or int(whole.sum()) <= size + 1:
        reason = "too_few_items" if size < 2 else "too_few_complete"
        return _not_made({"mahalanobis": distance}, "mahalanobis", n, reason)
    x = answers.points[np.ix_(whole, scale)].astype(np.float64)
    x -= x.mean(axis=0)
    inverse, rank = _inverse(x.T @ x / (len(x) - 1))
    if rank == 0:
        return _not_made({"mahalanobis": distance}, "mahalanobis", n, "constant_items")
    distance[whole] = ((x @ inverse) * x).sum(axis=1)
    limit = float(chi2.isf(p, rank))
    with np.errstate(invalid="ignore"):
        return _check({"mahalanobis": distance}, "mahalanobis", distance > limit, whole, limit, "not_all_answered")


def _inverse(covariance: Floats) -> tuple[Floats, int]:
    """Inverse of a covariance matrix over the directions in which anything varies, and how many these are."""
    values, vectors = np.linalg.eigh(covariance)
    kept = values > 1e-10 * max(float(values.max()), 1e-300)
    if values.max() <= 1e-12:
        return np.zeros_like(covariance), 0
    return (vectors[:, kept] / values[kept]) @ vectors[:, kept].T, int(kept.sum())


def _attention(answers: _Answers) -> _Check:
    n, at = len(answers.codes), np.flatnonzero(answers.of_kind("attention"))
    if not len(at):
        return _not_made({"attention_missed": np.zeros(n, np.int16)}, "attention", n, "no_attention_item", 1)
    correct = np.array([answers.items[one].correct for one in at], dtype=np.int16)
    missed = (answers.answered[:, at] & (answers.codes[:, at] != correct)).sum(axis=1).astype(np.int16)
    return _check(
        {"attention_missed": missed}, "attention", missed > 0, answers.answered[:, at].any(axis=1), 1, "not_answered"
    )


def _seconds(frame: pd.DataFrame, duration: Any) -> Floats | None:
    if duration is None:
        return None
    if isinstance(duration, str):
        if duration not in frame.columns:
            raise ContractError("this table has no such column.", column=duration, todo="Name the column of seconds.")
        duration = frame[duration]
    if len(duration) != len(frame):
        raise ContractError("there must be one duration for each row.", found=len(duration), allowed=len(frame))
    return pd.to_numeric(pd.Series(np.asarray(duration)), errors="coerce").to_numpy(np.float64, na_value=np.nan)


def _speed(answers: _Answers, seconds: Floats | None, least: float, items: int | None) -> _Check:
    n = len(answers.codes)
    count = answers.answered.sum(axis=1) if items is None else np.full(n, items)
    nothing = np.full(n, np.nan)
    if seconds is None:
        return _not_made({"seconds_per_item": nothing}, "speed", n, "no_duration", least)
    # A clock that was set back gives no time at all.
    known = (seconds >= 0) & (count > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        each = np.where(known, seconds / count, np.nan)
        why = np.where(count > 0, "no_duration", "not_answered")
        return _check({"seconds_per_item": each}, "speed", each < least, known, least, why)


def _duplicates(answers: _Answers, least: int) -> _Check:
    count = answers.answered.sum(axis=1)
    others = np.zeros(len(count), np.int64)
    asked_enough = count > 0
    others[asked_enough] = count_equal_rows(np.ascontiguousarray(answers.codes[asked_enough])) - 1
    columns = {"duplicates": others}
    if len(answers.items) < least:
        return _not_made(columns, "duplicates", len(count), "too_few_items", least)
    low = np.where(answers.answered, answers.codes, np.iinfo(np.int16).max).min(axis=1)
    high = np.where(answers.answered, answers.codes, np.iinfo(np.int16).min).max(axis=1)
    return _check(columns, "duplicates", (others > 0) & (high > low), count >= least, least, "too_few_answered")
