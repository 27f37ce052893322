"""Levels that are none: a value that strayed into a column of groups, and that may be a person's name.

What comes in is looked at where it comes in. This is the second wall, for the one thing that hiding numbers does not
help against: a hidden row still says what its level is called.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from connectedness.disclosure.cells import BASE
from connectedness.tables import ALL, UNKNOWN


def without_strays(
    inside: pd.DataFrame,
    frame: pd.DataFrame,
    units: pd.DataFrame,
    minimum: int,
    structural: Collection[str],
    declared: Mapping[str, Collection[str]],
) -> pd.DataFrame:
    """Take out, of every unit, levels that nothing declares and that fewer students than the minimum are of.

    Parameters
    ----------
    inside : DataFrame
        Protected estimates.
    frame : DataFrame
        The same, nothing hidden.
    units : DataFrame
        The unit tree; what is in it is not among the widest units, of which the students are counted.
    minimum : int
        Students who must be of a level, answered or only eligible.
    structural : collection of str
        Breakdowns whose levels the program itself names.
    declared : mapping
        Levels that some declaration writes, by breakdown.
    """
    key, unit = ["breakdown", "level"], ["unit_type", "unit"]
    below = pd.MultiIndex.from_frame(frame[unit]).isin(pd.MultiIndex.from_frame(units[unit]))
    widest = frame[(frame["measure"] == BASE) & ~below]
    held = widest[["n", "eligible"]].astype("float64").max(axis=1).groupby([widest[name] for name in key]).sum()
    known = {(one, level) for one, levels in declared.items() for level in levels} | set(held.index[held >= minimum])
    levels = inside[key].drop_duplicates()
    named = levels["breakdown"].isin([ALL, *structural]) | (levels["level"] == UNKNOWN)
    pairs = levels[~named].itertuples(index=False, name=None)
    strays = [pair for pair in pairs if pair not in known]
    if not strays:
        return inside
    return inside[~pd.MultiIndex.from_frame(inside[key]).isin(strays)].reset_index(drop=True)
