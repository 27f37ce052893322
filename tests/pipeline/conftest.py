"""A small synthetic district, run once for all tests here, and copies of it to break."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from connectedness.declare.project import open_project
from connectedness.pipeline import run_wave
from connectedness.synth import make_district


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """A district of 900 students, 8 schools and 2 waves; not run yet."""
    return make_district(tmp_path_factory.mktemp("district") / "made", students=900, schools=8, waves=2, seed=3)


@pytest.fixture(scope="session")
def district(made, tmp_path_factory) -> Path:
    """The same, with both waves run. Look, do not touch."""
    root = tmp_path_factory.mktemp("district") / "run"
    shutil.copytree(made, root)
    for wave in open_project(root).survey.waves:
        run_wave(root, wave.id)
    return root


@pytest.fixture
def fresh(made, tmp_path) -> Path:
    """A copy that has not been run, to break."""
    return Path(shutil.copytree(made, tmp_path / "project"))


@pytest.fixture
def copy(district, tmp_path) -> Path:
    """A copy that has been run, to break."""
    return Path(shutil.copytree(district, tmp_path / "project"))


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its name there."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }


@pytest.fixture(scope="session")
def read_tree():
    return tree


@pytest.fixture(scope="session")
def command_env(tmp_path_factory) -> dict[str, str]:
    """An environment with a Prefect home and a user's home of its own."""
    home = tmp_path_factory.mktemp("home")
    # How loud Prefect is must be the command's own choice, not that of a test before this one.
    kept = {name: value for name, value in os.environ.items() if "LOGGING_LEVEL" not in name}
    return {**kept, "PREFECT_HOME": str(home / "prefect"), "HOME": str(home), "USERPROFILE": str(home)}
