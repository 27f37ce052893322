"""A run that dies leaves the last good state in place, and running it again finishes the work."""

from __future__ import annotations

import os

import pytest

from connectedness import files, pipeline, store
from connectedness.pipeline import run_wave
from connectedness.release.open import current_release, open_release

FIRST, LAST = "2025-fall", "2026-fall"


class Killed(BaseException):
    """As a power cut: nothing may catch it and go on."""


def published(root, read_tree):
    return {name: read_tree(root / name) for name in ("store/releases", "site/internal", "site/public")}


def moves(monkeypatch, at=None):
    """Count the renames of a run; die at the one numbered `at`, before it is made."""
    count = [0]
    real = os.replace

    def replace(source, target):
        count[0] += 1
        if at is not None and count[0] == at:
            raise Killed
        real(source, target)

    monkeypatch.setattr(files.os, "replace", replace)
    return count


ROOMS = ("ingest", "validate", "score", "examine", "measure", "release", "publish")
# Before a room is after the one before it; the short suite dies where most is half done.
BOUNDARIES = [
    pytest.param(room, when, marks=() if (room, when) == ("release", "after") else pytest.mark.long)
    for when in ("before", "after")
    for room in ROOMS
]


@pytest.mark.parametrize(("room", "when"), BOUNDARIES)
def test_killed_at_a_task_boundary(fresh, district, read_tree, monkeypatch, room, when):
    run_wave(fresh, FIRST)
    before = published(fresh, read_tree)
    real = getattr(pipeline, room)

    def dies(*args, **kwargs):
        if when == "after":
            real(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(pipeline, room, dies)
    with pytest.raises(Killed):
        run_wave(fresh, LAST)
    after = published(fresh, read_tree)
    assert {name: after["store/releases"][name] for name in before["store/releases"] if "current" not in name} == {
        name: content for name, content in before["store/releases"].items() if "current" not in name
    }
    monkeypatch.setattr(pipeline, room, real)
    run_wave(fresh, LAST)
    assert published(fresh, read_tree) == published(district, read_tree)


@pytest.mark.long
def test_killed_in_the_middle_of_any_write(fresh, district, read_tree, monkeypatch, tmp_path):
    import shutil

    run_wave(fresh, FIRST)
    clean = tmp_path / "clean"
    shutil.copytree(fresh, clean)
    count = moves(monkeypatch)
    run_wave(clean, LAST)
    monkeypatch.undo()
    assert count[0] > 20
    wanted = published(district, read_tree)
    earlier = current_release(fresh / "store", "internal")
    # Every write of the store and of the release, and a spread of the pages'.
    for at in sorted({*range(1, 31), *range(31, count[0] + 1, max(1, count[0] // 15))}):
        broken = tmp_path / f"broken-{at}"
        shutil.copytree(fresh, broken)
        moves(monkeypatch, at)
        with pytest.raises(Killed):
            run_wave(broken, LAST)
        monkeypatch.undo()
        open_release(broken / "store" / "releases" / earlier.name)
        open_release(current_release(broken / "store", "internal"))
        run_wave(broken, LAST)
        assert published(broken, read_tree) == wanted, at
        shutil.rmtree(broken)


def test_a_full_disk_is_said_plainly_and_loses_nothing(copy, read_tree, monkeypatch):
    from connectedness.errors import ConnectednessError

    before = published(copy, read_tree)
    (copy / "inbox" / LAST).joinpath("export-digital.csv").unlink()
    real = os.replace

    def full(source, target):
        if str(target).endswith("estimates.parquet"):
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises((ConnectednessError, OSError)) as caught:
        run_wave(copy, LAST)
    assert "the disk is full" in str(caught.value)
    assert published(copy, read_tree) == before


def test_two_runs_at_once_are_refused(copy):
    from connectedness.errors import ConnectednessError

    with store.one_run(copy), pytest.raises(ConnectednessError, match="another run"):
        run_wave(copy, LAST)
