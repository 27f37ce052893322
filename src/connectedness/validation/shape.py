"""The shape of a wave: columns, items and groups, kept beside its tables for the next wave to be compared with.

A shape holds names of columns and items, codes that instruments declare, and values of schools, grades, learning
modes and declared breakdowns that many rows hold: never an answer, and no count of students but those of the roster's
schools.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from connectedness.declare.instrument import MISSING_CODES
from connectedness.declare.project import Project
from connectedness.tables import UNKNOWN

Shape = dict[str, Any]
_PRINTABLE = ("school", "grade", "learning_mode")


def shape_of(
    project: Project,
    wave_id: str,
    responses: pd.DataFrame,
    roster: pd.DataFrame | None,
    files: Sequence[Mapping[str, Any]],
) -> Shape:
    """The shape of a wave, JSON-able.

    Returns
    -------
    dict
        `wave`; `headers`: the `columns` of files, and which `files` have just these; `formats`; `items`: by id whether
        anybody answered it (`state`: `answered`, `asked` or `not_asked`) and its `codes`; `values`: by column those
        that may be printed, and `rare`: how many more fewer rows hold than the internal minimum; `roster`: its students
        by school, null without one.
    """
    minimum = project.policy.minimum["internal"]
    held = _groups(project, responses, roster)
    levels = {one.id: set(one.levels) for one in project.survey.breakdowns}
    told = {name: _told(name, column, levels.get(name, set()), minimum) for name, column in held.items()}
    return {
        "wave": wave_id,
        "headers": _headers(files),
        "formats": sorted({str(one["format"]) for one in files if one.get("format")}),
        "items": _items(project, wave_id, responses),
        "values": {name: values for name, (values, _) in told.items()},
        "rare": {name: rare for name, (_, rare) in told.items()},
        "roster": None if roster is None else {"schools": _counts(roster["school"])},
    }


def _groups(project: Project, responses: pd.DataFrame, roster: pd.DataFrame | None) -> dict[str, pd.Series]:
    """Columns whose values are told: from the answers, else from the roster. A band says no more than its grades."""
    found = {}
    for name in (*_PRINTABLE, *(one.id for one in project.survey.breakdowns)):
        for table in (responses, roster):
            if name not in found and table is not None and name in table and (table[name] != UNKNOWN).any():
                found[name] = table[name]
    if "grade" in found:
        found.pop("grade_band", None)
    return found


def _counts(column: pd.Series) -> dict[str, int]:
    return {str(value): int(n) for value, n in column.value_counts().sort_index().items() if value not in ("", UNKNOWN)}


def _told(name: str, column: pd.Series, declared: Collection[str], minimum: int) -> tuple[list[str], int]:
    """Values that may be printed, and how many are too rare to be: one may be a person's name."""
    counts = _counts(column)
    plain = {value for value, n in counts.items() if name in _PRINTABLE or value in declared or n >= minimum}
    return sorted(plain), len(set(counts) - plain)


def _items(project: Project, wave_id: str, responses: pd.DataFrame) -> dict[str, Any]:
    missing = list(MISSING_CODES.values())
    found = {}
    for instrument in project.instruments(wave_id):
        for item in instrument.active_items(project.survey.modules):
            codes = responses[item.id].drop_duplicates() if item.id in responses else pd.Series(dtype="int16")
            answered, asked = (~codes.isin(missing)).any(), (codes != MISSING_CODES["not_asked"]).any()
            found[item.id] = {
                "state": "answered" if answered else "asked" if asked else "not_asked",
                "codes": sorted(instrument.codes(item.id)),
            }
    return found


def _headers(files: Sequence[Mapping[str, Any]]) -> list[dict[str, list[str]]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for one in files:
        if one.get("columns"):
            found.setdefault(tuple(one["columns"]), []).append(str(one["file"]))
    return [{"files": names, "columns": list(columns)} for columns, names in found.items()]
