"""Marginal maximum likelihood of item parameters: EM steps, finished by Newton steps on the marginal likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from connectedness.errors import ConnectednessError
from connectedness.itemresponse import Categories, Floats, chosen, in_pieces, logistic

# Standard normal theta on points 0.2 apart: the integral of anything a scale's likelihood can look like.
NODES = np.linspace(-6, 6, 61)
LOG_PRIOR = -0.5 * NODES**2 - np.log(np.exp(-0.5 * NODES**2).sum())
_MOST_ROUNDS = 500
# EM hands over to Newton when a round gains less than this per respondent, or after this many rounds.
_SMALL_GAIN, _EM_ROUNDS = 1e-5, 40
_CLOSE = 1e-7
# The shape of theta and the items take turns until a turn gains less than this log likelihood.
_SHAPE_ROUNDS, _SHAPE_STEPS, _SHAPE_GAIN, _SHAPE_CLOSE = 60, 4, 0.02, 1e-3
# A slope beyond this is on its way to infinity: two items are one, or answers follow from each other.
STEEPEST = 20.0


@dataclass(frozen=True)
class Fit:
    """What was found, in slopes and intercepts on a standard normal theta.

    `slopes` (items,); `intercepts` (items, steps): c of exp(a k z + c_k), or d of P(X >= k) = logistic(a z + d_k);
    `covariance` of `free`, the numbers that were free to move.
    """

    kind: str
    free: Floats
    slopes: Floats
    intercepts: Floats
    covariance: Floats
    log_likelihood: float
    iterations: int


@dataclass(frozen=True)
class Tables:
    """Log probability of each category (items, categories, nodes) and its derivatives (.., numbers, nodes)."""

    chances: Floats
    slopes: Floats


class Likelihood:
    """Marginal likelihood of answer patterns, as a function of the numbers that are free to move."""

    def __init__(self, kind: str, rows: Categories, weights: Floats, squares: Floats, n_categories: int) -> None:
        self.kind, self.rows, self.weights, self.squares = kind, rows, weights, squares
        self.n_items, self.steps = rows.shape[1], n_categories - 1
        self.log_prior = LOG_PRIOR
        self.design = self._design()

    def _design(self) -> Floats:
        """Free numbers to (items, slope and intercepts): one slope for all items of a partial credit model."""
        width = self.steps + 1
        every = np.eye(self.n_items * width)
        if self.kind != "pcm":
            return every
        slope = np.arange(self.n_items * width) % width == 0
        return np.column_stack([every[:, slope].sum(axis=1), every[:, ~slope]])

    def numbers(self, free: Floats) -> Floats:
        """Slope and intercepts of each item."""
        return (self.design @ free).reshape(self.n_items, -1)

    def start(self) -> Floats:
        """Slopes of 1; intercepts that give each category its share at theta 0."""
        shares = np.stack(
            [np.bincount(column[column >= 0], minlength=self.steps + 1) + 0.5 for column in self.rows.T], axis=0
        )
        shares /= shares.sum(axis=1, keepdims=True)
        if self.kind == "grm":
            above = np.cumsum(shares[:, ::-1], axis=1)[:, ::-1][:, 1:]
            steps = np.log(above / (1 - above))
        else:
            steps = np.log(shares[:, 1:] / shares[:, :1])
        numbers = np.column_stack([np.ones(self.n_items), steps]).ravel()
        return np.linalg.lstsq(self.design, numbers, rcond=None)[0]

    def tables(self, free: Floats) -> Tables:
        """Category tables at the nodes."""
        numbers = self.numbers(free)
        return (_graded if self.kind == "grm" else _partial)(numbers)

    def posterior(self, tables: Tables, piece: slice) -> tuple[Floats, Floats, Floats]:
        """Marks, posteriors over the nodes, and log likelihoods of the patterns of a piece."""
        marks = chosen(self.rows[piece], self.steps + 1)
        joint = marks @ tables.chances.reshape(-1, len(NODES)) + self.log_prior
        top = joint.max(axis=1, keepdims=True)
        joint = np.exp(joint - top)
        total = joint.sum(axis=1, keepdims=True)
        return marks, joint / total, (top + np.log(total))[:, 0]

    def mean_and_sd(self) -> tuple[float, float]:
        """Of theta, in units of the nodes: 0 and 1 as long as theta is normal."""
        mass = np.exp(self.log_prior)
        mean = float(mass @ NODES)
        return mean, float(np.sqrt(mass @ (NODES - mean) ** 2))

    def reshape_theta(self, tables: Tables) -> None:
        """Give theta the distribution that the answers now point to: the mean of all posteriors."""
        mass = np.zeros(len(NODES))
        for piece in in_pieces(len(self.rows)):
            mass += self.weights[piece] @ self.posterior(tables, piece)[1]
        self.log_prior = np.log(np.maximum(mass / mass.sum(), 1e-300))

    def expect(self, tables: Tables) -> tuple[float, Floats]:
        """Log likelihood, and expected answers by item, category and node."""
        total, counts = 0.0, np.zeros((self.n_items * (self.steps + 1), len(NODES)))
        for piece in in_pieces(len(self.rows)):
            marks, posterior, heights = self.posterior(tables, piece)
            weights = self.weights[piece]
            total += float(weights @ heights)
            counts += marks.T @ (weights[:, None] * posterior)
        return total, counts.reshape(tables.chances.shape)

    def gradient(self, tables: Tables, counts: Floats) -> Floats:
        """Of the marginal log likelihood (by Fisher's identity, that of the completed one)."""
        return self.design.T @ np.einsum("ikq,ikpq->ip", counts, tables.slopes).ravel()

    def complete_information(self, tables: Tables, counts: Floats, *, expected: bool = True) -> Floats:
        """Information on the free numbers if theta were known: expected, or observed (they differ for `grm`)."""
        if self.kind == "grm" and not expected:
            blocks = _graded_curvature(tables, counts)
        else:
            seen = counts.sum(axis=1, keepdims=True) * np.exp(tables.chances)
            blocks = np.einsum("ikq,ikpq,ikrq->ipr", seen, tables.slopes, tables.slopes, optimize=True)
        return self.design.T @ _block_diagonal(blocks) @ self.design

    def informations(self, tables: Tables, counts: Floats) -> tuple[Floats, Floats]:
        """Observed information by Louis (1982), and the cross-product of the respondents' scores by weight squared."""
        width = self.n_items * (self.steps + 1)
        together = np.zeros((len(NODES), width, width))
        of_means, crossed = np.zeros((width, width)), np.zeros((width, width))
        for piece in in_pieces(len(self.rows)):
            marks, posterior, _ = self.posterior(tables, piece)
            weighted = self.weights[piece, None] * posterior
            for node in range(len(NODES)):
                together[node] += (marks * weighted[:, node, None]).T @ marks
            mean = self._scores(tables, piece, posterior)
            of_means += (self.weights[piece, None] * mean).T @ mean
            crossed += (self.squares[piece, None] * mean).T @ mean
        slopes = _by_node(tables.slopes)
        missing = (slopes @ together @ slopes.transpose(0, 2, 1)).sum(axis=0) - of_means
        complete = self.complete_information(tables, counts, expected=False)
        return complete - self.design.T @ missing @ self.design, self.design.T @ crossed @ self.design

    def _scores(self, tables: Tables, piece: slice, posterior: Floats) -> Floats:
        """Score of each pattern: the mean over its posterior of the completed score."""
        rows = self.rows[piece]
        parts = []
        for item, slopes in enumerate(tables.slopes):
            every = (posterior @ slopes.reshape(-1, len(NODES)).T).reshape(len(rows), self.steps + 1, -1)
            own = every[np.arange(len(rows)), np.maximum(rows[:, item], 0)]
            parts.append(np.where(rows[:, item, None] >= 0, own, 0.0))
        return np.concatenate(parts, axis=1)


def fit(likelihood: Likelihood, *, weighted: bool, free_shape: bool = False) -> Fit:
    """Maximise; give estimates and their covariance, which is NaN where a slope grew beyond `STEEPEST`.

    With `free_shape` the distribution of theta on the nodes is estimated too, by turns with the items.

    Raises
    ------
    ConnectednessError
        When no maximum is found.
    """
    top = _climb(likelihood, likelihood.start(), None)
    rounds = top.rounds
    for _ in range(_SHAPE_ROUNDS if free_shape and top.curvature is not None else 0):
        tables = likelihood.tables(top.free)
        for _ in range(_SHAPE_STEPS):
            likelihood.reshape_theta(tables)
        before, top = top, _climb(likelihood, top.free, top.curvature, _SHAPE_CLOSE)
        rounds += top.rounds
        if top.curvature is None or top.height - before.height < _SHAPE_GAIN:
            break
    if free_shape and top.curvature is not None:
        top = _climb(likelihood, top.free, top.curvature)
    return _finished(likelihood, top, rounds, weighted)


@dataclass(frozen=True)
class _Top:
    """Where a climb ended; no curvature where a slope ran away."""

    free: Floats
    height: float
    rounds: int
    curvature: Floats | None


def _climb(likelihood: Likelihood, free: Floats, curvature: Floats | None, close: float = _CLOSE) -> _Top:
    """EM, then Newton by a curvature that is taken anew only when it leads astray."""
    tables = likelihood.tables(free)
    height, counts = likelihood.expect(tables)
    n, since = float(likelihood.weights.sum()), 0
    for number in range(1, _MOST_ROUNDS + 1):
        step = None if curvature is None else np.linalg.solve(curvature, likelihood.gradient(tables, counts))
        new = _maximise(likelihood, free, counts) if step is None else free + step
        new_tables = likelihood.tables(new)
        new_height, new_counts = likelihood.expect(new_tables)
        if step is not None and not new_height >= height - 1e-9 * abs(height):
            # Newton went astray: back to EM, which never does.
            curvature, since = None, 0
            continue
        gain, height = new_height - height, new_height
        free, tables, counts, since = new, new_tables, new_counts, since + 1
        if np.abs(likelihood.numbers(free)[:, 0]).max() > STEEPEST:
            return _Top(free, height, number, None)
        if step is not None and np.abs(step).max() < close:
            return _Top(free, height, number, curvature)
        if (curvature is None and (gain < _SMALL_GAIN * n or since >= _EM_ROUNDS)) or since > 2 * _EM_ROUNDS:
            found = likelihood.informations(tables, counts)[0]
            curvature, since = (found if _is_positive(found) else None), 0
    raise ConnectednessError(
        "the parameters did not settle, so there are none.",
        found=f"{_MOST_ROUNDS} rounds on {likelihood.n_items} items",
        todo="Often an item goes its own way or a category is hardly chosen: look at the items' answers, or try pcm.",
    )


def _maximise(likelihood: Likelihood, free: Floats, counts: Floats) -> Floats:
    """Two of Fisher's steps on the completed likelihood, halved while they do not climb."""
    for _ in range(2):
        tables = likelihood.tables(free)
        height = float((counts * tables.chances).sum())
        information = likelihood.complete_information(tables, counts)
        step = np.linalg.lstsq(information, likelihood.gradient(tables, counts), rcond=None)[0]
        for _ in range(30):
            if likelihood.kind != "grm" or (np.diff(likelihood.numbers(free + step)[:, 1:], axis=1) < 0).all():
                new = float((counts * likelihood.tables(free + step).chances).sum())
                if new >= height:
                    free = free + step
                    break
            step = step / 2
    return free


def _finished(likelihood: Likelihood, top: _Top, rounds: int, weighted: bool) -> Fit:
    numbers = likelihood.numbers(top.free)
    covariance = np.full((len(top.free), len(top.free)), np.nan)
    if top.curvature is not None:
        covariance = _covariance(likelihood, top.free, weighted)
    return Fit(likelihood.kind, top.free, numbers[:, 0], numbers[:, 1:], covariance, top.height, rounds)


def _covariance(likelihood: Likelihood, free: Floats, weighted: bool) -> Floats:
    tables = likelihood.tables(free)
    information, crossed = likelihood.informations(tables, likelihood.expect(tables)[1])
    if not _is_positive(information):
        raise ConnectednessError(
            "the answers do not tell the parameters apart, so they have no standard errors.",
            todo="Use more respondents, or fewer or other items.",
        )
    inverse = np.asarray(np.linalg.inv(information), dtype=np.float64)
    return np.asarray(inverse @ crossed @ inverse) if weighted else inverse


def _partial(numbers: Floats) -> Tables:
    k = np.arange(numbers.shape[1])
    logits = numbers[:, :1, None] * k[:, None] * NODES
    logits[:, 1:] += numbers[:, 1:, None]
    top = logits.max(axis=1, keepdims=True)
    chances = logits - (top + np.log(np.exp(logits - top).sum(axis=1, keepdims=True)))
    p = np.exp(chances)
    slopes = np.empty((*p.shape[:2], numbers.shape[1], len(NODES)))
    slopes[:, :, 0] = NODES * (k[:, None] - (k[:, None] * p).sum(axis=1, keepdims=True))
    slopes[:, :, 1:] = np.eye(len(k))[:, 1:, None] - p[:, None, 1:]
    return Tables(chances, slopes)


def _graded(numbers: Floats) -> Tables:
    steps = numbers.shape[1] - 1
    x = numbers[:, :1, None] * NODES + numbers[:, 1:, None]
    above = np.concatenate([np.ones_like(x[:, :1]), logistic(x), np.zeros_like(x[:, :1])], axis=1)
    # Thresholds out of order have no likelihood; the tiny gap makes it very small instead.
    apart = np.minimum(np.diff(numbers[:, 1:], axis=1), -1e-12)
    chances = np.zeros((len(numbers), steps + 1, len(NODES)))
    chances[:, 1:] -= np.logaddexp(0, -x)
    chances[:, :-1] -= np.logaddexp(0, x)
    chances[:, 1:-1] += np.log(-np.expm1(apart))[:, :, None]
    slopes = np.zeros((*chances.shape[:2], steps + 1, len(NODES)))
    slopes[:, :, 0] = NODES * (1 - above[:, :-1] - above[:, 1:])
    rise = _odds_of_gap(apart)
    for k in range(steps + 1):
        # log P_k = log s(x_k) + log s(-x_k+1) + log(1 - exp(x_k+1 - x_k)), whose last part knows no theta.
        if k > 0:
            slopes[:, k, k] = 1 - above[:, k] + (rise[:, k - 1, None] if k < steps else 0.0)
        if k < steps:
            slopes[:, k, k + 1] = -above[:, k + 1] - (rise[:, k - 1, None] if k > 0 else 0.0)
    return Tables(chances, slopes)


def _odds_of_gap(apart: Floats) -> Floats:
    """exp(-D) / (1 - exp(-D)) for gaps D = -apart."""
    return np.exp(apart) / -np.expm1(apart)


def _graded_curvature(tables: Tables, counts: Floats) -> Floats:
    """Minus the second derivatives of the completed log likelihood of each item, (items, numbers, numbers)."""
    n_items, n_categories = counts.shape[:2]
    p = np.exp(tables.chances)
    above = np.cumsum(p[:, ::-1], axis=1)[:, ::-1][:, 1:]
    bend = above * (1 - above) * (counts[:, :-1] + counts[:, 1:])
    blocks = np.zeros((n_items, n_categories, n_categories))
    blocks[:, 0, 0] = (bend * NODES**2).sum(axis=(1, 2))
    at = np.arange(1, n_categories)
    blocks[:, at, at] = bend.sum(axis=2)
    blocks[:, 0, at] = blocks[:, at, 0] = (bend * NODES).sum(axis=2)
    # d log P_k / d x_k = 1 - above_k + rise, so the middle categories tell the rise back.
    for k in range(1, n_categories - 1):
        rise = tables.slopes[:, k, k, 0] - 1 + above[:, k - 1, 0]
        pull = rise * (1 + rise) * counts[:, k].sum(axis=1)
        blocks[:, k, k] += pull
        blocks[:, k + 1, k + 1] += pull
        blocks[:, k, k + 1] -= pull
        blocks[:, k + 1, k] -= pull
    return blocks


def _block_diagonal(blocks: Floats) -> Floats:
    n, width = blocks.shape[:2]
    whole = np.zeros((n, width, n, width))
    whole[np.arange(n), :, np.arange(n), :] = blocks
    return whole.reshape(n * width, n * width)


def _by_node(slopes: Floats) -> Floats:
    """Derivatives as (nodes, items x numbers, items x categories), nought where the item is another."""
    n_items, n_categories, width, n_nodes = slopes.shape
    whole = np.zeros((n_items, width, n_items, n_categories, n_nodes))
    whole[np.arange(n_items), :, np.arange(n_items)] = slopes.transpose(0, 2, 1, 3)
    return np.moveaxis(whole.reshape(n_items * width, n_items * n_categories, n_nodes), -1, 0)


def _is_positive(matrix: NDArray[np.float64]) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True
