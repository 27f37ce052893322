"""Pools of students who all answered alike: the one number of the pool is then the number of each cell in it.

A shown number times its students is a sum of answers, and sums can be subtracted as numbers of students can. What is
left of a wider cell, when the shown ones are taken from it, is the sum of the hidden ones together. Where that sum is
as low or as high as it can be, or fewer than two students' worth away from it, each hidden cell is known as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from connectedness.disclosure.cells import Bools, Cells, Floats
from connectedness.disclosure.precision import round_to

DOUBT = 2.0
"""Students' worth of answers that must stand between a pool and the lowest or highest it could have answered."""
_NOISE = 1e-6

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Answers:
    """Sums of answers of several measures, in students' worth: how far above their lowest, and below their highest.

    Attributes
    ----------
    above, below : ndarray of float, shape (measures, units, columns)
        Of a share, the students who are counted and those who are not; 0 where there is no row.
    """

    above: Floats
    below: Floats

    def alike(self, whole: tuple[int, int], parts: tuple[Ints | int, Ints | int]) -> bool:
        """Whether `parts`, taken from `whole`, leave answers with too little doubt.

        Where the whole itself is as low or high, its own number says so of everybody, and subtraction adds nothing.
        """
        return any(
            bool(_too_near(one[:, whole[0], whole[1]], one[:, parts[0], parts[1]].sum(axis=1)).any())
            for one in (self.above, self.below)
        )


def _too_near(whole: Floats, shown: Floats) -> Bools:
    near = DOUBT - _NOISE
    return (whole - shown < near) & (whole >= near)


def answers_of(
    cells: Cells, measures: Sequence[int], ranges: Mapping[str, tuple[float, float]], counted: Bools, small: int
) -> Answers:
    """Sums of the measures that have a range, of values as precise as they would be shown.

    Parameters
    ----------
    cells : Cells
    measures : sequence of int
        Places of measures.
    ranges : mapping
        Measure id to its lowest and highest value.
    counted : ndarray of bool, shape (measures,)
        The measure counts students, so that its sums are whole.
    small : int
        Students under which values are told coarsely.
    """
    wanted = [one for one in measures if cells.measures[one] in ranges]
    low, high = (np.array([ranges[cells.measures[one]][end] for one in wanted])[:, None, None] for end in (0, 1))
    n = np.nan_to_num(cells.n[wanted])
    digits = np.broadcast_to(np.where((low == 0) & (high == 1), 2, 1), n.shape)
    value = np.where(n < small, round_to(cells.value[wanted], digits), cells.value[wanted])
    above = np.nan_to_num((value - low) / (high - low)) * n
    above = np.where(counted[wanted][:, None, None], np.round(above), above)
    return Answers(above, n - above)


def tells_answers(cells: Cells, hidden: Bools, answers: Answers) -> bool:
    """Whether a pattern leaves, of some shown cell, a pool of answers with too little doubt."""
    shown, gone = cells.exists & ~hidden, cells.exists & hidden
    for one in (answers.above, answers.below):
        told = one * shown
        for parent in cells.tree.parents:
            children = cells.tree.children[parent]
            left = _too_near(one[:, parent], told[:, children].sum(axis=1))
            if (left & shown[parent] & gone[children].any(axis=0)).any():
                return True
        for span in cells.spans.values():
            left = _too_near(one[:, :, 0], told[:, :, span].sum(axis=2))
            if (left & shown[:, 0] & gone[:, span].any(axis=1)).any():
                return True
    return False
