"""What a check that looks beyond its own table must know: the clock, the wave's days, its tables, the last wave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from connectedness.declare.project import Project


@dataclass(frozen=True)
class WaveFacts:
    """A wave, seen from one of its checks.

    Attributes
    ----------
    now
        With a time zone.
    window
        First and last day of the survey.
    snapshot
        The day that the roster is of, where the survey declares it.
    titles
        Names of schools.
    responses, roster
        Rows that hold; `roster` is null where there is none.
    strangers
        By school, rows of students who are not on the roster.
    previous
        The shape of the last wave (see `shape_of`); null where there is none.
    """

    now: datetime
    timezone: str
    window: tuple[date, date]
    closed: bool
    snapshot: date | None
    titles: Mapping[str, str]
    responses: pd.DataFrame
    roster: pd.DataFrame | None
    strangers: Mapping[str, int]
    previous: Mapping[str, Any] | None

    @property
    def opens(self) -> datetime:
        """The first moment of the survey, on its own clock."""
        return datetime.combine(self.window[0], time(), ZoneInfo(self.timezone))

    @property
    def closes(self) -> datetime:
        """The moment at which the last day of the survey ends."""
        return datetime.combine(self.window[1] + timedelta(days=1), time(), ZoneInfo(self.timezone))

    def local_day(self, moment: datetime) -> date:
        """The day of a moment, where the survey is."""
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def label(self, school: str) -> str:
        """A school by its name and id: Lakeside School (017)."""
        return school_label(school, self.titles.get(school))


def school_label(school: str, title: str | None) -> str:
    """A school by its name and id; by its id alone where it has no name."""
    return f"{title} ({school})" if title else f"School {school}"


def students(n: int, kind: str = "") -> str:
    """Say a number of students: 1 eligible student, 40 eligible students."""
    return f"{n:,} {kind + ' ' if kind else ''}student{'' if n == 1 else 's'}"


def wave_facts(
    project: Project,
    wave_id: str,
    responses: pd.DataFrame,
    roster: pd.DataFrame | None,
    quarantine: pd.DataFrame,
    previous: Mapping[str, Any] | None,
    now: datetime,
) -> WaveFacts:
    """Gather the facts of a wave."""
    wave, declared = project.wave(wave_id), project.survey.roster
    snapshot = declared.snapshot if declared else None
    lines = quarantine[(quarantine["table"] == "responses") & (quarantine["rule"] == "not_on_roster")]
    lines = lines.drop_duplicates(["file", "row"])
    return WaveFacts(
        now=now,
        timezone=project.survey.timezone,
        window=wave.window,
        closed=wave.closed,
        snapshot=snapshot.get(wave_id) if isinstance(snapshot, dict) else snapshot,
        titles={school: title.en for school, title in project.schools.items()},
        responses=responses,
        roster=roster,
        strangers={str(school): int(n) for school, n in lines["school"].value_counts().items()},
        previous=previous,
    )
