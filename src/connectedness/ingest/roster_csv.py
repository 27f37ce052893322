"""A plain roster: separated text, one row a student, whose columns survey.yaml names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from connectedness.declare.project import Project
from connectedness.declare.survey import Roster
from connectedness.errors import ContractError
from connectedness.files import sha256_of
from connectedness.ingest.cells import tidy
from connectedness.ingest.header import ROSTER, find_columns, listed, near_name
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.roster_consent import consent_columns
from connectedness.ingest.roster_listed import Listed, groups_wanted, must_not_tell_who
from connectedness.ingest.roster_text import TextForm, read_text


def read_plain(project: Project, wave_id: str, declared: Roster, path: Path, place: str) -> Listed:
    """Read a plain roster.

    Raises
    ------
    ContractError
        When the file cannot be read, or lacks a column.
    """
    names = _Names(project, wave_id, declared)
    notes: list[str] = []
    export = read_text(
        path, place, lambda header: names.choose(header, place, notes), TextForm.of(declared), names.usual
    )
    if export.note:
        notes.append(export.note)
    outcomes = Outcomes(len(export))
    outcomes.quarantine(export.ragged, "wrong_number_of_cells")
    outcomes.exclude(export.empty, "blank")
    headers = {"token": names.student} | {name: names.header(name) for name in names.known if name != "student"}
    headers |= names.consent
    facts = {name: export.cells[header] for name, header in headers.items() if header in export.cells}
    return Listed("csv", path.name, sha256_of(path), export.row, outcomes, pd.DataFrame(facts), headers, notes)


class _Names:
    """Which header of the roster file holds which of our columns."""

    def __init__(self, project: Project, wave_id: str, declared: Roster) -> None:
        survey = project.survey
        self.in_answers = _in_answers(project, wave_id)
        self.breakdowns = {one.id for one in survey.breakdowns}
        self.by_grade = bool(declared.grades)
        self.widest = survey.units[0]
        self.headers = dict(declared.columns)
        token = survey.identity.token if survey.identity else "student"
        self.student = declared.token or self.headers.get("student") or self.headers.get(token, token)
        elsewhere = declared.groups.columns if declared.groups else {}
        self.groups = [name for name in groups_wanted(survey) if name not in elsewhere]
        self.required = [self.header("school"), *([self.student] if survey.identity or declared.token else [])]
        self.required += [header for name, header in self.headers.items() if name in self.known]
        self.consent = consent_columns(declared)
        self.required += self.consent.values()
        self.named = [header for header in self.headers.values() if header not in self.required]
        for name in self.groups:
            must_not_tell_who(self.header(name), name)

    @property
    def known(self) -> tuple[str, ...]:
        return ("student", "school", "grade", "learning_mode", *self.groups)

    @property
    def usual(self) -> list[str]:
        """Headers that may be expected."""
        return [*self.required, *(self.header(name) for name in self.known)]

    def header(self, name: str) -> str:
        return self.student if name == "student" else self.headers.get(name, name)

    def choose(self, header: Sequence[str], place: str, notes: list[str]) -> dict[str, int]:
        there = {tidy(name) for name in header}
        optional = [self.header(name) for name in self.known]
        wanted = [*self.required, *(name for name in optional if tidy(name) in there)]
        # Columns that are named and belong to no breakdown are looked for, and not read.
        found = find_columns(header, [*wanted, *self.named], place, ROSTER)
        free = [name for name in sorted(there) if name not in found]
        for name in (one for one in self.known if self.header(one) not in found and one != "student"):
            if name == "grade" and self._needs_grade(found):
                raise _no_grade(self.header(name), sorted(there - {""}), free, place)
            near, surely = near_name(name, free)
            if near and surely:
                notes.append(
                    f"{place}: there is no column {name}, but one called {near}. If it is the same, write "
                    f"columns: {{{name}: {near}}} under roster in survey.yaml."
                )
            elif self._used(name, found):
                notes.append(
                    f"{place}: there is no column {name}, so it is not known how many were asked in each {name}. If "
                    "it has another name, say so under roster.columns in survey.yaml."
                )
        return {name: found[name] for name in dict.fromkeys(wanted)}

    def _needs_grade(self, found: Collection[str]) -> bool:
        """Whether students could be told apart by grade neither here nor in the answers."""
        in_bands = "grade_band" in self.breakdowns and self.header("grade_band") not in found
        asked = ("grade" in self.breakdowns and "grade" not in self.in_answers) or (
            in_bands and not {"grade", "grade_band"} & self.in_answers
        )
        return asked or self.by_grade

    def _used(self, name: str, found: Collection[str]) -> bool:
        if name in ("grade_band", self.widest):
            return False  # made from the grade, of which it is said; the whole district needs no column
        bands = name == "grade" and "grade_band" in self.breakdowns and self.header("grade_band") not in found
        return bands or name in self.groups or name in self.breakdowns


def _in_answers(project: Project, wave_id: str) -> set[str]:
    columns = project.column_map(wave_id).columns
    return {*columns.others, *(["grade"] if columns.grade else [])}


def _no_grade(name: str, header: Sequence[str], free: Sequence[str], place: str) -> ContractError:
    near, _ = near_name(name, free)
    return ContractError(
        "this column is missing from the roster, and students are counted by it."
        + (f" It has {near}, which looks like the same one renamed." if near else ""),
        file=place,
        column=name,
        found=listed(header),
        allowed=f"a column {name}",
        todo=f"Rename the column that holds it to {name}, or say under roster.columns in survey.yaml what it is called:"
        f" columns: {{grade: {near or 'NAME'}}}.",
    )
