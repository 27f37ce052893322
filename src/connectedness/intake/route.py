"""Which wave a file belongs to, and its place in the inbox: by folder, declared pattern, or the one open wave."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Literal

from connectedness.declare.project import Project
from connectedness.declare.survey import Wave
from connectedness.errors import ContractError
from connectedness.ingest.inbox import groups_file, roster_file

Kind = Literal["export", "roster", "groups", "definition"]


@dataclass(frozen=True)
class Routed:
    """A file's wave, what it is to it, and its place in the inbox.

    `told` says whether somebody said so (a folder, or a pattern that only this wave has), rather than that there is
    but one wave it can belong to.
    """

    wave: Wave
    kind: Kind
    target: Path
    told: bool


def route(project: Project, name: str, day: date, wave_id: str | None = None, *, roster: bool = False) -> Routed:
    """Say where a file of the landing folder goes.

    Parameters
    ----------
    project : Project
    name : str
        Its name below the landing folder.
    day : date
        Today, on the survey's clock.
    wave_id : str, optional
        The wave, where a person has said it.
    roster : bool
        Whether the file's content says that it is a roster of the survey's own format.

    Raises
    ------
    ContractError
        When no wave, or more than one, could be meant. Nothing is guessed.
    """
    path = PurePosixPath(name)
    if wave_id is not None:
        wave, told = project.wave(wave_id), True
    elif len(path.parts) > 1:
        wave, told = _of_folder(project, path), True
    else:
        wave, told = _of_name(project, path.name, day, roster)
    return Routed(wave, *_place(project, wave, path.name, roster), told)


def is_declared(project: Project, basename: str) -> bool:
    """Whether some declaration of the survey foresees a file of this name, so that it may be printed."""
    routes = project.survey.intake.routes if project.survey.intake else ()
    if any(fnmatchcase(basename, one.files) for one in routes):
        return True
    return any(_declared_place(project, wave, basename) for wave in project.survey.waves)


def _of_folder(project: Project, path: PurePosixPath) -> Wave:
    waves = {one.id: one for one in project.survey.waves}
    if len(path.parts) == 2 and path.parts[0] in waves:
        return waves[path.parts[0]]
    if len(path.parts) > 2:
        raise ContractError(
            "this file lies in a folder of a folder, so it is not known what it belongs to.",
            allowed="a file in the landing folder, or in a folder of it that is called as a wave",
            todo="Put it into the folder of its wave. A OneRoster export is put there as one zip.",
        )
    near = difflib.get_close_matches(path.parts[0], waves, n=1)
    raise ContractError(
        "it lies in a folder that is called as no wave of the survey.",
        allowed=", ".join(waves),
        todo=f"Put it into the folder {near[0]}, if that is meant." if near else "Put it into the folder of its wave.",
    )


def _of_name(project: Project, basename: str, day: date, roster: bool) -> tuple[Wave, bool]:
    declared = project.survey.intake
    named = {one.wave for one in (declared.routes if declared else ()) if fnmatchcase(basename, one.files)}
    if not named:
        named = {one.id for one in project.survey.waves if _declared_place(project, one, basename)}
        if len(named) > 1:
            named = set()  # a pattern that every wave has, such as export-*.csv, says nothing
    if len(named) == 1:
        return project.wave(named.pop()), True
    if named:
        raise _several(sorted(named), "Its name fits the routes of several waves")
    opened = [one for one in project.survey.waves if not one.closed]
    is_roster = roster or any(_roster_kind(project, one, basename) for one in opened)
    begun = opened if is_roster else [one for one in opened if one.window[0] <= day]
    if len(begun) == 1:
        return begun[0], False
    if begun:
        raise _several([one.id for one in begun], "Several waves are open")
    if opened:
        raise ContractError(
            "no open wave has begun, so it is not known what this file belongs to.",
            found=", ".join(f"{one.id} begins on {one.window[0]}" for one in opened),
            todo=f"If it is a test or came early, put it into the folder of its wave, such as {opened[0].id}/.",
        )
    raise ContractError(
        "every wave is closed, and neither a folder nor a pattern says which one this file belongs to.",
        allowed=", ".join(one.id for one in project.survey.waves),
        todo="Declare the new wave in survey.yaml, or put the file into the folder of its wave.",
    )


def _several(waves: list[str], why: str) -> ContractError:
    return ContractError(
        f"it is not known which wave this file belongs to. {why}.",
        found=", ".join(waves),
        todo=f"Put it into a folder of the landing folder that is called as its wave, such as {waves[0]}/, declare a "
        "route in survey.yaml, or set closed: true on the wave that is over.",
    )


def _place(project: Project, wave: Wave, basename: str, roster: bool) -> tuple[Kind, Path]:
    """What a file is to a wave, and its place in the inbox."""
    found = _declared_place(project, wave, basename)
    if found is None and roster and (declared := roster_file(project, wave.id)):
        found = ("roster", declared)
    inbox = project.root / "inbox"
    if found is None:
        if PurePosixPath(basename).suffix.lower() in (".qsf", ".lss"):
            return "definition", inbox / wave.id / basename
        raise ContractError(
            f"the wave {wave.id} reads no file of this name.",
            allowed=", ".join(one.replace("{wave}", wave.id) for one in wave.files),
            todo="Give the file a name that fits, or widen files: of the wave in survey.yaml.",
        )
    if not found[1].resolve().is_relative_to(inbox.resolve()) or found[1].is_dir():
        raise ContractError(
            "the place of this file is not one that the intake may fill: it fills files of inbox/ alone.",
            found=found[1].name,
            todo="Put it there yourself, or let survey.yaml name a file in inbox/.",
        )
    return found


def _declared_place(project: Project, wave: Wave, basename: str) -> tuple[Kind, Path] | None:
    """Where a wave reads a file of this name, by its roster or its patterns."""
    if kind := _roster_kind(project, wave, basename):
        place = roster_file(project, wave.id) if kind == "roster" else groups_file(project, wave.id)
        return None if place is None else (kind, place)
    for pattern in (PurePosixPath(one.replace("{wave}", wave.id)) for one in wave.files):
        for folder in (f"inbox/{wave.id}", _fixed_part(pattern)):
            if _fits(PurePosixPath(folder) / basename, pattern):
                return "export", project.root / folder / basename
    return None


def _roster_kind(project: Project, wave: Wave, basename: str) -> Literal["roster", "groups"] | None:
    places: dict[Literal["roster", "groups"], Path | None] = {
        "roster": roster_file(project, wave.id),
        "groups": groups_file(project, wave.id),
    }
    for kind, place in places.items():
        if place is not None and place.name == basename:
            return kind
    return None


def _fixed_part(pattern: PurePosixPath) -> str:
    """The folders of a pattern before the first wildcard."""
    parts = []
    for part in pattern.parts[:-1]:
        if any(mark in part for mark in "*?["):
            break
        parts.append(part)
    return "/".join(parts)


def _fits(path: PurePosixPath, pattern: PurePosixPath) -> bool:
    """Whether a pattern of a wave finds a file at this place; `**` stands for any folders, or none."""
    if "**" not in pattern.parts:
        return len(path.parts) == len(pattern.parts) and path.match(str(pattern))
    after = len(pattern.parts) - 1 - pattern.parts[::-1].index("**")
    return path.is_relative_to(_fixed_part(pattern)) and path.match(str(PurePosixPath(*pattern.parts[after + 1 :])))
