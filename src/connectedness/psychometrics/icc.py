"""How alike the members of a group score: the intraclass correlation, and how far a group's mean can be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import f

from connectedness.declare.instrument import Instrument
from connectedness.errors import ContractError
from connectedness.psychometrics.confidence import must_be_level
from connectedness.psychometrics.facts_answers import find_items, read_answers

Floats = NDArray[np.float64]
Limits = tuple[float, float]

# Why a figure is null.
NO_SCORES = "no_scores"
ONE_GROUP = "one_group"
NO_GROUP_OF_TWO = "no_group_of_two"
CONSTANT_SCORES = "constant_scores"
EQUAL_MEANS = "equal_means"
# Why `icc1` gives no number of members.
NO_DIFFERENCE = "no_difference_between_groups"
# Why members needed have no upper limit: the lower limit of ICC(1) is not above 0.
NO_UPPER_LIMIT = "no_upper_limit"


@dataclass(frozen=True)
class Anova:
    """One-way analysis of variance of scores over groups of any sizes."""

    between: float  # mean square between groups
    within: float  # mean square within groups
    n: int
    n_groups: int
    size: float  # the size that stands for unequal ones: (n - sum of squared sizes / n) / (groups - 1)

    @property
    def ratio(self) -> float:
        """F of the analysis; infinite where nobody differs from their group's mean."""
        return self.between / self.within if self.within > 0 else math.inf

    def icc1(self, size: float | None = None) -> float:
        """(MSB - MSW) / (MSB + (size - 1) MSW)."""
        size = self.size if size is None else size
        return (self.between - self.within) / (self.between + (size - 1) * self.within)

    @property
    def icc2(self) -> float:
        """(MSB - MSW) / MSB."""
        return (self.between - self.within) / self.between

    def icc1_interval(self, level: float) -> Limits:
        """Limits of ICC(1)."""
        return _both(self._ratios(level), lambda ratio: _icc1_of(ratio, self.size))

    def icc2_interval(self, level: float) -> Limits:
        """Limits of ICC(2)."""
        return _both(self._ratios(level), lambda ratio: 1 - 1 / ratio)

    def _ratios(self, level: float) -> Limits:
        first, second, tail = self.n_groups - 1, self.n - self.n_groups, (1 - level) / 2
        return self.ratio / float(f.isf(tail, first, second)), self.ratio / float(f.ppf(tail, first, second))


def icc(
    frame: pd.DataFrame,
    instrument: Instrument | str,
    groups: pd.Series | Hashable | Sequence[Any],
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Intraclass correlations of each scale's score, and how many members a trustworthy group mean needs.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent; columns named by item id or by the instrument's variable names, holding its codes.
    instrument : Instrument or str
        An instrument, or the name of one that ships.
    groups : Series, list, array or name of a column
        The group (school, class) of each row. A Series is taken row by row, whatever its index. Rows without a group
        are left out.
    level : float
        Confidence of the intervals.

    Returns
    -------
    DataFrame
        One row per scale:

        - `scale`, `n` respondents with a score and a group, `n_groups`, `group_size` (the size that stands for
          unequal ones);
        - `icc1`, `icc1_low`, `icc1_high`: the share of the scores' variance that lies between groups; it can come
          out under 0;
        - `icc1_mean_size`: the same with the plain mean size in place of `group_size`;
        - `icc2`, `icc2_low`, `icc2_high`: reliability of a group's mean at that size;
        - `n_for_70`, `n_for_80`, with `_low` and `_high`: members needed for a reliability of the mean of 0.70 and
          0.80, rounded up;
        - `reason`: null, or why those are null: `no_scores`, `one_group`, `no_group_of_two`, `constant_scores`;
          `equal_means` (groups' means are equal, so ICC(2) is not a number); `no_difference_between_groups`
          (ICC(1) is not above 0, so no number of members is enough); `no_upper_limit` (nothing is null
          but `n_for_..._high`, since ICC(1) may be 0).

    Raises
    ------
    ContractError
        When the table holds none of the items or no such column of groups, or the groups are not one for each row.
    DeclarationError
        When the instrument or the confidence is not one that can be.

    Notes
    -----
    The score is the mean of the answered items, where at least the scale's `min_answered` are. With mean squares of a
    one-way analysis of variance over J groups of sizes n_j, n = sum n_j, and n0 = (n - sum n_j^2 / n) / (J - 1):
    ICC(1) = (MSB - MSW) / (MSB + (n0 - 1) MSW), ICC(2) = (MSB - MSW) / MSB: Bliese (2000), in Klein & Kozlowski
    (eds), Multilevel theory, research, and methods in organizations; n0 after Donner (1986), doi 10.2307/1403259.
    Limits put F / F-quantile in the place of F: exact for equal sizes, close for unequal ones (Donner).
    Spearman-Brown gives the members needed, R (1 - ICC1) / ((1 - R) ICC1).

    In R, `ICC::ICCest(CI.type = "THD")` for ICC(1), which has n0; `multilevel::ICC1` is `icc1_mean_size`;
    `multilevel::ICC2` is `icc2`.
    """
    must_be_level(level)
    known, columns = find_items(frame, instrument)
    codes, _ = group_codes(groups_of(frame, groups))
    rows = []
    for scale in known.scales:
        scores = read_answers(frame, columns, known, scale.items).means(scale.min_answered)
        rows.append({"scale": scale.id, **_icc_row(scores, codes, level)})
    return pd.DataFrame(rows).astype({"reason": "str"})


def groups_of(frame: pd.DataFrame, groups: pd.Series | Hashable | Sequence[Any]) -> pd.Series:
    """The group of each row, from a Series, a list or array, or the name of a column."""
    if isinstance(groups, Hashable) and not isinstance(groups, pd.Series):
        if groups not in frame.columns:
            raise ContractError("this table has no such column of groups.", column=str(groups))
        groups = frame[groups]
    found = groups if isinstance(groups, pd.Series) else pd.Series(np.asarray(groups, dtype=object))
    if len(found) != len(frame):
        raise ContractError(
            "the groups do not belong to this table.",
            found=f"{len(found)} groups",
            allowed=f"{len(frame)}, one for each row",
            todo="Give the group of every row, in the table's order, and a blank where a row has none.",
        )
    return found


def group_codes(groups: pd.Series) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """A number for each row's group (-1 for none), and the groups in order."""
    codes, names = pd.factorize(groups, sort=True)
    return codes, np.asarray(names, dtype=object)


def anova(scores: Floats, codes: NDArray[np.intp]) -> Anova | str:
    """Analysis of variance of the rows that have a score and a group; or why there is none."""
    there = ~np.isnan(scores) & (codes >= 0)
    y, code = scores[there], codes[there]
    if not len(y):
        return NO_SCORES
    sizes = np.bincount(code)
    n, n_groups = len(y), int((sizes > 0).sum())
    if n_groups < 2:
        return ONE_GROUP
    if n == n_groups:
        return NO_GROUP_OF_TWO
    y = y - y.mean()
    sums = np.bincount(code, weights=y)
    total, used = float(y @ y), sizes > 0
    between = float((sums[used] ** 2 / sizes[used]).sum())
    if total <= 1e-12 * max(1.0, float(np.abs(scores[there]).max())) ** 2:
        return CONSTANT_SCORES
    within = total - between if total - between > 1e-12 * total else 0.0
    between = between if between > 1e-12 * total else 0.0
    stands = (n - float((sizes.astype(float) ** 2).sum()) / n) / (n_groups - 1)
    return Anova(between / (n_groups - 1), within / (n - n_groups), n, n_groups, stands)


def members_needed(icc1: float, reliability: float) -> float:
    """Members for a reliability of the mean, rounded up; null where ICC(1) is not above 0. Spearman-Brown."""
    if not icc1 > 0:
        return math.nan
    # A trace of rounding must not ask for one more member.
    return max(1.0, float(math.ceil(round(reliability * (1 - icc1) / ((1 - reliability) * icc1), 9))))


def mean_reliability(icc1: float, sizes: NDArray[np.int64]) -> Floats:
    """Reliability of the mean of so many members, size ICC1 / (1 + (size - 1) ICC1): Spearman-Brown.

    An ICC(1) under 0 counts as 0. Null where nobody scored. `multilevel::gmeanrel` in R, which takes its ICC(1) from
    a mixed model.
    """
    share = max(icc1, 0.0)
    size = np.maximum(sizes, 1)
    return np.where(sizes > 0, size * share / (1 + (size - 1) * share), np.nan)


@dataclass(frozen=True)
class GroupFacts:
    """The intraclass figures of one scale: each value with its limits, or the reason why it is null."""

    n: int
    n_groups: int
    values: dict[str, tuple[float, float, float]]
    reasons: dict[str, str]


FIGURES = ("group_size", "icc1", "icc1_mean_size", "icc2", "n_for_70", "n_for_80")
_NOTHING = (math.nan, math.nan, math.nan)


def group_facts(scores: Floats, codes: NDArray[np.intp], level: float) -> GroupFacts:
    """All intraclass figures of one scale's scores."""
    there = codes[~np.isnan(scores) & (codes >= 0)]
    n_groups = int((np.bincount(there) > 0).sum()) if len(there) else 0
    found = anova(scores, codes)
    if isinstance(found, str):
        return GroupFacts(len(there), n_groups, dict.fromkeys(FIGURES, _NOTHING), dict.fromkeys(FIGURES, found))
    icc1, limits = found.icc1(), found.icc1_interval(level)
    values = dict.fromkeys(FIGURES, _NOTHING)
    reasons: dict[str, str] = {}
    values["group_size"] = (found.size, math.nan, math.nan)
    values["icc1"] = (icc1, *limits)
    values["icc1_mean_size"] = (found.icc1(found.n / n_groups), math.nan, math.nan)
    if found.between > 0:
        values["icc2"] = (found.icc2, *found.icc2_interval(level))
    else:
        reasons["icc2"] = EQUAL_MEANS
    for name, wanted in (("n_for_70", 0.7), ("n_for_80", 0.8)):
        # Few members are needed where ICC(1) is high, so the limits change places; with an ICC(1) of nought no number
        # is enough, and a limit there is null.
        few, needed, many = (members_needed(one, wanted) for one in (limits[1], icc1, limits[0]))
        values[name] = (needed, few, many)
        if math.isnan(needed):
            reasons[name] = NO_DIFFERENCE
        elif math.isnan(many):
            reasons[name] = NO_UPPER_LIMIT
    return GroupFacts(len(there), n_groups, values, reasons)


def _icc_row(scores: Floats, codes: NDArray[np.intp], level: float) -> dict[str, object]:
    facts = group_facts(scores, codes, level)
    row: dict[str, object] = {"n": facts.n, "n_groups": facts.n_groups}
    for name, (value, low, high) in facts.values.items():
        row[name] = value
        if name not in ("group_size", "icc1_mean_size"):
            row |= {f"{name}_low": low, f"{name}_high": high}
    # The first figure that is null says why; a missing upper limit alone is said last.
    return {**row, "reason": next(iter(facts.reasons.values()), None)}


def _icc1_of(ratio: float, size: float) -> float:
    return 1.0 if math.isinf(ratio) else (ratio - 1) / (ratio + size - 1)


def _both(ratios: Limits, turn: Callable[[float], float]) -> Limits:
    return turn(ratios[0]), turn(ratios[1])
