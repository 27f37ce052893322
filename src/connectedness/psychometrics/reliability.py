"""Reliability of a scale: Cronbach's alpha, and how each item goes with the rest."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from connectedness.declare.instrument import Instrument
from connectedness.psychometrics.confidence import must_be_level
from connectedness.psychometrics.facts_answers import Answers, find_items, read_answers
from connectedness.psychometrics.reliability_alpha import (
    CONSTANT_ITEM,
    CONSTANT_REST,
    ONE_ITEM,
    TOO_FEW_COMPLETE,
    alpha_of,
    feldt_interval,
    item_rest_r,
    mean_inter_item_r,
    why_not_alpha,
    why_not_pairwise,
)

# pingouin brings matplotlib, which writes a list of fonts into the user's home unless told of another place.
os.environ.setdefault("MPLCONFIGDIR", str(Path(tempfile.gettempdir()) / "connectedness-matplotlib"))

import pingouin  # noqa: E402


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
    DeclarationError
        When the instrument or the confidence is not one that can be.

    Notes
    -----
    alpha = k / (k - 1) (1 - sum of item variances / variance of the total), Cronbach (1951),
    doi 10.1007/BF02310555. It speaks of the students in the table, not of a school's mean. Limits are Feldt's (1965,
    doi 10.1007/BF02289499), from quantiles of F with n - 1 and (n - 1)(k - 1) degrees of freedom, n the complete
    respondents. In R, `psych::alpha` (`use = "complete.obs"` and `"pairwise"`) and `psych::alpha.ci`.
    """
    must_be_level(level)
    known, columns = find_items(frame, instrument)
    rows = [
        {"scale": scale.id, **_scale_facts(read_answers(frame, columns, known, scale.items), level)}
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
    DeclarationError
        When the instrument or the confidence is not one that can be.
    """
    known, columns = find_items(frame, instrument)
    rows = []
    for scale in known.scales:
        answers = read_answers(frame, columns, known, scale.items)
        counts = answers.frequencies.sum(axis=1).tolist()
        for item, n, facts in zip(scale.items, counts, _item_facts(answers), strict=True):
            row = {"scale": scale.id, "item": item, "reversed": known.is_reversed(item), "n": n}
            rows.append({**row, "n_complete": answers.n_complete, **facts})
    names = ["scale", "item", "reversed", "n", "n_complete", "mean", "sd", "item_rest_r", "reason"]
    return pd.DataFrame(rows, columns=names).astype({"mean": float, "sd": float, "item_rest_r": float, "reason": "str"})


def alpha_by_pingouin(answers: Answers) -> float:
    """Alpha of those who answered every item. Only the coefficient is used: pingouin rounds its interval."""
    return float(pingouin.cronbach_alpha(pd.DataFrame(answers.whole.T))[0])


def _scale_facts(answers: Answers, level: float) -> dict[str, object]:
    n, covariance = answers.n_complete, answers.covariance
    reason = why_not_alpha(covariance, n)
    alpha = np.nan if reason else alpha_by_pingouin(answers)
    low, high = (np.nan, np.nan) if reason else feldt_interval(alpha, n, len(covariance), level)
    pairwise, pairs = answers.pairwise
    reason_pairwise = why_not_pairwise(pairwise, pairs)
    return {
        "n_items": len(covariance),
        "n": int((answers.answered > 0).sum()),
        "n_complete": n,
        "alpha_listwise": alpha,
        "alpha_low": low,
        "alpha_high": high,
        "mean_inter_item_r": np.nan if reason else mean_inter_item_r(covariance),
        "reason": reason,
        "alpha_pairwise": np.nan if reason_pairwise else alpha_of(pairwise),
        "reason_pairwise": reason_pairwise,
    }


def _item_facts(answers: Answers) -> list[dict[str, object]]:
    size = len(answers.items)
    if answers.n_complete < 2:
        return [{"mean": np.nan, "sd": np.nan, "item_rest_r": np.nan, "reason": TOO_FEW_COMPLETE}] * size
    spread = np.sqrt(np.diag(answers.covariance))
    r = item_rest_r(answers.covariance) if size > 1 else np.full(1, np.nan)
    facts: list[dict[str, object]] = []
    for mean, sd, one in zip(answers.complete_means, spread.tolist(), r.tolist(), strict=True):
        reason = None
        if np.isnan(one):
            reason = ONE_ITEM if size < 2 else CONSTANT_ITEM if sd == 0 else CONSTANT_REST
        facts.append({"mean": float(mean), "sd": sd, "item_rest_r": one, "reason": reason})
    return facts
