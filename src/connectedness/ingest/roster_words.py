"""What becomes of a roster's rows, in words, and the check of a roster as text."""

from __future__ import annotations

from typing import Any

WORDS: dict[str, tuple[str, str]] = {
    "no_id": ("there is no student token", "Ask for a roster that has the token of every student."),
    "no_school": ("there is no school", "Ask for a roster that names every student's school."),
    "unknown_school": (
        "the school is not declared",
        "Correct the school on the roster, or add it under schools in survey.yaml.",
    ),
    "unknown_grade": ("the grade is not known", "Correct the grade where the roster comes from."),
    "duplicate": (
        "the student stands twice, and nothing says which row counts; the first was kept",
        "Keep one row for each student, at the school that the student attends.",
    ),
    "wrong_number_of_cells": (
        "the row has more or fewer cells than the header",
        "Export the roster again, and do not save it from a spreadsheet in between.",
    ),
    "unread_date": (
        "no date of enrolment could be read",
        "Have dates written as 2026-10-05, or say under roster how they are: dates: month_first or day_first.",
    ),
    "unknown_org": (
        "the student is enrolled in no school of this file",
        "See whether orgs.csv has every school, with the type school.",
    ),
    "unknown_status": ("the status is neither active nor tobedeleted", "Export the roster again."),
    "blank": ("empty rows", ""),
    "deleted": ("marked to be deleted", ""),
    "not_a_student": ("not students", ""),
    "no_enrolment": ("students without any enrolment", ""),
    "not_enrolled": ("not enrolled on the day", ""),
    "other_grade": ("of a grade that is not asked", ""),
    "other_district": ("of another district", ""),
    "second_school": ("a student's second school", ""),
    "second_entry": ("an earlier entry of the same student in the same school", ""),
    "withdrawn": ("students who withdrew", ""),
    "no_consent": ("without consent to take part", ""),
    "no_assent": ("who did not agree to take part", ""),
    "opted_out": ("opted out", ""),
}
_TO_WHOM = {"internal": "on the district's own pages", "public": "on public pages"}


def check_text(found: dict[str, Any]) -> str:
    """What `check_roster` found, to read in a terminal."""
    day = f", enrolled on {found['snapshot']}" if found["snapshot"] else ""
    rows = found["rows"]
    lines = [
        f"Roster of wave {found['wave']}: {found['students']:,} students{day}.",
        f"{found['file']}: {rows['rows']:,} rows read = {rows['accepted']:,} students + {rows['quarantined']:,} set "
        f"aside + {sum(rows['excluded'].values()):,} left out",
        "",
        *_table(found),
        "",
        *_schools(found),
        *_hidden(found),
    ]
    if found["aside"]:
        lines += ["", "Set aside:"]
    for one in found["aside"]:
        places = ", ".join(str(row) for row in one["rows"]) + (" …" if one["n"] > len(one["rows"]) else "")
        column = f", column {one['column']}" if one["column"] else ""
        lines += [f"  {one['n']:,}: {one['sentence']} ({one['file']}{column}, row {places})", f"      {one['todo']}"]
    if found["left_out"]:
        lines += ["", "Left out: " + "; ".join(f"{one['sentence']}: {one['n']:,}" for one in found["left_out"])]
    if found["notes"]:
        lines += ["", "Notes:", *(f"  {note}" for note in found["notes"])]
    return "\n".join(lines)


def _table(found: dict[str, Any]) -> list[str]:
    """Students by school and grade."""
    grades = [one["grade"] for one in found["grades"]]
    cells = {(one["school"], one["grade"]): one["students"] for one in found["school_grades"]}
    name = max([len("school"), *(len(_called(one)) for one in found["schools"])], default=6)
    lines = [f"{'school':{name}} {'all':>7} " + " ".join(f"{grade:>7}" for grade in grades)]
    for one in found["schools"]:
        counts = (cells.get((one["school"], grade), 0) for grade in grades)
        lines.append(f"{_called(one):{name}} {one['students']:>7,} " + " ".join(f"{n or '-':>7}" for n in counts))
    totals = " ".join(f"{one['students']:>7,}" for one in found["grades"])
    return [*lines, f"{'all':{name}} {found['students']:>7,} {totals}"]


def _called(school: dict[str, Any]) -> str:
    return school["school"] + (f" {school['title']}" if school["title"] else "")


def _schools(found: dict[str, Any]) -> list[str]:
    lines = []
    if found["declared_without_students"]:
        lines.append("Declared, but without a student: " + ", ".join(found["declared_without_students"]))
    if found["not_declared"]:
        named = ((one["school"] or "values of few rows, not printed", one["rows"]) for one in found["not_declared"])
        listed = ", ".join(f"{school} ({rows:,} rows)" for school, rows in named)
        lines.append(f"On the roster, but not declared: {listed}")
    return lines


def _hidden(found: dict[str, Any]) -> list[str]:
    lines = []
    for one in found["hidden"]:
        where = f"{_TO_WHOM[one['audience']]} (fewer than {one['minimum']} students)"
        if one["schools"]:
            lines.append(f"These schools will be hidden {where}: " + ", ".join(one["schools"]))
        if one["groups"]:
            listed = "; ".join(f"{group['breakdown']}: {', '.join(group['levels'])}" for group in one["groups"])
            lines.append(f"These groups will be hidden {where}: {listed}")
        for group in one["within_schools"]:
            lines.append(
                f"In {group['schools']} of {group['of']} schools, the groups of {group['breakdown']} will be hidden "
                f"{where}: one of them is too small"
            )
    many = [one for one in found["breakdowns"] if not one["levels"] and one["n_levels"]]
    return lines + [f"{one['breakdown']} has {one['n_levels']} different values: is it a group?" for one in many]
