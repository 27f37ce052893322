"""Excel workbooks."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook.workbook import Workbook

from connectedness.errors import ContractError
from connectedness.ingest.cells import Choose, Export, cell_text
from connectedness.ingest.layout import Head, Layout, plain
from connectedness.ingest.table import Chosen, SheetRows, blocks
from connectedness.ingest.wrong_file import read_as
from connectedness.ingest.zipped import Content, stream

_BLOCK = 5_000
_HEAD_ROWS = 4


def read_xlsx(
    path: Content, file: str, choose: Choose, sheet: str | None = None, layout: Callable[[Head], Layout] = plain
) -> Export:
    """Read the chosen columns of a workbook's sheet (the first, if none is named).

    Nothing in the workbook is run or followed: a formula counts as the value last computed for it, macros and links to
    other files are not loaded. Whole numbers lose their point and dates are in ISO form, so a code reads the same as in
    a CSV export.

    Raises
    ------
    ContractError
        When it is not a workbook, or the sheet is not there or has no rows.
    """
    with read_as("an Excel workbook (.xlsx)", path, file), _sheet_rows(path, sheet, file) as rows:
        head = _head(rows, 1 if layout is plain else _HEAD_ROWS)
        if not head or not any(head[0]):
            raise ContractError("this sheet has no header.", file=file, todo="Row 1 must name the columns.")
        known = layout(head)
        table = SheetRows(Chosen.of(known, choose))
        for block in blocks(chain(head[known.header_rows :], rows), _BLOCK):
            table.add(block)
        return table.export(file)


def head_of_sheet(path: Content, file: str, sheet: str | None = None) -> list[list[str]]:
    """First rows of a sheet, as text.

    Raises
    ------
    ContractError
        When it is not a workbook, or the sheet is not there.
    """
    with read_as("an Excel workbook (.xlsx)", path, file), _sheet_rows(path, sheet, file) as rows:
        return _head(rows, _HEAD_ROWS)


def _head(rows: Iterator[tuple[Any, ...]], n: int) -> list[list[str]]:
    return [[cell_text(value) for value in row] for row in islice(rows, n)]


@contextmanager
def _sheet_rows(path: Content, name: str | None, file: str) -> Iterator[Iterator[tuple[Any, ...]]]:
    with warnings.catch_warnings(), stream(path) as opened:
        warnings.simplefilter("ignore")  # about styles and validations, which do not matter here
        book = load_workbook(opened, read_only=True, data_only=True, keep_links=False)
        try:
            sheet = _sheet(book, name, file)
            sheet.reset_dimensions()  # some programs write a size that is not true
            yield sheet.iter_rows(values_only=True)
        finally:
            book.close()


def _sheet(book: Workbook, name: str | None, file: str) -> Any:
    names = [one.title for one in book.worksheets]
    wanted = name or (names[0] if names else None)
    if wanted not in names:
        raise ContractError(
            "this sheet is not in the workbook.", file=file, found=", ".join(names) or "no sheet", allowed=wanted,
            todo="Write the sheet's name in the column map, as sheet: NAME.",
        )  # fmt: skip
    return book[str(wanted)]
