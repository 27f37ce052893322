"""The report of a wave to read: by file, by school, and of the wave as a whole; or one school's or one file's part."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from connectedness.declare.project import Project, open_project
from connectedness.errors import ConnectednessError
from connectedness.files import legal_name
from connectedness.ingest.answers import TEXT_KIND
from connectedness.reporting import read_json
from connectedness.schoolpart import answered_words, own_part
from connectedness.store import report_file

_MARKS = {"critical": "Set aside", "warning": "Warning", "info": "Note"}
_WAVE_MARKS = _MARKS | {"critical": "Stops the wave"}


def wave_report(
    root: Path, wave: str | None = None, *, school: str | None = None, file: str | None = None
) -> dict[str, Any]:
    """What the last run of a wave found.

    Parameters
    ----------
    root : path
        Folder of the project.
    wave : str, optional
        Id of the wave; by default the newest that has been run.
    school : str, optional
        Id or name of a school: its part alone.
    file : str, optional
        Name of a file: its part alone.

    Returns
    -------
    dict
        The whole `report.json`, with exact counts, for the analyst; or `survey`, `title`, `wave`, `status`, `ended`,
        `contacts`, and the entry of the `school` (as `own_part` makes it, to be sent on) or of the `file`. Counts of
        rows, names of rules, files and schools: never an answer.

    Raises
    ------
    ConnectednessError
        When no wave has been run, or the report has no such school or file.
    """
    project = open_project(root)
    report = _last_report(project, wave)
    if school is None and file is None:
        return report
    part = {name: report.get(name) for name in ("survey", "title", "wave", "status", "ended", "contacts")}
    if school is not None:
        part["school"] = own_part(_school(report, school), project.policy.minimum["internal"])
    if file is not None:
        part["file"] = _file(report, file)
        part["see"] = _where_labels_are(report, file)
    return part


def _last_report(project: Project, wave: str | None) -> dict[str, Any]:
    """The report of a wave, or of the newest that has one."""
    waves = [project.wave(wave)] if wave else list(reversed(project.survey.waves))
    for one in waves:
        if report_file(project, one.id).is_file():
            return read_json(report_file(project, one.id))
    raise ConnectednessError(
        "this wave has not been run yet." if wave else "no wave has been run yet.",
        found=wave,
        todo=f"connectedness run --wave {waves[0].id}",
    )


def _school(report: dict[str, Any], wanted: str) -> dict[str, Any]:
    entries = report["schools"]
    names = {one["school"]: one for one in entries}
    names |= {str(one.get("label", "")).rpartition(" (")[0]: one for one in entries if "(" in one.get("label", "")}
    return _named("school", names, wanted, [one["school"] for one in entries])


def _file(report: dict[str, Any], wanted: str) -> dict[str, Any]:
    entries = [*report["files"], *([report["roster"]] if report.get("roster") else [])]
    return _named("file", {one["file"]: one for one in entries}, wanted, [one["file"] for one in entries])


def _named(kind: str, names: dict[str, dict[str, Any]], wanted: str, ids: Sequence[str]) -> dict[str, Any]:
    alike = {name.casefold(): one for name, one in names.items()}
    if wanted.casefold() in alike:
        return alike[wanted.casefold()]
    near = get_close_matches(wanted, names, n=1)
    raise ConnectednessError(
        f"the report has no such {kind}.",
        found=wanted,
        allowed=", ".join(sorted(ids)[:40]) + (", ..." if len(ids) > 40 else "") if ids else "none",
        todo=f"Did you mean {near[0]}?" if near else None,
    )


def report_text(report: dict[str, Any]) -> str:
    """A report, or a part of one, to read in a terminal or to send on."""
    title = report.get("title") or report.get("survey") or ""
    if "school" in report or "file" in report:
        lines = [f"{title}, wave {report['wave']}"]
        lines += ["", *_school_lines(report["school"])] if "school" in report else []
        lines += ["", *_file_lines(report["file"])] if "file" in report else []
        lines += [f"  {report['see']}"] if report.get("see") else []
        return "\n".join([*lines, *_asked(report)])
    ended = f", last run {report['ended']}" if report.get("ended") else ""
    totals = report["totals"]
    lines = [
        f"{title}, wave {report['wave']}: {report['status']}{ended}",
        f"{_rows(totals['read'])} read = {totals['accepted']:,} accepted + {totals['quarantined']:,} quarantined"
        f" + {totals['excluded']:,} excluded",
    ]
    lines += _section("Why it was stopped", report.get("stopped") or [])
    lines += _files(report) + _schools(report)
    lines += _section("The wave as a whole", _whole(report))
    changes = report.get("changes") or {}
    lines += _section(f"Changed since {changes.get('since')}", [one["sentence"] for one in changes.get("found") or []])
    lines += _section("For a person to check", [str(one["description"]) for one in report.get("for_a_person") or []])
    return "\n".join([*lines, *_asked(report)])


def _section(title: str, sentences: Sequence[str]) -> list[str]:
    return ["", f"{title}:", *(f"  {one}" for one in sentences)] if sentences else []


def _files(report: dict[str, Any]) -> list[str]:
    entries = [*report["files"], *([report["roster"]] if report.get("roster") else [])]
    lines = [line for one in entries for line in _file_lines(one)]
    see = _where_labels_are(report)
    return ["", "BY FILE", *lines, *([see] if see else [])] if lines else []


def _file_lines(entry: dict[str, Any]) -> list[str]:
    excluded = ", ".join(f"{rule.replace('_', ' ')} {n:,}" for rule, n in sorted(entry["excluded"].items()) if n)
    counts = f"{_rows(entry['rows'])} read, {entry['accepted']:,} accepted, {entry['quarantined']:,} quarantined"
    out = sum(entry["excluded"].values())
    counts += f", {out:,} excluded ({excluded})" if out else ""
    return [f"{entry['file']}: {counts}.", *_told(entry)]


def _where_labels_are(report: dict[str, Any], file: str | None = None) -> str | None:
    """Where to read the texts that stood where a code belongs, and what to do; None where there are none."""
    unread = [
        one
        for one in report.get("bad_items") or ()
        if one["kind"] == TEXT_KIND and (file is None or one["file"].casefold() == file.casefold())
    ]
    if not unread:
        return None
    path = f"store/quarantine/{legal_name(report['wave'])}/unknown_labels.csv"
    return f"Texts where a code belongs: see {path}; declare what they mean under codes: in the column map."


def _schools(report: dict[str, Any]) -> list[str]:
    lines = [line for one in report["schools"] for line in _school_lines(one)]
    return ["", "BY SCHOOL", *lines] if lines else []


def _school_lines(entry: dict[str, Any]) -> list[str]:
    counts = answered_words(entry)
    aside = entry["quarantined"]
    counts += f"; {_rows(aside)} set aside" if aside else ""
    return [f"{entry.get('label') or entry['school']}: {counts}.", *_told(entry)]


def _rows(n: int) -> str:
    return f"{n:,} row{'' if n == 1 else 's'}"


def _told(entry: dict[str, Any]) -> list[str]:
    return [f"  {_MARKS.get(one['severity'], 'Note')}: {one['sentence']}" for one in entry.get("told") or []]


def _whole(report: dict[str, Any]) -> list[str]:
    """Findings of no one school, and notes of no one file."""
    said = [f"{_WAVE_MARKS.get(one['severity'], 'Note')}: {one['sentence']}"
            for one in report.get("findings") or [] if one["school"] is None]  # fmt: skip
    of_files = {line["sentence"] for one in report["files"] for line in one.get("told") or []}
    of_files |= {line["sentence"] for line in (report.get("roster") or {}).get("told") or []}
    return said + [f"Note: {note}" for note in report.get("notes") or [] if note not in of_files]


def _asked(report: dict[str, Any]) -> list[str]:
    asked = [one["ask"] for one in report.get("contacts") or []]
    return ["", *asked] if asked else []
