"""Reliability of a scale: Cronbach's alpha, and how each item goes with the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pingouin

from connectedness.answers import find_columns, points_of
from connectedness.declare.instrument import Instrument
from connectedness.declare.registry import find_instrument
from connectedness.psychometrics.reliability_alpha import (
    CONSTANT_ITEM,
    CONSTANT_REST,
    CONSTANT_TOTAL,
    ONE_ITEM,
    TOO_FEW_COMPLETE,
    TOO_FEW_PAIRS,
    feldt_interval,
)


def reliability(frame: pd.DataFrame, instrument: Instrument | str, *, level: float = 0.95) -> pd.DataFrame:
    """Cronbach's alpha of each scale, after reversal.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent; columns named by item id or by the instrument's variable names, holding its codes.
    instrument : Instrument or str
        An instrument, or the name of one that ships.
    level : float
        Confidence of the interval.

    Returns
    -------
    DataFrame
        One row per scale:

        - `scale`, `n_items`;
        - `n`: respondents who answered any of its items; `n_complete`: who answered all;
        - `alpha_listwise`: from complete respondents only; `alpha_low`, `alpha_high`: its limits;
          `mean_inter_item_r`: mean of the correlations between two items, from the same;
        - `reason`: null, or why those are null: `one_item`, `too_few_complete` (under 2), `constant_item` (all
          gave one answer), `constant_total` (the items cancel out);
        - `alpha_pairwise`: from the covariance of each two items over those who answered both;
        - `reason_pairwise`: null, or why that is null: as above, or `too_few_pairs` (two items that fewer than 2
          respondents both answered, as matrix sampling brings).

    Raises
    ------
    ContractError
        When the table holds none of the items, or a column twice.

    Notes
    -----
    alpha = k / (k - 1) (1 - sum of item variances / variance of the total), Cronbach (1951),
    doi 10.1007/BF02310555. It speaks of the students in the table, not of a school's mean. Limits are Feldt's (1965,
    doi 10.1007/BF02289499), from quantiles of F with n - 1 and (n - 1)(k - 1) degrees of freedom, n the complete
    respondents. In R, `psych::alpha` (`use = "complete.obs"` and `"pairwise"`) and `psych::alpha.ci`.
    """
    known, columns = _found(frame, instrument)
    rows = [
        {"scale": scale.id, **_scale_facts(points_of(frame, columns, known, scale.items), level)}
        for scale in known.scales
    ]
    figures = ["alpha_listwise", "alpha_low", "alpha_high", "mean_inter_item_r", "alpha_pairwise"]
    names = ["scale", "n_items", "n", "n_complete", *figures[:-1], "reason", figures[-1], "reason_pairwise"]
    facts = pd.DataFrame(rows, columns=names)
    return facts.astype({"reason": "str", "reason_pairwise": "str", **dict.fromkeys(figures, float)})


def item_reliability(frame: pd.DataFrame, instrument: Instrument | str) -> pd.DataFrame:
    """How each item of each scale was answered, and how it goes with the rest of its scale.

    Parameters
    ----------
    frame, instrument
        As in `reliability`.

    Returns
    -------
    DataFrame
        One row per scale and item: `scale`, `item`, `reversed`, `n` who answered it, `n_complete` who answered the
        whole scale, and over these: `mean` and `sd` of its points, `item_rest_r` (correlation with the sum of the
        other items); `reason`: null, or why `item_rest_r` is null. `mean` and `sd` are null only when too few are
        complete. A negative `item_rest_r` often means an item whose codes run the other way.

    Raises
    ------
    ContractError
        When the table holds none of the items, or a column twice.
    """
    known, columns = _found(frame, instrument)
    rows = []
    for scale in known.scales:
        points = points_of(frame, columns, known, scale.items)
        complete = points.dropna()
        for item in scale.items:
            facts = {"scale": scale.id, "item": item, "reversed": known.is_reversed(item)}
            counts = {"n": int(points[item].notna().sum()), "n_complete": len(complete)}
            rows.append({**facts, **counts, **_item_facts(complete, item)})
    names = ["scale", "item", "reversed", "n", "n_complete", "mean", "sd", "item_rest_r", "reason"]
    return pd.DataFrame(rows, columns=names).astype({"mean": float, "sd": float, "item_rest_r": float, "reason": "str"})


def _found(frame: pd.DataFrame, instrument: Instrument | str) -> tuple[Instrument, dict[str, str]]:
    known = find_instrument(instrument) if isinstance(instrument, str) else instrument
    return known, find_columns(frame, known)


def _scale_facts(points: pd.DataFrame, level: float) -> dict[str, object]:
    complete = points.dropna()
    reason, reason_pairwise = _why_not_listwise(complete), _why_not_pairwise(points)
    alpha = np.nan if reason else _alpha(complete)
    low, high = (np.nan, np.nan) if reason else feldt_interval(alpha, len(complete), complete.shape[1], level)
    return {
        "n_items": points.shape[1],
        "n": int(points.notna().any(axis=1).sum()),
        "n_complete": len(complete),
        "alpha_listwise": alpha,
        "alpha_low": low,
        "alpha_high": high,
        "mean_inter_item_r": np.nan if reason else _mean_inter_item_r(complete),
        "reason": reason,
        "alpha_pairwise": np.nan if reason_pairwise else _alpha(points),
        "reason_pairwise": reason_pairwise,
    }


def _alpha(points: pd.DataFrame) -> float:
    # Only the coefficient is used: pingouin counts incomplete rows in the degrees of freedom of its interval.
    return float(pingouin.cronbach_alpha(points)[0])


def _mean_inter_item_r(complete: pd.DataFrame) -> float:
    r = np.corrcoef(complete.to_numpy(), rowvar=False)
    return float(r[np.tril_indices_from(r, k=-1)].mean())


def _why_not_listwise(complete: pd.DataFrame) -> str | None:
    if complete.shape[1] < 2:
        return ONE_ITEM
    if len(complete) < 2:
        return TOO_FEW_COMPLETE
    return _why_not_alpha(complete)


def _why_not_pairwise(points: pd.DataFrame) -> str | None:
    if points.shape[1] < 2:
        return ONE_ITEM
    answered = points.notna().to_numpy(dtype=np.int64)
    if (answered.T @ answered).min() < 2:
        return TOO_FEW_PAIRS
    return _why_not_alpha(points)


def _why_not_alpha(points: pd.DataFrame) -> str | None:
    if (points.min() == points.max()).any():
        return CONSTANT_ITEM
    covariance = points.cov().to_numpy()
    # The variance of the total is the sum of all covariances; rounding may leave a trace of an exact nought.
    return CONSTANT_TOTAL if covariance.sum() <= 1e-12 * np.trace(covariance) else None


def _item_facts(complete: pd.DataFrame, item: str) -> dict[str, object]:
    if len(complete) < 2:
        return {"mean": np.nan, "sd": np.nan, "item_rest_r": np.nan, "reason": TOO_FEW_COMPLETE}
    own, rest = complete[item], complete.drop(columns=item).sum(axis=1)
    reason = None
    if complete.shape[1] < 2:
        reason = ONE_ITEM
    elif own.min() == own.max():
        reason = CONSTANT_ITEM
    elif rest.min() == rest.max():
        reason = CONSTANT_REST
    r = np.nan if reason else float(np.corrcoef(own, rest)[0, 1])
    return {"mean": float(own.mean()), "sd": float(own.std()), "item_rest_r": r, "reason": reason}
