"""Which waves are to be run: those that are open, have all their files, and hold something no run has read."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from connectedness.declare.project import Project
from connectedness.errors import ContractError
from connectedness.ingest.inbox import groups_file, roster_file, wave_files
from connectedness.intake.record import ASKED, RAN, TAKEN, note_down, now_utc, records
from connectedness.lifecycle.quarantine import close_requeues, open_requeues
from connectedness.store import RunUnderWay

_PATIENCE = timedelta(minutes=30)


def waves_to_run(project: Project, under_way: Callable[[], bool]) -> tuple[list[str], dict[str, str]]:
    """Waves to run now, in their order, and of others that hold something new, what they wait for.

    Parameters
    ----------
    project : Project
    under_way : callable
        Says whether a run is working on the project.
    """
    due, waits = [], {}
    for wave in project.survey.waves:
        if wave.closed or not _is_new(project, wave.id):
            continue
        if lacks := _lacks(project, wave.id):
            waits[wave.id] = lacks
        elif under_way() or _asked_lately(project, wave.id):
            waits[wave.id] = "a run that is under way"
        else:
            due.append(wave.id)
    return due, waits


def asked(project: Project, wave: str) -> None:
    """Note that a run of the wave, as its files are now, has been asked for."""
    note_down(project, ASKED, **state_of(project, wave))


def run_here(project: Project, wave: str, run: Callable[[str], Any]) -> Any:
    """Run a wave in this process, and note how that ended; one that finds another at work is left for the next look.

    Returns
    -------
    object
        What `run` returned; None where another run was at work.

    Raises
    ------
    Exception
        What stopped the run. It is not run again until its files have changed.
    """
    state = state_of(project, wave)
    try:
        done = run(wave)
    except RunUnderWay:
        return None
    except Exception as error:
        ran(project, f"stopped ({getattr(error, 'exit_code', 1)})", state)
        raise
    ran(project, "finished", state)
    close_requeues(project)
    return done


def ran(project: Project, status: str, state: dict[str, Any]) -> None:
    """Note that a wave has been run on its files as they were in `state`, and how that ended."""
    note_down(project, RAN, status=status, **state)


def state_of(project: Project, wave: str) -> dict[str, Any]:
    """What a run that begins now reads, to be noted when it has ended."""
    taken = [one for one in records(project) if one["what"] == TAKEN and one["wave"] == wave]
    requeued = [one["sha256"] for one in open_requeues(project, wave)]
    return {"wave": wave, "taken": len(taken), "requeued": sorted(requeued)}


def _is_new(project: Project, wave: str) -> bool:
    """Whether the files hold something that no run is known to have read; a run that is seen to have is noted."""
    state = state_of(project, wave)
    if _covers(_last(project, wave, RAN), state):
        return False
    if status := _run_since(project, wave):
        ran(project, status, state)
        return False
    return True


def _covers(known: dict[str, Any] | None, state: dict[str, Any]) -> bool:
    read = known or {"taken": 0, "requeued": []}
    return bool(read["taken"] >= state["taken"] and set(state["requeued"]) <= set(read["requeued"]))


def _last(project: Project, wave: str, what: str) -> dict[str, Any] | None:
    found = [one for one in records(project) if one["what"] == what and one["wave"] == wave]
    return found[-1] if found else None


def _run_since(project: Project, wave: str) -> str | None:
    """How a run of this wave ended that began after its files were last changed; None where none did."""
    file = project.store / "last-run.json"
    last = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if last.get("wave") != wave or last.get("status") in (None, "running"):
        return None
    changes = [one["when"] for one in records(project) if one["what"] == TAKEN and one["wave"] == wave]
    changes += [one["when"] for one in open_requeues(project, wave)]
    began = datetime.fromisoformat(last["started"])
    return str(last["status"]) if all(datetime.fromisoformat(one) < began for one in changes) else None


def _asked_lately(project: Project, wave: str) -> bool:
    last = _last(project, wave, ASKED)
    if last is None or not _covers(last, state_of(project, wave)):
        return False
    return now_utc() - datetime.fromisoformat(last["when"]) < _PATIENCE


def _lacks(project: Project, wave: str) -> str:
    """What a wave cannot be run without, and does not have yet."""
    try:
        wave_files(project, wave)
    except ContractError:
        return "an export"
    for what, file in (("its roster", roster_file(project, wave)), ("its file of groups", groups_file(project, wave))):
        if file is not None and not file.exists():
            return what
    return ""
