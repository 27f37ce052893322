"""Squared Mahalanobis distances by base R's mahalanobis(), made by fairness.R."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from connectedness.psychometrics.careless import careless

HERE = Path(__file__).parent


def test_every_distance_and_every_flag():
    found = careless(pd.read_csv(HERE / "answers.csv"), "healthy-relationships", distance_p=0.05)
    expected = pd.read_csv(HERE / "distance.csv")
    assert 100 < expected["distance"].isna().sum() < 300
    np.testing.assert_allclose(found["mahalanobis"], expected["distance"], rtol=1e-9)
    beyond = expected["beyond"].astype("boolean")
    pd.testing.assert_series_equal(found["mahalanobis_flag"], beyond, check_names=False)
    assert 10 < beyond.sum() < 120
