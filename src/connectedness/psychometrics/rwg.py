"""How far the members of each group agree, against answers drawn at random."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.declare.instrument import Instrument
from connectedness.psychometrics.facts_answers import Answers, find_items, read_answers
from connectedness.psychometrics.icc import group_codes, groups_of

# Why a figure is null.
ONE_MEMBER = "one_member"
NO_COMPLETE = "no_complete_answers"


def rwg(
    frame: pd.DataFrame, instrument: Instrument | str, groups: pd.Series | Hashable | Sequence[Any]
) -> pd.DataFrame:
    """Agreement rwg(j) of each group on each scale.

    Parameters
    ----------
    frame, instrument, groups
        As in `icc`.

    Returns
    -------
    DataFrame
        One row per scale and group: `scale`, `group`, `n` members who answered every item, `rwg_j`; `reason`: null,
        or why `rwg_j` is: `one_member`, `no_complete_answers`.

    Notes
    -----
    With s2 the mean over the J items of the variance within the group, and e2 = (A^2 - 1) / 12 the variance of
    answers drawn evenly from the A options: J (1 - s2/e2) / (J (1 - s2/e2) + s2/e2); 1 where all answer alike, and
    0 where they differ more than at random. James, Demaree & Wolf (1984), doi 10.1037/0021-9010.69.1.85. In R,
    `multilevel::rwg.j(items, group, ranvar = (A^2 - 1) / 12)`. Students seldom use all options evenly, so the even
    null flatters: read it as an upper bound (LeBreton & Senter 2008, doi 10.1177/1094428106296642).
    """
    known, columns = find_items(frame, instrument)
    codes, names = group_codes(groups_of(frame, groups))
    tables = []
    for scale in known.scales:
        n, agreement = rwg_of(read_answers(frame, columns, known, scale.items), codes, len(names))
        table = pd.DataFrame({"scale": scale.id, "group": names, "n": n, "rwg_j": agreement, "reason": why_no_rwg(n)})
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def rwg_of(answers: Answers, codes: NDArray[np.intp], n_groups: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Members with complete answers, and rwg(j), of each group; null under two members."""
    there = answers.complete & (codes >= 0)
    code, size = codes[there], len(answers.items)
    n = np.bincount(code, minlength=n_groups)
    width = answers.highest + 1
    squares = np.zeros(n_groups)
    level = np.arange(width, dtype=float)
    for row in answers.categories:
        # Counts by group and category hold all there is to know of one item.
        counts = np.bincount(code * width + row[there], minlength=n_groups * width).reshape(n_groups, width)
        with np.errstate(divide="ignore", invalid="ignore"):
            squares += counts @ level**2 - (counts @ level) ** 2 / n
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.minimum(squares / (n - 1) / size / ((width**2 - 1) / 12), 1.0)
        agreement = size * (1 - share) / (size * (1 - share) + share)
    return n, np.where(n > 1, agreement, np.nan)


def why_no_rwg(n: NDArray[np.int64]) -> pd.Series:
    """Why each group has no rwg(j); null where it has one."""
    return pd.Series(np.select([n == 0, n == 1], [NO_COMPLETE, ONE_MEMBER], ""), dtype="str").replace("", None)
