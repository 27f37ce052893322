"""One door for all formats: the map's `format`, or else the file's ending, says which reader."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from connectedness.declare.columns import ColumnMap
from connectedness.errors import ContractError
from connectedness.ingest.cells import Choose, Export
from connectedness.ingest.header import find_columns

_ENDINGS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx",
    ".sav": "sav", ".zsav": "sav", ".parquet": "parquet",
}  # fmt: skip


def format_of(path: Path, columns: ColumnMap | None, file: str) -> str:
    """Format of a file: as the map declares, or by the file's ending.

    Raises
    ------
    ContractError
        When the ending is not known and the map does not say.
    """
    declared = columns.format if columns else None
    found = declared or _ENDINGS.get(path.suffix.lower())
    if found is None:
        raise ContractError(
            "it is not known how to read a file with this ending.",
            file=file,
            found=path.suffix or "no ending",
            allowed=", ".join(sorted(_ENDINGS)),
            todo="Export it in one of these formats, or write format: in the column map.",
        )
    return found


def read_export(path: Path, file: str, columns: ColumnMap | None, choose: Choose) -> Export:
    """Read the columns that `choose` picks; `file` is the name that errors print.

    Raises
    ------
    ContractError
        When the file does not hold.
    """
    kind = format_of(path, columns, file)
    if kind == "csv":
        from connectedness.ingest.csv_file import read_csv

        delimiter = columns.delimiter if columns else ","
        if path.suffix.lower() == ".tsv" and delimiter == ",":
            delimiter = "\t"
        return read_csv(path, file, choose, columns.encoding if columns else "utf-8", delimiter)
    if kind == "xlsx":
        from connectedness.ingest.xlsx_file import read_xlsx

        return read_xlsx(path, file, choose, columns.sheet if columns else None)
    if kind == "sav":
        from connectedness.ingest.sav_file import read_sav

        return read_sav(path, file, choose)
    from connectedness.ingest.parquet_file import read_parquet

    return read_parquet(path, file, choose)


def read_columns(path: Path, file: str, columns: ColumnMap | None, wanted: Sequence[str]) -> Export:
    """Read columns by name.

    Raises
    ------
    ContractError
        When one is missing or stands twice, or the file does not hold.
    """
    return read_export(path, file, columns, lambda header: find_columns(header, wanted, file))
