"""Text files of rosters: in the encoding and with the separator that are declared, else those found in the file."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from connectedness.declare.survey import Roster, RosterGroups
from connectedness.errors import ConnectednessError, DeclarationError
from connectedness.ingest.cells import Choose, Export, tidy
from connectedness.ingest.csv_file import read_csv
from connectedness.ingest.zipped import Content, stream

_MARKS = (",", ";", "\t", "|")
_START = 1 << 16


@dataclass(frozen=True)
class TextForm:
    """How a roster's text is written; what is None is found out. `key` is where survey.yaml says it."""

    encoding: str | None = None
    delimiter: str | None = None
    key: str = "roster"

    @classmethod
    def of(cls, declared: Roster | RosterGroups) -> TextForm:
        """The form that is declared."""
        key = "roster" if isinstance(declared, Roster) else "roster.groups"
        return cls(declared.encoding, declared.delimiter, key)


def read_text(content: Content, place: str, choose: Choose, form: TextForm, names: Collection[str]) -> Export:
    """Read columns of a separated text; `names` are headers that it should have.

    Raises
    ------
    ContractError
        When it cannot be read, or its encoding cannot be found out.
    DeclarationError
        When there is no such encoding.
    """
    delimiter = form.delimiter or separator_found(content, names)
    with told_of_rosters(form.key):
        return read_csv(content, place, choose, form.encoding, delimiter)


def separator_found(content: Content, names: Collection[str]) -> str:
    """The mark that parts the cells of the header: the one by which most of `names` stand in it, else most cells."""
    try:
        with stream(content) as opened:
            start = opened.read(_START)
    except OSError:
        return ","
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = start.decode("utf-16", "ignore") if wide else start.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    wanted = {tidy(name) for name in names}

    def fits(mark: str) -> tuple[int, int]:
        cells = _first(text, mark)
        return len(wanted & {tidy(cell) for cell in cells}), len(cells)

    return max(_MARKS, key=fits)


def _first(text: str, mark: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=mark), [])
    except csv.Error:
        return []


@contextmanager
def told_of_rosters(key: str) -> Iterator[None]:
    """Let errors of the text reader name the place in survey.yaml that says how a roster is written."""
    try:
        yield
    except DeclarationError as error:
        if error.key in ("encoding", "delimiter"):
            error.file, error.key = "survey.yaml", f"{key}.{error.key}"
        raise
    except ConnectednessError as error:
        if error.todo:
            plain = error.todo.replace("; a roster, save as CSV with commas", "")
            plain = plain.replace("Export it as CSV, or change format in the column map", "Save it as CSV")
            error.todo = plain.replace("in the column map", f"under {key} in survey.yaml")
        raise
