"""What cannot be understood is set aside, what comes late waits; each has a note, and neither stops the others."""

from __future__ import annotations

import json
import shutil
from importlib import import_module

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from connectedness.cli import app
from connectedness.declare.project import open_project
from connectedness.errors import ConnectednessError, ContractError
from connectedness.intake import accept, kept_for_a_person
from connectedness.intake.landing import Landing, Unreachable
from connectedness.lifecycle.records import add_record

CLOSED, OPEN = "2025-fall", "2026-fall"
NAME = "Emma Ravensworth"


def kept(project):
    return kept_for_a_person(open_project(project))


def note(project, one):
    return (project / "landing" / (one["at"] + ".note.txt")).read_text(encoding="utf-8")


BAD = {
    "empty": b"",
    "not_text": bytes(range(256)) * 40,
    "another": b"Date,Holiday\n2026-12-25,Christmas\n",
    "cut_short": None,
    "a_zip_cut": b"PK\x03\x04" + b"\0" * 200,
    "spss_cut": b"$FL2@(#) SPSS DATA FILE" + b"\0" * 300,
    "parquet_cut": b"PAR1\x15\x04" + b"x" * 100,
}


def test_what_cannot_be_understood_is_set_aside_and_the_others_go_on(project, clock, land, drop):
    land()
    for name, content in BAD.items():
        bad = (drop / "export-digital.csv").read_bytes()[:900] if content is None else content
        (project / "landing" / f"export-{name}.csv").write_bytes(bad)
    found = clock.twice()
    assert found.counts["taken"] == 3 and found.counts["set_aside"] == len(BAD) and found.to_run == [OPEN]
    assert {one["file"] for one in kept(project)} == {f"export-{name}.csv" for name in BAD}
    for one in kept(project):
        said = note(project, one)
        assert one["note"][0] in said and "accept" in said and (project / "landing" / one["at"]).is_file()
        assert not (project / "landing" / one["file"]).exists()
    assert {file.name for file in (project / "inbox" / OPEN).iterdir() if file.suffix == ".csv"} == {
        file.name for file in drop.iterdir()
    }


def test_a_bad_newer_file_leaves_the_good_older_one_in_the_inbox(project, clock, land, drop):
    land()
    clock.twice()
    (project / "landing" / "export-digital.csv").write_bytes(b"Service temporarily unavailable\n")
    assert clock.twice().counts["set_aside"] == 1
    assert (project / "inbox" / OPEN / "export-digital.csv").read_bytes() == (drop / "export-digital.csv").read_bytes()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)), ending=st.sampled_from(
    [".csv", ".csv.zip", ".csv.xlsx", ".csv.sav"]))  # fmt: skip
def test_no_bytes_stop_a_look(project, land, clock, content, ending):
    survey = project / "survey.yaml"
    survey.write_text(survey.read_text().replace("export-*.csv", "export-*"))
    land("roster.csv")
    file = project / "landing" / f"export-any{ending}"
    file.write_bytes(content)
    (project / "store" / "intake-looks.json").unlink(missing_ok=True)
    found = clock.twice()
    assert found.counts["taken"] + found.counts["had"] >= 1  # the roster
    assert not file.exists() or found.counts["taken"] + found.counts["had"] == 2


def test_a_name_that_nobody_foresaw_may_be_a_students_and_is_not_printed(project, clock, capsys):
    (project / "landing" / f"{NAME}.docx").write_bytes(b"a plan")
    lines = clock.twice().lines
    (one,) = kept(project)
    told = CliRunner().invoke(app, ["intake", "waiting", str(project)]).output
    told += CliRunner().invoke(app, ["intake", "waiting", str(project), "--json"]).output
    assert NAME not in told + " ".join(lines) and "a .docx file" in told and one["sha256"][:12] in told
    assert NAME not in note(project, one)


def test_two_files_of_one_name_are_both_kept(project, clock):
    for content in (b"a\n1\n", b"b\n2\n"):
        (project / "landing" / "export-x.csv").write_bytes(content)
        clock.twice()
    assert sorted((project / "landing" / one["at"]).read_bytes() for one in kept(project)) == [b"a\n1\n", b"b\n2\n"]


def test_the_same_bad_file_every_day_is_kept_once(project, clock):
    for _ in range(3):
        (project / "landing" / "export-x.csv").write_bytes(b"a\n1\n")
        clock.twice()
    assert len(kept(project)) == 1
    assert len(list((project / "landing" / "set-aside").iterdir())) == 2


def test_what_a_person_moves_back_is_looked_at_anew(project, clock, land):
    land("export-digital.csv", folder="2026-autumn")
    assert clock.twice().counts["set_aside"] == 1
    (one,) = kept(project)
    (project / "landing" / OPEN).mkdir()
    shutil.move(project / "landing" / one["at"], project / "landing" / OPEN / "export-digital.csv")
    assert clock.twice().counts["taken"] == 1 and kept(project) == []


def test_what_a_person_deletes_waits_no_longer(project, clock):
    (project / "landing" / "export-x.csv").write_bytes(b"a\n1\n")
    assert clock.twice().kept == 1
    (project / "landing" / kept(project)[0]["at"]).unlink()
    assert clock.look().kept == 0 and kept(project) == []


def test_a_name_that_fed_one_wave_does_not_begin_to_feed_the_next(project, clock, land):
    land()
    clock.twice()
    survey = project / "survey.yaml"
    text = survey.read_text()
    line = next(one for one in text.splitlines() if "id: 2026-fall" in one)
    later = line.replace("2026-fall", "2027-fall").replace("[2026", "[2027").replace(", 2026", ", 2027")
    survey.write_text(text.replace(line, line.replace("closed: false", "closed: true") + "\n" + later))
    clock.now = clock.now.replace(year=2027)
    assert clock.twice().counts["had"] == 3  # the same bytes are still those of 2026
    with (project / "landing" / "export-digital.csv").open("ab") as stream:
        stream.write(b"\n")
    assert clock.twice().counts["set_aside"] == 1 and "belonged to the wave 2026-fall" in kept(project)[0]["note"][0]


def test_two_files_do_not_take_turns_in_one_place(project, clock, land, drop):
    land("export-digital.csv")
    clock.twice()
    land("export-digital.csv", folder=OPEN)
    with (project / "landing" / OPEN / "export-digital.csv").open("ab") as stream:
        stream.write(b"\n")
    assert clock.twice().counts["set_aside"] == 1
    assert (project / "inbox" / OPEN / "export-digital.csv").read_bytes() == (drop / "export-digital.csv").read_bytes()


@pytest.fixture
def late(project, clock):
    """A late export of the closed wave, waiting."""
    folder = project / "landing" / CLOSED
    folder.mkdir()
    first = (project / "inbox" / CLOSED / "export-digital.csv").read_bytes()
    (folder / "export-late.csv").write_bytes(first + b"\n")
    found = clock.twice()
    assert found.counts["waiting"] == 1 and found.to_run == []
    (one,) = kept(project)
    return one


def test_a_late_file_waits_until_a_person_accepts_it_and_nothing_is_run(project, clock, late):
    assert not (project / "inbox" / CLOSED / "export-late.csv").exists() and "closed" in note(project, late)
    out = CliRunner().invoke(app, ["intake", "accept", late["sha256"][:12], str(project)])
    assert out.exit_code == 0 and f"connectedness run --wave {CLOSED}" in out.output and "reissue" not in out.output
    assert (project / "inbox" / CLOSED / "export-late.csv").is_file()
    assert list((project / "landing" / "waiting").iterdir()) == [] and kept(project) == []
    assert clock.twice().to_run == []


def test_accepting_says_reissue_where_a_later_wave_is_published(project, late):
    (project / "store" / OPEN).mkdir(parents=True)
    (project / "store" / OPEN / "estimates.parquet").write_bytes(b"there")
    done = json.loads(CliRunner().invoke(app, ["intake", "accept", late["sha256"], str(project), "--json"]).output)
    assert done["reissue"] is True and done["closed"] is True and done["wave"] == CLOSED


def test_a_late_file_of_a_purged_wave_would_be_read_alone_and_is_refused(project, late):
    add_record(project / "store" / "purges.jsonl", {"wave": CLOSED, "files": []})
    with pytest.raises(ContractError, match="read alone"):
        accept(project, late["sha256"])
    assert kept(project) == [late] and (project / "landing" / late["at"]).is_file()


def test_accepting_a_file_that_is_changed_gone_unknown_or_still_wrong_is_explained(project, clock, late, land):
    with pytest.raises(ConnectednessError, match="no file that waits"):
        accept(project, "abcdef")
    with pytest.raises(ConnectednessError, match="no file that waits"):
        accept(project, late["sha256"][:3])
    (project / "landing" / "export-bad.csv").write_bytes(b"a\n1\n")
    clock.twice()
    bad = next(one for one in kept(project) if one["what"] == "set aside")
    with pytest.raises(ContractError):
        accept(project, bad["sha256"], OPEN)
    (project / "landing" / bad["at"]).write_bytes(b"other\n")
    with pytest.raises(ConnectednessError, match="changed"):
        accept(project, bad["sha256"], OPEN)
    (project / "landing" / bad["at"]).unlink()
    with pytest.raises(ConnectednessError, match="no longer"):
        accept(project, bad["sha256"], OPEN)
    assert kept(project) == [late]


def test_a_person_may_say_the_wave_of_what_was_set_aside(project, clock, land):
    land("export-digital.csv", folder="2026-autumn")
    clock.twice()
    (one,) = kept(project)
    assert accept(project, one["sha256"], OPEN)["wave"] == OPEN
    assert (project / "inbox" / OPEN / "export-digital.csv").is_file()


def test_where_nothing_may_be_moved_the_record_tells_and_the_file_is_not_judged_each_time(project, clock, monkeypatch):
    (project / "landing" / "export-x.csv").write_bytes(b"a\n1\n")

    def refused(*_):
        raise Unreachable("read only")

    monkeypatch.setattr(Landing, "write", refused)
    assert clock.twice().counts["set_aside"] == 1
    assert clock.twice().counts["had"] == 1 and [one["at"] for one in kept(project)] == ["export-x.csv"]


def test_without_the_key_nothing_is_set_aside(project, clock, land, monkeypatch):
    land()
    clock.look()

    def no_key(*_):
        raise ConnectednessError("the key is not there.")

    monkeypatch.setattr(import_module("connectedness.intake.look"), "load_key", no_key)
    with pytest.raises(ConnectednessError, match="key"):
        clock.look()
    assert kept(project) == []


def test_a_file_of_another_wave_does_not_vanish_in_this_one(project, clock, land, drop):
    land()
    text = (drop / "export-digital.csv").read_text(encoding="utf-8")
    assert OPEN in text
    (project / "landing" / "export-late.csv").write_text(text.replace(OPEN, CLOSED), encoding="utf-8")
    clock.twice()
    (one,) = kept(project)
    said = note(project, one)
    assert one["file"] == "export-late.csv" and "no row of this file is of wave 2026-fall" in said.lower()
    assert not (project / "inbox" / OPEN / "export-late.csv").exists()
