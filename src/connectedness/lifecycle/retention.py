"""Emptying the inbox: files with identifiers are kept only as long as the survey declares."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectedness.declare.project import Project
from connectedness.declare.survey import Wave
from connectedness.errors import ConnectednessError
from connectedness.files import sha256_of
from connectedness.ingest.inbox import shown_path
from connectedness.lifecycle.owners import files_read, inbox_folder, inbox_owners, rosters_read
from connectedness.lifecycle.records import add_record, read_records
from connectedness.store import aside_folder, one_run, report_file, wave_folder

if TYPE_CHECKING:
    from connectedness.intake.keep import DueLanded

PURGES = "purges.jsonl"
TEXTS = ("unknown_labels.csv", "unknown_values.csv")
"""What stood where a code, a school, a grade or a group belongs; it goes when the wave's exports go."""


@dataclass(frozen=True)
class DueFile:
    """A file to delete: its place in the project, its hash and its size in bytes."""

    file: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class PurgePlan:
    """What a purge would delete.

    Attributes
    ----------
    files : dict
        Files to delete, by wave.
    work : tuple of str
        Folders of runs that died or were stopped.
    kept : dict
        Why the files of another wave stay, a sentence by wave; only of waves that have files.
    elsewhere : tuple of str
        Files of waves that are due which lie outside the inbox or belong to another wave too; a person decides.
    landing : tuple of DueFile
        Files of the landing folder; of a name that may be a student's only the kind is told.
    strays : tuple of str
        Files of the inbox that belong to no wave, so that no day comes on which they are due; a person decides.
    """

    files: dict[str, tuple[DueFile, ...]]
    work: tuple[str, ...]
    kept: dict[str, str]
    elsewhere: tuple[str, ...]
    landing: tuple[DueFile, ...] = ()
    strays: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The plan, ready for JSON."""
        return asdict(self)


def purge_plan(project: Project, *, wave: str | None = None, today: date | None = None) -> PurgePlan:
    """Say what is due for deletion. Nothing is touched.

    The files of a wave are due when it is declared closed and more than `retention_days` have passed since its window
    ended, and its tables are in the store: what was never read is not thrown away.

    Parameters
    ----------
    project : Project
    wave : str, optional
        This wave alone.
    today : date, optional
        By default today on the survey's clock.
    """
    day = today or _today(project)
    wanted = [project.wave(wave)] if wave else project.survey.waves
    owners = inbox_owners(project)
    kept = {one.id: why for one in wanted if (why := _why_kept(project, one, day))}
    due = {one.id for one in wanted} - set(kept)
    files: dict[str, tuple[DueFile, ...]] = {}
    shared = []
    for path, waves in owners.items():
        if waves and waves <= due:
            first = min(waves)
            files[first] = (*files.get(first, ()), DueFile(shown_path(project, path), "", path.stat().st_size))
        elif waves & due:
            shared.append(shown_path(project, path))
    hashed = {
        one: tuple(DueFile(file.file, sha256_of(project.root / file.file), file.bytes) for file in files[one])
        for one in (wave.id for wave in wanted)
        if one in files
    }
    outside = {str(path) for one in due for path in files_read(project, one) if path not in owners}
    there = {one for waves in owners.values() for one in waves}
    landed, unreached = _due_landed(project, due, day, wave)
    return PurgePlan(
        hashed,
        tuple(shown_path(project, folder) for folder in _work_folders(project)),
        {one: why for one, why in kept.items() if one in there or wave},
        (*shared, *sorted(outside), *unreached),
        tuple(DueFile(one.shown, one.sha256, one.bytes) for one in landed),
        tuple(shown_path(project, path) for path, waves in owners.items() if not waves),
    )


def purge(root: str | Path, *, wave: str | None = None, today: date | None = None) -> PurgePlan:
    """Delete what is due, and record it in `store/purges.jsonl`; return what was deleted.

    The record is written before the first file of a wave is deleted. A purge that dies is finished by the next.

    Raises
    ------
    ConnectednessError
        When another run is working, or a file is open in another program.
    """
    with one_run(Path(root)) as project:
        plan = purge_plan(project, wave=wave, today=today)
        for one, files in plan.files.items():
            record = {"wave": one, "retention_days": project.survey.retention_days}
            add_record(project.store / PURGES, {**record, "files": [asdict(file) for file in files]})
            for file in files:
                _delete(project.root / file.file)
            drop_texts(project, one)
        _purge_landed(project, plan, wave, today or _today(project))
        clear_work(project)
        _drop_empty(inbox_folder(project), {one.id for one in project.survey.waves})
    return plan


def _due_landed(project: Project, due: set[str], day: date, wave: str | None) -> tuple[list[DueLanded], list[str]]:
    """Files of the landing folder that are due, and, where it cannot be reached, its name; the inbox is emptied yet."""
    from connectedness.intake.keep import due_landed
    from connectedness.intake.landing import Unreachable

    try:
        return due_landed(project, due, day, wave), []
    except Unreachable:
        return [], [f"what lies in the landing folder {project.survey.intake.landing if project.survey.intake else ''}"]


def _purge_landed(project: Project, plan: PurgePlan, wave: str | None, day: date) -> None:
    """Delete what is due in the landing folder; the record comes first here too."""
    if not plan.landing:
        return
    from connectedness.intake.keep import delete_landed

    wanted = [project.wave(wave)] if wave else project.survey.waves
    due = {one.id for one in wanted if not _why_kept(project, one, day)}
    record = {"wave": None, "retention_days": project.survey.retention_days, "landing": True}
    add_record(project.store / PURGES, {**record, "files": [asdict(file) for file in plan.landing]})
    delete_landed(project, _due_landed(project, due, day, wave)[0])


def missing_inbox_reason(project: Project, wave: str) -> str | None:
    """Say why a wave cannot be run again, where a purge deleted its files; None where none did.

    A wave whose files were exported anew may be run: what counts is that files are missing now.
    """
    purged = [
        (record["when"][:10], file)
        for record in read_records(project.store / PURGES)
        if record["wave"] == wave
        for file in record["files"]
    ]
    if not purged:
        return None
    read, rosters = files_read(project, wave), rosters_read(project, wave)
    hashes = {file["sha256"] for _, file in purged}
    left = any(sha256_of(path) in hashes for path in read if path.is_file())
    complete = any(path not in rosters for path in read) and all(path.exists() for path in rosters)
    when = max(day for day, _ in purged)
    if left and not all((project.root / file["file"]).exists() for _, file in purged):
        return (
            f"On {when} a purge began to delete the files of wave {wave} and did not finish, so a part of its answers "
            "is gone. Finish it: connectedness purge. The wave's last good numbers stay as they are."
        )
    if complete:
        return None
    return (
        f"The files of wave {wave} were deleted on {when}, as retention_days in survey.yaml asks, so it cannot be run "
        "again from them. Its last good tables, releases and pages are all there. To run it again, export it anew "
        "from the survey tool and put its roster back, if they still exist and may be kept."
    )


def retention_end(project: Project, wave: Wave) -> date:
    """The last day on which a closed wave's files may lie in the inbox."""
    return wave.window[1] + timedelta(days=project.survey.retention_days)


def _today(project: Project) -> date:
    return datetime.now(ZoneInfo(project.survey.timezone)).date()


def _why_kept(project: Project, wave: Wave, day: date) -> str | None:
    if not wave.closed:
        return "the wave is open (closed: false in survey.yaml)."
    if day <= retention_end(project, wave):
        return f"they may stay until {retention_end(project, wave)} (retention_days in survey.yaml)."
    if not (wave_folder(project, wave.id) / "estimates.parquet").is_file():
        return "the wave has never been run, so its answers are nowhere else. Run it, or delete the files yourself."
    report = report_file(project, wave.id)
    if not report.is_file() or '"status": "passed"' not in report.read_text(encoding="utf-8"):
        return "the last run of the wave was stopped. Mend what stopped it and run it, or delete the files yourself."
    return None


def clear_work(project: Project) -> None:
    """Remove what runs that died or were stopped left behind. Only while no run is working."""
    for folder in _work_folders(project):
        shutil.rmtree(folder, ignore_errors=True)


def _work_folders(project: Project) -> list[Path]:
    return sorted(path for path in (project.store / ".work").glob("*") if path.is_dir())


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ConnectednessError(
            "this file could not be deleted; the purge stopped here.",
            file=path,
            found=error.strerror,
            todo="Close the program that has it open (often Excel), then run again: connectedness purge",
        ) from None


def drop_texts(project: Project, wave: str) -> None:
    """Delete what a wave's files say where something else belongs; students may have written it."""
    for name in TEXTS:
        (aside_folder(project, wave) / name).unlink(missing_ok=True)


def _drop_empty(inbox: Path, waves: set[str]) -> None:
    """Remove folders that a purge left empty, but not those in which the next export is put."""
    for path in _deepest_first(inbox):
        if path.parent == inbox and path.name in waves:
            continue
        if not any(path.iterdir()):
            path.rmdir()


def _deepest_first(inbox: Path) -> Iterator[Path]:
    folders = [path for path in inbox.rglob("*") if path.is_dir()]
    yield from sorted(folders, key=lambda path: -len(path.parts))
