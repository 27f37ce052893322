"""One export file as arrays, before it is written: a row an element, clean until defects are planted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from connectedness.synth.answers import SKIPPED, ItemModel, draw_answers
from connectedness.synth.people import Enrolment
from connectedness.synth.plan import Plan

_PRACTICE_RISE = 2.0  # at the school that rose, in the last wave, regular check-ins became usual
_LEAVES_THE_END_OUT = 0.01
_WEEKDAYS = 15


@dataclass(frozen=True)
class Sheet:
    """Rows of one export. `seat` is the student's place in the enrolment; `codes` is rows x items.

    `overwrite` is rows x items too: 0 leaves the code, another number is the index of a planted text.
    `defect` holds what is planted in a row, as an index into `defects.DEFECTS` (0: nothing).
    """

    seat: np.ndarray
    codes: np.ndarray
    overwrite: np.ndarray
    complete: np.ndarray
    started: np.ndarray
    seconds: np.ndarray
    defect: np.ndarray

    def __len__(self) -> int:
        return len(self.seat)

    def rows(self, chosen: np.ndarray) -> Sheet:
        """The chosen rows, in the order given."""
        return Sheet(**{name: getattr(self, name)[chosen] for name in self.__dataclass_fields__})

    def with_arrays(self, **arrays: np.ndarray) -> Sheet:
        """A copy with other arrays."""
        return replace(self, **arrays)

    def followed_by(self, other: Sheet) -> Sheet:
        """These rows, then the other's."""
        return Sheet(
            **{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in self.__dataclass_fields__}
        )

    @property
    def submitted(self) -> np.ndarray:
        """When each row was submitted, local time."""
        return self.started + self.seconds.astype("timedelta64[s]")


def clean_sheet(plan: Plan, wave: int, enrolled: Enrolment, models: list[ItemModel]) -> Sheet:
    """Draw the answers of everyone who answers in a wave."""
    rng = np.random.default_rng([plan.seed, 3, wave])
    seat = np.flatnonzero(enrolled.answers)
    practices = _school_practices(plan, wave, models)[enrolled.school[seat]]
    codes = draw_answers(rng, models, enrolled.traits[seat], practices)
    stop_early(rng, codes, np.flatnonzero(rng.random(len(seat)) < _LEAVES_THE_END_OUT))
    return Sheet(
        seat=seat,
        codes=codes,
        overwrite=np.zeros(codes.shape, dtype=np.int8),
        complete=np.ones(len(seat), dtype=bool),
        started=_school_hours(rng, plan, wave, len(seat)),
        seconds=np.clip(rng.lognormal(np.log(420), 0.4, len(seat)), 60, 3000).astype(np.int64),
        defect=np.zeros(len(seat), dtype=np.int8),
    )


def _school_practices(plan: Plan, wave: int, models: list[ItemModel]) -> np.ndarray:
    """Schools x items: how usual each practice is at each school, the same in every wave but for the one that rose."""
    effects = np.random.default_rng([plan.seed, 4]).standard_normal((len(plan.schools), len(models)))
    if plan.rose is not None and wave == len(plan.waves) - 1:
        ids = [model.item.id for model in models]
        effects[plan.rose, ids.index("hr_prac_checkin")] += _PRACTICE_RISE
    return effects


def stop_early(rng: np.random.Generator, codes: np.ndarray, rows: np.ndarray) -> None:
    """Leave the last questions of some rows unanswered; at least the first third is as it was."""
    items = codes.shape[1]
    stops = rng.integers(items // 3, items, len(rows))
    codes[rows] = np.where(np.arange(items) >= stops[:, None], np.int16(SKIPPED), codes[rows])


def _school_hours(rng: np.random.Generator, plan: Plan, wave: int, count: int) -> np.ndarray:
    day = rng.integers(0, _WEEKDAYS, count)
    days = (day // 5 * 7 + day % 5).astype("timedelta64[D]").astype("timedelta64[s]")
    opens = np.datetime64(plan.waves[wave].opens, "s")
    return opens + days + rng.integers(9 * 3600, 14 * 3600, count).astype("timedelta64[s]")
