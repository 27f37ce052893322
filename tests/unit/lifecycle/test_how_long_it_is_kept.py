"""The inbox is emptied when the retention is over: listed first, recorded, and said when the wave is run again."""

from __future__ import annotations

import shutil
from datetime import date

import pytest
from typer.testing import CliRunner

from connectedness.cli import app
from connectedness.declare.project import open_project
from connectedness.errors import DeclarationError
from connectedness.files import sha256_of
from connectedness.lifecycle.records import read_records
from connectedness.lifecycle.retention import missing_inbox_reason, purge, purge_plan

FIRST, LAST = "2025-fall", "2026-fall"
LONG_AFTER = date(2027, 12, 1)


def ends(root) -> date:
    return open_project(root).wave(FIRST).window[1]


def test_nothing_is_due_before_the_days_have_passed(district):
    end = ends(district)
    last_day = date.fromordinal(end.toordinal() + 30)
    plan = purge_plan(open_project(district), today=last_day)
    assert plan.files == {}
    assert str(last_day) in plan.kept[FIRST]
    assert "open" in plan.kept[LAST]
    after = purge_plan(open_project(district), today=date.fromordinal(last_day.toordinal() + 1))
    assert set(after.files) == {FIRST}


def test_listing_deletes_nothing_and_deleting_is_recorded(copy):
    files = {path: sha256_of(path) for path in (copy / "inbox" / FIRST).iterdir()}
    (copy / "store" / ".work" / "2026-fall").mkdir(parents=True)
    listed = CliRunner().invoke(app, ["purge", str(copy)])
    assert "Nothing has been deleted" in listed.output
    assert all(path.is_file() for path in files)
    plan = purge(copy, today=LONG_AFTER)
    assert not any(path.exists() for path in files)
    assert (copy / "inbox" / FIRST).is_dir()
    assert (copy / "inbox" / LAST / "roster.csv").is_file()
    assert not (copy / "store" / ".work" / "2026-fall").exists()
    assert not (copy / "store" / "quarantine" / FIRST / "unknown_labels.csv").exists()
    (record,) = read_records(copy / "store" / "purges.jsonl")
    assert {one["file"]: one["sha256"] for one in record["files"]} == {
        path.relative_to(copy).as_posix(): digest for path, digest in files.items()
    }
    assert set(plan.files) == {FIRST}


def test_what_a_corrected_file_replaced_goes_too(copy, tmp_path):
    from connectedness.lifecycle.quarantine import requeue

    corrected = tmp_path / "export-digital.csv"
    corrected.write_bytes((copy / "inbox" / FIRST / "export-digital.csv").read_bytes() + b"\n")
    kept = requeue(copy, corrected, FIRST)["kept_as"]
    assert kept in {file.file for file in purge_plan(open_project(copy), today=LONG_AFTER).files[FIRST]}


def test_a_file_that_an_open_wave_reads_too_stays(copy):
    survey = copy / "survey.yaml"
    survey.write_text(survey.read_text().replace("inbox/{wave}/roster.csv", "inbox/roster.csv"))
    shutil.copy(copy / "inbox" / LAST / "roster.csv", copy / "inbox" / "roster.csv")
    plan = purge_plan(open_project(copy), today=LONG_AFTER)
    assert plan.elsewhere == ("inbox/roster.csv",)
    purge(copy, today=LONG_AFTER)
    assert (copy / "inbox" / "roster.csv").is_file()


def test_what_was_never_read_is_not_thrown_away(copy):
    shutil.rmtree(copy / "store" / FIRST)
    plan = purge_plan(open_project(copy), today=LONG_AFTER)
    assert plan.files == {}
    assert "never been run" in plan.kept[FIRST]


def test_a_wave_whose_files_are_gone_says_so(copy):
    project = open_project(copy)
    assert missing_inbox_reason(project, FIRST) is None
    roster = (copy / "inbox" / FIRST / "roster.csv").read_bytes()
    export = (copy / "inbox" / FIRST / "export-digital.csv").read_bytes()
    purge(copy, today=LONG_AFTER)
    assert "were deleted on" in missing_inbox_reason(project, FIRST)
    assert missing_inbox_reason(project, LAST) is None
    (copy / "inbox" / FIRST / "roster.csv").write_bytes(roster + b"\n")
    assert "were deleted on" in missing_inbox_reason(project, FIRST)
    (copy / "inbox" / FIRST / "export-new.csv").write_bytes(export + b"\n")
    assert missing_inbox_reason(project, FIRST) is None


def test_a_purge_that_died_is_told_and_finished_by_the_next(copy, monkeypatch):
    from connectedness.lifecycle import retention

    class Killed(BaseException):
        pass

    count = [0]
    real = retention._delete

    def dies(path):
        count[0] += 1
        if count[0] == 2:
            raise Killed
        real(path)

    monkeypatch.setattr(retention, "_delete", dies)
    with pytest.raises(Killed):
        purge(copy, today=LONG_AFTER)
    monkeypatch.undo()
    assert "did not finish" in missing_inbox_reason(open_project(copy), FIRST)
    purge(copy, today=LONG_AFTER)
    assert not any((copy / "inbox" / FIRST).iterdir())
    assert "were deleted on" in missing_inbox_reason(open_project(copy), FIRST)


def test_days_are_declared_and_cannot_be_negative(copy):
    survey = copy / "survey.yaml"
    text = survey.read_text()
    survey.write_text(text + "retention_days: 400\n")
    assert purge_plan(open_project(copy), today=date(2026, 11, 24)).files == {}
    survey.write_text(text + "retention_days: -1\n")
    with pytest.raises(DeclarationError, match="retention_days"):
        open_project(copy)


def test_a_file_of_no_wave_is_told_since_no_day_comes_on_which_it_is_due(copy):
    (copy / "inbox" / "left behind.csv").write_text("student_token\nMF1\n")
    assert purge_plan(open_project(copy), today=LONG_AFTER).strays == ("inbox/left behind.csv",)
    told = CliRunner().invoke(app, ["purge", str(copy), "--yes"]).output
    assert "it belongs to no wave: inbox/left behind.csv" in told
    assert (copy / "inbox" / "left behind.csv").is_file()


def test_the_file_of_groups_goes_with_its_wave_and_is_missed_when_gone(copy):
    text = (copy / "survey.yaml").read_text(encoding="utf-8")
    start = text.index("roster:")
    line = text[start : text.index("\n", start)]
    groups = "groups: {file: 'groups/{wave}.csv', token: id, opt_out: {column: out, agreed: ['no']}}"
    (copy / "survey.yaml").write_text(text.replace(line, line.rstrip("}") + f", {groups}}}"), encoding="utf-8")
    (copy / "groups").mkdir()
    (copy / "groups" / f"{FIRST}.csv").write_text("id,out\nMF1,no\n")
    plan = purge_plan(open_project(copy), today=LONG_AFTER)
    assert [one for one in plan.elsewhere if one.endswith(f"{FIRST}.csv")]
    files = {path: path.read_bytes() for path in (copy / "inbox" / FIRST).iterdir()}
    purge(copy, today=LONG_AFTER)
    for path, content in files.items():
        path.write_bytes(content)
    assert missing_inbox_reason(open_project(copy), FIRST) is None
    (copy / "groups" / f"{FIRST}.csv").unlink()
    assert "cannot be run" in missing_inbox_reason(open_project(copy), FIRST)
