"""What is kept of a chunk once it has been read: little in memory, the rows themselves on a shelf."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from connectedness.ingest.answers import FINE, TEXT
from connectedness.ingest.chunk import Chunk
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.plan import Plan
from connectedness.tables import read_table, write_table

_LETTERS = 16  # of a pseudonym: 80 bits tell ten million submissions apart


class Shelf:
    """Tables laid aside until all rows have been read: in a folder, or in memory where there is none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder, self._n = folder, 0
        self._tables: dict[int, pd.DataFrame] = {}

    def put(self, table: pd.DataFrame) -> int:
        """Lay a table aside; return its number."""
        self._n += 1
        if self._folder is None:
            self._tables[self._n] = table
        else:
            write_table(table, self._folder / f"{self._n}.parquet")
        return self._n

    def take(self, number: int) -> pd.DataFrame:
        """Take a table from the shelf, where it is no more afterwards."""
        if self._folder is None:
            return self._tables.pop(number)
        path = self._folder / f"{number}.parquet"
        table = read_table(path)
        path.unlink()
        return table


@dataclass(frozen=True)
class Faults:
    """Bad answers that count if their row does: item and row by place, and label by number, -1 for a number no code is.

    A row is a place among the open rows of its chunk, or -1 where it counts in any case.
    """

    item: np.ndarray
    row: np.ndarray
    label: np.ndarray


@dataclass(frozen=True)
class Kept:
    """A chunk after its rows were judged one by one.

    Attributes
    ----------
    file : int
        Which file of the wave it is of.
    table : int
        Number on the shelf of its open rows: facts and answers.
    rejected : DataFrame
        Lines of the rows that are settled.
    submission : array of uint64, two a row
        Whose submissions are the same, of the rows that are open, set aside, or refused to take part.
    again : array of uint64
        Which of one student's submissions are the same, exported again; of the same rows.
    submitted_at : Series of datetime64, UTC
        When, of the same rows.
    outcomes : Outcomes
        What became of them.
    lines : array of int
        Place in `rejected` of those among them that are not open.
    faults : Faults
    groups : dict
        By column whose values nothing declares, the number of the value in each open row.
    """

    file: int
    table: int
    rejected: pd.DataFrame
    submission: np.ndarray
    again: np.ndarray
    submitted_at: pd.Series
    outcomes: Outcomes
    lines: np.ndarray
    faults: Faults
    groups: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.submission)


def keep(
    plan: Plan,
    chunk: Chunk,
    file: int,
    refused: np.ndarray,
    labels: dict[str, int],
    values: dict[str, dict[str, int]],
    shelf: Shelf,
) -> Kept:
    """Lay the open rows of a chunk on the shelf, and keep what later rows may still change.

    Parameters
    ----------
    plan : Plan
    chunk : Chunk
        Its rows judged one by one.
    file : int
    refused : array of bool
        Rows in which taking part was refused: earlier ones of the same student will not count.
    labels : dict
        Number of each label that nothing explains; new ones are added.
    values : dict
        By column, the number of each value; new ones are added.
    shelf : Shelf
    """
    facts, outcomes = chunk.facts, chunk.outcomes
    is_open = outcomes.open
    last = np.flatnonzero(is_open | ((refused | outcomes.aside) & (facts["submission"] != "").to_numpy()))
    codes = {one.item.id: chunk.answers[one.item.id].codes for one in plan.items}
    whole = pd.concat([facts.drop(columns="submission"), pd.DataFrame(codes, index=facts.index)], axis=1)
    return Kept(
        file=file,
        table=shelf.put(whole[is_open].reset_index(drop=True)),
        rejected=outcomes.rejected("responses", facts["source"], facts["source_row"], facts["school"]),
        submission=_words(facts["submission"].iloc[last]),
        again=chunk.again[last],
        submitted_at=facts["submitted_at"].iloc[last],
        outcomes=outcomes.at(last),
        lines=(np.cumsum(~is_open) - 1)[last][~is_open[last]],
        faults=_faults(plan, chunk, labels),
        groups={name: _value_numbers(facts.loc[outcomes.open, name], known) for name, known in values.items()},
    )


def _value_numbers(text: pd.Series, known: dict[str, int]) -> np.ndarray:
    which, distinct = pd.factorize(text)
    numbers = np.array([known.setdefault(value, len(known)) for value in distinct.tolist()], dtype=np.int32)
    return numbers[which]


def _words(pseudonyms: pd.Series) -> np.ndarray:
    letters = "".join(pseudonyms.str.slice(0, _LETTERS).tolist()).encode("ascii")
    return np.frombuffer(letters, dtype=np.uint64).reshape(-1, _LETTERS // 8)


def _faults(plan: Plan, chunk: Chunk, labels: dict[str, int]) -> Faults:
    is_open, counted = chunk.outcomes.open, chunk.outcomes.counted
    place = np.where(is_open, np.cumsum(is_open) - 1, -1)
    items, rows, names = [], [], []
    for i, one in enumerate(plan.items):
        answers = chunk.answers[one.item.id]
        bad = np.flatnonzero((answers.fault != FINE) & counted)
        number = np.full(len(answers.distinct), -1)
        for text in np.unique(answers.which[bad][answers.fault[bad] == TEXT]):
            number[text] = labels.setdefault(answers.distinct[text], len(labels))
        items.append(np.full(len(bad), i, dtype=np.int16))
        rows.append(place[bad].astype(np.int32))
        names.append(np.where(answers.fault[bad] == TEXT, number[answers.which[bad]], -1).astype(np.int32))
    return Faults(np.concatenate(items), np.concatenate(rows), np.concatenate(names))
