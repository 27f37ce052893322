"""Differential item functioning: do students of equal score in two groups answer an item alike?"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2

from connectedness.answers import find_columns, points_of
from connectedness.declare.instrument import Instrument, Scale
from connectedness.declare.registry import instrument_of
from connectedness.errors import ContractError, DeclarationError
from connectedness.psychometrics.dif_mantel import mantel_test
from connectedness.psychometrics.dif_ordinal import Fit, fit_ordinal, null_log_likelihood

Floats = NDArray[np.float64]
FEWEST_IN_GROUP = 200
_MODERATE, _LARGE = 0.035, 0.07
_PURIFYING_ROUNDS = 10

_NUMBERS = (
    *("log_likelihood_null", "log_likelihood_score", "log_likelihood_group", "log_likelihood_interaction"),
    *("slope_score", "slope_group", "slope_interaction"),
    *("uniform_chi2", "uniform_p", "nonuniform_chi2", "nonuniform_p", "total_chi2", "total_p"),
    *("uniform_mcfadden", "nonuniform_mcfadden", "total_mcfadden"),
    *("uniform_nagelkerke", "nonuniform_nagelkerke", "total_nagelkerke"),
    *("mantel_chi2", "mantel_p", "smd", "smd_sd"),
)
COLUMNS = (
    *("scale", "item", "reference", "focal", "n_reference", "n_focal", "n_strata"),
    *_NUMBERS,
    *("size", "matched_on", "reason", "mantel_reason"),
)


def dif(
    frame: pd.DataFrame,
    instrument: Instrument | str,
    group: str | pd.Series | Sequence[Any] | NDArray[Any],
    scale: str | None = None,
    *,
    reference: Hashable | None = None,
    minimum: int = FEWEST_IN_GROUP,
    significance: float = 0.01,
    purify: bool = False,
) -> pd.DataFrame:
    """Uniform and non-uniform differential item functioning (DIF) of each item, each group against one reference.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent; item columns named by item id or variable, holding the instrument's codes.
    instrument : Instrument or str
        An instrument, or the name of one that ships.
    group : str, Series or array
        A column of `frame`, or one value per row. Rows without a group are left out.
    scale : str, optional
        One scale only. Default: every scale.
    reference : optional
        The group that every other is compared with. Default: the largest.
    minimum : int
        A group with fewer respondents who answered the whole scale is not compared.
    significance : float
        An item whose test of two degrees of freedom has a larger p has a negligible `size` whatever its effect.
    purify : bool
        Leave items of moderate or large DIF out of the score that respondents are matched on (never the item
        studied), and repeat until the set stays.

    Returns
    -------
    DataFrame
        One row per scale, item and other (`focal`) group, over those who answered the whole scale:

        - `n_reference`, `n_focal`, `n_strata` (scores that both groups hold);
        - log-likelihoods of three nested proportional odds models and of none: `log_likelihood_null`, `_score` (the
          matching score), `_group` (and the group), `_interaction` (and their product);
        - `slope_score` of the first, `slope_group` of the second (log-odds of a higher answer in the focal group at
          equal score), `slope_interaction` of the third, per point of the mean score;
        - `uniform_chi2`, `nonuniform_chi2` (1 df each), `total_chi2` (2 df), twice the differences, with `_p`;
        - `uniform_`, `nonuniform_`, `total_mcfadden` and `_nagelkerke`: differences of pseudo R squared;
        - `size`: `negligible` (total Nagelkerke difference under .035), `moderate`, or `large` (.07 and more);
        - `mantel_chi2`, `mantel_p`; `smd`, the mean difference in points between equals (focal less reference), and
          `smd_sd`, the same in standard deviations of the item over both groups;
        - `matched_on`: how many items the score holds;
        - `reason`: null, or why the models are null: `too_few_in_group`, `one_group`, `one_item`, `no_column`,
          `nobody_answered`, `constant_item`, `constant_score`, `separated`, `no_convergence`; `mantel_reason` likewise.

    Raises
    ------
    ContractError
        When the table holds none of the items, or the group does not fit it.
    DeclarationError
        When the scale is not the instrument's.

    Notes
    -----
    The matching score is the mean of points, the item included: Swaminathan & Rogers (1990),
    doi 10.1111/j.1745-3984.1990.tb00754.x; Zumbo (1999) for ordered answers; sizes by Jodoin & Gierl (2001),
    doi 10.1207/S15324818AME1404_2. Nagelkerke (1991), doi 10.1093/biomet/78.3.691:
    (1 - exp(2 (L0 - L) / n)) / (1 - exp(2 L0 / n)); McFadden: 1 - L / L0. For Mantel's test see `mantel_test`.
    Respondents of equal score and group are counted together, so our own Newton fit takes milliseconds where
    statsmodels' `OrderedModel`, with a row per respondent and numeric derivatives, takes seconds.

    In R: `MASS::polr` three times and their `logLik`; `lordif::lordif` does the same with an item response score.
    """
    known = instrument_of(instrument)
    columns, groups = find_columns(frame, known), group_of(frame, group)
    rows = []
    for one in _scales(known, scale):
        rows += _of_scale(frame, columns, known, one, groups, _Choice(reference, minimum, significance, purify))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    types = dict.fromkeys(_NUMBERS, "float64") | dict.fromkeys(
        ("n_reference", "n_focal", "n_strata", "matched_on"), "Int64"
    )
    words = dict.fromkeys(("scale", "item", "reference", "focal", "size", "reason", "mantel_reason"), "str")
    return table.astype(types | words)


def group_of(frame: pd.DataFrame, group: str | pd.Series | Sequence[Any] | NDArray[Any]) -> pd.Series:
    """One group per row, as text or missing.

    Raises
    ------
    ContractError
        When there is no such column, or not one value per row.
    """
    if isinstance(group, str):
        if group not in frame.columns:
            raise ContractError("this table has no such column.", column=group, todo="Name the column of the groups.")
        group = frame[group]
    if len(group) != len(frame):
        raise ContractError("there must be one group for each row.", found=len(group), allowed=len(frame))
    values = pd.Series(np.asarray(group, dtype=object))
    return values.where(values.isna(), values.map(_shown)).astype("str")


def _shown(value: Any) -> str:
    """A group's name; 2.0 is 2, as a column with gaps is read."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@dataclass(frozen=True)
class _Choice:
    reference: Hashable | None
    minimum: int
    significance: float
    purify: bool


@dataclass(frozen=True)
class _Pair:
    """Answers of two groups: categories from 0, over those who answered the whole scale."""

    items: tuple[str, ...]
    categories: NDArray[np.int64]
    focal: NDArray[np.bool_]
    lowest: int


def _scales(instrument: Instrument, scale: str | None) -> tuple[Scale, ...]:
    if scale is None:
        return instrument.scales
    if scale not in instrument.scale_by_id:
        allowed = ", ".join(instrument.scale_by_id)
        raise DeclarationError(f"{instrument.pinned} has no such scale.", found=scale, allowed=allowed)
    return (instrument.scale_by_id[scale],)


def _of_scale(
    frame: pd.DataFrame,
    columns: dict[str, str],
    instrument: Instrument,
    scale: Scale,
    groups: pd.Series,
    choice: _Choice,
) -> list[dict[str, Any]]:
    # An item that nobody answered cannot be matched on; the others still make a score.
    every = points_of(frame, columns, instrument, scale.items)
    there = tuple(item for item in scale.items if every[item].notna().any())
    absent = {item: "nobody_answered" if item in columns else "no_column" for item in scale.items if item not in there}
    points = every[list(there)].to_numpy()
    whole = np.isfinite(points).all(axis=1) & groups.notna().to_numpy()
    sizes = groups[whole].value_counts().reindex(sorted(groups.dropna().unique()), fill_value=0)
    if sizes.empty or len(sizes) < 2:
        return [_row(scale, item, None, None, reason="one_group") for item in scale.items]
    base = str(sizes.idxmax()) if choice.reference is None else _shown(choice.reference)
    if base not in sizes.index:
        raise ContractError("no row has the reference group.", found=base, allowed=", ".join(sizes.index))
    rows = []
    for focal in [one for one in sizes.index if one != base]:
        counted = {"n_reference": int(sizes[base]), "n_focal": int(sizes[focal])}
        rows += [_row(scale, item, base, focal, **counted, reason=why) for item, why in absent.items()]
        reason = "one_item" if len(there) < 2 else None
        if min(counted.values()) < choice.minimum:
            reason = "too_few_in_group"
        if reason:
            rows += [_row(scale, item, base, focal, **counted, reason=reason) for item in there]
            continue
        of_two = whole & groups.isin([base, focal]).to_numpy()
        lowest = instrument.scale_range(scale.id)[0]
        pair = _Pair(there, points[of_two].astype(np.int64) - lowest, (groups[of_two] == focal).to_numpy(), lowest)
        rows += [_row(scale, item, base, focal, **counted, **facts) for item, facts in _compare(pair, choice).items()]
    place = {item: rank for rank, item in enumerate(scale.items)}
    return sorted(rows, key=lambda row: (str(row["focal"]), place[row["item"]]))


def _row(scale: Scale, item: str, reference: str | None, focal: str | None, **facts: Any) -> dict[str, Any]:
    if facts.get("reason") and "mantel_reason" not in facts:
        facts["mantel_reason"] = facts["reason"]
    return {"scale": scale.id, "item": item, "reference": reference, "focal": focal, **facts}


def _compare(pair: _Pair, choice: _Choice) -> dict[str, dict[str, Any]]:
    """Facts of each item; with purification, again with the items that showed DIF left out, until they stay."""
    left_out: frozenset[str] = frozenset()
    seen = {left_out}
    while True:
        facts = {item: _item(pair, at, left_out - {item}, choice) for at, item in enumerate(pair.items)}
        found = frozenset(item for item, one in facts.items() if one.get("size") in ("moderate", "large"))
        # A set that came before would come again for ever; a score needs an item besides the one studied.
        if not choice.purify or found in seen or len(seen) > _PURIFYING_ROUNDS or len(pair.items) - len(found) < 2:
            return facts
        left_out = found
        seen.add(found)


def _item(pair: _Pair, at: int, left_out: frozenset[str], choice: _Choice) -> dict[str, Any]:
    kept = [rank for rank, item in enumerate(pair.items) if item not in left_out]
    matched = {"matched_on": len(kept)}
    own = pair.categories[:, at]
    if own.min() == own.max():
        return {**matched, "reason": "constant_item"}
    total = pair.categories[:, kept].sum(axis=1)
    if total.min() == total.max():
        return {**matched, "reason": "constant_score"}
    scores, stratum = np.unique(total, return_inverse=True)
    shape = (2, len(scores), int(own.max()) + 1)
    cell = (pair.focal.astype(np.int64) * shape[1] + stratum) * shape[2] + own
    counts = np.bincount(cell, minlength=shape[0] * shape[1] * shape[2]).reshape(shape).astype(np.float64)
    test = mantel_test(counts[0], counts[1], np.arange(shape[2], dtype=np.float64))
    mantel = {
        "n_strata": test.n_strata,
        "mantel_chi2": test.chi_square,
        "mantel_p": test.p,
        "smd": test.smd,
        "smd_sd": test.smd / float(own.std(ddof=1)),
        "mantel_reason": test.reason,
    }
    return {**matched, **mantel, **_models(counts, pair.lowest + scores / len(kept), choice.significance)}


def _models(counts: Floats, score: Floats, significance: float) -> dict[str, Any]:
    """Three nested models of an item; `counts` is group x score x category."""
    there = counts.sum(axis=(0, 1)) > 0
    cells = counts[:, :, there].reshape(-1, int(there.sum()))
    group = np.repeat([0.0, 1.0], len(score))
    terms = np.column_stack([np.tile(score, 2), group, np.tile(score, 2) * group])
    used = cells.sum(axis=1) > 0
    fits = [fit_ordinal(terms[used, :size], cells[used]) for size in (1, 2, 3)]
    reason = next((fit.reason for fit in fits if fit.reason), None)
    if reason:
        return {"reason": reason}
    return _facts(fits, null_log_likelihood(cells), float(cells.sum()), significance)


def _facts(fits: list[Fit], null: float, n: float, significance: float) -> dict[str, Any]:
    reached = np.array([fit.log_likelihood for fit in fits])
    gains = {"uniform": (0, 1, 1), "nonuniform": (1, 2, 1), "total": (0, 2, 2)}
    mcfadden = 1 - reached / null
    nagelkerke = (1 - np.exp(2 * (null - reached) / n)) / (1 - np.exp(2 * null / n))
    facts: dict[str, Any] = {
        "log_likelihood_null": null,
        "log_likelihood_score": reached[0],
        "log_likelihood_group": reached[1],
        "log_likelihood_interaction": reached[2],
        "slope_score": fits[0].slopes[0],
        "slope_group": fits[1].slopes[1],
        "slope_interaction": fits[2].slopes[2],
    }
    for name, (before, after, df) in gains.items():
        value = max(0.0, 2 * float(reached[after] - reached[before]))
        facts |= {f"{name}_chi2": value, f"{name}_p": float(chi2.sf(value, df))}
        facts[f"{name}_mcfadden"] = float(mcfadden[after] - mcfadden[before])
        facts[f"{name}_nagelkerke"] = float(nagelkerke[after] - nagelkerke[before])
    return facts | {"size": _size(facts["total_nagelkerke"], facts["total_p"] < significance)}


def _size(effect: float, significant: bool) -> str:
    if not significant or effect < _MODERATE:
        return "negligible"
    return "moderate" if effect < _LARGE else "large"
