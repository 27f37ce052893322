"""Formulas of classical reliability: all from one covariance matrix and the number of respondents behind it."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.stats import f

# Why a figure is null.
ONE_ITEM = "one_item"
TWO_ITEMS = "two_items"
TOO_FEW_COMPLETE = "too_few_complete"
TOO_FEW_PAIRS = "too_few_pairs"
CONSTANT_ITEM = "constant_item"
CONSTANT_TOTAL = "constant_total"
CONSTANT_REST = "constant_rest"
REDUNDANT_ITEMS = "redundant_items"
NO_ANSWERS = "no_answers"
# Why limits are null although the figure is not.
TOO_FEW_FOR_INTERVAL = "too_few_for_interval"

# Under this share of the largest, a variance is only what rounding leaves of an exact nought.
ROUNDING = 1e-12

Floats = NDArray[np.float64]
Limits = tuple[float, float]


def alpha_of(covariance: Floats) -> float:
    """Cronbach's alpha, k / (k - 1) (1 - sum of variances / variance of the total); `psych::alpha` in R."""
    k = len(covariance)
    return k / (k - 1) * (1 - float(np.trace(covariance) / covariance.sum()))


def feldt_interval(alpha: float, n: int, n_items: int, level: float = 0.95) -> Limits:
    """Limits of alpha by quantiles of F.

    (1 - true alpha) / (1 - alpha) follows F with n - 1 and (n - 1)(k - 1) degrees of freedom when the items are
    normal and essentially tau-equivalent: Feldt (1965), doi 10.1007/BF02289499. `psych::alpha.ci` in R.
    """
    first, second, tail = n - 1, (n - 1) * (n_items - 1), (1 - level) / 2
    return 1 - (1 - alpha) * float(f.isf(tail, first, second)), 1 - (1 - alpha) * float(f.ppf(tail, first, second))


def alpha_if_deleted(covariance: Floats) -> Floats:
    """Alpha of the others, for each item; null where they cancel out. Needs three items or more."""
    variances = np.diag(covariance)
    total = rest_variance(covariance)
    k = len(covariance) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = k / (k - 1) * (1 - (variances.sum() - variances) / total)
    return np.where(total > ROUNDING * variances.sum(), alpha, np.nan)


def item_rest_r(covariance: Floats) -> Floats:
    """Correlation of each item with the sum of the others; null where one of the two does not vary."""
    variances, rest = np.diag(covariance), rest_variance(covariance)
    vary = (variances > 0) & (rest > ROUNDING * variances.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (covariance.sum(axis=1) - variances) / np.sqrt(variances * rest)
    return np.where(vary, np.clip(r, -1, 1), np.nan)


def rest_variance(covariance: Floats) -> Floats:
    """Variance of the sum of the other items, for each item."""
    return covariance.sum() - 2 * covariance.sum(axis=1) + np.diag(covariance)


def fisher_interval(r: float, n: int, level: float = 0.95) -> Limits:
    """Limits of a correlation: atanh(r) is about normal with variance 1 / (n - 3). `cor.test` in R.

    Fisher (1921). Null under four respondents; for |r| = 1 both limits are r.
    """
    if n < 4 or math.isnan(r):
        return math.nan, math.nan
    if abs(r) >= 1:
        return r, r
    wide = NormalDist().inv_cdf((1 + level) / 2) / math.sqrt(n - 3)
    return math.tanh(math.atanh(r) - wide), math.tanh(math.atanh(r) + wide)


def wilson_interval(share: float, n: int, level: float = 0.95) -> Limits:
    """Limits of a share by the score test: Wilson (1927), doi 10.2307/2276774. `prop.test(correct = FALSE)` in R."""
    if n == 0:
        return math.nan, math.nan
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle, wide = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    grown = 1 + z * z / n
    return max(0.0, (middle - wide) / grown), min(1.0, (middle + wide) / grown)


def correlation_of(covariance: Floats) -> Floats:
    """Correlations from covariances."""
    spread = np.sqrt(np.diag(covariance))
    return covariance / np.outer(spread, spread)


def mean_inter_item_r(covariance: Floats) -> float:
    """Mean of the correlations between two items."""
    r = correlation_of(covariance)
    return float(r[np.tril_indices_from(r, k=-1)].mean())


def standardized_alpha(covariance: Floats) -> float:
    """Alpha of the items at equal spread, k r / (1 + (k - 1) r) with r the mean correlation; `std.alpha` of psych.

    Null where the items at equal spread cancel out.
    """
    correlation = correlation_of(covariance)
    return alpha_of(correlation) if correlation.sum() > ROUNDING * len(correlation) else math.nan


def lambda6_of(covariance: Floats) -> float:
    """Guttman's lambda 6, 1 - sum of (1 - squared multiple correlation) / sum of all correlations.

    Guttman (1945), doi 10.1007/BF02288892; `G6(smc)` of `psych::alpha` in R. Null where one item is a sum of others.
    """
    r = correlation_of(covariance)
    if np.linalg.eigvalsh(r)[0] < 1e-10:
        return math.nan
    return 1 - float((1 / np.diag(np.linalg.inv(r))).sum() / r.sum())


def why_not_alpha(covariance: Floats, n: int) -> str | None:
    """Why alpha cannot be computed from complete respondents; null when it can."""
    if len(covariance) < 2:
        return ONE_ITEM
    if n < 2:
        return TOO_FEW_COMPLETE
    return why_not_of(covariance)


def why_not_pairwise(covariance: Floats, n: Floats) -> str | None:
    """Why alpha cannot be computed from pairs; null when it can."""
    if len(covariance) < 2:
        return ONE_ITEM
    return TOO_FEW_PAIRS if n.min() < 2 else why_not_of(covariance)


def why_not_of(covariance: Floats) -> str | None:
    """Why this covariance has no alpha; null when it has."""
    if (np.diag(covariance) <= 0).any():
        return CONSTANT_ITEM
    return CONSTANT_TOTAL if covariance.sum() <= ROUNDING * np.trace(covariance) else None
