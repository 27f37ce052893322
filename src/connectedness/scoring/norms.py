"""Scores against declared norms: z, and T with mean 50 and standard deviation 10."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from connectedness.declare.norms import Norm

Floats = NDArray[np.float64]


def z_score(values: Floats, norm: Norm) -> Floats:
    """Standard deviations above the mean of the norm's population: z = (x - mean) / sd."""
    return (values - norm.mean) / norm.sd


def t_score(values: Floats, norm: Norm) -> Floats:
    """T score, T = 50 + 10 z: the population has mean 50 and standard deviation 10. R: ``50 + 10 * (x - m) / s``."""
    return 50 + 10 * z_score(values, norm)


def norm_facts(norm: Norm) -> dict[str, Any]:
    """What travels with a table of scores, so that its norm is known."""
    return norm.model_dump()
