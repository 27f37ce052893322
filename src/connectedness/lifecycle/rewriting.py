"""Taking a student's rows out of the files of the inbox.

Of a text file the row's cells are emptied and every other byte stays as it is, so that row numbers in reports and
quarantine still hold. A workbook, a zip or a statistics program's file is left for a person.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from connectedness.declare.project import Project
from connectedness.errors import ConnectednessError, ContractError
from connectedness.files import make_private, move_into_place
from connectedness.identity import pseudonyms
from connectedness.ingest.cells import Export
from connectedness.ingest.csv_file import read_csv
from connectedness.ingest.detect import sniffed
from connectedness.ingest.export import read_columns
from connectedness.ingest.header import find_columns
from connectedness.ingest.inbox import roster_file, shown_path
from connectedness.ingest.wrong_file import kind_of

Reading = str
"""How a file is read for its tokens: a wave's id (by that wave's column map), or `ROSTER`."""
ROSTER: Reading = ""


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
        None where no column map and not the roster's declaration fits the file.
    """
    rosters = {roster_file(project, one.id) for one in project.survey.waves}
    ways: list[Reading] = [one.id for one in project.survey.waves if one.id in waves or not waves]
    for reading in [ROSTER, *ways] if path in rosters else [*ways, ROSTER]:
        if (found := _read(project, path, reading, key)) is not None:
            return found
    return None


def take_out(project: Project, path: Path, tokens: Tokens, gone: Collection[str], key: bytes) -> bool:
    """Empty the rows of these students in a text file; every other byte stays.

    Returns
    -------
    bool
        False where the file is no text, or cannot be rewritten without changing anything else; it is untouched then.
    """
    raw, rows = path.read_bytes(), set(tokens.of(gone))
    wanted = tokens.people.where(~tokens.people.isin(list(gone)), "")
    trial = path.with_name(f".{path.stem}.trial{path.suffix}")
    for delimiter in _delimiters(project, path, tokens.reading):
        emptied = _emptied(raw, rows, delimiter)
        if emptied is None:
            continue
        try:
            trial.write_bytes(emptied)
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


def _read(project: Project, path: Path, reading: Reading, key: bytes) -> Tokens | None:
    identity = project.survey.identity
    if identity is None:
        return None
    try:
        if reading == ROSTER:
            export, column = _roster_export(project, path)
        else:
            columns = project.column_map(reading)
            column = columns.columns.token or identity.token
            export = read_columns(path, shown_path(project, path), columns, [column])
    except (ConnectednessError, OSError):
        return None
    text = export.cells[column]
    names = pd.Series(pseudonyms(text.tolist(), key, project.survey.id), index=text.index, dtype="str")
    return Tokens(reading, names.where(text != "", ""), pd.Series(export.row, index=text.index))


def _roster_export(project: Project, path: Path) -> tuple[Export, str]:
    roster, identity = project.survey.roster, project.survey.identity
    if roster is None or identity is None:
        raise ContractError("the survey has no roster.")
    column = roster.columns.get("student") or roster.columns.get(identity.token, identity.token)
    place = shown_path(project, path)
    return read_csv(path, place, lambda header: find_columns(header, [column], place), roster.encoding), column


def _delimiters(project: Project, path: Path, reading: Reading) -> list[str]:
    declared = "," if reading == ROSTER else project.column_map(reading).delimiter
    try:
        found = sniffed(path, path.name).delimiter
    except ConnectednessError:
        found = declared
    return list(dict.fromkeys([declared, found]))


def _emptied(raw: bytes, rows: Collection[int], delimiter: str) -> bytes | None:
    """The bytes of a separated text with the cells of some records emptied; None where it is no such text.

    In every encoding but the two-byte ones, the marks that part cells and records are single bytes that are part of
    no other character, so the text need not be decoded.
    """
    if b"\0" in raw or kind_of(raw) is not None:
        return None
    out = []
    try:
        for number, (whole, cells) in enumerate(_records(raw.decode("latin-1"), delimiter), start=1):
            end = whole[len(whole.rstrip("\r\n")) :]
            out.append(delimiter * (cells - 1) + end if number in rows else whole)
    except (csv.Error, TypeError):
        return None
    return "".join(out).encode("latin-1")


def _records(text: str, delimiter: str) -> Iterator[tuple[str, int]]:
    """Each record as it stands in the text, line ends and all, and its number of cells."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    for record in csv.reader(lines(), delimiter=delimiter, strict=True):
        yield "".join(taken), len(record)
        taken.clear()
