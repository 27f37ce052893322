"""Every operator of the standard on a count, in rows and in percent."""

from __future__ import annotations

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectedness.validation.rules import Limit

ONE = {
    "mustBe": operator.eq,
    "mustNotBe": operator.ne,
    "mustBeGreaterThan": operator.gt,
    "mustBeGreaterOrEqualTo": operator.ge,
    "mustBeLessThan": operator.lt,
    "mustBeLessOrEqualTo": operator.le,
}


@pytest.mark.parametrize("name", ONE)
@given(count=st.integers(0, 20), bound=st.integers(0, 20))
def test_an_operator_says_what_its_name_says(name, count, bound):
    assert Limit(name, (bound,)).holds(count, 20) == ONE[name](count, bound)
    assert Limit(name, (bound,), "percent").holds(count, 20) == ONE[name](5 * count, bound)


@given(count=st.integers(0, 20), low=st.integers(0, 20), high=st.integers(0, 20))
def test_ranges_include_both_ends(count, low, high):
    inside = low <= count <= high
    assert Limit("mustBeBetween", (low, high)).holds(count, 20) == inside
    assert Limit("mustNotBeBetween", (low, high)).holds(count, 20) == (not inside)


@given(
    name=st.sampled_from(sorted(ONE)), bound=st.integers(0, 3), unit=st.sampled_from(["rows", "percent"]),
    rows=st.integers(1, 400),
)  # fmt: skip
def test_a_limit_that_means_none_holds_for_no_bad_row_and_for_no_other(name, bound, unit, rows):
    limit = Limit(name, (bound,), unit)
    if limit.means_none:
        assert limit.holds(0, rows)
        assert not any(limit.holds(count, rows) for count in range(1, rows + 1))


def test_the_percentage_of_an_empty_table_is_nothing():
    assert Limit("mustBe", (0,), "percent").holds(0, 0)
    assert not Limit("mustBeGreaterThan", (0,), "percent").holds(0, 0)


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit("mustBeLessThan", (5,), "percent"), "fewer than 5 % of rows"),
        (Limit("mustBeBetween", (1, 2.5)), "from 1 to 2.5"),
        (Limit("mustBeGreaterThan", (0,)), "more than 0"),
    ],
)
def test_a_limit_in_words(limit, words):
    assert str(limit) == words
