"""Parquet files."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from connectedness.errors import ContractError
from connectedness.ingest.cells import Choose, Export, column_text
from connectedness.ingest.wrong_file import header_only, read_as
from connectedness.ingest.zipped import Content, stream


def read_parquet(path: Content, file: str, choose: Choose) -> Export:
    """Read the chosen columns of a parquet file, as text.

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
        rows = stored.metadata.num_rows
        # A name that stands twice cannot be asked for; such a column is never among the chosen.
        table = stored.read(columns=[names[place] for place in found.values()])
    if not rows:
        raise header_only(file)
    cells = {name: column_text(table.column(names[place]).to_pandas()) for name, place in found.items()}
    return Export.whole(pd.DataFrame(cells, index=pd.RangeIndex(rows)), format="parquet")


def columns_of(path: Content, file: str) -> list[str]:
    """Names of a parquet file's columns.

    Raises
    ------
    ContractError
        When it is not a parquet file.
    """
    with read_as("a parquet file", path, file), stream(path) as opened, pq.ParquetFile(opened) as stored:
        return [str(name) for name in stored.schema_arrow.names]
