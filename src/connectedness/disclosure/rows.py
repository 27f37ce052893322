"""Rows for one research project: columns that may not leave are dropped, and nobody stands in a combination of few.

The attacker holds the rows and knows the quasi-identifiers (grade, group, mode ...) of somebody he looks for. Every
combination of them in the file, blanks included, is held by at least k people. Not promised: that the k differ in
their answers, or that nothing follows from joining the rows with published tables of the same wave. That is why rows
leave under an agreement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.declare.policy import FLOOR
from connectedness.errors import DisclosureError

MAY_LEAVE, QUASI, INTERNAL = "restricted-use", "quasi-identifier", "internal"


@dataclass(frozen=True)
class ProtectedRows:
    """Rows that `protect_rows` made safe.

    Attributes
    ----------
    frame : DataFrame
        What may leave, in the order given, with a new index.
    blanked : dict
        Quasi-identifier to the number of its cells that were blanked.
    dropped : list of str
        Columns left out.
    k : int
        People that share each combination, at least.
    """

    frame: pd.DataFrame
    blanked: dict[str, int]
    dropped: list[str]
    k: int


def protect_rows(
    frame: pd.DataFrame, classification: Mapping[str, str], quasi_identifiers: Sequence[str], k: int
) -> ProtectedRows:
    """Drop what may not leave, then blank quasi-identifiers until every combination is held by k people.

    Parameters
    ----------
    frame : DataFrame
        One row per person (and wave, where the wave is a quasi-identifier).
    classification : mapping
        Column to `restricted-use`, `quasi-identifier` or `internal`. A column that is not listed, or is a
        quasi-identifier that `quasi_identifiers` leaves out, is dropped.
    quasi_identifiers : sequence of str
        Coarsest first: the last is blanked first.
    k : int
        At least the engine's floor.

    Raises
    ------
    DisclosureError
        When there are fewer than k rows, a name is not a column, a class is not known, or k is below the floor.
    """
    quasi = list(quasi_identifiers)
    _check(frame, classification, quasi, k)
    kept = [
        name
        for name in frame.columns
        if classification.get(name) == MAY_LEAVE or (classification.get(name) == QUASI and name in quasi)
    ]
    quasi = [name for name in quasi if name in kept]
    out = frame[kept].reset_index(drop=True)
    out.attrs = {}
    keep = _kept_cells(out[quasi], k)
    blanked = {}
    for place, name in enumerate(quasi):
        blanked[name] = int((out[name].notna().to_numpy() & ~keep[:, place]).sum())
        out[name] = _blanked(out[name], keep[:, place])
    if quasi and (out.groupby(quasi, dropna=False, observed=True, sort=False).size() < k).any():
        raise DisclosureError("some combinations are still held by too few people, so no row leaves.")
    return ProtectedRows(out, blanked, [name for name in frame.columns if name not in kept], k)


def _check(frame: pd.DataFrame, classification: Mapping[str, str], quasi: list[str], k: int) -> None:
    if not isinstance(k, int) or isinstance(k, bool) or k < FLOOR:
        raise DisclosureError("k is below what the engine allows.", found=k, allowed=f"{FLOOR} or more")
    if frame.columns.duplicated().any():
        raise DisclosureError("a column stands twice.", column=str(frame.columns[frame.columns.duplicated()][0]))
    unknown = sorted(set(classification.values()) - {MAY_LEAVE, QUASI, INTERNAL})
    if unknown:
        raise DisclosureError(
            "this classification is not known.", found=unknown[0], allowed=", ".join((MAY_LEAVE, QUASI, INTERNAL))
        )
    lost = [name for name in quasi if name not in frame]
    if lost or len(set(quasi)) != len(quasi):
        raise DisclosureError(
            "a quasi-identifier is not a column of the rows, or stands twice, so it would not be looked after.",
            found=lost[0] if lost else None,
        )
    if len(frame) < k:
        raise DisclosureError("there are too few people to give rows of.", allowed=f"{k} or more")


def _kept_cells(quasi: pd.DataFrame, k: int) -> NDArray[np.bool_]:
    """Which quasi-identifiers stay, shape (rows, columns): in every row the first few, coarsest first."""
    codes = np.column_stack(
        [pd.factorize(quasi[name], use_na_sentinel=True)[0] for name in quasi] or [np.zeros(len(quasi), dtype=np.int64)]
    )
    depth = np.full(len(codes), codes.shape[1])
    while True:
        held = np.where(np.arange(codes.shape[1]) < depth[:, None], codes, -1)
        _, group, size = np.unique(held, axis=0, return_inverse=True, return_counts=True)
        group = group.ravel()
        small = size[group] < k
        if not small.any():
            return (np.arange(codes.shape[1]) < depth[:, None])[:, : quasi.shape[1]]
        # An already empty cell is no loss: the finest value that is there goes next.
        last = np.where(held >= 0, np.arange(1, codes.shape[1] + 1), 0).max(axis=1)
        stuck = small & (last == 0)
        depth = np.where(small & ~stuck, last - 1, depth)
        if stuck.any() and not (small & ~stuck).any():
            # Those with nothing left to blank need company: the smallest of the other combinations joins them.
            others = np.where(np.isin(np.arange(len(size)), group[stuck]), len(codes) + 1, size)
            depth = np.where(group == others.argmin(), 0, depth)


def _blanked(column: pd.Series, keep: NDArray[np.bool_]) -> pd.Series:
    """The column with nulls where it is not kept; whole numbers stay whole, and no unused category tells its name."""
    if keep.all():
        return column.cat.remove_unused_categories() if isinstance(column.dtype, pd.CategoricalDtype) else column
    if column.dtype.kind in "iub" and isinstance(column.dtype, np.dtype):
        column = column.convert_dtypes()
    out = column.where(keep)
    return out.cat.remove_unused_categories() if isinstance(out.dtype, pd.CategoricalDtype) else out
