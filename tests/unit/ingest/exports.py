"""The committed examples of survey tools' exports, and one call to read them."""

from __future__ import annotations

from pathlib import Path

from connectedness.declare.columns import ColumnMap
from connectedness.ingest.cells import Export
from connectedness.ingest.export import read_columns

EXAMPLES = Path(__file__).parents[2] / "examples" / "exports"


def read(name: str, *wanted: str, columns: ColumnMap | None = None) -> Export:
    path = EXAMPLES / name
    return read_columns(path, path.name, columns, wanted)


def cells(name: str, *wanted: str, columns: ColumnMap | None = None) -> list[list[str]]:
    """Cells of the columns asked for, a list a column."""
    found = read(name, *wanted, columns=columns).cells
    return [found[one].tolist() for one in wanted]


def marked(export: Export) -> dict[str, list[int]]:
    """Spreadsheet rows that the tool sets apart, by reason."""
    out: dict[str, list[int]] = {}
    for mark in export.marks:
        if mark.where.any():
            out.setdefault(mark.reason, []).extend(export.row[mark.where].tolist())
    return out


def same_survey(small, name: str, columns: dict, items: dict, **more):
    """Read an example as the export of a small survey."""
    small.put(name.rpartition("/")[2], (EXAMPLES / name).read_bytes())
    small.columns = columns
    small.map = {"items": items, **more}
    return small.ingest()
