"""The check of a roster before a survey opens, and the two commands."""

import json
import re

import pytest
import typer
from typer.testing import CliRunner
from unit.ingest.roster_examples import RosterProject

from connectedness.cli_roster import register
from connectedness.errors import DeclarationError
from connectedness.ingest.roster_check import check_roster
from connectedness.ingest.roster_words import WORDS, check_text


@pytest.fixture
def roster(tmp_path):
    project = RosterProject(tmp_path)
    project.survey["breakdowns"] = ["race", "sex"]
    return project


def checked(roster) -> dict:
    roster.project()
    found = check_roster(roster.root, "w2")
    assert json.loads(json.dumps(found)) == found
    return found


def test_counts_by_school_and_grade(roster):
    found = checked(roster.oneroster())
    assert found["students"] == 25 and found["snapshot"] == "2026-10-05"
    assert {one["school"]: one["students"] for one in found["schools"]} == {"sA": 12, "sB": 9, "sC": 4}
    assert sum(one["students"] for one in found["school_grades"]) == 25
    assert [one["grade"] for one in found["grades"]] == ["K", "1", "7", "8", "9", "unknown"]


def test_rows_set_aside_are_told_by_rule_and_number(roster):
    found = checked(roster.oneroster())
    assert {one["rule"]: one["rows"] for one in found["aside"]} == {
        "unknown_org": [37, 38],
        "unknown_grade": [24],
        "duplicate": [34],
        "no_id": [35],
        "unread_date": [36],
    }
    assert {one["reason"] for one in found["left_out"]} == set(found["rows"]["excluded"])
    assert all(one["rule"] in WORDS for one in found["aside"])


def test_schools_declared_without_students_and_the_other_way_round(roster):
    roster.survey["schools"] = {"sA": {"en": "Alder"}, "sB": {"en": "Birch"}, "s9": {"en": "Oak"}}
    found = checked(roster.oneroster())
    assert found["declared_without_students"] == ["s9"]
    assert found["not_declared"] == [{"school": "", "rows": 4}]
    assert "not declared: values of few rows, not printed (4 rows)" in check_text(found)
    assert "Declared, but without a student: s9" in check_text(found)


def test_what_will_be_hidden_even_if_everybody_answers(roster):
    internal, public = checked(roster.oneroster())["hidden"]
    assert (internal["audience"], internal["minimum"], public["minimum"]) == ("internal", 6, 10)
    assert internal["schools"] == ["sC"] and set(internal["schools"]) <= set(public["schools"])
    small = {one["breakdown"]: one["levels"] for one in internal["groups"]}
    assert "hispanic" in small["race"] and "unknown" not in small["race"]
    assert {"breakdown": "race", "schools": 1, "of": 3} in internal["within_schools"]


def test_a_breakdown_of_very_many_values_is_not_listed(roster):
    roster.survey["breakdowns"] = ["homeroom"]
    roster.put(
        "roster.csv", ("token,school,grade,homeroom\n" + "".join(f"s{i},1,7,Ann {i}\n" for i in range(60))).encode()
    )
    roster.roster = {"file": "inbox/{wave}/roster.csv"}
    found = checked(roster)
    assert found["breakdowns"] == [
        {"breakdown": "homeroom", "n_levels": 1, "levels": [{"level": "unknown", "students": 60}]}
    ]
    (note,) = found["notes"]
    assert "60 rows are of 60 values of homeroom that fewer than 10 students have" in note
    assert "Ann" not in json.dumps(found) + check_text(found)
    many = "".join(f"s{i},1,7,Room {i % 50}\n" for i in range(500))
    roster.put("roster.csv", f"token,school,grade,homeroom\n{many}".encode())
    found = checked(roster)
    assert found["breakdowns"] == [{"breakdown": "homeroom", "n_levels": 50, "levels": []}]
    assert "Room" not in json.dumps(found) and "50 different values: is it a group?" in check_text(found)


def test_no_token_or_pseudonym_is_in_it(roster):
    found = checked(roster.oneroster(token="sourcedId"))
    told = json.dumps(found) + check_text(found)
    assert "u01" not in told and "Given" not in told and not re.search(r"\b[a-z2-7]{26}\b", told)


def test_a_survey_without_a_roster_has_none_to_check(roster):
    roster.oneroster()
    roster.project()
    text = (roster.root / "survey.yaml").read_text(encoding="utf-8")
    survey = {key: value for key, value in json.loads(text).items() if key != "roster"}
    (roster.root / "survey.yaml").write_text(json.dumps(survey), encoding="utf-8")
    with pytest.raises(DeclarationError, match="no roster"):
        check_roster(roster.root, "w2")


def test_the_commands(roster):
    roster.oneroster().project()
    app = typer.Typer()
    register(app)
    run = CliRunner().invoke
    shown = run(app, ["roster", "check", str(roster.root)])
    assert shown.exit_code == 0 and "Roster of wave w2: 25 students, enrolled on 2026-10-05." in shown.output
    assert json.loads(run(app, ["roster", "check", str(roster.root), "--json"]).output)["students"] == 25
    roster.put("answers.csv", b"token,school,grade,submitted,sm_a,sm_b,sm_c,sm_d,sm_e\nT01,sA,7,,4,4,4,4,4\n")
    shown = run(app, ["participation", str(roster.root), "--wave", "w2"])
    assert shown.exit_code == 0 and "fewer than 6 of 25 so far" in shown.output
