"""Times as survey tools write them, brought into ISO form. An order of day and month is never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import pandas as pd

from connectedness.ingest.cells import by_distinct

DayOrder = Literal["month_first", "day_first"]

_TIME = re.compile(
    r"(?P<a>\d{1,4})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{2,4})"
    r"(?:(?:[T ]|, ?)(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?\s?[Mm]\.?)?)?\s*(?P<zone>[A-Za-z]{1,5}|(?:GMT|UTC)?\s?[+-]\d{1,2}(?::?\d{2})?)?"
)
# What nearly every survey tool writes, and needs no look at each text.
_PLAIN = r"(?:\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?)?"
# Hours from UTC of the letters that North American and European forms write.
_ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
    "NST": -3.5, "NDT": -2.5, "AST": -4, "ADT": -3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
    "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "HNA": -4, "HAA": -3, "HNE": -5, "HAE": -4, "HNC": -6,
    "HAC": -5, "HNR": -7, "HAR": -6, "HNP": -8, "HAP": -7,
}  # fmt: skip


def iso_times(text: pd.Series, order: DayOrder | None = None, deduce: bool = False) -> pd.Series:
    """Bring times into ISO form where that takes no guess; any other text stays as it is.

    `2022/11/30 10:39:41 PM GMT+1` says itself which is the month. `11/30/2026` does not, unless `order` is declared or,
    with `deduce`, some date of the column has a number above 12: a program writes all its dates one way.

    Parameters
    ----------
    text : Series of str
        The whole column, to deduce from.
    order : {"month_first", "day_first"}, optional
    deduce : bool
    """
    if order is None and deduce:
        order = day_order([text])
    other = _other_forms(text)
    if not other.any():
        return text
    return text.where(~other, by_distinct(text[other], lambda value: _iso(value, order)))


def need_an_order(text: pd.Series) -> bool:
    """Whether some time can be read in two ways as long as nobody says whether the month comes first."""
    return any(_in_two_ways(value) for value in text[_other_forms(text)].unique().tolist())


def day_order(texts: Iterable[pd.Series]) -> DayOrder | None:
    """Whether the month comes first, as `iso_times` deduces it, from a column that comes in chunks."""
    firsts, seconds = False, False
    for text in texts:
        for match in (_in_two_ways(value) for value in text[_other_forms(text)].unique().tolist()):
            if match:
                firsts |= int(match["a"]) > 12
                seconds |= int(match["b"]) > 12
    if firsts == seconds:  # nothing says it, or two orders stand side by side
        return None
    return "day_first" if firsts else "month_first"


def _other_forms(text: pd.Series) -> pd.Series:
    return ~text.str.fullmatch(_PLAIN).astype(bool)


def _in_two_ways(value: str) -> re.Match[str] | None:
    match = _TIME.fullmatch(value)
    return match if match and len(match["a"]) < 3 and match["mark"] != "." else None


def _iso(value: str, order: DayOrder | None) -> str:
    match = _TIME.fullmatch(value)
    if match is None:
        return value
    a, b, c = match["a"], match["b"], match["c"]
    if len(a) == 4:
        year, month, day = a, b, c
    elif match["mark"] == "." or order == "day_first":
        year, month, day = c, b, a
    elif order == "month_first":
        year, month, day = c, a, b
    else:
        return value
    zone = _zone(match["zone"] or "")
    if len(a) == 3 or len(year) == 3 or len(day) > 2 or zone is None:
        return value
    return f"{int(year) + (2000 if len(year) == 2 else 0):04}-{int(month):02}-{int(day):02}{_clock(match)}{zone}"


def _clock(match: re.Match[str]) -> str:
    if match["hour"] is None:
        return ""
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"][0] in "Pp" else 0)
    return f" {hour:02}:{match['minute']}:{match['second'] or '00'}"


def _zone(text: str) -> str | None:
    """Offset in ISO form, "" for none, None where the letters are not known."""
    bare = re.sub(r"^(?:GMT|UTC)\s?(?=[+-])", "", text.strip().upper())
    if not bare:
        return ""
    if bare in _ZONES:
        hours = _ZONES[bare]
        return f"{'-' if hours < 0 else '+'}{int(abs(hours)):02}:{round(abs(hours) % 1 * 60):02}"
    if match := re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})?", bare):
        return f"{match[1]}{int(match[2]):02}:{match[3] or '00'}"
    return None
