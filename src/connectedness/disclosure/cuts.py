"""Every group of students that adding and subtracting within one table can single out.

A table is one breakdown of one wider unit: its units by its levels, with totals. Each hidden cell is an arc of a
graph whose nodes are the equations: the unit's own sum (row), the level's sum over units (column), the wider unit's
own sum over levels (`top`), and its sum over units' totals (`side`). What an attacker can work out as a sum of
hidden cells, all added and none subtracted, is what crosses a cut of that graph in one direction only. A table has
few levels, so all cuts are tried: each set of columns, with and without `top` and `side`; the rows follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_ALL_SUBSETS_UP_TO = 13


@dataclass(frozen=True)
class Table:
    """The hidden cells of one breakdown of one wider unit.

    Attributes
    ----------
    hidden : ndarray of bool, shape (units, levels)
    n : ndarray of float, shape (counts, units, levels)
        Students in each hidden cell, for every count that must reach the minimum; 0 where not hidden.
    whole : ndarray of bool, shape (units,)
        Units whose total is hidden too.
    top : ndarray of bool, shape (levels,)
        Levels hidden in the wider unit.
    top_n : ndarray of float, shape (counts, levels)
    top_whole : bool
        The wider unit's total is hidden.
    """

    hidden: Bools
    n: Floats
    whole: Bools
    top: Bools
    top_n: Floats
    top_whole: bool


def small_group(table: Table, minimum: int) -> Bools | None:
    """Columns of a cut that one cell, or fewer students than the minimum, cross; None if there is none.

    Notes
    -----
    A cut is a set of columns C; the rows with a hidden cell in C are on its side, and what crosses is those rows'
    cells outside C. With `side`, units hidden whole that are not on C's side cross by their totals. A hidden level of
    the wider unit crosses unless `top` is on C's side, which asks that all such levels be in C.
    """
    active = np.flatnonzero(table.hidden.any(axis=0) | table.top)
    if not len(active):
        return None
    subsets = _subsets(len(active))
    hidden, n = table.hidden[:, active], table.n[:, :, active]
    inside = hidden.astype(np.float64) @ subsets.T.astype(np.float64)
    touched = inside > 0
    size = np.where(touched, n.sum(axis=2)[:, :, None] - n @ subsets.T.astype(np.float64), 0.0).sum(axis=1)
    count = np.where(touched, hidden.sum(axis=1)[:, None] - inside, 0.0).sum(axis=0)
    top = table.top[active]
    top_count = (subsets & top).sum(axis=1)
    top_size = table.top_n[:, active] @ (subsets & top).T.astype(np.float64)
    closed = (subsets | ~top).all(axis=1)
    away = ~touched[table.whole]
    whole_size = (n.sum(axis=2)[:, table.whole, None] * away).sum(axis=1)
    for side in (False, True):
        for above in (False, True):
            valid = closed if above else np.full(len(subsets), not (side and table.top_whole))
            if not side:
                valid = valid & away.all(axis=0)
            crossing = count + side * away.sum(axis=0) + (0 if above else top_count)
            students = size + side * whole_size + (0 if above else top_size)
            if above and not side and table.top_whole:
                crossing = crossing + 1
                students = students + table.top_n.sum(axis=1)[:, None]
            bad = valid & (crossing > 0) & ((crossing == 1) | (students < minimum).any(axis=0))
            if bad.any():
                found = np.zeros(table.hidden.shape[1], dtype=bool)
                found[active[subsets[np.flatnonzero(bad)[0]]]] = True
                return found
    return None


@lru_cache(maxsize=64)
def _subsets(width: int) -> Bools:
    """Sets of columns, shape (sets, width): all, or, of many columns, those of up to two and all but up to two."""
    if width <= _ALL_SUBSETS_UP_TO:
        return (np.arange(2**width)[:, None] >> np.arange(width)) % 2 == 1
    one = np.eye(width, dtype=bool)
    two = np.array([one[i] | one[j] for i in range(width) for j in range(i)])
    few = np.concatenate([np.zeros((1, width), dtype=bool), one, two])
    return np.concatenate([few, ~few])
