"""One door for all formats: the map's `format`, or else what is in the file, says which reader."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from connectedness.declare.columns import ColumnMap
from connectedness.errors import ContractError
from connectedness.ingest.cells import Choose, Export, joined, tidy
from connectedness.ingest.detect import (
    TEXT_ENDINGS,
    TOOLS,
    Sniffed,
    ending_not_known,
    layout_of,
    sniffed,
)  # fmt: skip
from connectedness.ingest.header import find_columns
from connectedness.ingest.layout import Head, Layout
from connectedness.ingest.zipped import unzipped


def read_export(
    path: Path, file: str, columns: ColumnMap | None, choose: Choose, asked: Collection[str] = ()
) -> Export:
    """Read the columns that `choose` picks, of all rows; see `export_chunks`.

    Raises
    ------
    ContractError
        When the file does not hold.
    """
    return joined(export_chunks(path, file, columns, choose, asked))


def export_chunks(
    path: Path,
    file: str,
    columns: ColumnMap | None,
    choose: Choose,
    asked: Collection[str] = (),
    rows: int | None = None,
) -> Iterator[Export]:
    """Read the columns that `choose` picks, chunk by chunk; `file` is the name that errors print.

    `asked` are names that may be made from others, `QUESTION=CHOICE`; those of the map are added. `rows` is the length
    of a chunk; without it, what takes little memory.

    Raises
    ------
    ContractError
        When the file does not hold.
    """
    found = looked_at(path, file, columns)
    kind, content = found.recognised.format, found.content
    sheet = columns.sheet if columns else None
    if kind in TOOLS:
        made = layout_of(kind, file, columns, content)
        names = {*asked, *(_named_in(columns) if columns else ())}

        def known(head: Head) -> Layout:
            return made(head).asking(names)

        if found.in_workbook:
            from connectedness.ingest.xlsx_file import xlsx_chunks

            return xlsx_chunks(content, file, choose, sheet, known, rows)
        from connectedness.ingest.csv_file import csv_chunks

        return csv_chunks(content, file, choose, *form_of(found, columns), known, rows)
    if kind == "csv":
        from connectedness.ingest.csv_file import csv_chunks

        return csv_chunks(content, file, choose, *form_of(found, columns), rows=rows)
    if kind == "xlsx":
        from connectedness.ingest.xlsx_file import xlsx_chunks

        return (replace(one, format="xlsx") for one in xlsx_chunks(content, file, choose, sheet, rows=rows))
    if kind in ("sav", "dta"):
        from connectedness.ingest import labelled

        return (labelled.sav_chunks if kind == "sav" else labelled.dta_chunks)(content, file, choose, rows)
    from connectedness.ingest.parquet_file import parquet_chunks

    return parquet_chunks(content, file, choose, rows)


def read_columns(path: Path, file: str, columns: ColumnMap | None, wanted: Sequence[str]) -> Export:
    """Read columns by name, of all rows.

    Raises
    ------
    ContractError
        When one is missing or stands twice, or the file does not hold.
    """
    return joined(column_chunks(path, file, columns, wanted))


def column_chunks(
    path: Path, file: str, columns: ColumnMap | None, wanted: Sequence[str], rows: int | None = None
) -> Iterator[Export]:
    """Read columns by name, chunk by chunk.

    Raises
    ------
    ContractError
        When one is missing or stands twice, or the file does not hold.
    """
    names: list[str] = []

    def choose(header: Sequence[str]) -> dict[str, int]:
        names.extend(header)
        return find_columns(header, wanted, file)

    for chunk in export_chunks(path, file, columns, choose, wanted, rows):
        yield replace(chunk, header=tuple(map(tidy, names)))


def looked_at(path: Path, file: str, columns: ColumnMap | None) -> Sniffed:
    """What the file is: as the map declares, or as is found in it.

    Raises
    ------
    ContractError
        When it is no export.
    """
    declared = columns.format if columns else None
    if declared is not None and declared not in TOOLS:
        return Sniffed.declared(declared, unzipped(path, file))
    found = sniffed(path, file, columns.sheet if columns else None)
    if declared is not None:
        return replace(found, recognised=replace(found.recognised, format=declared))
    if found.recognised.format == "redcap_dictionary":
        raise ContractError(
            "this is a REDCap data dictionary: it explains an export, and holds no answers.",
            file=file,
            todo="Export the data itself (CSV, raw), and leave the dictionary beside it.",
        )
    if found.recognised.format == "csv" and found.ending not in TEXT_ENDINGS:
        raise ending_not_known(file, found.ending)
    return found


def form_of(found: Sniffed, columns: ColumnMap | None) -> tuple[str | None, str]:
    """Encoding (None where it is found out) and delimiter of a text file, as the map says or its program writes.

    Of a plain table, a map that says nothing means UTF-8, and commas, or tabs where its rows have them.
    """
    declared = columns.model_fields_set if columns else set()
    encoding = columns.encoding if columns and "encoding" in declared else None
    delimiter = columns.delimiter if columns and "delimiter" in declared else None
    if found.recognised.format in TOOLS:
        return encoding, delimiter or found.delimiter
    if found.ending == ".tsv" and delimiter in (None, ","):
        return encoding or "utf-8", "\t"
    return encoding or "utf-8", delimiter or ("\t" if found.delimiter == "\t" else ",")


def _named_in(columns: ColumnMap) -> list[str]:
    fixed = columns.columns
    values = [fixed.wave, fixed.school, fixed.grade, fixed.learning_mode, fixed.complete, fixed.consent]
    return [
        *(one.column for one in columns.items.values()),
        *(one.column for one in (*values, *fixed.others.values(), *columns.exclude) if one),
    ]
