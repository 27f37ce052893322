"""What every reader gives: the asked-for columns as text, and where each row stood in the file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from connectedness.declare.instrument import MissingKind

Choose = Callable[[Sequence[str]], dict[str, int]]
"""Given the header, says under which name to keep which position; raises where a column is missing."""

_BIGGEST_EXACT = 2.0**53
# Dashes and quotes that people and programs put for "-", "'" and '"'.
_DRAWN_ALIKE = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc`\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"')
)


@dataclass(frozen=True)
class Mark:
    """Rows that the survey tool itself sets apart (a preview, spam, an answer never sent), and why."""

    reason: str
    where: np.ndarray
    column: str = ""


@dataclass(frozen=True)
class ToolWords:
    """What the survey tool's own codes in a column mean.

    Attributes
    ----------
    labels : dict
        Label of each code, as the tool's own definition gives it.
    missing : dict
        Texts that are no answer, and what each is.
    blank : str or None
        What an empty cell is, where the tool makes that plain.
    blank_is_open : bool
        Whether only the whole file can tell what an empty cell is, and it has not been read yet.
    """

    labels: dict[str, str] = field(default_factory=dict)
    missing: dict[str, MissingKind] = field(default_factory=dict)
    blank: MissingKind | None = None
    blank_is_open: bool = False


@dataclass(frozen=True)
class Export:
    """A file as read, or a chunk of its rows.

    Attributes
    ----------
    cells : DataFrame
        Text, trimmed, never null: only the columns that were asked for. Nothing else gets past the reader. In a chunk
        a column may be categorical, so that what is said of a text is worked out once for all rows that hold it;
        `text` gives it plain.
    row : array of int64
        Spreadsheet row of each record. The header is row 1 and a record's row is its number plus one: a cell of
        several lines is one row, and an empty line is a row too. SPSS and parquet files are counted the same way.
    ragged, empty : array of bool
        Rows with more or fewer cells than the header, and rows with nothing in any column of the file.
    note : str, optional
        What a person should know about the file; of chunks, the last one tells it.
    format : str
        Which format it was read as.
    marks : sequence of Mark
        Rows that the tool sets apart.
    labels, questions : dict
        Of the columns asked for, where the file tells them: label of each code, and the question's text.
    timezone : str or None
        The clock that the tool says its times are on.
    missing, blank
        As in `ToolWords`, for every column of the file.
    blank_beside : bool or None
        For a tool whose code for "seen, not answered" says, wherever it stands, that an empty cell was not asked:
        whether that code is among these cells. Only a whole file can tell, so `blank` of a chunk does not.
    tool : bool
        Whether a survey tool wrote the file as it is, so that what is known of the tool holds.
    header : tuple of str
        Names of all columns of the file, where columns were asked for by name.
    share : float
        How much of the file was read when these rows were, 0 to 1.
    """

    cells: pd.DataFrame
    row: np.ndarray
    ragged: np.ndarray
    empty: np.ndarray
    note: str | None = None
    format: str = "csv"
    marks: Sequence[Mark] = ()
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    timezone: str | None = None
    missing: dict[str, MissingKind] = field(default_factory=dict)
    blank: MissingKind | None = None
    blank_beside: bool | None = None
    tool: bool = False
    header: tuple[str, ...] = ()
    share: float = 1.0

    @classmethod
    def typed(cls, cells: pd.DataFrame, start: int, **more: Any) -> Export:
        """Give rows of a format that knows no ragged or empty ones; `start` rows came before them."""
        n = len(cells)
        row = np.arange(start + 2, start + n + 2, dtype=np.int64)
        return cls(cells, row, np.zeros(n, bool), np.zeros(n, bool), **more)

    def text(self, column: str) -> pd.Series:
        """Text of a column, plain."""
        return self.cells[column].astype("str")

    def words(self, column: str) -> ToolWords:
        """What the tool's own codes in this column mean."""
        return ToolWords(self.labels.get(column, {}), self.missing, self.blank, self.blank_beside is not None)

    def __len__(self) -> int:
        return len(self.row)


def tidy(name: str) -> str:
    """A column's name without what cannot be seen: line breaks, double and no-break spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def same(text: str) -> str:
    """What two texts share when they say the same.

    Case, blanks and Unicode form do not count, nor which dash or quotation mark was drawn, nor `.0` after a number.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text.translate(_DRAWN_ALIKE)).casefold().split())
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


def column_text(column: pd.Series) -> pd.Series:
    """A typed column as text, by the rules of `cell_text`; categorical."""
    codes, distinct = pd.factorize(column, use_na_sentinel=True)
    return factorised([*(cell_text(value) for value in distinct.tolist()), ""], codes)


def factorised(texts: Sequence[str], codes: np.ndarray | None = None) -> pd.Series:
    """Trimmed text as a categorical column: of each row, or, with `codes`, of the places that these name."""
    which, distinct = pd.factorize(np.array(texts, dtype=object))
    plain = [text.strip() for text in distinct]
    if len(set(plain)) < len(plain):  # two differed in blanks only
        again, merged = pd.factorize(np.array(plain, dtype=object))
        which, plain = again[which], list(merged)
    place = which if codes is None else which[codes]
    categories = pd.CategoricalDtype(pd.Index(plain, dtype="str"))
    return pd.Series(pd.Categorical.from_codes(place, dtype=categories))


def distinct_texts(text: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Which text each row holds, and the texts; of a categorical column some may be of no row."""
    if isinstance(text.dtype, pd.CategoricalDtype):
        return text.cat.codes.to_numpy(), text.cat.categories.tolist()
    codes, distinct = pd.factorize(text)
    return codes, distinct.tolist()


def by_distinct(text: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """Change each distinct text once: a column of a hundred thousand rows has few."""
    codes, distinct = distinct_texts(text)
    changed = pd.array([change(value) for value in distinct], dtype="str")
    return pd.Series(changed.take(codes), index=text.index)


def that_say(text: pd.Series, test: Callable[[str], bool]) -> np.ndarray:
    """Rows whose text passes a test, which each distinct text is put to once."""
    codes, distinct = distinct_texts(text)
    return np.array([test(value) for value in distinct], dtype=bool)[codes]


def joined(chunks: Iterable[Export]) -> Export:
    """A whole file from its chunks, its text plain.

    Parameters
    ----------
    chunks : iterable of Export
        At least one, of one file, in order.
    """
    parts = list(chunks)
    first, last = parts[0], parts[-1]
    marks = [
        Mark(mark.reason, np.concatenate([one.marks[i].where for one in parts]), mark.column)
        for i, mark in enumerate(first.marks)
    ]
    cells = pd.concat([one.cells.astype("str") for one in parts], ignore_index=True)
    return replace(
        first,
        cells=cells.set_axis(pd.RangeIndex(sum(map(len, parts)))),
        row=np.concatenate([one.row for one in parts]),
        ragged=np.concatenate([one.ragged for one in parts]),
        empty=np.concatenate([one.empty for one in parts]),
        note=last.note,
        marks=marks,
        blank="not_asked" if any(one.blank_beside for one in parts) else first.blank,
        blank_beside=None,
        share=last.share,
    )
