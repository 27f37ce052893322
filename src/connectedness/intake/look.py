"""One look at the landing folder: what is new is taken, set aside or left waiting, and the waves to run are named."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from connectedness.declare.project import Project, check_declarations, open_project
from connectedness.files import private_folder
from connectedness.identity import hold_fingerprint, load_key
from connectedness.intake.landing import Landing, open_landing
from connectedness.intake.place import one_look
from connectedness.intake.record import Looks, clear_staged, kept_for_a_person, note_down, now_utc, rules_of
from connectedness.intake.round import Looked, Round
from connectedness.intake.runs import waves_to_run
from connectedness.lifecycle.quarantine import close_requeues
from connectedness.store import RunUnderWay, one_run


def look(root: str | Path, now: datetime | None = None) -> Looked:
    """Look at the landing folder once.

    Parameters
    ----------
    root : path
        Folder of the project.
    now : datetime, optional
        Aware; by default the present.

    Raises
    ------
    DeclarationError
        When no landing folder is declared, or something declared does not hold.
    Unreachable
        When the landing folder cannot be reached.
    RunUnderWay
        When another look is at work.
    """
    project = open_project(root)
    landing = open_landing(project)
    check_declarations(project)
    _must_have_its_key(project)
    moment = now or now_utc()
    with one_look(project):
        clear_staged(project)
        close_requeues(project)
        found, looks = Looked(), Looks.read(project)
        there, found.counts["not_legal"] = landing.files()
        looks.files = {name: one for name, one in looks.files.items() if name in {file.name for file in there}}
        round_ = Round(project, landing, looks, found, moment, rules_of(project))
        ready = [file for file in there if round_.has_settled(file)]
        looks.keep(project, moment)
        for file in ready:
            round_.decide(file)
            looks.keep(project, moment)  # what was decided stands, whatever comes of the next file
        found.kept = _still_kept(project, landing)
        found.to_run, found.waits = waves_to_run(project, lambda: _is_running(project))
    return found


def _must_have_its_key(project: Project) -> None:
    """Without the key no file can be judged, and that is no fault of any file."""
    private_folder(project.store)
    hold_fingerprint(project.store, load_key(project.survey, project.root))


def _still_kept(project: Project, landing: Landing) -> int:
    """Number of files that are kept for a person; those that somebody took away or deleted are noted as gone."""
    kept = kept_for_a_person(project)
    gone = [one for one in kept if landing.now(one["at"]) is None]
    for one in gone:
        note_down(project, "gone", sha256=one["sha256"])
    return len(kept) - len(gone)


def _is_running(project: Project) -> bool:
    try:
        with one_run(project.root):
            return False
    except RunUnderWay:
        return True
