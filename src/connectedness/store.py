"""Where everything computed lies, one run at a time on it, and a note of how the last run went."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from connectedness.declare.project import Project, check_declarations, open_project
from connectedness.errors import ConnectednessError
from connectedness.files import legal_name, private_folder, write_text
from connectedness.identity import hold_fingerprint, load_key
from connectedness.tables import read_table

if TYPE_CHECKING:
    import pandas as pd

EXAMINED = ("scales", "direction", "dif", "flags", "careless")
"""What was found of a wave's scales."""
TABLES = ("responses", "roster", "scores", *EXAMINED, "units", "estimates", "invariance")
"""Tables of a wave in the store, in the order in which they are made."""


def wave_folder(project: Project, wave: str) -> Path:
    """Folder of a wave's last good tables and of its report."""
    return project.store / legal_name(wave)


def invariance_folder(project: Project, wave: str) -> Path:
    """Folder of the answers that a test of measurement invariance is made on, and of its results."""
    return wave_folder(project, wave) / "invariance"


def report_file(project: Project, wave: str) -> Path:
    """What the last run of a wave told the analyst."""
    return wave_folder(project, wave) / "report.json"


def aside_folder(project: Project, wave: str) -> Path:
    """Folder of what was set aside: rows by file and number, and labels that nothing explains."""
    return private_folder(private_folder(project.store / "quarantine") / legal_name(wave))


def work_folder(project: Project, wave: str) -> Path:
    """Folder in which a run works."""
    return project.store / ".work" / legal_name(wave)


def fresh_work(project: Project, wave: str) -> Path:
    """Folder in which a run works, emptied."""
    work = work_folder(project, wave)
    shutil.rmtree(work, ignore_errors=True)
    private_folder(work.parent)
    return private_folder(work)


def read_if_there(path: Path) -> pd.DataFrame | None:
    """Read a table that `write_table` wrote; None where there is none."""
    return read_table(path) if path.is_file() else None


def write_json(path: Path, content: object) -> None:
    """Write JSON with its keys in order, atomically."""
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


class RunUnderWay(ConnectednessError):
    """Another run is working on the project; what was wanted can be done when it has ended."""


@contextmanager
def one_run(root: Path, wait_s: float = 0) -> Iterator[Project]:
    """Open a project for one run; a second run at the same time is refused, after `wait_s` seconds.

    Raises
    ------
    RunUnderWay
        When another run holds the project.
    DeclarationError
        When a declaration does not hold, or the key is missing or another one.
    """
    from filelock import FileLock, Timeout

    project = open_project(root)
    check_declarations(project)
    key = load_key(project.survey, project.root)
    private_folder(project.store)
    hold_fingerprint(project.store, key)
    try:
        with FileLock(project.store / ".lock", timeout=wait_s):
            yield project
    except Timeout:
        raise RunUnderWay(
            "another run is working on this project.",
            file=project.root,
            todo="Wait until it has ended, then run again. Nothing has been changed.",
        ) from None


@contextmanager
def recorded(project: Project, wave: str) -> Iterator[None]:
    """Note when a run began and how it ended, so that a missed or failed one can be told."""
    note = {"wave": wave, "started": datetime.now(UTC).isoformat(timespec="seconds"), "status": "running"}
    write_json(project.store / "last-run.json", note)
    try:
        yield
        note["status"] = "finished"
    except BaseException as error:
        code = getattr(error, "exit_code", 1)
        note["status"] = f"stopped ({code})" if code != 1 else "failed"
        raise
    finally:
        note["ended"] = datetime.now(UTC).isoformat(timespec="seconds")
        write_json(project.store / "last-run.json", note)
