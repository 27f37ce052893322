"""`connectedness report`: the last run in sentences, whole or one school's or one file's part."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectedness.cli import app
from connectedness.errors import ConnectednessError, DeclarationError
from connectedness.wavereport import report_text, wave_report

SURVEY = """\
id: tiny
title: {en: Tiny}
synthetic: true
instruments: [school-connectedness-5@1]
waves:
  - {id: w1, window: [2025-10-06, 2025-10-24], files: ["*.csv"], map: map.yaml}
  - {id: w2, window: [2026-10-05, 2026-10-23], files: ["*.csv"], map: map.yaml}
"""
REPORT = {
    "survey": "tiny", "title": "Tiny", "wave": "w1", "status": "passed", "ended": "2025-10-25 06:00-06:00",
    "stopped": [], "totals": {"read": 12, "accepted": 9, "quarantined": 1, "excluded": 2},
    "files": [{"file": "x.csv", "rows": 12, "accepted": 9, "quarantined": 1, "excluded": {"other_wave": 2}, "told": [
        {"severity": "critical", "sentence": "1 row (row 14 of Lakeside School (017)): no token. What to do: Ask."},
        {"severity": "info", "sentence": "x.csv: a note."}]}],
    "roster": {"file": "roster.csv", "rows": 20, "accepted": 20, "quarantined": 0, "excluded": {}, "told": []},
    "schools": [
        {"school": "017", "label": "Lakeside School (017)", "eligible": 20, "accepted": 9, "quarantined": 1, "told": [
            {"severity": "critical", "sentence": "x.csv, row 14: no token. What to do: Ask."}]},
        {"school": "020", "label": "School 020", "eligible": 0, "accepted": 1, "quarantined": 0, "told": []}],
    "findings": [
        {"contract": "responses", "rule": "r", "severity": "warning", "school": None, "sentence": "Nine days old."},
        {"contract": "responses", "rule": "s", "severity": "warning", "school": "017", "sentence": "Few came."}],
    "changes": {"since": "w0", "found": [{"kind": "column_new", "what": "Q9", "sentence": "Column Q9 is new in w1."}]},
    "for_a_person": [{"contract": "roster", "id": "look", "description": "Is it whole?"}],
    "contacts": [{"contract": "responses", "ask": "Ask: Data office (owner of the responses)."}],
    "notes": ["x.csv: a note.", "Of the whole wave."],
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "survey.yaml").write_text(SURVEY, encoding="utf-8")
    (tmp_path / "store" / "w1").mkdir(parents=True)
    (tmp_path / "store" / "w1" / "report.json").write_text(json.dumps(REPORT), encoding="utf-8")
    return tmp_path


def printed(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["report", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_whole_report_is_told_by_file_by_school_and_as_a_whole(root):
    text = printed(str(root))
    assert text.splitlines()[:2] == [
        "Tiny, wave w1: passed, last run 2025-10-25 06:00-06:00",
        "12 rows read = 9 accepted + 1 quarantined + 2 excluded",
    ]
    order = [
        "BY FILE",
        "x.csv: 12 rows read, 9 accepted, 1 quarantined, 2 excluded (other wave 2).",
        "  Set aside: 1 row (row 14 of Lakeside School (017)): no token. What to do: Ask.",
        "  Note: x.csv: a note.",
        "roster.csv: 20 rows read",
        "BY SCHOOL",
        "Lakeside School (017): 9 of 20 eligible students answered; 1 row set aside.",
        "  Set aside: x.csv, row 14: no token.",
        "School 020: 1 answer accepted; it is not on the roster.",
        "The wave as a whole:",
        "  Warning: Nine days old.",
        "  Note: Of the whole wave.",
        "Changed since w0:",
        "  Column Q9 is new in w1.",
        "For a person to check:",
        "  Is it whole?",
        "Ask: Data office (owner of the responses).",
    ]
    places = [text.index(one) for one in order]
    assert places == sorted(places)
    assert text.count("x.csv: a note.") == 1 and "Few came." not in text  # a school's finding is in its own part


@pytest.mark.parametrize("wanted", ["017", "Lakeside School", "lakeside school"])
def test_one_school_is_sent_its_own_part(root, wanted):
    assert printed(str(root), "--school", wanted).splitlines() == [
        "Tiny, wave w1",
        "",
        "Lakeside School (017): 9 of 20 eligible students answered; 1 row set aside.",
        "  Set aside: x.csv, row 14: no token. What to do: Ask.",
        "",
        "Ask: Data office (owner of the responses).",
    ]


def test_one_file_has_its_own_part(root):
    text = printed(str(root), "--file", "x.csv", "--wave", "w1")
    assert "no token" in text and "Lakeside School (017): 9 of 20" not in text and "roster.csv" not in text
    assert "roster.csv: 20 rows read" in printed(str(root), "--file", "roster.csv")


def test_the_same_is_told_as_json(root):
    assert json.loads(printed(str(root), "--json")) == REPORT
    part = json.loads(printed(str(root), "--json", "--school", "017"))
    assert (
        part["school"] == REPORT["schools"][0]
        and "answered" not in part["school"]
        and "files" not in part
        and "schools" not in part
    )


def test_what_is_not_there_is_told_with_what_is(root):
    with pytest.raises(ConnectednessError) as caught:
        wave_report(root, school="Lakesid School")
    assert caught.value.allowed == "017, 020" and caught.value.todo == "Did you mean Lakeside School?"
    with pytest.raises(ConnectednessError, match="no such file"):
        wave_report(root, file="z.csv")
    with pytest.raises(ConnectednessError, match="has not been run yet") as caught:
        wave_report(root, "w2")
    assert caught.value.todo == "connectedness run --wave w2"
    with pytest.raises(DeclarationError, match="not declared"):
        wave_report(root, "w9")
    (root / "store" / "w1" / "report.json").unlink()
    with pytest.raises(ConnectednessError, match="no wave has been run yet"):
        wave_report(root)


def test_a_wave_that_was_stopped_before_it_was_read_is_told_too():
    from connectedness.reporting import NOTHING_READ

    stopped = NOTHING_READ | {"title": "Tiny", "wave": "w1", "status": "stopped", "stopped": ["A column is missing."]}
    assert report_text(stopped).splitlines() == [
        "Tiny, wave w1: stopped",
        "0 rows read = 0 accepted + 0 quarantined + 0 excluded",
        "",
        "Why it was stopped:",
        "  A column is missing.",
    ]


def sent(root: Path, accepted: int, eligible: int | None, *told: str) -> tuple[str, dict]:
    lines = [{"severity": "warning", "sentence": one} for one in told]
    school = REPORT["schools"][0] | {"accepted": accepted, "eligible": eligible, "told": lines}
    changed = REPORT | {"schools": [school]}
    (root / "store" / "w1" / "report.json").write_text(json.dumps(changed), encoding="utf-8")
    part = json.loads(printed(str(root), "--json", "--school", "017"))["school"]
    return printed(str(root), "--school", "017"), part


@pytest.mark.parametrize(
    ("accepted", "eligible", "says"),
    [
        (4, 7, "(017): not told of 7 eligible students answered"),
        (4, 40, "(017): fewer than 6 of 40 eligible students answered"),
        (40, 40, "(017): 30 or more of 40 (75% or more) eligible students answered"),
        (35, 40, "(017): 30 or more of 40"),
        (5, 0, "(017): fewer than 6 answers accepted; it is not on the roster"),
        (5, None, "(017): fewer than 6 answers accepted"),
    ],
)
def test_a_school_is_sent_no_count_that_tells_who_answered(root, accepted, eligible, says):
    finding = f"Lakeside: {accepted} of {eligible} eligible students have answered; the contract asks for 80 %."
    text, part = sent(root, accepted, eligible, finding, "Grade 4: 2 answers came, of 3 eligible students.")
    assert says in text and "have answered; the contract" not in text and "Grade 4" not in text
    assert part["accepted"] is None and set(part["answered"]) == {"least", "most"}
    whole = printed(str(root))
    assert f"{accepted} of {eligible} eligible" in whole and "Grade 4: 2 answers came" in json.dumps(
        json.loads(printed(str(root), "--json"))
    )


def test_a_school_with_enough_on_both_sides_is_sent_its_counts(root):
    finding = "Lakeside: 6 of 12 eligible students have answered; the contract asks for 80 %."
    text, part = sent(root, 6, 12, finding)
    assert "6 of 12 eligible students answered" in text and finding in text and part["accepted"] == 6


def test_texts_where_a_code_belongs_are_told_with_the_file_to_look_into(root):
    assert "unknown_labels.csv" not in printed(str(root))
    bad = [{"file": "x.csv", "item": "q1", "n": 1, "kind": "text where a code belongs"}]
    (root / "store" / "w1" / "report.json").write_text(json.dumps(REPORT | {"bad_items": bad}), encoding="utf-8")
    for text in (printed(str(root)), printed(str(root), "--file", "x.csv")):
        assert (
            "see store/quarantine/w1/unknown_labels.csv; declare what they mean under codes: in the column map" in text
        )
    assert "unknown_labels.csv" not in printed(str(root), "--file", "roster.csv")
