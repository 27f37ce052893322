"""The parts that pages are made of: tables, panels, blocks. Plain values, which templates lay out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TableCell:
    """One cell of a table on a page; `hidden` shows the mark and nothing else.

    `sign` (good, fair, poor, none) draws a shape and a colour before the text, which says the same in a word.
    """

    text: str = ""
    small: str = ""
    hidden: bool = False
    span: int = 1
    sign: str = ""


@dataclass(frozen=True)
class Row:
    """A line of a table; `href` links its head."""

    head: str
    cells: tuple[TableCell, ...]
    href: str | None = None


@dataclass(frozen=True)
class Table:
    """A table: what it holds, its column heads, its lines."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Panel:
    """One drawn figure: its id on the page, its heading, its data, and the sentence that stands for it."""

    id: str
    title: str
    data: str
    alt: str


@dataclass(frozen=True)
class Block:
    """A section of a page: what it says in words, its panels, its numbers in a table."""

    id: str
    title: str
    sentences: tuple[str, ...]
    panels: tuple[Panel, ...]
    table: Table | None
    notes: tuple[str, ...] = ()
    key: tuple[tuple[int, str], ...] = ()
    wide: bool = False
    open: bool = False


def hidden_row(head: str, columns: int, href: str | None = None) -> Row:
    """A line of which nothing may be shown: one mark over all its columns."""
    return Row(head, (TableCell(hidden=True, span=columns),), href)


def all_hidden(cells: Sequence[TableCell]) -> bool:
    """Whether every cell of a line is hidden."""
    return all(cell.hidden for cell in cells)
