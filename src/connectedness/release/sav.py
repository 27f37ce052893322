"""Rows as an SPSS file: labels, measurement levels, and missing codes kept apart as user-missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from connectedness.declare.instrument import MISSING_CODES
from connectedness.errors import ConnectednessError
from connectedness.files import written_beside
from connectedness.release.row_variables import missing_codes

_LABEL_BYTES, _VALUE_LABEL_BYTES, _FILE_LABEL_BYTES = 255, 120, 64
_MEASURES = {"item": "ordinal", "points": "ordinal", "score": "scale"}
# The header's creation date and time: nine bytes and eight, after the product name and seven numbers.
_MADE_AT, _NO_DATE = slice(92, 109), b"01 Jan 7000:00:00"


def write_sav(
    path: Path, frame: pd.DataFrame, variables: Sequence[Mapping[str, Any]], label: str, language: str
) -> None:
    """Write rows as `.sav`, atomically; the same rows give the same bytes.

    An item column holds its codes and, as user-missing, -1 skipped, -2 not asked, -3 don't know, -4 invalid, so the
    `ITEM__missing` columns are left out.

    Parameters
    ----------
    path : Path
    frame : DataFrame
    variables : sequence of mapping
        One per column, as `row_variables` makes them.
    label : str
        The file's label.
    language : str
        Language of the labels; English where a text has no other.
    """
    import pyreadstat

    shown = [one for one in variables if one["role"] != "missing"]
    items = [one["name"] for one in shown if one["role"] == "item" and f"{one['name']}__missing" in frame]
    with written_beside(path) as beside:
        pyreadstat.write_sav(
            pd.DataFrame({one["name"]: _column(frame, one, one["name"] in items) for one in shown}),
            str(beside),
            file_label=_cut(label, _FILE_LABEL_BYTES),
            column_labels={one["name"]: _cut(_say(one["description"], language), _LABEL_BYTES) for one in shown},
            variable_value_labels={one["name"]: _labels(one, items, language) for one in shown if one["codes"]},
            missing_ranges={name: [{"lo": min(MISSING_CODES.values()), "hi": -1}] for name in items},
            variable_measure={one["name"]: _MEASURES.get(one["role"], "nominal") for one in shown},
            variable_format={one["name"]: _format(one) for one in shown if one["type"] != "string"},
            row_compress=True,
        )
        beside.write_bytes(_without_date(beside.read_bytes()))


def _column(frame: pd.DataFrame, variable: Mapping[str, Any], is_item: bool) -> pd.Series:
    column = frame[variable["name"]]
    if variable["type"] == "string":
        # A column without one value would be written as a column of width 0, which SPSS does not open.
        return column.astype("str").fillna("")
    numbers = column.astype("Float64")
    if is_item:
        numbers = numbers.fillna(frame[f"{variable['name']}__missing"].map(MISSING_CODES).astype("Float64"))
    return numbers.astype("float64")


def _labels(variable: Mapping[str, Any], items: Sequence[str], language: str) -> dict[int | float, str]:
    codes = [*variable["codes"], *(missing_codes() if variable["name"] in items else [])]
    return {one["code"]: _cut(_say(one["label"], language), _VALUE_LABEL_BYTES) for one in codes if one["label"]}


def _format(variable: Mapping[str, Any]) -> str:
    if variable["type"] == "number":
        return "F8.3"
    widest = max((len(str(one["code"])) for one in variable["codes"]), default=2)
    return f"F{max(widest, 2)}.0"


def _say(text: Mapping[str, Any] | None, language: str) -> str:
    return str((text or {}).get(language) or (text or {}).get("en") or "")


def _cut(text: str, most: int) -> str:
    """As much of a text as fits into `most` bytes, whole letters only."""
    return text.encode("utf-8")[:most].decode("utf-8", "ignore")


def _without_date(content: bytes) -> bytes:
    """Set the date and time of making to a fixed one: they would give the same rows other bytes at each writing."""
    if not content.startswith(b"$FL2") or content[_MADE_AT][2:3] != b" " or content[_MADE_AT][11:12] != b":":
        raise ConnectednessError("the SPSS file just written does not begin as such files do.")
    return content[: _MADE_AT.start] + _NO_DATE + content[_MADE_AT.stop :]
