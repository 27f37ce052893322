"""The analyst's page: what arrived, what was set aside and why. Made from reports alone, never from a release."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from connectedness.dashboard.pages import environment, write_assets, write_page
from connectedness.dashboard.parts import Row, Table, TableCell
from connectedness.dashboard.site import mark, site_folder
from connectedness.dashboard.words import Words, read_theme, read_words
from connectedness.errors import ConnectednessError
from connectedness.files import legal_name

Report = dict[str, Any]
_SEVERITIES = ("critical", "warning", "info")


def build_operations(reports: list[Path], out: Path, project_root: Path | None = None) -> Path:
    """Build the analyst's page from the waves' `report.json` files; return it.

    Parameters
    ----------
    reports : list of Path
        `report.json` files, the earliest wave first; the page shows the latest first, and stopped waves above all.
    out : Path
        Folder of the page; replaced whole, if it is one of ours.
    project_root : Path, optional
        A project whose own `dashboards/` files win over the packaged ones.

    Raises
    ------
    ConnectednessError
        When a report cannot be read, or `out` holds something else.
    """
    read = [_read(Path(path)) for path in reports]
    words, theme = read_words("en", project_root), read_theme(project_root)
    stopped = [report for report in reversed(read) if report["status"] == "stopped"]
    passed = [report for report in reversed(read) if report["status"] != "stopped"]
    with site_folder(Path(out)) as beside:
        write_assets(beside / "assets", theme, project_root)
        write_page(
            environment(project_root),
            "operations.html.j2",
            beside / "index.html",
            words,
            survey=_title(words, read[-1]) if read else "",
            waves=[_wave(words, report) for report in (*stopped, *passed)],
            hidden=words("hidden.mark"),
        )
        mark(beside, page="operations")
    return Path(out) / "index.html"


def _read(path: Path) -> Report:
    try:
        report: Report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConnectednessError(
            "this report cannot be read.", file=path, todo="Run the wave again: its report is then written anew."
        ) from error
    return report


def _title(words: Words, report: Report) -> str:
    """The survey's title, else its id."""
    title = report.get("title")
    return words.title(title, report["survey"]) if isinstance(title, dict) else str(title or report["survey"])


def _ended(words: Words, report: Report) -> str:
    """When the last run ended, where the survey is; as it stands where it is no time."""
    told = str(report.get("ended") or "")
    if not told:
        return ""
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return words("operations.ended", when=told)
    when = words("operations.at", day=words.day(moment.date().isoformat()), time=f"{moment:%H:%M}")
    return words("operations.ended", when=when)


def _wave(words: Words, report: Report) -> dict[str, Any]:
    totals = report["totals"]
    balanced = totals["read"] == totals["accepted"] + totals["quarantined"] + totals["excluded"]
    return {
        "id": report["wave"],
        "stopped": report["status"] == "stopped",
        "status": words("operations.stopped" if report["status"] == "stopped" else "operations.passed"),
        "ended": _ended(words, report),
        "reasons": report.get("stopped") or [],
        "summary": words("operations.summary", n=totals["read"], **{key: words.count(totals[key]) for key in
                                                                    ("accepted", "quarantined", "excluded")}),
        "balanced": balanced,
        "files": _files(words, report),
        "quarantine": _groups(words, report, "quarantine"),
        "bad_items": _bad_items(words, report.get("bad_items") or []),
        "unknown_labels": _unknown_labels(words, report.get("unknown_labels") or {}, report["wave"]),
        "severities": _severities(words, report),
        "warnings": _groups(words, report, "warnings"),
        "parts": _parts(words, report),
        "schools": _schools(words, report.get("schools") or []),
        "changes": _changes(words, report.get("changes") or {}),
        "contacts": [str(one["ask"]) for one in report.get("contacts") or []],
        "for_a_person": [_text(one) for one in report.get("for_a_person") or []],
        "notes": [_text(one) for one in report.get("notes") or []],
    }  # fmt: skip


def _files(words: Words, report: Report) -> Table:
    heads = [words(f"operations.{key}") for key in ("file", "read", "accepted", "quarantined", "excluded", "reasons")]
    rows = [_file_row(words, one, one["file"]) for one in report.get("files") or []]
    if report.get("roster"):
        roster = report["roster"]
        rows.append(_file_row(words, roster, f"{roster.get('file', '')} ({words('operations.roster')})"))
    return Table(words("operations.files"), tuple(heads), tuple(rows))


def _file_row(words: Words, one: dict[str, Any], name: str) -> Row:
    excluded = one.get("excluded") or {}
    reasons = "; ".join(f"{_rule(words, rule)}: {words.count(n)}" for rule, n in sorted(excluded.items()) if n)
    counts = (one["rows"], one["accepted"], one["quarantined"], sum(excluded.values()))
    return Row(name, (*(TableCell(words.count(n)) for n in counts), TableCell(reasons)))


def _groups(words: Words, report: Report, which: str) -> list[dict[str, Any]]:
    """Each rule that rows broke, in a sentence: how many rows, why, what to do, and where they are.

    `which` is "quarantine" for rows that were set aside, "warnings" for rows that were kept.
    """
    described = {rule["id"]: rule["description"] for rule in report.get("rules") or []}
    by_rule: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in report.get(which) or []:
        by_rule.setdefault((one["table"], one["rule"]), []).append(one)
    told = []
    for (_, rule), places in by_rule.items():
        n = sum(place["n"] for place in places)
        why = places[0].get("sentence") or described.get(rule) or _rule(words, rule)
        todo = places[0].get("todo") or words("operations.todo_any")
        told.append({
            "n": n,
            "title": words("operations.sentence", n=n, why=why),
            "todo": words("operations.todo", todo=todo),
            "places": [_place(words, place) for place in sorted(places, key=_place_order)],
        })  # fmt: skip
    return sorted(told, key=lambda one: (-one["n"], one["title"]))


def _place(words: Words, place: dict[str, Any]) -> str:
    """Where rows are: file, school, column, and the first of them as a spreadsheet numbers them."""
    parts = [place.get("file") or place["table"]]
    parts += [words(f"operations.{key}", **{key: place[key]}) for key in ("school", "column") if place.get(key)]
    rows = place.get("rows") or []
    numbers = ", ".join(str(row) for row in rows)
    if not numbers:
        return ", ".join(parts)
    key = "operations.rows_more" if len(rows) < place["n"] else "operations.rows"
    return f"{', '.join(parts)}: {words(key, n=place['n'], rows=numbers)}"


def _place_order(place: dict[str, Any]) -> tuple[str, str, str]:
    return str(place.get("file")), str(place.get("school")), str(place.get("column"))


def _rule(words: Words, rule: str) -> str:
    """A reason in words: the texts', else its own name."""
    key = f"operations.reason.{rule}"
    return words(key) if words.has(key) else str(rule).replace("_", " ")


def _bad_items(words: Words, found: list[dict[str, Any]]) -> Table | None:
    rows = [
        Row(one["item"], (TableCell(one["kind"]), TableCell(one["file"]), TableCell(words.count(one["n"]))))
        for one in sorted(found, key=lambda one: (one["item"], one["kind"], one["file"]))
    ]
    heads = tuple(words(f"operations.{key}") for key in ("item", "kind", "file", "count"))
    return Table(words("operations.bad_items"), heads, tuple(rows)) if rows else None


def _unknown_labels(words: Words, found: dict[str, Any], wave: str) -> dict[str, Any] | None:
    """Labels that enough rows hold to be printed, and how many more there are."""
    if not found.get("n"):
        return None
    rows = [Row(one["label"], (TableCell(one["item"]), TableCell(words.count(one["n"])))) for one in found["labels"]]
    heads = tuple(words(f"operations.{key}") for key in ("label", "item", "count"))
    table = Table(words("operations.unknown_labels"), heads, tuple(rows)) if rows else None
    rest = found["unprinted"]
    path = f"store/quarantine/{legal_name(wave)}/unknown_labels.csv"
    labels = words("operations.unprinted_labels", n=rest["labels"])
    said = words("operations.unprinted", n=rest["n"], labels=labels, path=path) if rest["n"] else ""
    return {"title": words("operations.unknown_labels"), "table": table, "unprinted": said}


def _severities(words: Words, report: Report) -> list[dict[str, Any]]:
    """What did not hold, the gravest first: of schools and waves as sentences, of tables as the rules they broke."""
    findings = report.get("findings") or []
    told = {(one["contract"], one["rule"]) for one in findings}
    broken = [one for one in report.get("rules") or [] if not one["success"]]
    found = []
    for severity in _SEVERITIES:
        lines = [one["sentence"] for one in findings if _severity(one) == severity]
        rules = [one for one in broken if _severity(one) == severity and (one["contract"], one["id"]) not in told]
        title = words(f"operations.severity.{severity}")
        if lines or rules:
            found.append({"title": title, "kind": severity, "lines": lines, "rules": _broken(words, title, rules)})
    return found


def _severity(one: dict[str, Any]) -> str:
    return one["severity"] if one["severity"] in _SEVERITIES else _SEVERITIES[0]


def _broken(words: Words, title: str, rules: list[dict[str, Any]]) -> Table | None:
    rows = [
        Row(
            one["description"] or one["id"],
            (TableCell(f"{one['contract']} {one['version']}"), TableCell(_found(words, one))),
        )
        for one in rules
    ]
    heads = tuple(words(f"operations.{key}") for key in ("rule", "contract", "bad"))
    return Table(title, heads, tuple(rows)) if rows else None


def _found(words: Words, rule: dict[str, Any]) -> str:
    """How many rows a rule found, or what it found of the whole table."""
    if rule["level"] == "dataset":
        return str(rule.get("found") or words("operations.whole_table"))
    return words.count(rule["n_bad"] or 0)


def _schools(words: Words, found: list[dict[str, Any]]) -> Table | None:
    rows = [
        Row(
            _label(one),
            tuple(TableCell(words.count(n)) for n in (one["accepted"], one["quarantined"])) + _of(words, one),
        )
        for one in sorted(found, key=lambda one: str(one["school"]))
    ]
    heads = [words("unit.school"), words("operations.accepted"), words("operations.quarantined")]
    heads += [words("operations.eligible")] if any(row.cells[2:] for row in rows) else []
    return Table(words("operations.schools"), tuple(heads), tuple(rows)) if rows else None


def _label(one: dict[str, Any]) -> str:
    return str(one.get("label") or one["school"])


def _of(words: Words, one: dict[str, Any]) -> tuple[TableCell, ...]:
    """Eligible students of a school, where there is a roster."""
    return () if one.get("eligible") is None else (TableCell(words.count(one["eligible"])),)


def _parts(words: Words, report: Report) -> list[dict[str, Any]]:
    """What was found file by file and school by school: each part can be sent to those whom it is about."""
    files = [(one["file"], one) for one in (*(report.get("files") or ()), report.get("roster") or {}) if one]
    schools = [(_label(one), one) for one in report.get("schools") or []]
    return [
        {"title": words(f"operations.{key}"), "entries": entries}
        for key, named in (("by_file", files), ("by_school", schools))
        if (entries := [_part(words, name, one["told"]) for name, one in named if one.get("told")])
    ]


def _part(words: Words, name: str, told: list[dict[str, str]]) -> dict[str, Any]:
    lines = [(words(f"operations.mark.{_severity(one)}"), one["sentence"]) for one in told]
    return {"title": words("operations.part", n=len(lines), name=name), "lines": lines}


def _changes(words: Words, changes: dict[str, Any]) -> dict[str, Any] | None:
    """What is other than in the last wave; nothing for the first one."""
    if not changes.get("since"):
        return None
    lines = [one["sentence"] for one in changes["found"]]
    return {"title": words("operations.changes", wave=changes["since"]), "lines": lines}


def _text(one: Any) -> str:
    return str(one.get("description") or one.get("rule") or one) if isinstance(one, dict) else str(one)
