"""Parquet files, read in chunks of rows."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from connectedness.errors import ContractError
from connectedness.ingest.cells import Choose, Export, column_text
from connectedness.ingest.table import chunk_rows
from connectedness.ingest.wrong_file import header_only, read_as
from connectedness.ingest.zipped import Content, stream


def parquet_chunks(path: Content, file: str, choose: Choose, rows: int | None = None) -> Iterator[Export]:
    """Read the chosen columns of a parquet file as text, chunk by chunk.

    Raises
    ------
    ContractError
        When it is not a parquet file, has no rows, or a chosen column holds lists.
    """
    with read_as("a parquet file", path, file), stream(path) as opened, pq.ParquetFile(opened) as stored:
        names = stored.schema_arrow.names
        found = choose(names)
        for name, place in found.items():
            if pa.types.is_nested(stored.schema_arrow.field(place).type):
                raise ContractError("this column holds lists, not single values.", file=file, column=name)
        if not (total := stored.metadata.num_rows):
            raise header_only(file)
        start = 0
        # A name that stands twice cannot be asked for; such a column is never among the chosen.
        asked = [names[place] for place in found.values()]
        for batch in stored.iter_batches(rows or chunk_rows(len(asked)), columns=asked):
            cells = {name: _text(batch.column(names[place])) for name, place in found.items()}
            frame = pd.DataFrame(cells, index=pd.RangeIndex(len(batch)))
            start += len(batch)
            yield Export.typed(frame, start - len(batch), format="parquet", share=start / total)


def _text(column: pa.Array) -> pd.Series:
    # Whole numbers stay whole beside an empty cell, in whatever chunk it is.
    return column_text(pd.Series(column.to_pandas(integer_object_nulls=True)))


def columns_of(path: Content, file: str) -> list[str]:
    """Names of a parquet file's columns.

    Raises
    ------
    ContractError
        When it is not a parquet file.
    """
    with read_as("a parquet file", path, file), stream(path) as opened, pq.ParquetFile(opened) as stored:
        return [str(name) for name in stored.schema_arrow.names]
