"""How precisely a shown number is told: coarsely where few students stand behind it, and never tighter than it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

# Beyond this decimal of a rounded unit, a difference is what floating point leaves, not a figure.
_NOISE = 6


def round_to(values: Floats, digits: NDArray[np.int64]) -> Floats:
    """Nearest, at `digits` decimals."""
    scale = 10.0**digits
    return np.round(np.round(values * scale, _NOISE)) / scale + 0.0


def round_down(values: Floats, digits: NDArray[np.int64]) -> Floats:
    """Down, at `digits` decimals; 0.29999999999 is 0.3."""
    scale = 10.0**digits
    return np.floor(np.round(values * scale, _NOISE)) / scale + 0.0


def round_up(values: Floats, digits: NDArray[np.int64]) -> Floats:
    """Up, at `digits` decimals."""
    return -round_down(-values, digits) + 0.0


def coarsen(
    frame: pd.DataFrame, few: Bools, partner: Bools, share: Bools, waves: tuple[Floats, Floats] | None = None
) -> pd.DataFrame:
    """Tell numbers of few students coarsely.

    Parameters
    ----------
    frame : DataFrame
        Estimates.
    few : ndarray of bool, shape (rows,)
        Fewer students than the policy's `small`, in either wave for a change: no standard error; means to one
        decimal, shares to whole percent, limits rounded outward.
    partner : ndarray of bool, shape (rows,)
        Enough students, but their standard error would tell, by subtraction, one that is withheld: no standard
        error; limits rounded outward, one decimal finer.
    share : ndarray of bool, shape (rows,)
        The value is a share, or a difference of shares.
    waves : pair of ndarray of float, shape (rows,), optional
        Of each change, this wave's value and that of the wave it is measured from. A change of few students is the
        difference of the two as they are told, for one told better would narrow both; its limits hold it.

    Returns
    -------
    DataFrame
        A new frame. Shares stay within 0 and 1, their differences within -1 and 1.
    """
    digits = np.where(share, 2, 1) + np.where(few, 0, 1)
    coarse = few | partner
    value, low, high = (frame[name].to_numpy(np.float64) for name in ("value", "low", "high"))
    value = np.where(few, round_to(value, digits), value)
    low = np.where(coarse, round_down(low, digits), low)
    high = np.where(coarse, round_up(high, digits), high)
    change = frame["measure"].str.startswith("change:").to_numpy(bool)
    if waves is not None:
        now, then = (round_to(one, digits) for one in waves)
        apart = change & few & ~np.isnan(value)
        value = np.where(apart, round_to(now - then, digits), value)
        low, high = np.where(apart, np.minimum(low, value), low), np.where(apart, np.maximum(high, value), high)
    floor = np.where(share, np.where(change, -1.0, 0.0), -np.inf)
    ceiling = np.where(share, 1.0, np.inf)
    rate = (frame["measure"] == "response_rate").to_numpy(bool)
    low, high = np.clip(low, floor, ceiling), np.clip(high, floor, ceiling)
    # A roster can be shorter than the list of those who answered; that rate is told as it is.
    value = np.where(rate, value, np.clip(value, floor, ceiling))
    return frame.assign(value=value, se=frame["se"].mask(coarse), low=low, high=high)
