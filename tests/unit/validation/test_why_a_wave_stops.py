"""The first sentence on a stopped wave names the likely reason."""

from __future__ import annotations

import pytest
from unit.validation import wave_examples as make

from connectedness.validation.sentences import near_school, schools_hint
from connectedness.validation.wave import validate_wave


@pytest.fixture
def project(tmp_path):
    return make.project(tmp_path)


def aside(rule: str, n: int, school: str = "a"):
    lines = make.rejected(*(("responses", "x.csv", 60 + i, rule, "quarantined") for i in range(n)))
    return lines.assign(school=school)


def run(project, responses, students, lines):
    return validate_wave(project, "w1", responses, students, lines, make.account(responses, lines, students))


def test_a_roster_of_another_year_is_said_first(project):
    found = run(project, make.answers(2), make.roster(30), aside("not_on_roster", 28))
    assert found.stopped[0].startswith(
        "This roster seems to be of another year, or its ids are others: 28 of 30 students are not on it."
    )
    few = run(project, make.answers(20), make.roster(30), aside("not_on_roster", 10))
    assert few.stopped and "another year" not in " ".join(few.stopped)


def test_a_table_that_is_empty_since_all_was_set_aside_is_not_said_first(project):
    found = run(project, make.answers(0), make.roster(30), aside("not_on_roster", 12))
    assert "another year" in found.stopped[0] and "12 of 12" in found.stopped[1]
    assert "at least one row" in found.stopped[-2] and found.stopped[-1].startswith("Ask: ")
    found = run(project, make.answers(0), make.roster(30), aside("no_id", 12))
    assert "no student token" in found.stopped[0]


def test_schools_whose_zeros_were_lost_are_named_with_what_they_look_like(project):
    found = run(project, make.answers(10, "001"), make.roster(30, "001"), aside("unknown_school", 8, "1"))
    assert "1 (8 rows)" in found.stopped[0] and "1 looks like 001" in found.stopped[0]
    (entry,) = found.report["quarantine"]
    assert entry["school"] == "1" and 'values: {"1": "001"}' in entry["todo"]


def test_the_three_most_frequent_schools_are_named_and_rare_values_are_not():
    counts = {"10": 9, "20": 30, "30": 12, "40": 7, "Ann Example": 2, "7": 1}
    told = schools_hint(counts, ["007"], 6)
    assert told == "Found: 20 (30 rows), 30 (12 rows), 10 (9 rows)."
    assert "7 looks like 007" in schools_hint({"Ann Example": 2, "7": 1}, ["007"], 6)
    assert "unknown_values.csv" in schools_hint({"Ann Example": 2}, ["007"], 6)


@pytest.mark.parametrize(("school", "near"), [("1", "001"), ("01", "001"), ("1.0", "001"), ("3", None), ("0", None)])
def test_a_school_comes_near_to_one_known_school_or_to_none(school, near):
    assert near_school(school, ["001", "02", "0"]) == near
    assert near_school("2", ["02", "002"]) is None
