"""What the intake has had, and what it saw: the record in the store, which alone makes a look safe to repeat."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectedness.declare.project import Project
from connectedness.files import make_private, sha256_of
from connectedness.lifecycle.records import add_record, read_records
from connectedness.store import write_json

RECORD, LOOKS = "intake.jsonl", "intake-looks.json"
TAKEN, ASIDE, WAITING, ASKED, RAN = "taken", "set aside", "waiting", "asked", "ran"


def note_down(project: Project, what: str, **facts: Any) -> None:
    """Add a line to the record. Names in it may be students', so only the owner can open it."""
    path = project.store / RECORD
    add_record(path, {"what": what, **facts})
    make_private(path)


def records(project: Project) -> list[dict[str, Any]]:
    """Every line of the record, the earliest first."""
    return read_records(project.store / RECORD)


@dataclass(frozen=True)
class Had:
    """What lies in the inbox by the intake's doing: by place in it, the last line about it."""

    places: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, project: Project) -> Had:
        """Read it off the record."""
        return cls({one["at"]: one for one in records(project) if one["what"] == TAKEN})

    def bytes_of(self, sha256: str) -> list[dict[str, Any]]:
        """Places that hold these bytes."""
        return [one for one in self.places.values() if one["sha256"] == sha256]

    def fed_by(self, name: str) -> list[str]:
        """Waves into which a file of the landing folder has gone under this name."""
        return sorted({one["wave"] for one in self.places.values() if one["file"] == name})


def kept_for_a_person(project: Project) -> list[dict[str, Any]]:
    """Files that were set aside or wait, the earliest first, as the record tells of them.

    Returns
    -------
    list of dict
        `what`, `sha256`, `shown` (its name, or what may be said of it), `file`, `at` (in the landing folder), `wave`,
        `note` (sentences), `bytes`, `when`.
    """
    found: dict[str, dict[str, Any]] = {}
    for one in records(project):
        if one["what"] in (ASIDE, WAITING):
            found.pop(one["sha256"], None)
            found[one["sha256"]] = one
        elif one["what"] in (TAKEN, "gone"):
            found.pop(one["sha256"], None)
    return list(found.values())


@dataclass
class Looks:
    """What the last look saw: each file's mark, since when, and the fingerprint if it was decided upon."""

    looked: str = ""
    files: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, project: Project) -> Looks:
        """The last look; none where there was none, or it is broken: then files settle anew, and nothing is lost."""
        try:
            found = json.loads((project.store / LOOKS).read_text(encoding="utf-8"))
            return cls(str(found["looked"]), {str(name): dict(one) for name, one in found["files"].items()})
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return cls()

    def keep(self, project: Project, now: datetime) -> None:
        """Write it down."""
        self.looked = now.isoformat(timespec="seconds")
        write_json(project.store / LOOKS, {"looked": self.looked, "files": self.files})
        make_private(project.store / LOOKS)

    def see(self, name: str, mark: str, now: datetime) -> timedelta | None:
        """Note a file; return how long it has been as it is, None where it is new or has changed."""
        known = self.files.get(name)
        if known is not None and known["mark"] == mark and (since := datetime.fromisoformat(known["since"])) <= now:
            return now - since
        self.files[name] = {"mark": mark, "since": now.isoformat()}
        return None

    def decided(self, name: str, sha256: str, rules: str) -> None:
        """Note that this file, as it is, needs no further look while the declarations stay as they are."""
        self.files[name] |= {"sha256": sha256, "rules": rules}

    def is_decided(self, name: str, rules: str) -> bool:
        """Whether it was decided upon under these declarations."""
        return self.files.get(name, {}).get("rules") == rules


def rules_of(project: Project) -> str:
    """What a decision about a file depends on: the survey and its maps."""
    maps = sorted({one.map for one in project.survey.waves if isinstance(one.map, str)})
    files = [project.root / "survey.yaml", *(project.root / one for one in maps)]
    return "-".join(sha256_of(file)[:12] for file in files if file.is_file())


def now_utc() -> datetime:
    """The time."""
    return datetime.now(UTC)


def staged(path: Path) -> Path:
    """Where a file lies while it is looked at: beside its place, under a name that no pattern of a wave matches."""
    return path.with_name(f".incoming-{path.name}")


def clear_staged(project: Project) -> None:
    """Remove what looks that died left half copied."""
    for left in (project.root / "inbox").rglob(".incoming-*"):
        if left.is_file() and not left.is_symlink():
            left.unlink()
