"""Which files of the inbox belong to which wave."""

from __future__ import annotations

import re
from pathlib import Path

from connectedness.declare.project import Project
from connectedness.errors import ContractError
from connectedness.ingest.inbox import groups_file, roster_file, wave_files

_REPLACED = re.compile(r"\.?(?P<name>.+)\.replaced-[0-9a-f]{8}")


def inbox_folder(project: Project) -> Path:
    """The only place of a project with identifiers."""
    return project.root / "inbox"


def inbox_owners(project: Project) -> dict[Path, frozenset[str]]:
    """Waves to which each file below `inbox/` belongs, in order of names; none for a file that no wave knows.

    A file belongs to a wave that reads it, and to the wave in whose folder it lies; what it replaced goes with it.
    """
    inbox = inbox_folder(project)
    reads = {one.id: set(files_read(project, one.id)) for one in project.survey.waves}

    def owners(path: Path) -> frozenset[str]:
        found = {
            wave
            for wave, paths in reads.items()
            if path.is_relative_to(inbox / wave) or any(path == one or one in path.parents for one in paths)
        }
        replaced = replaced_name(path)
        if not found and replaced:
            return owners(path.with_name(replaced))
        return frozenset(found)

    return {path: owners(path) for path in sorted(inbox.rglob("*")) if path.is_file()}


def replaced_name(path: Path) -> str | None:
    """Name that a file had before a corrected one took its place; None where it is no such file."""
    found = _REPLACED.fullmatch(path.name)
    return found["name"] if found else None


def files_read(project: Project, wave: str) -> list[Path]:
    """Exports of a wave, its roster and its file of groups, as far as they are there."""
    try:
        exports = [file.path for file in wave_files(project, wave)[0]]
    except ContractError:
        exports = []
    return [*exports, *(path for path in rosters_read(project, wave) if path.exists())]


def rosters_read(project: Project, wave: str) -> list[Path]:
    """A wave's roster and its file of groups, as far as they are declared."""
    found = [roster_file(project, wave), groups_file(project, wave)]
    return list(dict.fromkeys(path for path in found if path is not None))
