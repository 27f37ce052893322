"""SPSS and Stata files: codes as stored, with the labels and questions that the file itself holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pyreadstat

from connectedness.ingest.cells import Choose, Export, cell_text, column_text, tidy
from connectedness.ingest.wrong_file import header_only, read_as
from connectedness.ingest.zipped import Content, on_disk

# A file is gone through from its start for each chunk, so these are few.
_ROWS = 100_000


def sav_chunks(path: Content, file: str, choose: Choose, rows: int | None = None) -> Iterator[Export]:
    """Read the chosen variables of an SPSS file, chunk by chunk.

    Codes come as the numbers stored, not as their labels. Values declared as user-missing keep their codes: read as
    empty cells, "not asked" and "did not answer" would be one.

    Raises
    ------
    ContractError
        When it is not an SPSS file, or has no rows.
    """
    return _chunks(path, file, choose, rows or _ROWS, pyreadstat.read_sav, "sav", "an SPSS file (.sav)")


def dta_chunks(path: Content, file: str, choose: Choose, rows: int | None = None) -> Iterator[Export]:
    """Read the chosen variables of a Stata file, chunk by chunk.

    Codes come as the numbers stored. The missing values `.a` to `.z` keep their letter, `a` to `z`, since a map may
    say what each means; `.` is an empty cell.

    Raises
    ------
    ContractError
        When it is not a Stata file, or has no rows.
    """
    return _chunks(path, file, choose, rows or _ROWS, pyreadstat.read_dta, "dta", "a Stata file (.dta)")


def variables(path: Content, file: str, kind: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Question of each variable of an SPSS or Stata file, in order, and the labels of those that have any.

    Raises
    ------
    ContractError
        When it is not such a file.
    """
    reader = pyreadstat.read_sav if kind == "sav" else pyreadstat.read_dta
    with read_as(f"a .{kind} file", path, file), on_disk(path) as there:
        _, meta = reader(there, metadataonly=True)
        return {name: _question(meta, name) for name in meta.column_names}, _labels(meta)


def _chunks(
    path: Content, file: str, choose: Choose, rows: int, reader: Callable[..., Any], kind: str, called: str
) -> Iterator[Export]:
    with read_as(called, path, file), on_disk(path) as there:
        _, meta = reader(there, metadataonly=True)
        found = choose(meta.column_names)
        stored = {name: meta.column_names[place] for name, place in found.items()}
        asked = {"user_missing": True, "usecols": sorted(set(stored.values())) or None, "row_limit": rows}
        start, ended, known = 0, False, meta.number_rows or 0
        while not ended:
            frame, meta = reader(there, row_offset=start, **asked)
            ended = len(frame) < rows or start + len(frame) == known
            if frame.empty:
                break
            yield _export(frame, meta, stored, start, kind, (start + len(frame)) / max(known, start + len(frame)))
            start += len(frame)
    if not start:
        raise header_only(file)


def _export(frame: pd.DataFrame, meta: Any, stored: dict[str, str], start: int, kind: str, share: float) -> Export:
    labels = _labels(meta)
    cells = {name: column_text(frame[variable]) for name, variable in stored.items()}
    return Export.typed(
        pd.DataFrame(cells, index=pd.RangeIndex(len(frame))),
        start,
        format=kind,
        labels={name: labels[variable] for name, variable in stored.items() if variable in labels},
        questions={name: text for name, variable in stored.items() if (text := _question(meta, variable))},
        share=share,
    )


def _labels(meta: Any) -> dict[str, dict[str, str]]:
    return {
        variable: {cell_text(code): tidy(str(label)) for code, label in labels.items()}
        for variable, labels in meta.variable_value_labels.items()
        if labels
    }


def _question(meta: Any, variable: str) -> str:
    return tidy(str(meta.column_names_to_labels.get(variable) or ""))
