"""Response models of item response theory in numbers: which category a person of a given theta chooses.

Scoring and psychometrics both stand on this, so it belongs to neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.answers import ANSWERED, as_codes, item_key, places
from connectedness.declare.instrument import Instrument
from connectedness.declare.parameters import Parameters
from connectedness.errors import ContractError

Floats = NDArray[np.float64]
Categories = NDArray[np.int8]
NO_ANSWER = -1
# Persons worked on at once: their tables then stay in a processor's cache.
_AT_ONCE = 2048


@dataclass(frozen=True)
class Model:
    """Items of a scale: their kind, slopes a (items,), thresholds b (items, steps), NaN past an item's last step."""

    kind: str
    slopes: Floats
    thresholds: Floats

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return len(self.slopes)

    @cached_property
    def steps(self) -> NDArray[np.int64]:
        """Steps of each item, one fewer than its categories."""
        return np.isfinite(self.thresholds).sum(axis=1)

    @property
    def n_categories(self) -> int:
        """Categories of the item that has most."""
        return self.thresholds.shape[1] + 1

    def chances(self, theta: Floats) -> Floats:
        """Logarithm of the probability of each category, (items, categories, thetas); 0 past an item's last."""
        b = self.thresholds[:, :, None]
        x = self.slopes[:, None, None] * (theta - b)
        if self.kind == "grm":
            return _graded_chances(x, self.steps)
        # A missing step is never taken, and its logarithm is set to 0 below: a table is multiplied with noughts.
        logits = np.concatenate([np.zeros_like(x[:, :1]), np.cumsum(x, axis=1)], axis=1)
        logits = np.where(np.isnan(logits), -np.inf, logits)
        top = logits.max(axis=1, keepdims=True)
        logs = logits - (top + np.log(np.exp(logits - top).sum(axis=1, keepdims=True)))
        return np.where(np.isfinite(logs), logs, 0.0)

    def is_category(self) -> NDArray[np.bool_]:
        """Which categories an item has, (items, categories)."""
        return np.arange(self.n_categories) <= self.steps[:, None]


@dataclass(frozen=True)
class Curves:
    """What Warm's equation needs of each item at given thetas.

    `score` (items, categories, thetas): derivative of the log probability; `information` (items, thetas): Fisher's;
    `bias` (items, thetas): J of Warm (1989), the sum over categories of P' P'' / P.
    """

    score: Floats
    information: Floats
    bias: Floats


def curves(model: Model, theta: Floats) -> Curves:
    """Score, information and bias of every item at every theta."""
    p = np.exp(model.chances(theta)) * model.is_category()[:, :, None]
    a = model.slopes[:, None, None]
    if model.kind == "grm":
        above = _above(a * (theta - model.thresholds[:, :, None]))
        score = a * (1 - above[:, :-1] - above[:, 1:])
        turn = a**2 * above * (1 - above) * (1 - 2 * above)
        score = np.where(model.is_category()[:, :, None], score, 0.0)
        return Curves(score, (p * score**2).sum(axis=1), (score * (turn[:, :-1] - turn[:, 1:])).sum(axis=1))
    k = np.arange(model.n_categories)[:, None]
    away = k - (k * p).sum(axis=1, keepdims=True)
    return Curves(a * away, (p * (a * away) ** 2).sum(axis=1), (p * (a * away) ** 3).sum(axis=1))


def expected(model: Model, theta: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of each item's category at every theta, both (items, thetas)."""
    p = np.exp(model.chances(theta)) * model.is_category()[:, :, None]
    k = np.arange(model.n_categories)[:, None]
    mean = (k * p).sum(axis=1)
    return mean, ((k - mean[:, None]) ** 2 * p).sum(axis=1)


def _above(x: Floats) -> Floats:
    """P(X >= k) for k = 0 .. steps + 1 of a graded response model."""
    inner = np.nan_to_num(logistic(x), nan=0.0)
    one = np.ones_like(x[:, :1])
    return np.concatenate([one, inner, one * 0], axis=1)


def logistic(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def _graded_chances(x: Floats, steps: NDArray[np.int64]) -> Floats:
    # s(x) - s(y) = s(x) s(-y) (1 - exp(y - x)) keeps its digits where both are near 1.
    has, safe = ~np.isnan(x), np.nan_to_num(x)
    apart = has[:, 1:] & has[:, :-1]
    gap = np.log(-np.expm1(np.where(apart, safe[:, 1:] - safe[:, :-1], -1.0)))
    logs = np.zeros((x.shape[0], x.shape[1] + 1, x.shape[2]))
    logs[:, 1:] -= np.where(has, np.logaddexp(0, -safe), 0.0)
    logs[:, :-1] -= np.where(has, np.logaddexp(0, safe), 0.0)
    logs[:, 1:-1] += np.where(apart, gap, 0.0)
    logs[np.arange(x.shape[1] + 1) > steps[:, None]] = 0.0
    return logs


def model_of(parameters: Parameters, items: Sequence[str] | None = None) -> Model:
    """The numbers of declared parameters; items in the order given, by default that of the file."""
    names = list(parameters.items) if items is None else list(items)
    most = max(len(parameters.thresholds[name]) for name in names)
    thresholds = np.full((len(names), most), np.nan)
    for row, name in enumerate(names):
        own = parameters.thresholds[name]
        thresholds[row, : len(own)] = own
    return Model(parameters.model, np.array([parameters.items[name].slope for name in names]), thresholds)


def categories_of(
    frame: pd.DataFrame, columns: dict[str, str], instrument: Instrument, items: Sequence[str]
) -> Categories:
    """Category of each answer, (rows, items): points minus the lowest the item can earn; -1 where there is none."""
    found = np.full((len(frame), len(items)), NO_ANSWER, np.int8)
    for place, item in enumerate(items):
        if item not in columns:
            continue
        key, at = item_key(instrument, item), places(as_codes(frame[columns[item]], instrument))
        lowest = min(instrument.points(item).values())
        found[:, place] = np.where(key.kind == ANSWERED, key.points - lowest, NO_ANSWER).astype(np.int8)[at]
    return found


def checked(categories: NDArray[np.integer], model: Model) -> Categories:
    """The categories as int8, after a look at their shape and range.

    Raises
    ------
    ContractError
        When they are not one column per item, or hold a category that an item does not have.
    """
    given = np.asarray(categories)
    if given.ndim != 2 or given.shape[1] != model.n_items:
        raise ContractError(
            "the answers are not one column per item.",
            found=f"shape {given.shape}",
            allowed=f"(persons, {model.n_items})",
        )
    if not np.issubdtype(given.dtype, np.integer):
        raise ContractError("categories are whole numbers.", found=str(given.dtype), todo="Give -1 for no answer.")
    if len(given) and ((given.min(axis=0) < NO_ANSWER) | (given.max(axis=0) > model.steps)).any():
        raise ContractError(
            "a category stands where its item has none such.",
            allowed="0 to the number of the item's steps, and -1 for no answer",
        )
    return given.astype(np.int8, copy=False)


def patterns(categories: Categories, n_categories: int) -> tuple[Categories, NDArray[np.intp] | None]:
    """Distinct rows, and for each row which of them it is; all rows and None where a row does not fit 63 bits."""
    base = n_categories + 1
    if base ** categories.shape[1] >= 2**63 or len(categories) == 0:
        return categories, None
    packed = np.zeros(len(categories), np.int64)
    for column in categories.T:
        packed *= base
        packed += column + 1
    _, first, which = np.unique(packed, return_index=True, return_inverse=True)
    return categories[first], which


def in_pieces(n: int) -> Iterator[slice]:
    """Slices that cover n persons."""
    return (slice(start, min(start + _AT_ONCE, n)) for start in range(0, n, _AT_ONCE))


def chosen(categories: Categories, n_categories: int) -> Floats:
    """One column per item and category, 1 where it was chosen: a table times this sums over a person's answers."""
    n, n_items = categories.shape
    marks = np.zeros((n, n_items * n_categories))
    rows, items = np.nonzero(categories != NO_ANSWER)
    marks[rows, items * n_categories + categories[rows, items]] = 1.0
    return marks


def who_answered(categories: Categories) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Distinct sets of items answered, (sets, items), and for each row which of them it is."""
    answered = categories != NO_ANSWER
    bits = np.ascontiguousarray(np.packbits(answered, axis=1))
    _, first, which = np.unique(bits.view(f"V{bits.shape[1]}")[:, 0], return_index=True, return_inverse=True)
    return answered[first], which
