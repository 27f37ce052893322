"""The column map: which column of an export is what. Nothing that it does not name gets past the door."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from connectedness.declare.instrument import MissingKind
from connectedness.declare.source import Frozen, NotAllowed

Format = Literal[
    "csv", "xlsx", "sav", "dta", "parquet", "qualtrics", "google_forms", "microsoft_forms", "limesurvey", "redcap",
    "surveymonkey",
]  # fmt: skip


def _column(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class ItemColumn(Frozen):
    """An item's column, and, where the export holds other codes or words than the instrument's, what each means."""

    column: str
    codes: dict[str, int] = {}


class ValueColumn(Frozen):
    """A column whose values are given other names: `{column: Q20, values: {"1": in_person}}`."""

    column: str
    values: dict[str, str] = {}


class ConsentColumn(Frozen):
    """The column that says whether a student (and a parent, where the law asks) agreed to sensitive items."""

    column: str
    agreed: tuple[str, ...]


class ParticipationColumn(Frozen):
    """A column that says whether a student takes part; without one of the `agreed` values the row is left out.

    An empty cell counts as refused, unless `missing: agreed` is declared.
    """

    column: str
    agreed: Annotated[tuple[str, ...], Field(min_length=1)]
    missing: Literal["refused", "agreed"] = "refused"


class OptOutColumn(ParticipationColumn):
    """A column that says whether somebody took the student out; `agreed` are the values that leave the student in.

    An empty cell counts as agreed, since nobody asked for anything; any other value takes the student out.
    """

    missing: Literal["refused", "agreed"] = "agreed"


class TakingPart(Frozen):
    """Columns of an export, a roster or a file of groups that say whether a student takes part."""

    participation_consent: ParticipationColumn | None = None
    assent: ParticipationColumn | None = None
    opt_out: OptOutColumn | None = None

    @property
    def participation(self) -> dict[str, ParticipationColumn]:
        """These columns, by the reason for which a student is left out."""
        named = {"opted_out": self.opt_out, "no_consent": self.participation_consent, "no_assent": self.assent}
        return {reason: column for reason, column in named.items() if column is not None}


class Exclusion(Frozen):
    """Rows left out on purpose, and the reason the account will give (preview rows, say)."""

    column: str
    values: tuple[str, ...]
    reason: str


class FixedColumns(TakingPart):
    """Columns of the export that are not answers. What is not in the export is left out here.

    `consent` is about sensitive items only. `participation_consent` (a parent's, or an adult student's), `assent` (the
    student's own) and `opt_out` are about the whole row: nothing is kept of a student who does not take part.
    """

    token: str | None = None
    response_id: str | None = None
    wave: ValueColumn | None = None
    school: ValueColumn | None = None
    grade: ValueColumn | None = None
    learning_mode: ValueColumn | None = None
    started_at: str | None = None
    submitted_at: str | None = None
    duration_s: str | None = None
    complete: ConsentColumn | None = None
    consent: ConsentColumn | None = None
    instrument: str | None = None
    others: dict[str, ValueColumn] = {}

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        full = dict(data)
        for name in ("wave", "school", "grade", "learning_mode"):
            full[name] = _column(full.get(name))
        if isinstance(full.get("others"), dict):
            full["others"] = {key: _column(value) for key, value in full["others"].items()}
        return {key: value for key, value in full.items() if value is not None}


class ColumnMap(Frozen):
    """How to read one kind of export.

    `format` is only needed where the file itself does not tell which program wrote it. A survey tool's own marks are
    obeyed: previews, spam, tests and answers never sent are left out, except for the reasons that `keep` names.
    `dates` says how a date such as 03/04/2026 is written, which nobody guesses. A map that was drafted says
    `confirmed: false`, and is not read until a person has looked at it.
    """

    confirmed: bool = True
    format: Format | None = None
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str | None = None
    columns: FixedColumns = FixedColumns()
    items: dict[str, ItemColumn]
    missing: dict[str, MissingKind] = {}
    blank: MissingKind = "skipped"
    exclude: tuple[Exclusion, ...] = ()
    keep: tuple[Literal["preview", "test", "spam", "incomplete"], ...] = ()
    dates: Literal["month_first", "day_first"] | None = None

    @field_validator("confirmed")
    @classmethod
    def _by_a_person(cls, value: bool) -> bool:
        if not value:
            raise NotAllowed(
                "this column map was drafted, and nobody has confirmed it, so nothing runs on it.",
                found="confirmed: false",
                allowed="confirmed: true",
                todo="Look at every line of it: is this column that item, and this code that answer? Begin with the "
                "lines marked GUESS or ? and with what is left at its end. Then write confirmed: true, or delete the "
                "line, and run again.",
            )
        return value

    @field_validator("items")
    @classmethod
    def _some_item(cls, value: dict[str, ItemColumn]) -> dict[str, ItemColumn]:
        if not value:
            raise NotAllowed(
                "this column map names no item: write each under items, with its column.",
                allowed="such as  hr_bel_part: Q1_1",
                todo="See what the file's columns are called. The end of a drafted map lists them, and the items.",
            )
        return value

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: object) -> object:
        if isinstance(data, dict) and isinstance(data.get("items"), dict):
            return {**data, "items": {key: _column(value) for key, value in data["items"].items()}}
        return data

    @model_validator(mode="after")
    def _each_column_once(self) -> ColumnMap:
        used = [item.column for item in self.items.values()]
        twice = sorted({column for column in used if used.count(column) > 1})
        if twice:
            raise ValueError(f"the column {', '.join(twice)} is given to two items.")
        return self
