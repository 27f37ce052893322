"""One bit a school: would the verdict on a change be another without the answers that look careless?

The verdict is what a page reads off a change as it is shown: a clear rise, a clear fall, or that it cannot be told.
The same is read, as precisely, off the change of those alone who are not flagged, and the bit says whether the two
differ. It has a row of its own, `careless:MEASURE`, beside the row of the change.

The attacker holds everything that one audience is shown, and these rules. What is promised:

- A bit is shown only beside a change that is shown, and only where those flagged and those not, in both waves, are at
  least the audience's minimum. It then says on which side of a limit two groups of at least so many lie: no number of
  theirs, and not even a limit that he knows, since the groups' sizes never leave; `n` is that of the change.
- Every school with such a change has the row. Where it is hidden, one reason leaves: for too few on a side, for a
  change that is hidden, for unflagged students who all answered alike (that there is no interval would tell it). So a
  hidden bit says no more than any number under the minimum does, and pages name the rule, not the school.
- A school tells the bits of all its changes or of none. Its measures are of nearly the same students, so a bit shown
  beside a hidden one would tell which side of the other is too small (one student fewer, and 5 are flagged), or that
  the unflagged answered it alike. Measures that fewer students than any minimum answered do not count.
- Bits are of schools alone, none of which lies in another, and never of a breakdown or of a wider unit: no two of them
  are about one group with and without a few. The district has its own difference, in whole tenths, instead.
- A higher minimum never shows more bits, so the public sees none that the district does not.

Not promised, and left to later work: bits of several measures and waves, the district's difference and the intervals
are not solved as one system of inequalities; and in a wave that is still open, one more student can turn a bit.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.declare.policy import FLOOR
from connectedness.disclosure.families import CARELESS, CHANGE, UNFLAGGED
from connectedness.tables import ALL, ESTIMATE_COLUMNS, SUPPRESSED

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

SIDES = ("flagged", "unflagged", "flagged_before", "unflagged_before")
ONE_SIDE = "one_side"
"""True reason of a bit that is hidden though its change is shown: it, or another of the school, would tell of few."""
_SCHOOL = ["unit_type", "unit"]
_NUMBERS = ["n", "eligible", "value", "se", "low", "high"]
# As pages round outward.
_SLACK = 1e-9


def of_unflagged(frame: pd.DataFrame) -> Bools:
    """Rows of the estimates that are of unflagged students alone, which never leave; shape (rows,)."""
    found: Bools = frame["measure"].astype("str").str.startswith((UNFLAGGED, CHANGE + UNFLAGGED)).to_numpy(bool)
    return found


def sides(estimates: pd.DataFrame, previous: pd.DataFrame | None) -> pd.DataFrame:
    """How many students are on either side of each comparison, in both waves. For protection and its attack only.

    Parameters
    ----------
    estimates, previous : DataFrame
        Estimates of the wave and of the one compared with, nothing hidden.

    Returns
    -------
    DataFrame
        `unit_type`, `unit`, `measure`, and how many with a score are flagged and unflagged in each wave; null where
        the compared wave does not say.
    """
    now = _counts(estimates)
    before = _counts(estimates.iloc[:0] if previous is None else previous)
    before = before.rename(columns={"flagged": "flagged_before", "unflagged": "unflagged_before"})
    return now.merge(before, on=[*_SCHOOL, "measure"], how="left")


def _counts(frame: pd.DataFrame) -> pd.DataFrame:
    totals = frame.loc[frame["breakdown"] == ALL, [*_SCHOOL, "measure", "n"]]
    own = totals["measure"].str.startswith(UNFLAGGED)
    unflagged = totals[own].assign(measure=totals.loc[own, "measure"].str.removeprefix(UNFLAGGED))
    found = unflagged.rename(columns={"n": "unflagged"}).merge(totals, on=[*_SCHOOL, "measure"], how="left")
    return found.assign(flagged=found["n"] - found["unflagged"])[[*_SCHOOL, "measure", "flagged", "unflagged"]]


def with_verdicts(
    inside: pd.DataFrame, unflagged: pd.DataFrame, on_sides: pd.DataFrame, minimum: int, small: int
) -> pd.DataFrame:
    """Add a row with the bit for every school and mean that has a change: a school's bits are told all, or none.

    Parameters
    ----------
    inside : DataFrame
        The protected estimates, with true reasons, as they will be shown.
    unflagged : DataFrame
        The estimates' rows of unflagged students alone, at full precision.
    on_sides : DataFrame
        What `sides` gives.
    minimum : int
        The audience's minimum.
    small : int
        Students under which changes are told to one decimal.
    """
    counted = on_sides.assign(measure=CHANGE + on_sides["measure"])
    changes = inside[inside["breakdown"] == ALL].merge(counted, on=[*_SCHOOL, "measure"], how="inner")
    alone = unflagged.loc[unflagged["measure"].str.startswith(CHANGE), [*_SCHOOL, "measure", "low", "high"]]
    alone = alone.assign(measure=CHANGE + alone["measure"].str.removeprefix(CHANGE + UNFLAGGED))
    changes = changes.merge(alone, on=[*_SCHOOL, "measure"], how="left", suffixes=("", "_alone"))
    few = (changes["flagged"] + changes["unflagged"] < small).fillna(True)
    few |= (changes["flagged_before"] + changes["unflagged_before"] < small).fillna(True)
    digits = np.where(few, 1, 2)
    shown, careful = read(changes["low"], changes["high"], digits), read(
        changes["low_alone"], changes["high_alone"], digits
    )  # fmt: skip
    enough = (changes[list(SIDES)] >= minimum).fillna(False).all(axis=1).to_numpy(bool)
    safe = enough & ~np.isnan(shown) & ~np.isnan(careful) & (changes["status"] != SUPPRESSED).to_numpy(bool)
    told = safe & _all_of_the_school(changes, safe)
    rows = changes.assign(
        **{name: changes[name].mask(~told) for name in _NUMBERS},
        measure=CARELESS + changes["measure"].str.removeprefix(CHANGE),
        method="verdicts",
        status=np.where(told, "ok", SUPPRESSED),
        reason=changes["reason"].fillna(ONE_SIDE).mask(told),
    ).assign(value=np.where(told, (shown != careful).astype(np.float64), np.nan), se=np.nan, low=np.nan, high=np.nan)
    return pd.concat([inside, rows[list(ESTIMATE_COLUMNS)].astype(inside[list(ESTIMATE_COLUMNS)].dtypes)])


def _all_of_the_school(changes: pd.DataFrame, safe: Bools) -> Bools:
    """Whether all bits of the school could be told; not asked of what no audience is ever told a number of.

    What is asked is the same for every minimum, so that a higher one never shows more.
    """
    now, before = changes["flagged"] + changes["unflagged"], changes["flagged_before"] + changes["unflagged_before"]
    never = ((now < FLOOR) | (before < FLOOR)).fillna(False).to_numpy(bool)
    fine = pd.Series(safe | never, index=changes.index)
    found: Bools = fine.groupby([changes[name] for name in _SCHOOL]).transform("all").to_numpy(bool)
    return found


def read(low: pd.Series, high: pd.Series, digits: NDArray[np.int64]) -> Floats:
    """Verdict on each change as pages read it, its limits rounded outward: 1 rise, -1 fall, 0 can't tell; NaN none."""
    scale = 10.0**digits
    lowest = np.floor(low.to_numpy(np.float64) * scale + _SLACK)
    highest = np.ceil(high.to_numpy(np.float64) * scale - _SLACK)
    verdict = np.where(lowest > 0, 1.0, np.where(highest < 0, -1.0, 0.0))
    return np.where(np.isnan(lowest) | np.isnan(highest), np.nan, verdict)
