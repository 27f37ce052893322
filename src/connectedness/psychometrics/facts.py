"""Everything known of the scales of an instrument in one wave, as one tidy table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.declare.instrument import General, Instrument, Scale
from connectedness.psychometrics.confidence import must_be_level
from connectedness.psychometrics.facts_answers import Answers, find_items, read_answers
from connectedness.psychometrics.icc import NO_SCORES, group_codes, group_facts, groups_of, mean_reliability
from connectedness.psychometrics.items import item_table
from connectedness.psychometrics.omega import (
    FORMATIVE,
    NOBODY_ANSWERED,
    OneFactor,
    is_formative,
    nobody_answered,
    one_factor_of,
)
from connectedness.psychometrics.omega_fit import REDUNDANT_ITEMS, Fit
from connectedness.psychometrics.omega_hierarchical import SecondOrder, read_general, second_order_of
from connectedness.psychometrics.ordinal import MOST_CATEGORIES, TOO_MANY_CATEGORIES, ordinal_alpha
from connectedness.psychometrics.reliability import alpha_by_pingouin
from connectedness.psychometrics.reliability_alpha import (
    CONSTANT_TOTAL,
    NO_ANSWERS,
    alpha_of,
    feldt_interval,
    lambda6_of,
    mean_inter_item_r,
    standardized_alpha,
    why_not_alpha,
    why_not_pairwise,
    wilson_interval,
)
from connectedness.psychometrics.rwg import NO_COMPLETE, ONE_MEMBER, rwg_of, why_no_rwg

COLUMNS = ("scale", "unit_type", "unit", "statistic", "item", "value", "low", "high", "interval", "n", "reason")
FIT = ("chi_square", "df", "cfi", "tli", "rmsea", "srmr")
NO_DEGREES = "no_degrees_of_freedom"
NO_AGREEMENT = "no_group_of_two"

_NO_LIMITS = (math.nan, math.nan)


def scale_facts(
    responses: pd.DataFrame,
    instrument: Instrument | str,
    groups: Mapping[str, pd.Series | str] | None = None,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Facts about every scale of an instrument, from responses.

    Parameters
    ----------
    responses : DataFrame
        One row per respondent; columns named by item id or by the instrument's variable names, holding its codes.
    instrument : Instrument or str
        An instrument, or the name of one that ships.
    groups : mapping, optional
        Kind of group (`school`, `class`) to the group of each row: a Series taken row by row, or the name of a column.
    level : float
        Confidence of all intervals.

    Returns
    -------
    DataFrame
        One row per scale and statistic: `scale`, `unit_type` and `unit` (null but for statistics of groups),
        `statistic`, `item` (null but for statistics of items), `value`, `low`, `high`, `interval` (how the limits are
        made; null where there are none), `n` (respondents behind the figure), `reason` (null, or why the value is
        null, or, beside a value, why its limits are).

        Of a scale: `n_items`; `n_answered` (any item), `n_scored` (at least `min_answered`), `n_complete` (all);
        `missing_share` of the answers asked for, `not_asked_share` of all; `floor_share`, `ceiling_share` of scores at
        the lowest and highest possible; `alpha`, `alpha_standardized`, `lambda6`, `mean_inter_item_r`, `ordinal_alpha`,
        `omega_total`, `chi_square`, `df`, `cfi`, `tli`, `rmsea`, `srmr`, from those who answered every item;
        `alpha_pairwise`, from the covariance of each two items over those who answered both.

        Of an item: see `item_analysis`.

        Of groups, under `unit_type`: `n_groups`, `group_size`, `icc1`, `icc1_mean_size`, `icc2`, `n_for_70`,
        `n_for_80` (see `icc`), `rwg_j_mean`, `rwg_j_median` over groups of two or more. Of one group, under `unit`:
        `mean_reliability` of its score's mean, `rwg_j`.

        Of a general score over three or more subscales, under its own id: `n_items`, `n_complete`,
        `omega_hierarchical`, `omega_total`, and the fit of the second-order model (see `omega_hierarchical`).

    Raises
    ------
    ContractError
        When the table holds none of the items, a column twice, or groups that are not one for each row.
    DeclarationError
        When the instrument or the confidence is not one that can be.

    Notes
    -----
    Formulas, sources and R's names stand with `reliability`, `omega`, `omega_hierarchical`, `ordinal_alpha`,
    `item_analysis`, `icc` and `rwg`. Figures of single groups tell of few people: they are for protection like any
    other estimate.
    """
    must_be_level(level)
    known, columns = find_items(responses, instrument)
    coded = {kind: group_codes(groups_of(responses, one)) for kind, one in (groups or {}).items()}
    tables: list[pd.DataFrame] = []
    for scale in known.scales:
        answers = read_answers(responses, columns, known, scale.items)
        scores = answers.means(scale.min_answered)
        tables += _of_scale(scale, answers, scores, level)
        tables += [_of_groups(scale, answers, scores, kind, *one, level) for kind, one in coded.items()]
    if known.general is not None:
        tables.append(_of_general(responses, columns, known, known.general, level))
    return pd.concat(tables, ignore_index=True) if tables else _table("", [])


Row = tuple[str, float, float, float, str | None, int, str | None]


def _row(
    name: str, value: float, n: int, reason: str | None = None, limits: tuple[float, float] = _NO_LIMITS, by: str = ""
) -> Row:
    return (name, value, *limits, None if math.isnan(limits[0]) else by, n, reason)


def _table(scale: str, rows: list[Row]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["statistic", "value", "low", "high", "interval", "n", "reason"])
    return _shaped(table.assign(scale=scale))


def _shaped(table: pd.DataFrame) -> pd.DataFrame:
    words = ("scale", "unit_type", "unit", "statistic", "item", "interval", "reason")
    table = table.reindex(columns=list(COLUMNS))
    return table.astype({**dict.fromkeys(words, "str"), "value": float, "low": float, "high": float, "n": "Int64"})


def _of_scale(scale: Scale, answers: Answers, scores: NDArray[np.float64], level: float) -> list[pd.DataFrame]:
    formative = is_formative(scale)
    model = one_factor_of(answers, formative)
    rows = [*_counts(answers, scores, level), *_consistency(answers, level), _ordinal(answers, formative)]
    rows += [_omega(model, answers.n_complete, level), *_fit(_fit_of(model), answers.n_complete, level)]
    items = item_table(answers, model, level).assign(scale=scale.id)
    return [_table(scale.id, rows), _shaped(items)]


def _counts(answers: Answers, scores: NDArray[np.float64], level: float) -> list[Row]:
    rows, size = answers.categories.shape[1], len(answers.items)
    scored = int((~np.isnan(scores)).sum())
    cells, unasked = rows * size, int(answers.unasked.sum())
    asked, given = cells - unasked, int(answers.answered.sum())
    n_any = int((answers.answered > 0).sum())
    return [
        _row("n_items", size, n_any),
        _row("n_answered", n_any, n_any),
        _row("n_scored", scored, scored),
        _row("n_complete", answers.n_complete, answers.n_complete),
        # The answers of one respondent are not independent, so these two have no limits.
        _row("missing_share", 1 - given / asked if asked else math.nan, rows, None if asked else "not_asked"),
        _row("not_asked_share", unasked / cells if cells else math.nan, rows, None if cells else NO_ANSWERS),
        _share("floor_share", int((scores == answers.lowest).sum()), scored, level),
        _share("ceiling_share", int((scores == answers.lowest + answers.highest).sum()), scored, level),
    ]


def _share(name: str, count: int, n: int, level: float) -> Row:
    if n == 0:
        return _row(name, math.nan, 0, NO_ANSWERS)
    return _row(name, count / n, n, None, wilson_interval(count / n, n, level), "wilson")


def _consistency(answers: Answers, level: float) -> list[Row]:
    n, size = answers.n_complete, len(answers.items)
    reason = _why_not_complete(answers)
    named: list[tuple[str, Callable[[Answers], float]]] = [
        ("alpha", alpha_by_pingouin),
        ("alpha_standardized", lambda one: standardized_alpha(one.covariance)),
        ("lambda6", lambda one: lambda6_of(one.covariance)),
        ("mean_inter_item_r", lambda one: mean_inter_item_r(one.covariance)),
    ]
    rows = []
    for name, formula in named:
        value = math.nan if reason else formula(answers)
        # Two can still fail: items at equal spread may cancel out, and an item that is a sum of others has no multiple
        # correlation of use.
        still = CONSTANT_TOTAL if name == "alpha_standardized" else REDUNDANT_ITEMS
        why = reason or (still if math.isnan(value) else None)
        limits = feldt_interval(value, n, size, level) if name == "alpha" and not reason else _NO_LIMITS
        rows.append(_row(name, value, n, why, limits, "feldt"))
    covariance, pairs = answers.pairwise
    reason = NOBODY_ANSWERED if nobody_answered(answers) and size > 1 else why_not_pairwise(covariance, pairs)
    value = math.nan if reason else alpha_of(covariance)
    return [*rows, _row("alpha_pairwise", value, int((answers.answered > 0).sum()), reason)]


def _why_not_complete(answers: Answers) -> str | None:
    if nobody_answered(answers) and len(answers.items) > 1:
        return NOBODY_ANSWERED
    return why_not_alpha(answers.covariance, answers.n_complete)


def _ordinal(answers: Answers, formative: bool) -> Row:
    reason = FORMATIVE if formative else _why_not_complete(answers)
    if reason is None and answers.highest >= MOST_CATEGORIES:
        reason = TOO_MANY_CATEGORIES
    value = math.nan
    if reason is None:
        value, reason = ordinal_alpha(answers.joint_frequencies())
    return _row("ordinal_alpha", value, answers.n_complete, reason)


def _omega(model: OneFactor | str, n: int, level: float) -> Row:
    if isinstance(model, str):
        return _row("omega_total", math.nan, n, model)
    return _row("omega_total", model.omega, n, None, model.omega_interval(level), "delta_logit")


def _fit_of(model: OneFactor | SecondOrder | str) -> Fit | str:
    return model if isinstance(model, str) else model.fit


def _fit(fit: Fit | str, n: int, level: float) -> list[Row]:
    if isinstance(fit, str):
        return [_row(name, math.nan, n, fit) for name in FIT]
    rows = []
    for name in FIT:
        limits = fit.rmsea_interval(level) if name == "rmsea" else _NO_LIMITS
        reason = NO_DEGREES if name == "rmsea" and fit.df == 0 else None
        rows.append(_row(name, float(getattr(fit, name)), n, reason, limits, "noncentral_chi_square"))
    return rows


def _of_general(
    responses: pd.DataFrame, columns: dict[str, str], known: Instrument, general: General, level: float
) -> pd.DataFrame:
    answers, group_of = read_general(responses, columns, known, general)
    n = 0 if isinstance(answers, str) else answers.n_complete
    rows = [_row("n_items", len(group_of), n), _row("n_complete", n, n)]
    subscales = [known.scale_by_id[one] for one in general.scales]
    formative = any(is_formative(scale) for scale in subscales)
    model = FORMATIVE if formative else second_order_of(answers, group_of)
    if isinstance(model, str):
        rows += [_row(name, math.nan, n, model) for name in ("omega_hierarchical", "omega_total")]
    else:
        limits = model.omega_hierarchical_interval(level)
        rows.append(_row("omega_hierarchical", model.omega_hierarchical, n, None, limits, "delta_logit"))
        limits = model.omega_total_interval(level)
        rows.append(_row("omega_total", model.omega_total, n, None, limits, "delta_logit"))
    return _table(general.id, [*rows, *_fit(_fit_of(model), n, level)])


def _of_groups(
    scale: Scale,
    answers: Answers,
    scores: NDArray[np.float64],
    kind: str,
    codes: NDArray[np.intp],
    names: NDArray[np.object_],
    level: float,
) -> pd.DataFrame:
    facts = group_facts(scores, codes, level)
    rows = [_row("n_groups", facts.n_groups, facts.n)]
    by = {"icc1": "f", "icc2": "f", "n_for_70": "f", "n_for_80": "f"}
    for name, (value, low, high) in facts.values.items():
        rows.append((name, value, low, high, None if math.isnan(low) else by[name], facts.n, facts.reasons.get(name)))
    n, agreement = rwg_of(answers, codes, len(names))
    pairs = agreement[~np.isnan(agreement)]
    reason = None if len(pairs) else ONE_MEMBER if n.any() else NO_COMPLETE
    for name, summary in (("rwg_j_mean", np.mean), ("rwg_j_median", np.median)):
        rows.append(_row(name, float(summary(pairs)) if len(pairs) else math.nan, int(n[n > 1].sum()), reason))
    sizes = np.bincount(codes[~np.isnan(scores) & (codes >= 0)], minlength=len(names))
    icc1, low, high = facts.values["icc1"]
    means = pd.DataFrame({"unit": names, "statistic": "mean_reliability", "n": sizes})
    for column, share in (("value", icc1), ("low", low), ("high", high)):
        means[column] = mean_reliability(share, sizes)
    means["reason"] = facts.reasons.get("icc1", None)
    means.loc[means["reason"].isna() & (means["n"] == 0), "reason"] = NO_SCORES
    means["interval"] = means["low"].notna().map({True: "f", False: None})
    agreed = pd.DataFrame({"unit": names, "statistic": "rwg_j", "n": n, "value": agreement, "reason": why_no_rwg(n)})
    own = pd.concat([means, agreed], ignore_index=True)
    both = pd.concat([_table(scale.id, rows), _shaped(own.assign(scale=scale.id))], ignore_index=True)
    return both.assign(unit_type=kind).astype({"unit_type": "str"})
