"""What became of each row: accepted, set aside, or left out for a stated reason. The first thing said stays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

ACCEPTED, QUARANTINED, EXCLUDED = "accepted", "quarantined", "excluded"


class Outcomes:
    """One outcome a row.

    Attributes
    ----------
    kind, rule, column : array of object
        "accepted", "quarantined" or "excluded"; why; and the column of the file that says so.
    """

    def __init__(self, rows: int) -> None:
        self.kind = np.full(rows, ACCEPTED, dtype=object)
        self.rule = np.full(rows, "", dtype=object)
        self.column = np.full(rows, "", dtype=object)

    @property
    def open(self) -> np.ndarray:
        """Rows that nothing has been said against."""
        return self.kind == ACCEPTED

    @property
    def counted(self) -> np.ndarray:
        """Rows whose answers are looked at: those accepted, and those set aside for their answers."""
        return self.open | (self.rule == "too_many_bad_items")

    def quarantine(self, where: np.ndarray, rule: str, column: str | None = "") -> None:
        """Set open rows aside."""
        self._settle(where, QUARANTINED, rule, column)

    def exclude(self, where: np.ndarray, rule: str, column: str | None = "") -> None:
        """Leave open rows out."""
        self._settle(where, EXCLUDED, rule, column)

    def _settle(self, where: np.ndarray, kind: str, rule: str, column: str | None) -> None:
        here = np.asarray(where, dtype=bool) & self.open
        self.kind[here], self.rule[here], self.column[here] = kind, rule, column or ""

    def at(self, rows: np.ndarray) -> Outcomes:
        """Outcomes of some rows, by place or by true and false."""
        some = Outcomes(0)
        some.kind, some.rule, some.column = self.kind[rows], self.rule[rows], self.column[rows]
        return some

    @classmethod
    def joined(cls, parts: Sequence[Outcomes]) -> Outcomes:
        """Outcomes of several files or chunks, one after the other."""
        whole = cls(0)
        for name in ("kind", "rule", "column"):
            setattr(whole, name, np.concatenate([getattr(part, name) for part in parts]))
        return whole

    def rejected(self, table: str, file: pd.Series, row: pd.Series, school: pd.Series) -> pd.DataFrame:
        """One line a row that is not accepted, in the shape of the quarantine plus `kind`."""
        lines = pd.DataFrame(
            {
                "table": pd.Series(table, index=file.index, dtype="str"),
                "file": file.astype("str"),
                "row": row.astype("int64"),
                "column": pd.Series(self.column, index=file.index, dtype="str"),
                "rule": pd.Series(self.rule, index=file.index, dtype="str"),
                "school": school.astype("str"),
                "kind": pd.Series(self.kind, index=file.index, dtype="str"),
            }
        )
        return lines[~self.open].reset_index(drop=True)
