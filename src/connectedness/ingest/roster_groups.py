"""A further file that says in which groups students are, or whether they take part; rosters leave most of it out."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pandas as pd

from connectedness.declare.project import Project
from connectedness.declare.survey import RosterGroups
from connectedness.errors import ContractError
from connectedness.ingest.cells import by_distinct
from connectedness.ingest.consent import takes_part
from connectedness.ingest.facts import or_unknown, renamed
from connectedness.ingest.header import GROUPS, find_columns
from connectedness.ingest.inbox import groups_file, shown_path
from connectedness.ingest.roster_consent import consent_columns
from connectedness.ingest.roster_listed import Listed, must_not_tell_who
from connectedness.ingest.roster_text import TextForm, read_text
from connectedness.tables import UNKNOWN


def add_groups(project: Project, wave_id: str, listed: Listed) -> None:
    """Give each student what the further file says, found by the token; who is not in it is "unknown".

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
    found = _read(roster.groups, path, place, listed.notes)
    of = pd.Index(found.index).get_indexer(pd.Index(_key(listed.facts["token"])))
    missing = int(((of < 0) & listed.outcomes.open).sum())
    if missing:
        unknown = "their groups are unknown." if roster.groups.columns else "for them it says nothing."
        listed.notes.append(f"{place}: of the roster, {_students(missing)} not in it; {unknown}")
    strange = len(found) - len(set(of[of >= 0].tolist()))
    if strange:
        listed.notes.append(f"{place}: of those in it, {_students(strange)} not on the roster.")
    for name in found:
        nothing = UNKNOWN if name in roster.groups.columns else ""
        values = found[name].array.take(of, allow_fill=True, fill_value=nothing)
        listed.facts[name] = pd.Series(values, index=listed.facts.index, dtype="str")


def _read(declared: RosterGroups, path: Path, place: str, notes: list[str]) -> pd.DataFrame:
    """What the file says, by token; a student with two unlike rows is in no known group."""
    consent = consent_columns(declared, groups=True)
    wanted = [declared.token, *(one.column for one in declared.columns.values()), *consent.values()]
    for name, one in declared.columns.items():
        must_not_tell_who(one.column, name)
    form = TextForm.of(declared)
    export = read_text(path, place, lambda header: find_columns(header, wanted, place, GROUPS), form, wanted)
    table = pd.DataFrame({"token": _key(export.cells[declared.token])})
    for name, one in declared.columns.items():
        table[name] = or_unknown(renamed(export.cells[one.column], one.values))
    for name, column in declared.participation.items():
        said = export.cells[column.column]
        # What takes part is told apart here, so that of unlike rows one that says no is enough.
        table[f"roster.groups:{name}"] = said
        table[f"\0{name}"] = takes_part(said, column)
    usable = ~(export.ragged | export.empty) & (table["token"] != "").to_numpy()
    if lost := int((~usable & ~export.empty).sum()):
        notes.append(
            f"{place}: rows without a token, or with more or fewer cells than the header, were left out: {lost}."
        )
    return _one_each(table[usable], declared, place, notes)


def _one_each(table: pd.DataFrame, declared: RosterGroups, place: str, notes: list[str]) -> pd.DataFrame:
    groups, table = list(declared.columns), table.copy()
    unlike = table["token"].isin(_twice(table[["token", *groups]]))
    if groups and unlike.any():
        n = table.loc[unlike, "token"].nunique()
        notes.append(f"{place}: {_students(n)} in it twice with unlike groups; these groups are unknown.")
        table.loc[unlike, groups] = UNKNOWN
    first = table[["token", *groups]].drop_duplicates("token").set_index("token")
    for name in declared.participation:
        # A refusal sorts before an agreement.
        ordered = table.sort_values(f"\0{name}", kind="stable").drop_duplicates("token").set_index("token")
        first[f"roster.groups:{name}"] = ordered[f"roster.groups:{name}"].reindex(first.index)
    return first


def _twice(table: pd.DataFrame) -> pd.Series:
    rest = table.drop_duplicates()
    return rest.loc[rest["token"].duplicated(), "token"]


def _key(tokens: pd.Series) -> pd.Series:
    """Tokens as pseudonyms are made of them: trimmed, in one Unicode form."""
    return by_distinct(tokens, lambda text: unicodedata.normalize("NFC", text.strip()))


def _students(n: int) -> str:
    return f"{n} student{' is' if n == 1 else 's are'}"
