"""A small synthetic district whose open wave's files have yet to land."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectedness.intake import look
from connectedness.synth import make_district

CLOSED, OPEN = "2025-fall", "2026-fall"
BEGIN = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    return make_district(tmp_path_factory.mktemp("intake") / "made", students=120, schools=3, waves=2, seed=3)


@pytest.fixture
def drop(made, tmp_path) -> Path:
    """The open wave's files, as the district's server would put them."""
    folder = tmp_path / "drop"
    folder.mkdir()
    for file in (made / "inbox" / OPEN).glob("*.csv"):
        shutil.copy(file, folder / file.name)
    return folder


@pytest.fixture
def project(made, tmp_path) -> Path:
    """A project with an intake; nothing of the open wave is in its inbox, and nothing has landed."""
    root = Path(shutil.copytree(made, tmp_path / "project"))
    for file in (root / "inbox" / OPEN).glob("*.csv"):
        file.unlink()
    (root / "landing").mkdir()
    declare(root)
    return root


def declare(root: Path, intake: str = "{landing: landing/}") -> None:
    survey = root / "survey.yaml"
    kept = [line for line in survey.read_text(encoding="utf-8").splitlines() if not line.startswith("intake:")]
    survey.write_text("\n".join([*kept, f"intake: {intake}"]) + "\n", encoding="utf-8")


@pytest.fixture
def land(project, drop):
    """Copy files of the drop into the landing folder, under their own or another name."""

    def copy(*names, to=None, folder=""):
        for name in names or [file.name for file in sorted(drop.iterdir())]:
            target = project / "landing" / folder / (to or name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(drop / name, target)

    return copy


class Clock:
    """Looks at times of its own: `twice` is two looks with enough quiet between them."""

    def __init__(self, root):
        self.root, self.now = root, BEGIN

    def look(self, minutes=5):
        self.now += timedelta(minutes=minutes)
        return look(self.root, self.now)

    def twice(self):
        self.look()
        return self.look()


@pytest.fixture
def clock(project) -> Clock:
    return Clock(project)


@pytest.fixture(scope="session")
def redeclare():
    return declare
