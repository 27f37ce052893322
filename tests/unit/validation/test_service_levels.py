"""Service levels of a contract: which are run, which are for a person, which are refused, and what they say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit.validation import wave_examples as make
from unit.validation.contract_examples import yaml_contract

from connectedness.errors import DeclarationError
from connectedness.validation.compile import compile_contract
from connectedness.validation.levels import check_levels
from connectedness.validation.wavefacts import WaveFacts

COLUMNS = """\
    properties:
      - {name: school, logicalType: string}
      - {name: grade, logicalType: string, customProperties: [{property: mayBeAbsent, value: true}]}
      - {name: submitted_at, logicalType: timestamp}
"""
NOON = datetime(2026, 10, 8, 18, tzinfo=UTC)


def suite(level: str, table: str = "responses"):
    text = yaml_contract(COLUMNS, slaProperties=f"[{{{level}}}]").model_copy(update={"table": table})
    return compile_contract(text)


def facts(responses=None, roster=None, **changes) -> WaveFacts:
    known = {
        "now": NOON,
        "timezone": "America/Edmonton",
        "window": (date(2026, 10, 5), date(2026, 10, 23)),
        "closed": False,
        "snapshot": None,
        "titles": {"a": "Lakeside School"},
        "responses": make.answers(10) if responses is None else responses,
        "roster": roster,
        "strangers": {},
        "previous": None,
    }
    return WaveFacts(**{**known, **changes})


def check(level: str, table: pd.DataFrame | None = None, name: str = "responses", **changes):
    own = make.answers(10) if table is None else table
    results, texts = check_levels(suite(level, name), own, facts(own if name == "responses" else None, **changes))
    return results[0], texts


AGE = "property: freshness, value: 2, unit: d, element: submitted_at"


@pytest.mark.parametrize("unit", ["d", "day", "days", "D"])
def test_the_newest_answer_may_be_so_old_and_no_older(unit):
    level = AGE.replace("unit: d", f"unit: {unit}")
    newest = make.answers(10)["submitted_at"].max().to_pydatetime()
    assert check(level, now=newest + timedelta(days=2))[0].success
    late, texts = check(level, now=newest + timedelta(days=2, seconds=1))
    assert not late.success and texts == [] and late.severity == "warning" and not late.stopping
    (finding,) = check(level, now=newest + timedelta(days=9, hours=3))[0].findings
    assert (
        finding.sentence == "The newest answer in the export is 9 days old; the contract allows 2 days. Export again."
    )


def test_ages_are_told_in_the_unit_that_the_contract_uses():
    newest = make.answers(10)["submitted_at"].max().to_pydatetime()
    hours, _ = check("property: latency, value: 24, unit: h", now=newest + timedelta(hours=30))
    assert "30 hours old; the contract allows 24 hours" in hours.found
    weeks, _ = check("property: latency, value: 1, unit: week", now=newest + timedelta(days=8))
    assert "8 days old; the contract allows 1 week." in weeks.found


def test_when_the_survey_has_ended_its_last_day_is_what_counts():
    after = datetime(2026, 12, 1, tzinfo=UTC)
    late, _ = check(AGE, now=after)
    assert late.found == (
        "The newest answer is of 2026-10-05, 18 days before the survey closed; the contract allows 2 days. Export "
        "again, or set closed: true if nothing more is to come."
    )
    full = make.answers(10)
    full["submitted_at"] = pd.Timestamp("2026-10-23 20:00", tz="UTC")
    assert check(AGE, full, now=after)[0].success


def test_the_age_is_not_asked_of_a_closed_wave_or_one_that_has_not_opened():
    assert "(the wave is closed)" in check(AGE, closed=True, now=datetime(2027, 1, 1, tzinfo=UTC))[0].description
    before, _ = check(AGE, now=datetime(2026, 10, 5, 5, tzinfo=UTC))  # still 4 October where the survey is
    assert before.success and "(the survey has not opened)" in before.description


def test_what_nothing_in_the_wave_can_answer_is_for_a_person():
    table = make.answers(10)
    table["submitted_at"] = pd.Series(pd.NaT, index=table.index, dtype="datetime64[us, UTC]")
    result, texts = check(AGE, table)
    assert result.success and "(no row has a submitted_at)" in texts[0].description
    result, texts = check("property: freshness, value: 30, unit: d", make.roster(10), "roster")
    assert result.success and "does not say of which day the roster is" in texts[0].description


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("2026-09-05", None),
        ("2026-10-20", None),
        ("2026-11-22", None),
        ("2026-08-01", "The roster is of 2026-08-01, 65 days before the survey opened (2026-10-05)"),
        ("2026-11-23", "The roster is of 2026-11-23, 31 days after it closed (2026-10-23)"),
    ],
)
def test_a_roster_is_of_a_day_near_the_survey(day, says):
    level = "property: freshness, value: 30, unit: d, element: snapshot"
    result, _ = check(level, make.roster(10), "roster", snapshot=date.fromisoformat(day))
    assert result.success == (says is None)
    assert result.found.startswith(says or "")


FILLED = "property: completeness, value: 90, unit: percent, element: grade"


def test_a_school_is_named_only_where_more_than_half_of_the_empty_rows_are_its_own():
    table = make.answers(100)
    table.loc[:39, "grade"] = "unknown"
    table.loc[:19, "school"], table.loc[20:39, "school"] = "a", "b"
    assert "Most rows" not in check(FILLED, table)[0].found
    table.loc[20, "school"] = "a"
    assert "Most rows without it, 21, are of Lakeside School" in check(FILLED, table)[0].found


def test_a_column_is_filled_in_so_many_rows():
    table = make.answers(100)
    table.loc[:9, "grade"] = "unknown"
    assert check(FILLED, table)[0].success
    table.loc[10, ["grade", "school"]] = ["unknown", "b"]
    result, _ = check(FILLED, table)
    assert result.found == (
        "grade is filled in 89 % of the 100 rows; the contract asks for 90 %. Most rows without it, 10, are of "
        "Lakeside School (a). Fill it in where the file comes from, or see that the column map names the column."
    )
    assert "(the table has no grade)" in check(FILLED, table.drop(columns="grade"))[0].description
    assert "(there is no row)" in check(FILLED, table.head(0))[0].description


@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 100))
@example(100, 7, 93)
def test_completeness_holds_exactly_when_enough_rows_are_filled(n, empty, limit):
    empty = min(n, empty)
    table = make.answers(1).loc[[0] * n].reset_index(drop=True)
    table.loc[: empty - 1, "grade"] = "unknown"
    result, _ = check(FILLED.replace("90", str(limit)), table)
    assert result.success == (100 * (n - empty) >= limit * n)


RATE = "property: responseRate, value: 50, unit: percent"


def test_response_rates_are_judged_when_the_survey_has_closed():
    responses, students = make.answers(20), pd.concat([make.roster(39), make.roster(100, "b").tail(61)])
    assert "(the survey is open until 2026-10-23)" in check(RATE, responses, roster=students)[0].description
    assert "(there is no roster)" in check(RATE, responses, closed=True)[0].description
    whole, _ = check(RATE, responses, roster=students, closed=True)
    assert whole.found.startswith("The wave: 20 of 100 eligible students have answered (20 %)")
    by_school, _ = check(RATE + ", element: school", responses, roster=students, closed=True)
    (finding,) = by_school.findings
    assert finding.school == "b"
    assert finding.sentence == (
        "School b: 0 of 61 eligible students have answered (0 %); the contract asks for 50 %. Ask why before you "
        "publish."
    )


def test_a_share_that_just_misses_never_reads_as_one_that_holds():
    result, _ = check(RATE, make.answers(4_997), roster=make.roster(10_000), closed=True)
    assert "(49.9 %)" in result.found


def test_a_severity_of_error_stops_the_wave():
    level = AGE + ", customProperties: [{property: severity, value: error}]"
    assert check(level, now=datetime(2026, 10, 20, tzinfo=UTC))[0].stopping


@pytest.mark.parametrize("name", ["frequency", "retention", "availability", "timeOfAvailability", "ourOwn"])
def test_other_levels_are_told_to_a_person(name):
    made = suite(f"property: {name}, value: 3, unit: y, description: as agreed")
    assert made.levels == ()
    assert [one.description for one in made.for_a_person] == [f"{name} 3 y: as agreed"]


def test_levels_of_tables_that_are_made_here_are_for_a_person():
    assert len(suite(AGE, "scores").for_a_person) == 1


@pytest.mark.parametrize(
    ("level", "says"),
    [
        ("property: freshnes, value: 2, unit: d", "nearly is"),
        ("property: freshness, value: -1, unit: d", "not below 0"),
        ("property: freshness, value: two, unit: d", "not below 0"),
        ("property: freshness, value: 2, unit: fortnight", "unit of time"),
        ("property: freshness, value: 2", "unit of time"),
        ("property: freshness, value: 2, valueExt: 3, unit: d", "one value"),
        ("property: freshness, value: 2, unit: d, element: school", "holds times"),
        ("property: completeness, value: 90, unit: percent", "of columns of the contract"),
        ("property: completeness, value: 90, unit: percent, element: house", "of columns of the contract"),
        ("property: completeness, value: 190, unit: percent, element: grade", "percentage"),
        ("property: completeness, value: 9, unit: rows, element: grade", "percentage"),
        ("property: responseRate, value: 50, unit: percent, element: grade", "response rate"),
        (AGE + ", customProperties: [{property: severity, value: grave}]", "severity"),
    ],
)
def test_a_level_that_could_not_be_checked_is_refused_at_its_place(level, says):
    with pytest.raises(DeclarationError, match=says) as caught:
        suite(level)
    assert caught.value.key == "slaProperties[0]" and caught.value.line == 6


def test_two_levels_of_one_property_have_ids_of_their_own():
    text = f"[{{{AGE}}}, {{{AGE}}}, {{id: mine, {AGE}}}]"
    made = compile_contract(yaml_contract(COLUMNS, slaProperties=text))
    assert [one.id for one in made.levels] == ["freshness", "freshness_2", "mine"]
