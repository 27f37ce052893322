"""Shapes of the tables that pass between rooms, and how they lie on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from connectedness.files import written_beside

if TYPE_CHECKING:
    import pandas as pd

RESPONSE_KEYS = ("wave", "respondent", "school")
RESPONSE_FACTS = ("learning_mode", "started_at", "submitted_at", "duration_s", "source", "source_row")
ROSTER_KEYS = ("wave", "student", "school", "grade", "learning_mode")
ESTIMATE_KEY = ("wave", "unit_type", "unit", "breakdown", "level", "measure")
ESTIMATE_VALUES = ("n", "eligible", "value", "se", "low", "high", "method", "status", "reason")
ESTIMATE_COLUMNS = (*ESTIMATE_KEY, *ESTIMATE_VALUES)
# One line per rejected row and rule. `row` counts as a spreadsheet does: the header is row 1.
QUARANTINE_COLUMNS = ("table", "file", "row", "column", "rule", "school")
# Which unit lies in which: one line per unit below the widest.
UNIT_TREE_COLUMNS = ("unit_type", "unit", "parent_type", "parent")
ALL = "all"
UNKNOWN = "unknown"
SUPPRESSED = "suppressed"


def write_table(frame: pd.DataFrame, path: Path) -> Path:
    """Write a table as parquet, atomically; the same frame gives the same bytes. Return the path."""
    with written_beside(path) as beside:
        frame.to_parquet(beside, engine="pyarrow", index=False, compression="zstd")
    return path


@contextmanager
def table_in_parts(path: Path) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Write a table as `write_table` does, part by part: give what takes the next rows, of at least one part."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with written_beside(path) as beside, ExitStack() as opened:
        writers: list[pq.ParquetWriter] = []

        def give(part: pd.DataFrame) -> None:
            rows = pa.Table.from_pandas(part, preserve_index=False)
            if not writers:
                writers.append(opened.enter_context(pq.ParquetWriter(beside, rows.schema, compression="zstd")))
            writers[0].write_table(rows)

        yield give


def read_table(path: Path) -> pd.DataFrame:
    """Read a table that `write_table` wrote."""
    import pandas as pd

    return pd.read_parquet(path, engine="pyarrow")
