"""The rows of a text file or a workbook, a chunk at a time, read by a layout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from connectedness.ingest.cells import Choose, Export, Mark, cell_text, distinct_texts, factorised
from connectedness.ingest.layout import Column, Layout, Rule

Rows = list[Sequence[Any]]

_CELLS_AT_A_TIME, _BYTES_AT_A_TIME, _STEP = 1_000_000, 32_000_000, 1_000


def chunk_rows(width: int) -> int:
    """Rows of a chunk that take little memory, in a file of so many columns."""
    return max(1, _CELLS_AT_A_TIME // max(width, 1))


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

    @property
    def needs_all_rows(self) -> bool:
        """Whether a column is made from other rows too."""
        return any(one.of_all_rows for one in self.columns.values())


class TextRows:
    """Makes chunks of a text file's records; the columns left out are never held."""

    def __init__(self, chosen: Chosen, file: str) -> None:
        self.chosen, self.file, self.start = chosen, file, 0

    def chunk(self, block: list[list[str]], last: bool, share: float) -> Export:
        """Give the next records; the `last` ones of the file tell whether it was cut short."""
        width, places = self.chosen.layout.width, self.chosen.places
        if self.chosen.layout.tool:
            block = [_without_tail(record, width) if len(record) > width else record for record in block]
        widths = np.fromiter(map(len, block), dtype=np.int64, count=len(block))
        empty = np.fromiter((not any(record) for record in block), dtype=bool, count=len(block))
        if (widths != width).any():
            filler = [""] * width
            block = [record if len(record) == width else filler for record in block]
        # A single place would give bare cells, so one is asked for twice.
        asked = places + places[:1] if len(places) == 1 else places
        columns = zip(*map(itemgetter(*asked), block), strict=True) if places else ()
        cells = dict(zip(places, columns, strict=False))
        ragged = (widths != width) & (widths > 0)
        cut = last and bool(ragged[-1]) and widths[-1] < width
        note = [f"{self.file}: the last row has fewer cells than the header, so the file may have been cut short."]
        self.start += len(block)
        notes = _notes(self.chosen.layout, self.file, note if cut else []) if last else None
        return _export(self.chosen, cells, self.start - len(block), ragged, empty & ~ragged, notes, share)


def _without_tail(record: list[str], width: int) -> list[str]:
    """A row without the empty cells that some tools write after the last column."""
    return record if any(record[width:]) else record[:width]


class SheetRows:
    """Makes chunks of a workbook's rows: typed cells, and a row may end at its last filled cell."""

    def __init__(self, chosen: Chosen, file: str) -> None:
        self.chosen, self.file, self.start = chosen, file, 0

    def chunk(self, block: Rows, last: bool, share: float) -> Export:
        """Give the next rows."""
        n = len(block)
        empty = np.fromiter((not holds_something(row) for row in block), dtype=bool, count=n)
        cells = {
            place: [cell_text(row[place]) if place < len(row) else "" for row in block] for place in self.chosen.places
        }
        self.start += n
        notes = _notes(self.chosen.layout, self.file) if last else None
        return _export(self.chosen, cells, self.start - n, np.zeros(n, bool), empty, notes, share)


def holds_something(row: Sequence[Any]) -> bool:
    """Whether any cell of a workbook's row is filled."""
    return any(value is not None and value != "" for value in row)


def _notes(layout: Layout, file: str, own: Sequence[str] = ()) -> str | None:
    return " ".join([*own, *(f"{file}: {note}" for note in layout.notes)]) or None


def _export(
    chosen: Chosen,
    cells: Mapping[int, Sequence[str]],
    start: int,
    ragged: np.ndarray,
    empty: np.ndarray,
    note: str | None,
    share: float,
) -> Export:
    layout, n = chosen.layout, len(ragged)
    read = {place: _cleaned(factorised(column), layout) for place, column in cells.items()}
    made = {name: _made(one, read) for name, one in chosen.columns.items()}
    marks = [
        Mark(one.reason, one.where([read[place] for place in one.places]) & ~ragged & ~empty, _name(layout, one))
        for one in layout.rules
    ]
    first = layout.header_rows + 1 + start
    return Export(
        cells=pd.DataFrame(made, index=pd.RangeIndex(n)),
        row=np.arange(first, n + first, dtype=np.int64),
        ragged=ragged,
        empty=empty,
        note=note,
        format=layout.format,
        marks=marks,
        labels={name: one.labels for name, one in chosen.columns.items() if one.labels},
        questions={name: one.question for name, one in chosen.columns.items() if one.question},
        timezone=layout.timezone,
        missing=dict(layout.missing),
        blank_beside=_blank_beside(layout, made),
        tool=layout.tool,
        share=share,
    )


def _cleaned(column: pd.Series, layout: Layout) -> pd.Series:
    if layout.clean is None:
        return column
    codes, texts = distinct_texts(column)
    return factorised(layout.clean(pd.Series(texts, dtype="str")).tolist(), codes)


def _made(column: Column, read: dict[int, pd.Series]) -> pd.Series:
    if column.make is None:
        return read[column.places[0]]
    return column.make([read[place].astype("str") for place in column.places])


def _name(layout: Layout, rule: Rule) -> str:
    return next((one.name for one in layout.columns if one.places == rule.places[:1]), "")


def _blank_beside(layout: Layout, made: dict[str, pd.Series]) -> bool | None:
    """A tool that writes a code for "seen, not answered" leaves a cell empty only where it was not shown."""
    if (code := layout.blank_beside) is None:
        return None
    return any(code in distinct_texts(cells)[1] for cells in made.values())


def without_last_blanks(rows: Iterable[Any], filled: Callable[[Any], bool]) -> Iterator[Any]:
    """Rows up to the last one that is `filled`; of blank ones only the first of a run is kept in mind."""
    held, blank = 0, None
    for row in rows:
        if not filled(row):
            held, blank = held + 1, row
            continue
        if held:
            yield from repeat(blank, held)
            held = 0
        yield row


def blocks(
    rows: Iterator[Any], size: int | None, read: Callable[[], int] = lambda: 0
) -> Iterator[tuple[list[Any], bool]]:
    """Rows in lists of `size` (None: all), and whether it is the last list; a list of much text ends earlier.

    `read` tells how many bytes have been read of the file.
    """
    ahead = list(islice(rows, 1))
    while ahead:
        at, block = read(), ahead
        while (size is None or len(block) < size) and (size is None or read() - at < _BYTES_AT_A_TIME):
            more = list(islice(rows, _STEP if size is None else min(_STEP, size - len(block))))
            if not more:
                break
            block += more
        ahead = list(islice(rows, 1))
        yield block, not ahead
