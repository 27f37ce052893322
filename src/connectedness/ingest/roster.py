"""The roster: who was eligible. A name in it never gets past this room."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from connectedness.declare.project import Project
from connectedness.declare.survey import Roster
from connectedness.errors import ContractError
from connectedness.identity import pseudonyms
from connectedness.ingest import facts as read
from connectedness.ingest.account import file_account
from connectedness.ingest.consent import leave_out_withdrawn, stop_if_held
from connectedness.ingest.inbox import roster_file, shown_path
from connectedness.ingest.rare import rare_values, told_rare
from connectedness.ingest.roster_consent import leave_out_refused
from connectedness.ingest.roster_csv import read_plain
from connectedness.ingest.roster_days import snapshot_day
from connectedness.ingest.roster_edfi import read_edfi
from connectedness.ingest.roster_grades import GradesRead, roster_grades, told_grades
from connectedness.ingest.roster_groups import add_groups
from connectedness.ingest.roster_listed import Listed, groups_wanted
from connectedness.ingest.roster_oneroster import read_oneroster
from connectedness.ingest.undeclared import Undeclared, told_levels, without_names
from connectedness.tables import UNKNOWN


@dataclass(frozen=True)
class RosterRead:
    """A roster as read: rows that count, rows rejected, the account of its rows, and notes.

    `links` are rows of further files of a OneRoster export that could not be used: `file`, `rule`, the first `rows`
    and how many (`n`). They are not students' rows, so the account does not count them. `refused` are pseudonyms of
    students who take no part by the roster, by reason; they stay in this room. `undeclared` is restricted: values of
    schools, grades and groups that nothing declares.
    """

    frame: pd.DataFrame
    rejected: pd.DataFrame
    account: dict[str, Any]
    notes: list[str]
    links: list[dict[str, Any]] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=dict)
    undeclared: pd.DataFrame = field(default_factory=pd.DataFrame)


def read_roster(project: Project, wave_id: str, key: bytes) -> RosterRead | None:
    """Read a wave's roster; None where the survey has none.

    Grades are brought into one form; a row whose grade says something else is set aside. One row a student: where
    nobody said which of two counts, the second is set aside. Other columns stay only if declared as units or
    breakdowns.

    Raises
    ------
    ContractError
        When the file is not there, cannot be read, or lacks a column.
    DeclarationError
        When what is declared of the roster does not fit the file.
    """
    declared, path = project.survey.roster, roster_file(project, wave_id)
    if declared is None or path is None:
        return None
    listed = _listed(project, wave_id, declared, path)
    stop_if_held(project, listed.sha256, shown_path(project, path))
    add_groups(project, wave_id, listed)
    grades = roster_grades(_column(listed, "grade"))
    undeclared = Undeclared()
    frame = _frame(project, wave_id, listed, _students(project, listed, key), undeclared)
    frame["grade"] = grades.grade
    if "grade_band" not in frame and any(one.id == "grade_band" for one in project.survey.breakdowns):
        frame["grade_band"] = read.grade_band(frame["grade"], project.survey)
    frame["learning_mode"], unread = read.learning_modes(frame["learning_mode"])
    if unread.any():
        listed.notes.append(f"{path.name}: {int(unread.sum())} rows have a learning mode that is not one of ours.")
    refused = _judge(project, wave_id, listed, frame, grades)
    _tell_grades(project, listed, grades, undeclared)
    source = pd.Series(listed.file, index=frame.index, dtype="str")
    rejected = listed.outcomes.rejected("roster", source, pd.Series(listed.row, index=frame.index), frame["school"])
    rejected = _without_names(project, listed, frame, rejected, undeclared)
    kept = _without_rare(project, wave_id, listed, frame, undeclared)
    account = file_account(listed.file, listed.sha256, listed.format, len(frame), len(kept), rejected)
    return RosterRead(kept, rejected, account, listed.notes, listed.links, refused, undeclared.table())


def _tell_grades(project: Project, listed: Listed, grades: GradesRead, undeclared: Undeclared) -> None:
    """Note the grades for which rows were set aside."""
    text, minimum = _column(listed, "grade"), project.policy.minimum["internal"]
    aside = listed.outcomes.rule == "unknown_grade"
    undeclared.add(("roster", listed.file, listed.headers["grade"]), text[aside], listed.row[aside])
    listed.notes += told_grades(text, aside, listed.file, minimum)


def _without_names(
    project: Project, listed: Listed, frame: pd.DataFrame, rejected: pd.DataFrame, undeclared: Undeclared
) -> pd.DataFrame:
    """Rejected rows without what may be a name in place of a school; `undeclared` takes it."""
    known = set(project.schools) or set(frame.loc[listed.outcomes.open, "school"])
    titles = [text for one in project.schools.values() for text in (one.en, one.fr) if text]
    lines, taken = without_names(rejected, known, titles, project.policy.minimum["internal"])
    taken = taken[taken["rule"] == "unknown_school"]
    place = ("roster", listed.file, listed.headers["school"])
    undeclared.add(place, taken["school"], taken["row"].to_numpy())
    return lines


def _without_rare(
    project: Project, wave_id: str, listed: Listed, frame: pd.DataFrame, undeclared: Undeclared
) -> pd.DataFrame:
    """The rows that count; of groups that nothing declares, one that few of them are of is unknown."""
    kept, row = frame[listed.outcomes.open], listed.row[listed.outcomes.open]
    for name in (one for one in groups_wanted(project.survey) if one in kept):
        if project.survey.levels_of(name) is not None:
            continue
        few = rare_values(project, wave_id, kept[name])
        rare = kept[name].isin(few)
        if rare.any():
            undeclared.add(_place(listed, name), kept.loc[rare, name], row[rare])
            listed.notes.append(told_rare(project, name, int(rare.sum()), len(few), listed.file))
            kept = kept.assign(**{name: kept[name].mask(rare, UNKNOWN)})
    return kept.reset_index(drop=True)


def _place(listed: Listed, name: str) -> tuple[str, str, str]:
    return "roster", listed.file, listed.headers.get(name, name)


def _listed(project: Project, wave_id: str, declared: Roster, path: Path) -> Listed:
    """Read the roster by its format."""
    place = shown_path(project, path)
    if not (path.is_file() or (declared.format == "oneroster" and path.is_dir())):
        raise ContractError(
            f"the roster of wave {wave_id} is not there.",
            file=place,
            todo="Put the roster there, or take roster: out of survey.yaml; then no response rate can be given.",
        )
    if declared.format == "csv":
        return read_plain(project, wave_id, declared, path, place)
    day = snapshot_day(project, wave_id)
    reader = read_oneroster if declared.format == "oneroster" else read_edfi
    return reader(project, declared, path, place, day)


def _column(listed: Listed, name: str) -> pd.Series:
    """A column of the roster; empty cells where it has none."""
    empty = pd.Series("", index=pd.RangeIndex(len(listed.row)), dtype="str")
    return listed.facts.get(name, empty)


def _students(project: Project, listed: Listed, key: bytes) -> pd.Series:
    if "token" not in listed.facts:
        rows = (f"{listed.sha256}:{row}" for row in listed.row.tolist())
        return pd.Series(pseudonyms(rows, key, project.survey.id, "roster row"), dtype="str")
    tokens = listed.facts["token"]
    return pd.Series(pseudonyms(tokens.tolist(), key, project.survey.id), dtype="str").where(tokens != "", "")


def _frame(project: Project, wave_id: str, listed: Listed, students: pd.Series, undeclared: Undeclared) -> pd.DataFrame:
    rows = pd.RangeIndex(len(listed.row))
    frame = pd.DataFrame({"wave": pd.Series(wave_id, index=rows, dtype="str"), "student": students})
    frame["school"] = _column(listed, "school")
    wanted = groups_wanted(project.survey)
    units = [name for name in wanted if name in project.survey.units]
    for name in (*units, "grade", "learning_mode", *(one for one in wanted if one not in units)):
        if name in ("grade", "learning_mode"):
            frame[name] = _column(listed, name)
        elif name in listed.facts:
            frame[name] = _group(project, listed, name, undeclared)
    return frame


def _group(project: Project, listed: Listed, name: str, undeclared: Undeclared) -> pd.Series:
    """Unit or level of each row; what is no level, where levels are declared, is unknown."""
    text, declared = listed.facts[name], project.survey.levels_of(name)
    if declared is None:
        return read.or_unknown(text)
    level, outside = read.levels(text, declared)
    if outside.any():
        undeclared.add(_place(listed, name), text[outside], listed.row[outside])
        counts = undeclared.counts(_place(listed, name))
        listed.notes.append(told_levels(listed.file, name, counts, project.policy.minimum["internal"]))
    return level


def _judge(
    project: Project, wave_id: str, listed: Listed, frame: pd.DataFrame, grades: GradesRead
) -> dict[str, list[str]]:
    """Say of each row what holds for every format; return who takes no part, by reason."""
    outcomes, headers = listed.outcomes, listed.headers
    leave_out_withdrawn(project, frame["student"], outcomes, headers["token"])
    refused = leave_out_refused(project, listed, frame["student"])
    outcomes.quarantine((frame["student"] == "").to_numpy(), "no_id", headers["token"])
    outcomes.quarantine((frame["school"] == "").to_numpy(), "no_school", headers["school"])
    if project.schools:
        strange = (~frame["school"].isin(project.schools)).to_numpy()
        _hint_at_schools(listed, strange)
        outcomes.quarantine(strange, "unknown_school", headers["school"])
    elif listed.format != "oneroster":  # which has a list of its schools
        few = rare_values(project, wave_id, frame.loc[outcomes.open, "school"])
        outcomes.quarantine(frame["school"].isin(few).to_numpy(), "unknown_school", headers["school"])
    outcomes.quarantine(grades.unread, "unknown_grade", headers["grade"])
    several = int((grades.several & outcomes.open).sum())
    if several:
        listed.notes.append(f"{listed.file}: students with several grades, whose grade is unknown: {several}.")
    declared = project.survey.roster
    asked = frame["grade"].isin([*((declared and declared.grades) or frame["grade"].unique()), UNKNOWN]).to_numpy()
    outcomes.exclude(grades.outside | ~asked, "other_grade")
    again = frame["student"].where(outcomes.open, UNKNOWN).duplicated().to_numpy() & outcomes.open
    elsewhere = (frame["school"] != _first_school(frame, outcomes.open)).to_numpy()
    outcomes.quarantine(again & elsewhere, "two_schools", headers["school"])
    outcomes.quarantine(again, "duplicate", headers["token"])
    return refused


def _first_school(frame: pd.DataFrame, here: np.ndarray) -> pd.Series:
    """School of the first open row of each student."""
    first = frame.loc[here].drop_duplicates("student").set_index("student")["school"]
    return frame["student"].map(first)


def _hint_at_schools(listed: Listed, strange: np.ndarray) -> None:
    here = listed.outcomes.open
    if listed.format == "oneroster" and here.any() and strange[here].all():
        other = "sourcedId" if listed.headers["school"] == "identifier" else "identifier"
        listed.notes.append(
            f"{listed.file}: none of its schools is declared. If the survey knows schools by their {other}, write "
            f"school: {other} under roster in survey.yaml."
        )
