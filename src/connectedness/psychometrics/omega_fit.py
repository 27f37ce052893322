"""Factor models fitted to a covariance matrix by maximum likelihood: one factor, and a general one over several."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import ncx2

Floats = NDArray[np.float64]
Limits = tuple[float, float]

# Why a model gives nothing.
HEYWOOD = "heywood_case"
REDUNDANT_ITEMS = "redundant_items"
NO_CONVERGENCE = "no_convergence"
NOT_IDENTIFIED = "not_identified"

_ROUNDS, _HALVINGS, _ENOUGH = 500, 40, 1e-18


@dataclass(frozen=True)
class Structure:
    """A model of a covariance matrix: what it implies at some parameters, and its slope along each of them."""

    implied: Callable[[Floats], Floats]
    slopes: Callable[[Floats], Floats]


@dataclass(frozen=True)
class Fit:
    """A fitted model. Covariances have the denominator n, as in `lavaan` with its normal likelihood."""

    parameters: Floats
    errors: Floats  # covariance of the parameters, from the expected information
    implied: Floats
    observed: Floats
    n: int

    def influence(self, structure: Structure, slope: Floats) -> Floats:
        """The form F by which each respondent x pulls a figure: x' F x, less its mean, over n.

        `slope` is the figure's slope along the parameters. The variance of these pulls over n is the figure's variance
        whatever the distribution of the items: Browne (1984), doi 10.1111/j.2044-8317.1984.tb00789.x.
        """
        inverse = np.linalg.inv(self.implied)
        moved = np.einsum("p,pij->ij", self.n * self.errors @ slope, structure.slopes(self.parameters))
        return 0.5 * inverse @ moved @ inverse

    @cached_property
    def chi_square(self) -> float:
        """Respondents times the discrepancy log|implied| - log|observed| + tr(observed / implied) - items."""
        gap = _discrepancy(self.implied, self.observed) - _discrepancy(self.observed, self.observed)
        return max(0.0, self.n * gap)

    @property
    def df(self) -> int:
        """Covariances less parameters."""
        size = len(self.observed)
        return size * (size + 1) // 2 - len(self.parameters)

    @cached_property
    def baseline(self) -> tuple[float, int]:
        """Chi-square and degrees of freedom of items that have nothing in common."""
        size, diagonal = len(self.observed), np.diag(np.diag(self.observed))
        gap = _discrepancy(diagonal, self.observed) - _discrepancy(self.observed, self.observed)
        return self.n * gap, size * (size - 1) // 2

    @property
    def cfi(self) -> float:
        """Comparative fit index: Bentler (1990), doi 10.1037/0033-2909.107.2.238."""
        base, base_df = self.baseline
        worse, worst = max(self.chi_square - self.df, 0.0), max(self.chi_square - self.df, base - base_df, 0.0)
        return 1.0 if worst == 0 else 1 - worse / worst

    @property
    def tli(self) -> float:
        """Tucker-Lewis index, not cut off at 1; 1 where no degree of freedom is left."""
        base, base_df = self.baseline
        if self.df == 0 or base / base_df == 1:
            return 1.0
        return (base / base_df - self.chi_square / self.df) / (base / base_df - 1)

    @property
    def rmsea(self) -> float:
        """Root mean square error of approximation: Steiger (1990), doi 10.1207/s15327906mbr2502_4."""
        return 0.0 if self.df == 0 else math.sqrt(max(self.chi_square - self.df, 0.0) / (self.df * self.n))

    def rmsea_interval(self, level: float) -> Limits:
        """Limits of the RMSEA, from those of a non-centrality that makes the chi-square a fair draw."""
        if self.df == 0:
            return math.nan, math.nan
        tail = (1 - level) / 2
        return self._rmsea_where(1 - tail), self._rmsea_where(tail)

    @property
    def srmr(self) -> float:
        """Standardized root mean square residual: over variances and covariances, in correlation units."""
        spread = np.sqrt(np.diag(self.observed))
        residual = (self.observed - self.implied) / np.outer(spread, spread)
        return float(np.sqrt(np.mean(residual[np.tril_indices_from(residual)] ** 2)))

    def _rmsea_where(self, probability: float) -> float:
        def excess(noncentrality: float) -> float:
            return float(ncx2.cdf(self.chi_square, self.df, noncentrality)) - probability

        if excess(0.0) <= 0:
            return 0.0
        most = self.chi_square + 10 * math.sqrt(self.chi_square) + 100
        return math.sqrt(brentq(excess, 0.0, most, xtol=1e-12, rtol=1e-14) / (self.df * self.n))


def fit_structure(structure: Structure, start: Floats, covariance: Floats, n: int) -> Fit | str:
    """Fit by Fisher scoring with step halving; return the fit, or why there is none.

    `covariance` has the denominator n - 1. Jöreskog (1969), doi 10.1007/BF02289343.
    """
    observed = covariance * (n - 1) / n
    if np.linalg.eigvalsh(_scaled(observed))[0] < 1e-10:
        return REDUNDANT_ITEMS
    at, value = start, _discrepancy(structure.implied(start), observed)
    for _ in range(_ROUNDS):
        slope, information = _score(structure, at, observed)
        try:
            step = np.asarray(np.linalg.solve(information, slope), dtype=np.float64)
        except np.linalg.LinAlgError:
            return NOT_IDENTIFIED
        if float(slope @ step) < _ENOUGH:
            return _finished(structure, at, information, observed, n)
        better = _shortened(structure, at, step, value, observed)
        if better is None:
            # Rounding hides any further gain: close enough to the top, or stuck.
            ended = float(slope @ step) < 1e-10
            return _finished(structure, at, information, observed, n) if ended else NO_CONVERGENCE
        at, value = better
    return NO_CONVERGENCE


def _finished(structure: Structure, at: Floats, information: Floats, observed: Floats, n: int) -> Fit | str:
    if np.linalg.cond(_scaled(information)) > 1e12:
        return NOT_IDENTIFIED
    return Fit(at, np.linalg.inv(information) / n, structure.implied(at), observed, n)


def _score(structure: Structure, at: Floats, observed: Floats) -> tuple[Floats, Floats]:
    implied, slopes = structure.implied(at), structure.slopes(at)
    inverse = np.linalg.inv(implied)
    pull = inverse @ (observed - implied) @ inverse
    turned = inverse @ slopes
    slope = 0.5 * np.einsum("pij,ij->p", slopes, pull)
    flat, transposed = turned.reshape(len(at), -1), turned.transpose(0, 2, 1).reshape(len(at), -1)
    return slope, 0.5 * flat @ transposed.T


def _shortened(
    structure: Structure, at: Floats, step: Floats, value: float, observed: Floats
) -> tuple[Floats, float] | None:
    for halved in range(_HALVINGS):
        there = at + step / 2**halved
        found = _discrepancy(structure.implied(there), observed)
        if found < value:
            return there, found
    return None


def _discrepancy(implied: Floats, observed: Floats) -> float:
    """log|implied| + tr(observed / implied), infinite where the implied matrix is not one of covariances."""
    try:
        root = np.linalg.cholesky(implied)
    except np.linalg.LinAlgError:
        return math.inf
    half = np.linalg.solve(root, observed)
    return 2 * float(np.log(np.diag(root)).sum()) + float(np.trace(np.linalg.solve(root, half.T)))


def _scaled(matrix: Floats) -> Floats:
    spread = np.sqrt(np.diag(matrix))
    return matrix / np.outer(spread, spread)


def one_factor(size: int) -> Structure:
    """Items with one thing in common: parameters are `size` loadings, then `size` unique variances."""

    def implied(at: Floats) -> Floats:
        return np.outer(at[:size], at[:size]) + np.diag(at[size:])

    def slopes(at: Floats) -> Floats:
        unit = np.eye(size)
        along = np.einsum("pi,j->pij", unit, at[:size])
        return np.concatenate([along + along.transpose(0, 2, 1), np.einsum("pi,pj->pij", unit, unit)])

    return Structure(implied, slopes)


def one_factor_start(covariance: Floats) -> Floats:
    """A first guess: the main direction of the correlations, shrunk."""
    spread = np.sqrt(np.diag(covariance))
    weights, directions = np.linalg.eigh(_scaled(covariance))
    loadings = np.clip(0.9 * directions[:, -1] * math.sqrt(weights[-1]), -0.9, 0.9)
    loadings *= 1 if loadings.sum() >= 0 else -1
    return np.concatenate([loadings * spread, (1 - loadings**2) * spread**2])


def one_factor_second_start(covariance: Floats) -> Floats:
    """Another first guess, of equal loadings: for weak scales that the first leads to a variance under nought."""
    spread = np.sqrt(np.diag(covariance))
    signs = np.where(np.linalg.eigh(_scaled(covariance))[1][:, -1] < 0, -1.0, 1.0)
    signs *= 1 if signs.sum() >= 0 else -1
    return np.concatenate([0.7 * signs * spread, 0.51 * spread**2])


def second_order(group_of: NDArray[np.int64]) -> Structure:
    """One factor in each group of items, and a general one behind these.

    Parameters are the loadings of the items on their factor, the loadings of the factors (of variance 1) on the
    general one, and the unique variances.
    """
    size, groups = len(group_of), int(group_of.max()) + 1
    member = np.eye(groups)[group_of]

    def between(at: Floats) -> Floats:
        general = at[size : size + groups]
        factors = np.outer(general, general)
        np.fill_diagonal(factors, 1.0)
        return factors

    def implied(at: Floats) -> Floats:
        pattern = member * at[:size, None]
        return pattern @ between(at) @ pattern.T + np.diag(at[size + groups :])

    def slopes(at: Floats) -> Floats:
        pattern, general, unit = member * at[:size, None], at[size : size + groups], np.eye(size)
        along = np.einsum("pi,pj->pij", unit, member @ between(at) @ pattern.T)
        lean = np.eye(groups)[:, :, None] * general[None, None, :]
        lean = lean + lean.transpose(0, 2, 1)
        lean[:, np.arange(groups), np.arange(groups)] = 0.0
        return np.concatenate(
            [along + along.transpose(0, 2, 1), pattern @ lean @ pattern.T, np.einsum("pi,pj->pij", unit, unit)]
        )

    return Structure(implied, slopes)


def second_order_start(covariance: Floats, group_of: NDArray[np.int64]) -> Floats:
    """A first guess: each group's main direction, and the correlations between these."""
    size = len(group_of)
    loadings, unique = np.empty(size), np.empty(size)
    for group in range(int(group_of.max()) + 1):
        own = np.flatnonzero(group_of == group)
        part = one_factor_start(covariance[np.ix_(own, own)])
        loadings[own], unique[own] = part[: len(own)], part[len(own) :]
    general = np.full(int(group_of.max()) + 1, 0.6)
    return np.concatenate([loadings, general, unique])
