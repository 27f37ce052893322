"""Making a district: the same numbers give the same files, and no project of anybody's is harmed."""

from __future__ import annotations

import os
import stat

import pytest

from connectedness.errors import ConnectednessError
from connectedness.synth import make_district
from connectedness.synth.defects import how_many
from connectedness.synth.plan import plan_district


def contents(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path):
    size = {"students": 300, "schools": 4, "waves": 2}
    first = contents(make_district(tmp_path / "a", **size, seed=7))
    assert contents(make_district(tmp_path / "b", **size, seed=7)) == first
    other = contents(make_district(tmp_path / "c", **size, seed=8))
    changed = {name for name in first if first[name] != other.get(name)}
    assert "inbox/2026-fall/export-in-person.csv" in changed
    assert "maps/export.yaml" not in changed


def test_an_earlier_district_is_replaced_whole(tmp_path):
    make_district(tmp_path, students=200, schools=3, waves=3)
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "old").write_text("numbers of the other district")
    make_district(tmp_path, students=100, schools=2, waves=1)
    assert [path.name for path in (tmp_path / "inbox").iterdir()] == ["2026-fall"]
    assert not (tmp_path / "store").exists()


REAL = ["survey.yaml", "inbox/2026-fall/export.csv", "store/x.parquet", "site/index.html", "maps/export.yaml"]


@pytest.mark.parametrize("name", REAL)
def test_a_real_project_is_left_alone(tmp_path, name):
    mine = tmp_path / name
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("id: real_district\n")
    with pytest.raises(ConnectednessError, match="left alone"):
        make_district(tmp_path, students=30, schools=1, waves=1)
    assert contents(tmp_path) == {name: b"id: real_district\n"}


@pytest.mark.parametrize(
    "size",
    [
        {"students": 3, "schools": 4},
        {"schools": 0},
        {"waves": 0},
        {"students": 0},
        {"waves": 100},
        {"seed": -1},
    ],
)
def test_an_impossible_district_is_refused_and_nothing_is_written(tmp_path, size):
    with pytest.raises(ConnectednessError):
        make_district(tmp_path / "d", **size)
    assert not (tmp_path / "d").exists()


@pytest.mark.skipif(os.name != "posix", reason="permissions of this kind are POSIX's")
def test_only_the_owner_can_open_the_inbox(tmp_path):
    root = make_district(tmp_path, students=60, schools=2, waves=1)
    for path in [*(one for name in ("inbox", "planted") for one in (root / name, *(root / name).rglob("*")))]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_inbox_holds_what_a_district_receives_and_no_answer_key(tmp_path):
    root = make_district(tmp_path, students=60, schools=2, waves=1)
    assert {path.suffix for path in (root / "inbox").rglob("*") if path.is_file()} == {".csv"}
    assert (root / "planted/2026-fall/planted.json").is_file()
    assert "planted/" in (root / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_one_student_is_enough(tmp_path):
    root = make_district(tmp_path, students=1, schools=1, waves=1)
    assert len((root / "inbox/2026-fall/export-in-person.csv").read_text().splitlines()) == 2


def test_many_schools_get_distinct_ids_and_names():
    plan = plan_district(students=30_000, schools=1200, waves=1, seed=1)
    assert len({one.id for one in plan.schools}) == 1200
    assert {len(one.id) for one in plan.schools} == {4}
    assert len({one.name_en for one in plan.schools}) == len({one.name_fr for one in plan.schools}) == 1200
    assert sum(one.size for one in plan.schools) == 30_000


def test_default_windows_are_three_school_weeks_in_october():
    plan = plan_district(students=9000, schools=24, waves=3, seed=1)
    assert [(one.id, one.opens.isoformat(), one.closes.isoformat()) for one in plan.waves] == [
        ("2024-fall", "2024-10-07", "2024-10-25"),
        ("2025-fall", "2025-10-06", "2025-10-24"),
        ("2026-fall", "2026-10-05", "2026-10-23"),
    ]


@pytest.mark.parametrize("rows", [0, 1, 24, 25, 50, 130, 1000, 80_000])
def test_defects_stay_under_five_rows_in_a_hundred(rows):
    counts = how_many(rows, first=3)
    assert sum(counts.values()) <= 0.04 * rows
    assert rows < 250 or all(counts.values())
