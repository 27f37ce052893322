"""Taking a student's rows out of the files of the inbox.

Of a text file, zipped or not, the row's cells are emptied and every other byte stays as it is, so that row numbers in
reports and quarantine still hold. A workbook or a statistics program's file is left for a person.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from connectedness.declare.project import Project
from connectedness.declare.survey import Roster, RosterGroups
from connectedness.errors import ConnectednessError
from connectedness.files import link_or_copy, make_private, move_into_place
from connectedness.identity import pseudonyms
from connectedness.ingest.cells import Export
from connectedness.ingest.detect import sniffed
from connectedness.ingest.export import read_columns
from connectedness.ingest.header import find_columns
from connectedness.ingest.inbox import groups_file, roster_file, shown_path
from connectedness.ingest.roster_text import TextForm, read_text, separator_found
from connectedness.ingest.zipped import unzipped
from connectedness.lifecycle.emptying import emptied, rewrite_zip
from connectedness.lifecycle.owners import replaced_name

Reading = str
"""How a file is read for its tokens: a wave's id (by that wave's column map), `ROSTER` or `GROUPS`."""
ROSTER: Reading = "<roster>"
GROUPS: Reading = "<groups>"


@dataclass(frozen=True)
class Tokens:
    """The tokens of a file, row by row, as pseudonyms; `reading` says how they were found."""

    reading: Reading
    people: pd.Series
    rows: pd.Series

    def of(self, gone: Collection[str]) -> list[int]:
        """Rows, as a spreadsheet counts, of these students."""
        return [int(row) for row in self.rows[self.people.isin(list(gone))]]


def read_tokens(project: Project, path: Path, waves: Collection[str], key: bytes) -> Tokens | None:
    """Find the column of tokens in a file of the inbox, whatever its format.

    Parameters
    ----------
    waves : collection of str
        Waves to which the file belongs; every wave's column map is tried where it belongs to none.

    Returns
    -------
    Tokens or None
        None where no column map, and neither declaration of the roster, fits the file.
    """
    original = path.with_name(replaced_name(path) or path.name)
    first = [
        reading
        for reading, place in ((ROSTER, roster_file), (GROUPS, groups_file))
        if original in {place(project, one.id) for one in project.survey.waves}
    ]
    ways = [*first, *(one.id for one in project.survey.waves if one.id in waves or not waves), ROSTER, GROUPS]
    for reading in dict.fromkeys(ways):
        if (found := _read(project, path, reading, key)) is not None:
            return found
    return None


def take_out(project: Project, path: Path, tokens: Tokens, gone: Collection[str], key: bytes) -> bool:
    """Empty the rows of these students in a text file, or in the one that a zip holds; every other byte stays.

    Returns
    -------
    bool
        False where the file is no text, or cannot be rewritten without changing anything else; it is untouched then.
    """
    rows = set(tokens.of(gone))
    wanted = tokens.people.where(~tokens.people.isin(list(gone)), "")
    with _named_as_read(path) as there:
        trial = there.with_name(f".{path.name}.trial{there.suffix}")
        for delimiter in _delimiters(project, there, tokens.reading):
            try:
                if not _write_trial(there, trial, rows, delimiter):
                    continue
                again = _read(project, trial, tokens.reading, key)
                if again is not None and again.rows.equals(tokens.rows) and again.people.equals(wanted):
                    move_into_place(make_private(trial), path)
                    return True
            finally:
                trial.unlink(missing_ok=True)
    return False


def may_hold(path: Path, raw_tokens: Collection[str]) -> bool:
    """Whether the bytes of a file that could not be read hold one of these tokens, or cannot tell: it is packed."""
    content = path.read_bytes()
    packed = content.startswith((b"PK", b"\x1f\x8b", b"PAR1", b"$FL3"))
    return packed or any(
        token.encode(encoding) in content for token in raw_tokens for encoding in ("utf-8", "utf-16-le", "utf-16-be")
    )


def _write_trial(path: Path, trial: Path, rows: Collection[int], delimiter: str) -> bool:
    try:
        held = unzipped(path, path.name)
    except ConnectednessError:
        return False
    if held == path:
        written = emptied(path.read_bytes(), rows, delimiter)
        if written is not None:
            trial.write_bytes(written)
        return written is not None
    with zipfile.ZipFile(path) as archive:
        named = [one.filename for one in archive.infolist() if PurePosixPath(one.filename).name == held.name]
        written = emptied(archive.read(named[0]), rows, delimiter) if len(named) == 1 else None
    if written is not None:
        rewrite_zip(path, trial, {named[0]: written})
    return written is not None


def _read(project: Project, path: Path, reading: Reading, key: bytes) -> Tokens | None:
    identity = project.survey.identity
    if identity is None:
        return None
    try:
        with _named_as_read(path) as there:
            if reading in (ROSTER, GROUPS):
                export, column = _of_roster(project, there, reading)
            else:
                columns = project.column_map(reading)
                column = columns.columns.token or identity.token
                export = read_columns(there, shown_path(project, path), columns, [column])
    except (ConnectednessError, OSError):
        return None
    text = export.cells[column]
    names = pd.Series(pseudonyms(text.tolist(), key, project.survey.id), index=text.index, dtype="str")
    return Tokens(reading, names.where(text != "", ""), pd.Series(export.row, index=text.index))


def roster_token(project: Project, declared: Roster) -> str:
    """What holds the token in a roster: a column, or `userIds:TYPE` of OneRoster."""
    identity = project.survey.identity
    usual = identity.token if identity else "student"
    fixed = {"edfi": "studentUniqueId", "oneroster": "sourcedId"}
    if declared.format in fixed:
        return declared.token or fixed[declared.format]
    return declared.token or declared.columns.get("student") or declared.columns.get(usual, usual)


def _declared(project: Project, reading: Reading) -> tuple[Roster | RosterGroups, str]:
    """The declaration that says how to read a roster or its file of groups, and the column of tokens."""
    roster = project.survey.roster
    if roster is None or (reading == GROUPS and roster.groups is None):
        raise ConnectednessError("the survey has no such file.")
    if reading == GROUPS and roster.groups is not None:
        return roster.groups, roster.groups.token
    return roster, roster_token(project, roster)


def _of_roster(project: Project, path: Path, reading: Reading) -> tuple[Export, str]:
    declared, column = _declared(project, reading)
    place = shown_path(project, path)
    names = [column, *(str(one) for one in declared.columns.values() if isinstance(one, str))]
    form = TextForm.of(declared)
    return read_text(path, place, lambda header: find_columns(header, [column], place), form, names), column


def _delimiters(project: Project, path: Path, reading: Reading) -> list[str]:
    """Marks that may part the cells; a trial says which one does."""
    if reading in (ROSTER, GROUPS):
        declared, column = _declared(project, reading)
        return [declared.delimiter or separator_found(path, [column])]
    try:
        found = sniffed(path, path.name).delimiter
    except ConnectednessError:
        found = ","
    return list(dict.fromkeys([project.column_map(reading).delimiter, found]))


@contextmanager
def _named_as_read(path: Path) -> Iterator[Path]:
    """A file that was replaced has no ending by which it is read; a second name gives it one for a while."""
    original = replaced_name(path)
    if original is None:
        yield path
        return
    there = path.with_name(f".{path.name}{Path(original).suffix}")
    there.unlink(missing_ok=True)
    link_or_copy(path, there)
    try:
        yield there
    finally:
        there.unlink(missing_ok=True)
