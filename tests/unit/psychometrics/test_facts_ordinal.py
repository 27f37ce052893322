"""Polychoric correlations: known cases, and a table that R's polycor was given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from connectedness.psychometrics.ordinal import _below, polychoric


def joint_of(table: np.ndarray) -> np.ndarray:
    """Joint frequencies of two items of the same number of categories, from their table."""
    width = len(table)
    joint = np.zeros((2, width, 2, width))
    joint[0, :, 1, :], joint[1, :, 0, :] = table, table.T
    joint[0, :, 0, :], joint[1, :, 1, :] = np.diag(table.sum(axis=1)), np.diag(table.sum(axis=0))
    return joint


def of(table: list[list[float]]) -> float:
    found, reason = polychoric(joint_of(np.array(table, dtype=float)))
    assert reason is None
    return found[0, 1]


def test_two_by_two_at_the_medians():
    # With both cuts at the median, P(both low) = 1/4 + asin(r) / (2 pi).
    assert of([[40, 10], [10, 40]]) == pytest.approx(np.sin(2 * np.pi * (0.4 - 0.25)), abs=1e-9)


def test_no_tie_is_no_correlation_and_a_turned_item_changes_the_sign():
    assert of([[10, 20], [20, 40]]) == pytest.approx(0, abs=1e-9)
    table = np.array([[30.0, 12, 5], [10, 25, 14], [2, 11, 41]])
    assert of(table) == pytest.approx(-of(table[::-1]), abs=1e-9)
    assert of(table) == pytest.approx(of(table.T), abs=1e-9)


def test_an_option_nobody_chose_changes_nothing():
    table = np.array([[30.0, 12, 5], [10, 25, 14], [2, 11, 41]])
    wide = np.insert(np.insert(table, 1, 0, axis=0), 1, 0, axis=1)
    assert of(wide) == pytest.approx(of(table), abs=1e-9)


def test_items_that_order_everybody_alike():
    assert polychoric(joint_of(np.diag([10.0, 20, 30])))[1] == "perfect_correlation"


@settings(max_examples=40, deadline=None)
@given(st.floats(-0.99, 0.99), st.floats(-3, 3), st.floats(-3, 3))
def test_bivariate_probabilities(r, h, k):
    ours = _below(np.array([[h]]), np.array([[k]]), np.array([r]))[0, 1, 1]
    scipy = multivariate_normal([0, 0], [[1, r], [r, 1]]).cdf([h, k])
    assert ours == pytest.approx(scipy, abs=1e-7)
