"""Whether a wave could read a file, found out by reading it as a run would, before it may replace another."""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from connectedness.declare.project import Project
from connectedness.errors import ConnectednessError, ContractError
from connectedness.identity import load_key
from connectedness.ingest.detect import is_dictionary_file
from connectedness.ingest.inbox import Inbound, groups_file
from connectedness.intake.route import Routed

if TYPE_CHECKING:
    from connectedness.ingest.chunk import Chunk


def must_be_readable(project: Project, routed: Routed, path: Path, shown: str) -> None:
    """Read a file as its wave would; whatever would stop the wave is raised here.

    Parameters
    ----------
    project : Project
    routed : Routed
    path : Path
        The file, beside its place.
    shown : str
        What errors call it.

    Raises
    ------
    ConnectednessError
        When the wave could not read it.
    """
    if routed.kind == "definition" or (routed.kind == "export" and is_dictionary_file(path)):
        return
    key = load_key(project.survey, project.root)
    if routed.kind == "export":
        from connectedness.ingest.batch import read_batch
        from connectedness.ingest.plan import make_plan

        became: Counter[tuple[str, str]] = Counter()

        def count(chunk: Chunk) -> None:
            became.update(zip(chunk.outcomes.kind.tolist(), chunk.outcomes.rule.tolist(), strict=True))

        read_batch(make_plan(project, routed.wave.id, key), Inbound(path, shown, shown), {}, count, _let_go)
        _must_be_of_the_wave(became, routed.wave.id, shown)
    elif routed.kind == "roster":
        from connectedness.ingest.roster import read_roster

        read_roster(_with_roster(project, routed.wave.id, path), routed.wave.id, key)


def _must_be_of_the_wave(became: Counter[tuple[str, str]], wave: str, shown: str) -> None:
    """Nothing of a file of another wave would be kept, and its rows would go without a word."""
    others = became["excluded", "other_wave"]
    kept = sum(n for (kind, _), n in became.items() if kind != "excluded")
    if others and not kept:
        raise ContractError(
            f"no row of this file is of wave {wave}: its rows, or their dates, say another wave.",
            file=shown,
            found=f"{others:,} {'row' if others == 1 else 'rows'} of another wave",
            allowed=f"answers of wave {wave}",
            todo="Put it into the folder of its own wave; where that wave is closed, it waits there for you.",
        )


def _let_go(_: object) -> None:
    """Nothing is kept of what is read."""


def _with_roster(project: Project, wave: str, path: Path) -> Project:
    """The project as if its roster were this file; a file of groups that has not come yet is left out."""
    declared = project.survey.roster
    if declared is None:
        return project
    groups = groups_file(project, wave)
    there = declared.groups if groups is not None and groups.is_file() else None
    roster = declared.model_copy(update={"file": str(path), "groups": there})
    return Project(project.root, project.survey.model_copy(update={"roster": roster}), project.source)


def is_oneroster(project: Project, path: Path) -> bool:
    """Whether a zip is a roster of the survey's format, by the manifest that it holds."""
    declared = project.survey.roster
    if declared is None or declared.format != "oneroster" or not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(PurePosixPath(one).name == "manifest.csv" for one in archive.namelist()[:2000])
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def sentences(error: ConnectednessError) -> list[str]:
    """What is said of a file in a note: the problem, what was found, what is allowed, what to do; no path."""
    told = [error.problem[:1].upper() + error.problem[1:]]
    where = [part for part in (error.column and f"column {error.column}", error.row and f"row {error.row}") if part]
    for label, text in (
        ("Where", ", ".join(where)), ("Found", error.found), ("Allowed", error.allowed), ("What to do", error.todo),
    ):  # fmt: skip
        if text:
            told.append(f"{label}: {str(text).rstrip('.')}.")
    return told
