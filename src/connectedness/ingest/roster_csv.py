"""A plain roster: separated text, one row a student, whose columns survey.yaml names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from connectedness.declare.project import Project
from connectedness.declare.survey import Roster
from connectedness.files import sha256_of
from connectedness.ingest.csv_file import read_csv
from connectedness.ingest.header import find_columns, near_name
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.roster_listed import Listed, groups_wanted, must_not_tell_who


def read_plain(project: Project, declared: Roster, path: Path, place: str) -> Listed:
    """Read a plain roster.

    Raises
    ------
    ContractError
        When the file cannot be read, or lacks a column.
    """
    names = _Names(project, declared)
    notes: list[str] = []
    export = read_csv(path, place, lambda header: names.choose(header, place, notes), declared.encoding)
    if export.note:
        notes.append(export.note)
    outcomes = Outcomes(len(export))
    outcomes.quarantine(export.ragged, "wrong_number_of_cells")
    outcomes.exclude(export.empty, "blank")
    headers = {"token": names.student} | {name: names.header(name) for name in names.known if name != "student"}
    facts = {name: export.cells[header] for name, header in headers.items() if header in export.cells}
    return Listed("csv", path.name, sha256_of(path), export.row, outcomes, pd.DataFrame(facts), headers, notes)


class _Names:
    """Which header of the roster file holds which of our columns."""

    def __init__(self, project: Project, declared: Roster) -> None:
        survey = project.survey
        self.headers = dict(declared.columns)
        token = survey.identity.token if survey.identity else "student"
        self.student = declared.token or self.headers.get("student") or self.headers.get(token, token)
        elsewhere = declared.groups.columns if declared.groups else {}
        self.groups = [name for name in groups_wanted(survey) if name not in elsewhere]
        self.required = [self.header("school"), *([self.student] if survey.identity or declared.token else [])]
        self.required += [header for name, header in self.headers.items() if name in self.known]
        for name in self.groups:
            must_not_tell_who(self.header(name), name)

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
