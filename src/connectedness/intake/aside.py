"""Files that a person must look at: moved out of the way inside the landing folder, each with a note beside it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from connectedness.declare.intake import KEPT_FOR_A_PERSON
from connectedness.declare.project import Project
from connectedness.ingest.zipped import kind_by_ending
from connectedness.intake.landing import Landed, Landing, Unreachable
from connectedness.intake.record import ASIDE, WAITING, kept_for_a_person, note_down
from connectedness.intake.route import is_declared

_SET_ASIDE, _WAITING = KEPT_FOR_A_PERSON
NOTE = ".note.txt"
SHORT = 12
"""Characters of a fingerprint that people are shown and may write."""


def keep_for_a_person(
    project: Project, landing: Landing, landed: Landed, sha256: str, note: list[str], wave: str | None, *, late: bool
) -> None:
    """Record why a file is kept, write the note, and move both out of the way; a death half-way is made good next time.

    Where the landing folder may only be read, the file stays where it is, and the record alone tells of it.
    """
    what, folder = (WAITING, _WAITING) if late else (ASIDE, _SET_ASIDE)
    at = _free_name(project, landing, folder, landed, sha256)
    facts = {
        "sha256": sha256,
        "file": landed.name,
        "shown": shown_name(project, landed.basename, sha256),
        "wave": wave,
        "bytes": landed.size,
        "note": note,
    }
    note_down(project, what, at=at, **facts)
    try:
        landing.write(at + NOTE, _note_text(what, str(facts["shown"]), sha256, note, wave))
        landing.move(landed.name, at)
    except (Unreachable, FileNotFoundError):
        note_down(project, what, at=landed.name, **facts)


def release_kept(project: Project, landing: Landing, kept: dict[str, Any]) -> None:
    """Delete a kept file and its note, once it is in the inbox."""
    try:
        landing.remove(kept["at"])
        landing.remove(kept["at"] + NOTE)
    except Unreachable:
        return  # read only: the record says that it has been taken


def shown_name(project: Project, basename: str, sha256: str) -> str:
    """A file's name, where the survey foresees such a name; else its kind: a name may be a student's."""
    if is_declared(project, basename):
        return basename
    return f"{kind_by_ending(PurePosixPath(basename).suffix)} ({sha256[:SHORT]})"


def _free_name(project: Project, landing: Landing, folder: str, landed: Landed, sha256: str) -> str:
    """Its own name, unless another file of that name is kept already; these same bytes go where they were kept."""
    plain = f"{folder}/{landed.basename}"
    kept = kept_for_a_person(project)
    before = [one["at"] for one in kept if one["sha256"] == sha256 and one["at"].startswith(f"{folder}/")]
    if before:
        return str(before[0])
    if plain not in {one["at"] for one in kept} and landing.now(plain) is None:
        return plain
    name = PurePosixPath(landed.basename)
    return f"{folder}/{name.stem}-{sha256[:8]}{name.suffix}"


def _note_text(what: str, shown: str, sha256: str, note: list[str], wave: str | None) -> str:
    head = (
        f"{shown} came late and waits for a person. It has not been read into the wave, and nothing has changed."
        if what == WAITING
        else f"{shown} was set aside. It has not been read into any wave, and the other files went on."
    )
    named = f" --wave {wave or 'WAVE'}" if what == ASIDE else ""
    return "\n".join(
        [
            head, "", *note, "",
            "To take it after all, when what is said above has been mended:",
            f"  connectedness intake accept {sha256[:SHORT]}{named}",
            "If nobody needs it: delete it, and this note. It may hold what students wrote.",
            "",
            f"Fingerprint (SHA-256): {sha256}", "",
        ]
    )  # fmt: skip
