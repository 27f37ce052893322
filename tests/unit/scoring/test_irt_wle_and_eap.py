"""Estimates of theta against slow arithmetic written from the definitions, and what must hold of any of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from unit.scoring.irt_examples import draw

from connectedness.errors import ContractError
from connectedness.itemresponse import Model, curves
from connectedness.scoring.irt import eap, wle

KINDS = ("pcm", "gpcm", "grm")


def category_curves(kind: str, a: float, b: np.ndarray, theta: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probability of each category of one item and its two derivatives, from the definition; b without NaN."""
    if kind == "grm":
        above, below = (
            np.array([start, *(1 / (1 + np.exp(sign * a * (theta - b)))), 1 - start]) for start, sign in SIDES
        )
        # From the side where the numbers are small, so that the far tails keep their digits.
        small = (above[:-1] + above[1:]) < 1
        p = np.where(small, above[:-1] - above[1:], below[1:] - below[:-1])
        rise, bend = a * above * below, a**2 * above * below * (below - above)
        return p, rise[:-1] - rise[1:], bend[:-1] - bend[1:]
    height = np.exp(np.cumsum([0.0, *(a * (theta - b))]))
    p, k = height / height.sum(), np.arange(len(height))
    away = k - (k * p).sum()
    return p, a * p * away, a**2 * p * (away**2 - (away**2 * p).sum())


SIDES = ((1.0, -1.0), (0.0, 1.0))


def log_likelihood(model: Model, row: np.ndarray, theta: float) -> float:
    total = 0.0
    for a, b, x in zip(model.slopes, model.thresholds, row, strict=True):
        if x >= 0:
            total += np.log(category_curves(model.kind, a, b[np.isfinite(b)], theta)[0][x])
    return total


def warm(model: Model, row: np.ndarray, theta: float) -> tuple[float, float]:
    """Warm's left side and the information."""
    score = information = bias = 0.0
    for a, b, x in zip(model.slopes, model.thresholds, row, strict=True):
        if x < 0:
            continue
        p, first, second = category_curves(model.kind, a, b[np.isfinite(b)], theta)
        score += first[x] / p[x]
        information += (first**2 / p).sum()
        bias += (first * second / p).sum()
    return score + bias / (2 * information), information


@pytest.mark.parametrize("kind", KINDS)
def test_the_slow_arithmetic_has_the_derivatives_it_says(kind):
    h, b = 1e-4, np.array([-1.0, 0.2, 0.9])
    low, here, high = (category_curves(kind, 1.3, b, 0.4 + d) for d in (-h, 0, h))
    np.testing.assert_allclose((high[0] - low[0]) / (2 * h), here[1], atol=1e-7)
    np.testing.assert_allclose((high[1] - low[1]) / (2 * h), here[2], atol=1e-7)
    assert here[0].sum() == pytest.approx(1)


def slow_wle(model: Model, row: np.ndarray) -> tuple[float, float]:
    """The root where the integral of Warm's left side is greatest."""
    grid = np.linspace(-12, 12, 1201)
    height = np.array([warm(model, row, theta)[0] for theta in grid])
    down = np.flatnonzero((height[:-1] > 0) & (height[1:] <= 0))
    climbed = np.cumsum(height)
    left = down[climbed[down].argmax()]
    root = brentq(lambda theta: warm(model, row, theta)[0], grid[left], grid[left + 1], xtol=1e-12)
    return root, 1 / np.sqrt(warm(model, row, root)[1])


def tied(model: Model, row: np.ndarray, theta: float, other: float) -> bool:
    """Whether two estimates are different roots, all but equally high: then either will do."""
    if abs(theta - other) < 1e-4:
        return False
    between = np.linspace(other, theta, 2001)
    height = [warm(model, row, t)[0] for t in between]
    return max(abs(height[0]), abs(height[-1])) < 1e-5 and abs(np.trapezoid(height, between)) < 0.02


@st.composite
def models(draw_, kinds=KINDS, most_items: int = 5) -> Model:
    kind = draw_(st.sampled_from(kinds))
    n = draw_(st.integers(1, most_items))
    steps = draw_(st.lists(st.integers(1, 4), min_size=n, max_size=n))
    slope = st.floats(0.4, 2.5)
    slopes = np.array([1.0 if kind == "pcm" else draw_(slope) for _ in range(n)])
    thresholds = np.full((n, max(steps)), np.nan)
    for item, count in enumerate(steps):
        own = draw_(st.lists(st.floats(-2, 2), min_size=count, max_size=count))
        # A graded response model needs rising thresholds; partial credit ones may fall.
        thresholds[item, :count] = np.sort(own) + 0.2 * np.arange(count) if kind == "grm" else own
    return Model(kind, slopes, thresholds)


@st.composite
def models_and_row(draw_, **more):
    model = draw_(models(**more))
    row = np.array([draw_(st.integers(-1, int(steps))) for steps in model.steps], np.int8)
    if (row < 0).all():
        row[0] = 0
    return model, row


@settings(max_examples=25, deadline=None)
@given(models_and_row(most_items=4))
def test_wle_is_the_root_of_warms_equation(case):
    model, row = case
    theta, se = wle(row[None], model)
    expected, expected_se = slow_wle(model, row)
    if tied(model, row, theta[0], expected):
        return
    assert theta[0] == pytest.approx(expected, abs=1e-5)
    assert se[0] == pytest.approx(expected_se, rel=1e-4)


@settings(max_examples=25, deadline=None)
@given(models_and_row(), st.floats(-1, 1), st.floats(0.5, 2))
def test_eap_is_the_posteriors_mean_and_sd(case, mean, sd):
    model, row = case
    theta, spread = eap(row[None], model, mean, sd)
    peak = max(log_likelihood(model, row, t) - (t - mean) ** 2 / (2 * sd**2) for t in np.linspace(-9, 9, 181))

    def moment(power: int) -> float:
        def density(t: float) -> float:
            return t**power * np.exp(log_likelihood(model, row, t) - (t - mean) ** 2 / (2 * sd**2) - peak)

        # In parts, so that quad cannot step over a narrow peak.
        ends = np.linspace(mean - 10 * sd, mean + 10 * sd, 9)
        return sum(quad(density, *part, epsabs=1e-12, limit=200)[0] for part in itertools.pairwise(ends))

    total, first, second = moment(0), moment(1), moment(2)
    assert theta[0] == pytest.approx(first / total, abs=1e-6)
    assert spread[0] == pytest.approx(np.sqrt(second / total - (first / total) ** 2), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(models(kinds=("pcm",), most_items=6))
def test_more_raw_points_never_score_less_in_pcm(model):
    rows = np.array(list(itertools.islice(itertools.product(*(range(s + 1) for s in model.steps)), 400)), np.int8)
    raw = rows.sum(axis=1)
    for estimate in (wle, eap):
        theta = estimate(rows, model)[0]
        by_raw = np.array([theta[raw == r].mean() for r in np.unique(raw)])
        assert (np.diff(by_raw) > -1e-9).all()
        for r in np.unique(raw):
            np.testing.assert_allclose(theta[raw == r], theta[raw == r][0], atol=1e-7)


@settings(max_examples=40, deadline=None)
@given(models_and_row(most_items=6), st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_matter(case, random):
    model, row = case
    order = list(range(model.n_items))
    random.shuffle(order)
    other = Model(model.kind, model.slopes[order], model.thresholds[order])
    for estimate in (wle, eap):
        here, there = estimate(row[None], model), estimate(row[order][None], other)
        if estimate is eap or not tied(model, row, here[0][0], there[0][0]):
            np.testing.assert_allclose(here, there, atol=1e-7)


@settings(max_examples=40, deadline=None)
@given(models_and_row(most_items=6))
def test_mirrored_coding_mirrors_theta(case):
    model, row = case
    turned = np.array(
        [np.concatenate([-b[:s][::-1], b[s:]]) for b, s in zip(model.thresholds, model.steps, strict=True)]
    )
    other, mirrored = Model(model.kind, model.slopes, turned), np.where(row < 0, -1, model.steps - row).astype(np.int8)
    theta, se = eap(row[None], model)
    np.testing.assert_allclose(eap(mirrored[None], other), (-theta, se), atol=1e-7)
    theta, se = wle(row[None], model)
    back = wle(mirrored[None], other)[0]
    assert tied(model, row, theta[0], -back[0]) or back[0] == pytest.approx(-theta[0], abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(models_and_row(most_items=5), models(most_items=1))
def test_an_item_not_answered_changes_nothing(case, more):
    model, row = case
    width = max(model.thresholds.shape[1], more.thresholds.shape[1])

    def wide(b: np.ndarray) -> np.ndarray:
        return np.pad(b, ((0, 0), (0, width - b.shape[1])), constant_values=np.nan)

    added = Model(
        model.kind,
        np.append(model.slopes, 1.0),
        np.vstack([wide(model.thresholds), np.sort(wide(more.thresholds), axis=1) + 0.2 * np.arange(width)]),
    )
    longer = np.append(row, np.int8(-1))
    for estimate in (wle, eap):
        here, there = estimate(row[None], model), estimate(longer[None], added)
        if estimate is eap or not tied(model, row, here[0][0], there[0][0]):
            np.testing.assert_allclose(here, there, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_standard_errors_fall_as_items_are_added(kind):
    rng = np.random.default_rng(5)
    thresholds = np.sort(rng.normal(0, 0.8, (12, 3)), axis=1)
    model = Model(kind, np.ones(12) if kind == "pcm" else rng.uniform(0.8, 1.8, 12), thresholds)
    answers = draw(model, rng.normal(size=300), rng)
    sizes = []
    for n in (3, 6, 12):
        part = np.where(np.arange(12) < n, answers, -1).astype(np.int8)
        sizes.append((np.median(wle(part, model)[1]), np.median(eap(part, model)[1])))
    assert (np.diff(np.array(sizes), axis=0) < 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_all_lowest_and_all_highest_are_finite_with_a_finite_error(kind):
    for slope in (0.1, 1.0, 8.0):
        thresholds = np.array([[-1.0, 0.5], [-2.0, 3.0], [0.0, 0.1]])
        model = Model(kind, np.full(3, 1.0 if kind == "pcm" else slope), thresholds)
        theta, se = wle(np.array([[0, 0, 0], [2, 2, 2], [0, -1, -1], [-1, 2, -1]], np.int8), model)
        assert np.isfinite(theta).all()
        assert (np.isfinite(se) & (se > 0)).all()
        assert theta[0] < theta[1]
        assert abs(curves(model, theta[:1]).information.sum(axis=0) - se[0] ** -2) < 1e-6 * se[0] ** -2


def test_slopes_far_apart_still_have_a_root():
    model = Model("gpcm", np.array([0.15, 6.0, 1.0]), np.array([[-3.0, 2.0, 0.0], [0.5, 0.4, 0.6], [-1.0, 1.0, 0.0]]))
    rows = np.array(list(itertools.product(range(4), repeat=3)), np.int8)
    theta, _ = wle(rows, model)
    assert max(abs(warm(model, row, t)[0]) for row, t in zip(rows, theta, strict=True)) < 1e-4


def test_nobody_answering_is_nan_and_an_empty_table_is_empty():
    model = Model("pcm", np.ones(2), np.array([[0.0, 1.0], [0.5, 0.7]]))
    for estimate in (wle, eap):
        theta, se = estimate(np.array([[-1, -1], [1, -1]], np.int8), model)
        assert np.isnan([theta[0], se[0]]).all()
        assert np.isfinite([theta[1], se[1]]).all()
        assert len(estimate(np.empty((0, 2), np.int8), model)[0]) == 0


def test_many_items_are_not_packed_and_score_the_same():
    rng = np.random.default_rng(3)
    model = Model("grm", rng.uniform(0.8, 2, 60), np.sort(rng.normal(size=(60, 4)), axis=1))
    truth = rng.normal(size=400)
    answers = draw(model, truth, rng, missing=0.1)
    theta, _ = wle(answers, model)
    assert np.corrcoef(theta, truth)[0, 1] > 0.97
    alone = [wle(row[None], model)[0][0] for row in answers[:20]]
    np.testing.assert_allclose(theta[:20], alone, atol=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_wle_is_all_but_unbiased(kind):
    rng = np.random.default_rng(8)
    model = Model(kind, np.ones(10), np.sort(rng.normal(size=(10, 4)), axis=1))
    for truth in (-1.5, 0.0, 1.5):
        theta, se = wle(draw(model, np.full(4000, truth), rng), model)
        assert abs(theta.mean() - truth) < 0.03
        assert np.sqrt((se**2).mean()) == pytest.approx(theta.std(), rel=0.1)


@pytest.mark.parametrize(
    "categories",
    [np.zeros((3, 3), np.int8), np.full((3, 2), 3, np.int8), np.full((3, 2), -2, np.int8), np.ones((3, 2))],
)
def test_categories_that_do_not_fit_are_refused(categories):
    model = Model("pcm", np.ones(2), np.array([[0.0, 1.0], [0.5, 0.7]]))
    for estimate in (wle, eap):
        with pytest.raises(ContractError):
            estimate(categories, model)
