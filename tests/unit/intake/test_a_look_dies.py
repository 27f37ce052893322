"""A look that dies anywhere is finished by the next: nothing is lost, taken twice, or left half done."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from connectedness import files
from connectedness.declare.project import open_project
from connectedness.intake import kept_for_a_person
from connectedness.intake import record as recording
from connectedness.intake.landing import Landing

CLOSED, OPEN = "2025-fall", "2026-fall"


class Killed(BaseException):
    """As a power cut: nothing may catch it and go on."""


def lands(project, land):
    land()
    (project / "landing" / "export-bad.csv").write_bytes(b"a\n1\n")
    late = (project / "inbox" / CLOSED / "export-digital.csv").read_bytes() + b"\n"
    (project / "landing" / CLOSED).mkdir()
    (project / "landing" / CLOSED / "export-late.csv").write_bytes(late)


def state(project):
    """Everything that lies in the inbox and the landing folder, but for what a death may leave for the next look."""
    return {
        file.relative_to(project).as_posix(): file.read_bytes()
        for folder in ("inbox", "landing")
        for file in sorted((project / folder).rglob("*"))
        if file.is_file()
    }


def steps(monkeypatch, at=None, after=False):
    """Count what a look changes on the disk; die before, or right after, the change numbered `at`."""
    count = [0]

    def dying(real):
        def step(*args, **kwargs):
            count[0] += 1
            if count[0] == at and not after:
                raise Killed
            done = real(*args, **kwargs)
            if count[0] == at:
                raise Killed
            return done

        return step

    monkeypatch.setattr(files.os, "replace", dying(os.replace))
    for name in ("fetch", "write", "move"):
        monkeypatch.setattr(Landing, name, dying(getattr(Landing, name)))
    return count


@pytest.fixture
def wanted(project, clock, land, monkeypatch):
    """What one look that nothing disturbs comes to, and how many steps it takes; then all as before."""
    import shutil

    before = project.with_name("before")
    lands(project, land)
    clock.look()
    shutil.copytree(project, before)
    with monkeypatch.context() as patch:
        count = steps(patch)
        found = clock.look()
    assert found.counts["taken"] == 3 and found.counts["set_aside"] == found.counts["waiting"] == 1
    end = state(project)

    def again():
        shutil.rmtree(project)
        shutil.copytree(before, project)

    return end, count[0], again


def died_and_mended(project, clock, wanted, monkeypatch, at, after):
    end, _, again = wanted
    again()
    clock.look()  # copies have times of their own, and settle anew
    with monkeypatch.context() as patch:
        steps(patch, at, after)
        with pytest.raises(Killed):
            clock.look()
    assert set(taken(project)) <= {name for name in end if name.startswith("inbox/")}
    found = clock.look()
    assert state(project) == end
    assert {one["what"] for one in kept_for_a_person(open_project(project))} == {"set aside", "waiting"}
    assert found.to_run == [OPEN] and found.kept == 2


def taken(project):
    return recording.Had.of(open_project(project)).places


@pytest.mark.parametrize("after", [False, True])
def test_a_look_that_dies_at_any_step_is_finished_by_the_next(project, clock, wanted, monkeypatch, after):
    _, count, _ = wanted
    assert count > 20
    few = range(2, count + 1, 9)
    for at in few:
        died_and_mended(project, clock, wanted, monkeypatch, at, after)


@pytest.mark.long
@pytest.mark.parametrize("after", [False, True])
def test_a_look_that_dies_at_every_step(project, clock, wanted, monkeypatch, after):
    for at in range(1, wanted[1] + 1):
        died_and_mended(project, clock, wanted, monkeypatch, at, after)


def test_accepting_that_dies_may_be_repeated(project, clock, land, monkeypatch):
    from connectedness.intake import accept

    lands(project, land)
    clock.twice()
    late = next(one for one in kept_for_a_person(open_project(project)) if one["what"] == "waiting")
    place = Path(project / "inbox" / CLOSED / "export-late.csv")
    for at in range(1, 20):
        with monkeypatch.context() as patch:
            count = steps(patch, at)
            try:
                accept(project, late["sha256"])
            except Killed:
                continue
        assert count[0] < at
        break
    assert place.is_file()


def test_nothing_half_copied_stays_in_the_inbox(project, clock, land, monkeypatch):
    land()
    clock.look()
    left = project / "inbox" / OPEN / ".incoming-export-digital.csv"
    left.write_bytes(b"half")
    clock.look()
    assert not left.exists() and not list((project / "inbox").rglob(".incoming-*"))
