"""Estimates as arrays: units by columns, for every measure; checked, since a table that does not add up hides nothing.

A *column* is one breakdown and level; column 0 is the total. A *cell* is one unit and column.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.disclosure.families import CHANGE, SD
from connectedness.disclosure.tree import Tree, read_tree
from connectedness.errors import DisclosureError
from connectedness.tables import ALL, ESTIMATE_COLUMNS, ESTIMATE_KEY

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BASE = "response_rate"
SHARE = "share:"


@dataclass(frozen=True)
class Cells:
    """One wave's estimates.

    Attributes
    ----------
    columns : list of (breakdown, level)
        Column 0 is the total.
    spans : dict
        Breakdown to its columns.
    exists : ndarray of bool, shape (units, columns)
        Somebody answered or was asked. What does not exist is known to be empty and can hide nothing.
    base : ndarray of float, shape (units, columns)
        Respondents; 0 where the cell does not exist.
    n : ndarray of float, shape (measures, units, columns)
        Students behind each measure; NaN where there is no row.
    value : ndarray of float, shape (measures, units, columns)
        Value of each measure; NaN where there is none.
    row_measure, row_unit, row_column : ndarray of int, shape (rows,)
        Where each row of the frame stands in the arrays.
    """

    wave: str
    tree: Tree
    columns: list[tuple[str, str]]
    spans: dict[str, Ints]
    measures: list[str]
    exists: Bools
    base: Floats
    n: Floats
    value: Floats
    row_measure: Ints
    row_unit: Ints
    row_column: Ints

    @cached_property
    def place(self) -> dict[str, int]:
        """Index of each measure."""
        return {measure: i for i, measure in enumerate(self.measures)}

    def rows(self, cells: Bools) -> Bools:
        """Value of a (units, columns) array at each row of the frame."""
        return cells[self.row_unit, self.row_column]


def read_cells(estimates: pd.DataFrame, units: pd.DataFrame) -> Cells:
    """Put a wave's estimates into arrays.

    Raises
    ------
    DisclosureError
        When a key is missing or stands twice, a number is missing, a unit is not in the tree, or a table does not
        add up. No number of a small group is printed.
    """
    check_frame(estimates)
    base = estimates[estimates["measure"] == BASE]
    tree = read_tree(units, set(zip(estimates["unit_type"], estimates["unit"], strict=True)))
    pairs = sorted(set(zip(base["breakdown"], base["level"], strict=True)) - {(ALL, ALL)})
    columns = [(ALL, ALL), *pairs]
    measures = sorted(estimates["measure"].unique())
    unit = _positions(estimates[["unit_type", "unit"]], tree.names)
    column = _positions(estimates[["breakdown", "level"]], columns)
    measure = pd.Index(measures).get_indexer(pd.Index(estimates["measure"]))
    if (column < 0).any():
        raise DisclosureError("a cell has estimates but no response rate, so its size is not known.")
    n = np.full((len(measures), len(tree.names), len(columns)), np.nan)
    n[measure, unit, column] = estimates["n"].to_numpy(np.float64)
    value = np.full(n.shape, np.nan)
    value[measure, unit, column] = estimates["value"].to_numpy(np.float64)
    eligible = np.full(n.shape[1:], np.nan)
    of_base = (estimates["measure"] == BASE).to_numpy()
    eligible[unit[of_base], column[of_base]] = base["eligible"].to_numpy(np.float64, na_value=np.nan)
    count = n[measures.index(BASE)]
    exists = ~np.isnan(count) & ~((count == 0) & (eligible == 0))
    if (np.isnan(count)[None] & ~np.isnan(n)).any():
        raise DisclosureError("a cell has estimates but no response rate, so its size is not known.")
    spans = {
        name: np.array([i for i, (breakdown, _) in enumerate(columns) if breakdown == name])
        for name in dict.fromkeys(breakdown for breakdown, _ in columns[1:])
    }
    cells = Cells(
        str(estimates["wave"].iloc[0]),
        tree,
        columns,
        spans,
        measures,
        exists,
        np.where(exists, np.nan_to_num(count), 0.0),
        n,
        value,
        measure,
        unit,
        column,
    )
    _check_sums(cells)
    return cells


def _positions(frame: pd.DataFrame, names: list[tuple[str, str]]) -> Ints:
    return pd.MultiIndex.from_tuples(names).get_indexer(pd.MultiIndex.from_frame(frame)).astype(np.int64)


def check_frame(frame: pd.DataFrame) -> None:
    """Raise DisclosureError when the rows of a wave's estimates do not each say what they are of, and how many."""
    missing = [column for column in ESTIMATE_COLUMNS if column not in frame]
    if missing:
        raise DisclosureError("the estimates lack a column.", column=missing[0])
    key = list(ESTIMATE_KEY)
    if frame.empty or BASE not in set(frame["measure"]):
        raise DisclosureError("the estimates hold no response rate, so nobody knows how many stand behind a number.")
    if frame[key].isna().any(axis=None):
        raise DisclosureError("a row of the estimates does not say what it is of.", allowed=", ".join(key))
    if frame["wave"].nunique() != 1:
        raise DisclosureError("the estimates are of more than one wave.", allowed="one wave at a time")
    if frame.duplicated(key).any():
        raise DisclosureError("a cell stands twice in the estimates, so it is not known which number would leave.")
    if frame["n"].isna().any():
        raise DisclosureError("a row of the estimates does not say how many students it is of.", column="n")
    numbers = frame[["n", "eligible", "value", "se", "low", "high"]].to_numpy(np.float64, na_value=np.nan)
    if np.isinf(numbers).any() or (numbers[:, :2] < 0).any() or (numbers[:, 0] % 1 != 0).any():
        raise DisclosureError("the estimates hold a number that cannot be: infinite, or a negative or broken count.")
    ok = (frame["status"] == "ok").to_numpy(bool, na_value=False)
    if frame["status"].isna().any() or (ok & np.isnan(numbers[:, 2])).any():
        raise DisclosureError("a row of the estimates has no value and does not say why.", column="value")
    if ((frame["breakdown"] == ALL) != (frame["level"] == ALL)).any():
        raise DisclosureError("a row of the estimates is half total, half group.", column="level")


def _check_sums(cells: Cells) -> None:
    """Levels add to totals and units to the wider unit, for every measure that counts students."""
    counts = [i for i, name in enumerate(cells.measures) if not name.startswith((CHANGE, SD))]
    # The response rate of a cell that exists nowhere else is a known zero.
    n = cells.n[counts]
    there = ~np.isnan(n)
    if (there.any(axis=2) & ~there[:, :, 0]).any():
        raise DisclosureError("a unit has groups but no total for a measure, so what is hidden cannot be judged.")
    needed = cells.base > 0
    for name, span in cells.spans.items():
        _check_parts(n[:, :, span], n[:, :, 0], needed[:, span], f"the groups of {name} do not add to the unit's total")
    if not there[counts.index(cells.place[BASE])][needed.any(axis=1), 0].all():
        raise DisclosureError("a unit has no total.")
    for parent in cells.tree.parents:
        children = cells.tree.children[parent]
        parts = np.swapaxes(n[:, children, :], 1, 2)
        _check_parts(
            parts,
            n[:, parent, :],
            np.broadcast_to(needed[children].T, parts.shape[1:]),
            "units do not add to the wider one",
        )
    base = n[counts.index(cells.place[BASE])]
    for name, span in cells.spans.items():
        if (np.nansum(base[:, span], axis=1) != np.nan_to_num(base[:, 0])).any():
            raise DisclosureError(f"the groups of {name} do not add to the unit's total.")


def _check_parts(parts: Floats, whole: Floats, needed: Bools, problem: str) -> None:
    """Parts, shape (measures, ..., k), add to the whole where any has a row; then all that hold people have one."""
    some: Bools = np.asarray(~np.isnan(parts).all(axis=-1))
    if (some[..., None] & needed & np.isnan(parts)).any():
        raise DisclosureError(f"{problem}: a part is missing.")
    if (some & (np.isnan(whole) | (np.nansum(parts, axis=-1) != np.nan_to_num(whole)))).any():
        raise DisclosureError(
            f"{problem}.", todo="Make the estimates again; a table that does not add up hides nothing."
        )
