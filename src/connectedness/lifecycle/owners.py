"""Which files of the inbox belong to which wave."""

from __future__ import annotations

import re
from pathlib import Path

from connectedness.declare.project import Project
from connectedness.errors import ContractError
from connectedness.ingest.inbox import roster_file, wave_files

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
        replaced = _REPLACED.fullmatch(path.name)
        if not found and replaced:
            return owners(path.with_name(replaced["name"]))
        return frozenset(found)

    return {path: owners(path) for path in sorted(inbox.rglob("*")) if path.is_file()}


def files_read(project: Project, wave: str) -> list[Path]:
    """Exports of a wave and its roster, as far as they are there."""
    try:
        exports = [file.path for file in wave_files(project, wave)[0]]
    except ContractError:
        exports = []
    roster = roster_file(project, wave)
    return [*exports, roster] if roster is not None and roster.exists() else exports
