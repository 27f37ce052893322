"""Proportional odds regression of ordered answers, by Newton's method on counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
_ROUNDS, _HALVINGS = 60, 40
_ENOUGH = 1e-10  # the log-likelihood still to gain, as Newton's decrement tells
# A log-odds this far out means that a term separates the answers, and its estimate runs to infinity.
_SEPARATED = 30.0


@dataclass(frozen=True)
class Fit:
    """logit P(Y <= j) = thresholds[j] - x'slopes, the form of `MASS::polr`; `reason` is null when it converged."""

    thresholds: Floats
    slopes: Floats
    log_likelihood: float
    reason: str | None


def fit_ordinal(x: Floats, counts: Floats) -> Fit:
    """Fit a proportional odds model to counted answers.

    Parameters
    ----------
    x : array, cells x terms
        Terms of each cell of respondents that are alike; no constant.
    counts : array, cells x categories
        How many in each cell chose each category; every category was chosen by somebody, and there are two or more.

    Returns
    -------
    Fit
        `reason` is `no_convergence`, or `separated` where a slope runs to infinity.

    Notes
    -----
    Newton's method with step halving: the log-likelihood is concave in thresholds and slopes (Pratt 1981,
    doi 10.1080/01621459.1981.10477613). Respondents with one design are one row, so the work does not grow with their
    number. McCullagh (1980), doi 10.1111/j.2517-6161.1980.tb01109.x. In R: `MASS::polr(y ~ x, Hess = TRUE)`.
    """
    above, below, weights = _designs(x, counts)
    k, terms = counts.shape[1] - 1, x.shape[1]
    shares = np.cumsum(counts.sum(axis=0))[:-1] / counts.sum()
    at = np.concatenate([np.log(shares / (1 - shares)), np.zeros(terms)])
    value, gradient, hessian = _likelihood(at, above, below, weights, k)
    reason: str | None = "no_convergence"
    for _ in range(_ROUNDS):
        step = np.asarray(np.linalg.lstsq(-hessian, gradient, rcond=None)[0], dtype=np.float64)
        gain = float(gradient @ step)
        if gain < _ENOUGH:
            reason = None
            break
        moved = _step(at, step, value, gain, above, below, weights, k)
        if moved is None:
            break
        at, (value, gradient, hessian) = moved
    spread = np.abs(at[k:]) * (x.max(axis=0) - x.min(axis=0)) if terms else np.zeros(1)
    if spread.max() > _SEPARATED:
        reason = "separated"
    return Fit(at[:k], at[k:], value, reason)


def null_log_likelihood(counts: Floats) -> float:
    """Log-likelihood of thresholds alone."""
    total = counts.sum(axis=0)
    total = total[total > 0]
    return float((total * np.log(total / total.sum())).sum())


def _designs(x: Floats, counts: Floats) -> tuple[Floats, Floats, Floats]:
    """Rows for each cell and category that occurs: of the threshold above it and of the one below it."""
    cell, category = np.nonzero(counts)
    k = counts.shape[1] - 1
    rows = np.arange(len(cell))

    def design(threshold: NDArray[np.intp]) -> Floats:
        inside = (threshold >= 0) & (threshold < k)
        made = np.zeros((len(cell), k + x.shape[1]))
        made[rows[inside], threshold[inside]] = 1.0
        made[inside, k:] = -x[cell[inside]]
        return made

    return design(category), design(category - 1), counts[cell, category]


def _likelihood(at: Floats, above: Floats, below: Floats, weights: Floats, k: int) -> tuple[float, Floats, Floats]:
    """Log-likelihood, gradient and Hessian; minus infinity where thresholds are out of order."""
    # A row of noughts stands for the threshold at plus or minus infinity, whose density is nought.
    last, first = ~above.any(axis=1), ~below.any(axis=1)
    high = np.where(last, 1.0, expit(above @ at))
    low = np.where(first, 0.0, expit(below @ at))
    share = high - low
    if np.any(np.diff(at[:k]) <= 0) or np.any(share <= 0):
        return -np.inf, np.zeros_like(at), np.eye(len(at))
    density_high, density_low = high * (1 - high), low * (1 - low)
    up, down = density_high / share, -density_low / share
    gradient = above.T @ (weights * up) + below.T @ (weights * down)
    curve_up = density_high * (1 - 2 * high) / share - up**2
    curve_down = -density_low * (1 - 2 * low) / share - down**2
    cross = (above * (weights * -up * down)[:, None]).T @ below
    hessian = (above * (weights * curve_up)[:, None]).T @ above + (below * (weights * curve_down)[:, None]).T @ below
    return float(weights @ np.log(share)), gradient, hessian + cross + cross.T


def _step(
    at: Floats, step: Floats, value: float, gain: float, above: Floats, below: Floats, weights: Floats, k: int
) -> tuple[Floats, tuple[float, Floats, Floats]] | None:
    """The longest of the halved steps that raises the log-likelihood enough; None where none does."""
    size = 1.0
    for _ in range(_HALVINGS):
        there = at + size * step
        found = _likelihood(there, above, below, weights, k)
        if found[0] >= value + 1e-4 * size * gain - 1e-12 * abs(value):
            return there, found
        size /= 2
    return None
