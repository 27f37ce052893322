"""A file of which nothing would be left, or which is of another time: said before it can vanish without a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from connectedness.errors import ContractError
from connectedness.ingest.cells import distinct_texts
from connectedness.ingest.outcomes import Outcomes

EXPORTED_AGAIN = "exported_again"
"""Why a row is left out whose submission stands again in a later row: an export that grows under new names."""
_SHOWN = 3


class Held:
    """What the rows of a column hold, as far as it may be printed: no text is kept that fewer than `minimum` hold."""

    def __init__(self, minimum: int) -> None:
        self.minimum = minimum
        self._rows: Counter[int] = Counter()
        self._texts: dict[int, str] = {}

    def add(self, text: pd.Series) -> None:
        """Take the cells of some rows."""
        codes, distinct = distinct_texts(text)
        for place, n in zip(*np.unique(codes, return_counts=True), strict=True):
            mark = hash(distinct[place])
            self._rows[mark] += int(n)
            if self._rows[mark] >= self.minimum:
                self._texts[mark] = distinct[place]

    def __str__(self) -> str:
        common = [self._texts[mark] or "an empty cell" for mark, _ in self._rows.most_common() if mark in self._texts]
        common = common[:_SHOWN]
        rest = len(self._rows) - len(common)
        if not common:
            return f"{rest} {'value' if rest == 1 else 'values'} that fewer than {self.minimum} rows hold"
        return ", ".join(common) + (f", and {rest} other {'value' if rest == 1 else 'values'}" if rest else "")


def held_values(text: pd.Series, minimum: int) -> str:
    """Values of a column: only those that many rows hold, since a column named by mistake may hold anything."""
    held = Held(minimum)
    held.add(text)
    return str(held)


@dataclass
class Question:
    """What the rows of a file say, so far, to one question that may leave all of them out.

    Attributes
    ----------
    column, key, agreed
        As in `Door.leave_out`.
    rows : int
        Rows that were asked.
    stays : bool
        Whether any of them stays.
    held : Held
        What they hold, as long as none stays.
    """

    column: str
    key: str
    agreed: Sequence[str]
    held: Held
    rows: int = 0
    stays: bool = False

    def ask(self, judged: np.ndarray, out: np.ndarray, cells: pd.DataFrame) -> None:
        """Take the answers of a chunk."""
        self.rows += int(judged.sum())
        self.stays = self.stays or bool((judged & ~out).any())
        if not self.stays and self.agreed and judged.any():
            self.held.add(cells[self.column][judged])

    def must_keep_some(self, file: str) -> None:
        """Stop where every row that was asked goes.

        Raises
        ------
        ContractError
            The values are then spelt otherwise in this file.
        """
        if self.stays or not self.rows:
            return
        rows = rows_in_words(self.rows)
        if not self.agreed:
            raise ContractError(
                f"the survey tool marks all {rows} with answers as unfinished, so nothing of this file would be left.",
                file=file,
                column=self.column or None,
                found="no finished row",
                allowed="at least one finished row",
                todo="Export the finished answers too; where unfinished ones are to count, write keep: [incomplete] in "
                "the column map.",
            )
        raise ContractError(
            f"not one of its {rows} with answers says what {self.key} asks for, so all of them would be lost.",
            file=file,
            column=self.column,
            found=str(self.held),
            allowed=", ".join(self.agreed),
            todo=f"Write in the column map, under {self.key}: agreed, what this file says of a row that counts. If no "
            "row of it counts, take it out of the folder.",
        )


class Questions:
    """Every question that was asked of a file's rows, in the order in which they were first asked."""

    def __init__(self, minimum: int) -> None:
        self.minimum = minimum
        self._asked: dict[tuple[str, str], Question] = {}

    def of(self, column: str, key: str, agreed: Sequence[str]) -> Question:
        """The question of a column and a key."""
        return self._asked.setdefault((column, key), Question(column, key, agreed, Held(self.minimum)))

    def must_keep_some(self, file: str) -> None:
        """Stop at the first question that no row of the whole file would outlast.

        Raises
        ------
        ContractError
            As for `Question.must_keep_some`.
        """
        for one in self._asked.values():
            one.must_keep_some(file)


@dataclass(frozen=True)
class Door:
    """Leaves rows of a chunk out by what the map or the survey tool says of them, and keeps count of it.

    Attributes
    ----------
    cells : DataFrame
        Text of the columns that were read.
    answered : array of bool
        Rows with an answer; nothing is lost with the others.
    outcomes : Outcomes
    questions : Questions
        Of the whole file: where one leaves out every row, the file stops.
    """

    cells: pd.DataFrame
    answered: np.ndarray
    outcomes: Outcomes
    questions: Questions

    def leave_out(self, where: np.ndarray, reason: str, column: str, key: str, agreed: Sequence[str] = ()) -> None:
        """Exclude open rows for a reason.

        `key` is the map's key that declares the values `agreed`; without values, the survey tool's own mark is meant.
        """
        self.note(where, column, key, agreed)
        self.outcomes.exclude(where, reason, column)

    def note(
        self, where: np.ndarray, column: str, key: str, agreed: Sequence[str], asked: np.ndarray | None = None
    ) -> None:
        """Count as `leave_out` does, and exclude nothing; `asked` are the rows that are looked at, not `answered`."""
        judged = self.outcomes.open & (self.answered if asked is None else asked)
        self.questions.of(column, key, agreed).ask(judged, where, self.cells)


def rows_in_words(n: int) -> str:
    """Say a number of rows: 1 row, 2,000 rows."""
    return f"{n:,} row{'' if n == 1 else 's'}"


def mostly_left_out(files: Sequence[dict[str, Any]]) -> list[str]:
    """Notes on files of which one reason leaves out more than half of the rows; what is sent twice has its own."""
    return [
        f"{one['file']}: {n:,} of {rows_in_words(one['rows'])} {'was' if n == 1 else 'were'} left out for one reason: "
        f"{reason.replace('_', ' ')}. See that this is right."
        for one in files
        for reason, n in one["excluded"].items()
        if 2 * n > one["rows"] and reason not in ("same_file", EXPORTED_AGAIN)
    ]


def exported_again(files: Sequence[dict[str, Any]]) -> list[str]:
    """A note on each file of which submissions stand again, in a later export as a rule."""
    counts = [(one["file"], one["rows"], one["excluded"].get(EXPORTED_AGAIN, 0)) for one in files]
    return [
        f"{file}: {n:,} of {rows_in_words(rows)} {'is a submission' if n == 1 else 'are submissions'} that a later "
        f"export, or a later row, holds again; {'it counts' if n == 1 else 'each counts'} once, as it stands last."
        for file, rows, n in counts
        if n
    ]
