"""The row account: every row read is accepted, set aside or left out, and the sum is checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from connectedness.errors import ConnectednessError
from connectedness.ingest.outcomes import EXCLUDED, QUARANTINED


def file_account(file: str, sha256: str, kind: str, rows: int, accepted: int, rejected: pd.DataFrame) -> dict[str, Any]:
    """Count what became of a file's rows.

    Parameters
    ----------
    file, sha256, kind
        The file's name, its hash, and its format.
    rows, accepted : int
        Rows read, and rows that went on.
    rejected : DataFrame
        Lines of this file, with `kind` and `rule`.

    Raises
    ------
    ConnectednessError
        When the counts do not add up to the rows read.
    """
    excluded = Counter(rejected.loc[rejected["kind"] == EXCLUDED, "rule"])
    quarantined = int((rejected["kind"] == QUARANTINED).sum())
    if accepted + quarantined + sum(excluded.values()) != rows:
        raise ConnectednessError(
            "the rows of this file do not add up, which is a fault of the program; nothing has been stored.",
            file=file,
            found=f"{accepted} accepted, {quarantined} quarantined, {sum(excluded.values())} left out",
            allowed=f"{rows} rows read",
            todo="Please report this.",
        )
    return {
        "file": file,
        "sha256": sha256,
        "format": kind,
        "rows": rows,
        "accepted": accepted,
        "quarantined": quarantined,
        "excluded": dict(sorted(excluded.items())),
    }


def labels_account(labels: Mapping[tuple[str, str], int], minimum: int) -> dict[str, Any]:
    """Unknown labels: those that at least `minimum` rows hold are printed, the rest only counted.

    What few students wrote may tell who they are, so it goes nowhere.

    Returns
    -------
    dict
        `n` cells in all; `labels`, a list of item, label and n; `unprinted`, distinct labels and cells not printed.
    """
    ordered = sorted(labels.items(), key=lambda pair: (-pair[1], pair[0]))
    hidden = [n for _, n in ordered if n < minimum]
    return {
        "n": sum(labels.values()),
        "labels": [{"item": item, "label": label, "n": n} for (item, label), n in ordered if n >= minimum],
        "unprinted": {"labels": len(hidden), "n": sum(hidden)},
    }
