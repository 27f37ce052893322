"""What became of each row: accepted, set aside, or left out for a stated reason. The first thing said stays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

ACCEPTED, QUARANTINED, EXCLUDED = "accepted", "quarantined", "excluded"
_OPEN = (ACCEPTED, "", "")


class Outcomes:
    """One outcome a row, of which there are few kinds: a row costs two bytes."""

    def __init__(self, rows: int) -> None:
        self._said = [_OPEN]
        self._which = np.zeros(rows, dtype=np.uint16)

    def __len__(self) -> int:
        return len(self._which)

    @property
    def kind(self) -> np.ndarray:
        """What became of each row: "accepted", "quarantined" or "excluded"."""
        return self._part(0)

    @property
    def rule(self) -> np.ndarray:
        """Why."""
        return self._part(1)

    @property
    def column(self) -> np.ndarray:
        """Column of the file that says so."""
        return self._part(2)

    @property
    def open(self) -> np.ndarray:
        """Rows that nothing has been said against."""
        return self._which == 0

    @property
    def aside(self) -> np.ndarray:
        """Rows that were set aside."""
        return np.array([one[0] == QUARANTINED for one in self._said])[self._which]

    @property
    def counted(self) -> np.ndarray:
        """Rows whose answers are looked at: those accepted, and those set aside for their answers."""
        return np.array([one is _OPEN or one[1] == "too_many_bad_items" for one in self._said])[self._which]

    def quarantine(self, where: np.ndarray, rule: str, column: str | None = "") -> None:
        """Set open rows aside."""
        self._settle(where, (QUARANTINED, rule, column or ""))

    def exclude(self, where: np.ndarray, rule: str, column: str | None = "") -> None:
        """Leave open rows out."""
        self._settle(where, (EXCLUDED, rule, column or ""))

    def replaced(self, where: np.ndarray, rule: str, column: str | None = "") -> None:
        """Leave out rows that stand again elsewhere, though they were set aside: what is said of them is said there."""
        self._put(np.asarray(where, dtype=bool) & (self.open | self.aside), (EXCLUDED, rule, column or ""))

    def _settle(self, where: np.ndarray, said: tuple[str, str, str]) -> None:
        self._put(np.asarray(where, dtype=bool) & self.open, said)

    def _put(self, here: np.ndarray, said: tuple[str, str, str]) -> None:
        if here.any():
            self._which[here] = self._number(said)

    def _number(self, said: tuple[str, str, str]) -> int:
        if said not in self._said:
            self._said.append(said)
        return self._said.index(said)

    def _part(self, place: int) -> np.ndarray:
        return np.array([one[place] for one in self._said], dtype=object)[self._which]

    def at(self, rows: np.ndarray) -> Outcomes:
        """Outcomes of some rows, by place or by true and false."""
        some = Outcomes(0)
        some._said, some._which = list(self._said), self._which[rows]
        return some

    def put(self, rows: np.ndarray, others: Outcomes) -> None:
        """Take over the outcomes of some rows."""
        self._which[rows] = np.array([self._number(one) for one in others._said], dtype=np.uint16)[others._which]

    @classmethod
    def joined(cls, parts: Sequence[Outcomes]) -> Outcomes:
        """Outcomes of several files or chunks, one after the other."""
        whole = cls(sum(map(len, parts)))
        start = 0
        for part in parts:
            whole.put(np.arange(start, start + len(part)), part)
            start += len(part)
        return whole

    def rejected(self, table: str, file: pd.Series, row: pd.Series, school: pd.Series) -> pd.DataFrame:
        """One line a row that is not accepted, in the shape of the quarantine plus `kind`."""
        out = ~self.open
        some = self.at(out)
        lines = {
            "table": pd.Series(table, index=file.index[out], dtype="str"),
            "file": file[out].astype("str"),
            "row": row[out].astype("int64"),
            "column": pd.Series(some.column, index=file.index[out], dtype="str"),
            "rule": pd.Series(some.rule, index=file.index[out], dtype="str"),
            "school": school[out].astype("str"),
            "kind": pd.Series(some.kind, index=file.index[out], dtype="str"),
        }
        return pd.DataFrame(lines).reset_index(drop=True)
