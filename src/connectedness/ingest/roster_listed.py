"""What the reader of each roster format gives: a line per student record, told apart by what became of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from connectedness.declare.survey import Survey
from connectedness.errors import ContractError, DeclarationError
from connectedness.ingest.cells import Choose, tidy
from connectedness.ingest.header import near_name
from connectedness.ingest.outcomes import Outcomes

_ROWS_SHOWN = 20
# Columns of rosters that tell who someone is. Bare: without case, blanks and marks.
_TELLS_WHO = re.compile(
    "(preferred)?(given|family|first|last|middle|full|legal)?name|.*(givenname|familyname|firstname|lastname|surname)|"
    ".*e?mail(address)?|.*phone(number)?|sms|mobile|.*birth(date|day)?|dateofbirth|dob|cityofbirth|.*address|"
    "street|postalcode|zip(code)?|password|username|nom|prenom|courriel|telephone|datedenaissance|adresse"
)


@dataclass
class Listed:
    """A roster as the reader of its format gives it; nothing here has left the room yet.

    Attributes
    ----------
    format, file, sha256 : str
        Format, the name of the file that has a row a student, and the hash of all that was read.
    row : array of int64
        Spreadsheet row of each record in that file.
    outcomes : Outcomes
        What the format itself says against a row.
    facts : DataFrame
        Text, by our names: `school`, `token` where there is one, `grade`, `learning_mode`, units and breakdowns.
    headers : dict
        The file's own name of each of our columns.
    notes : list of str
    links : list of dict
        Rows of further files that could not be used: `file`, `rule`, `rows` (the first), `n`.
    """

    format: str
    file: str
    sha256: str
    row: np.ndarray
    outcomes: Outcomes
    facts: pd.DataFrame
    headers: dict[str, str]
    notes: list[str] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)


def groups_wanted(survey: Survey) -> list[str]:
    """Units and breakdowns that a roster may know, besides school, grade and learning mode."""
    units = [unit for unit in survey.units if unit != "school"]
    return units + [one.id for one in survey.breakdowns if one.id not in ("grade", "learning_mode")]


def must_not_tell_who(header: str, name: str) -> None:
    """Refuse a column of names, addresses or birth dates as a group.

    Raises
    ------
    DeclarationError
    """
    plain = unicodedata.normalize("NFKD", header.rpartition(".")[2]).casefold()
    if _TELLS_WHO.fullmatch(re.sub(r"[\W_]+", "", plain)):
        raise DeclarationError(
            "this column of the roster tells who a student is, so it does not come in.",
            file="survey.yaml",
            key=f"roster.columns.{name}",
            found=header,
            allowed="columns of groups",
            todo="Name another column, or take this line out.",
        )


def exact_columns(required: Sequence[str], wanted: Sequence[str], file: str, format_name: str) -> Choose:
    """Choose columns of a format whose names are fixed, letter by letter; the order does not matter.

    Those of `required` must be there, and those of `wanted` are read where they are. A required one that is not
    wanted is never read.

    Raises
    ------
    ContractError
        When a required column is missing, or a column stands twice.
    """

    def choose(header: Sequence[str]) -> dict[str, int]:
        names = [tidy(name) for name in header]
        for name in (*required, *wanted):
            if names.count(name) > 1:
                raise ContractError("this column stands more than once.", file=file, column=name)
            if name in required and name not in names:
                raise _missing(name, names, required, file, format_name)
        return {name: names.index(name) for name in dict.fromkeys(wanted) if name in names}

    return choose


def _missing(name: str, names: list[str], required: Sequence[str], file: str, format_name: str) -> ContractError:
    near, surely = near_name(name, [one for one in names if one and one not in required])
    # Only what is surely a header is shown: without one, row 1 may be a student's.
    shown = near if near and surely else None
    return ContractError(
        f"a column that {format_name} requires is missing.",
        file=file,
        column=name,
        found=shown,
        allowed=f"{name}, letter by letter" if shown else ", ".join(required),
        todo=f"Export again as {format_name}, and do not rename columns.",
    )


def link_problem(file: str, rule: str, row: np.ndarray, where: np.ndarray) -> list[dict[str, Any]]:
    """Rows of a further file that broke a rule; empty where none did."""
    rows = row[where]
    return [{"file": file, "rule": rule, "rows": rows[:_ROWS_SHOWN].tolist(), "n": len(rows)}] if len(rows) else []


_TOLD = {
    "wrong_number_of_cells": "more or fewer cells than the header",
    "unknown_user": "a student who is not in users.csv",
    "unread_date": "a date that could not be read (under roster, dates: month_first or day_first says how it is)",
    "unknown_org": "a school that is not in orgs.csv",
    "not_a_school": "an organisation that is not of the type school",
}


def told_problem(problem: dict[str, Any]) -> str:
    """Say in a sentence which rows of a further file could not be used."""
    n, rows = problem["n"], problem["rows"]
    places = ", ".join(str(row) for row in rows) + (" …" if n > len(rows) else "")
    return f"{problem['file']}: {n} row{' has' if n == 1 else 's have'} {_TOLD[problem['rule']]} (row {places})."
