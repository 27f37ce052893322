"""Columns that are not answers: grades, learning modes, times, names given to values."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from connectedness.declare.survey import LEARNING_MODES, Survey
from connectedness.ingest.cells import by_distinct, same, that_say
from connectedness.ingest.grade_words import spelled_grade
from connectedness.tables import UNKNOWN

_MOMENT = r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?"
_ZONED = r"(?:Z|\d ?[+-]\d{2}:?\d{2})$"


def renamed(text: pd.Series, values: Mapping[str, str]) -> pd.Series:
    """Give values the names that the map declares; a value it does not name stays as it is."""
    if not values:
        return text
    names = {same(value): name for value, name in values.items()}
    return by_distinct(text, lambda value: names.get(same(value), value))


def holds(text: pd.Series, values: Collection[str]) -> np.ndarray:
    """Whether each cell says one of `values`."""
    wanted = {same(value) for value in values}
    return that_say(text, lambda value: same(value) in wanted)


def or_unknown(text: pd.Series) -> pd.Series:
    """Call an empty cell "unknown"."""
    return text.where(text != "", UNKNOWN)


def levels(text: pd.Series, declared: Collection[str]) -> tuple[pd.Series, np.ndarray]:
    """Declared levels of a breakdown, whatever their case and blanks.

    Returns
    -------
    level : Series
        "unknown" where the cell is empty or says no declared level.
    outside : array of bool
        Where the cell says something that is no declared level.
    """
    names = {same(one): one for one in (UNKNOWN, *declared)}
    level = by_distinct(text, lambda value: value if value in declared else names.get(same(value), ""))
    return or_unknown(level), ((level == "") & (text != "")).to_numpy()


def grades(text: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Grades in one form ("K", "1" ... "12"): `01`, `Grade 1` and `1st` are all "1".

    Returns
    -------
    grade : Series
        "unknown" where the cell is empty or says no grade.
    unread : array of bool
        Where the cell says something that is no grade.
    """
    grade = by_distinct(text, lambda value: spelled_grade(same(value)))
    return or_unknown(grade), ((grade == "") & (text != "")).to_numpy()


def grade_band(grade: pd.Series, survey: Survey) -> pd.Series:
    """Declared band of each grade; "unknown" where it has none."""
    bands = survey.band_of
    return by_distinct(grade, lambda value: bands.get(value, UNKNOWN))


def learning_modes(text: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Learning modes, "unknown" where empty or not one of ours, and where a cell says one that is not ours."""
    known = (*LEARNING_MODES, UNKNOWN)
    plain = by_distinct(text, lambda value: re.sub(r"[\s-]+", "_", same(value)))
    ours = plain.isin(known)
    return plain.where(ours, UNKNOWN), (~ours & (text != "")).to_numpy()


def moments(text: pd.Series, timezone: str) -> tuple[pd.Series, np.ndarray]:
    """Times in UTC, from ISO text; a time without a zone is on the survey's clock.

    Returns
    -------
    moment : Series of datetime64[us, UTC]
        Null where the cell is empty or not in ISO form: `03/04/2026` may be March or April, so it is not guessed.
    unread : array of bool
        Where the cell says something that was not read.
    """
    plain = text.str.replace("/", "-", regex=False)
    iso = plain.str.fullmatch(_MOMENT)
    zoned = iso & plain.str.contains(_ZONED, regex=True)
    with_zone = pd.to_datetime(plain.where(zoned), format="ISO8601", utc=True, errors="coerce")
    clock = pd.to_datetime(plain.where(iso & ~zoned), format="ISO8601", errors="coerce")
    local = _sensible(clock).dt.tz_localize(timezone, ambiguous=np.zeros(len(text), bool), nonexistent="shift_forward")
    moment = _sensible(with_zone).astype("datetime64[us, UTC]")
    moment = moment.fillna(local.dt.tz_convert("UTC").astype("datetime64[us, UTC]"))
    return moment, (moment.isna() & (text != "")).to_numpy()


def _sensible(moment: pd.Series) -> pd.Series:
    """Null outside 1971 to 2199: exporters write 1970 or year 1 where there was no time, and clocks overflow."""
    return moment.where(moment.dt.year.between(1971, 2199))


def seconds(text: pd.Series) -> pd.Series:
    """Durations in seconds; null where the cell holds no number, or one below 0."""
    value = pd.to_numeric(text, errors="coerce").astype("float64")
    return value.where((value >= 0) & np.isfinite(value))
