"""Every number that the interval functions return, against R and against the worked examples of the literature."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from connectedness.measures.intervals import newcombe, satterthwaite, share_error, t_interval, welch, wilson

HERE = Path(__file__).parent


def golden(name):
    return pd.read_csv(HERE / name, comment="#")


def same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_t_interval_is_that_of_t_test():
    r = golden("t_interval_r.csv")
    low, high = t_interval(r["mean"], r["sd"] / np.sqrt(r["n"]), r["n"])
    same(r["sd"] / np.sqrt(r["n"]), r["se"])
    same(low, r["low"])
    same(high, r["high"])
    assert len(r) == 8


def test_welch_is_that_of_t_test():
    r = golden("welch_r.csv")
    found = welch(r["mean"], r["se"], r["n"], r["other_mean"], r["other_se"], r["other_n"])
    same(found.value, r["value"])
    same(found.se, r["difference_se"])
    same(found.low, r["low"])
    same(found.high, r["high"])
    same(satterthwaite(r["se"], r["n"], r["other_se"], r["other_n"]), r["df"])
    assert len(r) == 9


def test_wilson_is_that_of_prop_test_without_correction():
    r = golden("wilson_r.csv")
    low, high = wilson(r["chosen"] / r["n"], r["n"])
    same(low, r["low"])
    same(high, r["high"])
    same(share_error(r["share"], r["n"]), np.sqrt(r["share"] * (1 - r["share"]) / r["n"]))
    assert len(r) == 14


def test_newcombe_squares_and_adds_the_limits_of_prop_test():
    r = golden("newcombe_r.csv")
    found = newcombe(r["chosen"] / r["n"], r["n"], r["other_chosen"] / r["other_n"], r["other_n"])
    for name in ("value", "se", "low", "high"):
        same(getattr(found, name), r[name])
    assert len(r) == 11


@pytest.mark.parametrize("case", list(golden("newcombe_published.csv").itertuples(index=False)), ids=str)
def test_newcombe_prints_what_newcombe_printed(case):
    found = newcombe(case.chosen / case.n, case.n, case.other_chosen / case.other_n, case.other_n)
    assert (round(float(found.low), 4), round(float(found.high), 4)) == (case.low, case.high)
