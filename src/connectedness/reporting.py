"""What a run tells the analyst: its report, the analyst's page, and its totals."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectedness.declare.policy import AUDIENCES
from connectedness.declare.project import Project
from connectedness.errors import ContractError
from connectedness.files import make_private, private_folder
from connectedness.store import report_file, wave_folder, write_json
from connectedness.validation.parts import with_parts

NOTHING_READ: dict[str, Any] = {
    **dict.fromkeys(("files", "quarantine", "warnings", "findings", "bad_items", "rules"), ()),
    **dict.fromkeys(("for_a_person", "contacts", "notes", "schools"), ()),
    "roster": None,
    "unknown_labels": {},
    "totals": dict.fromkeys(("read", "accepted", "quarantined", "excluded"), 0),
}
"""Report of a wave that was stopped before it was read."""
SHAPE = "schema.json"
"""A wave's columns, items and groups, beside its tables, for the next wave to be compared with."""


def finished_report(project: Project, report: dict[str, Any], releases: dict[str, str]) -> dict[str, Any]:
    """A passed wave's report, file by file and school by school, with where its results are."""
    told = {"title": project.survey.title.en, "ended": _now(project)}
    return with_parts(report) | told | {"releases": _released(project) | releases}


def stop(project: Project, wave: str, report: dict[str, Any], sentences: list[str]) -> None:
    """Write the report of a stopped wave and the analyst's page. The wave's tables stay as they were."""
    stopped = {
        "survey": project.survey.id,
        "title": project.survey.title.en,
        "wave": wave,
        "ended": _now(project),
        **with_parts(report),
        "status": "stopped",
        "stopped": sentences,
        "releases": _released(project),
    }
    private_folder(wave_folder(project, wave))
    write_json(report_file(project, wave), stopped)
    operations(project)


def last_shape(project: Project, wave: str) -> dict[str, Any] | None:
    """The shape of the nearest earlier wave that has one; None for the first."""
    for earlier in reversed(project.earlier(wave)):
        if (file := wave_folder(project, earlier.id) / SHAPE).is_file():
            return read_json(file)
    return None


def stopped_error(wave: str, sentences: list[str], todo: str) -> ContractError:
    """The error of a stopped wave, in the words of its report."""
    return ContractError(
        "this wave is stopped, and nothing is published: " + " ".join(sentences),
        todo=f"{todo}, and run again: connectedness run --wave {wave}",
    )


def operations(project: Project) -> Path:
    """Draw the analyst's page from every wave's report; return its path."""
    from connectedness.dashboard import build_operations

    reports = [report_file(project, one.id) for one in project.survey.waves]
    page = build_operations([file for file in reports if file.is_file()], project.site / "analyst", project.root)
    make_private(page.parent)
    return page


def summary(project: Project, wave: str) -> dict[str, Any]:
    """Totals of a wave's last run and where its results are; no school, no row."""
    report = read_json(report_file(project, wave))
    return {
        "wave": wave,
        "status": report["status"],
        "rows": report.get("totals", {}),
        "releases": report.get("releases", {}),
        "pages": {
            name: str(page)
            for name, page in (
                *((audience, project.site / audience / "index.html") for audience in AUDIENCES),
                ("analyst", project.site / "analyst" / "index.html"),
            )
            if page.is_file()
        },
    }


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _now(project: Project) -> str:
    """The time, to the minute, where the survey is."""
    return datetime.now(ZoneInfo(project.survey.timezone)).isoformat(sep=" ", timespec="minutes")


def _released(project: Project) -> dict[str, str]:
    from connectedness.release.open import current_release

    current = {audience: current_release(project.store, audience) for audience in AUDIENCES}
    return {audience: folder.name for audience, folder in current.items() if folder is not None}
