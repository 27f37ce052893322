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
    logistic,
    patterns,
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
    equation has several roots, the one that the integral of its left side makes highest. Solved to about 1e-10.
    In R: ``TAM::IRT.factor.scores(type = "WLE")``, ``mirt::fscores(method = "WLE")``.
    """
    rows, which = patterns(checked(categories, model), model.n_categories)
    theta, se = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    grid = _grid(model)
    for piece in in_pieces(len(rows)):
        answered = (rows[piece] != NO_ANSWER).any(axis=1)
        at = np.flatnonzero(answered) + piece.start
        theta[at], se[at] = _solve(rows[at], model, grid)
    return (theta, se) if which is None else (theta[which], se[which])


@dataclass(frozen=True)
class _Grid:
    theta: Floats
    score: Floats
    information: Floats
    bias: Floats


def _grid(model: Model) -> _Grid:
    """Tables of the items over thetas wide enough to hold every estimate, and close enough to tell roots apart."""
    low, high = _reach(model)
    nodes = int(np.clip(np.ceil(3 * (high - low) * max(1.0, model.slopes.max() / 2)), 40, 400))
    theta = np.linspace(low, high, nodes + 1)
    tables = curves(model, theta)
    score = tables.score.reshape(-1, len(theta))
    return _Grid(theta, score, tables.information, tables.bias)


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
    marks, has = chosen(rows, model.n_categories), (rows != NO_ANSWER).astype(float)
    height = marks @ grid.score + (has @ grid.bias) / (2 * (has @ grid.information))
    # Between two nodes the integral grows by the mean of their heights; the highest node has its root beside it.
    climbed = np.cumsum(height[:, 1:] + height[:, :-1], axis=1)
    top = np.where(climbed.max(axis=1) > 0, climbed.argmax(axis=1) + 1, 0)
    person = np.arange(len(rows))
    left = np.where(height[person, top] > 0, top, top - 1)
    ends = grid.theta[left], grid.theta[left + 1]
    return _search(rows, model, ends, (height[person, left], height[person, left + 1]))


def _search(
    rows: Categories, model: Model, ends: tuple[Floats, Floats], heights: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Secant steps that may not leave the shrinking bracket; halving where one would."""
    low, high = (end.copy() for end in ends)
    before, height_before = low.copy(), heights[0]
    # A slope of the whole bracket starts the secant.
    theta = low + (high - low) * heights[0] / (heights[0] - heights[1])
    se, active = np.empty_like(theta), np.arange(len(theta))
    columns, equation = np.ascontiguousarray(rows.T), _Equation(model)
    for _ in range(_MOST_ROUNDS):
        height, information = equation.at(theta[active], columns)
        se[active] = 1 / np.sqrt(information)
        at = theta[active]
        low, high = np.where(height > 0, at, low), np.where(height > 0, high, at)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = -height * (at - before) / (height - height_before)
        step = np.where(height == 0, 0.0, step)
        inside = (at + step >= low) & (at + step <= high)
        new = np.where(inside, at + step, (low + high) / 2)
        theta[active] = new
        going = np.abs(new - at) > _CLOSE
        if not going.any():
            break
        active, columns = active[going], columns[:, going]
        before, height_before, low, high = at[going], height[going], low[going], high[going]
    return theta, se


class _Equation:
    """Left side of Warm's equation and the information, each person at a theta of their own."""

    def __init__(self, model: Model) -> None:
        self.model = model
        steps = np.maximum(model.steps, 1)
        # Thetas are measured from the middle of an item's thresholds, so that odds stay near 1.
        self.centres = np.nansum(model.thresholds, axis=1) / steps
        away = self.centres[:, None] - model.thresholds
        self.weights = model.slopes[:, None] * (away if model.kind == "grm" else np.nancumsum(away, axis=1))
        self.limits = _LARGEST_EXPONENT / steps

    def at(self, theta: Floats, columns: Categories) -> tuple[Floats, Floats]:
        """Heights and informations of persons at `theta`, whose categories are the columns of `columns`."""
        item = self._graded if self.model.kind == "grm" else self._partial
        score, information, bias = (np.zeros_like(theta) for _ in range(3))
        for number, category in enumerate(columns):
            a, limit = self.model.slopes[number], self.limits[number]
            odds = np.exp(np.clip(a * (theta - self.centres[number]), -limit, limit))
            own = item(number, odds, category)
            has = category != NO_ANSWER
            score += a * np.where(has, own[0], 0.0)
            information += a**2 * np.where(has, own[1], 0.0)
            bias += a**3 * np.where(has, own[2], 0.0)
        return score + bias / (2 * information), information

    def _partial(self, number: int, odds: Floats, category: NDArray[np.int8]) -> tuple[Floats, Floats, Floats]:
        """Partial credit: score, variance and third central moment of the category."""
        sums = [np.ones_like(odds), *(np.zeros_like(odds) for _ in range(3))]
        power = np.ones_like(odds)
        for k in range(1, self.model.steps[number] + 1):
            power = power * odds
            part = power * np.exp(self.weights[number, k - 1])
            for order in range(4):
                sums[order] += part
                if order < 3:
                    part = part * k
        total, mean, second, third = sums[0], sums[1] / sums[0], sums[2] / sums[0], sums[3] / sums[0]
        return category - mean, second - mean**2, third - 3 * mean * second + 2 * mean**3

    def _graded(self, number: int, odds: Floats, category: NDArray[np.int8]) -> tuple[Floats, Floats, Floats]:
        """Graded response: score, information and bias at slope 1."""
        steps = self.model.steps[number]
        above = np.empty((steps + 2, len(odds)))
        above[0], above[-1] = 1.0, 0.0
        for k in range(1, steps + 1):
            odd = odds * np.exp(self.weights[number, k - 1])
            above[k] = odd / (1 + odd)
        score = 1 - above[:-1] - above[1:]
        turn = above * (1 - above) * (1 - 2 * above)
        chances = above[:-1] - above[1:]
        own = np.take_along_axis(score, np.maximum(category, 0)[None].astype(np.intp), axis=0)[0]
        return own, (chances * score**2).sum(axis=0), (score * (turn[:-1] - turn[1:])).sum(axis=0)
