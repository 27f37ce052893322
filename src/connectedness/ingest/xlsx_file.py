"""Excel workbooks, read in chunks of rows. A workbook's own list of its distinct texts is held in memory throughout."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook.workbook import Workbook

from connectedness.errors import ContractError
from connectedness.ingest.cells import Choose, Export, cell_text, joined
from connectedness.ingest.layout import Head, Layout, plain
from connectedness.ingest.table import Chosen, SheetRows, blocks, chunk_rows, holds_something, without_last_blanks
from connectedness.ingest.wrong_file import header_only, read_as
from connectedness.ingest.zipped import Content, stream

_HEAD_ROWS = 4
_PIECE = 1 << 20
UNCOMPUTED = "a formula without a value"
"""Stands for a cell whose formula nobody has computed."""


def read_xlsx(
    path: Content, file: str, choose: Choose, sheet: str | None = None, layout: Callable[[Head], Layout] = plain
) -> Export:
    """Read the chosen columns of a whole sheet; see `xlsx_chunks`.

    Raises
    ------
    ContractError
        When it is not a workbook, or the sheet is not there or has no rows.
    """
    return joined(xlsx_chunks(path, file, choose, sheet, layout))


def xlsx_chunks(
    path: Content,
    file: str,
    choose: Choose,
    sheet: str | None = None,
    layout: Callable[[Head], Layout] = plain,
    rows: int | None = None,
) -> Iterator[Export]:
    """Read the chosen columns of a workbook's sheet (the first, if none is named), chunk by chunk.

    Nothing in the workbook is run or followed: a formula counts as the value last computed for it, and, where there is
    none, as a text that is no code; macros and links to other files are not loaded. Whole numbers lose their point and
    dates are in ISO form, so a code reads the same as in a CSV export. Empty rows at the end are not rows.

    Raises
    ------
    ContractError
        When it is not a workbook, or the sheet is not there or has no rows.
    """
    with read_as("an Excel workbook (.xlsx)", path, file), _sheet_rows(path, sheet, file) as (found, expected):
        head = _head(found, 1 if layout is plain else _HEAD_ROWS)
        if not head or not any(head[0]):
            raise ContractError("this sheet has no header.", file=file, todo="Row 1 must name the columns.")
        known = layout(head)
        table = SheetRows(Chosen.of(known, choose), file)
        size = None if table.chosen.needs_all_rows else rows or chunk_rows(len(head[0]))
        following = without_last_blanks(chain(head[known.header_rows :], found), holds_something)
        for block, last in blocks(following, size):
            share = 1.0 if last else min((table.start + len(block)) / max(expected, 1), 1.0)
            yield table.chunk(block, last, share)
        if not table.start:
            raise header_only(file)


def head_of_sheet(path: Content, file: str, sheet: str | None = None) -> list[list[str]]:
    """First rows of a sheet, as text.

    Raises
    ------
    ContractError
        When it is not a workbook, or the sheet is not there.
    """
    with read_as("an Excel workbook (.xlsx)", path, file), _sheet_rows(path, sheet, file) as (rows, _):
        return _head(rows, _HEAD_ROWS)


def _head(rows: Iterator[tuple[Any, ...]], n: int) -> list[list[str]]:
    return [[cell_text(value) for value in row] for row in islice(rows, n)]


@contextmanager
def _sheet_rows(path: Content, name: str | None, file: str) -> Iterator[tuple[Iterator[tuple[Any, ...]], int]]:
    """Rows of a sheet, and how many the workbook says there are, which may not be true."""
    with warnings.catch_warnings(), stream(path) as opened:
        warnings.simplefilter("ignore")  # about styles and validations, which do not matter here
        book = load_workbook(opened, read_only=True, data_only=True, keep_links=False)
        try:
            sheet = _sheet(book, name, file)
            expected = sheet.max_row or 0
            sheet.reset_dimensions()  # some programs write a size that is not true
            if _holds_formulas(sheet):
                yield _with_formulas(sheet, opened), expected
            else:
                yield sheet.iter_rows(values_only=True), expected
        finally:
            book.close()


def _holds_formulas(sheet: Any) -> bool:
    """Whether a sheet's XML has a formula at all, which an export seldom has."""
    last = b""
    with sheet._get_source() as source:
        while piece := source.read(_PIECE):
            if any(mark in last + piece for mark in (b"<f>", b"<f ", b"<f/>")):
                return True
            last = piece[-4:]
    return False


def _with_formulas(sheet: Any, opened: Any) -> Iterator[tuple[Any, ...]]:
    """Rows of a sheet where a formula that was never computed is told as one: it is not an empty cell."""
    book = load_workbook(opened, read_only=True, data_only=False, keep_links=False)
    formulas = book[sheet.title]
    formulas.reset_dimensions()
    for values, written in zip(sheet.iter_rows(values_only=True), formulas.iter_rows(values_only=True), strict=True):
        yield tuple(
            UNCOMPUTED if value is None and formula is not None else value
            for value, formula in zip(values, written, strict=True)
        )


def _sheet(book: Workbook, name: str | None, file: str) -> Any:
    names = [one.title for one in book.worksheets]
    wanted = name or (names[0] if names else None)
    if wanted not in names:
        raise ContractError(
            "this sheet is not in the workbook.", file=file, found=", ".join(names) or "no sheet", allowed=wanted,
            todo="Write the sheet's name in the column map, as sheet: NAME.",
        )  # fmt: skip
    return book[str(wanted)]
