"""The items of one file, outside any project: for scoring a file as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from connectedness.declare.columns import ColumnMap, ItemColumn
from connectedness.declare.instrument import Instrument, Item
from connectedness.errors import ContractError
from connectedness.ingest.answers import FINE, OUTSIDE, TEXT, code_key, fault_kind, not_asked, read_answers
from connectedness.ingest.cells import Export, tidy
from connectedness.ingest.export import read_export
from connectedness.ingest.header import KEPT, find_columns, near_name
from connectedness.ingest.marks import set_apart


@dataclass(frozen=True)
class ItemsRead:
    """Items and kept columns of one file, in the order of its rows.

    Attributes
    ----------
    items : DataFrame of int16
        One column an item of the instrument; an item that the file does not have is "not asked" throughout.
    kept : DataFrame of str
        The columns asked for.
    bad : dict
        Bad answers, by kind.
    absent : list of str
        Items that the file does not have.
    row : array of int64
        Spreadsheet row of each row.
    """

    items: pd.DataFrame
    kept: pd.DataFrame
    bad: dict[str, int]
    absent: list[str]
    row: np.ndarray


def read_items(
    path: Path, instrument: Instrument, columns: ColumnMap | None = None, keep: Sequence[str] = ()
) -> ItemsRead:
    """Read an instrument's items from the export of a survey tool, or from any table.

    An item's column is the one that the map names; without a map, the one called as the item's id, or else as its
    variable. Empty lines are not rows, nor are previews, tests, spam and answers never sent, where the survey tool
    marks them.

    Raises
    ------
    ContractError
        When the file does not hold, has none of the instrument's columns, or has rows with too many or too few cells.
    """
    file = str(path)
    found: dict[str, str] = {}

    def choose(header: Sequence[str]) -> dict[str, int]:
        found.update(_item_columns(header, instrument, columns, file))
        places = find_columns(header, list(found.values()), file)
        # Only now is it known that row 1 names columns, and that its names may be shown.
        return {**places, **_kept(header, places, keep, file)}

    export = read_export(path, file, columns, choose)
    if export.ragged.any():
        first = [str(row) for row in export.row[export.ragged][:5]]
        raise ContractError(
            f"{int(export.ragged.sum())} rows have more or fewer cells than the header.",
            file=file,
            found=f"rows {', '.join(first)}",
            todo="Export the file again; the cells of these rows cannot be told apart.",
        )
    whole = ~export.empty & ~set_apart(export, columns)
    cells = export.cells[whole].reset_index(drop=True)
    answers = {}
    for item in instrument.active_items():
        if item.id in found:
            mapped = columns.items.get(item.id) if columns else ItemColumn(column=found[item.id])
            answers[item.id] = read_answers(cells[found[item.id]], _key(item.id, instrument, mapped, columns, export))
        else:
            answers[item.id] = not_asked(len(cells))
    bad: Counter[str] = Counter()
    for item_id, read in answers.items():
        if (read.fault != FINE).any():
            for fault in (OUTSIDE, TEXT):
                bad[fault_kind(fault, instrument.codes(item_id))] += int((read.fault == fault).sum())
    return ItemsRead(
        items=pd.DataFrame({item: read.codes for item, read in answers.items()}, index=cells.index),
        kept=cells[list(keep)],
        bad={kind: n for kind, n in bad.items() if n},
        absent=[item for item in answers if item not in found],
        row=export.row[whole],
    )


def _kept(header: Sequence[str], places: dict[str, int], keep: Sequence[str], file: str) -> dict[str, int]:
    return {name: place for name, place in find_columns(header, [*places, *keep], file, KEPT).items() if name in keep}


def _key(
    item: str, instrument: Instrument, mapped: ItemColumn | None, columns: ColumnMap | None, export: Export
) -> dict[str, int]:
    return code_key(item, instrument, mapped, columns, export.words(mapped.column) if mapped else None)


def _item_columns(
    header: Sequence[str], instrument: Instrument, columns: ColumnMap | None, file: str
) -> dict[str, str]:
    items = instrument.active_items()
    if columns:
        found = {item.id: columns.items[item.id].column for item in items if item.id in columns.items}
        looked_for = [item.id for item in items]
    else:
        there = {tidy(name) for name in header}
        found = {item.id: name for item in items if (name := _name_there(item, there))}
        looked_for = [name for item in items for name in (item.id, item.variable) if name]
    if found:
        return found
    # Row 1 may be a student's, so only a cell that is surely one of these names is shown.
    close = [near_name(name, [tidy(name) for name in header]) for name in looked_for]
    near = [name for name, surely in close if name and surely]
    raise ContractError(
        f"this file has none of the columns of {instrument.pinned}."
        if columns is None
        else f"the column map names none of the items of {instrument.pinned}.",
        file=file,
        allowed=", ".join(looked_for),
        todo=f"{', '.join(dict.fromkeys(near))} looks like one of them renamed: name it in a column map (--map)."
        if near and columns is None
        else "Check the file and the instrument, or say with a column map (--map) which column holds which item.",
    )


def _name_there(item: Item, there: set[str]) -> str | None:
    return next((name for name in (item.id, item.variable) if name and name in there), None)
