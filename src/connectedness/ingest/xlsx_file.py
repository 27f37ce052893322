"""Excel workbooks."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl import load_workbook
from openpyxl.workbook.workbook import Workbook

from connectedness.errors import ContractError
from connectedness.ingest.cells import Choose, Export, cell_text, text_frame
from connectedness.ingest.wrong_file import header_only, read_as

_BLOCK = 5_000


def read_xlsx(path: Path, file: str, choose: Choose, sheet: str | None = None) -> Export:
    """Read the chosen columns of a workbook's sheet (the first, if none is named).

    Nothing in the workbook is run: a formula counts as the value last computed for it. Whole numbers lose their
    point and dates are in ISO form, so a code reads the same as in a CSV export.

    Raises
    ------
    ContractError
        When it is not a workbook, or the sheet is not there or has no rows.
    """
    with read_as("an Excel workbook (.xlsx)", path, file), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and validations, which do not matter here
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            return _read_sheet(_sheet(book, sheet, file), file, choose)
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


def _read_sheet(sheet: Any, file: str, choose: Choose) -> Export:
    sheet.reset_dimensions()  # some programs write a size that is not true
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    header = [cell_text(value) for value in next(rows, ())]
    if not any(header):
        raise ContractError("this sheet has no header.", file=file, todo="Row 1 must name the columns.")
    found = choose(header)
    columns: dict[str, list[str]] = {name: [] for name in found}
    empty: list[bool] = []
    while block := list(islice(rows, _BLOCK)):
        empty += [all(value is None or value == "" for value in row) for row in block]
        for name, place in found.items():
            columns[name] += [cell_text(row[place]) if place < len(row) else "" for row in block]
    filled = np.flatnonzero(~np.array(empty, dtype=bool))
    if not len(filled):
        raise header_only(file)
    n = int(filled[-1]) + 1
    cells = text_frame({name: column[:n] for name, column in columns.items()}, n)
    return Export(cells, np.arange(2, n + 2, dtype=np.int64), np.zeros(n, bool), np.array(empty[:n], dtype=bool))
