"""A file is taken once it has stopped growing, once only, and replaces the one of its name."""

from __future__ import annotations

import os
import stat
from datetime import timedelta

import pytest

from connectedness.declare.project import open_project
from connectedness.errors import DeclarationError
from connectedness.files import sha256_of
from connectedness.intake import kept_for_a_person, look
from connectedness.intake.landing import Landing
from connectedness.intake.record import Had, records

OPEN = "2026-fall"


def inbox(project):
    return {file.name: file.read_bytes() for file in (project / "inbox" / OPEN).iterdir() if file.suffix == ".csv"}


def landing(project):
    return {file.name: file.read_bytes() for file in (project / "landing").iterdir() if file.is_file()}


def test_what_landed_is_in_the_inbox_after_two_looks_and_the_wave_is_to_be_run(project, clock, land):
    land()
    first = clock.look()
    assert first.counts["settling"] == 3 and inbox(project) == {}
    second = clock.look()
    assert second.counts["taken"] == 3 and second.by_wave == {OPEN: 3} and second.to_run == [OPEN]
    assert inbox(project) == landing(project)


def test_a_file_is_let_be_while_it_grows(project, clock, land):
    land()
    growing = project / "landing" / "export-digital.csv"
    clock.look()
    for _ in range(3):
        with growing.open("ab") as stream:
            stream.write(b"\n")
        found = clock.look()
        assert "export-digital.csv" not in inbox(project) and found.counts["settling"] == 1
    clock.look()
    assert inbox(project)["export-digital.csv"] == growing.read_bytes()


def test_two_looks_in_quick_succession_are_not_enough(project, clock, land):
    land()
    clock.look()
    assert clock.look(minutes=1).counts["settling"] == 3
    assert clock.look(minutes=1).counts["taken"] == 3  # two minutes after the first


def test_a_clock_that_was_put_back_makes_a_file_settle_anew(project, clock, land):
    land()
    clock.look()
    clock.now -= timedelta(hours=2)
    assert clock.look().counts["settling"] == 3
    assert clock.look().counts["taken"] == 3


def test_a_file_that_changes_while_it_is_copied_has_not_settled(project, clock, land, monkeypatch):
    land("export-digital.csv")
    clock.look()
    real = Landing.fetch

    def fetch(self, name, target):
        found = real(self, name, target)
        with (project / "landing" / name).open("ab") as stream:
            stream.write(b"more")
        return found

    monkeypatch.setattr(Landing, "fetch", fetch)
    assert clock.look().counts == {**clock.look().counts, "settling": 1} and inbox(project) == {}


def test_what_has_been_had_is_not_taken_again(project, clock, land):
    land()
    clock.twice()
    before = records(open_project(project))
    again = clock.twice()
    assert again.counts["had"] == 3 and again.counts["taken"] == 0
    land()  # the same bytes once more, with another time
    (project / "store" / "intake-looks.json").unlink()  # and all memory of looks lost
    assert clock.twice().counts["had"] == 3
    land("export-digital.csv", to="export-digital (1).csv")
    assert clock.twice().counts["had"] == 4
    assert [one for one in records(open_project(project)) if one["what"] == "taken"] == [
        one for one in before if one["what"] == "taken"
    ]


def test_a_newer_file_of_the_name_replaces_the_older_and_another_name_is_added(project, clock, land):
    land()
    clock.twice()
    newer = landing(project)["export-digital.csv"].splitlines(keepends=True)
    (project / "landing" / "export-digital.csv").write_bytes(b"".join(newer[:-1]))
    (project / "landing" / "export-more.csv").write_bytes(b"".join([newer[0], newer[-1]]))
    assert clock.twice().counts["taken"] == 2
    assert inbox(project) == landing(project) and len(inbox(project)) == 4


def test_an_older_file_that_is_put_back_is_taken_again(project, clock, land, drop):
    land()
    clock.twice()
    file = project / "landing" / "export-digital.csv"
    old = file.read_bytes()
    file.write_bytes(b"".join(old.splitlines(keepends=True)[:-1]))
    clock.twice()
    file.write_bytes(old)
    assert clock.twice().counts["taken"] == 1 and inbox(project)["export-digital.csv"] == old


def test_a_corrected_file_of_the_inbox_outlives_the_look_at_the_same_landing_file(project, clock, land, tmp_path):
    from connectedness.lifecycle.quarantine import requeue

    land()
    clock.twice()
    corrected = tmp_path / "export-digital.csv"
    corrected.write_bytes(inbox(project)["export-digital.csv"].replace(b"Z01", b"001") + b"\n")
    requeue(project, corrected, OPEN)
    clock.twice()
    assert inbox(project)["export-digital.csv"] == corrected.read_bytes()


def test_hidden_and_unfinished_files_links_and_pipes_are_left_alone(project, clock, land, drop):
    for name in (
        ".hidden.csv",
        "export-a.csv.part",
        "export-b.crdownload",
        "~$export.xlsx",
        "export-c.tmp",
        "Thumbs.db",
    ):
        land("export-digital.csv", to=name)
    try:
        (project / "landing" / "export-link.csv").symlink_to(drop / "export-digital.csv")
        (project / "landing" / OPEN).symlink_to(drop, target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links")
    found = clock.twice()
    assert not any(found.counts.values()) and inbox(project) == {}


@pytest.mark.skipif(os.name != "posix", reason="Windows cannot hold such names")
def test_a_name_that_is_not_legal_everywhere_is_counted_and_left(project, clock, land):
    land("export-digital.csv", to="export:1.csv")
    found = clock.twice()
    assert found.counts["not_legal"] == 1 and found.counts["taken"] == 0


@pytest.mark.skipif(os.name != "posix", reason="folders have no mode")
def test_the_inbox_and_the_record_stay_private(project, clock, land):
    (project / "inbox").chmod(0o755)
    land()
    clock.twice()
    for path in (
        project / "inbox",
        project / "inbox" / OPEN / "export-digital.csv",
        project / "store" / "intake.jsonl",
    ):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_the_record_names_the_bytes(project, clock, land):
    land()
    clock.twice()
    places = Had.of(open_project(project)).places
    assert {place: one["sha256"] for place, one in places.items()} == {
        f"inbox/{OPEN}/{name}": sha256_of(project / "inbox" / OPEN / name) for name in inbox(project)
    }


def test_a_landing_folder_in_memory_works_the_same(project, clock, drop, redeclare):
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.store.clear()
    redeclare(project, "{landing: 'memory://district/survey'}")
    assert clock.look().counts["settling"] == 0  # a store of objects has no folder before its first file
    for file in drop.iterdir():
        memory.pipe(f"/district/survey/{file.name}", file.read_bytes())
    memory.pipe("/district/survey/holiday.csv", b"no,export\n1,2\n")
    memory.pipe("/district/other/export-x.csv", b"not ours")
    found = clock.twice()
    assert found.counts["taken"] == 3 and found.counts["set_aside"] == 1
    assert inbox(project) == {file.name: file.read_bytes() for file in drop.iterdir()}
    (kept,) = kept_for_a_person(open_project(project))
    assert memory.cat(f"/district/survey/{kept['at']}") == b"no,export\n1,2\n"
    assert b"accept" in memory.cat(f"/district/survey/{kept['at']}.note.txt")
    memory.pipe("/district/survey/export-digital.csv", (drop / "export-digital.csv").read_bytes() + b"\n")
    assert clock.twice().counts["taken"] == 1
    assert inbox(project)["export-digital.csv"].endswith(b"\n\n")
    memory.store.clear()


def test_a_driver_that_is_not_installed_is_named(project, redeclare):
    redeclare(project, "{landing: 'nope://place/folder'}")
    with pytest.raises(DeclarationError, match="no driver"):
        look(project)


@pytest.mark.parametrize(
    "wrong", ["inbox/", "store/x", "../elsewhere", ".", "sftp://bot:secret@files.example.ca/x", "zip://a.zip::file://b"]
)
def test_a_landing_folder_that_cannot_be_is_refused(project, redeclare, wrong):
    redeclare(project, f"{{landing: '{wrong}'}}")
    with pytest.raises(DeclarationError) as caught:
        look(project)
    assert "secret" not in str(caught.value)


def test_a_share_that_is_not_connected_is_no_empty_folder(project, redeclare, tmp_path):
    from connectedness.intake.landing import Unreachable

    redeclare(project, f"{{landing: '{(tmp_path / 'gone').as_posix()}'}}")
    with pytest.raises(Unreachable):
        look(project)


def test_a_project_without_an_intake_says_what_to_add(made):
    with pytest.raises(DeclarationError, match="landing"):
        look(made)
