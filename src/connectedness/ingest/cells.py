"""What every reader gives: the asked-for columns as text, and where each row stood in the file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Choose = Callable[[Sequence[str]], dict[str, int]]
"""Given the header, says under which name to keep which position; raises where a column is missing."""

_BIGGEST_EXACT = 2.0**53


@dataclass(frozen=True)
class Export:
    """A file as read.

    Attributes
    ----------
    cells : DataFrame
        Text, trimmed, never null: only the columns that were asked for. Nothing else gets past the reader.
    row : array of int64
        Spreadsheet row of each record. The header is row 1 and a record's row is its number plus one: a cell of
        several lines is one row, and an empty line is a row too. SPSS and parquet files are counted the same way.
    ragged, empty : array of bool
        Rows with more or fewer cells than the header, and rows with nothing in any column of the file.
    note : str, optional
        What a person should know about the file.
    """

    cells: pd.DataFrame
    row: np.ndarray
    ragged: np.ndarray
    empty: np.ndarray
    note: str | None = None

    @classmethod
    def whole(cls, cells: pd.DataFrame) -> Export:
        """Give an export of a format that knows no ragged or empty rows."""
        n = len(cells)
        return cls(cells, np.arange(2, n + 2, dtype=np.int64), np.zeros(n, bool), np.zeros(n, bool))

    def __len__(self) -> int:
        return len(self.row)


def tidy(name: str) -> str:
    """A column's name without what cannot be seen: line breaks, double and no-break spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def same(text: str) -> str:
    """What two texts share when they say the same: case, blanks and Unicode form do not count, nor does `.0`."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return plain[: -len(whole.group(1))] if (whole := re.fullmatch(r"[+-]?\d+(\.0+)", plain)) else plain


def cell_text(value: Any) -> str:
    """One typed cell as text: a whole number without its point, a date in ISO form, nothing as ""."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if value != value:
            return ""
        return str(int(value)) if abs(value) < _BIGGEST_EXACT and value == int(value) else str(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value).strip()


def text_frame(columns: dict[str, Sequence[str]], rows: int) -> pd.DataFrame:
    """Columns of text as a frame, trimmed."""
    return pd.DataFrame(
        {name: pd.Series(values, dtype="str").str.strip() for name, values in columns.items()},
        index=pd.RangeIndex(rows),
    )


def column_text(column: pd.Series) -> pd.Series:
    """A typed column as text, by the rules of `cell_text`."""
    plain = column.reset_index(drop=True)
    codes, distinct = pd.factorize(plain, use_na_sentinel=True)
    words = np.array([*(cell_text(value) for value in distinct.tolist()), ""], dtype=object)
    return pd.Series(words[codes], index=plain.index, dtype="str")


def by_distinct(text: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """Change each distinct text once: a column of a hundred thousand rows has few."""
    codes, distinct = pd.factorize(text)
    changed = np.array([change(value) for value in distinct.tolist()], dtype=object)
    return pd.Series(changed[codes] if len(changed) else "", index=text.index, dtype="str")
