"""Runs of one answer, by base R's rle(), made by longstring.R."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from connectedness.psychometrics.careless import careless

HERE = Path(__file__).parent


def test_every_run_and_every_flag():
    found = careless(pd.read_csv(HERE / "answers.csv"), "healthy-relationships", longstring=5)
    expected = pd.read_csv(HERE / "longstring.csv")
    assert list(found["longstring"]) == list(expected["longstring"])
    assert list(found["longstring_mixed"]) == list(expected["longstring_mixed"])
    assert list(found["longstring_flag"]) == list(expected["longstring_mixed"] >= 5)
    assert found["longstring_flag"].any()
