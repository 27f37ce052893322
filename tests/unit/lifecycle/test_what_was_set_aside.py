"""Quarantine is told by rule, file, row, column and school; a corrected file takes over from the one it corrects."""

from __future__ import annotations

import csv
import json

import pytest
from typer.testing import CliRunner

from connectedness.cli import app
from connectedness.declare.project import open_project
from connectedness.errors import ContractError
from connectedness.files import sha256_of
from connectedness.ingest.inbox import wave_files
from connectedness.lifecycle.quarantine import list_quarantine, requeue, show_quarantine
from connectedness.lifecycle.records import read_records

LAST = "2026-fall"


def test_the_list_counts_as_the_report_does(district):
    report = json.loads((district / "store" / LAST / "report.json").read_text())
    groups = list_quarantine(open_project(district), LAST)
    assert sum(one["rows"] for one in groups) == sum(one["n"] for one in report["quarantine"]) > 0
    assert {one["rule"] for one in groups} == {one["rule"] for one in report["quarantine"]}
    assert all(one["sentence"] and one["todo"] and one["files"] for one in groups)


def test_showing_points_at_rows_and_shows_no_cell(district):
    lines = show_quarantine(open_project(district), LAST, rule="not_on_roster")
    assert lines and {one["rule"] for one in lines} == {"not_on_roster"}
    for one in lines:
        assert set(one) == {"table", "rule", "file", "row", "column", "school"}
        with (district / "inbox" / LAST / one["file"]).open(encoding="utf-8", newline="") as stream:
            row = list(csv.reader(stream))[one["row"] - 1]
        out = CliRunner().invoke(app, ["quarantine", "show", LAST, str(district), "--file", one["file"]]).output
        assert f"row {one['row']}" in out
        assert not any(cell in out for cell in row if cell.startswith(("MF", "R_", "s0")) or "@" in cell)


def test_a_corrected_file_takes_the_place_of_the_old_one(copy, tmp_path):
    target = copy / "inbox" / LAST / "export-digital.csv"
    old = target.read_bytes()
    corrected = tmp_path / "export-digital.csv"
    corrected.write_bytes(old.replace(b"Z01", b"001"))
    done = requeue(copy, corrected, LAST)
    assert target.read_bytes() == corrected.read_bytes()
    assert (copy / done["kept_as"]).read_bytes() == old
    assert done["sha256"] == sha256_of(corrected)
    names = [file.path.name for file in wave_files(open_project(copy), LAST)[0]]
    assert sorted(names) == ["export-digital.csv", "export-in-person.csv"]
    (record,) = read_records(copy / "store" / "requeues.jsonl")
    assert (record["replaced"], record["sha256"]) == (done["replaced"], done["sha256"])
    assert requeue(copy, corrected, LAST)["changed"] is False


def test_the_old_file_is_out_of_reach_of_every_pattern(copy, tmp_path):
    survey = copy / "survey.yaml"
    survey.write_text(survey.read_text().replace("export-*.csv", "export-*"))
    corrected = tmp_path / "export-digital.csv"
    corrected.write_bytes((copy / "inbox" / LAST / "export-digital.csv").read_bytes() + b"\n")
    requeue(copy, corrected, LAST)
    assert len(wave_files(open_project(copy), LAST)[0]) == 2


def test_a_name_that_fits_no_file_or_two_is_refused(copy, tmp_path):
    other = tmp_path / "export-from-elsewhere.csv"
    other.write_text("a,b\n")
    with pytest.raises(ContractError, match="no file of the inbox"):
        requeue(copy, other)
    twice = tmp_path / "roster.csv"
    twice.write_text("a,b\n")
    with pytest.raises(ContractError, match="several waves"):
        requeue(copy, twice)
