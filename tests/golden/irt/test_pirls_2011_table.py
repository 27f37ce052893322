"""Weighted likelihood estimates by raw score from the published PIRLS 2011 parameters of Students Bullied at School."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from connectedness.declare.parameters import find_parameters
from connectedness.scoring.irt import model_of, wle

PRINTED = [
    -2.944, -2.214, -1.891, -1.670, -1.494, -1.343, -1.206, -1.077, -0.954, -0.832,
    -0.710, -0.585, -0.453, -0.312, -0.153, 0.035, 0.276, 0.640, 1.500,
]  # fmt: skip


def test_every_way_to_each_raw_score_gives_the_printed_theta():
    model = model_of(find_parameters("pirls-bullying-2011"))
    rows = np.array(list(itertools.product(range(4), repeat=6)), np.int8)
    theta, _ = wle(rows, model)
    np.testing.assert_allclose(theta, np.array(PRINTED)[rows.sum(axis=1)], atol=5.1e-4)


def test_the_published_cuts_are_on_a_line_with_the_scale():
    # 10.1 (half "never", half "a few times a year": raw 15) and 8.3 (raw 9), on a scale of mean 10 and SD 2.
    model = model_of(find_parameters("pirls-bullying-2011"))
    rows = np.array([[3, 3, 3, 2, 2, 2], [2, 2, 2, 1, 1, 1]], np.int8)
    high, low = wle(rows, model)[0]
    slope = (10.1 - 8.3) / (high - low)
    assert slope == pytest.approx(2.08, abs=0.01)
    assert 10.1 - slope * high == pytest.approx(10.03, abs=0.01)
