"""That a row is there, or is not, must tell of nobody: a hidden row names its level.

A school that has a row `not_said`, if only a hidden one, has somebody who would rather not say; a school that has no
such row has nobody; and a row that appears while a wave is open tells who answered. So:

- A unit below the widest in which all are of one level is taken to have the other levels of its wider unit too, with
  nobody in them (`with_unseen_levels`). They are small, so its breakdown is hidden, and enough other units' with it;
  else the shown total would say of everybody there which level they are of.
- Where a unit's breakdown is hidden, wholly or in part, every level has a hidden row for every measure
  (`with_hidden_levels`): those that are declared, and those that anybody has.

What a unit offers (`structural`: grades, ways of learning) is no secret: of these only the level `unknown`, which says
of a student that nothing is known, is treated so.

A row may be absent where subtraction tells that nobody is there: of a breakdown whose groups are all shown, or of a
level whose students are all in units that show it. Not promised: that nobody learns, in this way, that a hidden unit of
several levels has none of a further one; nor successive releases of a wave that is open, in which a breakdown that was
shown is hidden once somebody of a new level answers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from connectedness.disclosure.cells import BASE, Bools
from connectedness.disclosure.families import CHANGE
from connectedness.tables import ALL, SUPPRESSED, UNKNOWN

EMPTY = "empty"
"""True reason of a hidden row of which nobody is, or was in the wave compared with."""
_UNIT = ["unit_type", "unit"]
_CELL = [*_UNIT, "breakdown", "level"]
_ABOVE = ["parent_type", "parent", "breakdown", "level"]


def with_unseen_levels(frame: pd.DataFrame, units: pd.DataFrame, structural: Collection[str]) -> pd.DataFrame:
    """Add, to units below the widest that have one level of a breakdown only, the others of their wider unit: empty.

    Parameters
    ----------
    frame : DataFrame
        Estimates, nothing hidden.
    units : DataFrame
        The unit tree.
    structural : collection of str
        Breakdowns of which this is not done.

    Returns
    -------
    DataFrame
        The estimates, then rows with n 0, of which nobody knows how many are eligible, for every measure but changes.
    """
    base = frame[(frame["measure"] == BASE) & ~frame["breakdown"].isin([ALL, *structural])]
    held = base.loc[(base["n"] > 0) | (base["eligible"] > 0).fillna(False), _CELL]
    found = []
    for kind in _kinds(units):
        own = held[held["unit_type"] == kind]
        alone = own[~own.duplicated([*_UNIT, "breakdown"], keep=False)].drop(columns="level")
        placed = alone.merge(units[[*_UNIT, "parent_type", "parent"]], on=_UNIT)
        wider = held.rename(columns={"unit_type": "parent_type", "unit": "parent"})
        others = placed.merge(wider, on=["parent_type", "parent", "breakdown"])[_CELL]
        found.append(_without(others, own))
        held = pd.concat([held, found[-1]], ignore_index=True)
    if not sum(map(len, found)):
        return frame
    rows = pd.concat(found, ignore_index=True).merge(_measures(frame), on=["unit_type", "breakdown"])
    rows = rows[~rows["measure"].str.startswith(CHANGE)]
    there = frame[(frame["n"] == 0) & frame["measure"].isin(rows["measure"])]
    rows = _without(rows, there, "measure")
    return _joined(frame, rows.assign(n=0, status="no_answers"))


def with_hidden_levels(
    inside: pd.DataFrame, units: pd.DataFrame, structural: Collection[str], declared: Mapping[str, Collection[str]]
) -> pd.DataFrame:
    """Add hidden rows, so that where a breakdown is hidden the rows that are there do not say which levels a unit has.

    Parameters
    ----------
    inside : DataFrame
        Protected estimates, with true reasons.
    units : DataFrame
        The unit tree.
    structural : collection of str
        Breakdowns of which only the level `unknown` gets rows.
    declared : mapping
        Breakdown to its declared levels.

    Notes
    -----
    A change has a row where the wave compared with has the cell, which would tell of that wave. So of secret levels
    every row has its changes, if only hidden, that the unit's total has.
    """
    base = inside[(inside["measure"] == BASE) & (inside["breakdown"] != ALL)]
    hidden = base.loc[base["status"] == SUPPRESSED, _CELL]
    parts = hidden[[*_UNIT, "breakdown"]].drop_duplicates()
    every = parts.merge(_secret(base, structural, declared), on="breakdown")[_CELL]
    added = _where_not_told(_without(every, base), hidden, units)
    secret = _secret(base, structural, {})
    mine = base[_among(base[["breakdown", "level"]], secret)]
    rows = pd.concat([mine[_CELL], added], ignore_index=True).merge(_measures(inside), on=["unit_type", "breakdown"])
    change = rows["measure"].str.startswith(CHANGE).to_numpy(bool)
    of_total = _among(rows[[*_UNIT, "measure"]], inside.loc[inside["breakdown"] == ALL, [*_UNIT, "measure"]])
    unseen = _among(rows[_CELL], pd.concat([hidden, added]))
    rows = _without(rows[(change & of_total) | (~change & unseen)], inside, "measure")
    return _joined(inside, rows.assign(status=SUPPRESSED, reason=EMPTY)) if len(rows) else inside


def _secret(base: pd.DataFrame, structural: Collection[str], declared: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """Breakdowns and levels of which it must not be told whether a unit has anybody."""
    named = [(one, level) for one, levels in declared.items() for level in levels]
    found = pd.concat([base[["breakdown", "level"]], pd.DataFrame(named, columns=["breakdown", "level"], dtype="str")])
    return found[~found["breakdown"].isin(list(structural)) | (found["level"] == UNKNOWN)].drop_duplicates()


def _where_not_told(wanted: pd.DataFrame, hidden: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """The wanted cells, without those that subtraction tells to be empty, level by level over the units.

    Something must be left of the wider unit's cell when what its units show is taken away: one of them hides somebody
    of the level, or the wider unit's own number is not shown.
    """
    above = units[[*_UNIT, "parent_type", "parent"]]
    placed = wanted.merge(above, on=_UNIT, how="left")
    left = _among(placed[_ABOVE], hidden.merge(above, on=_UNIT)[_ABOVE]) | _among(placed[_ABOVE], hidden)
    kept = placed[left | placed["parent"].isna().to_numpy(bool)]
    while True:
        more = placed[_among(placed[_ABOVE], kept[_CELL]) & ~_among(placed[_CELL], kept[_CELL])]
        if more.empty:
            return kept[_CELL]
        kept = pd.concat([kept, more])


def _measures(frame: pd.DataFrame) -> pd.DataFrame:
    """Measures, with wave and method, that a kind of unit has by each breakdown."""
    found = frame.loc[frame["breakdown"] != ALL, ["wave", "unit_type", "breakdown", "measure", "method"]]
    return found.drop_duplicates(["unit_type", "breakdown", "measure"])


def _kinds(units: pd.DataFrame) -> list[str]:
    """Kinds of unit below the widest, the wider first."""
    above = dict(zip(units["unit_type"], units["parent_type"], strict=True))

    def depth(kind: str) -> int:
        return 1 + depth(above[kind]) if kind in above else 0

    return sorted(above, key=depth)


def _joined(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    more = rows.reindex(columns=frame.columns)
    return pd.concat([frame, more.astype(frame.dtypes.to_dict())], ignore_index=True)


def _without(rows: pd.DataFrame, others: pd.DataFrame, *more: str) -> pd.DataFrame:
    return rows[~_among(rows[[*_CELL, *more]], others[[*_CELL, *more]])]


def _among(rows: pd.DataFrame, others: pd.DataFrame) -> Bools:
    found: Bools = pd.MultiIndex.from_frame(rows).isin(pd.MultiIndex.from_frame(others))
    return found
