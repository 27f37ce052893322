"""An attack on the bits that say whether a verdict rests on careless answers.

Like `audit`, it reads what would leave and imports nothing of the rules. A bit cannot be subtracted; what it could
tell, it tells by being about too few. So the auditor is told how many students are on each side of each comparison,
which nothing that leaves says, and takes every bit that is not vouched for as one that tells.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectedness.disclosure.families import CARELESS, CHANGE, UNFLAGGED
from connectedness.tables import ALL, SUPPRESSED

CELL = ["unit_type", "unit", "breakdown", "level"]
_SIDES = ["flagged", "unflagged", "flagged_before", "unflagged_before"]


def verdicts_that_tell(
    published: pd.DataFrame, units: pd.DataFrame, sides: pd.DataFrame | None, minimum: int
) -> list[pd.DataFrame]:
    """Bits that should not be shown, and rows that should not be there; unit_type ... measure and `how`.

    Parameters
    ----------
    published : DataFrame
        Estimates as they would leave.
    units : DataFrame
        The unit tree.
    sides : DataFrame, optional
        unit_type, unit, measure, and students with a score who are `flagged`, `unflagged`, `flagged_before` and
        `unflagged_before`. Without it no bit may be shown.
    minimum : int
        Students that must be on each side, in both waves.
    """
    private = published["measure"].str.startswith((UNFLAGGED, CHANGE + UNFLAGGED)).to_numpy(bool)
    bits = published[published["measure"].str.startswith(CARELESS)]
    shown = bits[bits["status"] != SUPPRESSED].reset_index(drop=True)
    checks = {
        "a verdict that says more than yes or no": ~shown["value"].isin([0.0, 1.0])
        | shown[["se", "low", "high"]].notna().any(axis=1),
        "a verdict on a change that is not shown": ~_change_shown(shown, published),
        "a verdict beside one that is hidden": _beside_a_hidden_one(shown, bits, published),
        "a verdict on a group or on the widest unit": (shown["breakdown"] != ALL) | ~_listed(shown, units),
        "a verdict on students of another verdict": _lies_in_another(shown, units),
        "a verdict on fewer students than the minimum": ~_enough(shown, sides, minimum),
    }
    found = {how: shown[np.asarray(bad, dtype=bool)] for how, bad in checks.items()}
    found["a number of unflagged students alone"] = published[private]
    return [rows[[*CELL, "measure"]].assign(how=how) for how, rows in found.items() if len(rows)]


def _change_shown(shown: pd.DataFrame, published: pd.DataFrame) -> pd.Series:
    there = published[(published["status"] != SUPPRESSED) & published["low"].notna() & published["high"].notna()]
    change = shown[CELL].assign(measure=CHANGE + shown["measure"].str.removeprefix(CARELESS))
    return _among(change, there[[*CELL, "measure"]])


def _beside_a_hidden_one(shown: pd.DataFrame, bits: pd.DataFrame, published: pd.DataFrame) -> pd.Series:
    """Whether another bit of the school is hidden, though its change is shown: two measures compared tell why."""
    hidden = bits[bits["status"] == SUPPRESSED].reset_index(drop=True)
    telling = hidden[_change_shown(hidden, published)]
    return _among(shown[CELL], telling[CELL])


def _listed(shown: pd.DataFrame, units: pd.DataFrame) -> pd.Series:
    return _among(shown[CELL[:2]], units[CELL[:2]])


def _lies_in_another(shown: pd.DataFrame, units: pd.DataFrame) -> pd.Series:
    """Whether a wider unit has the same bit, so that the two are of one group with and without others."""
    columns = [units[name] for name in ("unit_type", "unit", "parent_type", "parent")]
    above = {(kind, unit): (over, parent) for kind, unit, over, parent in zip(*columns, strict=True)}
    has = set(zip(shown["unit_type"], shown["unit"], shown["measure"], strict=True))
    found = []
    for kind, unit, measure in zip(shown["unit_type"], shown["unit"], shown["measure"], strict=True):
        at = above.get((kind, unit))
        while at is not None and (*at, measure) not in has:
            at = above.get(at)
        found.append(at is not None)
    return pd.Series(found, index=shown.index, dtype=bool)


def _enough(shown: pd.DataFrame, sides: pd.DataFrame | None, minimum: int) -> pd.Series:
    if sides is None:
        return pd.Series(False, index=shown.index)
    key = [*CELL[:2], "measure"]
    asked = shown[CELL[:2]].assign(measure=shown["measure"].str.removeprefix(CARELESS))
    of = sides.set_index(key)[_SIDES].reindex(pd.MultiIndex.from_frame(asked))
    return (of >= minimum).fillna(False).all(axis=1).reset_index(drop=True)


def _among(rows: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    found = pd.MultiIndex.from_frame(rows).isin(pd.MultiIndex.from_frame(others))
    return pd.Series(found, index=rows.index, dtype=bool)
