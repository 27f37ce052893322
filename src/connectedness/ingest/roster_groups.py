"""A further file that says in which groups students are, since rosters leave most of them out."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pandas as pd

from connectedness.declare.project import Project
from connectedness.declare.survey import RosterGroups
from connectedness.errors import ContractError
from connectedness.ingest.cells import by_distinct
from connectedness.ingest.csv_file import read_csv
from connectedness.ingest.facts import or_unknown, renamed
from connectedness.ingest.header import find_columns
from connectedness.ingest.inbox import groups_file, shown_path
from connectedness.ingest.roster_listed import Listed, must_not_tell_who
from connectedness.tables import UNKNOWN


def add_groups(project: Project, wave_id: str, listed: Listed) -> None:
    """Give each student the groups of the further file, found by the token; who is not in it is "unknown".

    Raises
    ------
    ContractError
        When the file is not there or does not hold, or the roster has no token to find students by.
    """
    roster, path = project.survey.roster, groups_file(project, wave_id)
    if roster is None or roster.groups is None or path is None:
        return
    place = shown_path(project, path)
    if "token" not in listed.facts:
        raise ContractError(
            "students cannot be found in the file of groups: the roster has no token.",
            file=place,
            todo="Name the roster's token under roster in survey.yaml.",
        )
    groups = _read(roster.groups, path, place, listed.notes)
    of = pd.Index(groups.index).get_indexer(pd.Index(_key(listed.facts["token"])))
    missing = int(((of < 0) & listed.outcomes.open).sum())
    if missing:
        listed.notes.append(f"{place}: of the roster, {_students(missing)} not in it; their groups are unknown.")
    strange = len(groups) - len(set(of[of >= 0].tolist()))
    if strange:
        listed.notes.append(f"{place}: of those in it, {_students(strange)} not on the roster.")
    for name in groups:
        values = groups[name].array.take(of, allow_fill=True, fill_value=UNKNOWN)
        listed.facts[name] = pd.Series(values, index=listed.facts.index, dtype="str")


def _read(declared: RosterGroups, path: Path, place: str, notes: list[str]) -> pd.DataFrame:
    """Groups by token; a student with two unlike rows is in no known group."""
    wanted = [declared.token, *(one.column for one in declared.columns.values())]
    for name, one in declared.columns.items():
        must_not_tell_who(one.column, name)
    export = read_csv(path, place, lambda header: find_columns(header, wanted, place), declared.encoding)
    table = pd.DataFrame({"token": _key(export.cells[declared.token])})
    for name, one in declared.columns.items():
        table[name] = or_unknown(renamed(export.cells[one.column], one.values))
    usable = ~(export.ragged | export.empty) & (table["token"] != "").to_numpy()
    if lost := int((~usable & ~export.empty).sum()):
        notes.append(
            f"{place}: rows without a token, or with more or fewer cells than the header, were left out: {lost}."
        )
    table = table[usable].drop_duplicates()
    unlike = table["token"].duplicated(keep=False)
    if unlike.any():
        n = table.loc[unlike, "token"].nunique()
        notes.append(f"{place}: {_students(n)} in it twice with unlike groups; these groups are unknown.")
        table.loc[unlike, list(declared.columns)] = UNKNOWN
    return table.drop_duplicates("token").set_index("token")


def _key(tokens: pd.Series) -> pd.Series:
    """Tokens as pseudonyms are made of them: trimmed, in one Unicode form."""
    return by_distinct(tokens, lambda text: unicodedata.normalize("NFC", text.strip()))


def _students(n: int) -> str:
    return f"{n} student{' is' if n == 1 else 's are'}"
