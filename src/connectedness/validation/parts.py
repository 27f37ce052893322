"""The report's sentences, file by file and school by school, so that each can be sent its own part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Report = dict[str, Any]
_ROWS = 10
_ORDER = {"critical": 0, "warning": 1, "info": 2}


def with_parts(report: Mapping[str, Any]) -> Report:
    """A report whose files and schools each say, in `told`, what was found of them.

    Returns
    -------
    dict
        The report; each entry of `files` and `schools`, and the roster's, has `told`: a list of `severity`
        (`critical`: rows were set aside, or the wave stops; `warning`; `info`) and `sentence`, the gravest first.
    """
    titles = {one["school"]: one.get("label") or f"School {one['school']}" for one in report["schools"]}
    changed = dict(report)
    changed["files"] = [
        dict(one) | {"told": _of_file(one["file"], report, titles, "responses")} for one in report["files"]
    ]
    if report.get("roster"):
        own = report["roster"]
        changed["roster"] = dict(own) | {"told": _of_file(own["file"], report, titles, "roster")}
    changed["schools"] = [dict(one) | {"told": _of_school(one["school"], report)} for one in report["schools"]]
    return changed


def _of_file(
    file: str, report: Mapping[str, Any], titles: Mapping[str, str], table: str = "responses"
) -> list[dict[str, str]]:
    groups = [group for group in _groups(report) if (group["file"], group["table"]) == (file, table)]
    told = [_line(same[0]["severity"], _over_schools(same, titles)) for same in _alike(groups)]
    if table == "responses":
        bad = [one for one in report.get("bad_items") or () if one["file"] == file]
        told += [_line("warning", _unused(kind, bad)) for kind in dict.fromkeys(one["kind"] for one in bad)]
    own = (f"{file}:", f"{file} ")
    told += [_line("info", note) for note in report.get("notes") or () if str(note).startswith(own)]
    return _ordered(told)


def _alike(groups: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Groups of which the same is said, whatever their school."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for group in groups:
        found.setdefault((group["severity"], group["rule"], group_words(group)), []).append(group)
    return list(found.values())


def _over_schools(groups: list[dict[str, Any]], titles: Mapping[str, str]) -> str:
    """What is wrong with rows of one file, and where they are, school by school."""
    n = sum(group["n"] for group in groups)
    places = [
        _rows(group) + (f" of {titles.get(group['school'], group['school'])}" if group["school"] else "")
        for group in groups
    ]
    return f"{n:,} row{'' if n == 1 else 's'} ({'; '.join(places)}): {group_words(groups[0])}"


def _unused(kind: str, bad: Iterable[Mapping[str, Any]]) -> str:
    """Answers of one kind that could not be used, by item."""
    items = {one["item"]: one["n"] for one in bad if one["kind"] == kind}
    n, listed = sum(items.values()), ", ".join(f"{item} {count:,}" for item, count in items.items())
    return f"{n:,} answer{'' if n == 1 else 's'} could not be used, but the rows were kept: {kind} ({listed})."


def _of_school(school: str, report: Mapping[str, Any]) -> list[dict[str, str]]:
    told = [
        _line(group["severity"], f"{group['file']}, {_rows(group)}: {group_words(group)}")
        for group in _groups(report)
        if (group["school"] or "unknown") == school
    ]
    told += [_line(one["severity"], one["sentence"]) for one in report.get("findings") or () if one["school"] == school]
    return _ordered(told)


def _groups(report: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for group in report.get("quarantine") or ():
        yield {"severity": "critical", **group}
    yield from report.get("warnings") or ()


def _line(severity: str, sentence: str) -> dict[str, str]:
    return {"severity": severity, "sentence": sentence}


def _ordered(told: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(told, key=lambda one: _ORDER.get(one["severity"], 0))


def group_words(group: Mapping[str, Any]) -> str:
    """What is wrong with a group of rows, in which column, and what to do."""
    name = group.get("column")
    column = f" (column {name})" if name and f"({name})" not in group["sentence"] else ""
    return f"{group['sentence']}{column}. What to do: {group['todo']}"


def _rows(group: Mapping[str, Any]) -> str:
    """The first rows of a group, as a spreadsheet numbers them."""
    numbers, more = group["rows"][:_ROWS], group["n"] - min(len(group["rows"]), _ROWS)
    listed = ", ".join(map(str, numbers)) + (f" and {more:,} more" if more > 0 else "")
    return f"row {listed}" if group["n"] == 1 else f"rows {listed}"
