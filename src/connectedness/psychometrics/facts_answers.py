"""Answers to a scale as small categories, and everything one pass over them tells: counts and covariances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.answers import ANSWERED, NOT_ASKED, as_codes, find_columns, item_key, places
from connectedness.declare.instrument import Instrument
from connectedness.declare.registry import instrument_of

SKIP, UNASKED = -1, -2
_ROWS_AT_ONCE = 1 << 13
# Sums of products of categories up to this size, over that many rows, are whole numbers that float32 holds exactly.
_EXACT_IN_FLOAT32 = 15

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """The answers to some items of one range.

    `categories` is items x respondents: 0 for the answer that earns the lowest points, and so on; -1 no answer,
    -2 not asked. `lowest` are the points of category 0, `highest` is the top category.
    """

    items: tuple[str, ...]
    categories: NDArray[np.signedinteger]
    lowest: int
    highest: int

    @cached_property
    def answered(self) -> NDArray[np.int64]:
        """How many items each respondent answered."""
        return (self.categories >= 0).sum(axis=0)

    @cached_property
    def complete(self) -> NDArray[np.bool_]:
        """Which respondents answered every item."""
        return self.answered == len(self.items)

    @cached_property
    def n_complete(self) -> int:
        """How many respondents answered every item."""
        return int(self.complete.sum())

    @cached_property
    def whole(self) -> NDArray[np.signedinteger]:
        """Categories of those who answered every item."""
        return self.categories if self.complete.all() else self.categories[:, self.complete]

    @cached_property
    def frequencies(self) -> NDArray[np.int64]:
        """How often each category of each item was chosen: items x categories."""
        every = range(self.highest + 1)
        return np.array([[np.count_nonzero(row == category) for category in every] for row in self.categories])

    @cached_property
    def unasked(self) -> NDArray[np.int64]:
        """How many respondents were not asked each item."""
        return (self.categories == UNASKED).sum(axis=1)

    @cached_property
    def covariance(self) -> Floats:
        """Covariances over those who answered every item; null where fewer than two did."""
        total, cross = self._sums
        n = self.n_complete
        if n < 2:
            return np.full(cross.shape, np.nan)
        return (cross - np.outer(total, total) / n) / (n - 1)

    @property
    def complete_means(self) -> Floats:
        """Mean points of each item over those who answered every item."""
        return self.lowest + self._sums[0] / max(self.n_complete, 1)

    @cached_property
    def pairwise(self) -> tuple[Floats, Floats]:
        """Covariance of each two items over those who answered both, and how many these are."""
        size = len(self.items)
        n, sums, cross = (np.zeros((size, size)) for _ in range(3))
        for part in self._parts(self.categories):
            there = (part >= 0).astype(part.dtype)
            part = part * there
            n, sums, cross = n + there @ there.T, sums + part @ there.T, cross + part @ part.T
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(n > 1, (cross - sums * sums.T / n) / (n - 1), np.nan), n

    def joint_frequencies(self) -> NDArray[np.float64]:
        """How often two answers went together among those who answered every item.

        Items x categories x items x categories. Who chose a category is a row of bits; where two rows have a bit in
        common, somebody chose both.
        """
        size, width = len(self.items), self.highest + 1
        chosen = np.array([_bits(row == category) for row in self.whole for category in range(width)])
        counts = np.zeros((size * width, size * width))
        for place, row in enumerate(chosen):
            counts[place, : place + 1] = np.bitwise_count(chosen[: place + 1] & row).sum(axis=1, dtype=np.int64)
        counts = np.maximum(counts, counts.T)
        return counts.reshape(size, width, size, width)

    def variance_of_square(self, form: Floats) -> float:
        """Variance of x' form x over those who answered every item, x their points less the means."""
        pull = 2 * form @ (self._sums[0] / self.n_complete)
        total = squares = 0.0
        for start in range(0, self.n_complete, _ROWS_AT_ONCE):
            part = self.whole[:, start : start + _ROWS_AT_ONCE].astype(np.float64)
            one = ((form @ part - pull[:, None]) * part).sum(axis=0)
            total, squares = total + float(one.sum()), squares + float(one @ one)
        return max(0.0, squares / self.n_complete - (total / self.n_complete) ** 2)

    def means(self, min_answered: int) -> Floats:
        """Mean points of each respondent, null where fewer than `min_answered` items were answered."""
        total = np.maximum(self.categories, 0).sum(axis=0, dtype=np.int32)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.answered >= max(min_answered, 1), self.lowest + total / self.answered, np.nan)

    @cached_property
    def _sums(self) -> tuple[Floats, Floats]:
        size = len(self.items)
        total, cross = np.zeros(size), np.zeros((size, size))
        for part in self._parts(self.whole):
            total, cross = total + part.sum(axis=1, dtype=np.float64), cross + part @ part.T
        return total, cross

    def _parts(self, categories: NDArray[np.signedinteger]) -> Iterator[NDArray[np.floating]]:
        """Some respondents at a time, as floats."""
        dtype = np.float32 if self.highest <= _EXACT_IN_FLOAT32 else np.float64
        for start in range(0, categories.shape[1], _ROWS_AT_ONCE):
            yield categories[:, start : start + _ROWS_AT_ONCE].astype(dtype)


def _bits(there: NDArray[np.bool_]) -> NDArray[np.uint64]:
    packed = np.packbits(there)
    return np.pad(packed, (0, -len(packed) % 8)).view(np.uint64)


def read_answers(frame: pd.DataFrame, columns: dict[str, str], instrument: Instrument, items: Sequence[str]) -> Answers:
    """Answers to `items` in a table; an item without a column was asked of nobody."""
    points = instrument.points(items[0]).values()
    lowest, highest = min(points), max(points) - min(points)
    dtype = np.int8 if highest < 128 else np.int16
    categories = np.full((len(items), len(frame)), UNASKED, dtype)
    for row, item in zip(categories, items, strict=True):
        if item in columns:
            at = places(as_codes(frame[columns[item]], instrument))
            row[:] = _category_of_code(instrument, item, lowest, dtype)[at]
    return Answers(tuple(items), categories, lowest, highest)


def find_items(frame: pd.DataFrame, instrument: Instrument | str) -> tuple[Instrument, dict[str, str]]:
    """The instrument, and the column of each of its items that the table holds."""
    known = instrument_of(instrument)
    return known, find_columns(frame, known)


def _category_of_code(instrument: Instrument, item: str, lowest: int, dtype: type) -> NDArray[np.signedinteger]:
    key = item_key(instrument, item)
    unanswered = np.where(key.kind == NOT_ASKED, UNASKED, SKIP)
    return np.where(key.kind == ANSWERED, key.points - lowest, unanswered).astype(dtype)
