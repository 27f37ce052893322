"""The day on which an answer was submitted, against the windows of the survey's waves."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from connectedness.errors import ContractError
from connectedness.ingest.inbox import Inbound
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.plan import Plan
from connectedness.ingest.whole_file import rows_in_words

GRACE_DAYS = 7
"""Days before and after a window in which an answer is no surprise: a school starts early, a class comes late."""


def in_another_window(plan: Plan, submitted: pd.Series) -> np.ndarray:
    """Rows submitted in the window of another wave and not in this one's."""
    day = _clock(plan, submitted)
    others = [_inside(day, wave.window) for wave in plan.survey.waves if wave.id != plan.wave.id]
    return np.any(others, axis=0) & ~_inside(day, plan.wave.window) if others else np.zeros(len(day), bool)


class Elsewhen:
    """Rows of a file that still count and were submitted far outside the wave's window; none with a wave column."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.outside, self.timed = plan, 0, 0
        self._days: list[pd.Timestamp] = []

    def add(self, submitted: pd.Series, outcomes: Outcomes) -> None:
        """Take a chunk.

        Parameters
        ----------
        submitted : Series of datetime64, UTC
            When each row was submitted.
        outcomes : Outcomes
            What became of each so far: rows of another declared wave have been left out, and are not looked at.
        """
        if self.plan.columns.wave or self.plan.columns.submitted_at is None:
            return
        timed = outcomes.open & submitted.notna().to_numpy()
        days = _clock(self.plan, submitted)
        outside = timed & ~_inside(days, self.plan.wave.window, GRACE_DAYS)
        self.timed += int(timed.sum())
        self.outside += int(outside.sum())
        if outside.any():
            there = days[outside]
            self._days = [min([*self._days, there.min()]), max([*self._days, there.max()])]

    def notes(self, file: Inbound) -> list[str]:
        """A note on these rows, once the whole file has been read.

        Raises
        ------
        ContractError
            When more than half of the rows that have a time lie outside, by more than the days of grace.
        """
        if not self.outside:
            return []
        wave = self.plan.wave
        window = f"{wave.window[0]} to {wave.window[1]}"
        if 2 * self.outside > self.timed:
            raise ContractError(
                f"this file seems to be of another time: {self.outside:,} of {rows_in_words(self.timed)} were "
                f"submitted outside the window of wave {wave.id}.",
                file=file.place,
                column=self.plan.columns.submitted_at,
                found=_months(*self._days),
                allowed=f"{window}, and {GRACE_DAYS} days before and after",
                todo="Put the export of this wave here, or mend the wave's window in survey.yaml. If the dates were "
                "read wrongly, say dates: month_first or day_first in the column map.",
            )
        return [
            f"{file.name}: {self.outside:,} of {rows_in_words(self.timed)} {'was' if self.outside == 1 else 'were'} "
            f"submitted more than {GRACE_DAYS} days outside the window of wave {wave.id} ({window}); they count all "
            "the same."
        ]


def _clock(plan: Plan, submitted: pd.Series) -> pd.Series:
    return submitted.dt.tz_convert(plan.survey.timezone).dt.tz_localize(None)


def _inside(day: pd.Series, window: tuple[date, date], grace: int = 0) -> np.ndarray:
    first = pd.Timestamp(window[0]) - pd.Timedelta(days=grace)
    last = pd.Timestamp(window[1]) + pd.Timedelta(days=1 + grace)
    return ((day >= first) & (day < last)).to_numpy()


def _months(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """Months in which rows were submitted: a single day might be one student's."""
    names = (first.strftime("%Y-%m"), last.strftime("%Y-%m"))
    return names[0] if names[0] == names[1] else f"{names[0]} to {names[1]}"
