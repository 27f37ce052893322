"""Intervals from summary statistics, for whole columns of cells at once.

Every function takes arrays (or numbers) that broadcast together. Where there can be no honest interval, the limits
are NaN; the estimate itself stays. Students are taken as independent, and so are waves.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

Floats = NDArray[np.float64]
LEVEL = 0.95


class Interval(NamedTuple):
    """Lower and upper limit."""

    low: Floats
    high: Floats


class Difference(NamedTuple):
    """First minus second, its standard error, and its limits."""

    value: Floats
    se: Floats
    low: Floats
    high: Floats


def t_interval(mean: ArrayLike, se: ArrayLike, n: ArrayLike, level: float = LEVEL) -> Interval:
    """Student's interval of a mean: mean -+ t(n - 1) x se.

    Parameters
    ----------
    mean, se, n : array_like
        Mean, its standard error (sd / sqrt(n), n - 1 in the sd), and number of students.
    level : float
        Confidence, 0.95 by default.

    Returns
    -------
    Interval
        NaN where n < 2, and where the standard error is zero: when all students answered alike, the data say nothing
        of how far the answers would spread, and an interval of no width would claim certainty. (R's `t.test` refuses
        such data for the same reason.)
    """
    mean, se, n = _arrays(mean, se, n)
    reach = _t_quantile(n - 1, level) * np.where(se > 0, se, np.nan)
    return Interval(mean - reach, mean + reach)


def wilson(share: ArrayLike, n: ArrayLike, level: float = LEVEL) -> Interval:
    """Wilson's score interval of a share, without continuity correction.

    The limits are the two shares at which a score test of the observed one is just not rejected:
    (p + z²/2n -+ z sqrt(p(1 - p)/n + z²/4n²)) / (1 + z²/n). It is honest at 0 and at 1, and for a single student.

    Parameters
    ----------
    share, n : array_like
        Observed share (0 to 1) and number of students behind it.
    level : float
        Confidence, 0.95 by default.

    Returns
    -------
    Interval
        Within 0 and 1, around the share; NaN where n is 0.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the
    American Statistical Association 22, 209-212.
    """
    share, n = _arrays(share, n)
    n = np.where(n > 0, n, np.nan)
    z = float(ndtri((1 + level) / 2))
    centre = share + z**2 / (2 * n)
    reach = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    # At 0 and 1 one limit is the share itself; rounding must not put it on the other side.
    low = np.where(share == 0, 0.0 * n, (centre - reach) / scale)
    high = np.where(share == 1, share + 0.0 * n, (centre + reach) / scale)
    return Interval(low, high)


def welch(
    mean: ArrayLike,
    se: ArrayLike,
    n: ArrayLike,
    other_mean: ArrayLike,
    other_se: ArrayLike,
    other_n: ArrayLike,
    level: float = LEVEL,
) -> Difference:
    """Welch's interval of a difference of two means, variances not taken as equal, waves as independent.

    The standard error is sqrt(se1² + se2²), the degrees of freedom are Satterthwaite's:
    (se1² + se2²)² / (se1⁴/(n1 - 1) + se2⁴/(n2 - 1)).

    Parameters
    ----------
    mean, se, n, other_mean, other_se, other_n : array_like
        Mean, standard error and number of students of each group.
    level : float
        Confidence, 0.95 by default.

    Returns
    -------
    Difference
        First minus second. Limits are NaN where either group has fewer than two students, and where both standard
        errors are zero (see `t_interval`). Where one of them is zero, the other group's spread carries the interval.

    References
    ----------
    Welch, B. L. (1947). The generalization of "Student's" problem when several different population variances are
    involved. Biometrika 34, 28-35.
    """
    mean, se, n, other_mean, other_se, other_n = _arrays(mean, se, n, other_mean, other_se, other_n)
    both = np.hypot(se, other_se)
    difference = mean - other_mean
    reach = _t_quantile(satterthwaite(se, n, other_se, other_n), level) * both
    return Difference(difference, both, difference - reach, difference + reach)


def satterthwaite(se: ArrayLike, n: ArrayLike, other_se: ArrayLike, other_n: ArrayLike) -> Floats:
    """Degrees of freedom of `welch`; NaN where either n is under 2 or both standard errors are zero."""
    se, n, other_se, other_n = _arrays(se, n, other_se, other_n)
    largest = np.maximum(se, other_se)
    largest = np.where(largest > 0, largest, np.nan)
    # In units of the larger one, so that fourth powers of small numbers do not vanish.
    first, second = (se / largest) ** 2, (other_se / largest) ** 2
    spare, other_spare = np.where(n >= 2, n - 1, np.nan), np.where(other_n >= 2, other_n - 1, np.nan)
    return (first + second) ** 2 / (first**2 / spare + second**2 / other_spare)


def newcombe(
    share: ArrayLike, n: ArrayLike, other_share: ArrayLike, other_n: ArrayLike, level: float = LEVEL
) -> Difference:
    """Newcombe's interval of a difference of two independent shares: method 10, squaring and adding Wilson's limits.

    low = d - sqrt((p1 - l1)² + (u2 - p2)²), high = d + sqrt((u1 - p1)² + (p2 - l2)²), with l and u Wilson's limits.

    Parameters
    ----------
    share, n, other_share, other_n : array_like
        Observed share (0 to 1) and number of students of each group.
    level : float
        Confidence, 0.95 by default.

    Returns
    -------
    Difference
        First minus second, within -1 and 1; NaN where either n is 0. The standard error is the plain
        sqrt(p1(1 - p1)/n1 + p2(1 - p2)/n2); the limits do not use it.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of
    eleven methods. Statistics in Medicine 17, 873-890.
    """
    share, n, other_share, other_n = _arrays(share, n, other_share, other_n)
    one, two = wilson(share, n, level), wilson(other_share, other_n, level)
    difference = share - other_share + 0.0 * (one.low + two.low)
    low = difference - np.hypot(share - one.low, two.high - other_share)
    high = difference + np.hypot(one.high - share, other_share - two.low)
    se = np.hypot(share_error(share, n), share_error(other_share, other_n))
    return Difference(difference, se, low, high)


def share_error(share: ArrayLike, n: ArrayLike) -> Floats:
    """Standard error of a share, sqrt(p(1 - p)/n); NaN where n is 0."""
    share, n = _arrays(share, n)
    return np.sqrt(share * (1 - share) / np.where(n > 0, n, np.nan))


def _t_quantile(freedom: Floats, level: float) -> Floats:
    return stdtrit(np.where(freedom > 0, freedom, np.nan), (1 + level) / 2)


def _arrays(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.asarray(value, dtype=np.float64) for value in values)
