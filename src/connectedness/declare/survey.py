"""A survey: a district's declared programme, its waves, roster, breakdowns, measures, policy and schedule."""

from __future__ import annotations

import re
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field, field_validator, model_validator

from connectedness.declare.columns import ColumnMap, TakingPart, ValueColumn
from connectedness.declare.instrument import SnakeId
from connectedness.declare.intake import KEPT_FOR_A_PERSON, Intake
from connectedness.declare.measure import Measure
from connectedness.declare.policy import PRESETS, Policy
from connectedness.declare.source import Frozen, NotAllowed, Text

GRADES = ("K", *(str(grade) for grade in range(1, 13)))
LEARNING_MODES = ("in_person", "digital", "blended")


def _unit_id(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}", value):
        raise ValueError("an id of a wave or school is 1 to 32 letters, digits, '-', '_' or '.'.")
    return value


def _pin(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]*@[1-9][0-9]*", value):
        raise ValueError("an instrument is pinned with its version, as in healthy-relationships@1.")
    return value


def _one_mark(value: str) -> str:
    if len(value) != 1 or value in '"\r\n':
        raise ValueError('a delimiter is one character, as in ";" or "\\t".')
    return value


Delimiter = Annotated[str, AfterValidator(_one_mark)]
UnitId = Annotated[str, AfterValidator(_unit_id)]
Pin = Annotated[str, AfterValidator(_pin)]


class Identity(Frozen):
    """The column, in the export and in the roster, that holds each student's token."""

    token: str


class RosterGroups(TakingPart):
    """A further file that says in which groups students are, or whether they take part, one row a student.

    They are found by `token`. `columns` gives, for a breakdown, the column of the file, and, where its values need
    other names, these. Encoding and delimiter are found out where they are not declared.
    """

    file: str
    token: str
    columns: dict[SnakeId, ValueColumn] = {}
    encoding: str | None = None
    delimiter: Delimiter | None = None

    @field_validator("columns", mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: {"column": one} if isinstance(one, str) else one for name, one in value.items()}

    @model_validator(mode="after")
    def _says_something(self) -> RosterGroups:
        if not self.columns and not self.participation:
            raise ValueError("name at least one column: of a breakdown under columns, or of consent.")
        return self


class Roster(TakingPart):
    """Who was eligible, on the day of `snapshot` (of each wave, where it is a mapping; else the window's first day).

    `columns` gives the roster file's own header for each of our names, where it differs. `token` says which id of the
    file is the one in the answers: a column, or, in OneRoster, `userIds:TYPE`. `grades` are those that were asked,
    where not all were. `dates` says how a date such as 10/01/2026 is written, which nobody guesses. `school` and
    `district` are for OneRoster: which column of an org names a school, and which district is ours. A student whose
    `participation_consent`, `assent` or `opt_out` says no is not eligible, and answers of theirs are left out. Encoding
    and delimiter are found out where they are not declared.
    """

    format: Literal["csv", "oneroster", "edfi"] = "csv"
    file: str
    snapshot: date | dict[UnitId, date] | None = None
    encoding: str | None = None
    delimiter: Delimiter | None = None
    columns: dict[str, str] = {}
    token: str | None = None
    grades: tuple[str, ...] | None = None
    dates: Literal["month_first", "day_first"] | None = None
    school: Literal["sourcedId", "identifier"] | None = None
    district: str | None = None
    groups: RosterGroups | None = None

    @field_validator("grades")
    @classmethod
    def _known_grades(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and (not value or set(value) - set(GRADES)):
            raise ValueError(f"grades are one or more of {', '.join(GRADES)}.")
        return value

    @model_validator(mode="after")
    def _fits_its_format(self) -> Roster:
        if self.format != "oneroster" and (self.school or self.district):
            raise ValueError("school and district are options of a roster of the format oneroster.")
        if self.format == "csv" and self.dates:
            raise ValueError("a plain roster has no dates; dates is for the formats oneroster and edfi.")
        if self.format == "csv" and self.token and self.columns.get("student", self.token) != self.token:
            raise ValueError("token and columns.student name two columns; keep one of them.")
        return self


class WaveForms(Frozen):
    """Which form of its instruments a student answered, by a column of the responses.

    A value that `forms` does not name is answered on the instrument's default form. `methods` says which item response
    scores are made: Warm's weighted likelihood (`wle`), the posterior mean (`eap`), or both.
    """

    column: str
    methods: Annotated[tuple[Literal["wle", "eap"], ...], Field(min_length=1)] = ("wle",)
    forms: Annotated[dict[str, SnakeId], Field(min_length=1)]


class Statement(Frozen):
    """A person's recorded decision that an alarm on a scale or item is not a mistake, so that the wave may go on."""

    wave: UnitId
    check: str
    what: str
    by: Annotated[str, Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1)]
    date: date


class Wave(Frozen):
    """One administration."""

    id: UnitId
    window: tuple[date, date]
    files: Annotated[tuple[str, ...], Field(min_length=1)]
    map: str | ColumnMap
    closed: bool = False
    instruments: tuple[Pin, ...] | None = None
    forms: WaveForms | None = None
    title: Text | None = None

    @model_validator(mode="after")
    def _holds(self) -> Wave:
        if self.window[1] < self.window[0]:
            raise ValueError(f"the window of wave {self.id} ends before it begins.")
        return self


class Breakdown(Frozen):
    """A way of dividing students into groups: a column of the roster or of the export, and its levels' names."""

    id: SnakeId
    title: Text | None = None
    levels: dict[str, Text] = {}


class Schedule(Frozen):
    """When `serve` runs the open wave, in the survey's timezone."""

    cron: str
    grace_minutes: Annotated[int, Field(ge=1)] = 60

    @field_validator("cron")
    @classmethod
    def _five_fields(cls, value: str) -> str:
        if len(value.split()) != 5:
            raise ValueError("a cron schedule has five fields, as in '0 6 * * 1-5' (06:00, Monday to Friday).")
        return value


class Email(Frozen):
    """Where to write when a run fails. `smtp_env` names the variable that holds smtps://user:password@host:port."""

    to: Annotated[tuple[str, ...], Field(min_length=1)]
    sender: str
    smtp_env: str = "CONNECTEDNESS_SMTP"


class Notify(Frozen):
    """Who is told when a run fails or is missed."""

    webhook_env: str | None = None
    email: Email | None = None


class Event(Frozen):
    """A dated note beside a trend: when a school began a practice."""

    school: UnitId | None = None
    date: date
    practice: str
    note: Text


def _web(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", value):
        raise ValueError("a web address begins with https:// (or http://).")
    return value


def _doi(value: str) -> str:
    bare = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", value)
    if not re.fullmatch(r"10\.\d{4,9}(?:\.\d+)*/[A-Za-z0-9:/_;.()\[\]\\-]+", bare):
        raise ValueError("a DOI is written as in 10.5072/maple-fork.")
    return bare


Web = Annotated[str, AfterValidator(_web)]
Doi = Annotated[str, AfterValidator(_doi)]


class Publisher(Frozen):
    """Who publishes the data, as the citation names them; `contact` is an e-mail or web address."""

    name: Annotated[str, Field(min_length=1)]
    contact: str | None = None

    @field_validator("contact")
    @classmethod
    def _can_be_reached(cls, value: str | None) -> str | None:
        if value is None or re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", value):
            return value
        return _web(value)


class DataLicence(Frozen):
    """The licence of public-use data: its SPDX or Open Definition name, and where its text stands."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9.+_-]+$")]
    title: str | None = None
    path: Web | None = None


class Survey(Frozen):
    """`survey.yaml`, whole.

    `publisher`, `licence`, `keywords`, `url` and `doi` are said in a release's papers; the licence, the address and
    the DOI only in those of public releases, since they are about what may be passed on.
    """

    id: SnakeId
    title: Text
    synthetic: bool = False
    publisher: Publisher | None = None
    licence: DataLicence | None = None
    keywords: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    url: Web | None = None
    doi: Doi | None = None
    timezone: str = "UTC"
    languages: tuple[Literal["en", "fr"], ...] = ("en",)
    units: tuple[SnakeId, ...] = ("district", "school")
    identity: Identity | None = None
    instruments: Annotated[tuple[Pin, ...], Field(min_length=1)]
    accept_unverified: bool = False
    modules: tuple[SnakeId, ...] = ()
    schools: str | dict[UnitId, Text] | None = None
    roster: Roster | None = None
    waves: Annotated[tuple[Wave, ...], Field(min_length=1)]
    breakdowns: tuple[Breakdown, ...] = ()
    grade_bands: dict[SnakeId, tuple[str, ...]] = {
        "k_3": ("K", "1", "2", "3"),
        "g4_6": ("4", "5", "6"),
        "g7_9": ("7", "8", "9"),
        "g10_12": ("10", "11", "12"),
    }
    max_bad_items: Annotated[int, Field(ge=0)] = 3
    retention_days: Annotated[int, Field(ge=0)] = 30
    measures: tuple[Measure, ...] = ()
    policy: str | Policy = "default"
    schedule: Schedule | None = None
    intake: Intake | None = None
    notify: Notify | None = None
    events: tuple[Event, ...] = ()
    statements: tuple[Statement, ...] = ()

    @field_validator("breakdowns", mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        return [{"id": one} if isinstance(one, str) else one for one in value] if isinstance(value, list) else value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            near = get_close_matches(value, available_timezones(), n=1)
            raise NotAllowed(
                "this timezone is not known; use a name such as America/Edmonton.",
                found=value,
                allowed="a name of the tz database, such as America/Edmonton, America/Toronto or UTC",
                todo=f"Did you mean {near[0]}?" if near else "Write continent and city, with / between them.",
            ) from None
        return value

    @field_validator("policy")
    @classmethod
    def _known_preset(cls, value: str | Policy) -> str | Policy:
        if isinstance(value, str) and value not in PRESETS and not value.endswith((".yaml", ".yml")):
            raise ValueError(f"this policy is not known; presets are {', '.join(PRESETS)}, or give a block or a file.")
        return value

    @model_validator(mode="after")
    def _holds(self) -> Survey:
        for what, ids in (
            ("wave", [wave.id for wave in self.waves]),
            ("breakdown", [breakdown.id for breakdown in self.breakdowns]),
            ("measure", [measure.id for measure in self.measures]),
            ("unit", list(self.units)),
        ):
            twice = sorted({one for one in ids if ids.count(one) > 1})
            if twice:
                raise ValueError(f"the {what} {', '.join(twice)} stands twice.")
        if "school" not in self.units:
            raise ValueError("units must hold school.")
        for statement in self.statements:
            if statement.wave not in {wave.id for wave in self.waves}:
                raise ValueError(f"a statement is about the wave {statement.wave}, which is not declared.")
        self._intake_must_fit({wave.id for wave in self.waves})
        starts = [wave.window[0] for wave in self.waves]
        if starts != sorted(starts):
            raise ValueError("the waves must stand in the order of their windows, the earliest first.")
        for breakdown in self.breakdowns:
            if breakdown.id in self.units:
                raise ValueError(f"{breakdown.id} is a unit, so it cannot be a breakdown too.")
        if self.roster:
            self._must_fit(self.roster)
        banded = [grade for band in self.grade_bands.values() for grade in band]
        if len(set(banded)) != len(banded) or set(banded) - set(GRADES):
            raise ValueError(f"each grade may stand in one band; grades are {', '.join(GRADES)}.")
        return self

    def _intake_must_fit(self, waves: set[str]) -> None:
        if self.intake is None:
            return
        for route in self.intake.routes:
            if route.wave not in waves:
                raise ValueError(f"a route of the intake leads to the wave {route.wave}, which is not declared.")
        if taken := waves & set(KEPT_FOR_A_PERSON):
            raise ValueError(f"with an intake, no wave may be called {min(taken)}: a folder of that name is in use.")

    def _must_fit(self, roster: Roster) -> None:
        if roster.format == "oneroster" and self.identity and not roster.token:
            raise ValueError(
                "a OneRoster file has several ids of a student, so roster needs token: sourcedId, identifier, "
                "username, userMasterIdentifier or userIds:TYPE, whichever the answers carry."
            )
        if isinstance(roster.snapshot, dict) and (other := set(roster.snapshot) - {wave.id for wave in self.waves}):
            raise ValueError(f"roster has a snapshot of the wave {min(other)}, which is not declared.")
        known = {one.id for one in self.breakdowns} | set(self.units) - {"school"}
        if roster.groups and (other := set(roster.groups.columns) - known):
            raise ValueError(f"roster.groups has a column for {min(other)}, which is no declared breakdown or unit.")

    @property
    def anonymous(self) -> bool:
        """Whether answers cannot be joined to the roster, student by student."""
        return self.identity is None

    def levels_of(self, name: str) -> tuple[str, ...] | None:
        """Values that a breakdown can have; None where nothing declares them, and of a unit."""
        fixed = {"grade": GRADES, "learning_mode": LEARNING_MODES}
        if name in fixed:
            return fixed[name]
        declared = next((tuple(one.levels) for one in self.breakdowns if one.id == name), ())
        bands = tuple(self.grade_bands) if name == "grade_band" else ()
        return tuple(dict.fromkeys((*bands, *declared))) or None

    @property
    def band_of(self) -> dict[str, str]:
        """Grade band of each grade that has one."""
        return {grade: band for band, grades in self.grade_bands.items() for grade in grades}
