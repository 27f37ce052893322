"""The row account after validation: every row read is accepted, quarantined or excluded, file by file and in sum."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from connectedness.errors import ConnectednessError

Entry = dict[str, Any]


def check_entry(entry: Mapping[str, Any], accepted: int, quarantined: int) -> None:
    """Check one file's account against the rows that are there.

    Raises
    ------
    ConnectednessError
        When read is not accepted + quarantined + excluded, or the tables hold other numbers of rows.
    """
    excluded = sum(entry["excluded"].values())
    counted = entry["accepted"] + entry["quarantined"] + excluded
    if counted != entry["rows"] or (accepted, quarantined) != (entry["accepted"], entry["quarantined"]):
        raise ConnectednessError(
            "the rows of this file do not add up, so nothing was passed.",
            file=entry["file"],
            found=f"{accepted:,} accepted and {quarantined:,} quarantined rows in the tables",
            allowed=f"{entry['rows']:,} read, of which {entry['accepted']:,} accepted, {entry['quarantined']:,} "
            f"quarantined and {excluded:,} excluded",
            todo="This is a fault of the program: please report it. The counts hold no student data.",
        )


def check_files(entries: Sequence[Entry], rows: pd.DataFrame, rejected: pd.DataFrame) -> None:
    """Check every file of the responses; raises as `check_entry` does, also for rows of a file with no account."""
    if "source" not in rows:
        raise ConnectednessError("the rows do not say which file they come from.", column="source")
    accepted, aside = rows["source"].value_counts(), rows_aside(rejected)
    for entry in entries:
        check_entry(entry, int(accepted.get(entry["file"], 0)), int(aside.get(entry["file"], 0)))
    total = sum(entry["accepted"] for entry in entries), sum(entry["quarantined"] for entry in entries)
    if total != (len(rows), int(aside.sum())):
        raise ConnectednessError(
            "some rows come from a file that has no account, so nothing was passed.",
            found=f"{len(rows):,} and {int(aside.sum()):,} rows in the tables",
            allowed=f"{total[0]:,} accepted and {total[1]:,} quarantined",
            todo="This is a fault of the program: please report it. The counts hold no student data.",
        )


TWICE = "duplicate"
"""Rule of rows whose student answered again: nothing is wrong with them, and the later answer counts."""


def bad_rows_aside(lines: pd.DataFrame) -> int:
    """Number of rows set aside for something that is wrong; a student's earlier answer is none of them."""
    return int(rows_aside(lines[lines["rule"] != TWICE]).sum())


def rows_aside(lines: pd.DataFrame) -> pd.Series:
    """Number of distinct rows set aside in each file; a row that breaks two rules counts once."""
    return lines.drop_duplicates(["file", "row"])["file"].value_counts()


def after_validation(entry: Entry, more: int) -> Entry:
    """A file's account with `more` rows moved from accepted to quarantined."""
    moved = copy.deepcopy(entry)
    moved["accepted"] -= more
    moved["quarantined"] += more
    return moved


def totals(entries: Sequence[Entry]) -> dict[str, int]:
    """Rows read, accepted, quarantined and excluded over all files."""
    return {
        "read": sum(entry["rows"] for entry in entries),
        "accepted": sum(entry["accepted"] for entry in entries),
        "quarantined": sum(entry["quarantined"] for entry in entries),
        "excluded": sum(sum(entry["excluded"].values()) for entry in entries),
    }
