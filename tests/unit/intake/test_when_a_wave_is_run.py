"""A wave is run when it holds something no run has read, has all its files, and nothing is at work on it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectedness.declare.project import open_project
from connectedness.errors import ContractError
from connectedness.intake.record import records
from connectedness.intake.runs import asked, run_here
from connectedness.lifecycle.quarantine import open_requeues, requeue
from connectedness.store import RunUnderWay, one_run, write_json

OPEN = "2026-fall"


@pytest.fixture
def landed(project, clock, land):
    land()
    assert clock.twice().to_run == [OPEN]
    return project


def test_a_wave_without_its_roster_waits_for_it(project, clock, land):
    land("export-digital.csv", "export-in-person.csv")
    found = clock.twice()
    assert found.to_run == [] and found.waits == {OPEN: "its roster"}
    land("roster.csv")
    assert clock.twice().to_run == [OPEN]


def test_a_roster_alone_runs_nothing(project, clock, land):
    land("roster.csv")
    assert clock.twice().waits == {OPEN: "an export"}


def test_it_is_run_once_for_what_it_holds(landed, clock):
    runs = []
    assert run_here(open_project(landed), OPEN, runs.append) is None and runs == [OPEN]
    assert clock.look().to_run == []
    with (landed / "landing" / "export-digital.csv").open("ab") as stream:
        stream.write(b"\n")
    assert clock.twice().to_run == [OPEN]


def test_a_run_that_was_stopped_is_not_repeated_until_its_files_change(landed, clock):
    def stopped(_):
        raise ContractError("no")

    with pytest.raises(ContractError):
        run_here(open_project(landed), OPEN, stopped)
    assert clock.look().to_run == []
    assert records(open_project(landed))[-1]["status"] == "stopped (11)"


def test_a_run_that_died_is_run_again(landed, clock):
    class Killed(BaseException):
        pass

    def dies(_):
        raise Killed

    with pytest.raises(Killed):
        run_here(open_project(landed), OPEN, dies)
    assert clock.look().to_run == [OPEN]


def test_a_run_that_finds_another_at_work_is_left_for_the_next_look(landed, clock):
    def busy(_):
        raise RunUnderWay("busy")

    assert run_here(open_project(landed), OPEN, busy) is None
    assert clock.look().to_run == [OPEN]


def test_while_a_run_is_at_work_nothing_is_put_into_the_inbox_and_no_run_begun(landed, clock, land):
    land("export-digital.csv", to="export-more.csv")
    with (landed / "landing" / "export-more.csv").open("ab") as stream:
        stream.write(b"\n")
    clock.look()
    with one_run(landed):
        found = clock.look()
        assert found.counts["put_off"] == 1 and found.to_run == [] and "under way" in found.waits[OPEN]
        assert not (landed / "inbox" / OPEN / "export-more.csv").exists()
    assert clock.look().to_run == [OPEN] and (landed / "inbox" / OPEN / "export-more.csv").exists()


def test_a_run_that_was_asked_for_is_not_asked_for_again_at_once(landed, clock):
    asked(open_project(landed), OPEN)
    assert clock.look().to_run == []


def test_a_run_that_the_schedule_began_since_counts(landed, clock):
    began = datetime.now(UTC) + timedelta(seconds=2)
    note = {"wave": OPEN, "started": began.isoformat(timespec="seconds"), "status": "finished"}
    write_json(landed / "store" / "last-run.json", note | {"status": "running"})
    assert clock.look().to_run == [OPEN]
    write_json(landed / "store" / "last-run.json", note)
    assert clock.look().to_run == []


def test_two_looks_do_not_work_at_once(landed, clock):
    from connectedness.intake.place import one_look

    with one_look(open_project(landed)), pytest.raises(RunUnderWay, match="another look"):
        clock.look()


def test_a_corrected_file_is_run_again_and_its_entry_closed_when_a_run_has_read_it(landed, clock, tmp_path):
    run_here(open_project(landed), OPEN, str)
    corrected = tmp_path / "export-digital.csv"
    corrected.write_bytes((landed / "inbox" / OPEN / "export-digital.csv").read_bytes() + b"\n")
    done = requeue(landed, corrected, OPEN)
    assert [one["sha256"] for one in open_requeues(open_project(landed))] == [done["sha256"]]
    assert clock.look().to_run == [OPEN]

    def reads(wave):
        report = {"status": "passed", "files": [{"file": "export-digital.csv", "sha256": done["sha256"]}]}
        (landed / "store" / wave).mkdir(exist_ok=True)
        write_json(landed / "store" / wave / "report.json", report)

    run_here(open_project(landed), OPEN, reads)
    assert open_requeues(open_project(landed)) == [] and clock.look().to_run == []
    last = json.loads((landed / "store" / "requeues.jsonl").read_text().splitlines()[-1])
    assert (last["closes"], last["how"]) == (done["sha256"], "read")


def test_a_corrected_file_that_the_run_stopped_at_stays_open_and_is_not_run_again(landed, clock, tmp_path):
    def stopped(_):
        raise ContractError("no")

    run_here(open_project(landed), OPEN, str)
    corrected = tmp_path / "export-digital.csv"
    corrected.write_bytes((landed / "inbox" / OPEN / "export-digital.csv").read_bytes() + b"\n")
    requeue(landed, corrected, OPEN)
    with pytest.raises(ContractError):
        run_here(open_project(landed), OPEN, stopped)
    assert len(open_requeues(open_project(landed))) == 1 and clock.look().to_run == []


def test_a_newer_export_that_lands_closes_the_corrected_one_that_it_replaces(landed, clock, tmp_path):
    corrected = tmp_path / "export-digital.csv"
    corrected.write_bytes((landed / "inbox" / OPEN / "export-digital.csv").read_bytes() + b"\n")
    requeue(landed, corrected, OPEN)
    with (landed / "landing" / "export-digital.csv").open("ab") as stream:
        stream.write(b"\n\n")
    clock.twice()
    clock.look()
    last = json.loads((landed / "store" / "requeues.jsonl").read_text().splitlines()[-1])
    assert last["how"] == "replaced" and open_requeues(open_project(landed)) == []
