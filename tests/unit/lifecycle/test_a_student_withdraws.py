"""A student is taken out of every table and file, stays out, and is named to nobody."""

from __future__ import annotations

import csv
import json
import shutil
from types import SimpleNamespace

import pandas as pd
import pytest
from typer.testing import CliRunner

from connectedness import pipeline
from connectedness.cli import app
from connectedness.declare.project import open_project
from connectedness.errors import ConnectednessError, ContractError
from connectedness.identity import TEST_KEY, pseudonyms
from connectedness.lifecycle.withdrawal import forget

FIRST, LAST = "2025-fall", "2026-fall"
TABLES = {"responses": "respondent", "roster": "student", "scores": "respondent", "flags": "respondent"}


def list_of(tmp_path, tokens):
    path = tmp_path / "tokens.txt"
    path.write_text("\n".join(["  " + tokens[0], *tokens[1:], ""]), encoding="utf-8")
    return path


def files_below(folder):
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def rows_of_files(root, tokens):
    found = []
    for path in sorted((root / "inbox").glob("*/*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        place = rows[0].index("student_token")
        found += [(path, n) for n, row in enumerate(rows, start=1) if row[place] in tokens]
    return found


@pytest.fixture(scope="module")
def forgotten(district, tokens, tmp_path_factory):
    """The district after two students withdrew, through the command."""
    tmp = tmp_path_factory.mktemp("forgotten")
    root = shutil.copytree(district, tmp / "project")
    before = files_below(root / "inbox")
    result = CliRunner().invoke(app, ["forget", str(root), "--token-file", str(list_of(tmp, tokens))])
    assert result.exit_code == 0, result.output
    return SimpleNamespace(
        root=root, out=result.output, before=before, names=pseudonyms(tokens, TEST_KEY, "maple_fork"), tokens=tokens
    )


def test_no_table_holds_the_student(forgotten, district):
    for wave in (FIRST, LAST):
        for name, column in TABLES.items():
            path = forgotten.root / "store" / wave / f"{name}.parquet"
            people = pd.read_parquet(path)[column]
            assert not people.isin(forgotten.names).any(), (wave, name)
        before = pd.read_parquet(district / "store" / wave / "responses.parquet")
        after = pd.read_parquet(forgotten.root / "store" / wave / "responses.parquet")
        theirs = before["respondent"].isin(forgotten.names)
        assert theirs.any()
        pd.testing.assert_frame_equal(after, before[~theirs].reset_index(drop=True))


def test_the_inbox_holds_the_student_no_more_and_every_other_row_as_it_was(forgotten, district):
    rows = rows_of_files(district, forgotten.tokens)
    assert rows
    assert rows_of_files(forgotten.root, forgotten.tokens) == []
    for path in sorted((district / "inbox").glob("*/*.csv")):
        place = path.relative_to(district / "inbox")
        old = forgotten.before[place].split(b"\n")
        new = (forgotten.root / "inbox" / place).read_bytes().split(b"\n")
        changed = [n for n, pair in enumerate(zip(old, new, strict=True), start=1) if pair[0] != pair[1]]
        assert changed == [n for file, n in rows if file == path]
        assert all(new[n - 1].strip(b",\r") == b"" for n in changed)


def test_estimates_are_those_of_a_run_without_the_student(forgotten, tmp_path):
    root = shutil.copytree(forgotten.root, tmp_path / "again")
    for wave in (FIRST, LAST):
        pipeline.ingest(root, wave)
        for step in (pipeline.validate, pipeline.score, pipeline.examine, pipeline.measure):
            step(root, wave)
        again = pd.read_parquet(root / "store" / ".work" / wave / "estimates.parquet")
        stored = pd.read_parquet(forgotten.root / "store" / wave / "estimates.parquet")
        pd.testing.assert_frame_equal(stored, again)
        account = json.loads((root / "store" / ".work" / wave / "account.json").read_text())
        assert sum(one["excluded"].get("withdrawn", 0) for one in account["files"]) == 0


def test_the_report_still_adds_up(forgotten):
    for wave in (FIRST, LAST):
        report = json.loads((forgotten.root / "store" / wave / "report.json").read_text())
        assert report["status"] == "passed"
        for one in [*report["files"], report["roster"]]:
            assert one["rows"] == one["accepted"] + one["quarantined"] + sum(one["excluded"].values())
        assert sum(one["excluded"].get("withdrawn", 0) for one in report["files"]) > 0
        responses = pd.read_parquet(forgotten.root / "store" / wave / "responses.parquet")
        assert report["totals"]["accepted"] == len(responses)
        assert sum(one["accepted"] for one in report["schools"]) == len(responses)


def test_releases_stand_and_are_named(forgotten, district):
    releases = district / "store" / "releases"
    assert files_below(forgotten.root / "store" / "releases") == files_below(releases)
    for folder in releases.iterdir():
        if folder.is_dir():
            assert folder.name in forgotten.out
    assert "TELL THE RECIPIENT: rows-peer-study-" in forgotten.out
    assert "reissue" in forgotten.out


def test_no_token_and_no_pseudonym_is_told_or_recorded(forgotten):
    record = (forgotten.root / "store" / "withdrawals.jsonl").read_text()
    for secret in (*forgotten.tokens, *forgotten.names):
        assert secret not in forgotten.out
        assert secret not in record
    for file in (forgotten.root / "store").rglob("*"):
        if file.is_file():
            assert not any(token.encode() in file.read_bytes() for token in forgotten.tokens), file


def test_a_student_in_a_new_export_stays_out(forgotten, tmp_path):
    root = shutil.copytree(forgotten.root, tmp_path / "again")
    for place, content in forgotten.before.items():
        (root / "inbox" / place).write_bytes(content)
    pipeline.ingest(root, LAST)
    work = root / "store" / ".work" / LAST
    assert not pd.read_parquet(work / "ingested.parquet")["respondent"].isin(forgotten.names).any()
    assert not pd.read_parquet(work / "ingested_roster.parquet")["student"].isin(forgotten.names).any()
    account = json.loads((work / "account.json").read_text())
    assert sum(one["excluded"].get("withdrawn", 0) for one in account["files"]) >= 2


def test_a_wave_can_be_published_again_when_its_files_are_gone(forgotten, tmp_path):
    from connectedness.lifecycle.recompute import reissue_stored
    from connectedness.release.open import current_release, open_release

    root = shutil.copytree(forgotten.root, tmp_path / "again")
    shutil.rmtree(root / "inbox" / FIRST)
    before = open_release(current_release(root / "store", "internal")).estimates
    reissue_stored(root, FIRST)
    after = open_release(current_release(root / "store", "internal")).estimates
    assert list(after["wave"].unique()) == [FIRST, LAST]
    top = (before["unit_type"] == "district") & (before["breakdown"] == "all") & (before["measure"] == "response_rate")
    assert not before[top & (before["wave"] == FIRST)].equals(after[top & (after["wave"] == FIRST)])
    pd.testing.assert_frame_equal(before[before["wave"] == LAST], after[after["wave"] == LAST])


@pytest.mark.parametrize(
    "step", ["measure", *(pytest.param(step, marks=pytest.mark.long) for step in ("score", "examine", "operations"))]
)
def test_killed_half_way_the_same_command_finishes(copy, forgotten, tmp_path, monkeypatch, step):
    class Killed(BaseException):
        pass

    def dies(*_):
        raise Killed

    names = list_of(tmp_path, forgotten.tokens)
    monkeypatch.setattr(pipeline, step, dies)
    with pytest.raises(Killed):
        forget(copy, names)
    monkeypatch.undo()
    again = forget(copy, names)
    assert json.loads((copy / "store" / "withdrawn.json").read_text())["pending"] == []
    assert [one.release for one in again.research]
    for wave in (FIRST, LAST):
        for name in (*TABLES, "estimates"):
            wanted = pd.read_parquet(forgotten.root / "store" / wave / f"{name}.parquet")
            pd.testing.assert_frame_equal(pd.read_parquet(copy / "store" / wave / f"{name}.parquet"), wanted)
    if step != "operations":
        assert [one.release for one in again.releases]


def test_lines_of_the_quarantine_about_the_student_go(copy, tmp_path):
    lines = pd.read_parquet(copy / "store" / "quarantine" / FIRST / "rows.parquet")
    one = lines[lines["rule"] == "duplicate"].iloc[0]
    with (copy / "inbox" / FIRST / one["file"]).open(encoding="utf-8", newline="") as stream:
        token = list(csv.reader(stream))[one["row"] - 1]
    token = next(cell for cell in token if cell.startswith("MF"))
    forget(copy, list_of(tmp_path, [token]))
    left = pd.read_parquet(copy / "store" / "quarantine" / FIRST / "rows.parquet")
    assert not ((left["file"] == one["file"]) & (left["row"] == one["row"])).any()
    assert len(left) < len(lines)


def test_a_workbook_is_left_for_a_person_and_stopped_until_then(copy, tokens, tmp_path):
    source = copy / "inbox" / LAST / "export-digital.csv"
    frame = pd.read_csv(copy / "inbox" / LAST / "export-in-person.csv", dtype="str", keep_default_na=False)
    source.unlink()
    book = copy / "inbox" / LAST / "export-book.xlsx"
    frame.to_excel(book, index=False)
    for name in ("survey.yaml", "maps/export.yaml"):
        text = (copy / name).read_text().replace("export-*.csv", "export-*").replace("format: csv\nenc", "enc")
        (copy / name).write_text(text)
    before = book.read_bytes()
    names = list_of(tmp_path, tokens)
    result = CliRunner().invoke(app, ["forget", str(copy), "--token-file", str(names)])
    assert result.exit_code == 1
    assert "BY HAND: inbox/2026-fall/export-book.xlsx" in result.output
    assert book.read_bytes() == before
    with pytest.raises(ContractError, match="withdrew"):
        pipeline.ingest(copy, LAST)
    frame[~frame["student_token"].isin(tokens)].to_excel(book, index=False)
    pipeline.ingest(copy, LAST)
    assert forget(copy, names).by_hand == []


def test_a_list_that_is_empty_or_an_anonymous_survey_is_refused(copy, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.write_text("\n \n")
    with pytest.raises(ConnectednessError, match="empty"):
        forget(copy, empty)
    empty.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConnectednessError, match="UTF-8"):
        forget(copy, empty)


def test_a_token_that_nobody_has_is_counted_and_kept_out(copy, tmp_path):
    done = forget(copy, list_of(tmp_path, ["NOBODY9"]))
    assert (done.students, done.found, done.removed, done.recomputed, done.files) == (1, 0, {}, [], [])
    assert len(json.loads((copy / "store" / "withdrawn.json").read_text())["students"]) == 1
    assert open_project(copy).survey.id == "maple_fork"
