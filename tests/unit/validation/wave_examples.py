"""A tiny project, and tables as ingest would hand them over: two files, a roster, and an account that adds up."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pandas as pd

from connectedness.declare.project import Project, open_project

SURVEY = """\
id: tiny
title: {en: Tiny}
synthetic: true
identity: {token: token}
instruments: [school-connectedness-5@1]
roster: {file: roster.csv}
waves:
  - {id: w1, window: [2026-10-05, 2026-10-23], files: ["*.csv"], map: map.yaml}
"""
ITEMS = ("sc5_h1ed19", "sc5_h1ed20", "sc5_h1ed22", "sc5_h1ed23", "sc5_h1ed24")
QUARANTINE = ("table", "file", "row", "column", "rule", "school")


def project(folder: Path, survey: str = SURVEY) -> Project:
    (folder / "survey.yaml").write_text(survey, encoding="utf-8")
    return open_project(folder)


def pseudonym(number: int) -> str:
    return base64.b32encode(hashlib.sha256(b"%d" % number).digest()).decode().lower()[:26]


def answers(n: int, school: str = "a") -> pd.DataFrame:
    """Rows 2, 3, ... of the files x.csv and y.csv, half each; respondents 0 to n - 1."""
    half = (n + 1) // 2
    rows = [2 + i if i < half else 2 + i - half for i in range(n)]
    frame = pd.DataFrame(
        {
            "wave": "w1",
            "respondent": [pseudonym(i) for i in range(n)],
            "school": school,
            "grade": "7",
            "learning_mode": "in_person",
        }
    ).astype("str")
    frame["started_at"] = pd.Series(pd.Timestamp("2026-10-05 15:00", tz="UTC"), index=frame.index).dt.as_unit("us")
    frame["submitted_at"] = frame["started_at"] + pd.Timedelta(minutes=9)
    frame["duration_s"] = 540.0
    frame["source"] = pd.Series(["x.csv" if i < half else "y.csv" for i in range(n)], dtype="str")
    frame["source_row"] = pd.Series(rows, dtype="int64")
    for item in ITEMS:
        frame[item] = pd.Series([1 + i % 5 for i in range(n)], dtype="int16")
    return frame


def roster(n: int, school: str = "a") -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "wave": "w1",
            "student": [pseudonym(i) for i in range(n)],
            "school": school,
            "grade": "7",
            "learning_mode": "in_person",
        }
    )
    return frame.astype("str")


def rejected(*lines: tuple[str, str, int, str, str]) -> pd.DataFrame:
    """Lines of (table, file, row, rule, kind), at school a."""
    frame = pd.DataFrame(
        [(table, file, row, "c", rule, "a", kind) for table, file, row, rule, kind in lines],
        columns=[*QUARANTINE, "kind"],
    )
    return frame.astype({"row": "int64"} | {name: "str" for name in frame if name != "row"})


def account(responses: pd.DataFrame, lines: pd.DataFrame, students: pd.DataFrame | None) -> dict[str, Any]:
    """What ingest says of the rows it read: true of these tables."""
    found = [_entry(file, int((responses["source"] == file).sum()), lines) for file in ("x.csv", "y.csv")]
    return {
        "files": found,
        "roster": None if students is None else _entry("roster.csv", len(students), lines),
        "bad_items": [{"file": "x.csv", "item": ITEMS[0], "n": 2, "kind": "a code outside 1–5"}],
        "unknown_labels": {"n": 0, "labels": [], "unprinted": {"labels": 0, "n": 0}},
        "notes": ["x.csv: a note"],
    }


def _entry(file: str, accepted: int, lines: pd.DataFrame) -> dict[str, Any]:
    own = lines[lines["file"] == file]
    excluded = own.loc[own["kind"] == "excluded", "rule"].value_counts().sort_index()
    quarantined = int((own["kind"] == "quarantined").sum())
    return {
        "file": file,
        "sha256": "0" * 64,
        "format": "csv",
        "rows": accepted + quarantined + int(excluded.sum()),
        "accepted": accepted,
        "quarantined": quarantined,
        "excluded": {str(rule): int(n) for rule, n in excluded.items()},
    }
