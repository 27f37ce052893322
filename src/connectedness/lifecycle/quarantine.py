"""Rows that were set aside: what they are and where, never what is in them; and the corrected file that takes over."""

from __future__ import annotations

import json
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectedness.declare.project import Project
from connectedness.errors import ConnectednessError, ContractError
from connectedness.files import link_or_copy, make_private, sha256_of, written_beside
from connectedness.ingest.inbox import shown_path
from connectedness.lifecycle.owners import files_read
from connectedness.lifecycle.records import add_record, read_records
from connectedness.store import aside_folder, one_run, read_if_there, report_file
from connectedness.tables import QUARANTINE_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

REQUEUES = "requeues.jsonl"


def list_quarantine(project: Project, wave: str | None = None) -> list[dict[str, Any]]:
    """Count rows set aside by wave, table and rule, with what is wrong and what to do about it.

    Returns
    -------
    list of dict
        `wave`, `table`, `rule`, `rows`, `files` (names), `sentence`, `todo`; the waves in their order, the largest
        group of each first.
    """
    from connectedness.validation.sentences import words_of

    found = []
    for one in [project.wave(wave)] if wave else project.survey.waves:
        groups: list[dict[str, Any]] = []
        for (table, rule), lines in _lines(project, one.id).groupby(["table", "rule"], sort=True):
            words = words_of(str(rule), str(table))
            groups.append(
                {
                    "wave": one.id,
                    "table": str(table),
                    "rule": str(rule),
                    "rows": len(lines.drop_duplicates(["file", "row"])),
                    "files": sorted(lines["file"].unique().tolist()),
                    "sentence": words.sentence,
                    "todo": words.todo,
                }
            )
        found += sorted(groups, key=lambda group: -group["rows"])
    return found


def show_quarantine(
    project: Project, wave: str, *, rule: str | None = None, file: str | None = None, school: str | None = None
) -> list[dict[str, Any]]:
    """Every line of a wave's quarantine that fits: rule, file, row, column and school. A cell is never among them.

    Returns
    -------
    list of dict
        `table`, `rule`, `file`, `row` (as a spreadsheet counts, the header is row 1), `column`, `school`.
    """
    project.wave(wave)
    lines = _lines(project, wave)
    for name, wanted in (("rule", rule), ("file", file), ("school", school)):
        if wanted is not None:
            lines = lines[lines[name] == wanted]
    ordered = lines.sort_values(["table", "file", "row", "rule"], kind="stable")
    return [
        {**{name: str(line[name]) for name in ("table", "rule", "file", "column", "school")}, "row": int(line["row"])}
        for line in ordered.to_dict("records")
    ]


def requeue(root: str | Path, corrected: str | Path, wave: str | None = None) -> dict[str, Any]:
    """Put a corrected export or roster in the place of the file of that name in the inbox.

    The old file is kept beside it under a name that no pattern matches, until the wave's files are purged.

    Parameters
    ----------
    root : path
        Folder of the project.
    corrected : path
        The corrected file; it is copied.
    wave : str, optional
        Needed only where files of several waves have this name.

    Returns
    -------
    dict
        `wave`, `file` (its place in the inbox), `sha256`, `replaced` (SHA-256 of the old file), `kept_as`, and
        `changed`: False when both are the same file, and nothing was done.

    Raises
    ------
    ContractError
        When no file, or files of several waves, have this name.
    ConnectednessError
        When the file is not there, or another run is working.
    """
    source = Path(corrected)
    if not source.is_file():
        raise ConnectednessError("this file is not there.", file=source)
    with one_run(Path(root)) as project:
        found, target = _file_of_name(project, source.name, wave)
        new, old = sha256_of(source), sha256_of(target)
        kept = _kept_name(project, target, old)
        done = {
            "wave": found,
            "file": shown_path(project, target),
            "sha256": new,
            "replaced": old,
            "kept_as": shown_path(project, kept),
            "changed": new != old,
        }
        if new == old:
            return done
        # The record comes first, so that no replaced file is without one; the same act recorded twice does no harm.
        add_record(project.store / REQUEUES, {name: done[name] for name in done if name != "changed"})
        if not kept.exists():
            link_or_copy(target, kept)
            make_private(kept)
        with written_beside(target) as beside:
            beside.write_bytes(source.read_bytes())
            make_private(beside)
    return done


def open_requeues(project: Project, wave: str | None = None) -> list[dict[str, Any]]:
    """Corrected files that no finished run has read yet, the earliest first.

    Returns
    -------
    list of dict
        `wave`, `file` (its place in the inbox), `sha256`, `replaced`, `kept_as` and `when`, as `requeue` recorded them.
    """
    return [one for one in _not_closed(project) if (wave in (None, one["wave"])) and _became_of(project, one) is None]


def close_requeues(project: Project) -> list[dict[str, Any]]:
    """Record which corrected files a finished run has read, or a newer file replaced; return these lines."""
    closed = []
    for one in _not_closed(project):
        if how := _became_of(project, one):
            closed.append({"closes": one["sha256"], "wave": one["wave"], "file": one["file"], "how": how})
            add_record(project.store / REQUEUES, closed[-1])
    return closed


def _not_closed(project: Project) -> list[dict[str, Any]]:
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in read_records(project.store / REQUEUES):
        key = (one["wave"], one["file"], one.get("closes") or one["sha256"])
        if "closes" in one:
            found.pop(key, None)
        else:
            found[key] = one
    return list(found.values())


def _became_of(project: Project, requeued: dict[str, Any]) -> str | None:
    """What became of a corrected file: `read` by a finished run, or `replaced`; None while it waits to be read."""
    report = report_file(project, requeued["wave"])
    told = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {}
    files = [*told.get("files", ()), told.get("roster") or {}]
    if told.get("status") == "passed" and any(one.get("sha256") == requeued["sha256"] for one in files):
        return "read"
    place = project.root / requeued["file"]
    return None if place.is_file() and sha256_of(place) == requeued["sha256"] else "replaced"


def _lines(project: Project, wave: str) -> pd.DataFrame:
    import pandas as pd

    found = read_if_there(aside_folder(project, wave) / "rows.parquet")
    return pd.DataFrame(columns=list(QUARANTINE_COLUMNS)) if found is None else found


def _file_of_name(project: Project, name: str, wave: str | None) -> tuple[str, Path]:
    """The wave and the file in the inbox that a corrected file of this name replaces."""
    waves = [project.wave(wave)] if wave else project.survey.waves
    known = {one.id: files_read(project, one.id) for one in waves}
    found = [(one, path) for one, paths in known.items() for path in paths if path.name == name]
    if len(found) == 1:
        return found[0]
    if found and wave is None:
        raise ContractError(
            "several waves have a file of this name, so it is not known which one to replace.",
            found=name,
            allowed=", ".join(sorted({one for one, _ in found})),
            todo="Say which wave: connectedness quarantine requeue FILE --wave ID",
        )
    raise ContractError(
        "several files of this wave have this name." if found else "no file of the inbox has this name.",
        found=name,
        allowed=", ".join(sorted({path.name for paths in known.values() for path in paths})) or "the inbox is empty",
        todo="Give the corrected file the name of the file that it replaces, or copy it to its place yourself.",
    )


def _kept_name(project: Project, target: Path, sha256: str) -> Path:
    """A name beside the file that no wave's pattern matches; one that begins with a dot never does."""
    kept = target.with_name(f"{target.name}.replaced-{sha256[:8]}")
    return kept.with_name(f".{kept.name}") if _may_match(project, kept) else kept


def _may_match(project: Project, path: Path) -> bool:
    """Whether some wave's pattern could take this for an export; rather too often than too seldom."""
    patterns = {pattern.replace("{wave}", one.id) for one in project.survey.waves for pattern in one.files}
    patterns |= {pattern.replace("**/", "") for pattern in patterns}
    return any(fnmatch(name, one) for one in patterns for name in (shown_path(project, path), path.as_posix()))
