"""The rows of a text file or a workbook, read by a layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from connectedness.ingest.cells import Choose, Export, Mark, cell_text, text_frame
from connectedness.ingest.layout import Column, Layout, Rule
from connectedness.ingest.wrong_file import header_only

Rows = list[Sequence[Any]]


@dataclass(frozen=True)
class Chosen:
    """The columns of a layout that were asked for, by the name asked for, and the places they are made from."""

    layout: Layout
    columns: dict[str, Column]

    @classmethod
    def of(cls, layout: Layout, choose: Choose) -> Chosen:
        """Ask which columns are wanted.

        Raises
        ------
        ContractError
            When one is not there.
        """
        found = choose([one.name for one in layout.columns])
        return cls(layout, {name: layout.columns[place] for name, place in found.items()})

    @property
    def places(self) -> list[int]:
        """Every place that is read; the others are left where they are."""
        made = [place for one in self.columns.values() for place in one.places]
        return list(dict.fromkeys([*made, *(place for rule in self.layout.rules for place in rule.places)]))


class TextRows:
    """Rows of a text file, filled block by block so that the columns left out are never held all at once."""

    def __init__(self, chosen: Chosen) -> None:
        self.chosen, self.width, self.places = chosen, chosen.layout.width, chosen.places
        self.columns: list[list[str]] = [[] for _ in self.places]
        self.widths: list[int] = []
        self.empty: list[bool] = []

    def add(self, block: list[list[str]]) -> None:
        """Take a block of records."""
        if self.chosen.layout.tool:
            block = [self._without_tail(record) for record in block]
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

    def _without_tail(self, record: list[str]) -> list[str]:
        """A row without the empty cells that some tools write after the last column."""
        return record[: self.width] if len(record) > self.width and not any(record[self.width :]) else record

    def export(self, file: str) -> Export:
        """Give what was read.

        Raises
        ------
        ContractError
            When there was no row.
        """
        widths, empty = np.array(self.widths, dtype=np.int64), np.array(self.empty, dtype=bool)
        filled = np.flatnonzero(widths > 0)
        n = int(filled[-1]) + 1 if len(filled) else 0
        if n == 0:
            raise header_only(file)
        widths, empty = widths[:n], empty[:n]
        ragged = (widths != self.width) & (widths > 0)
        cut = bool(ragged[-1]) and widths[-1] < self.width
        note = f"{file}: the last row has fewer cells than the header, so the file may have been cut short."
        cells = {place: column[:n] for place, column in zip(self.places, self.columns, strict=True)}
        return _export(self.chosen, cells, n, ragged, empty & ~ragged, [note] if cut else [], file)


class SheetRows:
    """Rows of a workbook: typed cells, and a row may end at its last filled cell."""

    def __init__(self, chosen: Chosen) -> None:
        self.chosen = chosen
        self.columns: dict[int, list[str]] = {place: [] for place in chosen.places}
        self.empty: list[bool] = []

    def add(self, block: Rows) -> None:
        """Take a block of rows."""
        self.empty += [all(value is None or value == "" for value in row) for row in block]
        for place, column in self.columns.items():
            column += [cell_text(row[place]) if place < len(row) else "" for row in block]

    def export(self, file: str) -> Export:
        """Give what was read; empty rows at the end are not rows.

        Raises
        ------
        ContractError
            When there was no row.
        """
        filled = np.flatnonzero(~np.array(self.empty, dtype=bool))
        if not len(filled):
            raise header_only(file)
        n = int(filled[-1]) + 1
        cells = {place: column[:n] for place, column in self.columns.items()}
        return _export(self.chosen, cells, n, np.zeros(n, bool), np.array(self.empty[:n], dtype=bool), [], file)


def _export(
    chosen: Chosen,
    cells: dict[int, list[str]],
    n: int,
    ragged: np.ndarray,
    empty: np.ndarray,
    notes: list[str],
    file: str,
) -> Export:
    layout = chosen.layout
    read = text_frame({str(place): column for place, column in cells.items()}, n)
    if layout.clean is not None:
        read = read.apply(layout.clean)
    made = {name: _made(one, read) for name, one in chosen.columns.items()}
    marks = [
        Mark(one.reason, one.where([read[str(place)] for place in one.places]) & ~ragged & ~empty, _name(layout, one))
        for one in layout.rules
    ]
    first = layout.header_rows + 1
    return Export(
        cells=pd.DataFrame(made, index=pd.RangeIndex(n)),
        row=np.arange(first, n + first, dtype=np.int64),
        ragged=ragged,
        empty=empty,
        note=" ".join([*notes, *(f"{file}: {note}" for note in layout.notes)]) or None,
        format=layout.format,
        marks=marks,
        labels={name: one.labels for name, one in chosen.columns.items() if one.labels},
        questions={name: one.question for name, one in chosen.columns.items() if one.question},
        timezone=layout.timezone,
        missing=dict(layout.missing),
        blank=_blank(layout, made),
        tool=layout.tool,
    )


def _made(column: Column, read: pd.DataFrame) -> pd.Series:
    cells = [read[str(place)] for place in column.places]
    return column.make(cells) if column.make is not None else cells[0]


def _name(layout: Layout, rule: Rule) -> str:
    return next((one.name for one in layout.columns if one.places == rule.places[:1]), "")


def _blank(layout: Layout, made: dict[str, pd.Series]) -> Any:
    """A tool that writes a code for "seen, not answered" leaves a cell empty only where it was not shown."""
    code = layout.blank_beside
    return "not_asked" if code and any((cells == code).any() for cells in made.values()) else None


def blocks(records: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """Records in lists of `size`."""
    while block := list(islice(records, size)):
        yield block
