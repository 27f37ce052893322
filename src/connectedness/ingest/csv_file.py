"""CSV and other separated text."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice
from operator import itemgetter
from pathlib import Path

import numpy as np

from connectedness.errors import ContractError, DeclarationError
from connectedness.ingest.cells import Choose, Export, text_frame
from connectedness.ingest.wrong_file import empty_file, header_only, kind_of, read_bytes

_BLOCK = 20_000
Rows = list[list[str]]


def read_csv(path: Path, file: str, choose: Choose, encoding: str = "utf-8", delimiter: str = ",") -> Export:
    """Read the chosen columns of a separated text file; `file` is the name that errors print.

    Everything is text and nothing is taken for a missing value: an answer `NA` stays `NA`. A record's row is its
    number plus one (see `Export.row`). Rows whose cells do not fit the header are marked ragged and read as blank.
    Empty lines at the end of the file are not rows.

    Raises
    ------
    ContractError
        When the file is empty, holds a header only, is in another encoding, is no text, or its quoting is broken.
    DeclarationError
        When the encoding or delimiter that the map names does not exist.
    """
    text = _decoded(path, file, encoding)
    try:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except (TypeError, ValueError) as error:
        raise DeclarationError(
            "this delimiter cannot part cells.", key="delimiter", found=repr(delimiter), allowed="one character"
        ) from error
    done = 1
    try:
        header = next(records, None)
        if not header:
            raise ContractError("this file has no header.", file=file, todo="Export again: row 1 names the columns.")
        found = choose(header)
        table = _Table(len(header), found)
        for block in _blocks(records):
            table.add(block)
            done += len(block)
    except csv.Error as error:
        raise _broken(error, file, records.line_num) from None
    return table.export(file)


class _Table:
    """Chosen columns, filled block by block so that the columns left out are never held all at once."""

    def __init__(self, width: int, found: dict[str, int]) -> None:
        self.width, self.names, self.places = width, list(found), list(found.values())
        self.columns: list[list[str]] = [[] for _ in self.names]
        self.widths: list[int] = []
        self.empty: list[bool] = []

    def add(self, block: Rows) -> None:
        widths = list(map(len, block))
        self.widths += widths
        self.empty += [not any(record) for record in block]
        if set(widths) != {self.width}:
            filler = [""] * self.width
            block = [record if width == self.width else filler for record, width in zip(block, widths, strict=True)]
        # A single place would give bare cells, so one is asked for twice.
        places = self.places + self.places[:1] if len(self.places) == 1 else self.places
        if places:
            for column, cells in zip(self.columns, zip(*map(itemgetter(*places), block), strict=True), strict=False):
                column.extend(cells)

    def export(self, file: str) -> Export:
        widths, empty = np.array(self.widths, dtype=np.int64), np.array(self.empty, dtype=bool)
        filled = np.flatnonzero(widths > 0)
        n = int(filled[-1]) + 1 if len(filled) else 0
        if n == 0:
            raise header_only(file)
        widths, empty = widths[:n], empty[:n]
        ragged = (widths != self.width) & (widths > 0)
        cut = bool(ragged[-1]) and widths[-1] < self.width
        return Export(
            text_frame({name: column[:n] for name, column in zip(self.names, self.columns, strict=True)}, n),
            np.arange(2, n + 2, dtype=np.int64),
            ragged,
            empty & ~ragged,
            f"{file}: the last row has fewer cells than the header, so the file may have been cut short."
            if cut
            else None,
        )


def _blocks(records: Iterator[list[str]]) -> Iterator[Rows]:
    while block := list(islice(records, _BLOCK)):
        yield block


def _decoded(path: Path, file: str, encoding: str) -> str:
    raw = read_bytes(path, file)
    if not raw.removeprefix(codecs.BOM_UTF8).strip():
        raise empty_file(file)
    if other := kind_of(raw):
        raise ContractError(
            f"this is not a text file but {other}.",
            file=file,
            todo="Export it as CSV, or change format in the column map.",
        )
    try:
        codec = "utf-8-sig" if raw.startswith(codecs.BOM_UTF8) else codecs.lookup(encoding).name
        text = raw.decode(codec)
        text.encode("utf-8")  # some encodings give halves of characters, which no table can hold
    except LookupError:
        raise DeclarationError(
            "this encoding is not known.", key="encoding", found=encoding, allowed="utf-8, cp1252, …"
        ) from None
    except UnicodeError:
        raise _wrong_encoding(raw, file, encoding) from None
    if "\0" in text:
        raise _nul(raw, file)
    return text


def _wrong_encoding(raw: bytes, file: str, encoding: str) -> ContractError:
    return ContractError(
        f"this file is not in the encoding {encoding}.",
        file=file,
        todo=f"Write encoding: {_likely(raw)} in the column map (for a roster: under roster in survey.yaml), or save "
        "the file again as 'CSV UTF-8'.",
    )


def _likely(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8", "cp1252"):
        try:
            raw.decode(encoding)
        except UnicodeError:
            continue
        return encoding
    return "latin-1"


def _nul(raw: bytes, file: str) -> ContractError:
    at = raw.index(b"\0")
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or raw[:200].count(b"\0") > len(raw[:200]) // 3
    return ContractError(
        "this file holds zero bytes, which no text has: it was damaged on its way, or is in a two-byte encoding.",
        file=file,
        line=raw.count(b"\n", 0, at) + 1,
        todo="Write encoding: utf-16 in the column map." if wide else "Export or copy the file again.",
    )


def _broken(error: csv.Error, file: str, line: int) -> ContractError:
    ends = "unexpected end" in str(error) or "field limit" in str(error)
    return ContractError(
        "a quoted cell does not end: the file may have been cut short, or a quote mark is missing."
        if ends
        else "the quote marks around a cell do not fit, so the cells cannot be told apart.",
        file=file,
        line=line,
        todo="Export the file again, and do not edit it by hand.",
    )
