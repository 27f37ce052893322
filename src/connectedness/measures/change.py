"""Change from the wave before, cell by cell, from the estimates of both waves."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from connectedness.measures.figures import status_of
from connectedness.measures.intervals import Difference, newcombe, welch
from connectedness.tables import ESTIMATE_KEY

PREFIX = "change:"
_CELL = [column for column in ESTIMATE_KEY if column != "wave"]
_SIDES = ("value", "se", "n")


def change_rows(now: pd.DataFrame, before: pd.DataFrame, measures: Collection[str], shares: Collection[str]) -> dict:
    """Columns of the change rows: this wave minus the one before, where both have the cell.

    Means by Welch, shares by Newcombe. A row's n and eligible are this wave's. Where either wave has no answer there
    is no value (`no_answers`); where a mean has one answer, or both waves have no spread, there is no interval
    (`one_answer`).

    Parameters
    ----------
    now, before : DataFrame
        Estimates of the two waves, at full precision.
    measures : collection of str
        Ids of the measures that mean the same in both.
    shares : collection of str
        Those of them that are a mean of shares, whose limits stay within -1 and 1.

    Returns
    -------
    dict
        Column name to array, in the order of `now`.
    """
    mine = now[now["measure"].isin(measures)]
    theirs = before.loc[before["measure"].isin(measures), [*_CELL, *_SIDES]]
    pairs = mine.merge(theirs, on=_CELL, how="inner", suffixes=("", "_before"), validate="one_to_one")
    sides = np.stack([pairs[name].to_numpy(np.float64, na_value=np.nan) for name in _in_both(_SIDES)])
    value, se, n, value_before, se_before, n_before = sides
    is_share = (pairs["method"] == "wilson").to_numpy()
    # NaN in, NaN out: each method sees only the rows that are its own.
    share, mean = np.where(is_share, value, np.nan), np.where(is_share, np.nan, value)
    share_before = np.where(is_share, value_before, np.nan)
    of_shares = newcombe(share, n, share_before, n_before)
    of_means = welch(mean, se, n, value_before, se_before, n_before)
    found = Difference(*(np.where(is_share, one, other) for one, other in zip(of_shares, of_means, strict=True)))
    bound = np.where(pairs["measure"].isin(shares), 1.0, np.inf)
    status = status_of(np.minimum(n, n_before).astype(np.int64), np.isnan(found.low))
    return {
        **{column: pairs[column].to_numpy() for column in ("unit_type", "unit", "breakdown", "level")},
        "measure": (PREFIX + pairs["measure"]).to_numpy(),
        "n": pairs["n"].array,
        "eligible": pairs["eligible"].array,
        "value": found.value,
        "se": found.se,
        "low": np.clip(found.low, -bound, bound),
        "high": np.clip(found.high, -bound, bound),
        "method": np.where(is_share, "newcombe", "welch"),
        "status": status,
    }


def _in_both(names: tuple[str, ...]) -> list[str]:
    return [*names, *(f"{name}_before" for name in names)]
