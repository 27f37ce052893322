"""A quick proof that a hidden cell could hold many students, so that the attacker's slow question need not be asked.

Sufficient, never necessary: each proof moves students of the true table about, so that every shown sum stays as it
is. Only for units that have no units in them and lie in a widest unit; nothing is claimed of others.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Plenty:
    """The places of cells in tables, found once for all measures.

    Parameters
    ----------
    cells : MultiIndex
        (unit_type, unit, breakdown, level).
    units : DataFrame
        The unit tree.
    """

    def __init__(self, cells: pd.MultiIndex, units: pd.DataFrame) -> None:
        frame = cells.to_frame(index=False).set_axis(["unit_type", "unit", "breakdown", "level"], axis=1)
        frame["at"] = np.arange(len(cells))
        above = units[["unit_type", "unit", "parent_type", "parent"]]
        frame = frame.merge(above, on=["unit_type", "unit"], how="left").sort_values("at")
        with_units = pd.MultiIndex.from_frame(units[["parent_type", "parent"]])
        inside = pd.MultiIndex.from_frame(units[["unit_type", "unit"]])
        leaf = ~pd.MultiIndex.from_frame(frame[["unit_type", "unit"]]).isin(with_units)
        under_top = ~pd.MultiIndex.from_frame(frame[["parent_type", "parent"]]).isin(inside)
        self._tables = [
            _Places(mine, frame[(frame["unit_type"] == kind) & (frame["unit"] == unit)])
            for (kind, unit), mine in frame[leaf & under_top].groupby(["parent_type", "parent"])
        ]

    def proves(self, unknown: Bools, n: Floats, minimum: int) -> Bools:
        """Unknown cells, shape (cells,), that could hold `minimum` students as far as anyone can tell.

        Parameters
        ----------
        unknown : ndarray of bool, shape (cells,)
        n : ndarray of float, shape (cells,)
            True students of each cell.
        minimum : int
        """
        out = unknown & (n >= minimum)
        for table in self._tables:
            hidden = (table.at >= 0) & unknown[table.at]
            enough = hidden & (table.reach(hidden, np.where(hidden, n[table.at], 0.0), unknown) >= minimum)
            out[table.at[enough]] = True
        return out


class _Places:
    """One widest unit: `at`, shape (units, columns), says where each cell is; -1 where there is none."""

    def __init__(self, mine: pd.DataFrame, top: pd.DataFrame) -> None:
        unit, names = pd.factorize(pd.MultiIndex.from_frame(mine[["unit_type", "unit"]]))
        column, columns = pd.factorize(pd.MultiIndex.from_frame(mine[["breakdown", "level"]]))
        self.at = np.full((len(names), len(columns)), -1)
        self.at[unit, column] = mine["at"]
        breakdown = columns.get_level_values(0).to_numpy()
        self.total = int(np.flatnonzero(breakdown == "all")[0])
        self.spans = [np.flatnonzero(breakdown == one) for one in dict.fromkeys(breakdown) if one != "all"]
        place = columns.get_indexer(pd.MultiIndex.from_frame(top[["breakdown", "level"]]))
        self.top = np.full(len(columns), -1)
        self.top[place[place >= 0]] = top["at"].to_numpy()[place >= 0]

    def reach(self, hidden: Bools, x: Floats, unknown: Bools) -> Floats:
        """Students that each hidden cell could hold, at least."""
        top_hidden = (self.top >= 0) & unknown[self.top]
        reach = x.copy()
        for span in self.spans:
            reach[:, span] = _within_breakdown(hidden[:, span], x[:, span], top_hidden[span])
        whole = hidden[:, self.total]
        if whole.any() and not top_hidden[self.total]:
            reach[whole] = np.maximum(reach[whole], _between_units(hidden[whole], x[whole], self.total, self.spans))
        return reach


def _within_breakdown(hidden: Bools, x: Floats, top_hidden: Bools) -> Floats:
    """Trade levels: students of one unit from another level here, students of other units from here to that level.

    Either all trade is with one other level, or each other unit's students here are divided evenly over the levels
    that unit has hidden.
    """
    able = hidden[:, :, None] & hidden[:, None, :] & ~np.eye(x.shape[1], dtype=bool)
    free = (top_hidden[:, None] & top_hidden[None, :])[None]
    even = x / np.maximum(hidden.sum(axis=1) - 1, 1)[:, None]
    best = np.zeros_like(x)
    for stock, gather in ((x, np.max), (even, np.sum)):
        # room[unit, other level, level]: students of the other units that have both hidden.
        room = (hidden.T.astype(np.float64) @ stock)[None] - stock[:, None, :]
        moved = np.minimum(x[:, :, None], np.where(free, np.inf, room))
        best = np.maximum(best, gather(np.where(able, moved, 0.0), axis=1))
    return x + best


def _between_units(hidden: Bools, x: Floats, total: int, spans: list[Ints]) -> Floats:
    """Move students of other hidden units here, keeping their levels, as far as the unit has those levels."""
    takes = [hidden[:, span].astype(np.float64) @ x[:, span].T for span in spans]  # (to, from)
    every = np.minimum.reduce(takes) if takes else np.tile(x[:, total], (len(x), 1))
    np.fill_diagonal(every, 0.0)
    reach = x.copy()
    reach[:, total] += every.sum(axis=1)
    for place, span in enumerate(spans):
        rest = [one for other, one in enumerate(takes) if other != place]
        most = np.minimum.reduce(rest) if rest else np.full((len(x), len(x)), np.inf)
        np.fill_diagonal(most, 0.0)
        reach[:, span] += np.where(hidden[:, span], np.minimum(x[None, :, span], most[:, :, None]).sum(axis=1), 0.0)
    return reach
