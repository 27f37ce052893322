"""How long files stay in the landing folder: they hold identifiers as the inbox does, and go when it is emptied."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from connectedness.declare.project import Project
from connectedness.errors import DeclarationError
from connectedness.files import make_private, write_text
from connectedness.intake.aside import NOTE, shown_name
from connectedness.intake.landing import Unreachable, open_landing
from connectedness.intake.record import ASIDE, RECORD, TAKEN, WAITING, Looks, records


@dataclass(frozen=True)
class DueLanded:
    """A file to delete: its name in the landing folder, what may be shown of that, its hash and its size in bytes."""

    name: str
    shown: str
    sha256: str
    bytes: int


def due_landed(project: Project, waves: Collection[str], day: date, wave: str | None = None) -> list[DueLanded]:
    """Files of the landing folder that may no longer lie there; none where no landing folder is declared.

    A file that was taken is due with the inbox of its waves; one that was set aside or waits, `retention_days` after.

    Parameters
    ----------
    project : Project
    waves : collection of str
        Waves whose inbox is due.
    day : date
        Today, on the survey's clock.
    wave : str, optional
        This wave's files alone.

    Raises
    ------
    Unreachable
        When the landing folder cannot be reached.
    """
    if project.survey.intake is None:
        return []
    landing, looks, lines = open_landing(project), Looks.read(project), records(project)
    took: dict[str, set[str]] = {}
    for one in lines:
        if one["what"] == TAKEN:
            took.setdefault(one["sha256"], set()).add(one["wave"])
    found = []
    for file in landing.files()[0]:
        known = looks.files.get(file.name, {})
        sha256 = known.get("sha256", "") if known.get("mark") == file.mark else ""
        if took.get(sha256) and took[sha256] <= set(waves):
            found.append(DueLanded(file.name, shown_name(project, file.basename, sha256), sha256, file.size))
    last = day - timedelta(days=project.survey.retention_days)
    for file in landing.kept():
        line = _line_about(lines, file.name.removesuffix(NOTE))
        if line and _day(line) < last and (wave is None or line["wave"] == wave):
            found.append(DueLanded(file.name, _shown(line, file.name), line["sha256"], file.size))
    return found


def delete_landed(project: Project, due: Collection[DueLanded]) -> None:
    """Delete these files. One that is gone already is no matter."""
    landing = open_landing(project) if due else None
    for one in due:
        if landing is not None:
            landing.remove(one.name)


def landed_here(project: Project) -> tuple[list[Path], list[str]]:
    """Files of the landing folder, those that are kept for a person among them, for one who looks for a student.

    Returns
    -------
    list of Path
        Where they lie on this machine.
    list of str
        What lies elsewhere, or cannot be reached now, and so must be looked into by hand.
    """
    declared = project.survey.intake
    if declared is None:
        return [], []
    try:
        landing = open_landing(project)
        found = [*landing.files()[0], *landing.kept()]
    except (Unreachable, DeclarationError):
        return [], [declared.landing]
    if landing.local is None:
        return [], [declared.landing] if found else []
    return [landing.local / one.name for one in found if not one.name.endswith(NOTE)], []


def clear_notes(project: Project, tokens: Collection[str]) -> None:
    """Take out of the record, and of the notes beside kept files, every word that holds one of these tokens.

    Notes are written so that none does; this sees to those of earlier versions, and to a token that a declaration has.
    """
    path = project.store / RECORD
    if not path.is_file():
        return
    lines = records(project)
    held = [one for one in lines if any(token in said for said in one.get("note", ()) for token in tokens)]
    for one in held:
        one["note"] = [_CLEARED]
    if held:
        write_text(path, "".join(json.dumps(one, ensure_ascii=False, sort_keys=True) + "\n" for one in lines))
        make_private(path)
    if project.survey.intake is None:
        return
    try:
        landing = open_landing(project)
        for one in held:
            if landing.now(one["at"] + NOTE) is not None:
                landing.write(one["at"] + NOTE, _CLEARED + "\n")
    except (Unreachable, DeclarationError):
        return  # `landed_here` names what a person must look into


_CLEARED = "What was said of this file was about a student who has withdrawn, and is no longer kept."


def _line_about(lines: list[dict[str, Any]], at: str) -> dict[str, Any] | None:
    found = [one for one in lines if one["what"] in (ASIDE, WAITING) and one["at"] == at]
    return found[-1] if found else None


def _shown(line: dict[str, Any], name: str) -> str:
    return f"the note about {line['shown']}" if name.endswith(NOTE) else str(line["shown"])


def _day(line: dict[str, Any]) -> date:
    return datetime.fromisoformat(line["when"]).date()
