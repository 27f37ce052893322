"""An attack on what would be published, by somebody who has it, the unit tree and nothing else.

The auditor reads a frame as it would leave and imports nothing of the rules that hid cells. It looks for rows that
say too much by themselves, for hidden cells that sums over units and levels determine, and for hidden groups, under
the minimum, that subtraction singles out (`attack`). Shown numbers are taken as exact, whatever they are rounded to.

Of three or more kinds of unit, and of totals that are hidden, all tables are looked at together. Not looked for:
bounds that are narrower than a cell's own size, pools of answers that only several subtractions leave, earlier
releases of the same wave, and inference from single records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from connectedness.disclosure import attack
from connectedness.disclosure.attack import Bools, Floats, System
from connectedness.disclosure.audit_verdicts import verdicts_that_tell
from connectedness.disclosure.families import CARELESS, UNFLAGGED, base_measure, family_of
from connectedness.disclosure.plenty import Plenty
from connectedness.tables import SUPPRESSED

CELL = ["unit_type", "unit", "breakdown", "level"]
_NUMBERS = ["n", "eligible", "value", "se", "low", "high"]
_BASE = "response_rate"
# What does not add up over units and levels, and is looked at by itself.
_NOT_SUMS = (CARELESS, UNFLAGGED)


@dataclass(frozen=True)
class AuditResult:
    """What the attack recovered.

    Attributes
    ----------
    recovered : DataFrame
        unit_type, unit, breakdown, level, measure and `how`; empty when nothing was. For operations only: it names
        cells that hide something.
    """

    recovered: pd.DataFrame

    @property
    def ok(self) -> bool:
        """Whether nothing was recovered."""
        return self.recovered.empty


def audit(
    published: pd.DataFrame,
    units: pd.DataFrame,
    *,
    truth: pd.DataFrame | None = None,
    minimum: int,
    families: Mapping[str, str] | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    sides: pd.DataFrame | None = None,
) -> AuditResult:
    """Try to recover hidden cells of one wave.

    Parameters
    ----------
    published : DataFrame
        Estimates as they would leave: hidden cells null, status `suppressed`.
    units : DataFrame
        The unit tree.
    truth : DataFrame, optional
        The estimates before hiding. It changes no finding; it spares questions whose answer it proves.
    minimum : int
        Students that must stand behind a shown number or a group.
    families : mapping, optional
        As for `protect`: measures of one family must be hidden together.
    ranges : mapping, optional
        Measure id to its lowest and highest value, for measures that are no counted share (0 to 1).
    sides : DataFrame, optional
        How many students each bit about careless answers is of (`audit_verdicts`). Without it no bit may be shown.
    """
    found = [*_rows_that_tell(published, minimum), *_uneven_families(published, families)]
    found += verdicts_that_tell(published, units, sides, minimum)
    now = published[~published["measure"].str.startswith(("change:", *_NOT_SUMS))]
    base = now[now["measure"] == _BASE]
    empty = (base["n"] == 0).fillna(False) & (base["eligible"] == 0).fillna(False) & (base["status"] != SUPPRESSED)
    system = attack.read_system(base[~empty.astype(bool)], units)
    found += _Attack(system, now, units, truth, minimum, ranges or {}).findings()
    columns = [*CELL, "measure", "how"]
    recovered = pd.concat(found)[columns] if found else pd.DataFrame(columns=columns)
    return AuditResult(recovered.drop_duplicates().sort_values(columns, ignore_index=True))


def _rows_that_tell(frame: pd.DataFrame, minimum: int) -> list[pd.DataFrame]:
    hidden = (frame["status"] == SUPPRESSED).to_numpy(bool, na_value=False)
    n = frame["n"].to_numpy(np.float64, na_value=np.nan)
    empty = (n == 0) & (frame["eligible"].to_numpy(np.float64, na_value=np.nan) == 0)
    base = frame[frame["measure"] == _BASE].set_index(CELL)["status"]
    whole = (base.reindex(pd.MultiIndex.from_frame(frame[CELL])) == SUPPRESSED).to_numpy(bool, na_value=False)
    shown = pd.MultiIndex.from_frame(frame.loc[~hidden, [*CELL, "measure"]])
    change = frame["measure"].str.startswith("change:").to_numpy(bool)
    of = pd.MultiIndex.from_frame(frame[CELL].assign(measure=frame["measure"].map(base_measure)))
    reasons = frame["reason"].to_numpy(object)
    checks = {
        "a hidden cell shows a number": hidden & frame[_NUMBERS].notna().any(axis=1).to_numpy(bool),
        "the reason tells which cell is small": hidden & (frame["reason"] != SUPPRESSED).fillna(True).to_numpy(bool),
        "shown without its number of students": ~hidden & np.isnan(n),
        "shown under the minimum": ~hidden & (n < minimum) & ~empty,
        "shown in a cell that is hidden": ~hidden & whole,
        "a change of a hidden number": change & ~hidden & ~of.isin(shown),
        "a shown cell has a reason": ~hidden & (reasons == SUPPRESSED),
    }
    return [frame.loc[bad, [*CELL, "measure"]].assign(how=how) for how, bad in checks.items() if bad.any()]


def _uneven_families(frame: pd.DataFrame, families: Mapping[str, str] | None) -> list[pd.DataFrame]:
    """Rows shown although another measure of the family, not an SD or a change, is hidden in the cell.

    The shares of one item's answer codes may be hidden without the rest of their family, but only together.
    """
    other = ("sd:", "change:", *_NOT_SUMS)
    rows = frame[(frame["measure"] != _BASE) & ~frame["measure"].str.startswith(other)]
    names = rows["measure"].unique()
    hidden, code = rows["status"] == SUPPRESSED, rows["measure"].str.startswith("share:")
    cell = [rows[name] for name in CELL]
    of = rows["measure"].map({one: family_of(one, families) for one in names})
    item = rows["measure"].map({one: one.split(":")[1] if one.startswith("share:") else one for one in names})
    part = (hidden & ~code).groupby([*cell, of]).transform("any") | hidden.groupby([*cell, code, item]).transform("any")
    bad = rows.loc[part & ~hidden, [*CELL, "measure"]]
    return [bad.assign(how="shown although its family is hidden")] if len(bad) else []


@dataclass(frozen=True)
class _Shown:
    """What one measure shows; every array has shape (cells,). `n` is 0 where it is not told."""

    there: Bools
    hidden: Bools
    n: Floats
    counted: Bools
    value: Floats
    error: Bools
    method: str

    @property
    def known(self) -> Bools:
        return self.there & ~self.hidden & self.counted


class _Attack:
    """One wave's shown numbers, measure by measure, set into the system of sums."""

    def __init__(
        self,
        system: System,
        now: pd.DataFrame,
        units: pd.DataFrame,
        truth: pd.DataFrame | None,
        minimum: int,
        ranges: Mapping[str, tuple[float, float]],
    ) -> None:
        self.system, self.minimum, self.ranges = system, minimum, ranges
        self.plenty = Plenty(system.cells, units)
        self.measures = self._by_measure(now)
        self.base = self.measures[_BASE]
        self.truth = {} if truth is None else self._by_measure(truth[truth["measure"].isin(list(self.measures))])
        self._seen: dict[tuple[object, ...], Bools] = {}

    def _by_measure(self, rows: pd.DataFrame) -> dict[str, _Shown]:
        place = self.system.cells.get_indexer(pd.MultiIndex.from_frame(rows[CELL]))
        number, names = pd.factorize(rows["measure"], sort=True)
        there = np.zeros((len(names), len(self.system.cells)), dtype=bool)
        hidden, n = there.copy(), np.full(there.shape, np.nan)
        value, se = n.copy(), n.copy()
        inside = place >= 0
        at = number[inside], place[inside]
        there[at] = True
        hidden[at] = (rows["status"] == SUPPRESSED).to_numpy(bool, na_value=False)[inside]
        n[at] = rows["n"].to_numpy(np.float64, na_value=np.nan)[inside]
        value[at] = rows["value"].to_numpy(np.float64, na_value=np.nan)[inside]
        se[at] = rows["se"].to_numpy(np.float64, na_value=np.nan)[inside]
        method = rows["method"].iloc[np.unique(number, return_index=True)[1]]
        return {
            name: _Shown(
                there[i], hidden[i], np.nan_to_num(n[i]), ~np.isnan(n[i]), value[i], ~np.isnan(se[i]), str(how)
            )
            for i, (name, how) in enumerate(zip(names, method, strict=True))
        }

    def findings(self) -> list[pd.DataFrame]:
        found: list[pd.DataFrame] = []
        for name, shown in self.measures.items():
            if name.startswith("sd:"):
                continue
            known, n = shown.known, shown.n
            never = ~shown.there & ~self.base.hidden
            checks = {
                "subtraction tells it": self._determined(~known) & ~never,
                "the sums shown do not agree": self._once("sums", attack.does_not_add, ~known, n),
                "subtraction leaves a group under the minimum": self._small(name, known, never, n),
                "subtraction leaves students who answered alike": self._alike(name, shown),
            }
            found += [self._rows(cells, name, how) for how, cells in checks.items() if cells.any()]
            if shown.method == "t":
                found += self._spread(name, shown)
        return found

    def _spread(self, name: str, shown: _Shown) -> list[pd.DataFrame]:
        """Sums of squares add up too: a standard deviation or error withheld must not follow from the others."""
        sd = self.measures.get(f"sd:{name}")
        told = shown.error if sd is None else shown.error | sd.known
        bad = self._determined(~(shown.known & told)) & shown.there
        return [self._rows(bad, f"sd:{name}", "subtraction tells it")] if bad.any() else []

    def _small(self, name: str, known: Bools, never: Bools, n: Floats) -> Bools:
        small = self._once("residuals", attack.small_residuals, ~known, n, self.minimum, never)
        if never.any():
            return small
        sure = np.zeros(len(known), dtype=bool)
        if name in self.truth:
            sure = self.plenty.proves(~known, self.truth[name].n, self.minimum)
        return small | self._once("groups", attack.small_groups, ~known, n, self.minimum, ~known & ~sure)

    def _alike(self, name: str, shown: _Shown) -> Bools:
        """Sums of answers add up as numbers of students do. Of a counted share they are whole numbers."""
        counted = shown.method == "wilson"
        if name not in self.ranges and not counted:
            return np.zeros(len(shown.n), dtype=bool)
        low, high = self.ranges.get(name, (0.0, 1.0))
        above = np.nan_to_num((shown.value - low) / (high - low)) * shown.n
        given = self.system, ~shown.known, shown.n, np.round(above) if counted else above
        found = attack.alike(*given, np.zeros(len(above), dtype=bool))
        return attack.alike(*given, self._told_by_totals(shown.known)) if found.any() else found

    def _told_by_totals(self, known: Bools) -> Bools:
        """Cells of breakdowns that shown totals tell: groups that are their unit, or are made of such units."""
        total = self.system.cells.get_level_values("breakdown") == "all"
        return self._determined(~(known & total)) & ~total

    def _determined(self, unknown: Bools) -> Bools:
        return self._once("determined", attack.determined, unknown)

    def _once(self, what: str, ask: Callable[..., Bools], *given: object) -> Bools:
        """Ask a question once, however many measures have the same pattern and students."""
        key = (what, *(one.tobytes() for one in given if isinstance(one, np.ndarray)))
        if key not in self._seen:
            self._seen[key] = ask(self.system, *given)
        return self._seen[key]

    def _rows(self, cells: Bools, measure: str, how: str) -> pd.DataFrame:
        return self.system.cells[cells].to_frame(index=False).set_axis(CELL, axis=1).assign(measure=measure, how=how)
