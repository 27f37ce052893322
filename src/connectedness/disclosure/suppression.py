"""Which cells to hide, so that adding and subtracting what is shown singles out nobody.

The attacker holds everything that one audience is shown of one wave, and knows the unit tree and these rules. From
sums of students and of answers (n times the value) over units and levels he works out whatever they determine. He
must find no hidden cell, and no group of fewer than two hidden cells or fewer students than the minimum.

The rules, from the totals down:

1. A unit under the minimum is hidden whole. Among the units of one wider unit, the hidden ones are at least two that
   hold somebody and together at least the minimum: the next smallest is hidden until they are, and where that cannot
   be, the wider unit is hidden.
2. A unit that has any group under the minimum shows no group of that breakdown. The widest unit, which has units in
   it, hides only the group itself, and then others until at least two and the minimum are hidden.
3. For each level, the same over the units that have students there, by hiding the next smallest unit's breakdown;
   where that cannot be, the wider unit's level is hidden.
4. Nor may the hidden ones of a pool have answered all alike (`answers`): the next smallest goes with them likewise.
5. Every group that one table lets be worked out (`cuts`) is put to the same test, and more units are hidden until it
   passes.

A group that *is* its unit's total (a school with one grade band) is implied: hidden when the total is, else never,
for hiding it would hide nothing.

Not modelled here, and left to later work: bounds on hidden values, pools of answers that only several subtractions
leave, successive releases of a wave that is still open, and inference from single records. Of more than two kinds of
unit the tables are tested one by one; the audit looks at them together.
"""

from __future__ import annotations

import numpy as np

from connectedness.declare.policy import FLOOR
from connectedness.disclosure.answers import Answers, tells_answers
from connectedness.disclosure.cells import Bools, Cells, Floats, Ints
from connectedness.disclosure.cuts import Table, small_group


def nested(
    cells: Cells,
    n: Floats,
    minimum: int,
    begin: list[Bools],
    threshold: int | None = None,
    answers: Answers | None = None,
) -> list[Bools]:
    """Patterns for every minimum from the floor to `minimum`, each within the next.

    A higher minimum therefore never shows more, and the public may never see what the district's own people do not.

    Parameters
    ----------
    cells : Cells
        The wave.
    n : ndarray, shape (counts, units, columns)
        Students behind the measures that share the pattern; NaN where a measure has no row.
    minimum : int
        The audience's minimum.
    begin : list of ndarray of bool
        What is hidden already, for each minimum from the floor on.
    threshold : int, optional
        Cells and groups of fewer students than this are hidden; by default, than the minimum.
    answers : Answers, optional
        Sums of answers to those measures: no pool of hidden cells may be left that all answered alike.

    Returns
    -------
    list of ndarray of bool, shape (units, columns)
    """
    patterns: list[Bools] = []
    hidden = np.zeros_like(cells.exists)
    for step, reached in enumerate(range(FLOOR, minimum + 1)):
        small = (n < (threshold or reached)).any(axis=0) & cells.exists
        hidden = settle(cells, n, threshold or reached, hidden | begin[step] | small)
        if answers is not None and tells_answers(cells, hidden, answers):
            hidden = settle(cells, n, threshold or reached, hidden, answers)
        patterns.append(hidden)
    return patterns


def settle(cells: Cells, n: Floats, minimum: int, hidden: Bools, answers: Answers | None = None) -> Bools:
    """Hide more until the rules hold. What comes hidden stays hidden, unless it is implied by a total that is shown."""
    state = _State(cells, n, minimum, hidden & cells.exists, answers)
    state.settle_totals()
    state.implied = implied(cells, state.hidden[:, 0])
    for span in cells.spans.values():
        state.settle_breakdown(span)
    return state.hidden


def implied(cells: Cells, whole: Bools) -> Bools:
    """Cells that shown totals tell by themselves, however much of the breakdown is hidden.

    Shown totals divide the students of the units that hold no others into blocks: each block has those under one
    shown unit and under none below it. A cell is told when it is made of whole blocks: a unit's only level, or a
    level that nothing but such units make up.
    """
    told = np.zeros_like(cells.exists)
    tree = cells.tree
    depth = tree.depth
    shown_at = tree.nearest(cells.exists[:, 0] & ~whole)
    leaves = np.flatnonzero([len(children) == 0 for children in tree.children])
    for span in cells.spans.values():
        leaf, level = np.nonzero(cells.exists[np.ix_(leaves, span)])
        block, closed = shown_at[leaves[leaf]], np.full(len(leaf), -1)
        for one in np.unique(block[block >= 0]):
            mine = block == one
            if len(np.unique(level[mine])) == 1:
                closed[mine] = depth[tree.meeting(leaves[leaf[mine]])]
        # The lowest depth from which each cell's blocks are whole; a cell is told at that depth and above.
        reach = np.full((len(depth), len(span)), len(depth))
        np.minimum.at(reach, (leaves[leaf], level), closed)
        for parent in tree.parents:
            reach[parent] = reach[tree.children[parent]].min(axis=0)
        told[:, span] = cells.exists[:, span] & (reach >= depth[:, None])
    return told


def hide_breakdown(cells: Cells, hidden: Bools, unit: int, span: Ints, *, top: bool) -> Bools:
    """Hide a breakdown in the whole tree that holds `unit`, its widest unit only if `top`; totals, all but the widest.

    The last resort.
    """
    units = np.array([one for one in cells.tree.under(unit) if top or cells.tree.parent[one] >= 0])
    out = hidden.copy()
    if span[0] == 0:
        out[units[cells.tree.parent[units] >= 0]] = True
    else:
        out[np.ix_(units, span)] = True
    return out & cells.exists


class _State:
    """A pattern on its way to rest: cells only ever become hidden."""

    def __init__(self, cells: Cells, n: Floats, minimum: int, hidden: Bools, answers: Answers | None) -> None:
        self.cells, self.n, self.minimum, self.hidden, self.answers = cells, n, minimum, hidden, answers
        self.tree, self.exists, self.base = cells.tree, cells.exists, cells.base
        self.implied = np.zeros_like(hidden)
        # The widest unit hides single levels; every other unit its whole breakdown.
        self.by_level = {p for p in self.tree.parents if self.tree.parent[p] < 0}

    def settle_totals(self) -> None:
        before = -1
        while before != self.hidden[:, 0].sum():
            before = self.hidden[:, 0].sum()
            for unit in self.tree.parents:
                if self.exists[unit, 0] and not self.hidden[unit, 0]:
                    self._settle_unit(unit)
        self.hidden[self.hidden[:, 0]] = True
        self.hidden &= self.exists

    def _settle_unit(self, unit: int) -> None:
        """Make what is left of a shown unit, when all that is shown in it is taken away, enough to tell nothing.

        Where a unit in a narrower one is hidden for it, the narrower one is hidden too.
        """
        inside = np.array(self.tree.below(unit))
        leaves = inside[self.exists[inside, 0] & np.array([not len(self.tree.children[one]) for one in inside])]
        left = self._left(unit, leaves)
        if not len(left) or self._tells_nothing(unit, left):
            return
        if (self.base[leaves, 0] > 0).sum() < 2:
            self.hidden[unit, 0] = True
            return
        free = leaves[~self.hidden[leaves, 0] & (self.base[leaves, 0] > 0)]
        between = {one: [up for up in self.tree.path(int(one), unit) if not self.hidden[up, 0]] for one in free}
        order = np.lexsort((self.base[free, 0], [len(between[one]) for one in free]))
        for one in free[order]:
            self.hidden[[one, *between[one]], 0] = True
            if self._tells_nothing(unit, self._left(unit, leaves)):
                return
        self.hidden[unit, 0] = True

    def _left(self, unit: int, leaves: Ints) -> Ints:
        """Leaves that lie in `unit` and in no narrower unit that is shown."""
        return leaves[self.tree.nearest(self.exists[:, 0] & ~self.hidden[:, 0])[leaves] == unit]

    def _tells_nothing(self, unit: int, left: Ints) -> bool:
        """Whether what is left is enough, not just one hidden unit, and did not all answer alike."""
        if not self._enough(left, 0) or self.tree.meeting(left) != unit:
            return False
        if self.answers is None:
            return True
        shown, parent = self.exists[:, 0] & ~self.hidden[:, 0], self.tree.parent
        taken = np.flatnonzero(shown & (parent >= 0) & (self.tree.nearest(shown)[parent] == unit))
        return not self.answers.alike((unit, 0), (taken, 0))

    def settle_breakdown(self, span: Ints) -> None:
        rows: Bools = np.array(self.hidden[:, span].any(axis=1))
        rows[list(self.by_level)] = False
        self.hidden[:, span] |= self.exists[:, span] & rows[:, None]
        # What a shown total tells cannot be hidden, nor can a group count as hidden with it.
        self.hidden[:, span] &= ~self.implied[:, span]
        before = -1
        while before != self.hidden[:, span].sum():
            before = self.hidden[:, span].sum()
            for parent in self.tree.parents:
                for column in span:
                    self._settle_level(parent, column, span)
                if parent in self.by_level:
                    self._settle_own_levels(parent, span)
            if before == self.hidden[:, span].sum():
                for parent in self.tree.parents:
                    self._settle_cuts(parent, span)

    def _settle_level(self, parent: int, column: int, span: Ints) -> None:
        children = self._at(parent, column)
        hidden = children[self.hidden[children, column]]
        free = children[~self.hidden[children, column] & ~self.implied[children, column]]
        if self.hidden[parent, column]:
            # Hidden, yet the sum of what its units show: one of them must be hidden too.
            if not len(hidden) and len(free):
                self._hide_row(self._by_size(free, column)[0], span)
            return
        if not len(hidden) or self._enough_at(parent, hidden, column):
            return
        chosen = self._next_smallest(parent, hidden, free, column)
        if chosen is None:
            self._hide_level(parent, column, span)
        else:
            for unit in chosen:
                self._hide_row(unit, span)

    def _settle_own_levels(self, parent: int, span: Ints) -> None:
        if self.hidden[parent, 0]:
            return
        while self.hidden[parent, span].any() and not self._enough_levels(parent, span):
            shown = span[(self.exists & ~self.hidden & ~self.implied)[parent, span] & (self.base[parent, span] > 0)]
            if not len(shown):
                return
            # A level in which a unit is hidden already costs no other unit.
            bare = [not self.hidden[self._at(parent, column), column].any() for column in shown]
            self.hidden[parent, shown[np.lexsort((self.base[parent, shown], bare))[0]]] = True

    def _settle_cuts(self, parent: int, span: Ints) -> None:
        while (cut := small_group(self._table(parent, span), self.minimum)) is not None:
            children = self.tree.children[parent]
            here = self.exists[np.ix_(children, span)]
            shown = ~self.hidden[np.ix_(children, span)].any(axis=1)
            crossing = children[shown & here[:, cut].any(axis=1) & here[:, ~cut].any(axis=1)]
            crossing = crossing[~self.implied[np.ix_(crossing, span)].any(axis=1)]
            before = self.hidden.sum()
            if len(crossing):
                self._hide_row(self._by_size(crossing, 0)[0], span)
            else:
                self._hide_row(parent, span)
            if self.hidden.sum() == before:
                return

    def _table(self, parent: int, span: Ints) -> Table:
        children = self.tree.children[parent]
        hidden = self.hidden[np.ix_(children, span)]
        n = self.n[:, children[:, None], span]
        # A measure that has no row at the units' levels is never seen there.
        seen = ~np.isnan(n).all(axis=(1, 2))
        top = self.hidden[parent, span]
        top_n = np.nan_to_num(self.n[seen][:, parent, span]) * top
        return Table(
            hidden, np.nan_to_num(n[seen]) * hidden, self.hidden[children, 0], top, top_n, bool(self.hidden[parent, 0])
        )

    def _at(self, parent: int, column: int) -> Ints:
        children = self.tree.children[parent]
        return children[self.exists[children, column]]

    def _hide_row(self, unit: int, span: Ints) -> None:
        self.hidden[unit, span] |= self.exists[unit, span] & ~self.implied[unit, span]

    def _hide_level(self, parent: int, column: int, span: Ints) -> None:
        if parent in self.by_level:
            self.hidden[parent, column] = self.exists[parent, column]
        else:
            self._hide_row(parent, span)

    def _enough(self, units: Ints, column: int) -> bool:
        n = self.n[:, units, column]
        n = n[~np.isnan(n).all(axis=1)] if len(units) else n
        return bool((np.nansum(n, axis=1) >= self.minimum).all() and ((n > 0).sum(axis=1) >= 2).all())

    def _enough_at(self, parent: int, hidden: Ints, column: int) -> bool:
        """Whether the hidden ones of a unit's units are enough, and did not all answer alike."""
        if not self._enough(hidden, column):
            return False
        shown = np.setdiff1d(self._at(parent, column), hidden)
        return self.answers is None or not self.answers.alike((parent, column), (shown, column))

    def _enough_levels(self, parent: int, span: Ints) -> bool:
        hidden = self.hidden[parent, span]
        n = self.n[:, parent, span[hidden]]
        n = n[~np.isnan(n).all(axis=1)]
        enough = bool((np.nansum(n, axis=1) >= self.minimum).all() and ((n > 0).sum(axis=1) >= 2).all())
        return enough and (self.answers is None or not self.answers.alike((parent, 0), (parent, span[~hidden])))

    def _by_size(self, units: Ints, column: int) -> Ints:
        return units[np.argsort(self.base[units, column], kind="stable")]

    def _next_smallest(self, parent: int, hidden: Ints, candidates: Ints, column: int) -> Ints | None:
        """The fewest of the candidates, smallest first, that make the hidden ones enough; None if all are too few."""
        candidates = self._by_size(candidates[self.base[candidates, column] > 0], column)
        for size in range(1, len(candidates) + 1):
            if self._enough_at(parent, np.concatenate([hidden, candidates[:size]]), column):
                return candidates[:size]
        return None
