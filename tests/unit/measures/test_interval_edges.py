"""Where there is no honest interval there is none, and no warning either."""

import numpy as np
import pytest

from connectedness.measures.intervals import newcombe, satterthwaite, t_interval, welch, wilson

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize(("mean", "se", "n"), [(3.0, np.nan, 1), (3.0, 0.0, 12), (np.nan, np.nan, 0)])
def test_a_mean_of_one_student_or_of_no_spread_has_no_interval(mean, se, n):
    assert np.isnan(t_interval(mean, se, n)).all()


def test_wilson_at_nobody_is_null():
    assert np.isnan(wilson(np.nan, 0)).all()


def test_wilson_at_0_and_1_touches_the_bound_exactly_and_is_wide_on_the_other_side():
    none, everyone = wilson(0.0, 7), wilson(1.0, 7)
    assert none.low == 0.0
    assert everyone.high == 1.0
    assert none.high == pytest.approx(0.354330, abs=1e-6)
    assert everyone.low == pytest.approx(1 - none.high)


@pytest.mark.parametrize(
    ("now", "then"),
    [((3, 0.0, 9), (2, 0.0, 9)), ((3, np.nan, 1), (2, 0.3, 9)), ((3, 0.3, 9), (2, np.nan, 1))],
    ids=["no spread in either", "one student now", "one student then"],
)
def test_a_change_without_known_spread_keeps_its_value_and_has_no_interval(now, then):
    found = welch(*now, *then)
    assert found.value == 1
    assert np.isnan([found.low, found.high]).all()


def test_where_one_wave_has_no_spread_the_other_carries_the_interval():
    found = welch(3, 0.0, 9, 2, 0.3, 9)
    alone = t_interval(1, 0.3, 9)
    assert (found.low, found.high) == (pytest.approx(alone.low), pytest.approx(alone.high))


def test_tiny_spreads_keep_their_degrees_of_freedom():
    assert satterthwaite(1e-90, 10, 1e-90, 10) == pytest.approx(18)


def test_a_change_of_shares_needs_somebody_in_both_waves():
    found = newcombe(0.5, 10, np.nan, 0)
    assert np.isnan(found).all()


def test_another_confidence_gives_another_width():
    narrow, wide = wilson(0.5, 20, level=0.90), wilson(0.5, 20, level=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high
    assert t_interval(0, 1, 5, level=0.5).high < t_interval(0, 1, 5).high
