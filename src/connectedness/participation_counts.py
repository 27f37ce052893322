"""Counts of who answered, by school, grade and mode: nothing small is told, and nothing small follows.

Each table is of one division of the same students, with one total. Cells of fewer eligible students than twice the
internal minimum are joined, with the next smallest where need be, until at least two are joined and they reach it; so
no subtraction from the total gives a small cell, and of every cell something can be told. Two tables together give
more: schools less the grades that only they have. Every such difference is worked out, and grades or modes are joined
further, or their table is left out, until none is of fewer students than the minimum. Of three tables, cells of all
three are looked at too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from connectedness.participation_bands import Band, band, narrowed, reach, steps_between
from connectedness.tables import UNKNOWN

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

TABLES = ("school", "grade", "learning_mode")
"""What is counted by. The earlier is kept when two together would tell too much."""
_MOST_CELLS = 14  # all sets of a table's cells are tried; there are 14 grades with the unknown one


def protected_counts(
    answered: pd.DataFrame,
    eligible: pd.DataFrame | None,
    minimum: int,
    order: Callable[[str], Any] = str,
    *,
    joined: bool = True,
) -> dict[str, Any]:
    """Counts by each column, joined until no cell and no difference of tables is of fewer students than `minimum`.

    Parameters
    ----------
    answered, eligible : DataFrame
        A row per student, a column per table (those of `TABLES`); `eligible` is None where nobody knows. Sizes are
        those of the eligible, else of those who answered.
    minimum : int
    order : callable
        Key that puts the cells of a table in order.
    joined : bool
        Whether those who answered are known to be among the eligible, student by student.

    Returns
    -------
    dict
        `total`, `tables`, `left_out`.
    """
    base = answered if eligible is None else eligible
    # Of fewer eligible students than two bands hold, nothing can be told.
    smallest = minimum if eligible is None else 2 * minimum
    if len(base) < smallest:
        hidden = {"answered": None, "eligible": None}
        return {"total": hidden, "tables": {}, "left_out": [f"There are fewer than {smallest} students in all."]}
    shown: list[_Division] = []
    left_out = []
    for name in (name for name in TABLES if name in base):
        division = _divided(base, answered, name, smallest)
        if division is None:
            left_out.append(f"By {name.replace('_', ' ')}: not known.")
            continue
        safe = _beside(division, shown, base, minimum)
        if safe is None:
            left_out.append(f"By {name.replace('_', ' ')}: fewer than {minimum} students would follow from it.")
        else:
            shown.append(safe)
    tables = {one.name: one.counts(answered, eligible, order) for one in shown}
    total, dropped = _bands(tables, shown, answered, eligible, minimum, joined=joined)
    left_out += [f"By {name.replace('_', ' ')}: beside the others, it would tell too closely." for name in dropped]
    return {"total": total, "tables": tables, "left_out": left_out}


def _bands(
    tables: dict[str, list[dict[str, Any]]],
    shown: list[_Division],
    answered: pd.DataFrame,
    eligible: pd.DataFrame | None,
    minimum: int,
    *,
    joined: bool,
) -> tuple[dict[str, Any], list[str]]:
    """Tell the answers of tables and total as bands, of as few tables as need be; the tables are changed.

    The total of very few groups could narrow them: it is then told less closely (`_total`); where no total is loose
    enough, the last table goes.
    """
    asked = None if eligible is None else len(eligible)
    for rows in tables.values():
        for row in rows:
            row["answered"] = band(row["answered"], minimum, row["eligible"])
    dropped: list[str] = []
    several = [name for name, rows in tables.items() if len(rows) > 1]
    total = None if several else band(len(answered), minimum, asked)
    while total is None:
        kept = {name: tables[name] for name in several}
        total = _total(kept, shown, answered, eligible, minimum, joined=joined)
        if total is None and len(several) == 1:
            total = _sum_of(tables[several[0]], asked)
        elif total is None:
            dropped.insert(0, several.pop())
            del tables[dropped[0]]
    for rows in tables.values():  # a group of all students is told as the total is
        if len(rows) == 1:
            rows[0]["answered"] = total
    for rows in tables.values():
        for row in rows:
            row["answered"] = row["answered"].as_dict()
    return {"answered": total.as_dict(), "eligible": asked}, dropped


def _sum_of(rows: list[dict[str, Any]], eligible: int | None) -> Band:
    bands = [row["answered"] for row in rows]
    most = sum(one.most for one in bands)
    return Band(sum(one.least for one in bands), most if eligible is None else min(most, eligible))


def _total(
    tables: dict[str, list[dict[str, Any]]],
    shown: list[_Division],
    answered: pd.DataFrame,
    eligible: pd.DataFrame | None,
    minimum: int,
    *,
    joined: bool,
) -> Band | None:
    """The band of the total: the closest that leaves half a band of every count; None when none does.

    Which bands there are is told by the bands of the tables, and not by the count: of two that only the count told
    apart, the closer one not being told would itself tell of it. How much a band leaves first grows and then shrinks
    as it moves up, so the lowest and the highest are made wide enough, and those between are.
    """
    import numpy as np

    asked = None if eligible is None else len(eligible)
    groups, sizes, bands = _together(tables, shown, answered, eligible, joined=joined)

    def narrow(*parts: Band) -> bool:
        least, most = min(one.least for one in parts), max(one.most for one in parts if one.most is not None)
        whole = Band(least, None if not joined and most == asked else most)
        return narrowed([*groups, np.zeros_like(groups[0])], sizes, [*bands, [whole]], minimum // 2) < minimum // 2

    steps = steps_between(*reach(groups, sizes, bands), minimum, asked)
    below, above = (_wide_enough(one, narrow, minimum) for one in (steps, steps[::-1]))
    if below + above > len(steps):
        return None if narrow(*steps) else Band(steps[0].least, steps[-1].most)
    kept = [steps[:below], *([one] for one in steps[below : len(steps) - above]), steps[len(steps) - above :]]
    # Where more have answered than were asked, the highest says so.
    at = next((one for one in kept if len(answered) <= (one[-1].most or 0)), kept[-1])
    return Band(at[0].least, at[-1].most)


def _wide_enough(steps: Sequence[Band], narrow: Callable[..., bool], minimum: int) -> int:
    """How many bands from this end are told as one, so that neither they nor the next one tell too closely.

    Where the first alone does not, the next one, being as wide, need not be asked; the highest of all may be wider.
    """
    size = 1
    as_wide = (steps[0].most or 0) - steps[0].least + 1 == minimum
    while size < len(steps) and (narrow(*steps[:size]) or not (size == 1 and as_wide) and narrow(steps[size])):
        size += 1
    return size


def _together(
    tables: dict[str, list[dict[str, Any]]],
    shown: list[_Division],
    answered: pd.DataFrame,
    eligible: pd.DataFrame | None,
    *,
    joined: bool,
) -> tuple[list[np.ndarray], np.ndarray | None, list[list[Band]]]:
    """All that the tables tell, over the cells of all of them crossed: groups, sizes where known, and bands."""
    import numpy as np

    base = answered if eligible is None else eligible
    divisions = [one for one in shown if one.name in tables]
    # The groups in the order of the rows that are told.
    places = [
        base[one.name].map({cell: i for i, row in enumerate(tables[one.name]) for cell in row["cells"]})
        for one in divisions
    ]
    crossed, sizes = np.unique(
        np.column_stack([place.to_numpy(np.int64) for place in places]), axis=0, return_counts=True
    )
    bands = [[row["answered"] for row in tables[one.name]] for one in divisions]
    if not joined:  # more may have answered than were on the roster
        ends = [[row["eligible"] for row in tables[one.name]] for one in divisions]
        bands = [
            [Band(one.least, None if one.most == end else one.most) for one, end in zip(told, last, strict=True)]
            for told, last in zip(bands, ends, strict=True)
        ]
    return list(crossed.T), sizes if joined and eligible is not None else None, bands


@dataclass(frozen=True)
class _Division:
    """The students of a table's cells: groups of values that are told together."""

    name: str
    groups: tuple[tuple[str, ...], ...]

    def of(self, values: pd.Series) -> pd.Series:
        """Number of the group of each value."""
        return values.map({value: i for i, group in enumerate(self.groups) for value in group})

    def joined(self, one: int, other: int) -> _Division:
        """The same with two groups made one."""
        rest = [group for i, group in enumerate(self.groups) if i not in (one, other)]
        return _Division(self.name, (*rest, self.groups[one] + self.groups[other]))

    def counts(
        self, answered: pd.DataFrame, eligible: pd.DataFrame | None, order: Callable[[str], Any]
    ) -> list[dict[str, Any]]:
        """A line a group."""
        told = self.of(answered[self.name]).value_counts()
        asked = None if eligible is None else self.of(eligible[self.name]).value_counts()
        lines = [
            {
                "cells": sorted(group, key=order),
                "answered": int(told.get(i, 0)),
                "eligible": None if asked is None else int(asked.get(i, 0)),
            }
            for i, group in enumerate(self.groups)
        ]
        return sorted(lines, key=lambda line: (len(line["cells"]) > 1, order(line["cells"][0])))


def _divided(base: pd.DataFrame, answered: pd.DataFrame, name: str, minimum: int) -> _Division | None:
    """A table's groups, the small ones joined; None where nobody knows any value."""
    import pandas as pd

    sizes = base[name].value_counts()
    strange = pd.Series(answered[name].unique())
    sizes = sizes.reindex(sizes.index.union(strange[~strange.isin(sizes.index)]), fill_value=0)
    sizes = sizes.sort_index().sort_values(kind="stable")
    if set(sizes.index) <= {UNKNOWN}:
        return None
    small = int((sizes < minimum).sum())
    if small:
        reach = sizes.cumsum().to_numpy() >= minimum
        small = max(small, 2, int(reach.argmax()) + 1)
    values = [str(value) for value in sizes.index]
    joined = (tuple(values[:small]),) if small else ()
    return _Division(name, (*((value,) for value in values[small:]), *joined))


def _beside(division: _Division, shown: Sequence[_Division], base: pd.DataFrame, minimum: int) -> _Division | None:
    """The division, joined until no difference with a shown one is small; None when nothing is left to join."""
    alone = len(division.groups) == 1
    while len(division.groups) > 1:
        groups = division.of(base[division.name])
        cuts = (small_difference(other.of(base[other.name]), groups, minimum) for other in shown)
        cut = next((one for one in cuts if one is not None), None)
        if cut is None:
            tells = len(shown) > 1 and small_cell([*shown, division], base, minimum)
            return None if tells else division
        division = _across(division, cut, base)
    return division if alone else None


def _across(division: _Division, cut: np.ndarray, base: pd.DataFrame) -> _Division:
    """Join the smallest group of a cut with the smallest outside it, so that it is no cut any more."""
    import numpy as np

    sizes = np.bincount(division.of(base[division.name]), minlength=len(division.groups))
    inside, outside = np.flatnonzero(cut), np.flatnonzero(~cut)
    return division.joined(int(inside[sizes[inside].argmin()]), int(outside[sizes[outside].argmin()]))


def small_difference(rows: pd.Series, columns: pd.Series, minimum: int) -> np.ndarray | None:
    """Columns whose rows, less them, leave some students but fewer than `minimum`; None if there are none.

    Parameters
    ----------
    rows, columns : Series of int
        Group of each student in two tables that are both shown.

    Notes
    -----
    From the sums of rows and of columns follows, for every set of columns, the sum of the rows that have a student in
    it, less the set's own: those rows' students outside the set. The difference the other way round is that of the
    other columns. All sets are tried, of which there are few.
    """
    import numpy as np

    width = int(columns.max()) + 1
    n = np.zeros((int(rows.max()) + 1, width))
    np.add.at(n, (rows.to_numpy(), columns.to_numpy()), 1)
    subsets = _subsets(width)
    inside = n @ subsets.T
    left = np.where(inside > 0, n.sum(axis=1)[:, None] - inside, 0.0).sum(axis=0)
    bad = np.flatnonzero((left > 0) & (left < minimum))
    return subsets[bad[0]].astype(bool) if len(bad) else None


def small_cell(divisions: Sequence[_Division], base: pd.DataFrame, minimum: int) -> bool:
    """Whether the sums of several tables determine any cell of all of them crossed that is under the minimum.

    Such a cell is determined when its unit vector lies in the span of the sums, which is when it is its own
    projection onto that span.
    """
    import numpy as np

    groups = np.column_stack([one.of(base[one.name]) for one in divisions])
    cells, n = np.unique(groups, axis=0, return_counts=True)
    sums = np.concatenate([cells[:, i] == np.unique(cells[:, i])[:, None] for i in range(len(divisions))])
    _, strength, span = np.linalg.svd(sums.astype(np.float64), full_matrices=False)
    own = (span[strength > 1e-9] ** 2).sum(axis=0)
    return bool(((own > 1 - 1e-9) & (n < minimum)).any())


def _subsets(width: int) -> np.ndarray:
    """Sets of columns, neither none nor all; of very many columns, sets of one or two, and the others of each."""
    import numpy as np

    if width <= _MOST_CELLS:
        every = (np.arange(1, 2**width - 1)[:, None] >> np.arange(width)) % 2
        return every.astype(np.float64)
    one = np.eye(width)
    two = np.array([one[i] + one[j] for i, j in combinations(range(width), 2)])
    few = np.concatenate([one, two])
    return np.concatenate([few, 1 - few])
