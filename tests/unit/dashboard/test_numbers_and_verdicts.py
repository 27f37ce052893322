from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectedness.dashboard.cards import verdict
from connectedness.dashboard.reading import Cell, Released
from connectedness.dashboard.view import View
from connectedness.dashboard.words import as_shown, read_theme, read_words

EN, FR = read_words("en", None), read_words("fr", None)
numbers = st.floats(-5, 5).filter(math.isfinite)


@pytest.mark.parametrize(
    ("words", "value", "unit", "shown"),
    [
        (EN, 3.846, "points", "3.85"),
        (FR, 3.846, "points", "3,85"),
        (EN, 0.724, "share", "72%"),
        (FR, 0.724, "share", "72\u00a0%"),
        (EN, -0.1, "points", "\u22120.10"),
        (EN, -0.001, "points", "0.00"),
    ],
)
def test_numbers_are_written_as_canadians_do(words, value, unit, shown):
    assert words.amount(value, unit) == shown


def test_thousands_stand_apart():
    assert (EN.count(9102), EN.count(1234567), EN.count(999)) == ("9,102", "1,234,567", "999")
    assert FR.count(1500) == "1\u202f500"


def test_one_is_singular_and_in_french_all_under_two():
    assert EN("operations.lines", n=1) == "By question"
    assert (EN("unit.percentage_points", n=1), EN("unit.percentage_points", n=0)) == (
        "percentage point",
        "percentage points",
    )
    assert (FR("unit.points", n=0.3), FR("unit.points", n=2.0)) == ("point", "points")


def test_dates_are_written_out():
    assert EN.day("2026-01-15") == "15 January 2026"
    assert FR.day("2026-02-01") == "1er février 2026"


def test_an_end_already_rounded_stays_where_it_is():
    assert EN.interval(0.29, 0.57, "share") == "29% to 57%"
    assert EN.interval(3.1, 3.3, "points", 1) == "3.1 to 3.3"


@given(numbers, st.sampled_from(["points", "share"]), st.sampled_from([1, 2]))
def test_intervals_are_rounded_outward(value, unit, decimals):
    assert as_shown(value, unit, decimals, -1) <= value + 1e-8
    assert as_shown(value, unit, decimals, 1) >= value - 1e-8
    step = 0.01 if unit == "share" else 10**-decimals
    assert as_shown(value, unit, decimals, 1) - as_shown(value, unit, decimals, -1) <= step + 1e-9


def view_of(change: Cell, n: int = 200) -> View:
    codebook = {
        "survey": {"id": "s", "units": ["district", "school"], "title": {"en": "S"}, "languages": ["en"]},
        "waves": [{"id": "a", "title": {"en": "A"}}, {"id": "b", "title": {"en": "B"}, "compared_with": "a"}],
        "policy": {"small": 30},
        "scales": [],
        "units": [],
        "measures": [],
    }
    cells = {("a", "all", "all", "m"): Cell(n, None, 3.5, 3.4, 3.6, "ok"),
             ("b", "all", "all", "m"): Cell(n, None, 3.6, 3.5, 3.7, "ok"),
             ("b", "all", "all", "change:m"): change}  # fmt: skip
    return View(Released("r", codebook, {}, {("district", "s"): cells}), EN, read_theme(None), "district", "s")


MEAN = {"id": "m", "title": {"en": "M"}, "statistic": "mean", "scale": "x", "unit": "points", "range": [1, 5]}


@given(st.floats(-2, 2), st.floats(0, 1), st.sampled_from([12, 200]))
def test_the_verdict_agrees_with_the_interval_that_is_shown(value, half, n):
    said = verdict(view_of(Cell(n, None, value, value - half, value + half, "ok"), n), MEAN)
    decimals = 1 if n < 30 else 2
    low, high = as_shown(value - half, "points", decimals, -1), as_shown(value + half, "points", decimals, 1)
    assert said.kind == ("rise" if low > 0 else "fall" if high < 0 else "unsure")
    assert f"{abs(low):.{decimals}f}" in said.sentence and f"{abs(high):.{decimals}f}" in said.sentence


def test_an_interval_that_only_just_misses_zero_is_not_called_a_rise():
    assert verdict(view_of(Cell(200, None, 0.2, 0.004, 0.4, "ok")), MEAN).kind == "unsure"


def test_a_hidden_change_is_hidden():
    said = verdict(view_of(Cell(status="suppressed")), MEAN)
    assert (said.kind, said.sentence) == ("hidden", "The change since A is hidden to protect students.")


def test_a_change_without_an_interval_gets_no_verdict():
    assert verdict(view_of(Cell(1, None, 0.2, None, None, "one_answer")), MEAN).kind == "none"
