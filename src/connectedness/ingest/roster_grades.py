"""Grades as rosters write them: plain words, CEDS codes, Ed-Fi descriptors, and lists of several."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from connectedness.declare.survey import GRADES
from connectedness.ingest import facts as read
from connectedness.ingest.cells import by_distinct, same
from connectedness.ingest.grade_words import spelled_grade
from connectedness.ingest.undeclared import told_values
from connectedness.tables import UNKNOWN

# CEDS entry grade levels, and the short descriptions of Ed-Fi's descriptors for the same.
_OUTSIDE = {
    *("it", "pr", "pk", "tk", "13", "ps", "ae", "infant/toddler", "preschool", "prekindergarten", "pre-kindergarten"),
    *("transitional kindergarten", "preschool/prekindergarten", "early education", "grade 13", "postsecondary"),
    *(
        "adult education",
        "pre-k",
        "prek",
        "prematernelle",
        "prématernelle",
        "maternelle 4 ans",
        "junior kindergarten",
        "jk",
    ),
}
_NO_GRADE = {"ug", "ungraded", "other", "no grade level"}
_ELSEWHERE = "outside"
_SHOWN, _SHORT = 5, 24


@dataclass(frozen=True)
class GradesRead:
    """Grades in one form, and the cells that gave none.

    Attributes
    ----------
    grade : Series
        "K", "1" ... "12", else "unknown".
    unread : array of bool
        The cell says something that is no grade.
    outside : array of bool
        The cell says a grade below kindergarten or above 12.
    several : array of bool
        The cell lists more than one grade.
    """

    grade: pd.Series
    unread: np.ndarray
    outside: np.ndarray
    several: np.ndarray


def roster_grades(text: pd.Series) -> GradesRead:
    """Read grades: `01`, `KG`, `Grade 7`, `7e année`, `maternelle`, `Secondaire IV`, `uri://…#Seventh grade`, `UG`.

    A student without a grade (`UG`), or with several, is "unknown"; they are eligible all the same.
    """
    words = by_distinct(text, _plain)
    grade, unread = read.grades(words.where(~words.isin({_ELSEWHERE, UNKNOWN, "several"}), ""))
    return GradesRead(grade, unread, (words == _ELSEWHERE).to_numpy(), (words == "several").to_numpy())


def _plain(text: str) -> str:
    """One of our grades' spellings, a word for what is none, or the cell as it is."""
    told = {_one(part) for part in text.split(",") if part.strip()}
    if len(told) > 1:
        return "several" if told <= {*GRADES, UNKNOWN, _ELSEWHERE} else text
    return told.pop() if told else ""


def _one(text: str) -> str:
    plain = same(text.rpartition("#")[2])
    if plain in _OUTSIDE:
        return _ELSEWHERE
    return UNKNOWN if plain in _NO_GRADE else spelled_grade(plain) or plain


def told_grades(text: pd.Series, unread: np.ndarray, file: str, minimum: int) -> list[str]:
    """Say which values were taken for no grade, unless they look like no column of grades at all.

    One that fewer than `minimum` rows hold is printed only where it is a number as grades have, as 13 or 7/8.
    """
    values = Counter(value.rpartition("#")[2] for value in text[unread].tolist())
    if not values:
        return []
    rows = f"{file}: {sum(values.values())} {'row has' if sum(values.values()) == 1 else 'rows have'}"
    shown = [value for value in values if len(value) <= _SHORT and re.search(r"\d|[A-Za-z]", value)]
    strange = 2 * sum(values.values()) > int((text != "").sum())
    if strange or len(values) > 4 * _SHOWN or not shown:
        return [f"{rows} a grade that is not known, of {len(values)} kinds: this may not be the column of grades."]
    told = told_values(values, minimum, lambda value: re.fullmatch(r"\d{1,2}([/-]\d{1,2})?", value) is not None)
    return [f"{rows} a grade that is not known: {told}."]
