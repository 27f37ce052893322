"""Warm's weighted likelihood estimate of theta: where his equation crosses zero, for many persons at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from connectedness.itemresponse import (
    NO_ANSWER,
    Categories,
    Floats,
    Model,
    checked,
    chosen,
    curves,
    expected,
    in_pieces,
    patterns,
    who_answered,
)

# A step of theta smaller than this ends the search; a secant step leaves far less than itself.
_CLOSE = 1e-8
_MOST_ROUNDS = 60
# Beyond this exponent a category's odds would overflow; an item so far off has no say in theta left.
_LARGEST_EXPONENT = 300.0


def wle(categories: NDArray[np.integer], model: Model) -> tuple[Floats, Floats]:
    """Warm's weighted likelihood estimates.

    Parameters
    ----------
    categories : array of int, (persons, items)
        Categories from 0; -1 for no answer. Any pattern of missing answers.
    model : Model
        Items in the order of the columns.

    Returns
    -------
    theta, se : arrays of float64, (persons,)
        NaN for a person without any answer; finite for everybody else, with all answers lowest or highest too.
        `se` is 1 / sqrt(I), the Fisher information I of the answered items taken at the estimate.

    Raises
    ------
    ContractError
        When the categories do not fit the model.

    Notes
    -----
    Warm (1989), doi 10.1007/BF02294627: the theta at which

        sum of l'(theta) over answers  +  J(theta) / (2 I(theta))  =  0,

    with I the sum of P'^2 / P and J the sum of P' P'' / P over the categories of the answered items. Where the
    equation has several roots (few items, steps far apart), the one that the integral of its left side makes
    highest; of two equally high, either. Solved to about 1e-10.
    In R: ``TAM::IRT.factor.scores(type = "WLE")``, ``mirt::fscores(method = "WLE")``.
    """
    rows, which = patterns(checked(categories, model), model.n_categories)
    theta, se = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    grid = _grid(model)
    for piece in in_pieces(len(rows)):
        at = np.flatnonzero((rows[piece] != NO_ANSWER).any(axis=1)) + piece.start
        theta[at], se[at] = _solve(rows[at], model, grid)
    return (theta, se) if which is None else (theta[which], se[which])


@dataclass(frozen=True)
class _Grid:
    """Tables of the items over thetas wide enough to hold every root, and close enough to tell roots apart.

    `common` is the score of category 0, the same for all who answered an item. What another category adds to it
    stands in `rest`, integrated from the first theta: where Warm's left side integrates to most, there is his root.
    """

    theta: Floats
    common: Floats
    rest: Floats
    information: Floats
    bias: Floats


def _grid(model: Model) -> _Grid:
    low, high = _reach(model)
    nodes = int(np.clip(np.ceil(3 * (high - low) * max(1.0, model.slopes.max() / 2)), 40, 400))
    theta = np.linspace(low, high, nodes + 1)
    tables = curves(model, theta)
    common = tables.score[:, 0]
    rest = (tables.score - common[:, None]) * model.is_category()[:, :, None]
    return _Grid(theta, common, _integral(rest.reshape(-1, len(theta)), theta), tables.information, tables.bias)


def _integral(height: Floats, theta: Floats) -> Floats:
    """Trapezoids, from the first theta to each."""
    steps = np.cumsum((height[:, 1:] + height[:, :-1]) / 2, axis=1) * (theta[1] - theta[0])
    return np.concatenate([np.zeros_like(height[:, :1]), steps], axis=1)


def _reach(model: Model) -> tuple[float, float]:
    """Two thetas that every root lies between.

    Where every expected category is this near the lowest, J / 2I, which tends to half a slope or more, outweighs
    the expected score; at the other end it is the same from above.
    """
    near = model.slopes.min() / (8 * model.n_items * model.slopes)
    ends = []
    for sign in (-1.0, 1.0):
        at = sign
        while True:
            mean = expected(model, np.array([at]))[0][:, 0]
            if ((mean if sign < 0 else model.steps - mean) < near).all():
                break
            at *= 1.25
        ends.append(at)
    return ends[0], ends[1]


def _solve(rows: Categories, model: Model, grid: _Grid) -> tuple[Floats, Floats]:
    """Estimates and standard errors of persons who answered something."""
    sets, which = who_answered(rows)
    has = sets.astype(float)
    common = has @ grid.common + (has @ grid.bias) / (2 * (has @ grid.information))
    climbed = _integral(common, grid.theta)[which]
    if model.kind == "grm":
        climbed += chosen(rows, model.n_categories) @ grid.rest
    else:
        # In a partial credit model the rest is the same at every theta: slope times category.
        climbed += np.outer(np.maximum(rows, 0) @ model.slopes, grid.theta - grid.theta[0])
    top = np.clip(climbed.argmax(axis=1), 1, len(grid.theta) - 2)
    before, here, after = (climbed[np.arange(len(rows)), top + step] for step in (-1, 0, 1))
    width = grid.theta[1] - grid.theta[0]
    # A parabola through the highest three gives a start, and a slope for the first step.
    bend = np.minimum(before - 2 * here + after, -1e-12)
    start = grid.theta[top] + width * np.clip((before - after) / (2 * bend), -0.9, 0.9)
    return _search(_Equation(rows, model), start, bend / width**2, (grid.theta[top - 1], grid.theta[top + 1]))


def _search(equation: _Equation, start: Floats, slope: Floats, ends: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Secant steps that may not leave a shrinking bracket; halving where one would."""
    theta, se, active = start.copy(), np.empty_like(start), np.arange(len(start))
    at, before, height_before, (low, high) = start, start, np.zeros_like(start), ends
    for number in range(_MOST_ROUNDS):
        height, information = equation.at(at, active)
        se[active] = 1 / np.sqrt(information)
        if number:
            slope = (height - height_before) / (at - before)
        # Fisher's slope where rounding left no downward one.
        slope = np.where(slope < 0, slope, -information)
        low, high = np.where(height > 0, at, low), np.where(height > 0, high, at)
        new = at - height / slope
        new = np.where((new >= low) & (new <= high), new, (low + high) / 2)
        theta[active] = new
        going = np.abs(new - at) > _CLOSE
        if not going.any():
            break
        active, slope, low, high = active[going], slope[going], low[going], high[going]
        before, height_before, at = at[going], height[going], new[going]
    return theta, se


class _Equation:
    """Left side of Warm's equation and the information, each person at a theta of their own."""

    def __init__(self, rows: Categories, model: Model) -> None:
        self.model = model
        self.has = np.ascontiguousarray((rows != NO_ANSWER).T.astype(float))
        self.category = np.ascontiguousarray(np.maximum(rows, 0).T.astype(np.intp))
        self.earned = model.slopes @ self.category
        steps = np.maximum(model.steps, 1)
        # Thetas are measured from the middle of an item's thresholds, so that odds stay near 1.
        centres = np.nansum(model.thresholds, axis=1) / steps
        self.slope, self.shift = model.slopes[:, None], (model.slopes * centres)[:, None]
        self.limit = (_LARGEST_EXPONENT / steps)[:, None]
        away = model.slopes[:, None] * (centres[:, None] - model.thresholds)
        if model.kind == "grm":
            self.weights = np.nan_to_num(np.exp(away), nan=0.0)
        else:
            self.weights = _moment_weights(model, away)

    def at(self, theta: Floats, who: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Heights and informations of the persons `who` at `theta`."""
        every = len(who) == self.has.shape[1]
        odds = self.slope * theta
        odds -= self.shift
        np.minimum(odds, self.limit, out=odds)
        np.exp(odds, out=odds)
        # No odds of leaving category 0: an item without an answer then adds nothing anywhere.
        odds *= self.has if every else self.has[:, who]
        if self.model.kind == "grm":
            score, information, bias = self._graded(odds, self.category if every else self.category[:, who])
        else:
            score, information, bias = self._partial(odds, self.earned if every else self.earned[who])
        return score + bias / (2 * information), information

    def _partial(self, odds: Floats, earned: Floats) -> tuple[Floats, Floats, Floats]:
        """Sums over items of the category's moments about its mean, for partial credit."""
        powers = np.empty((len(odds), self.weights.shape[2], odds.shape[1]))
        powers[:, 0] = 1.0
        for k in range(1, powers.shape[1]):
            np.multiply(powers[:, k - 1], odds, out=powers[:, k])
        sums = self.weights @ powers
        sums[:, 1:] /= sums[:, :1]
        mean, second, third = sums[:, 1], sums[:, 2], sums[:, 3]
        square = mean * mean
        third -= mean * (3 * second - 2 * square)
        second -= square
        return earned - mean.sum(axis=0), second.sum(axis=0), third.sum(axis=0)

    def _graded(self, odds: Floats, category: NDArray[np.intp]) -> tuple[Floats, Floats, Floats]:
        """Sums over items of score, information and bias, for graded response."""
        above = np.zeros((len(odds), self.weights.shape[1] + 2, odds.shape[1]))
        above[:, 0] = 1.0
        np.multiply(self.weights[:, :, None], odds[:, None], out=above[:, 1:-1])
        above[:, 1:-1] /= 1 + above[:, 1:-1]
        score = self.slope[:, :, None] * (1 - above[:, :-1] - above[:, 1:])
        turn = self.slope[:, :, None] ** 2 * above * (1 - above) * (1 - 2 * above)
        information = ((above[:, :-1] - above[:, 1:]) * score**2).sum(axis=(0, 1))
        bias = (score * (turn[:, :-1] - turn[:, 1:])).sum(axis=(0, 1))
        own = np.take_along_axis(score, category[:, None], axis=1)[:, 0]
        return own.sum(axis=0), information, bias


def _moment_weights(model: Model, away: Floats) -> Floats:
    """For each item the four rows that turn powers of the odds into the sums of P, aP, a^2 k^2 P and a^3 k^3 P."""
    logs = np.concatenate([np.zeros((model.n_items, 1)), np.cumsum(away, axis=1)], axis=1)
    weights = np.nan_to_num(np.exp(logs), nan=0.0)
    earned = model.slopes[:, None] * np.arange(model.n_categories)
    return weights[:, None] * earned[:, None] ** np.arange(4)[:, None]
