"""Records of what was done to student data: one line an act, added and never changed, without contents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectedness.errors import ConnectednessError
from connectedness.files import written_beside


def add_record(path: Path, record: Mapping[str, Any]) -> None:
    """Add a line, with the time in UTC; earlier lines are kept byte for byte, and a death leaves them whole."""
    before = path.read_bytes() if path.is_file() else b""
    line = {"when": datetime.now(UTC).isoformat(timespec="seconds"), **record}
    with written_beside(path) as beside:
        beside.write_bytes(before + json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n")


def read_records(path: Path) -> list[dict[str, Any]]:
    """Every record, the earliest first; none where there is no file.

    Raises
    ------
    ConnectednessError
        When a line cannot be read.
    """
    if not path.is_file():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(dict(json.loads(line)))
        except (ValueError, TypeError):
            raise ConnectednessError(
                "this line of the record is broken.", file=path, line=number, todo="Put the file back from a backup."
            ) from None
    return found
