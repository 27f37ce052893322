"""Correlations between the normal tendencies behind ordered answers, and the alpha of these."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from connectedness.psychometrics.reliability_alpha import CONSTANT_ITEM, CONSTANT_TOTAL, ROUNDING, TOO_FEW_PAIRS

Floats = NDArray[np.float64]

# Why there is none.
TOO_MANY_CATEGORIES = "too_many_categories"
PERFECT_CORRELATION = "perfect_correlation"

MOST_CATEGORIES = 10
_MOST_R, _STEPS, _CLOSE = 0.9999, 60, 1e-11
# Nodes and weights of Gauss-Legendre on [0, 1]; so many hold 1e-8 up to correlations of .99.
_NODES, _WEIGHTS = (np.polynomial.legendre.leggauss(64)[0] + 1) / 2, np.polynomial.legendre.leggauss(64)[1] / 2


def ordinal_alpha(joint: Floats) -> tuple[float, str | None]:
    """Alpha of the polychoric correlations, and why it is null.

    Zumbo, Gadermann & Zeisser (2007), doi 10.22237/jmasm/1177992180. It is the reliability of the tendencies behind
    the answers, not of the score that is reported, so it is no lower bound for the score's: Chalmers (2018),
    doi 10.1177/0013164417727036. In R, `psych::alpha(psych::polychoric(x, correct = 0)$rho)`.
    """
    correlations, reason = polychoric(joint)
    if reason is not None:
        return np.nan, reason
    k, total = len(correlations), float(correlations.sum())
    return (np.nan, CONSTANT_TOTAL) if total <= ROUNDING else (k / (k - 1) * (1 - k / total), None)


def polychoric(joint: Floats) -> tuple[Floats, str | None]:
    """Polychoric correlations of every two items, in two steps; and why there are none.

    Parameters
    ----------
    joint : array, items x categories x items x categories
        How often two answers went together. The block of an item with itself holds its frequencies.

    Returns
    -------
    array, items x items
        Correlations, null where a reason is given.
    str or None
        `too_many_categories` (over 10), `constant_item`, `too_few_pairs` (two items that fewer than two respondents
        both answered), `perfect_correlation` (two items that order everybody alike: no correlation under 1 is best).

    Notes
    -----
    First the thresholds of each item, from all who answered it; then for each two items the correlation that makes
    their table likeliest: Olsson (1979), doi 10.1007/BF02296207. The bivariate normal probability is the integral
    of its derivative along the correlation (Drezner & Wesolowsky 1990, doi 10.1080/00949659008811236). All pairs
    are climbed at once. Empty cells stay empty: no half is added to them. In R, `psych::polychoric(correct = 0)` and
    `lavaan::lavCor(ordered = ...)`.
    """
    size, width = joint.shape[:2]
    nothing = np.full((size, size), np.nan)
    if width > MOST_CATEGORIES:
        return nothing, TOO_MANY_CATEGORIES
    own = joint[np.arange(size), :, np.arange(size), :]
    frequencies = own[:, np.arange(width), np.arange(width)]
    if ((frequencies > 0).sum(axis=1) < 2).any():
        return nothing, CONSTANT_ITEM
    first, second = np.tril_indices(size, k=-1)
    tables = joint[first, :, second, :]
    if (tables.sum(axis=(1, 2)) < 2).any():
        return nothing, TOO_FEW_PAIRS
    cuts = _thresholds(frequencies)
    found = _likeliest(tables, cuts[first], cuts[second])
    if (np.abs(found) >= _MOST_R).any():
        return nothing, PERFECT_CORRELATION
    correlations = np.eye(size)
    correlations[first, second] = correlations[second, first] = found
    return correlations, None


def _thresholds(frequencies: Floats) -> Floats:
    below = np.cumsum(frequencies, axis=1)[:, :-1]
    return ndtri(below / frequencies.sum(axis=1, keepdims=True))


def _likeliest(tables: Floats, first: Floats, second: Floats) -> Floats:
    """Climb in the correlation by Fisher scoring, between two bounds that the sign of the slope draws in."""
    low, high = np.full(len(tables), -1.0), np.full(len(tables), 1.0)
    at = np.zeros(len(tables))
    for _ in range(_STEPS):
        slope, information = _score(tables, first, second, at)
        low, high = np.where(slope > 0, at, low), np.where(slope > 0, high, at)
        there = at + slope / information
        inside = (there > low) & (there < high)
        there = np.clip(np.where(inside, there, (low + high) / 2), -_MOST_R, _MOST_R)
        moved, at = np.abs(there - at).max(), there
        if moved < _CLOSE:
            break
    return at


def _score(tables: Floats, first: Floats, second: Floats, r: Floats) -> tuple[Floats, Floats]:
    cells = np.maximum(_cells(_below(first, second, r)), 1e-300)
    h, k = first[:, :, None], second[:, None, :]
    rest = (1 - r**2)[:, None, None]
    # The derivative of the bivariate normal probability along r is its density.
    with np.errstate(invalid="ignore"):
        density = np.exp(-(h**2 - 2 * r[:, None, None] * h * k + k**2) / (2 * rest)) / (2 * np.pi * np.sqrt(rest))
    slopes = _cells(_bordered(np.where(np.isfinite(density), density, 0.0), 0.0))
    used = cells > 1e-12
    slope = np.where(tables > 0, tables * slopes / cells, 0.0).sum(axis=(1, 2))
    information = np.where(used, slopes**2 / cells, 0.0).sum(axis=(1, 2)) * tables.sum(axis=(1, 2))
    return slope, np.maximum(information, 1e-12)


def _below(first: Floats, second: Floats, r: Floats) -> Floats:
    """Probability of being under both thresholds, for every two thresholds, with the outer borders."""
    h, k = np.clip(first, -38, 38)[:, :, None], np.clip(second, -38, 38)[:, None, :]
    top = np.arcsin(r)
    total = ndtr(h) * ndtr(k)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        sine = np.sin(node * top)[:, None, None]
        bend = np.exp(-(h**2 - 2 * h * k * sine + k**2) / (2 * (1 - sine**2)))
        total = total + (weight * top / (2 * np.pi))[:, None, None] * bend
    with_top = np.concatenate([total, np.broadcast_to(ndtr(k), (len(r), 1, k.shape[2]))], axis=1)
    right = np.concatenate([ndtr(h), np.ones((len(r), 1, 1))], axis=1)
    bordered = np.concatenate([with_top, right], axis=2)
    return np.pad(bordered, ((0, 0), (1, 0), (1, 0)))


def _bordered(inner: Floats, value: float) -> Floats:
    return np.pad(inner, ((0, 0), (1, 1), (1, 1)), constant_values=value)


def _cells(below: Floats) -> Floats:
    return np.diff(np.diff(below, axis=1), axis=2)
