"""A person's word on a file that was set aside or came late: it goes into the inbox after all."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectedness.declare.project import Project, check_declarations, open_project
from connectedness.errors import ConnectednessError
from connectedness.files import legal_name
from connectedness.intake.aside import SHORT, release_kept
from connectedness.intake.judge import is_oneroster
from connectedness.intake.landing import open_landing
from connectedness.intake.place import inbox_of, judged, must_not_be_purged, one_look, put
from connectedness.intake.record import kept_for_a_person, note_down, now_utc, staged
from connectedness.intake.route import route
from connectedness.store import wave_folder

_LEAST = 6


def accept(root: str | Path, fingerprint: str, wave: str | None = None) -> dict[str, Any]:
    """Put a kept file into the inbox of its wave, in place of an earlier one of its name. Nothing is run or published.

    Parameters
    ----------
    root : path
        Folder of the project.
    fingerprint : str
        The beginning of its SHA-256, six characters or more.
    wave : str, optional
        The wave, where a person says it; by default that of the note.

    Returns
    -------
    dict
        `wave`, `shown`, `sha256`, `closed` (whether the wave is), `reissue` (whether a later wave has been published).

    Raises
    ------
    ConnectednessError
        When no kept file, or several, have this fingerprint; or the wave could not read it.
    """
    project = open_project(root)
    landing = open_landing(project)
    check_declarations(project)
    with one_look(project, wait_s=60):
        kept = _kept(project, fingerprint)
        copied = staged(inbox_of(project) / legal_name(kept["sha256"]))
        copied = copied.with_name(copied.name + Path(kept["file"]).suffix)
        try:
            sha256 = _fetched(project, landing, kept, copied)
            day = now_utc().astimezone(ZoneInfo(project.survey.timezone)).date()
            said = wave or kept["wave"]
            routed = route(project, kept["file"], day, said, roster=is_oneroster(project, copied))
            must_not_be_purged(project, routed.wave.id)
            with judged(project, routed, copied, kept["shown"]) as beside:
                put(project, routed, beside, sha256, kept["file"], wait_s=60)
        finally:
            copied.unlink(missing_ok=True)
        release_kept(project, landing, kept)
    return {
        "wave": routed.wave.id,
        "shown": kept["shown"],
        "sha256": sha256,
        "closed": routed.wave.closed,
        "reissue": any(_is_published(project, one.id) for one in project.later(routed.wave.id)),
    }


def _kept(project: Project, fingerprint: str) -> dict[str, Any]:
    kept = kept_for_a_person(project)
    found = [one for one in kept if len(fingerprint) >= _LEAST and one["sha256"].startswith(fingerprint.lower())]
    if len(found) == 1:
        return found[0]
    raise ConnectednessError(
        "several files that wait begin with this fingerprint." if found else "no file that waits has this fingerprint.",
        found=fingerprint,
        allowed=", ".join(one["sha256"][:SHORT] for one in kept) or "nothing waits",
        todo="See: connectedness intake waiting",
    )


def _fetched(project: Project, landing: Any, kept: dict[str, Any], copied: Path) -> str:
    try:
        sha256: str = landing.fetch(kept["at"], copied)
    except FileNotFoundError:
        note_down(project, "gone", sha256=kept["sha256"])
        raise ConnectednessError(
            "this file is no longer where it was kept.",
            found=kept["sha256"][:SHORT],
            todo="Put it into the landing folder again.",
        ) from None
    if sha256 != kept["sha256"]:
        raise ConnectednessError(
            "this file has been changed since it was kept.",
            found=sha256[:SHORT],
            allowed=kept["sha256"][:SHORT],
            todo="Put it into the landing folder again, so that it is looked at as it is now.",
        )
    return sha256


def _is_published(project: Project, wave: str) -> bool:
    return (wave_folder(project, wave) / "estimates.parquet").is_file()
