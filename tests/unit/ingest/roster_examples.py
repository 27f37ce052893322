"""The committed rosters in a small project, whole or with one file changed."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from unit.ingest.small_survey import INSTRUMENT, ITEMS, KEY

from connectedness.declare.project import Project, open_project
from connectedness.identity import pseudonyms
from connectedness.ingest.roster import RosterRead, read_roster

EXAMPLES = Path(__file__).parents[2] / "examples" / "rosters"
DAY = "2026-10-05"
_TEXT = {"en": "A text"}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def files_of(version: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((EXAMPLES / f"oneroster-{version}").glob("*.csv"))}


class RosterProject:
    """A project whose roster is one of the examples; change `roster` and `survey`, then read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "instruments").mkdir(parents=True, exist_ok=True)
        (root / "instruments" / "small-survey.yaml").write_text(INSTRUMENT, encoding="utf-8")
        self.survey: dict[str, Any] = {
            "id": "small",
            "title": {"en": "Small"},
            "synthetic": True,
            "instruments": ["small-survey@1"],
            "identity": {"token": "token"},
        }
        self.schools = ("1", "001", "002", "255901001", "255901044")
        self.map: dict[str, Any] = {
            "columns": {"school": "school", "grade": "grade", "submitted_at": "submitted"},
            "items": {item: item for item in ITEMS},
        }
        self.roster: dict[str, Any] = {}

    def put(self, name: str, content: bytes) -> Path:
        path = self.root / "inbox" / "w2" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def oneroster(self, version: str = "1.2", *, changed: dict[str, bytes | None] | None = None, **more: Any) -> Any:
        """A zip of the example, with files replaced, or left out where they are None."""
        files = {**files_of(version), **(changed or {})}
        self.put("oneroster.zip", zipped({name: content for name, content in files.items() if content is not None}))
        token = "userIds:studentUniqueId" if version == "1.2" else "sourcedId"
        self.roster = {"format": "oneroster", "file": "inbox/{wave}/oneroster.zip", "token": token, **more}
        return self

    def edit(self, name: str, old: str, new: str, version: str = "1.2", **more: Any) -> Any:
        """A zip of the example, in one file of which a text is another."""
        text = files_of(version)[name].decode()
        if old not in text:
            raise ValueError(f"{name} has no {old}")
        return self.oneroster(version, changed={name: text.replace(old, new).encode()}, **more)

    def example(self, file: str, kind: str, **more: Any) -> Any:
        shutil.copy(EXAMPLES / file, self.put(Path(file).name, b""))
        self.roster = {"format": kind, "file": f"inbox/{{wave}}/{Path(file).name}", **more}
        return self

    def project(self) -> Project:
        waves = [
            {"id": "w1", "window": ["2025-10-06", "2025-10-24"], "files": ["inbox/{wave}/answers*.csv"]},
            {"id": "w2", "window": [DAY, "2026-10-23"], "files": ["inbox/{wave}/answers*.csv"]},
        ]
        # What nothing declares, and few rows hold, is no school and no group.
        schools = {} if self.roster.get("format") == "oneroster" else {"schools": dict.fromkeys(self.schools, _TEXT)}
        survey = {
            **schools,
            **self.survey,
            "roster": self.roster,
            "waves": [{**wave, "map": self.map} for wave in waves],
        }
        (self.root / "survey.yaml").write_text(json.dumps(survey), encoding="utf-8")
        return open_project(self.root)

    def read(self) -> RosterRead:
        found = read_roster(self.project(), "w2", KEY)
        if found is None:
            raise ValueError("no roster")
        return found


def levels(*names: str) -> dict[str, dict[str, str]]:
    """Declared levels of a breakdown."""
    return dict.fromkeys(names, _TEXT)


def of(found: RosterRead, token: str) -> dict[str, str]:
    """The roster's row of a student, by the token; empty where there is none."""
    rows = found.frame[found.frame["student"] == pseudonyms([token], KEY, "small")[0]]
    return rows.iloc[0].to_dict() if len(rows) else {}


def counts(found: RosterRead) -> dict[tuple[str, str], int]:
    return {key: int(n) for key, n in found.frame.groupby(["school", "grade"]).size().items()}


def rules(found: RosterRead) -> dict[str, int]:
    return found.rejected["rule"].value_counts().to_dict()
