"""A small invented survey on disk, so that each test changes one thing only."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from connectedness.declare.project import open_project
from connectedness.ingest import Ingested, ingest_wave

KEY = b"a key for the tests of this room"

INSTRUMENT = """
id: small-survey
version: 1
title: {en: Small}
standing: {en: Invented for tests}
source: ["none"]
licence: {tier: A, terms: none}
option_sets:
  agreement:
    expresses: agreement
    options: [{code: 1}, {code: 2}, {code: 3}, {code: 4}, {code: 5}]
    favourable: [4, 5]
  mode:
    expresses: mode
    options: [{code: 1, level: in_person}, {code: 2, level: digital}, {code: 3, level: blended}]
items:
  - {id: sm_a, variable: SMA, options: agreement}
  - {id: sm_b, variable: SMB, options: agreement}
  - {id: sm_c, options: agreement}
  - {id: sm_d, options: agreement}
  - {id: sm_e, options: agreement}
  - {id: sm_mode, kind: context, fills: learning_mode, options: mode}
  - {id: sm_private, kind: indicator, options: agreement}
scales:
  - {id: sm_scale, title: {en: S}, description: {en: S}, items: [sm_a, sm_b], min_answered: 1}
modules:
  - {id: private, title: {en: P}, legal_question: {en: May we}, items: [sm_private]}
missing: {8: invalid, 9: not_asked}
"""

ITEMS = ("sm_a", "sm_b", "sm_c", "sm_d", "sm_e")
HEADER = ("token", "school", "grade", "submitted", *ITEMS)


def answer(token: str = "s1", school: str = "001", **more: str) -> dict[str, str]:
    """A row in which everything is in order."""
    plain = {"token": token, "school": school, "grade": "7", "submitted": "2026-10-06 09:00"}
    return {**plain, **dict.fromkeys(ITEMS, "4"), **more}


def as_csv(rows: list[dict[str, str]], header: tuple[str, ...] | None = None) -> str:
    text = io.StringIO()
    names = header or tuple(dict.fromkeys(name for row in rows for name in row)) or HEADER
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


class SmallSurvey:
    """A project in a folder: change `survey` and `map`, put files in, and read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "instruments").mkdir()
        (root / "instruments" / "small-survey.yaml").write_text(INSTRUMENT, encoding="utf-8")
        self.survey: dict[str, Any] = {
            "id": "small",
            "title": {"en": "Small"},
            "synthetic": True,
            "timezone": "America/Edmonton",
            "instruments": ["small-survey@1"],
            "identity": {"token": "token"},
            # What nothing declares, and few rows hold, is no school.
            "schools": {"001": {"en": "One"}, "002": {"en": "Two"}},
        }
        self.columns: dict[str, Any] = {"school": "school", "grade": "grade", "submitted_at": "submitted"}
        self.map: dict[str, Any] = {"items": {item: item for item in ITEMS}}
        self.files = ["inbox/{wave}/*"]

    def put(self, name: str, content: str | bytes, wave: str = "w2") -> Path:
        path = self.root / "inbox" / wave / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def rows(self, *rows: dict[str, str], name: str = "export.csv") -> SmallSurvey:
        self.put(name, as_csv(list(rows)))
        return self

    def roster(self, *rows: dict[str, str], **more: Any) -> SmallSurvey:
        self.survey["roster"] = {"file": "inbox/{wave}/roster.csv", **more}
        self.put("roster.csv", as_csv(list(rows)))
        return self

    def ingest(self) -> Ingested:
        waves = [
            {"id": "w1", "window": ["2025-10-06", "2025-10-24"], "files": self.files},
            {"id": "w2", "window": ["2026-10-05", "2026-10-23"], "files": self.files},
        ]
        whole = {"columns": self.columns, **self.map}
        survey = {**self.survey, "waves": [{**wave, "map": whole} for wave in waves]}
        # JSON is YAML, and dates in quotes are read as dates all the same.
        (self.root / "survey.yaml").write_text(json.dumps(survey), encoding="utf-8")
        return ingest_wave(open_project(self.root), "w2", KEY)


def reasons(found: Ingested, kind: str = "quarantined") -> list[tuple[int, str]]:
    """Row and rule of each rejected row of a kind."""
    lines = found.rejected[found.rejected["kind"] == kind]
    return list(zip(lines["row"].tolist(), lines["rule"].tolist(), strict=True))
