"""The landing folder is emptied with the inbox, is in the inventory, and is looked into when a student withdraws."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from connectedness.cli import app
from connectedness.declare.project import open_project
from connectedness.intake import kept_for_a_person
from connectedness.intake.landing import Unreachable
from connectedness.lifecycle.inventory import inventory, inventory_text
from connectedness.lifecycle.records import read_records
from connectedness.lifecycle.retention import purge, purge_plan
from connectedness.store import write_json

OPEN = "2026-fall"
NAME = "Emma Ravensworth"


@pytest.fixture
def landed(project, clock, land):
    land()
    (project / "landing" / f"{NAME}.docx").write_bytes(b"a plan")
    clock.twice()
    return project


def closed(project):
    """Close the wave, as if it had been run; return a day on which its files are due."""
    survey = project / "survey.yaml"
    survey.write_text(survey.read_text().replace("closed: false", "closed: true"))
    (project / "store" / OPEN).mkdir(exist_ok=True)
    (project / "store" / OPEN / "estimates.parquet").write_bytes(b"there")
    write_json(project / "store" / OPEN / "report.json", {"status": "passed"})
    return open_project(project).wave(OPEN).window[1] + timedelta(days=31)


def test_files_of_an_open_wave_stay_and_so_does_what_was_just_set_aside(landed):
    assert purge_plan(open_project(landed), today=date.today()).landing == ()


def test_what_was_taken_goes_with_the_inbox_and_what_was_set_aside_after_its_days(landed):
    day = max(closed(landed), date.today() + timedelta(days=32))
    plan = purge_plan(open_project(landed), wave=OPEN, today=day)
    assert sorted(one.file for one in plan.landing) == ["export-digital.csv", "export-in-person.csv", "roster.csv"]
    plan = purge(landed, today=day)
    assert not [file for file in (landed / "landing").rglob("*") if file.is_file()]
    assert not list((landed / "inbox" / OPEN).glob("*.csv"))
    assert NAME not in str(plan) and len(plan.landing) == 5
    assert any(one.get("landing") for one in read_records(landed / "store" / "purges.jsonl"))
    assert purge(landed, today=day).landing == ()


def test_a_newer_file_that_nobody_has_looked_at_is_not_purged(landed):
    day = closed(landed)
    with (landed / "landing" / "export-digital.csv").open("ab") as stream:
        stream.write(b"\n")
    assert "export-digital.csv" not in [one.file for one in purge_plan(open_project(landed), today=day).landing]


def test_after_a_purge_the_same_file_is_not_taken_again(landed, clock, land):
    purge(landed, wave=OPEN, today=closed(landed))
    land()
    found = clock.twice()
    assert found.counts["had"] == 3 and not list((landed / "inbox" / OPEN).glob("*.csv"))


def test_a_landing_folder_out_of_reach_does_not_keep_the_inbox_from_being_emptied(landed, monkeypatch):
    def gone(_):
        raise Unreachable("gone")

    monkeypatch.setattr("connectedness.intake.keep.open_landing", gone)
    plan = purge(landed, wave=OPEN, today=closed(landed))
    assert plan.files and any("landing" in one for one in plan.elsewhere)


def test_the_inventory_tells_of_it(landed):
    found = inventory(open_project(landed))
    text = inventory_text(found)
    assert any("landing/" in one["place"] for one in found["places"])
    assert found["flows"][0]["from"].startswith("landing/") and found["flows"][0]["identifiers"] == "yes"
    assert found["retention"]["landed_kept_for_a_person"] == 1 and "wait for a person: 1" in text
    assert NAME not in text


def test_withdrawing_names_the_landed_files_that_hold_the_student(landed, tmp_path):
    import csv

    with (landed / "landing" / "export-digital.csv").open(encoding="utf-8", newline="") as stream:
        token = next(row["student_token"] for row in csv.DictReader(stream) if row["student_token"])
    tokens = tmp_path / "tokens.txt"
    tokens.write_text(token + "\n")
    out = CliRunner().invoke(app, ["forget", "--token-file", str(tokens), str(landed)])
    assert out.exit_code == 1 and "landing/export-digital.csv" in out.output and token not in out.output
    assert kept_for_a_person(open_project(landed))
