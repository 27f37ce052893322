"""Raw-sum-to-scale tables, as publishers print them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from connectedness.declare.norms import ScoreTable

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def table_score(points: NDArray[Any], answered: NDArray[Any], n_items: int, low: int, table: ScoreTable) -> Floats:
    """Look raw sums up in a table.

    Parameters
    ----------
    points : integer array
        Sum of the points of the items answered, on the instrument's own points.
    answered : integer array
        How many items were answered; all of `n_items`, unless the table's source allows prorating.
    n_items : int
        Items of the scale.
    low : int
        Points of the lowest answer, which the table may count from another number.
    table : ScoreTable
        Raw sum to scale. With `prorate`, a raw sum of m answered items becomes the whole number nearest to
        sum x n_items / m (a half goes up), or the next above, as the source says.

    Returns
    -------
    float array
        Null where an item is missing and the source does not allow prorating, and where nothing was answered.
    """
    sums, counts = points.astype(np.int64), answered.astype(np.int64)
    raw = _whole_sum(sums, counts, n_items, table.prorate)
    first = low if table.counts_from is None else table.counts_from
    least = min(table.scale)
    # A student without an answer has no place; the nearest one is read and then made null.
    place = np.clip(raw - n_items * (low - first) - least, 0, len(table.scale) - 1)
    scaled = np.array([table.scale[least + i] for i in range(len(table.scale))], np.float64)[place]
    usable = counts > 0 if table.prorate else counts == n_items
    return np.where(usable, scaled, np.nan)


def table_facts(table: ScoreTable) -> dict[str, Any]:
    """What travels with a table of scores, so that its conversion is known."""
    return table.model_dump(exclude={"scale"})


def _whole_sum(sums: Integers, counts: Integers, n_items: int, prorate: str | None) -> Integers:
    if prorate is None:
        return sums
    # In whole numbers, so that an exact half never depends on how a fraction is stored.
    by = np.maximum(counts, 1)
    return -((-sums * n_items) // by) if prorate == "up" else (2 * sums * n_items + by) // (2 * by)
