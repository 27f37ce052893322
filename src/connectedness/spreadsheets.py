"""Tables as CSV and workbooks that no spreadsheet runs: a text that it would take for a formula stays a text.

Values of groups, ids and labels come from files that others wrote. Opened in a spreadsheet, a cell such as
`=HYPERLINK(...)` would be computed, and may send what stands beside it elsewhere. In CSV such a text gets an apostrophe
before it, as is usual (OWASP, CSV injection); a number stays as it is. A workbook says itself that the cell is text.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

# Also the full-width forms, which some versions of Excel take for the same.
_STARTS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(rf"^\s*[{_STARTS}]")
_STRANGE = rf"^\s*[{_STARTS}]|\r"
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?\s*")


def csv_text(frame: pd.DataFrame, separator: str = ",") -> str:
    r"""A table as text: `\n` line ends (in cells too), a null empty, a float in the fewest digits that tell it."""
    return str(without_formulas(frame).to_csv(index=False, sep=separator, lineterminator="\n"))


def without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before each text, and each column's name, that a spreadsheet would compute.

    A carriage return in a text becomes a line feed.
    """
    plain = frame.copy(deep=False)
    for i, kind in enumerate(frame.dtypes):
        if pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind):
            continue
        column = frame.iloc[:, i]
        text = (
            column if isinstance(kind, pd.StringDtype) else column.where(column.map(lambda one: isinstance(one, str)))
        )
        maybe = text.astype("str").str.contains(_STRANGE, regex=True, na=False).to_numpy(bool)
        if maybe.any():
            changed = column.astype(object)
            changed.iloc[maybe] = [_harmless(one) for one in column.iloc[maybe]]
            plain.isetitem(i, changed)
    plain.columns = [_harmless(name) for name in frame.columns]
    return plain


def write_workbook(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as a workbook in which every text is a text."""
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        frame.to_excel(writer, index=False)
        for sheet in writer.book.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    _as_text(cell)


def _harmless(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # A bare carriage return is not quoted by the writer, and begins a row of its own for some readers.
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if _computed(text) else text


def _as_text(cell: Any) -> None:
    if isinstance(cell.value, str) and _computed(cell.value):
        cell.data_type = "s"
        cell.quotePrefix = True  # stays a text when a person edits the cell


def _computed(text: str) -> bool:
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None
