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


def told_of_another_time(plan: Plan, submitted: pd.Series, outcomes: Outcomes, file: Inbound) -> list[str]:
    """A note on rows that still count and were submitted far outside the wave's window; none with a wave column.

    Parameters
    ----------
    plan : Plan
    submitted : Series of datetime64, UTC
        When each row of the file was submitted.
    outcomes : Outcomes
        What became of each so far: rows of another declared wave have been left out, and are not looked at.
    file : Inbound

    Raises
    ------
    ContractError
        When more than half of the rows that have a time lie outside, by more than the days of grace.
    """
    column = plan.columns.submitted_at
    if plan.columns.wave or column is None:
        return []
    timed = outcomes.open & submitted.notna().to_numpy()
    outside = timed & ~_inside(_clock(plan, submitted), plan.wave.window, GRACE_DAYS)
    n, of = int(outside.sum()), int(timed.sum())
    if n == 0:
        return []
    window = f"{plan.wave.window[0]} to {plan.wave.window[1]}"
    if 2 * n > of:
        raise ContractError(
            f"this file seems to be of another time: {n:,} of {rows_in_words(of)} were submitted outside the window "
            f"of wave {plan.wave.id}.",
            file=file.place,
            column=column,
            found=_days(_clock(plan, submitted)[outside]),
            allowed=f"{window}, and {GRACE_DAYS} days before and after",
            todo="Put the export of this wave here, or mend the wave's window in survey.yaml. If the dates were read "
            "wrongly, say dates: month_first or day_first in the column map.",
        )
    return [
        f"{file.name}: {n:,} of {rows_in_words(of)} {'was' if n == 1 else 'were'} submitted more than {GRACE_DAYS} "
        f"days outside the window of wave {plan.wave.id} ({window}); they count all the same."
    ]


def _clock(plan: Plan, submitted: pd.Series) -> pd.Series:
    return submitted.dt.tz_convert(plan.survey.timezone).dt.tz_localize(None)


def _inside(day: pd.Series, window: tuple[date, date], grace: int = 0) -> np.ndarray:
    first = pd.Timestamp(window[0]) - pd.Timedelta(days=grace)
    last = pd.Timestamp(window[1]) + pd.Timedelta(days=1 + grace)
    return ((day >= first) & (day < last)).to_numpy()


def _days(day: pd.Series) -> str:
    """Months in which rows were submitted: a single day might be one student's."""
    first, last = day.min().strftime("%Y-%m"), day.max().strftime("%Y-%m")
    return first if first == last else f"{first} to {last}"
