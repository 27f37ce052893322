"""Signs of careless answering that are counted row by row: runs of one answer, answers repeated whole."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Codes = NDArray[np.int16]


def longest_run(
    codes: Codes,
    answered: NDArray[np.bool_],
    asked: NDArray[np.bool_],
    block: NDArray[np.int64],
    negative: NDArray[np.bool_],
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Longest run of one stored code, and the longest that holds items of both polarities.

    Parameters
    ----------
    codes, answered, asked : array, respondents x items
        Items in the order they are presented. An item that was not asked is passed over; one that was skipped ends
        a run.
    block : array, items
        Number of each item's set of options; a run does not go on from one set to another.
    negative : array, items
        Whether agreeing means less of the scale.

    Notes
    -----
    Johnson (2005), doi 10.1016/j.jrp.2004.09.009. In R, `careless::longstring` gives the first.
    """
    n = len(codes)
    last, length = np.zeros(n, np.int16), np.zeros(n, np.int16)
    polarities, longest, mixed = np.zeros(n, np.int8), np.zeros(n, np.int16), np.zeros(n, np.int16)
    for at in range(codes.shape[1]):
        if at and block[at] != block[at - 1]:
            length[:] = 0
        here, there = asked[:, at], answered[:, at]
        goes_on = there & (length > 0) & (codes[:, at] == last)
        own = np.int8(2 if negative[at] else 1)
        length = np.where(here, np.where(goes_on, length + 1, there), length).astype(np.int16)
        polarities = np.where(here, np.where(goes_on, polarities | own, own), polarities).astype(np.int8)
        last = np.where(here, codes[:, at], last)
        np.maximum(longest, length, out=longest)
        np.maximum(mixed, np.where(polarities == 3, length, 0), out=mixed)
    return longest, mixed


def count_equal_rows(codes: Codes) -> NDArray[np.int64]:
    """How many rows hold exactly the same codes as each row, itself included."""
    if not codes.size:
        return np.zeros(len(codes), np.int64)
    group, first = _group_by_number(codes)
    if not (codes == codes[first[group]]).all():
        # Two different rows came to one number, once in about 10^13 tables of a million rows: compare them whole.
        group = np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1)
    return np.bincount(group)[group]


def _group_by_number(codes: Codes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Group of each row by one number made of its codes, and the first row of each group."""
    drawn = np.random.default_rng(20).integers(1, 2**63, codes.shape[1], dtype=np.uint64)
    odd: NDArray[np.uint64] = np.bitwise_or(drawn, np.uint64(1))
    number = np.zeros(len(codes), np.uint64)
    for at, factor in enumerate(odd):
        number = (number ^ codes[:, at].astype(np.uint64)) * factor
        number ^= number >> np.uint64(31)
    group, seen = pd.factorize(number)
    first = np.zeros(len(seen), np.intp)
    first[group[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return group, first
