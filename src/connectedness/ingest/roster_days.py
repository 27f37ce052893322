"""Days of enrolment: on which day a roster counts, and who was enrolled then."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pandas as pd

from connectedness.declare.project import Project
from connectedness.ingest.cells import by_distinct

_ISO = re.compile(r"(\d{4})([-/])(\d{2})\2(\d{2})(?:[T ]\d{2}:\d{2}.{0,24})?")
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: \d{1,2}:\d{2}.{0,12})?")
_NEAR = 150
_FOREVER = "9999-12-31"


def snapshot_day(project: Project, wave_id: str) -> date:
    """Day on which students must be enrolled: the declared one, else the first day of the wave's window.

    Raises
    ------
    DeclarationError
        When the declared day is far from the wave.
    """
    roster, wave = project.survey.roster, project.wave(wave_id)
    declared = roster.snapshot if roster else None
    day = declared.get(wave_id) if isinstance(declared, dict) else declared
    if day is None:
        return wave.window[0]
    if (wave.window[0] - day).days > _NEAR or (day - wave.window[1]).days > _NEAR:
        raise project.source.error(
            f"the day of the roster is far from wave {wave_id}, so other students would be counted.",
            ("roster", "snapshot"),
            found=day.isoformat(),
            allowed=f"a day near {wave.window[0].isoformat()} to {wave.window[1].isoformat()}",
            todo=f"Write a day for each wave, snapshot: {{{wave_id}: {wave.window[0].isoformat()}}}, or take the line "
            "out: then it is the first day of each wave's window.",
        )
    return day


def days(text: pd.Series, written: str | None) -> tuple[pd.Series, np.ndarray]:
    """Days as `YYYY-MM-DD`, which sort as text does; empty where the cell is.

    Parameters
    ----------
    text : Series of str
    written : {"month_first", "day_first"} or None
        How dates with the year last are written; None where nobody said, and then they are not read.

    Returns
    -------
    day : Series of str
    unread : array of bool
        Where the cell says something that is no such date.
    """
    day = by_distinct(text, lambda value: _day(value, written))
    return day, ((day == "") & (text != "")).to_numpy()


def _day(text: str, written: str | None) -> str:
    if match := _ISO.fullmatch(text):
        year, month, day = match[1], match[3], match[4]
    elif written and (match := _SLASHED.fullmatch(text)):
        year, (month, day) = match[3], (match[1], match[2]) if written == "month_first" else (match[2], match[1])
    else:
        return ""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def on_day(begin: pd.Series, end: pd.Series, day: date) -> np.ndarray:
    """Whether begin <= day < end; an empty cell is open."""
    that = day.isoformat()
    return ((begin <= that) & (end.where(end != "", _FOREVER) > that)).to_numpy()
