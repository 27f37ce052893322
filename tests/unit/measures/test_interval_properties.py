"""What must hold of any interval, whatever the numbers."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from connectedness.measures.intervals import newcombe, t_interval, welch, wilson

sizes = st.integers(1, 5000)
means = st.floats(-10, 10, allow_nan=False)
errors = st.floats(1e-6, 10)


@st.composite
def shares(draw):
    n = draw(sizes)
    return draw(st.integers(0, n)) / n, n


@given(shares())
def test_wilson_holds_the_share_and_stays_within_0_and_1(observed):
    low, high = wilson(*observed)
    assert 0 <= low <= observed[0] <= high <= 1
    assert low < high


@given(st.integers(1, 200), st.integers(0, 200), st.integers(2, 50))
def test_wilson_of_fewer_students_with_the_same_share_is_never_narrower(n, k, times):
    k = min(k, n)
    few, many = wilson(k / n, n), wilson(k / n, n * times)
    assert few.high - few.low >= many.high - many.low


@given(means, errors, st.integers(2, 5000), st.integers(2, 50))
def test_t_interval_of_fewer_students_with_the_same_spread_is_never_narrower(mean, sd, n, times):
    few, many = t_interval(mean, sd / n**0.5, n), t_interval(mean, sd / (n * times) ** 0.5, n * times)
    assert few.high - few.low >= many.high - many.low
    assert few.low < mean < few.high


@given(shares(), shares())
def test_swapping_the_waves_turns_a_change_of_shares_round(now, then):
    forth, back = newcombe(*now, *then), newcombe(*then, *now)
    np.testing.assert_allclose([forth.value, forth.low, forth.high], [-back.value, -back.high, -back.low], atol=1e-12)
    assert forth.se == back.se
    assert -1 - 1e-12 <= forth.low <= forth.value <= forth.high <= 1 + 1e-12


@given(means, errors, st.integers(2, 5000), means, errors, st.integers(2, 5000))
def test_swapping_the_waves_turns_a_change_of_means_round(mean, se, n, other_mean, other_se, other_n):
    forth = welch(mean, se, n, other_mean, other_se, other_n)
    back = welch(other_mean, other_se, other_n, mean, se, n)
    np.testing.assert_allclose([forth.value, forth.low, forth.high], [-back.value, -back.high, -back.low], rtol=1e-9)
    assert forth.low < forth.value < forth.high


def test_a_whole_column_is_the_same_as_one_at_a_time():
    share, n = np.array([0.0, 0.25, 1.0, np.nan]), np.array([3, 8, 2, 0])
    whole = wilson(share, n)
    np.testing.assert_array_equal(whole.low, [float(wilson(p, k).low) for p, k in zip(share, n, strict=True)])
    np.testing.assert_array_equal(whole.high, [float(wilson(p, k).high) for p, k in zip(share, n, strict=True)])
