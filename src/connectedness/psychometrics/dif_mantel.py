"""Mantel's test of ordered answers and the standardised mean difference, over strata of equal scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MantelTest:
    """Chi-square with one degree of freedom, its p, and the focal group's difference in points."""

    chi_square: float
    p: float
    smd: float
    n_strata: int
    reason: str | None = None


def mantel_test(reference: Floats, focal: Floats, points: Floats) -> MantelTest:
    """Compare two groups' answers to an item among respondents of equal score.

    Parameters
    ----------
    reference, focal : array, strata x categories
        How many of each group chose each category.
    points : array, categories
        Points of each category.

    Returns
    -------
    MantelTest
        `smd` is below 0 when the focal group answers lower than equals in the reference group. `reason` is
        `no_common_scores` when no stratum holds both groups, `constant` when nobody differs within any stratum.

    Notes
    -----
    Mantel (1963), doi 10.1080/01621459.1963.10500879: F = sum of the focal group's points,
    chi2 = (sum F_k - sum E F_k)^2 / sum Var F_k, without continuity correction, with
    E F_k = n_Fk sum_t y_t n_tk / n_k and
    Var F_k = n_Rk n_Fk / (n_k^2 (n_k - 1)) (n_k sum_t y_t^2 n_tk - (sum_t y_t n_tk)^2).
    SMD = sum_k p_k (mean_Fk - mean_Rk), p_k = n_Fk / sum n_Fk over strata that hold both groups: Dorans & Kulick
    (1986), doi 10.1111/j.1745-3984.1986.tb00255.x. In R: `mantelhaen.test` gives the chi-square for a 2 x 2 x K table
    (`correct = FALSE`); for more categories, `vcdExtra::CMHtest` (row cmeans).
    """
    both = (reference.sum(axis=1) > 0) & (focal.sum(axis=1) > 0)
    if not both.any():
        return MantelTest(np.nan, np.nan, np.nan, 0, "no_common_scores")
    reference, focal = reference[both], focal[both]
    n_r, n_f = reference.sum(axis=1), focal.sum(axis=1)
    n, every = n_r + n_f, reference + focal
    total, squares = every @ points, every @ points**2
    variance = (n_r * n_f / (n**2 * (n - 1)) * (n * squares - total**2)).sum()
    smd = float((n_f / n_f.sum()) @ (focal @ points / n_f - reference @ points / n_r))
    if variance <= 0:
        return MantelTest(np.nan, np.nan, smd, len(n), "constant")
    value = float(((focal @ points).sum() - (n_f * total / n).sum()) ** 2 / variance)
    return MantelTest(value, float(chi2.sf(value, 1)), smd, len(n))
