"""How each item of a scale was answered, and how it goes with the rest of its scale."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.declare.instrument import Instrument
from connectedness.psychometrics.confidence import must_be_level
from connectedness.psychometrics.facts_answers import Answers, find_items, read_answers
from connectedness.psychometrics.omega import NOBODY_ANSWERED, OneFactor, is_formative, nobody_answered, one_factor_of
from connectedness.psychometrics.reliability_alpha import (
    CONSTANT_ITEM,
    CONSTANT_REST,
    NO_ANSWERS,
    ONE_ITEM,
    TOO_FEW_COMPLETE,
    TOO_FEW_FOR_INTERVAL,
    TWO_ITEMS,
    alpha_if_deleted,
    feldt_interval,
    fisher_interval,
    item_rest_r,
    why_not_of,
    wilson_interval,
)

Floats = NDArray[np.float64]

NOT_ASKED = "not_asked"
ONE_ANSWER = "one_answer"

# Figures of an item, each with what its interval is made by.
FIGURES = {
    "missing_share": "wilson",
    "not_asked_share": None,
    "floor_share": "wilson",
    "ceiling_share": "wilson",
    "mean": None,
    "sd": None,
    "item_rest_r": "fisher_z",
    "alpha_if_deleted": "feldt",
    "loading": "delta",
    "loading_standardized": "delta",
}


def item_analysis(frame: pd.DataFrame, instrument: Instrument | str, *, level: float = 0.95) -> pd.DataFrame:
    """Figures of each item of each scale.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent; columns named by item id or by the instrument's variable names, holding its codes.
    instrument : Instrument or str
        An instrument, or the name of one that ships.
    level : float
        Confidence of the intervals, for example 0.99.

    Returns
    -------
    DataFrame
        One row per scale, item and statistic: `scale`, `item`, `statistic`, `value`, `low`, `high`, `n`, `reason`.

        - `missing_share`: no answer, among those asked (skipped, don't know, invalid); `not_asked_share`: among all;
        - `floor_share`, `ceiling_share`: lowest and highest points, among those who answered; limits by Wilson;
        - `mean`, `sd`: points, among those who answered;
        - `item_rest_r`: correlation with the sum of the other items; `alpha_if_deleted`: alpha of the others;
          `loading`, `loading_standardized`: of the one-factor model of `omega`; all four among those who answered
          every item.

        `n` counts the respondents a figure speaks of. `reason` is null, or says why the value is, or why its limits
        are (`too_few_for_interval`). `mean`, `sd` and `not_asked_share` have no limits.

    Raises
    ------
    ContractError
        When the table holds none of the items, or a column twice.
    DeclarationError
        When the instrument or the confidence is not one that can be.

    Notes
    -----
    With s_i2 the variance of item i, S2 that of the total T: item-rest r = (cov(i, T) - s_i2) / (s_i
    sqrt(S2 - 2 cov(i, T) + s_i2)); limits by Fisher's z. Alpha of the others keeps Feldt's limits. In R:
    `r.drop` and `alpha.drop` of `psych::alpha`, `cor.test`, `psych::alpha.ci`; loadings of `lavaan::cfa`.
    """
    must_be_level(level)
    known, columns = find_items(frame, instrument)
    tables = []
    for scale in known.scales:
        answers = read_answers(frame, columns, known, scale.items)
        table = item_table(answers, one_factor_of(answers, is_formative(scale)), level)
        table.insert(0, "scale", scale.id)
        tables.append(table.drop(columns="interval"))
    return pd.concat(tables, ignore_index=True)


def item_table(answers: Answers, model: OneFactor | str, level: float) -> pd.DataFrame:
    """Figures of every item of one scale, one row per item and statistic."""
    parts = [*_shares(answers, level), *_moments(answers), *_of_rest(answers, level), *_loadings(answers, model, level)]
    columns = ["item", "statistic", "value", "low", "high", "n", "reason"]
    table = pd.DataFrame([row for part in parts for row in part], columns=columns)
    place = {item: at for at, item in enumerate(answers.items)}
    table = table.sort_values("item", key=lambda names: names.map(place), kind="stable", ignore_index=True)
    table["interval"] = table["statistic"].map(FIGURES).where(table["low"].notna())
    return table


Rows = list[tuple[str, str, float, float, float, int, str | None]]


def _shares(answers: Answers, level: float) -> list[Rows]:
    rows = answers.categories.shape[1]
    chosen = answers.frequencies.sum(axis=1)
    asked = rows - answers.unasked
    return [
        _share(answers, "missing_share", asked - chosen, asked, level, NOT_ASKED),
        [_plain(item, "not_asked_share", k / rows if rows else math.nan, rows, None if rows else NO_ANSWERS)
         for item, k in zip(answers.items, answers.unasked.tolist(), strict=True)],
        _share(answers, "floor_share", answers.frequencies[:, 0], chosen, level, NO_ANSWERS),
        _share(answers, "ceiling_share", answers.frequencies[:, -1], chosen, level, NO_ANSWERS),
    ]  # fmt: skip


def _share(
    answers: Answers, name: str, counts: NDArray[np.int64], n: NDArray[np.int64], level: float, reason: str
) -> Rows:
    rows: Rows = []
    for item, k, of in zip(answers.items, counts.tolist(), n.tolist(), strict=True):
        if of == 0:
            rows.append(_plain(item, name, math.nan, 0, reason))
        else:
            rows.append((item, name, k / of, *wilson_interval(k / of, of, level), of, None))
    return rows


def _moments(answers: Answers) -> list[Rows]:
    level = np.arange(answers.highest + 1, dtype=float)
    means: Rows = []
    spreads: Rows = []
    for item, counts in zip(answers.items, answers.frequencies, strict=True):
        n = int(counts.sum())
        mean = float(counts @ level) / n if n else math.nan
        spread = math.sqrt(float(counts @ (level - mean) ** 2) / (n - 1)) if n > 1 else math.nan
        means.append(_plain(item, "mean", answers.lowest + mean, n, None if n else NO_ANSWERS))
        spreads.append(_plain(item, "sd", spread, n, None if n > 1 else ONE_ANSWER if n else NO_ANSWERS))
    return [means, spreads]


def _of_rest(answers: Answers, level: float) -> list[Rows]:
    n, size, reason = answers.n_complete, len(answers.items), _why_no_rest(answers)
    if reason is not None:
        return [[_plain(item, name, math.nan, n, reason) for item in answers.items]
                for name in ("item_rest_r", "alpha_if_deleted")]  # fmt: skip
    covariance = answers.covariance
    correlations: Rows = []
    for place, (item, r) in enumerate(zip(answers.items, item_rest_r(covariance).tolist(), strict=True)):
        why = None if n > 3 else TOO_FEW_FOR_INTERVAL
        if math.isnan(r):
            why = CONSTANT_ITEM if covariance[place, place] <= 0 else CONSTANT_REST
        correlations.append((item, "item_rest_r", r, *fisher_interval(r, n, level), n, why))
    if size == 2:
        return [correlations, [_plain(item, "alpha_if_deleted", math.nan, n, TWO_ITEMS) for item in answers.items]]
    return [correlations, [_without(answers, place, level) for place in range(size)]]


def _without(answers: Answers, place: int, level: float) -> tuple[str, str, float, float, float, int, str | None]:
    n, size, item = answers.n_complete, len(answers.items), answers.items[place]
    others = np.delete(np.arange(size), place)
    covariance = answers.covariance[np.ix_(others, others)]
    reason = why_not_of(covariance)
    if reason is not None:
        return _plain(item, "alpha_if_deleted", math.nan, n, reason)
    alpha = float(alpha_if_deleted(answers.covariance)[place])
    return (item, "alpha_if_deleted", alpha, *feldt_interval(alpha, n, size - 1, level), n, None)


def _why_no_rest(answers: Answers) -> str | None:
    if len(answers.items) == 1:
        return ONE_ITEM
    if nobody_answered(answers):
        return NOBODY_ANSWERED
    return TOO_FEW_COMPLETE if answers.n_complete < 2 else None


def _loadings(answers: Answers, model: OneFactor | str, level: float) -> list[Rows]:
    n, names = answers.n_complete, ("loading", "loading_standardized")
    if isinstance(model, str):
        return [[_plain(item, name, math.nan, n, model) for item in answers.items] for name in names]
    z = NormalDist().inv_cdf((1 + level) / 2)
    pairs = ((model.loadings, model.loading_errors()), (model.standardized, model.standardized_errors()))
    return [
        [(item, name, float(v), float(v - z * e), float(v + z * e), n, None)
         for item, v, e in zip(answers.items, values, errors, strict=True)]
        for name, (values, errors) in zip(names, pairs, strict=True)
    ]  # fmt: skip


def _plain(
    item: str, name: str, value: float, n: int, reason: str | None
) -> tuple[str, str, float, float, float, int, str | None]:
    return (item, name, value, math.nan, math.nan, n, reason)
