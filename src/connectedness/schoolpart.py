"""A school's own part of a wave's report: no count from which it would follow who answered, or who did not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectedness.participation_bands import Band, band, in_words

_ELIGIBLE = "eligible student"  # as in findings that count the answers of a school, or of one of its grades
_NOT_TOLD = "The answers of this school, or of a grade of it, are not as many as expected; the analyst has the counts."


def own_part(entry: Mapping[str, Any], minimum: int) -> dict[str, Any]:
    """A school's entry as it may be sent to the school.

    Parameters
    ----------
    entry : mapping
        The school's entry of `report.json`, with exact counts.
    minimum : int
        The internal minimum.

    Returns
    -------
    dict
        The entry. Where fewer than `minimum` students answered, or fewer did not, `accepted` is null and `answered` is
        a band (`least`, `most`). Sentences that count answers stay only where they say no more than `accepted` does.
    """
    n, eligible = entry["accepted"], entry.get("eligible")
    exact = n >= minimum and (not eligible or eligible - n >= minimum)
    part = dict(entry)
    if not exact:
        part |= {"accepted": None, "answered": band(n, minimum, eligible or None).as_dict()}
    if "told" in entry:
        same = f"{n:,} of {eligible:,} {_ELIGIBLE}" if exact and eligible else None
        part["told"] = [_told(line, same) for line in entry["told"]]
    return part


def answered_words(entry: Mapping[str, Any]) -> str:
    """How many students of a school answered: a number, or a band of its own part."""
    eligible, n = entry.get("eligible"), entry["accepted"]
    if n is None:
        told = Band(**entry["answered"])
        if eligible:
            return f"{in_words(told, eligible)} eligible student{'' if eligible == 1 else 's'} answered"
        return f"{in_words(told)} answers accepted{_LISTED if eligible == 0 else ''}"
    if eligible:
        return f"{n:,} of {eligible:,} eligible student{'' if eligible == 1 else 's'} answered"
    return f"{n:,} answer{'' if n == 1 else 's'} accepted{_LISTED if eligible == 0 else ''}"


_LISTED = "; it is not on the roster"


def _told(line: Mapping[str, str], same: str | None) -> dict[str, str]:
    counts = _ELIGIBLE in line["sentence"] and not (same and same in line["sentence"])
    return dict(line) | ({"sentence": _NOT_TOLD} if counts else {})
