"""CSV and other separated text, read in chunks of rows."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain, islice

from connectedness.errors import ContractError, DeclarationError
from connectedness.ingest.cells import Choose, Export, joined
from connectedness.ingest.header import separator_of
from connectedness.ingest.layout import Head, Layout, plain
from connectedness.ingest.table import Chosen, TextRows, blocks, chunk_rows, without_last_blanks
from connectedness.ingest.text_file import TextFile
from connectedness.ingest.wrong_file import header_only
from connectedness.ingest.zipped import Content

_HEAD_ROWS = 4
_LONGEST_SHOWN = 10_000


def read_csv(
    path: Content,
    file: str,
    choose: Choose,
    encoding: str | None = "utf-8",
    delimiter: str = ",",
    layout: Callable[[Head], Layout] = plain,
) -> Export:
    """Read the chosen columns of a whole separated text file; see `csv_chunks`.

    Raises
    ------
    ContractError
        When the file is empty, holds a header only, is in another encoding, is no text, or its quoting is broken.
    DeclarationError
        When the encoding or delimiter that the map names does not exist.
    """
    return joined(csv_chunks(path, file, choose, encoding, delimiter, layout))


def csv_chunks(
    path: Content,
    file: str,
    choose: Choose,
    encoding: str | None = "utf-8",
    delimiter: str = ",",
    layout: Callable[[Head], Layout] = plain,
    rows: int | None = None,
) -> Iterator[Export]:
    """Read the chosen columns of a separated text file, chunk by chunk; `file` is the name that errors print.

    Everything is text and nothing is taken for a missing value: an answer `NA` stays `NA`. A record's row is its
    number (see `Export.row`). Rows whose cells do not fit the header are marked ragged and read as blank. Empty lines
    at the end of the file are not rows. Without an encoding, it is found out as survey tools write it. A chunk has
    `rows` rows, or as many as take little memory; all rows, where a column is made from other rows too.

    Raises
    ------
    ContractError
        When the file is empty, holds a header only, is in another encoding, is no text, or its quoting is broken.
    DeclarationError
        When the encoding or delimiter that the map names does not exist.
    """
    text = TextFile(path, file, encoding)
    with closing(text.lines()) as lines:
        records = _records(lines, delimiter)
        try:
            first = next(records, None)
            if not first:
                raise ContractError(
                    "this file has no header.", file=file, todo="Export again: row 1 names the columns."
                )
            # A tool's header may be of several rows; of any other file, only row 1 is looked at.
            head = [first] if layout is plain else [first, *islice(records, _HEAD_ROWS - 1)]
            known = layout(head)
            table = TextRows(Chosen.of(known, choose), file)
            size = None if table.chosen.needs_all_rows else rows or chunk_rows(len(first))
            following = without_last_blanks(chain(head[known.header_rows :], records), bool)
            for block, last in blocks(following, size, lambda: text.read):
                yield table.chunk(block, last, text.share)
        except csv.Error as error:
            raise _broken(error, text, records.line_num, delimiter) from None
    if not table.start:
        raise header_only(file)


def head_of_text(path: Content, file: str, encoding: str | None, delimiter: str) -> list[list[str]]:
    """First rows of a separated text file, without an encoding in the one that survey tools write.

    Raises
    ------
    ContractError
        When the file is empty or no text, is in another encoding, or its quoting is broken.
    """
    text = TextFile(path, file, encoding)
    with closing(text.lines()) as lines:
        records = _records(lines, delimiter)
        try:
            return list(islice(records, _HEAD_ROWS))
        except csv.Error as error:
            raise _broken(error, text, records.line_num, delimiter) from None


def _records(lines: Iterator[str], delimiter: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    try:
        return csv.reader(lines, delimiter=delimiter, strict=True)
    except (TypeError, ValueError) as error:
        raise DeclarationError(
            "this delimiter cannot part cells.", key="delimiter", found=repr(delimiter), allowed="one character"
        ) from error


def _broken(error: csv.Error, text: TextFile, line: int, delimiter: str) -> ContractError:
    with closing(TextFile(text.content, text.file, text.encoding).lines()) as lines:
        header = next(lines, "")[:_LONGEST_SHOWN].rstrip("\r\n")
    if separator := separator_of(header, delimiter):
        name, written = separator
        return ContractError(
            f"the cells of this file look separated by {name}.",
            file=text.file,
            allowed=f"cells separated by {delimiter}",
            todo=f"Write delimiter: {written} in the column map; a roster, save as CSV with commas.",
        )
    if "field larger" in str(error):
        problem = "a cell is longer than any answer is; a quote mark is missing, or this is no export."
    elif "unexpected end" in str(error):
        problem = "a quoted cell does not end: the file may have been cut short, or a quote mark is missing."
    else:
        problem = "the quote marks around a cell do not fit, so the cells cannot be told apart."
    return ContractError(problem, file=text.file, line=line, todo="Export the file again, and do not edit it by hand.")
