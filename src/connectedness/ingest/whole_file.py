"""A file of which nothing would be left, or which is of another time: said before it can vanish without a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from connectedness.errors import ContractError
from connectedness.ingest.outcomes import Outcomes

_SHOWN = 3


@dataclass(frozen=True)
class Door:
    """Leaves rows of a file out by what the map or the survey tool says of them, unless that leaves none.

    Attributes
    ----------
    file : str
        The path that errors print.
    cells : DataFrame
        Text of the columns that were read.
    answered : array of bool
        Rows with an answer; nothing is lost with the others.
    outcomes : Outcomes
    minimum : int
        Rows that must hold a value before it is printed.
    """

    file: str
    cells: pd.DataFrame
    answered: np.ndarray
    outcomes: Outcomes
    minimum: int

    def leave_out(self, where: np.ndarray, reason: str, column: str, key: str, agreed: Sequence[str] = ()) -> None:
        """Exclude open rows for a reason.

        `key` is the map's key that declares the values `agreed`; without values, the survey tool's own mark is meant.

        Raises
        ------
        ContractError
            When every open row with answers would go: the values are then spelt otherwise in this file.
        """
        self.must_keep_some(where, column, key, agreed)
        self.outcomes.exclude(where, reason, column)

    def must_keep_some(
        self, where: np.ndarray, column: str, key: str, agreed: Sequence[str], asked: np.ndarray | None = None
    ) -> None:
        """Raise as `leave_out` does, and exclude nothing; `asked` are the rows that are looked at, not `answered`."""
        judged = self.outcomes.open & (self.answered if asked is None else asked)
        if not judged.any() or not where[judged].all():
            return
        rows = rows_in_words(int(judged.sum()))
        if not agreed:
            raise ContractError(
                f"the survey tool marks all {rows} with answers as unfinished, so nothing of this file would be left.",
                file=self.file,
                column=column or None,
                found="no finished row",
                allowed="at least one finished row",
                todo="Export the finished answers too; where unfinished ones are to count, write keep: [incomplete] in "
                "the column map.",
            )
        raise ContractError(
            f"not one of its {rows} with answers says what {key} asks for, so all of them would be lost.",
            file=self.file,
            column=column,
            found=held_values(self.cells[column][judged], self.minimum),
            allowed=", ".join(agreed),
            todo=f"Write in the column map, under {key}: agreed, what this file says of a row that counts. If no row "
            "of it counts, take it out of the folder.",
        )


def held_values(text: pd.Series, minimum: int) -> str:
    """Values of a column: only those that many rows hold, since a column named by mistake may hold anything."""
    counts = text.value_counts()
    common = [str(value) or "an empty cell" for value in counts.index[counts >= minimum][:_SHOWN]]
    rest = len(counts) - len(common)
    if not common:
        return f"{rest} {'value' if rest == 1 else 'values'} that fewer than {minimum} rows hold"
    return ", ".join(common) + (f", and {rest} other {'value' if rest == 1 else 'values'}" if rest else "")


def rows_in_words(n: int) -> str:
    """Say a number of rows: 1 row, 2,000 rows."""
    return f"{n:,} row{'' if n == 1 else 's'}"


def mostly_left_out(files: Sequence[dict[str, Any]]) -> list[str]:
    """Notes on files of which one reason leaves out more than half of the rows; a file sent twice has its own."""
    return [
        f"{one['file']}: {n:,} of {rows_in_words(one['rows'])} {'was' if n == 1 else 'were'} left out for one reason: "
        f"{reason.replace('_', ' ')}. See that this is right."
        for one in files
        for reason, n in one["excluded"].items()
        if 2 * n > one["rows"] and reason != "same_file"
    ]
