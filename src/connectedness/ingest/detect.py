"""Which program wrote a file, found from its content. The name of the file says nothing."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import islice
from pathlib import Path

from connectedness.declare.columns import ColumnMap
from connectedness.errors import ConnectednessError, ContractError
from connectedness.ingest.layout import Head, Layout
from connectedness.ingest.recognised import TITLES, Recognised
from connectedness.ingest.wrong_file import empty_file, kind_of, not_of_this_kind, read_bytes
from connectedness.ingest.zipped import Content, is_dictionary, is_workbook, kind_by_ending, stream, unzipped

TOOLS = ("qualtrics", "limesurvey", "redcap", "surveymonkey", "microsoft_forms", "google_forms")
"""Survey tools whose tables are known, each in the module of its name."""

_HEAD_BYTES, _HEAD_ROWS = 8_000_000, 4
_DELIMITERS = (",", ";", "\t", "|")
TEXT_ENDINGS = {".csv", ".tsv", ".txt", ".tab", ""}
# What a file of this ending must be; text that is called so is an error, not a table.
OTHER_ENDINGS = {
    ".xlsx": "an Excel workbook (.xlsx)", ".xlsm": "an Excel workbook (.xlsm)", ".sav": "an SPSS file (.sav)",
    ".zsav": "an SPSS file (.zsav)", ".dta": "a Stata file (.dta)", ".parquet": "a parquet file",
}  # fmt: skip
_BINARY = {"a parquet file": "parquet", "an SPSS file": "sav", "a compressed SPSS file": "sav", "a Stata file": "dta"}


@dataclass(frozen=True)
class Sniffed:
    """What a file is, its first rows, and, of text, what parts its cells."""

    recognised: Recognised
    content: Content
    head: Head = ()
    delimiter: str = ","
    in_workbook: bool = False

    @classmethod
    def declared(cls, kind: str, content: Content) -> Sniffed:
        """What a map says a file is; nobody looks into it."""
        return cls(Recognised(kind, "certain", ["the column map says so"]), content, in_workbook=kind == "xlsx")

    @property
    def ending(self) -> str:
        """Ending of the file's name, or of its name in a zip."""
        return self.content.suffix.lower()


def detect(path: Path) -> Recognised:
    """Say which program wrote a file, how surely, and by what signs.

    A table that no survey tool is known to write so is `csv` or `xlsx`, whose first row names the columns.

    Raises
    ------
    ContractError
        When the file is not there, is empty, is a zip without exactly one export, or is no table.
    """
    return sniffed(path, path.name).recognised


def sniffed(path: Path, file: str, sheet: str | None = None) -> Sniffed:
    """As `detect`, with what a reader needs; `file` is the name that errors print.

    Raises
    ------
    ContractError
        As for `detect`.
    """
    content = unzipped(path, file)
    found = _sniffed(content, file, sheet)
    if isinstance(content, Path):
        return found
    why = [f"a zip that holds {kind_by_ending(content.suffix)}", *found.recognised.why]
    again = Recognised(found.recognised.format, found.recognised.confidence, why)
    return replace(found, recognised=again)


def _sniffed(content: Content, file: str, sheet: str | None) -> Sniffed:
    start = read_bytes(content, file, _HEAD_BYTES)
    if not start.removeprefix(codecs.BOM_UTF8).strip():
        raise empty_file(file)
    kind = kind_of(start)
    if kind in _BINARY:
        return Sniffed(Recognised(_BINARY[kind], "certain", [f"it begins as {kind} does"]), content)
    if kind is None:
        head, delimiter = _text_head(start)
        if (ending := content.suffix.lower()) in OTHER_ENDINGS:
            if (found := _by_head(head, "csv")).confidence == "plain":
                raise not_of_this_kind(OTHER_ENDINGS[ending], start[:16], file)
            return Sniffed(found, content, head, delimiter)
        return Sniffed(_by_head(head, "csv"), content, head, delimiter)
    if start.startswith(b"PK"):
        from connectedness.ingest.xlsx_file import head_of_sheet

        _must_be_called_workbook(content, kind, file)
        head = head_of_sheet(content, file, sheet)
        return Sniffed(_by_head(head, "xlsx"), content, head, in_workbook=True)
    raise ContractError(
        f"this is {kind}, which is not read.",
        file=file,
        todo="Open it in Excel, save it as .xlsx or 'CSV UTF-8' without a password, and run again.",
    )


def _must_be_called_workbook(content: Content, kind: str, file: str) -> None:
    """What cannot be opened as a zip is what its name says, so that the error speaks of that."""
    with stream(content) as opened:
        if is_workbook(opened, file):
            return
    ending = content.suffix.lower()
    if ending in TEXT_ENDINGS:
        raise ContractError(
            f"this is not a text file but {kind}.",
            file=file,
            todo="Export it as CSV, or change format in the column map.",
        )
    if ending not in OTHER_ENDINGS:
        raise ending_not_known(file, ending)


def ending_not_known(file: str, ending: str) -> ContractError:
    """Say that a file is neither a known format nor named as one."""
    return ContractError(
        "it is not known how to read a file with this ending.",
        file=file,
        found=ending or "no ending",
        allowed=".csv, .tsv, .txt, .xlsx, .xlsm, .sav, .zsav, .dta, .parquet, or a .zip with one of these in it",
        todo="Export it in one of these formats, or write format: in the column map.",
    )


def _by_head(head: Head, otherwise: str) -> Recognised:
    if head and {"Variable / Field Name", "Form Name"} <= set(head[0]):
        return Recognised("redcap_dictionary", "certain", ["row 1 is that of REDCap's data dictionary"])
    found = [one for tool in TOOLS if (one := _module(tool).recognise(head))]
    for confidence in ("certain", "likely"):
        those = [one for one in found if one.confidence == confidence]
        if len(those) == 1:
            return those[0]
        if those:
            names = " and ".join(one.title for one in those)
            return Recognised(otherwise, "plain", [f"it has signs of {names}, so it is read as a plain table"])
    return Recognised(otherwise, "plain", ["no survey tool that is known writes such a header"])


def layout_of(tool: str, file: str, columns: ColumnMap | None, content: Content) -> Callable[[Head], Layout]:
    """How to lay out a tool's table, once its first rows are read."""
    if tool == "redcap":
        from connectedness.ingest import redcap

        return lambda head: redcap.layout(head, file, columns, redcap.dictionary_beside(content))
    made: Callable[[Head, str, ColumnMap | None], Layout] = _module(tool).layout
    return lambda head: made(head, file, columns)


def _module(tool: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return import_module(f"connectedness.ingest.{tool}")


def _text_head(start: bytes) -> tuple[Head, str]:
    """First rows of a text, and the separator that parts them all alike, or the first row into most cells."""
    text = _decoded_roughly(start)
    best: tuple[tuple[bool, int], Head, str] = ((False, 0), (), ",")
    for delimiter in _DELIMITERS:
        rows = _rows(text, delimiter)
        if not rows:
            continue
        widths = {len(row) for row in rows if row}
        rank = (len(widths) == 1 and len(rows[0]) > 1 and len(rows) > 1, len(rows[0]))
        if rank > best[0]:
            best = (rank, rows, delimiter)
    return best[1], best[2]


def _rows(text: str, delimiter: str) -> list[list[str]]:
    rows = []
    try:
        for row in islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), _HEAD_ROWS):
            rows.append(row)
    except csv.Error:  # of the rows, those before the fault count
        pass
    return rows


def _decoded_roughly(start: bytes) -> str:
    """Text enough to see names of columns by; the reader decodes with care."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return start.decode("utf-16", errors="replace")
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(start, final=False)
    except UnicodeDecodeError:
        return start.decode("latin-1")


def known_formats() -> list[str]:
    """Formats that a map may declare."""
    return [one for one in TITLES if one != "redcap_dictionary"]


def is_dictionary_file(path: Path) -> bool:
    """Whether a file explains a REDCap export, and is none itself."""
    try:
        return path.is_file() and is_dictionary(read_bytes(path, path.name, 40))
    except ConnectednessError:
        return False
