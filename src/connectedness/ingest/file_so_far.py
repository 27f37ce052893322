"""What a file has told so far, where only the whole of it can tell: said when its last chunk has been read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from connectedness.errors import ContractError
from connectedness.ingest.cells import Export
from connectedness.ingest.clock import DayOrder, day_order, need_an_order
from connectedness.ingest.inbox import Inbound
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.plan import Plan
from connectedness.ingest.undeclared import Undeclared, told_levels
from connectedness.ingest.whole_file import Questions
from connectedness.ingest.windows import Elsewhen

_VERSION = re.compile(r"[a-z][a-z0-9-]{0,47}@\d{1,4}")


@dataclass
class FileSoFar:
    """A file that is being read.

    Attributes
    ----------
    plan, inbound, sha256
        How it is read, where it lies, and its hash.
    same_as : str or None
        Name of the file read before that is the same.
    again : callable
        Reads one column once more, chunk by chunk.
    keys : dict
        What each text means, by item.
    questions, elsewhen
        What its rows say to questions that may leave all of them out, and to the wave's window.
    undeclared
        What its columns of breakdowns say that is no declared level.
    """

    plan: Plan
    inbound: Inbound
    sha256: str
    same_as: str | None
    again: Callable[[str], Iterator[Export]]
    keys: dict[str, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.questions = Questions(self.plan.project.policy.minimum["internal"])
        self.elsewhen = Elsewhen(self.plan)
        self.undeclared = Undeclared()
        self._breakdowns: dict[str, str] = {}
        self.timed = self.untimed = False  # whether some time of submission was read, and some was not
        self._counted: dict[str, int] = {}
        self._orders: dict[str, DayOrder | None] = {}
        self._versions: set[str] = set()
        self._first_wrong: int | None = None

    def count(self, where: np.ndarray, what: str) -> None:
        """Count rows that have something a person should know of."""
        self._counted[what] = self._counted.get(what, 0) + int(where.sum())

    def look_at_levels(self, name: str, column: str, outside: pd.Series, row: np.ndarray) -> None:
        """Take what a column of a breakdown says that is none of its declared levels."""
        self._breakdowns[column] = name
        self.undeclared.add(("responses", self.inbound.name, column), outside, row)

    def _told_levels(self) -> list[str]:
        minimum, notes = self.plan.project.policy.minimum["internal"], []
        for column, name in self._breakdowns.items():
            if counts := self.undeclared.counts(("responses", self.inbound.name, column)):
                notes.append(told_levels(self.inbound.name, name, counts, minimum))
        return notes

    @property
    def dates(self) -> str:
        """What to do about times that are not read."""
        if self.plan.map.dates is not None:
            return f"see whether dates: {self.plan.map.dates}, in the column map, is how this file writes them"
        return "write dates: month_first or day_first in the column map"

    def day_order(self, column: str, export: Export) -> DayOrder | None:
        """Whether the month comes first in a column of times.

        A survey tool writes all its dates one way, and any row may be the one that tells which. So where it matters,
        the column is read to its end before the first time is.
        """
        if self.plan.map.dates is not None or not export.tool:
            return self.plan.map.dates
        if column not in self._orders:
            if not need_an_order(export.text(column)):
                return None
            self._orders[column] = day_order(one.text(column) for one in self.again(column))
        return self._orders[column]

    def look_at_instrument(self, export: Export, outcomes: Outcomes) -> None:
        """See that open rows answered an instrument that the wave pins."""
        column = self.plan.columns.instrument
        if column is None:
            return
        said = export.text(column)
        wrong = outcomes.open & ((said != "") & ~said.isin(self._pins)).to_numpy()
        if wrong.any():
            # Only what is written like a version is kept, to be printed: the map may name a column of something else.
            self._versions |= {value for value in said[wrong].unique() if _VERSION.fullmatch(value)}
            if self._first_wrong is None:
                self._first_wrong = int(export.row[np.flatnonzero(wrong)[0]])

    @property
    def _pins(self) -> Sequence[str]:
        return self.plan.wave.instruments or self.plan.survey.instruments

    def notes(self, of_reader: str | None) -> list[str]:
        """What a person should know, now that the whole file has been read.

        Raises
        ------
        ContractError
            When nothing of the file would be left, it is of another time, or was answered with another instrument.
        """
        name = self.inbound.name
        notes = [of_reader] if of_reader else []
        notes += [
            f"{name}: {n} {'row has' if n == 1 else 'rows have'} {what}." for what, n in self._counted.items() if n
        ]
        notes += self._told_levels()
        if self.same_as:
            notes.append(f"{name} is the same file as {self.same_as}, so it was left out.")
        self.questions.must_keep_some(self.inbound.place)
        notes += self.elsewhen.notes(self.inbound)
        self._instrument_must_fit()
        return notes

    def _instrument_must_fit(self) -> None:
        if self._first_wrong is None:
            return
        raise ContractError(
            "these answers were given to another instrument, or another version of it, than the wave pins.",
            file=self.inbound.place,
            column=self.plan.columns.instrument,
            row=self._first_wrong,
            found=", ".join(sorted(self._versions)) or "something that is no instrument@version",
            allowed=", ".join(self._pins),
            todo="Give this file a wave that pins its instrument, or mend instruments: in survey.yaml.",
        )
