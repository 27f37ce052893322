"""A roster in the shape of Ed-Fi's StudentSchoolAssociation: a row per student, school and entry."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from connectedness.declare.project import Project
from connectedness.declare.survey import Roster
from connectedness.files import sha256_of
from connectedness.ingest.cells import Export, by_distinct, same
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.roster_consent import consent_columns
from connectedness.ingest.roster_days import days, on_day
from connectedness.ingest.roster_listed import Listed, exact_columns, groups_wanted, must_not_tell_who
from connectedness.ingest.roster_primary import choose_one, told_choice
from connectedness.ingest.roster_text import TextForm, read_text

TITLE = "an Ed-Fi StudentSchoolAssociation"
_REQUIRED = ("studentUniqueId", "schoolId", "entryDate", "entryGradeLevelDescriptor")
_OPTIONAL = ("exitWithdrawDate", "schoolYear", "primarySchool")
_ORDER = (("primary", "their primary school"), ("entry", "the latest entry"))


def read_edfi(project: Project, declared: Roster, path: Path, place: str, day: date) -> Listed:
    """Read enrolments at schools, and keep those of `day`: entryDate <= day < exitWithdrawDate, which may be empty.

    One school a student: the primary one, else the one entered last, else the smallest id.

    Raises
    ------
    ContractError
        When the file cannot be read, or lacks a column.
    """
    token = declared.token or "studentUniqueId"
    elsewhere = declared.groups.columns if declared.groups else {}
    ours = {name: declared.columns.get(name, name) for name in groups_wanted(project.survey) if name not in elsewhere}
    ours["learning_mode"] = declared.columns.get("learning_mode", "learning_mode")
    for name, header in ours.items():
        must_not_tell_who(header, name)
    consent = consent_columns(declared)
    required = [*_REQUIRED, token, *(header for name, header in ours.items() if name in declared.columns)]
    required += consent.values()
    ours |= consent
    choose = exact_columns(required, [*required, *_OPTIONAL, *ours.values()], place, TITLE)
    export = read_text(path, place, choose, TextForm.of(declared), required)
    headers = {"token": token, "school": "schoolId", "grade": "entryGradeLevelDescriptor", **ours}
    cells = {name: export.cells[header] for name, header in headers.items() if header in export.cells}
    # A value of Ed-Fi's lists comes with the list's name: uri://ed-fi.org/GradeLevelDescriptor#Seventh grade.
    facts = pd.DataFrame({name: by_distinct(text, _value) if name in ours else text for name, text in cells.items()})
    notes = [export.note] if export.note else []
    outcomes = _judge(export, facts, declared, day, place, notes)
    return Listed("edfi", path.name, sha256_of(path), export.row, outcomes, facts, headers, notes)


def _judge(export: Export, facts: pd.DataFrame, declared: Roster, day: date, place: str, notes: list[str]) -> Outcomes:
    empty = pd.Series("", index=export.cells.index, dtype="str")
    begin, bad_begin = days(export.cells["entryDate"], declared.dates)
    end, bad_end = days(export.cells.get("exitWithdrawDate", empty), declared.dates)
    outcomes = Outcomes(len(export))
    outcomes.quarantine(export.ragged, "wrong_number_of_cells")
    outcomes.exclude(export.empty, "blank")
    outcomes.quarantine((facts["token"] == "").to_numpy(), "no_id", declared.token or "studentUniqueId")
    outcomes.quarantine(bad_begin, "unread_date", "entryDate")
    outcomes.quarantine(bad_end, "unread_date", "exitWithdrawDate")
    outcomes.quarantine((facts["school"] == "").to_numpy(), "no_school", "schoolId")
    outcomes.exclude(~on_day(begin, end, day), "not_enrolled")
    years = export.cells.get("schoolYear", empty)[outcomes.open]
    if (years[years != ""]).nunique() > 1:
        told = ", ".join(f"{year} ({n})" for year, n in years[years != ""].value_counts().head(5).items())
        notes.append(f"{place}: enrolments that are open on {day} are of several school years: {told}.")
    primary = by_distinct(export.cells.get("primarySchool", empty), lambda text: "1" if same(text) in _YES else "0")
    person = pd.factorize(facts["token"])[0]
    claims = pd.DataFrame(
        {
            "person": person,
            "record": np.arange(len(export)),
            "school": facts["school"],
            "primary": primary,
            "entry": begin,
        }
    )[outcomes.open]
    chosen, why = choose_one(claims, _ORDER)
    _set_aside(outcomes, person, chosen, facts["school"].to_numpy())
    notes += told_choice(place, why)
    return outcomes


_YES = {"true", "1", "yes"}


def _set_aside(outcomes: Outcomes, person: np.ndarray, chosen: pd.DataFrame, school: np.ndarray) -> None:
    """Leave a student's other open rows out: those of the same school are earlier entries, or copies."""
    kept = np.zeros(len(person), dtype=bool)
    kept[chosen["record"].to_numpy()] = True
    best = pd.Series(chosen["school"].to_numpy(), index=chosen["person"].to_numpy())
    here = outcomes.open & ~kept
    again = here.copy()
    again[here] = school[here] == best.reindex(person[here]).to_numpy()
    outcomes.exclude(again, "second_entry")
    outcomes.exclude(here, "second_school")


def _value(text: str) -> str:
    return text.rpartition("#")[2].strip() if "://" in text else text
