"""A report file by file and school by school: where the rows are, what is wrong, what to do, and no value of a cell."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.validation import wave_examples as make

from connectedness.validation.parts import with_parts
from connectedness.validation.wave import validate_wave

NOW = datetime(2026, 10, 6, 12, tzinfo=UTC)


@pytest.fixture
def project(tmp_path):
    return make.project(tmp_path)


def run(project, responses, students=None, lines=None, **more):
    lines = make.rejected() if lines is None else lines
    account = make.account(responses, lines, students)
    return validate_wave(project, "w1", responses, students, lines, account, now=NOW, **more)


def place(school: str, file: str = "x.csv", rule: str = "no_id", rows=(4,), **more) -> dict:
    words = {"sentence": "there is no student token", "todo": "Ask."}
    return {"table": "responses", "file": file, "rule": rule, "school": school, "column": "token",
            "rows": list(rows), "n": len(rows), **words, **more}  # fmt: skip


def report(*groups: dict, **more) -> dict:
    entry = {"rows": 9, "accepted": 9, "quarantined": 0, "excluded": {}}
    schools = [{"school": "017", "label": "Lakeside School (017)"}, {"school": "020"}]
    files = [entry | {"file": "x.csv"}, entry | {"file": "y.csv"}]
    return {"files": files, "roster": None, "schools": schools, "quarantine": list(groups), **more}


def told(entry: dict) -> list[tuple[str, str]]:
    return [(one["severity"], one["sentence"]) for one in entry["told"]]


def test_a_school_is_told_of_its_rows_file_by_file():
    found = with_parts(report(place("017", rows=[4, 9]), place("017", "y.csv", rows=[3]), place("020")))
    first, second = found["schools"]
    assert told(first) == [
        ("critical", "x.csv, rows 4, 9: there is no student token (column token). What to do: Ask."),
        ("critical", "y.csv, row 3: there is no student token (column token). What to do: Ask."),
    ]
    assert len(told(second)) == 1


def test_a_file_is_told_of_its_rows_school_by_school_in_one_sentence():
    found = with_parts(report(place("017", rows=[4, 9]), place("020", rows=[12]), place("017", "y.csv")))
    assert told(found["files"][0]) == [
        (
            "critical",
            "3 rows (rows 4, 9 of Lakeside School (017); row 12 of School 020): there is no student token (column "
            "token). What to do: Ask.",
        )
    ]


def test_of_many_rows_the_first_ten_are_named():
    found = with_parts(report(place("017", rows=range(2, 22), n=31)))
    assert "rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 21 more:" in found["schools"][0]["told"][0]["sentence"]


def test_answers_that_were_not_used_are_told_by_kind():
    bad = [{"file": "x.csv", "item": "q1", "n": 2, "kind": "a code outside 1–5"},
           {"file": "x.csv", "item": "q2", "n": 1, "kind": "a code outside 1–5"},
           {"file": "y.csv", "item": "q2", "n": 1, "kind": "text where a code belongs"}]  # fmt: skip
    first, second = with_parts(report(bad_items=bad))["files"]
    assert told(first) == [
        ("warning", "3 answers could not be used, but the rows were kept: a code outside 1–5 (q1 2, q2 1).")
    ]
    assert told(second)[0][1].startswith("1 answer could not be used")


def test_warnings_findings_and_notes_stand_after_what_was_set_aside():
    warned = place("017", rule="slow", severity="warning", sentence="too slow")
    finding = {"contract": "roster", "rule": "r", "severity": "info", "school": "017", "sentence": "Few came."}
    other = finding | {"school": None, "sentence": "Of the wave."}
    notes = ["x.csv: 3 rows have odd times.", "xx.csv: of another", "of nothing"]
    found = with_parts(report(place("017"), warnings=[warned], findings=[finding, other], notes=notes))
    assert [one["severity"] for one in found["schools"][0]["told"]] == ["critical", "warning", "info"]
    assert [one[1] for one in told(found["files"][0])][-1] == "x.csv: 3 rows have odd times."
    assert "Of the wave." not in json.dumps(found["schools"])


def test_rows_of_the_roster_are_told_with_its_file():
    lines = place("017", "roster.csv", table="roster")
    found = with_parts(report(lines, roster={"file": "roster.csv"}))
    assert len(found["roster"]["told"]) == 1 and found["files"][0]["told"] == []


def test_a_warning_keeps_the_row_and_says_which_it_is(project):
    responses = make.answers(30)
    responses.loc[4, "duration_s"] = 90_000.0
    found = run(project, responses, make.roster(30))
    assert len(found.responses) == 30 and len(found.quarantine) == 0
    (group,) = found.report["warnings"]
    assert (group["rule"], group["severity"], group["rows"]) == ("longer_than_a_day", "warning", [6])
    (line,) = with_parts(found.report)["schools"][0]["told"]
    assert line["severity"] == "warning" and line["sentence"].startswith("x.csv, row 6: this does not hold: answering")
    assert "90000" not in json.dumps(found.report)


def test_values_allowed_in_a_list_are_told(project):
    students = make.roster(60)
    students.loc[5, "grade"] = "13"
    (group,) = [
        one for one in run(project, make.answers(20), students).report["quarantine"] if one["table"] == "roster"
    ]
    assert group["rule"] == "grade.enum" and group["todo"].startswith("Allowed: K, 1, 2, 3,")


rules = st.sampled_from(["no_id", "duplicate", "unknown_school"])
groups = st.lists(
    st.tuples(st.sampled_from(["017", "020", ""]), st.sampled_from(["x.csv", "y.csv"]), rules, st.integers(1, 40)),
    unique_by=lambda one: one[:3],
    max_size=8,
)


@given(groups)
def test_every_group_of_rows_is_in_one_files_and_one_schools_part(found):
    made = [place(school or None, file, rule, range(2, 2 + n), sentence=rule) for school, file, rule, n in found]
    whole = with_parts(report(*made))
    for file in whole["files"]:
        of = [(rule, n) for _, name, rule, n in found if name == file["file"]]
        assert len(file["told"]) == len({rule for rule, _ in of})
        counted = sum(int(one["sentence"].split(" ")[0]) for one in file["told"])
        assert counted == sum(n for _, n in of)
    for school in whole["schools"]:
        assert len(school["told"]) == len([one for one in found if one[0] == school["school"]])
