"""The attacker's algebra: what the sums over units and levels determine, from shown numbers and the unit tree alone.

Every cell is an unknown where it is not shown. Each unit gives one equation a breakdown (its levels make its total)
and one a column for each unit that has others in it (they make its cell). This module knows nothing of how cells
were chosen to be hidden.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A cell is determined when its leverage is 1. One that is not stays below by at least one over the length of the
# shortest way to change it, a few hundred cells; the ridge takes from one that is far less than this. An error on the
# other side would only hide more.
_ALMOST_ONE = 1 - 1e-4
_RIDGE = 1e-9
# Students' worth of answers that leave doubt: one student knows his own.
_DOUBT = 2.0
_NOISE = 1e-6


@dataclass(frozen=True)
class System:
    """Equations over cells.

    Attributes
    ----------
    cells : MultiIndex
        (unit_type, unit, breakdown, level) of every cell that is not known to be empty.
    equation, cell : ndarray of int
        Which cell stands in which equation ...
    sign : ndarray of float
        ... and on which side: parts +1, their whole -1.
    """

    cells: pd.MultiIndex
    equation: Ints
    cell: Ints
    sign: Floats

    @property
    def size(self) -> int:
        """Number of equations."""
        return int(self.equation.max()) + 1 if len(self.equation) else 0


def read_system(base: pd.DataFrame, units: pd.DataFrame) -> System:
    """Equations of the cells in `base` (columns unit_type, unit, breakdown, level)."""
    cells = base[["unit_type", "unit", "breakdown", "level"]].reset_index(drop=True)
    cells["cell"] = np.arange(len(cells))
    total = cells.loc[cells["breakdown"] == "all", ["unit_type", "unit", "cell"]]
    levels = cells[cells["breakdown"] != "all"].merge(total.rename(columns={"cell": "whole"}), on=["unit_type", "unit"])
    own = levels.groupby(["unit_type", "unit", "breakdown"], sort=False).ngroup().to_numpy()
    inside = cells.merge(units[["unit_type", "unit", "parent_type", "parent"]], on=["unit_type", "unit"])
    wider = cells.rename(columns={"unit_type": "parent_type", "unit": "parent", "cell": "whole"})
    inside = inside.merge(wider, on=["parent_type", "parent", "breakdown", "level"])
    of_wider = inside["whole"].to_numpy() + (own.max() + 1 if len(own) else 0)
    parts = np.concatenate([levels["cell"], inside["cell"]])
    wholes = np.concatenate([levels["whole"], inside["whole"]])
    equation = np.concatenate([own, of_wider])
    first = np.unique(equation, return_index=True)[1]
    number = np.concatenate([equation, equation[first]])
    return System(
        pd.MultiIndex.from_frame(cells.drop(columns="cell")),
        np.unique(number, return_inverse=True)[1].astype(np.int64),
        np.concatenate([parts, wholes[first]]).astype(np.int64),
        np.concatenate([np.ones(len(parts)), -np.ones(len(first))]),
    )


def determined(system: System, unknown: Bools) -> Bools:
    """Unknown cells, shape (cells,), that the equations tell exactly.

    Notes
    -----
    Cell i is determined when its unit vector lies in the row space of the equations A: when its leverage, the i-th
    diagonal element of A'(AA')^+ A, is 1. In a graph those cells are the bridges; this also holds where a cell stands
    in more than two equations, as the total of a hidden unit does.

    Equations that share no unknown are orthogonal, so their part of the leverage is one over the size of each; the
    others, few, are made orthogonal to them first.
    """
    told = np.zeros(len(unknown), dtype=bool)
    for _, cells, matrix in _components(system, unknown):
        apart = _disjoint(matrix)
        told[cells] = _leverage(matrix[apart], matrix[~apart]) > _ALMOST_ONE
    return told


def _leverage(alone: csr_array, rest: csr_array) -> Floats:
    """Leverage of each column of two blocks of rows, of which the first are orthogonal.

    With D = alone alone', a column's share of the other rows is r - S' a, where S = rest alone' D^-1, weighed by the
    inverse of rest rest' - S D S'. The products are spelled out, for `alone` has one entry a column and `rest` few.
    """
    size = alone.multiply(alone).sum(axis=1)
    leverage = alone.multiply(alone).T @ (1 / size)
    if not rest.shape[0]:
        return leverage
    shared = (rest @ alone.T).toarray() / size
    # Equations that others imply leave nothing; a small ridge stands in for them.
    gram = (rest @ rest.T).toarray() - (shared * size) @ shared.T + _RIDGE * np.eye(len(shared))
    inverse = np.linalg.inv(gram)
    weighed = inverse @ shared
    own = rest.T.multiply(rest.T @ inverse).sum(axis=1)
    cross = alone.T.multiply(rest.T @ weighed).sum(axis=1)
    return leverage + own - 2 * cross + alone.multiply(alone).T @ (shared * weighed).sum(axis=0)


def _disjoint(matrix: csr_array) -> Bools:
    """Equations, taken in order, that share no unknown with one taken before."""
    taken, used = np.zeros(matrix.shape[0], dtype=bool), np.zeros(matrix.shape[1], dtype=bool)
    for row in range(matrix.shape[0]):
        cells = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
        if not used[cells].any():
            taken[row] = used[cells] = True
    return taken


def does_not_add(system: System, unknown: Bools, n: Floats) -> Bools:
    """Cells, shape (cells,), of an equation that is wholly shown and does not hold."""
    open_ = np.bincount(system.equation, unknown[system.cell], minlength=system.size) > 0
    off = np.bincount(system.equation, system.sign * np.where(unknown, 0, n)[system.cell], minlength=system.size) != 0
    wrong = np.zeros(len(unknown), dtype=bool)
    wrong[system.cell[(off & ~open_)[system.equation]]] = True
    return wrong


def alike(system: System, unknown: Bools, n: Floats, above: Floats, told: Bools) -> Bools:
    """Unknown cells, shape (cells,), of a pool that one subtraction shows to have answered all alike.

    Parameters
    ----------
    system, unknown, n
        As elsewhere.
    above : ndarray of float, shape (cells,)
        Sum of answers above the lowest that there is, in students' worth: of a share, the students counted. The
        highest is n. Rounded values are taken as exact.
    told : ndarray of bool, shape (cells,)
        Groups that the shown totals tell by themselves. A pool that nothing else leaves is told by totals too.

    Notes
    -----
    A pool tells of each cell in it when fewer than two students' worth of answers keep it from either end. A whole
    whose own number says as much of all of them tells it without subtraction.
    """
    rest = unknown[system.cell]
    whole = np.bincount(system.equation, (system.sign < 0) & ~rest, minlength=system.size) > 0
    parts = np.bincount(system.equation, (system.sign > 0) & rest, minlength=system.size) > 0
    total = (system.cells.get_level_values("breakdown") == "all") & ~told
    new = ~rest & ~told[system.cell] & ~((system.sign < 0) & total[system.cell])
    new = np.bincount(system.equation, new, minlength=system.size) > 0
    near = np.zeros(system.size, dtype=bool)
    for sums in (above, n - above):
        shown = np.where(rest, 0.0, sums[system.cell])
        of_whole = np.bincount(system.equation, shown * (system.sign < 0), minlength=system.size)
        left = of_whole - np.bincount(system.equation, shown * (system.sign > 0), minlength=system.size)
        near |= (left < _DOUBT - _NOISE) & (of_whole >= _DOUBT - _NOISE)
    out = np.zeros(len(unknown), dtype=bool)
    out[system.cell[rest & (near & whole & parts & new)[system.equation]]] = True
    return out


def small_residuals(system: System, unknown: Bools, n: Floats, minimum: int, never: Bools) -> Bools:
    """Unknown cells, shape (cells,), that one subtraction leaves in a group of fewer students than the minimum.

    `never` marks cells that are shown to nobody in any table: an equation with one of them leaves no group.
    """
    rest = unknown[system.cell]
    shown = np.bincount(system.equation, np.where(rest, 0, system.sign * n[system.cell]), minlength=system.size)
    parts = np.bincount(system.equation, rest & (system.sign > 0), minlength=system.size) > 0
    whole = np.bincount(system.equation, rest & (system.sign < 0), minlength=system.size) > 0
    lost = np.bincount(system.equation, never[system.cell], minlength=system.size) > 0
    small = parts & ~whole & ~lost & (-shown < minimum)
    out = np.zeros(len(unknown), dtype=bool)
    out[system.cell[rest & small[system.equation]]] = True
    return out


def small_groups(system: System, unknown: Bools, n: Floats, minimum: int, suspects: Bools) -> Bools:
    """Suspects, shape (cells,), that some sum of equations leaves in a group of fewer students than the minimum.

    Notes
    -----
    The smallest group that any combination of equations, with whatever weights, leaves around a cell is, by linear
    duality, the most students the cell could hold: max x_i subject to the equations and x >= 0.
    """
    out = np.zeros(len(unknown), dtype=bool)
    if not suspects.any():
        return out
    shown = np.bincount(system.equation, system.sign * np.where(unknown, 0, n)[system.cell], minlength=system.size)
    for equations, cells, matrix in _components(system, unknown):
        for place in np.flatnonzero(suspects[cells]):
            goal = np.zeros(len(cells))
            goal[place] = -1.0
            found = linprog(goal, A_eq=matrix, b_eq=-shown[equations], bounds=(0, None), method="highs")
            # Unbounded is safe; anything but an optimum or that is not known to be.
            safe = found.status == 3 or (found.status == 0 and -found.fun >= minimum - 1e-6)
            out[cells[place]] = not safe
    return out


def _components(system: System, unknown: Bools) -> Iterator[tuple[Ints, Ints, csr_array]]:
    """Parts of the system that share no unknown: their equations, cells and matrix."""
    used = unknown[system.cell]
    equations, row = np.unique(system.equation[used], return_inverse=True)
    cells, column = np.unique(system.cell[used], return_inverse=True)
    if not len(cells):
        return
    size = len(equations) + len(cells)
    graph = coo_array((np.ones(len(row)), (row, column + len(equations))), shape=(size, size))
    _, part = connected_components(graph, directed=False)
    matrix = coo_array((system.sign[used], (row, column)), shape=(len(equations), len(cells))).tocsr()
    for one in np.unique(part):
        rows, columns = np.flatnonzero(part[: len(equations)] == one), np.flatnonzero(part[len(equations) :] == one)
        yield equations[rows], cells[columns], matrix[rows][:, columns]
