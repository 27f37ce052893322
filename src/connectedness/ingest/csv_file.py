"""CSV and other separated text."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from itertools import chain, islice

from connectedness.errors import ContractError, DeclarationError
from connectedness.ingest.cells import Choose, Export
from connectedness.ingest.encodings import decoded, decoded_by_tool
from connectedness.ingest.header import separator_of
from connectedness.ingest.layout import Head, Layout, plain
from connectedness.ingest.table import Chosen, TextRows, blocks
from connectedness.ingest.zipped import Content

_BLOCK = 20_000
_HEAD_ROWS = 4


def read_csv(
    path: Content,
    file: str,
    choose: Choose,
    encoding: str | None = "utf-8",
    delimiter: str = ",",
    layout: Callable[[Head], Layout] = plain,
) -> Export:
    """Read the chosen columns of a separated text file; `file` is the name that errors print.

    Everything is text and nothing is taken for a missing value: an answer `NA` stays `NA`. A record's row is its
    number (see `Export.row`). Rows whose cells do not fit the header are marked ragged and read as blank. Empty lines
    at the end of the file are not rows. Without an encoding, it is found out as survey tools write it.

    Raises
    ------
    ContractError
        When the file is empty, holds a header only, is in another encoding, is no text, or its quoting is broken.
    DeclarationError
        When the encoding or delimiter that the map names does not exist.
    """
    text = decoded(path, file, encoding) if encoding else decoded_by_tool(path, file)
    try:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except (TypeError, ValueError) as error:
        raise DeclarationError(
            "this delimiter cannot part cells.", key="delimiter", found=repr(delimiter), allowed="one character"
        ) from error
    try:
        first = next(records, None)
        if not first:
            raise ContractError("this file has no header.", file=file, todo="Export again: row 1 names the columns.")
        # A tool's header may be of several rows; of any other file, only row 1 is looked at.
        head = [first] if layout is plain else [first, *islice(records, _HEAD_ROWS - 1)]
        known = layout(head)
        rows = TextRows(Chosen.of(known, choose))
        for block in blocks(chain(head[known.header_rows :], records), _BLOCK):
            rows.add(block)
    except csv.Error as error:
        raise _broken(error, file, records.line_num, text, delimiter) from None
    return rows.export(file)


def head_of_text(path: Content, file: str, encoding: str | None, delimiter: str) -> list[list[str]]:
    """First rows of a separated text file, without an encoding in the one that survey tools write.

    Raises
    ------
    ContractError
        When the file is empty or no text, is in another encoding, or its quoting is broken.
    """
    text = decoded(path, file, encoding) if encoding else decoded_by_tool(path, file)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return list(islice(records, _HEAD_ROWS))
    except csv.Error as error:
        raise _broken(error, file, records.line_num, text, delimiter) from None


def _broken(error: csv.Error, file: str, line: int, text: str, delimiter: str) -> ContractError:
    if separator := separator_of(text.partition("\n")[0].rstrip("\r"), delimiter):
        name, written = separator
        return ContractError(
            f"the cells of this file look separated by {name}.",
            file=file,
            allowed=f"cells separated by {delimiter}",
            todo=f"Write delimiter: {written} in the column map; a roster, save as CSV with commas.",
        )
    if "field larger" in str(error):
        problem = "a cell is longer than any answer is; a quote mark is missing, or this is no export."
    elif "unexpected end" in str(error):
        problem = "a quoted cell does not end: the file may have been cut short, or a quote mark is missing."
    else:
        problem = "the quote marks around a cell do not fit, so the cells cannot be told apart."
    return ContractError(problem, file=file, line=line, todo="Export the file again, and do not edit it by hand.")
