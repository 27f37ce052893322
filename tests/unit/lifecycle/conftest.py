"""A small synthetic district, run once for all tests here, and copies of it."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from connectedness.declare.project import open_project
from connectedness.pipeline import run_wave
from connectedness.research import release_rows
from connectedness.synth import make_district

FIRST, LAST = "2025-fall", "2026-fall"


@pytest.fixture(scope="session")
def district(tmp_path_factory) -> Path:
    """Two waves, both run, and rows for one research project. Look, do not touch."""
    root = make_district(tmp_path_factory.mktemp("lifecycle") / "made", students=400, schools=5, waves=2, seed=3)
    for wave in open_project(root).survey.waves:
        run_wave(root, wave.id)
    release_rows(root, "peer-study")
    return root


@pytest.fixture
def copy(district, tmp_path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(district, tmp_path / "project"))


@pytest.fixture(scope="session")
def tokens(district) -> list[str]:
    """Two students who answered in both waves."""
    there = []
    for wave in (FIRST, LAST):
        with (district / "inbox" / wave / "export-in-person.csv").open(encoding="utf-8", newline="") as stream:
            there.append({row["student_token"] for row in csv.DictReader(stream) if row["Finished"] == "True"})
    return sorted((there[0] & there[1]) - {""})[:2]
