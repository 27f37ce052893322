"""What a check of a scale's direction found."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Check = Literal["labels", "one_item", "whole_scale", "last_wave"]
Verdict = Literal["stop", "overridden", "caution", "ok", "not_checked"]

CONFIDENCE = 0.99
# A correlation over fewer respondents than this stops nothing: Fisher's interval is not to be trusted there.
FEWEST = 30
FEWEST_FOR_ITEM = 100


@dataclass(frozen=True)
class Finding:
    """One check of one scale, or of one of its items.

    `cause` is a word for programs (it picks the sentence in another language); `sentence` is for people. `low` and
    `high` are the 99% limits of `statistic`. `other` is the scale, anchor or wave that the scale was held against.
    """

    check: Check
    scale: str
    item: str | None
    verdict: Verdict
    cause: str
    sentence: str
    statistic: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    other: str | None = None


@dataclass(frozen=True)
class Correlation:
    """A correlation over the pairs that are there, with the 99% limits of Fisher's z; null where there is none."""

    n: int
    r: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str | None = None


def correlate(one: NDArray[np.float64], other: NDArray[np.float64]) -> Correlation:
    """Pearson's r and tanh(atanh r -/+ z / sqrt(n - 3)), Fisher (1921); in R, `cor.test(conf.level = 0.99)`."""
    both = np.isfinite(one) & np.isfinite(other)
    x, y = one[both], other[both]
    n = int(both.sum())
    if n < 4:
        return Correlation(n, reason="too_few")
    if x.min() == x.max() or y.min() == y.max():
        return Correlation(n, reason="constant")
    r = float(np.clip(np.corrcoef(x, y)[0, 1], -1.0, 1.0))
    if abs(r) > 1 - 1e-12:
        return Correlation(n, r, r, r)
    reach = float(norm.ppf(0.5 + CONFIDENCE / 2)) / math.sqrt(n - 3)
    return Correlation(n, r, math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach))


def why_not(reason: str | None, n: int) -> str:
    """Why a correlation could not be computed, in words."""
    if reason == "constant":
        return "everybody gave the same answers"
    return f"only {n} respondents answered both" if n else "nobody answered both"
