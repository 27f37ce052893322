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


def could_be_large(cells: pd.MultiIndex, units: pd.DataFrame, unknown: Bools, n: Floats, minimum: int) -> Bools:
    """Unknown cells, shape (cells,), that could hold at least `minimum` students as far as anyone can tell.

    Parameters
    ----------
    cells : MultiIndex
        (unit_type, unit, breakdown, level).
    units : DataFrame
        The unit tree.
    unknown : ndarray of bool, shape (cells,)
    n : ndarray of float, shape (cells,)
        True students of each cell.
    minimum : int
    """
    out = unknown & (n >= minimum)
    frame = cells.to_frame(index=False).assign(at=np.arange(len(cells)))
    frame = frame.merge(units[["unit_type", "unit", "parent_type", "parent"]], on=["unit_type", "unit"], how="left")
    with_units = set(zip(units["parent_type"], units["parent"], strict=True))
    inside = set(zip(units["unit_type"], units["unit"], strict=True))
    leaf = [one not in with_units for one in zip(frame["unit_type"], frame["unit"], strict=True)]
    for above, mine in frame[leaf].groupby(["parent_type", "parent"]):
        if above in inside:
            continue
        top = frame[(frame["unit_type"] == above[0]) & (frame["unit"] == above[1])]
        _move_students(mine, top, unknown, n, minimum, out)
    return out


def _move_students(mine: pd.DataFrame, top: pd.DataFrame, unknown: Bools, n: Floats, minimum: int, out: Bools) -> None:
    names = mine[["unit_type", "unit"]].drop_duplicates()
    row = pd.MultiIndex.from_frame(names).get_indexer(pd.MultiIndex.from_frame(mine[["unit_type", "unit"]]))
    columns = pd.MultiIndex.from_frame(mine[["breakdown", "level"]].drop_duplicates())
    column = columns.get_indexer(pd.MultiIndex.from_frame(mine[["breakdown", "level"]]))
    at = np.full((len(names), len(columns)), -1)
    at[row, column] = mine["at"]
    hidden = (at >= 0) & unknown[at]
    x = np.where(hidden, n[at], 0.0)
    top_hidden = np.zeros(len(columns), dtype=bool)
    place = columns.get_indexer(pd.MultiIndex.from_frame(top[["breakdown", "level"]]))
    top_hidden[place[place >= 0]] = unknown[top["at"].to_numpy()[place >= 0]]
    breakdown = columns.get_level_values(0).to_numpy()
    total = np.flatnonzero(breakdown == "all")
    if not len(total):
        return
    whole = hidden[:, total[0]]
    spans = [np.flatnonzero(breakdown == one) for one in dict.fromkeys(breakdown) if one != "all"]
    reach = x.copy()
    for span in spans:
        reach[:, span] = np.maximum(reach[:, span], _within_breakdown(hidden[:, span], x[:, span], top_hidden[span]))
    if whole.any() and not top_hidden[total[0]]:
        reach[whole] = np.maximum(reach[whole], _between_units(hidden[whole], x[whole], total[0], spans))
    enough = hidden & (reach >= minimum)
    out[at[enough]] = True


def _within_breakdown(hidden: Bools, x: Floats, top_hidden: Bools) -> Floats:
    """Trade levels: students of one unit from another level here, students of other units from here to that level."""
    others = hidden.T.astype(np.float64) @ x  # (other level, level): students here of units that have both hidden
    free = top_hidden[:, None] & top_hidden[None, :]
    room = np.where(free, np.inf, others)[None] - np.where(free[None], 0.0, x[:, None, :])
    able = hidden[:, :, None] & hidden[:, None, :] & ~np.eye(x.shape[1], dtype=bool)
    moved = np.where(able, np.minimum(x[:, :, None], room), 0.0)
    return x + moved.max(axis=1, initial=0.0)


def _between_units(hidden: Bools, x: Floats, total: int, spans: list[NDArray[np.int64]]) -> Floats:
    """Move students of other hidden units here, keeping their levels, as far as the unit has those levels."""
    takes = [hidden[:, span].astype(np.float64) @ x[:, span].T for span in spans]  # (to, from)
    every = np.minimum.reduce(takes) if takes else np.broadcast_to(x[:, total], (len(x), len(x))).copy()
    for one in (*takes, every):
        np.fill_diagonal(one, 0.0)
    reach = x.copy()
    reach[:, total] += every.sum(axis=1)
    for place, span in enumerate(spans):
        rest = [one for other, one in enumerate(takes) if other != place]
        most = np.minimum.reduce(rest) if rest else np.full((len(x), len(x)), np.inf)
        np.fill_diagonal(most, 0.0)
        reach[:, span] += np.where(hidden[:, span], np.minimum(x[None, :, span], most[:, :, None]).sum(axis=1), 0.0)
    return reach
