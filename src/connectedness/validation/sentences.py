"""Rules in plain words, and what to do about each: for the terminal, the report and the analyst's page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from connectedness.declare.schools import near_school

_SCHOOLS_SHOWN = 3
UNPRINTED = (
    "What few rows hold in place of a school may be a person's name, so it is not printed: see unknown_values.csv in "
    "the wave's folder of store/quarantine."
)


class Words(NamedTuple):
    """What is wrong with the rows, and the next step."""

    sentence: str
    todo: str


RULES: dict[str, Words] = {
    "no_id": Words(
        "there is no student token",
        "Ask whether students answered without their own link; such rows cannot be matched to the roster.",
    ),
    "unknown_wave": Words(
        "the row names a wave that the survey does not have",
        "Correct the wave in the export, or add it under waves in survey.yaml.",
    ),
    "no_school": Words(
        "there is no school",
        "Find the school of these rows in the survey tool, fill it in, and export again.",
    ),
    "unknown_school": Words(
        "the school is not declared and not on the roster",
        "Correct the school in the export, or add it under schools in survey.yaml or to the roster.",
    ),
    "duplicate": Words(
        "the same student answered twice; the last complete answer was kept",
        "Usually nothing. If there are many, ask whether the link was sent twice.",
    ),
    "not_on_roster": Words(
        "the student is not on the roster",
        "Add the student to the roster, or ask the school whether the token was mistyped.",
    ),
    "too_many_bad_items": Words(
        "too many of the answers could not be used",
        "Check that the column map belongs to this export; a shifted column looks like this.",
    ),
    "wrong_number_of_cells": Words(
        "the row has more or fewer cells than the header",
        "Export again from the survey tool, and do not save the file from a spreadsheet in between.",
    ),
    "unknown_grade": Words(
        "the grade is not K or 1 to 12",
        "Correct the grade in the file, or name it in the column map.",
    ),
    "primary_key": Words(
        "the row stands more than once, and nothing says which one counts",
        "Keep one of these rows in the file.",
    ),
}
ON_THE_ROSTER: dict[str, Words] = {
    "unread_date": Words(
        "no date of enrolment could be read",
        "Have dates written as 2026-10-05, or say under roster how they are: dates: month_first or day_first.",
    ),
    "unknown_org": Words(
        "the student is enrolled in no school of the file",
        "See whether orgs.csv has every school, with the type school.",
    ),
    "unknown_status": Words("the status is neither active nor tobedeleted", "Export the roster again."),
    "duplicate": Words(
        "the student stands twice on the roster; the first row was kept",
        "Keep one row for each student, at the school that the student attends.",
    ),
    "two_schools": Words(
        "the student stands on the roster at two schools; the first row was kept",
        "Ask which school the student attends, and keep the row of that one.",
    ),
    "no_id": Words("there is no student token", "Ask for a roster that has the token of every student."),
    "unknown_school": Words(
        "the school is not declared",
        "Correct the school on the roster, or add it under schools in survey.yaml.",
    ),
}
_BY_ENDING: dict[str, Words] = {
    "required": Words("a column that may not be empty is empty", "Fill the column in where the file comes from."),
    "enum": Words(
        "a value is not one of those allowed", "Correct the value where the file comes from, or name it in the map."
    ),
    "pattern": Words("a value is not written as it must be", "Correct the value where the file comes from."),
    "unique": Words("a value that must stand once stands more often", "Keep one of these rows in the file."),
}
TODO = "Look at these rows in the file, correct them where they come from, and export again."


def schools_hint(counts: Mapping[str, int], known: Collection[str], minimum: int = 1) -> str:
    """Name the unknown schools that most rows hold, and those known that they come near to.

    Parameters
    ----------
    counts
        Rows of each value.
    known
        Ids of the schools that the survey or its roster has.
    minimum
        Rows that must hold a value, unless it comes near to a known school: a column named by mistake may hold names.

    Returns
    -------
    str
        Where nothing can be named, where else to look.
    """
    told = {school: n for school, n in counts.items() if school and (n >= minimum or near_school(school, known))}
    most = sorted(told.items(), key=lambda pair: (-pair[1], pair[0]))[:_SCHOOLS_SHOWN]
    if not most:
        return UNPRINTED
    shown = ", ".join(f"{_cut(school)} ({n:,} row{'' if n == 1 else 's'})" for school, n in most)
    near = {school: other for school, _ in most if (other := near_school(school, known))}
    if not near:
        return f"Found: {shown}."
    alike = ", ".join(f"{school} looks like {one}" for school, one in near.items())
    values = ", ".join(f'"{school}": "{one}"' for school, one in near.items())
    return (
        f"Found: {shown}. {alike} with its leading zeros lost, as a spreadsheet does: export again without opening the "
        f"file in one, or name it in the column map: school: {{column: NAME, values: {{{values}}}}}."
    )


def _cut(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


def words_of(rule: str, table: str = "responses", description: str | None = None) -> Words:
    """The sentence and the next step of a rule.

    Parameters
    ----------
    rule
        Its id.
    table
        "responses" or "roster": the same rule can have another remedy there.
    description
        What the contract says of it, for a rule that has no sentence of its own.
    """
    if table == "roster" and rule in ON_THE_ROSTER:
        return ON_THE_ROSTER[rule]
    if rule in RULES:
        return RULES[rule]
    ending = rule.rpartition(".")[2]
    if ending in _BY_ENDING:
        column = rule.rpartition(".")[0]
        known = _BY_ENDING[ending]
        _, _, allowed = (description or "").partition(" is one of ")
        todo = f"Allowed: {_cut(allowed, 120)}. {known.todo}" if ending == "enum" and allowed else known.todo
        return Words(f"{known.sentence} ({column})", todo)
    if description:
        return Words(f"this does not hold: {description}", TODO)
    return Words(f"the rule {rule.replace('_', ' ')} does not hold", TODO)
