"""What a file says of itself, for whoever has to map it: its columns, their questions, codes and uses. No answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from connectedness.declare.columns import ColumnMap
from connectedness.ingest.csv_file import head_of_text
from connectedness.ingest.described import Described, DescribedColumn
from connectedness.ingest.detect import TOOLS, Sniffed, layout_of, sniffed
from connectedness.ingest.export import column_chunks, form_of, looked_at
from connectedness.ingest.layout import Column, Layout, plain
from connectedness.ingest.xlsx_file import head_of_sheet

_ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    "qualtrics": {
        "response_id": ("responseid", "_recordid"), "started_at": ("startdate",), "submitted_at": ("enddate",),
        "duration_s": ("duration (in seconds)", "duration"),
    },
    "google_forms": {"submitted_at": ("timestamp",)},
    "microsoft_forms": {
        "response_id": ("id",), "started_at": ("start time",), "submitted_at": ("completion time",),
    },
    "limesurvey": {
        "response_id": ("id",), "token": ("token",), "started_at": ("startdate",), "submitted_at": ("submitdate",),
        "duration_s": ("interviewtime",),
    },
    "surveymonkey": {
        "response_id": ("respondent id",), "started_at": ("start date",), "submitted_at": ("end date",),
    },
}  # fmt: skip


def describe(path: Path, columns: ColumnMap | None = None) -> Described:
    """Describe a file by its header, and by what SPSS and Stata files hold beside their rows.

    Raises
    ------
    ContractError
        When the file is not there, is empty, or is no table.
    """
    found = looked_at(path, path.name, columns)
    kind = found.recognised.format
    if kind in ("sav", "dta"):
        return Described(found.recognised, _labelled(found, path.name))
    if kind == "parquet":
        from connectedness.ingest.parquet_file import columns_of

        names = columns_of(found.content, path.name)
        return Described(found.recognised, tuple(DescribedColumn(name) for name in names))
    encoding, delimiter = form_of(found, columns)
    if kind == "csv" and (columns is None or "delimiter" not in columns.model_fields_set):
        delimiter = sniffed(path, path.name).delimiter
    if found.in_workbook:
        head = found.head or head_of_sheet(found.content, path.name, columns.sheet if columns else None)
    else:  # in the encoding its reader will use: a name with an accent must be the one that the reader gives
        head = head_of_text(found.content, path.name, encoding, delimiter)
    layout = layout_of(kind, path.name, columns, found.content)(head) if kind in TOOLS else plain(head)
    delimiter_told = None if found.in_workbook else delimiter
    return Described(found.recognised, _columns(layout), _roles(layout), layout.timezone, delimiter_told)


def common_texts(
    path: Path, names: Collection[str], at_least: int, columns: ColumnMap | None = None, most: int = 40
) -> dict[str, dict[str, int]]:
    """Texts that at least `at_least` rows of a column hold, with their number, for columns of few distinct texts.

    What fewer hold may tell who they are, so it is left out; so is a column of more than `most` distinct texts.

    Raises
    ------
    ContractError
        When a column is missing or the file does not hold.
    """
    wanted = list(names)
    counts: dict[str, Counter[str]] = {name: Counter() for name in wanted}
    for chunk in column_chunks(path, path.name, columns, wanted):
        for name in list(counts):
            text = chunk.text(name)
            counts[name].update({str(one): int(n) for one, n in text[text != ""].value_counts().items()})
            if len(counts[name]) > most:
                del counts[name]
    return {name: {text: n for text, n in found.most_common() if n >= at_least} for name, found in counts.items()}


def _columns(layout: Layout) -> tuple[DescribedColumn, ...]:
    """One entry a column of the file, under the first of its names that no other column has."""
    times = Counter(one.name for one in layout.columns)
    entries: dict[tuple[int, ...], list[Column]] = {}
    for one in layout.columns:
        if one.name:
            entries.setdefault(one.places if one.kind == "gathered" else one.places[:1], []).append(one)
    return tuple(_entry(sorted(those, key=lambda one: times[one.name] > 1)) for those in entries.values())


def _entry(those: Sequence[Column]) -> DescribedColumn:
    first, others = those[0], tuple(dict.fromkeys(one.name for one in those[1:] if one.name != those[0].name))
    return DescribedColumn(first.name, others, first.question, first.labels, first.kind)


def _roles(layout: Layout) -> dict[str, str]:
    if layout.format == "redcap":
        return _of_redcap(layout)
    names: dict[str, str] = {}
    for one in layout.columns:
        names.setdefault(one.name.casefold(), one.name)
    wanted = _ROLES.get(layout.format, {})
    return {
        role: names[found] for role, those in wanted.items() if (found := next((n for n in those if n in names), None))
    }


def _of_redcap(layout: Layout) -> dict[str, str]:
    """The first column is the record; where one form only is a survey, its time is when the answer was sent."""
    times = [
        one.name
        for one in layout.columns
        if one.kind == "fact" and one.name.casefold().endswith(("_timestamp", "survey timestamp"))
    ]
    sent = {"submitted_at": times[0]} if len(times) == 1 else {}
    return {"response_id": layout.columns[0].name, **sent}


def _labelled(found: Sniffed, file: str) -> tuple[DescribedColumn, ...]:
    from connectedness.ingest.labelled import variables

    questions, labels = variables(found.content, file, found.recognised.format)
    return tuple(DescribedColumn(name, (), text, labels.get(name, {})) for name, text in questions.items())
