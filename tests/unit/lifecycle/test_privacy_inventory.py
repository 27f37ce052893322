"""The inventory is read from the project as it is, and tells of no student."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date

import pytest
import yaml
from typer.testing import CliRunner

from connectedness.cli import app
from connectedness.declare.project import open_project
from connectedness.lifecycle.inventory import inventory, inventory_text
from connectedness.lifecycle.retention import purge

FIRST = "2025-fall"


@pytest.fixture(scope="module")
def found(district):
    return inventory(open_project(district), date(2026, 12, 1))


def test_every_column_that_is_read_is_listed_with_its_class(found, district):
    listed = {one["field"]: one for one in found["fields"] if one["table"] == "export"}
    columns = yaml.safe_load((district / "maps" / "export.yaml").read_text())
    named = [one if isinstance(one, str) else one["column"] for one in columns["items"].values()]
    assert set(named) <= set(listed)
    assert listed["student_token"]["classification"] == "identifier"
    assert listed["School"]["classification"] == "quasi-identifier"
    assert not {"Email", "FirstName", "IPAddress"} & set(listed)
    responses = {one["field"] for one in found["fields"] if one["table"] == "responses"}
    import pandas as pd

    stored = set(pd.read_parquet(district / "store" / FIRST / "responses.parquet").columns)
    assert stored <= responses


def test_columns_that_lie_in_the_inbox_unread_are_listed_by_file(found):
    unread = {
        (one["table"], one["field"]) for one in found["fields"] if one["classification"] == "identifier or unknown"
    }
    export, roster = (f"columns of {name} that are not read" for name in ("export-in-person.csv", "roster.csv"))
    assert {(export, name) for name in ("LastName", "FirstName", "Email", "IPAddress")} <= unread
    assert {(roster, name) for name in ("LastName", "FirstName", "Email", "birth_date")} <= unread
    assert not {name for _, name in unread} & {"student_token", "School", "school", "grade", "Q1_1", "group"}
    assert {one["kept"] for one in found["fields"] if one["table"] in (export, roster)} == {"inbox/<wave>/"}
    assert "birth_date | identifier or unknown" in inventory_text(found)


def test_a_band_of_grades_is_no_column_of_the_roster_file(found):
    assert "grade_band" not in {one["field"] for one in found["fields"] if one["table"] == "roster file"}


def test_each_field_says_why_where_and_how_it_is_classed(found):
    classes = {"identifier or unknown", "identifier", "quasi-identifier", "internal", "restricted-use"}
    for one in found["fields"]:
        assert one["classification"] in classes and one["purpose"] and one["description"] and one["kept"]
    assert {one["table"] for one in found["fields"]} >= {"export", "roster file", "roster", "responses", "scores"}


def test_policy_modules_audit_and_ledger_are_those_of_the_project(found, district):
    assert found["deidentification"]["minimum"] == {"internal": 6, "public": 10}
    assert {one["id"] for one in found["modules"]} == {"chosen_name", "gender", "alliance"}
    assert not any(one["on"] for one in found["modules"])
    assert {(one["audience"], one["recovered"]) for one in found["audit"]} == {("internal", 0), ("public", 0)}
    lines = (district / "store" / "ledger.jsonl").read_text().splitlines()
    assert [one["release"] for one in found["ledger"]] == [json.loads(line)["release"] for line in lines]


def test_what_is_declared_is_told(copy):
    survey, columns = copy / "survey.yaml", copy / "maps" / "export.yaml"
    survey.write_text(survey.read_text() + "notify: {webhook_env: DISTRICT_WEBHOOK}\nretention_days: 7\n")
    text = columns.read_text().replace(
        "columns:\n", 'columns:\n  assent: {column: Agree, agreed: ["Yes"]}\n  opt_out: {column: Out, agreed: ["No"]}\n'
    )
    columns.write_text(text)
    purge(copy, today=date(2027, 1, 1))
    told = inventory(open_project(copy), date(2027, 1, 2))
    assert told["retention"]["days"] == 7
    assert [len(one["purged"]) for one in told["retention"]["waves"]] == [1, 0]
    assert {(one["reason"], one["missing"]) for one in told["participation"]} == {
        ("no_assent", "refused"),
        ("opted_out", "agreed"),
    }
    assert any("DISTRICT_WEBHOOK" in one for one in told["network"])
    assert "Agree" in inventory_text(told)


def test_what_the_roster_says_of_taking_part_is_told_too(copy):
    text = (copy / "survey.yaml").read_text(encoding="utf-8")
    line = text[text.index("roster:") : text.index("\n", text.index("roster:"))]
    more = "assent: {column: Agrees, agreed: ['y']}, groups: {file: 'inbox/{wave}/g.csv', token: Code, "
    more += "opt_out: {column: Left, agreed: ['n']}}"
    (copy / "survey.yaml").write_text(text.replace(line, line.rstrip("}") + f", {more}}}"), encoding="utf-8")
    told = inventory(open_project(copy), date(2027, 1, 2))
    fields = {(one["table"], one["field"]): one["classification"] for one in told["fields"]}
    assert fields[("roster file", "Agrees")] == fields[("file of groups", "Left")] == "internal"
    assert fields[("file of groups", "Code")] == "identifier"
    assert {(one["place"], one["reason"]) for one in told["participation"]} == {
        ("roster", "no_assent"), ("file of groups", "opted_out"),
    }  # fmt: skip


def test_it_is_written_as_text_and_as_json_and_names_nobody(district, tmp_path):
    out = tmp_path / "pia.md"
    result = CliRunner().invoke(app, ["pia", str(district), "-o", str(out)])
    assert result.exit_code == 0, result.output
    text, data = out.read_text(encoding="utf-8"), out.with_suffix(".json").read_text(encoding="utf-8")
    assert json.loads(data)["survey"]["id"] == "maple_fork"
    assert text.startswith("# Privacy inventory: Maple Fork School Division")
    with (district / "inbox" / FIRST / "roster.csv").open(encoding="utf-8", newline="") as stream:
        tokens = [row["student_token"] for row in csv.DictReader(stream)]
    assert not any(token in text + data for token in tokens)


def test_a_project_that_has_never_been_run_has_an_inventory_too(district, tmp_path):
    root = shutil.copytree(district, tmp_path / "new", ignore=shutil.ignore_patterns("store", "site", "inbox"))
    found = inventory(open_project(root))
    assert (found["audit"], found["ledger"]) == ([], [])
    assert "Nothing is published yet." in inventory_text(found)
