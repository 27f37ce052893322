"""Rows for one research project: columns that may not leave are dropped, and nobody stands in a combination of few.

The attacker holds the rows and knows the quasi-identifiers (grade, group, mode ...) of somebody he looks for, in every
wave, and which rows are one person's. All that they say of a person in all waves, blanks included, they say of at least
k people. The wave itself is always told: of people whose waves are those of fewer than k, nothing else is, and the
pattern of waves then stays as the one thing by which somebody could be looked for.

Not promised: that the k differ in their answers, or that nothing follows from joining the rows with published tables of
the same wave. That is why rows leave under an agreement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.declare.policy import FLOOR
from connectedness.errors import DisclosureError

Ints = NDArray[np.int64]

WAVE = "wave"
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
        People that share each combination over all waves, at least, unless nothing of them is told but their waves.
    """

    frame: pd.DataFrame
    blanked: dict[str, int]
    dropped: list[str]
    k: int


def protect_rows(
    frame: pd.DataFrame,
    classification: Mapping[str, str],
    quasi_identifiers: Sequence[str],
    k: int,
    *,
    person: str | None = "respondent",
) -> ProtectedRows:
    """Drop what may not leave, then blank quasi-identifiers until every combination is held by k people.

    A quasi-identifier that is blanked for a person is blanked in all of that person's waves.

    Parameters
    ----------
    frame : DataFrame
        One row per person and wave.
    classification : mapping
        Column to `restricted-use`, `quasi-identifier` or `internal`. A column that is not listed, or is a
        quasi-identifier that `quasi_identifiers` leaves out, is dropped.
    quasi_identifiers : sequence of str
        Coarsest first: the last is blanked first; `wave`, if it is among them, never.
    k : int
        At least the engine's floor.
    person : str, optional
        Column that says which rows are one person's; where there is no such column, or None, each row is a person.

    Raises
    ------
    DisclosureError
        When there are fewer than k people, a row is nobody's, a name is not a column, a class is not known, or k is
        below the floor.
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
    people = _people(frame, person)
    if people.max(initial=-1) + 1 < k:
        raise DisclosureError("there are too few people to give rows of.", allowed=f"{k} or more")
    wave = _codes(out, [WAVE] if WAVE in quasi else [])
    fine = [name for name in quasi if name != WAVE]
    depth = _depth(_codes(out, fine), wave, people, k)
    blanked = dict.fromkeys(quasi, 0)
    for place, name in enumerate(fine):
        keep = place < depth[people]
        blanked[name] = int((out[name].notna().to_numpy() & ~keep).sum())
        out[name] = _blanked(out[name], keep)
    _check_held(_codes(out, fine), wave, people, k)
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


def _people(frame: pd.DataFrame, person: str | None) -> Ints:
    """Number of the person of each row."""
    if person is None or person not in frame:
        return np.arange(len(frame))
    people = pd.factorize(frame[person], use_na_sentinel=True)[0].astype(np.int64)
    if (people < 0).any():
        raise DisclosureError("a row does not say whose it is.", column=person)
    return people


def _codes(frame: pd.DataFrame, names: Sequence[str]) -> Ints:
    """A number for each value, -1 for a gap; shape (rows, names)."""
    columns = [pd.factorize(frame[name], use_na_sentinel=True)[0] for name in names]
    return np.column_stack([np.zeros((len(frame), 0), dtype=np.int64), *columns]).astype(np.int64)


def _alike(rows: Ints, people: Ints) -> tuple[Ints, Ints]:
    """Put people together whose rows, in any order, are the same: the group of each person, and its size."""
    padded = np.column_stack([np.zeros(len(rows), dtype=np.int64), rows])
    code = np.unique(padded, axis=0, return_inverse=True)[1].ravel()
    order = np.lexsort((code, people))
    owner = people[order]
    first = np.searchsorted(owner, owner, side="left")
    place = np.arange(len(owner)) - first
    table = np.full((owner[-1] + 1, place.max() + 1), -1)
    table[owner, place] = code[order]
    _, group, size = np.unique(table, axis=0, return_inverse=True, return_counts=True)
    group = group.ravel()
    return group, size[group]


def _depth(codes: Ints, wave: Ints, people: Ints, k: int) -> Ints:
    """How many quasi-identifiers each person keeps, coarsest first, in all of that person's rows."""
    width = codes.shape[1]
    pattern, of_pattern = _alike(wave, people)
    depth = np.where(of_pattern < k, 0, width)
    while True:
        held = np.where(np.arange(width) < depth[people][:, None], codes, -1)
        group, size = _alike(np.column_stack([wave, held]), people)
        small = (size < k) & (of_pattern >= k)
        if not small.any():
            return depth
        # An already empty cell is no loss: the finest value that is there goes next.
        last = np.zeros(len(depth), dtype=np.int64)
        np.maximum.at(last, people, np.where(held >= 0, np.arange(1, width + 1), 0).max(axis=1, initial=0))
        stuck = small & (last == 0)
        depth = np.where(small & ~stuck, last - 1, depth)
        if not (small & ~stuck).any():
            # Those with nothing left to blank need company: the smallest other combination of their waves joins them.
            for one in np.unique(pattern[stuck]):
                others = np.flatnonzero((pattern == one) & ~stuck)
                depth[group == group[others[np.argmin(size[others])]]] = 0


def _check_held(codes: Ints, wave: Ints, people: Ints, k: int) -> None:
    told = np.zeros(people.max() + 1, dtype=bool)
    np.logical_or.at(told, people, (codes >= 0).any(axis=1))
    few = _alike(np.column_stack([wave, codes]), people)[1] < k
    rare = _alike(wave, people)[1] < k
    if (few & (told | ~rare)).any():
        raise DisclosureError("some combinations are still held by too few people, so no row leaves.")


def _blanked(column: pd.Series, keep: NDArray[np.bool_]) -> pd.Series:
    """The column with nulls where it is not kept; whole numbers stay whole, and no unused category tells its name."""
    if keep.all():
        return column.cat.remove_unused_categories() if isinstance(column.dtype, pd.CategoricalDtype) else column
    if column.dtype.kind in "iub" and isinstance(column.dtype, np.dtype):
        column = column.convert_dtypes()
    out = column.where(keep)
    return out.cat.remove_unused_categories() if isinstance(out.dtype, pd.CategoricalDtype) else out
