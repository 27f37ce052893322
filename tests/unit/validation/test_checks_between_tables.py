"""Checks of one table against another and against the last wave; a contract names them, and none other is known."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from unit.validation import wave_examples as make
from unit.validation.test_service_levels import facts

from connectedness.declare.contract import contract_from
from connectedness.declare.source import Source
from connectedness.errors import DeclarationError
from connectedness.validation.between import check_between
from connectedness.validation.compile import compile_contract

COLUMNS = "    properties: [{name: school, logicalType: string}]\n"


def suite(implementation: str, table: str = "responses", more: str = ""):
    rule = f"{{id: r, type: custom, engine: connectedness{more}, implementation: {implementation}}}"
    return compile_named(table, f"    quality: [{rule}]\n{COLUMNS}")


def compile_named(table: str, body: str):
    head = "kind: DataContract\napiVersion: v3.2.0\nid: c\nversion: 1.0.0\nstatus: active\n"
    return compile_contract(contract_from(Source(Path("c.odcs.yaml"), f"{head}schema:\n  - name: {table}\n{body}")))


def check(implementation: str, responses, roster, table: str = "responses", **changes):
    (result,) = check_between(suite(implementation, table), facts(responses, roster, **changes))
    return result


def two_schools(a: int, b: int, rows=make.answers) -> pd.DataFrame:
    whole = rows(a + b)
    whole.loc[a:, "school"] = "b"
    return whole


def test_every_school_that_answered_is_on_the_roster():
    good = check("{check: schools_on_roster}", two_schools(5, 3), two_schools(9, 9, make.roster))
    assert good.success and good.findings == ()
    bad = check("{check: schools_on_roster}", two_schools(5, 3), make.roster(9))
    assert not bad.success and bad.stopping  # no severity was given, so it is an error
    assert [(one.school, one.sentence) for one in bad.findings] == [
        ("b", "School b has 3 answers and no student on the roster. Add its students to the roster, or correct the "
              "school in the export.")
    ]  # fmt: skip


def test_every_school_on_the_roster_has_answers():
    result = check("{check: roster_schools_answered}", make.answers(5), two_schools(9, 1, make.roster))
    assert [one.sentence for one in result.findings] == [
        "School b: none of its 1 eligible student has answered so far. Ask whether the school took part, and whether "
        "its export is missing."
    ]
    closed = check("{check: roster_schools_answered}", make.answers(5), two_schools(9, 8, make.roster), closed=True)
    assert "none of its 8 eligible students has answered. Ask" in closed.found


def test_no_school_has_more_answers_than_students():
    name = "{check: no_more_answers_than_students}"
    assert check(name, make.answers(9), make.roster(9)).success
    over = check(name, make.answers(10), make.roster(9))
    assert over.found.startswith("Lakeside School (a): 10 answers came, of 9 eligible students.")
    assert check("{check: no_more_answers_than_students, tolerance: 12}", make.answers(10), make.roster(9)).success


def test_answers_of_students_who_are_not_on_the_roster_came_too():
    strangers = check("{check: no_more_answers_than_students}", make.answers(9), make.roster(9), strangers={"a": 2})
    assert "11 answers came" in strangers.found


def test_a_school_that_is_not_on_the_roster_is_told_by_the_other_check():
    assert check("{check: no_more_answers_than_students}", two_schools(3, 5), make.roster(9)).success


def test_a_grade_of_a_school_has_no_more_answers_than_students():
    responses, students = make.answers(10), make.roster(30)
    responses.loc[:3, "grade"] = "12"
    responses.loc[9, "grade"] = "unknown"
    students.loc[:1, "grade"] = "12"
    result = check("{check: no_more_answers_than_students, by: [school, grade]}", responses, students)
    assert [one.sentence.partition(".")[0] for one in result.findings] == [
        "Lakeside School (a), grade 12: 4 answers came, of 2 eligible students"
    ]
    without = responses.drop(columns="grade")
    assert check("{check: no_more_answers_than_students, by: [school, grade]}", without, students).success


LAST = {"wave": "2025-fall", "roster": {"schools": {"a": 100, "c": 4}}}


def test_a_roster_is_about_as_large_as_in_the_last_wave():
    name = "{check: roster_like_last_wave}"
    assert check(name, make.answers(5), make.roster(84), "roster", previous=LAST).success
    small = check(name, make.answers(5), make.roster(52), "roster", previous=LAST)
    assert small.found == (
        "The roster has 52 students, 50 % fewer than the 104 of 2025-fall. See that the roster is whole, and of this "
        "wave."
    )
    wide = "{check: roster_like_last_wave, tolerance: 60}"
    assert check(wide, make.answers(5), make.roster(52), "roster", previous=LAST).success


def test_so_is_each_schools_part_unless_it_is_a_matter_of_a_few():
    students = two_schools(300, 12, make.roster)
    result = check("{check: roster_like_last_wave, by: [school]}", make.answers(5), students, "roster", previous=LAST)
    assert [one.sentence.partition(". See")[0] for one in result.findings] == [
        "Lakeside School (a) has 300 students on the roster, 200 % more than the 100 of 2025-fall",
        "School b has 12 students on the roster, and had none in 2025-fall",
    ]  # school c had four students and has none: no news


def test_what_there_is_nothing_to_compare_with_holds_and_says_so():
    assert "(there is no roster)" in check("{check: schools_on_roster}", make.answers(5), None).description
    first = check("{check: roster_like_last_wave}", make.answers(5), make.roster(9), "roster")
    assert first.success and "(no earlier wave has a roster)" in first.description
    none = check(
        "{check: roster_like_last_wave}", make.answers(5), make.roster(9), "roster", previous=LAST | {"roster": None}
    )
    assert none.success


def test_severities_are_obeyed():
    rule = suite("{check: schools_on_roster}", more=", severity: warning")
    (result,) = check_between(rule, facts(two_schools(5, 3), make.roster(9)))
    assert result.severity == "warning" and not result.success and not result.stopping


@pytest.mark.parametrize(
    ("implementation", "table", "says"),
    [
        ("{check: schools_on_rooster}", "responses", "check is not known"),
        ("{check: schools_on_roster}", "roster", "check is not known"),
        ("{check: schools_on_roster}", "scores", "check is not known"),
        ("{check: roster_like_last_wave}", "responses", "check is not known"),
        ("'schools_on_roster'", "responses", "check is not known"),
        ("{check: schools_on_roster, by: [school]}", "responses", "does not take"),
        ("{check: no_more_answers_than_students, by: [grade]}", "responses", "does not count by"),
        ("{check: no_more_answers_than_students, tolerance: some}", "responses", "tolerance"),
        ("{check: roster_like_last_wave, tolerance: -2}", "roster", "tolerance"),
    ],
)
def test_what_is_not_known_is_refused_with_file_and_line(implementation, table, says):
    with pytest.raises(DeclarationError, match=says) as caught:
        suite(implementation, table)
    assert caught.value.file == "c.odcs.yaml" and caught.value.line == 8


def test_such_a_check_does_not_stand_with_a_column():
    rule = "{type: custom, engine: connectedness, implementation: {check: schools_on_roster}}"
    body = f"    properties: [{{name: school, logicalType: string, quality: [{rule}]}}]\n"
    with pytest.raises(DeclarationError, match="stands with the table"):
        compile_named("responses", body)


def test_ids_are_unique_over_all_kinds_of_rules():
    body = (
        "    quality:\n"
        "      - {id: r, type: custom, engine: connectedness, implementation: {check: schools_on_roster}}\n"
        "      - {id: r, metric: rowCount, mustBeGreaterThan: 0}\n"
    )
    with pytest.raises(DeclarationError, match="two rules have this id"):
        compile_named("responses", body + COLUMNS)
