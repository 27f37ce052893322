"""What to hide in one wave, for one audience: a pattern for the base and one a family, and why each cell is hidden."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from connectedness.declare.policy import FLOOR
from connectedness.disclosure.answers import Answers, answers_of, tells_answers
from connectedness.disclosure.cells import BASE, SHARE, Bools, Cells, Floats, read_cells
from connectedness.disclosure.families import CHANGE, SD, base_measure, family_of
from connectedness.disclosure.suppression import hide_breakdown, implied, nested

SMALL_N, SMALL_LEVEL, SMALL_MEASURE, COMPLEMENT = "small_n", "small_level", "small_measure", "complement"
SMALL_PRECISION = "small_precision"


@dataclass(frozen=True)
class Plan:
    """Patterns of one wave.

    Attributes
    ----------
    cells : Cells
    minimum, small : int
    family : dict
        Measure to its family. The response rate has one of its own, which every other pattern holds; so have the
        shares of one item's answer codes, whose pattern holds that of their scale.
    wider : dict
        Family of an item's answer codes to the family whose pattern it holds.
    hidden : dict
        Family to the cells that are hidden, shape (units, columns).
    coarse : dict
        Family to the cells that show no SD and no standard error of a mean: hidden ones, those of fewer students
        than `small`, and their partners.
    """

    cells: Cells
    minimum: int
    small: int
    family: dict[str, str]
    wider: dict[str, str]
    hidden: dict[str, Bools]
    coarse: dict[str, Bools]

    def hidden_rows(self) -> Bools:
        """Rows of the frame whose cell is hidden for their family."""
        return self._at_rows(self.hidden)

    def coarse_rows(self) -> Bools:
        """Rows of the frame whose cell is coarse for their family."""
        return self._at_rows(self.coarse)

    def reasons(self) -> np.ndarray:
        """True reason at each row of the frame; null where the row is shown."""
        names = np.full((len(self.hidden), *self.cells.exists.shape), None, dtype=object)
        order = {family: i for i, family in enumerate(self.hidden)}
        why = _base_reasons(self.cells, self.hidden[BASE], self.minimum)
        for family, hidden in self.hidden.items():
            extra = np.where(self.hidden[BASE], why, _family_reasons(self, family))
            if family in self.wider:
                scale = names[order[self.wider[family]]]
                extra = np.where(pd.isna(scale), extra, scale)
            names[order[family]][hidden] = extra[hidden]
        place = np.array([order[self.family[one]] for one in self.cells.measures])
        return names[place[self.cells.row_measure], self.cells.row_unit, self.cells.row_column]

    def widened(self, recovered: pd.DataFrame, *, top: bool) -> Plan:
        """Hide, in the whole tree of each recovered cell, the breakdown it is in, at last in its widest unit too."""
        hidden, coarse = dict(self.hidden), dict(self.coarse)
        place = {name: i for i, name in enumerate(self.cells.tree.names)}
        for unit_type, unit, breakdown, measure in (
            recovered[["unit_type", "unit", "breakdown", "measure"]].drop_duplicates().itertuples(index=False)
        ):
            span = self.cells.spans.get(breakdown, np.array([0]))
            family = self.family[base_measure(measure)]
            layers = coarse if measure.startswith(SD) else hidden
            wide = list(hidden) if family == BASE else [family]
            for one in wide:
                layers[one] = hide_breakdown(self.cells, layers[one], place[unit_type, unit], span, top=top)
        for one in sorted(hidden, key=lambda one: one in self.wider):
            hidden[one] = hidden[one] | hidden[self.wider.get(one, BASE)]
            told = implied(self.cells, hidden[one][:, 0])
            hidden[one] = (hidden[one] | hidden[BASE] | hidden[one][:, :1]) & self.cells.exists & ~told
            coarse[one] = coarse[one] | hidden[one]
        return replace(self, hidden=hidden, coarse=coarse)

    def _at_rows(self, layers: Mapping[str, Bools]) -> Bools:
        stack = np.stack(list(layers.values()))
        order = {family: i for i, family in enumerate(layers)}
        place = np.array([order[self.family[one]] for one in self.cells.measures])
        return stack[place[self.cells.row_measure], self.cells.row_unit, self.cells.row_column]


def make_plan(
    estimates: pd.DataFrame,
    units: pd.DataFrame,
    minimum: int,
    small: int,
    families: Mapping[str, str] | None,
    ranges: Mapping[str, tuple[float, float]],
) -> Plan:
    """Choose what to hide in one wave.

    Parameters
    ----------
    estimates, units : DataFrame
        The wave and its unit tree.
    minimum : int
        Students that must stand behind a number.
    small : int
        Students under which no SD is shown, nor any share of one answer code.
    families : mapping, optional
        As for `protect`.
    ranges : mapping
        Measure id to its lowest and highest value.

    Raises
    ------
    DisclosureError
        When the estimates do not hold together.
    """
    cells = read_cells(estimates, units)
    family = {one: BASE if one == BASE else "of " + family_of(one, families) for one in cells.measures}
    family |= {base_measure(one): family[one] for one in cells.measures}
    nothing = [np.zeros_like(cells.exists)] * (minimum - FLOOR + 1)
    patterns = {BASE: nested(cells, cells.n[[cells.place[BASE]]], minimum, nothing)}
    counts = {one: _counts(cells, family, one) for one in dict.fromkeys(family.values()) if one != BASE}
    method = estimates.drop_duplicates("measure").set_index("measure")["method"]
    counted = method.reindex(cells.measures).eq("wilson").to_numpy(bool)
    codes = {one: "codes of " + one.split(":")[1] for one in cells.measures if one.startswith(SHARE)}

    def answers(members: Collection[str]) -> Answers:
        return answers_of(cells, [cells.place[one] for one in members], ranges, counted, small)

    plain = {one: answers([m for m in cells.measures if family[m] == one and m not in codes]) for one in counts}
    patterns |= _family_patterns(cells, counts, minimum, patterns[BASE], plain)
    spread = {family[one] for one in cells.measures if method[one] == "t"}
    coarse = {
        one: nested(cells, counts[one], minimum, patterns[one], small)[-1] if one in spread else patterns[one][-1]
        for one in patterns
    }
    wider = {of_item: family[one] for one, of_item in codes.items()}
    family |= codes
    for scale in dict.fromkeys(wider.values()):
        mine = {one: _counts(cells, family, one) for one in wider if wider[one] == scale}
        of_item = {one: answers([m for m in codes if codes[m] == one]) for one in mine}
        patterns |= _code_patterns(cells, mine, minimum, small, patterns[scale], of_item)
    hidden = {one: found[-1] for one, found in patterns.items()}
    return Plan(cells, minimum, small, family, wider, hidden, hidden | coarse)


def _counts(cells: Cells, family: Mapping[str, str], name: str) -> Floats:
    """Distinct counts of students behind the measures of a family, shape (counts, units, columns)."""
    wanted = [i for i, one in enumerate(cells.measures) if family[one] == name and not one.startswith((CHANGE, SD))]
    found = {cells.n[i].tobytes(): i for i in wanted}
    return cells.n[sorted(found.values())]


def _family_patterns(
    cells: Cells, counts: Mapping[str, Floats], minimum: int, base: list[Bools], answers: Mapping[str, Answers]
) -> dict[str, list[Bools]]:
    """Patterns of each family. Families that need nothing beyond the base, nearly all, are tried together."""
    quiet = [one for one, n in counts.items() if not (((n < minimum).any(axis=0) & cells.exists) & ~base[-1]).any()]
    found: dict[str, list[Bools]] = {}
    if quiet:
        together = nested(cells, np.concatenate([counts[one] for one in quiet]), minimum, base)
        if all((one == other).all() for one, other in zip(together, base, strict=True)):
            found = {one: base for one in quiet if not _tells(cells, base, answers[one])}
    return {
        one: found[one] if one in found else nested(cells, n, minimum, base, answers=answers[one])
        for one, n in counts.items()
    }


def _code_patterns(
    cells: Cells,
    counts: Mapping[str, Floats],
    minimum: int,
    small: int,
    scale: list[Bools],
    answers: Mapping[str, Answers],
) -> dict[str, list[Bools]]:
    """Patterns of the answer codes of each item of one family; what one item needs, beyond answers alike, all get.

    Of fewer than `small` students, the codes' shares and n would tell one, two or three of them, and every mean.
    """
    together = nested(cells, np.concatenate(list(counts.values())), minimum, scale, small)
    return {
        one: nested(cells, n, minimum, together, small, answers[one])
        if _tells(cells, together, answers[one])
        else together
        for one, n in counts.items()
    }


def _tells(cells: Cells, patterns: list[Bools], answers: Answers) -> bool:
    return any(tells_answers(cells, one, answers) for one in patterns)


def _base_reasons(cells: Cells, hidden: Bools, minimum: int) -> np.ndarray:
    small = hidden & ((cells.base < minimum) | (cells.base[:, :1] < minimum))
    why = np.where(small, SMALL_N, COMPLEMENT).astype(object)
    for span in cells.spans.values():
        beside = (small[:, span].any(axis=1) & ~hidden[:, 0])[:, None] & hidden[:, span] & ~small[:, span]
        top = np.array([len(one) > 0 for one in cells.tree.children]) & (cells.tree.parent < 0)
        why[:, span] = np.where(beside & ~top[:, None], SMALL_LEVEL, why[:, span])
    return why


def _family_reasons(plan: Plan, family: str) -> np.ndarray:
    if family == BASE:
        return np.full(plan.cells.exists.shape, COMPLEMENT, dtype=object)
    counts = _counts(plan.cells, plan.family, family)
    if family in plan.wider:
        few = (counts < plan.small).any(axis=0) & plan.cells.exists
        return np.where(few, SMALL_PRECISION, COMPLEMENT)
    small = (counts < plan.minimum).any(axis=0) & plan.cells.exists
    for span in plan.cells.spans.values():
        small[:, span] |= small[:, span].any(axis=1, keepdims=True) | small[:, :1]
    return np.where(small, SMALL_MEASURE, COMPLEMENT)
