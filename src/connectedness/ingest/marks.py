"""Rows that the survey tool itself sets apart, as far as the map lets it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from connectedness.declare.columns import ColumnMap
from connectedness.ingest.cells import Export, Mark


def marks_that_count(export: Export, columns: ColumnMap | None) -> Sequence[Mark]:
    """Marks of the tool, without those the map keeps; a map that names a column of its own for `complete` judges that.

    The reasons are `preview`, `test`, `spam` and `incomplete`.
    """
    kept = set(columns.keep) if columns else set()
    if columns and columns.columns.complete is not None:
        kept.add("incomplete")
    return [mark for mark in export.marks if mark.reason not in kept]


def set_apart(export: Export, columns: ColumnMap | None) -> np.ndarray:
    """Whether the tool sets each row apart, for any reason."""
    out = np.zeros(len(export), dtype=bool)
    for mark in marks_that_count(export, columns):
        out |= mark.where
    return out
