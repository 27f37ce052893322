"""A wave's stored tables without some students, and everything that is made from them made anew."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from connectedness import pipeline
from connectedness.declare.project import Project
from connectedness.errors import ConnectednessError, ContractError
from connectedness.files import link_or_copy, move_into_place, private_folder
from connectedness.store import (
    TABLES,
    aside_folder,
    fresh_work,
    one_run,
    read_if_there,
    report_file,
    wave_folder,
    write_json,
)
from connectedness.tables import write_table
from connectedness.validation.parts import with_parts

PEOPLE = {"responses": "respondent", "roster": "student", "scores": "respondent", "flags": "respondent"}
"""Tables of the store with one row a student, and the column that holds the pseudonym."""
_REASON = "withdrawn"


def rows_of(project: Project, wave: str, gone: Collection[str]) -> dict[str, int]:
    """Count the rows of these students in each table of a wave; tables without any are left out."""
    found = {}
    for name, column in PEOPLE.items():
        path = wave_folder(project, wave) / f"{name}.parquet"
        if path.is_file():
            people = pd.read_parquet(path, columns=[column])[column]
            if n := int(people.isin(list(gone)).sum()):
                found[name] = n
    return found


def seen_in(project: Project, wave: str, gone: Collection[str]) -> set[str]:
    """Those of the students who are in a table of the wave."""
    seen: set[str] = set()
    for name, column in PEOPLE.items():
        path = wave_folder(project, wave) / f"{name}.parquet"
        if path.is_file():
            people = pd.read_parquet(path, columns=[column])[column]
            seen |= set(people[people.isin(list(gone))])
    return seen


def has_tables(project: Project, wave: str) -> bool:
    """Whether a wave has been run."""
    return (wave_folder(project, wave) / "responses.parquet").is_file()


def recompute_without(project: Project, wave: str, gone: Collection[str]) -> bool:
    """Score, examine and estimate a wave from its stored tables, less these students; nothing is released.

    The rooms work in a folder of their own, so a death leaves the stored tables whole; doing it again ends alike.

    Returns
    -------
    bool
        False where no answers are left, so that the wave's tables were removed instead.

    Raises
    ------
    ContractError
        When scores or estimates do not meet their contracts.
    """
    kept, work = wave_folder(project, wave), fresh_work(project, wave)
    report = json.loads(report_file(project, wave).read_text(encoding="utf-8"))
    responses = _less(kept, "responses", gone)
    if responses is None or responses.empty:
        for name in TABLES:
            (kept / f"{name}.parquet").unlink(missing_ok=True)
        shutil.rmtree(work, ignore_errors=True)
        return False
    write_table(responses, work / "responses.parquet")
    roster = _less(kept, "roster", gone)
    if roster is not None:
        write_table(roster, work / "roster.parquet")
    write_json(work / "report.json", report)
    write_json(work / "account.json", {"labels": {}})
    pipeline.score(project.root, wave)
    try:
        pipeline.examine(project.root, wave)
    except ContractError:
        # An alarm on a scale keeps no student in: facts of scales stay as they were, and a run will raise it again.
        flags = _less(kept, "flags", gone)
        if flags is not None:
            write_table(flags, work / "flags.parquet")
    pipeline.measure(project.root, wave)
    _move(work, private_folder(kept))
    write_json(report_file(project, wave), _counted_anew(project, wave, report, responses, roster))
    shutil.rmtree(work, ignore_errors=True)
    return True


def reissue_stored(root: str | Path, wave: str) -> list[Path]:
    """Publish a wave again from its stored tables, in the place of what releases hold of it; its files may be gone.

    Returns
    -------
    list of Path
        The release folders, one an audience.

    Raises
    ------
    ConnectednessError
        When the wave has never been run, or another run is working.
    DisclosureError
        When the numbers cannot be made safe.
    """
    with one_run(Path(root)) as project:
        project.wave(wave)
        if not (wave_folder(project, wave) / "estimates.parquet").is_file():
            raise ConnectednessError(
                "this wave has not been run yet.", found=wave, todo=f"connectedness run --wave {wave}"
            )
        work = fresh_work(project, wave)
        for name in (*(f"{table}.parquet" for table in TABLES), "report.json"):
            if (wave_folder(project, wave) / name).is_file():
                link_or_copy(wave_folder(project, wave) / name, work / name)
        folders = pipeline.release(project.root, wave, reissue=True)
        pipeline.publish(project.root, wave)
    return folders


def drop_quarantine(project: Project, wave: str, table: str, file: str, rows: Collection[int]) -> int:
    """Remove the lines that point at some rows of a file; return how many there were."""
    path = aside_folder(project, wave) / "rows.parquet"
    lines = read_if_there(path)
    if lines is None or not rows:
        return 0
    theirs = (lines["table"] == table) & (lines["file"] == file) & lines["row"].isin(list(rows))
    if theirs.any():
        write_table(lines[~theirs].reset_index(drop=True), path)
    return int(theirs.sum())


def _less(folder: Path, name: str, gone: Collection[str]) -> pd.DataFrame | None:
    table = read_if_there(folder / f"{name}.parquet")
    return None if table is None else table[~table[PEOPLE[name]].isin(list(gone))].reset_index(drop=True)


def _move(work: Path, kept: Path) -> None:
    for name in TABLES:
        if (work / f"{name}.parquet").is_file():
            move_into_place(work / f"{name}.parquet", kept / f"{name}.parquet")


def _counted_anew(
    project: Project, wave: str, report: dict[str, Any], responses: pd.DataFrame, roster: pd.DataFrame | None
) -> dict[str, Any]:
    """The wave's report with its counts of rows as the tables now are: who left is `excluded`, for `withdrawn`."""
    lines = read_if_there(aside_folder(project, wave) / "rows.parquet")
    aside = pd.DataFrame(columns=["table", "file", "row", "rule", "school", "column"]) if lines is None else lines
    changed = dict(report)
    changed["quarantine"] = [one for one in (_group(group, aside) for group in report["quarantine"]) if one["n"]]
    # Rows that were only warned of are not kept line by line, so none may go on pointing at a student who left.
    changed["warnings"] = []
    if report["status"] != "passed":
        return with_parts(changed)
    of_roster = aside["table"] == "roster"
    accepted = responses["source"].value_counts()
    changed["files"] = [_entry(one, int(accepted.get(one["file"], 0)), aside[~of_roster]) for one in report["files"]]
    if report["roster"] is not None and roster is not None:
        changed["roster"] = _entry(report["roster"], len(roster), aside[of_roster])
    changed["totals"] = {
        "read": sum(one["rows"] for one in changed["files"]),
        "accepted": sum(one["accepted"] for one in changed["files"]),
        "quarantined": sum(one["quarantined"] for one in changed["files"]),
        "excluded": sum(sum(one["excluded"].values()) for one in changed["files"]),
    }
    by_school = responses["school"].value_counts()
    held = aside[~of_roster].drop_duplicates(["file", "row"])["school"].replace("", "unknown").value_counts()
    changed["schools"] = [
        one | {"accepted": int(by_school.get(one["school"], 0)), "quarantined": int(held.get(one["school"], 0))}
        for one in report["schools"]
    ]
    return with_parts(changed)


def _entry(entry: dict[str, Any], accepted: int, aside: pd.DataFrame) -> dict[str, Any]:
    quarantined = len(aside[aside["file"] == entry["file"]].drop_duplicates(["file", "row"]))
    left = entry["accepted"] + entry["quarantined"] - accepted - quarantined
    excluded = entry["excluded"] | ({_REASON: entry["excluded"].get(_REASON, 0) + left} if left else {})
    return entry | {"accepted": accepted, "quarantined": quarantined, "excluded": excluded}


def _group(group: dict[str, Any], aside: pd.DataFrame) -> dict[str, Any]:
    same = pd.Series(True, index=aside.index)
    for name in ("table", "file", "rule", "school", "column"):
        same &= aside[name].fillna("") == (group[name] or "")
    rows = sorted(set(aside.loc[same, "row"].tolist()))
    return group | {"rows": rows[: len(group["rows"])], "n": len(rows)}
