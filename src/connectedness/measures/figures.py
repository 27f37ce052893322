"""The statistics themselves: one figure per cell, for a measure at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from connectedness.measures.cells import Cells, Ints
from connectedness.measures.intervals import Floats, share_error, t_interval, wilson
from connectedness.measures.wanted import RESPONSE_RATE

# All answers alike: summing floats may leave this much. The smallest true SD, one student of a million a step away
# on a scale of ten items, is a hundred thousand times larger.
_NO_SPREAD = 1e-9


@dataclass(frozen=True)
class Figure:
    """A measure over all cells of one unit type and breakdown; every array has shape (cells,)."""

    measure: str
    method: str
    n: Ints
    value: Floats
    se: Floats
    low: Floats
    high: Floats
    status: NDArray[Any]


@dataclass(frozen=True)
class Moments:
    """Number of students with a score, their mean (NaN if none) and SD (NaN under two; n - 1), per cell."""

    n: Ints
    mean: Floats
    sd: Floats


def moments(values: Floats, cells: Cells) -> Moments:
    """Moments of a score column, shape (respondents,), NaN where there is no score; in two passes, for precision."""
    scored = ~np.isnan(values)
    n = cells.count(scored)
    mean = cells.total(values, scored) / np.where(n > 0, n, np.nan)
    squares = cells.total((values - mean[cells.of]) ** 2, scored)
    sd = np.sqrt(squares / np.where(n > 1, n - 1, np.nan))
    return Moments(n, mean, np.where(sd < _NO_SPREAD, 0.0, sd))


def mean_figure(measure: str, found: Moments, *, shares: bool = False) -> Figure:
    """Mean over students, with its t interval.

    Limits of a mean of shares stay within 0 and 1, where the truth must lie. One student alone has no interval, and
    neither have students who all score alike (see `t_interval`): status `one_answer`.
    """
    se = found.sd / np.sqrt(np.where(found.n > 0, found.n, np.nan))
    low, high = t_interval(found.mean, se, found.n)
    if shares:
        low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    return Figure(measure, "t", found.n, found.mean, se, low, high, status_of(found.n, np.isnan(low)))


def sd_figure(measure: str, found: Moments) -> Figure:
    """Standard deviation over students (n - 1), without an interval; of one student there is none."""
    none = np.full(len(found.n), np.nan)
    return Figure(measure, "sd", found.n, found.sd, none, none, none, status_of(found.n, np.isnan(found.sd)))


def share_figure(measure: str, chosen: Ints, answered: Ints) -> Figure:
    """Share of those who answered that chose, with Wilson's interval."""
    share = chosen / np.where(answered > 0, answered, np.nan)
    low, high = wilson(share, answered)
    status = status_of(answered, np.isnan(low))
    return Figure(measure, "wilson", answered, share, share_error(share, answered), low, high, status)


def rate_figure(cells: Cells) -> Figure:
    """Respondents per eligible student; null with status `no_roster` where nobody knows how many were asked."""
    none = np.full(len(cells), np.nan)
    asked = none if cells.eligible is None else np.where(cells.eligible > 0, cells.eligible, np.nan)
    status = np.where(cells.respondents == 0, "no_answers", np.where(np.isnan(asked), "no_roster", "ok"))
    return Figure(RESPONSE_RATE, "ratio", cells.respondents, cells.respondents / asked, none, none, none, status)


def status_of(n: Ints, no_interval: NDArray[np.bool_]) -> NDArray[Any]:
    """`no_answers` of nobody, else `one_answer` where an interval was due and there is none, else `ok`."""
    return np.where(n == 0, "no_answers", np.where(no_interval, "one_answer", "ok"))
