"""What has been released to whom: one line a release, added and never changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from connectedness.declare.policy import Policy
from connectedness.disclosure.protected import Protected
from connectedness.disclosure.rows import ProtectedRows
from connectedness.errors import DisclosureError
from connectedness.files import written_beside

LEDGER = "ledger.jsonl"


@dataclass(frozen=True)
class LedgerEntry:
    """One release.

    Attributes
    ----------
    release : str
        Name of the release folder.
    kind : {"public-use", "restricted-use"}
        Protected estimates, or rows for a research project.
    recipient : str
        The audience, or the research project.
    wave : str or None
        None for rows, which may be of several waves.
    policy, policy_version, minimum
        The policy, and the students (estimates) or people (rows) that must stand behind what left.
    content_sha256 : str
        Of what identifies the release's content.
    pattern_sha256 : str
        Of the keys of what is hidden, or of the counts of blanked cells.
    shown, hidden : int
        Estimates shown and hidden; rows, and cells blanked in them.
    when : str
        UTC, ISO 8601.
    """

    release: str
    kind: Literal["public-use", "restricted-use"]
    recipient: str
    wave: str | None
    policy: str
    policy_version: int
    minimum: int
    content_sha256: str
    pattern_sha256: str
    shown: int
    hidden: int
    when: str


def record_estimates(store: Path, release: str, protected: Protected, content_sha256: str) -> LedgerEntry:
    """Add a release of protected estimates to the ledger."""
    counts = protected.summary()
    return record(
        store,
        LedgerEntry(
            release,
            "public-use",
            protected.audience,
            protected.wave,
            protected.policy.id,
            protected.policy.version,
            protected.minimum,
            content_sha256,
            protected.pattern_sha256(),
            counts["shown"],
            counts["hidden"],
            _now(),
        ),
    )


def record_rows(
    store: Path, release: str, project: str, rows: ProtectedRows, policy: Policy, content_sha256: str
) -> LedgerEntry:
    """Add a release of rows for a research project to the ledger."""
    pattern = json.dumps([rows.blanked, rows.dropped], sort_keys=True, ensure_ascii=False)
    return record(
        store,
        LedgerEntry(
            release,
            "restricted-use",
            project,
            None,
            policy.id,
            policy.version,
            rows.k,
            content_sha256,
            hashlib.sha256(pattern.encode()).hexdigest(),
            len(rows.frame),
            sum(rows.blanked.values()),
            _now(),
        ),
    )


def record(store: Path, entry: LedgerEntry) -> LedgerEntry:
    """Add a line to `store/ledger.jsonl`: earlier lines are kept byte for byte, and a run that dies leaves them whole.

    A release names itself by its content, so one that is already there is not written again.

    Raises
    ------
    DisclosureError
        When the ledger cannot be read; nothing is written then.
    """
    for known in read(store):
        if known.release == entry.release:
            return known
    target = store / LEDGER
    before = target.read_bytes() if target.is_file() else b""
    line = json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True).encode() + b"\n"
    with written_beside(target) as beside:
        beside.write_bytes(before + line)
    return entry


def read(store: Path) -> list[LedgerEntry]:
    """Every release so far, the earliest first; none where there is no ledger.

    Raises
    ------
    DisclosureError
        When a line is broken: what has been released must be known before more is.
    """
    target = store / LEDGER
    if not target.is_file():
        return []
    content = target.read_bytes()
    lines = content.split(b"\n")
    entries = [_entry(line, number, target) for number, line in enumerate(lines[:-1], start=1)]
    if lines[-1]:
        raise _broken(target, len(lines))
    return entries


def _entry(line: bytes, number: int, file: Path) -> LedgerEntry:
    try:
        found = json.loads(line)
    except ValueError:
        raise _broken(file, number) from None
    if not isinstance(found, dict) or set(found) != {one.name for one in fields(LedgerEntry)}:
        raise _broken(file, number)
    return LedgerEntry(**found)


def _broken(file: Path, line: int) -> DisclosureError:
    return DisclosureError(
        "this line of the ledger is broken, so it is not known what has been released.",
        file=file,
        line=line,
        todo="Put back the ledger from a backup; never delete a line that tells of a release.",
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
