"""Which files a wave is made of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from connectedness.declare.project import Project
from connectedness.errors import ContractError
from connectedness.ingest.detect import is_dictionary_file


@dataclass(frozen=True)
class Inbound:
    """A file to read: where it is, the path that errors print, and the name under which it is accounted for."""

    path: Path
    place: str
    name: str


def wave_files(project: Project, wave_id: str) -> tuple[list[Inbound], list[str]]:
    """Files that the wave's patterns match, by name, and a note for each pattern that matches none.

    A roster lies in the same folder, so it is never taken for an export; nor is what Excel leaves beside an open file,
    nor a survey tool's own definition of a survey, such as REDCap's data dictionary.

    Raises
    ------
    ContractError
        When no file matches.
    """
    patterns = [pattern.replace("{wave}", wave_id) for pattern in project.wave(wave_id).files]
    matched = {pattern: _matching(project, pattern) for pattern in patterns}
    found = sorted({path for paths in matched.values() for path in paths})
    definitions = [path for path in found if _defines(path)]
    paths = [path for path in found if path not in definitions]
    if not paths:
        raise ContractError(
            f"there is no export for wave {wave_id}: no file matches.",
            file=", ".join(patterns),
            todo=f"Put the export of the wave there, inside {project.root.name}, or mend files: in survey.yaml.",
        )
    names = Counter(path.name for path in paths)
    files = [
        Inbound(path, shown_path(project, path), path.name if names[path.name] == 1 else shown_path(project, path))
        for path in paths
    ]
    notes = [
        f"{path.name} defines a survey and holds no answers, so it was not read as an export." for path in definitions
    ]
    return files, notes + [f"No file matches {pattern}." for pattern, paths in matched.items() if not paths]


def _defines(path: Path) -> bool:
    return path.suffix.lower() in (".qsf", ".lss") or is_dictionary_file(path)


def roster_file(project: Project, wave_id: str) -> Path | None:
    """Path of a wave's roster, where the survey has one."""
    roster = project.survey.roster
    return None if roster is None else project.root / roster.file.replace("{wave}", wave_id)


def shown_path(project: Project, path: Path) -> str:
    """Give a path as people write it: from the project's folder, with `/`."""
    return path.relative_to(project.root).as_posix() if path.is_relative_to(project.root) else path.name


def groups_file(project: Project, wave_id: str) -> Path | None:
    """Path of a wave's file of groups, where the roster declares one."""
    roster = project.survey.roster
    if roster is None or roster.groups is None:
        return None
    return project.root / roster.groups.file.replace("{wave}", wave_id)


def _matching(project: Project, pattern: str) -> list[Path]:
    whole = Path(pattern)
    base = Path(whole.anchor) if whole.is_absolute() else project.root
    relative = str(whole.relative_to(whole.anchor)) if whole.is_absolute() else pattern
    waves = [wave.id for wave in project.survey.waves]
    beside = [file for wave in waves for file in (roster_file(project, wave), groups_file(project, wave)) if file]
    rosters = {file.resolve() for file in beside}
    try:
        found = list(base.glob(relative))
    except (ValueError, NotImplementedError, IndexError):
        raise project.source.error("this is not a pattern of file names.", ("waves",), found=pattern) from None
    return [
        path
        for path in found
        if path.is_file() and not rosters & {path.resolve(), path.parent.resolve()} and path.name[0] not in ".~"
    ]
