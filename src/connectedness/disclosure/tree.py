"""Which unit lies in which."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.errors import DisclosureError
from connectedness.tables import UNIT_TREE_COLUMNS


@dataclass(frozen=True)
class Tree:
    """Units in a fixed order (by type, then id), so that ties are broken alike in every run.

    Attributes
    ----------
    names : list of (unit_type, unit)
    parent : ndarray of int
        Index of the wider unit; -1 for a widest one.
    children : list of ndarray of int
    parents : list of int
        Units that have children, the narrowest first.
    """

    names: list[tuple[str, str]]
    parent: NDArray[np.int64]
    children: list[NDArray[np.int64]]
    parents: list[int]

    @cached_property
    def depth(self) -> NDArray[np.int64]:
        """Steps from each unit up to a widest one."""
        return _depths(self.parent)

    def under(self, unit: int) -> list[int]:
        """The whole tree that holds `unit`."""
        return self.below(self.path(unit, -1)[-1] if self.parent[unit] >= 0 else unit)

    def below(self, unit: int) -> list[int]:
        """`unit` and every unit in it."""
        found = [unit]
        for one in found:
            found.extend(int(child) for child in self.children[one])
        return found

    def path(self, unit: int, above: int) -> list[int]:
        """Units that `unit` lies in, up to but without `above`; -1 for all of them."""
        found = []
        while (unit := int(self.parent[unit])) not in (above, -1):
            found.append(unit)
        return found

    def nearest(self, marked: NDArray[np.bool_]) -> NDArray[np.int64]:
        """For every unit, the nearest marked one that it lies in or is; -1 if none is."""
        found = np.where(marked, np.arange(len(marked)), -1)
        for parent in reversed(self.parents):
            children = self.children[parent]
            found[children] = np.where(marked[children], children, found[parent])
        return found

    def meeting(self, units: NDArray[np.int64]) -> int:
        """The narrowest unit that holds all of `units`, or is the only one; they must be of one tree."""
        at = np.unique(units)
        while len(at) > 1:
            deepest = self.depth[at] == self.depth[at].max()
            at = np.unique(np.where(deepest, self.parent[at], at))
        return int(at[0])


def read_tree(units: pd.DataFrame, seen: Collection[tuple[str, str]]) -> Tree:
    """Read the unit tree; `seen` are the units that have estimates.

    Raises
    ------
    DisclosureError
        When a unit lies in two, in itself, or is not in the tree; or when a unit has estimates and the one it lies
        in has none.
    """
    missing = [column for column in UNIT_TREE_COLUMNS if column not in units]
    if missing:
        raise DisclosureError("the unit tree lacks a column.", column=missing[0])
    if units[list(UNIT_TREE_COLUMNS)].isna().any(axis=None):
        raise DisclosureError("a line of the unit tree has a gap.")
    child = list(zip(units["unit_type"], units["unit"], strict=True))
    above = dict(zip(child, zip(units["parent_type"], units["parent"], strict=True), strict=True))
    if len(above) != len(child):
        raise DisclosureError("a unit stands twice in the unit tree.")
    names = sorted({*child, *above.values(), *(seen if not child else ())})
    unknown = sorted(set(seen) - set(names))
    if unknown:
        raise DisclosureError(
            "a unit with estimates is not in the unit tree, so it is not known what it could be subtracted from.",
            found=f"{unknown[0][0]} {unknown[0][1]}",
            todo="Make the unit tree again from the same wave.",
        )
    orphan = sorted(one for one in seen if one in above and above[one] not in set(seen))
    if orphan:
        raise DisclosureError("a unit has estimates, but the wider unit that it lies in has none.", found=orphan[0][1])
    place = {name: i for i, name in enumerate(names)}
    parent = np.array([place[above[name]] if name in above else -1 for name in names], dtype=np.int64)
    order = np.argsort(-_depths(parent), kind="stable")
    children = [np.flatnonzero(parent == i) for i in range(len(names))]
    return Tree(names, parent, children, [int(i) for i in order if len(children[i])])


def _depths(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Steps from each unit up to a widest one."""
    depth, at = np.zeros(len(parent), dtype=np.int64), parent.copy()
    for _ in range(len(parent) + 1):
        inside = at >= 0
        if not inside.any():
            return depth
        depth[inside] += 1
        at[inside] = parent[at[inside]]
    raise DisclosureError("a unit of the unit tree lies in itself.")
