"""A whole wave against the last one and against its roster: told by file and by school, to Prefect in totals."""

from __future__ import annotations

import csv
import json

import pytest
from typer.testing import CliRunner

from connectedness.cli import app
from connectedness.declare.project import open_project
from connectedness.pipeline import run_wave
from connectedness.reporting import last_shape, summary

LAST, WAVE = "2025-fall", "2026-fall"


def table(file):
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def put(file, rows):
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def report(root, wave=WAVE):
    return json.loads((root / "store" / wave / "report.json").read_text(encoding="utf-8"))


def test_the_shape_of_each_wave_is_kept_and_holds_names_alone(district):
    shape = last_shape(open_project(district), WAVE)
    assert shape["wave"] == LAST and shape["items"]["hr_bel_accepted"]["state"] == "answered"
    (header,) = {tuple(one["columns"]) for one in shape["headers"]}
    export = district / "inbox" / LAST / "export-in-person.csv"
    assert list(header) == list(table(export)[0])
    text = (district / "store" / LAST / "schema.json").read_text(encoding="utf-8")
    assert not any(row["student_token"] in text for row in table(export) if row["student_token"])
    assert last_shape(open_project(district), LAST) is None


def test_two_waves_of_one_survey_differ_in_nothing_that_matters(district):
    assert report(district, LAST)["changes"] == {"since": None, "found": []}
    told = report(district)["changes"]
    assert told["since"] == LAST and not [one for one in told["found"] if not one["kind"].startswith("school")]


def test_a_new_column_a_lost_school_and_a_half_roster_are_told(copy):
    inbox = copy / "inbox" / WAVE
    export, roster = inbox / "export-in-person.csv", inbox / "roster.csv"
    rows = table(export)
    gone = max({row["School"] for row in rows}, key=[row["School"] for row in rows].count)
    put(export, [row | {"ST034Q07": "1"} for row in rows if row["School"] != gone])
    students = table(roster)
    put(roster, [row for row in students if row["school"] != gone])
    run_wave(copy, WAVE)
    found = report(copy)
    sentences = [one["sentence"] for one in found["changes"]["found"]]
    assert f"Column ST034Q07 is new in {WAVE} in export-in-person.csv." in sentences
    (lost,) = [one for one in sentences if f"({gone}) had answers in {LAST} and has none now." in one]
    assert lost.endswith("It is not on the roster either.")
    by_school = [one for one in found["findings"] if one["rule"] == "size_of_each_school"]
    assert gone in {one["school"] for one in by_school}
    page = (copy / "site" / "analyst" / "index.html").read_text(encoding="utf-8")
    assert "Column ST034Q07 is new" in page and "Ask: Survey office" in page
    school = next(one["school"] for one in found["schools"] if one["quarantined"] and one["eligible"])
    part = CliRunner().invoke(app, ["report", str(copy), "--school", school]).output
    assert f"({school})" in part and "What to do:" in part and gone not in part
    # What Prefect is given holds no school, no row, no sentence.
    assert set(summary(open_project(copy), WAVE)) == {"wave", "status", "rows", "releases", "pages"}


@pytest.mark.long
def test_a_contract_that_says_error_stops_the_wave_and_says_whom_to_ask(copy):
    folder = copy / "data_contracts"
    folder.mkdir(exist_ok=True)
    CliRunner().invoke(app, ["customise", "data_contracts/responses.odcs.yaml", str(copy)])
    own = folder / "responses.odcs.yaml"
    text = own.read_text(encoding="utf-8")
    office = "team:\n  name: Survey office\n  description: Runs the survey tool and exports its answers.\n"
    owner = "team: {members: [{username: data@district.example, name: Data office, role: owner}]}\n"
    text = text.replace(office, owner)
    strict = text.replace(
        "value: 50\n    unit: percent\n    element: responses.school\n",
        "value: 100\n    unit: percent\n    customProperties: [{property: severity, value: error}]\n",
    )
    assert strict.count("severity, value: error") == 1 and strict.count("Data office") == 1
    own.write_text(strict, encoding="utf-8")
    result = CliRunner().invoke(app, ["run", str(copy), "--wave", LAST])
    assert result.exit_code != 0
    stopped = report(copy, LAST)["stopped"]
    assert stopped[0].startswith("The wave: ") and "the contract asks for 100 %" in stopped[0]
    assert stopped[-1] == "Ask: Data office, data@district.example (owner of the responses)."
