"""Columns that lie in the inbox and that nothing reads: they may identify a student all the same."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

from connectedness.declare.project import Project
from connectedness.lifecycle.owners import rosters_read
from connectedness.store import wave_folder

UNREAD_CLASS = "identifier or unknown"


def unread_columns(project: Project, read: Mapping[str, Set[str]]) -> dict[tuple[str, str], list[str]]:
    """Names of columns of each file that is read, but for those that `read` names, by table and file.

    Exports' columns are those that the last run of each wave saw; rosters' are read from the files that are there.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for wave in project.survey.waves:
        for table, file, columns in [*_exports(project, wave.id), *_rosters(project, wave.id, read)]:
            known = {one.casefold() for one in read.get(table, ())}
            kept = found.setdefault((table, file), [])
            kept += [one for one in columns if one and one.casefold() not in known and one not in kept]
    return {key: columns for key, columns in found.items() if columns}


def _exports(project: Project, wave: str) -> Iterator[tuple[str, str, list[str]]]:
    shape = wave_folder(project, wave) / "schema.json"
    if not shape.is_file():
        return
    for one in json.loads(shape.read_text(encoding="utf-8")).get("headers", []):
        for file in one["files"]:
            yield "export", str(file), [str(name) for name in one["columns"]]


def _rosters(project: Project, wave: str, read: Mapping[str, Set[str]]) -> Iterator[tuple[str, str, list[str]]]:
    """Header of each roster and file of groups that is plain text: one without a known name may have no header."""
    declared = project.survey.roster
    delimiter = (declared.delimiter if declared else None) or ","
    for path, table in zip(rosters_read(project, wave), ("roster file", "file of groups"), strict=False):
        header = _header(path, delimiter) if path.suffix.lower() == ".csv" else []
        if len({one.casefold() for one in header} & {one.casefold() for one in read.get(table, ())}) > 1:
            yield table, path.name, header


def _header(path: Path, delimiter: str) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return [one.strip() for one in next(csv.reader(stream, delimiter=delimiter), [])]
    except (OSError, UnicodeError, csv.Error):
        return []
