"""Cells: the respondents and the eligible of each unit and breakdown level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.measures.placement import Placement
from connectedness.tables import ALL

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """The cells of one unit type and one breakdown: those with a respondent or an eligible student.

    Attributes
    ----------
    unit, level : ndarray of str, shape (cells,)
        Which cell it is; sorted by unit, then level.
    of : ndarray of int, shape (respondents,)
        The cell each respondent is in.
    respondents : ndarray of int, shape (cells,)
        How many answered.
    eligible : ndarray of int, shape (cells,), or None
        How many were on the roster; None where the roster cannot say.
    """

    unit_type: str
    breakdown: str
    unit: NDArray[np.object_]
    level: NDArray[np.object_]
    of: Ints
    respondents: Ints
    eligible: Ints | None

    def __len__(self) -> int:
        return len(self.unit)

    def count(self, who: NDArray[np.bool_]) -> Ints:
        """How many of the respondents marked in `who` each cell has."""
        return np.bincount(self.of[who], minlength=len(self))

    def total(self, values: NDArray[np.float64], who: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Sum of `values` over the respondents marked in `who`, per cell."""
        return np.bincount(self.of[who], weights=values[who], minlength=len(self)).astype(np.float64, copy=False)

    def tally(self, classes: Ints, n_classes: int) -> Ints:
        """How many respondents of each class (0 .. n_classes - 1) each cell has, shape (cells, n_classes)."""
        flat = np.bincount(self.of * n_classes + classes, minlength=len(self) * n_classes)
        return flat.reshape(len(self), n_classes)


@dataclass(frozen=True)
class _Coded:
    labels: NDArray[np.object_]
    respondents: Ints
    eligible: Ints | None


def all_cells(placed: Placement, units: Sequence[str], breakdowns: Sequence[str]) -> Iterator[Cells]:
    """Cells of every unit type, widest first, by `all` and then by every breakdown."""
    coded = {name: _code(placed, name) for name in (*units, *breakdowns)}
    coded[ALL] = _Coded(
        np.array([ALL], dtype=object),
        np.zeros(len(placed.respondents), dtype=np.int64),
        None if placed.eligible is None else np.zeros(len(placed.eligible), dtype=np.int64),
    )
    for unit_type in units:
        for breakdown in (ALL, *breakdowns):
            yield _cross(unit_type, coded[unit_type], breakdown, coded[breakdown])


def _code(placed: Placement, name: str) -> _Coded:
    mine = placed.respondents[name].to_numpy(dtype=object)
    counted = placed.eligible is not None and name in placed.eligible
    theirs = placed.eligible[name].to_numpy(dtype=object) if counted else np.array([], dtype=object)  # type: ignore[index]
    codes, labels = pd.factorize(np.concatenate([mine, theirs]), sort=True)
    return _Coded(labels, codes[: len(mine)], codes[len(mine) :] if counted else None)


def _cross(unit_type: str, unit: _Coded, breakdown: str, level: _Coded) -> Cells:
    width = len(level.labels)
    size = len(unit.labels) * width
    of = unit.respondents * width + level.respondents
    respondents = np.bincount(of, minlength=size)
    eligible = None
    if unit.eligible is not None and level.eligible is not None:
        eligible = np.bincount(unit.eligible * width + level.eligible, minlength=size)
    kept = np.flatnonzero(respondents if eligible is None else respondents + eligible)
    renumbered = np.zeros(size, dtype=np.int64)
    renumbered[kept] = np.arange(len(kept))
    return Cells(
        unit_type,
        breakdown,
        unit.labels[kept // width] if width else unit.labels[:0],
        level.labels[kept % width] if width else level.labels[:0],
        renumbered[of],
        respondents[kept],
        None if eligible is None else eligible[kept],
    )
