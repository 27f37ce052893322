"""The roster: who was eligible. A name in it never gets past this file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from connectedness.declare.project import Project
from connectedness.declare.survey import Roster
from connectedness.errors import ContractError
from connectedness.files import sha256_of
from connectedness.identity import pseudonyms
from connectedness.ingest import facts as read
from connectedness.ingest.account import file_account
from connectedness.ingest.cells import Export
from connectedness.ingest.consent import leave_out_withdrawn, stop_if_held
from connectedness.ingest.csv_file import read_csv
from connectedness.ingest.header import find_columns, near_name
from connectedness.ingest.inbox import roster_file, shown_path
from connectedness.ingest.outcomes import Outcomes
from connectedness.tables import UNKNOWN


@dataclass(frozen=True)
class RosterRead:
    """A roster as read: rows that count, rows rejected, the account of its rows, and notes."""

    frame: pd.DataFrame
    rejected: pd.DataFrame
    account: dict[str, Any]
    notes: list[str]


def read_roster(project: Project, wave_id: str, key: bytes) -> RosterRead | None:
    """Read a wave's roster; None where the survey has none.

    Grades are brought into one form; a row whose grade says something else is set aside. One row a student: a second
    one is set aside, since nobody said which counts. Other columns stay only if declared as units or breakdowns.

    Raises
    ------
    ContractError
        When the file is not there, cannot be read, or lacks a column.
    """
    declared, path = project.survey.roster, roster_file(project, wave_id)
    if declared is None or path is None:
        return None
    place = shown_path(project, path)
    if not path.is_file():
        raise ContractError(
            f"the roster of wave {wave_id} is not there.",
            file=place,
            todo="Put the roster there, or take roster: out of survey.yaml; then no response rate can be given.",
        )
    names = _Names(project, declared)
    notes: list[str] = []

    def choose(header: Sequence[str]) -> dict[str, int]:
        return names.choose(header, place, notes)

    export = read_csv(path, place, choose, declared.encoding)
    sha256 = sha256_of(path)
    stop_if_held(project, sha256, place)
    students = _students(project, export, names, sha256, key)
    frame = _frame(project, wave_id, export, names, students)
    frame["grade"], unread_grade = read.grades(frame["grade"])
    if "grade_band" not in frame and any(one.id == "grade_band" for one in project.survey.breakdowns):
        frame["grade_band"] = read.grade_band(frame["grade"], project.survey)
    frame["learning_mode"], unread = read.learning_modes(frame["learning_mode"])
    if unread.any():
        notes.append(f"{path.name}: {int(unread.sum())} rows have a learning mode that is not one of ours.")
    if export.note:
        notes.append(export.note)
    outcomes = _judge(project, export, names, frame, unread_grade)
    rows = pd.RangeIndex(len(export))
    source = pd.Series(path.name, index=rows, dtype="str")
    rejected = outcomes.rejected("roster", source, pd.Series(export.row, index=rows), frame["school"])
    kept = frame[outcomes.open].reset_index(drop=True)
    account = file_account(path.name, sha256, "csv", len(export), len(kept), rejected)
    return RosterRead(kept, rejected, account, notes)


class _Names:
    """Which header of the roster file holds which of our columns."""

    def __init__(self, project: Project, declared: Roster) -> None:
        survey = project.survey
        self.headers = dict(declared.columns)
        self.identified = survey.identity is not None
        token = survey.identity.token if survey.identity else "student"
        self.student = self.headers.get("student") or self.headers.get(token, token)
        self.groups = [unit for unit in survey.units if unit != "school"]
        self.groups += [one.id for one in survey.breakdowns if one.id not in ("grade", "learning_mode")]
        self.required = [self.header("school"), *([self.student] if self.identified else [])]
        self.required += [header for name, header in self.headers.items() if name in self.known]

    @property
    def known(self) -> tuple[str, ...]:
        return ("student", "school", "grade", "learning_mode", *self.groups)

    def header(self, name: str) -> str:
        return self.student if name == "student" else self.headers.get(name, name)

    def choose(self, header: Sequence[str], place: str, notes: list[str]) -> dict[str, int]:
        there = {" ".join(name.split()) for name in header}
        optional = [self.header(name) for name in self.known]
        found = find_columns(header, [*self.required, *(name for name in optional if name in there)], place)
        free = [name for name in sorted(there) if name not in found]
        for name in (one for one in self.known if self.header(one) not in found and one != "student"):
            near, surely = near_name(name, free)
            if near and surely:
                notes.append(
                    f"{place}: there is no column {name}, but one called {near}. If it is the same, write "
                    f"columns: {{{name}: {near}}} under roster in survey.yaml."
                )
        return found


def _students(project: Project, export: Export, names: _Names, sha256: str, key: bytes) -> pd.Series:
    if names.student not in export.cells:
        rows = (f"{sha256}:{row}" for row in export.row.tolist())
        return pd.Series(pseudonyms(rows, key, project.survey.id, "roster row"), dtype="str")
    tokens = export.cells[names.student]
    return pd.Series(pseudonyms(tokens.tolist(), key, project.survey.id), dtype="str").where(tokens != "", "")


def _frame(project: Project, wave_id: str, export: Export, names: _Names, students: pd.Series) -> pd.DataFrame:
    rows = pd.RangeIndex(len(export))

    def column(name: str) -> pd.Series:
        header = names.header(name)
        return export.cells[header] if header in export.cells else pd.Series("", index=rows, dtype="str")

    frame = pd.DataFrame({"wave": pd.Series(wave_id, index=rows, dtype="str"), "student": students})
    frame["school"] = column("school")
    units = [name for name in names.groups if name in project.survey.units]
    for name in (*units, "grade", "learning_mode", *(one for one in names.groups if one not in units)):
        if name in ("grade", "learning_mode"):
            frame[name] = column(name)
        elif names.header(name) in export.cells:
            frame[name] = read.or_unknown(column(name))
    return frame


def _judge(project: Project, export: Export, names: _Names, frame: pd.DataFrame, unread_grade: np.ndarray) -> Outcomes:
    outcomes = Outcomes(len(export))
    outcomes.quarantine(export.ragged, "wrong_number_of_cells")
    outcomes.exclude(export.empty, "blank")
    leave_out_withdrawn(project, frame["student"], outcomes, names.student)
    outcomes.quarantine((frame["student"] == "").to_numpy(), "no_id", names.student)
    outcomes.quarantine((frame["school"] == "").to_numpy(), "no_school", names.header("school"))
    if project.schools:
        outcomes.quarantine(
            (~frame["school"].isin(project.schools)).to_numpy(), "unknown_school", names.header("school")
        )
    outcomes.quarantine(unread_grade, "unknown_grade", names.header("grade"))
    again = frame["student"].where(outcomes.open, UNKNOWN).duplicated().to_numpy() & outcomes.open
    outcomes.quarantine(again, "duplicate", names.student)
    return outcomes
