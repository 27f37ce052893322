"""Values that nothing declares: told where many rows hold them, else only counted, since one may be a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

import numpy as np
import pandas as pd

from connectedness.declare.schools import means_a_school

COLUMNS = ("table", "file", "column", "value", "n", "first_row")
WHERE = "unknown_values.csv in the wave's quarantine"
"""Where the analyst finds what is not printed; the file is as restricted as the quarantine."""
_SHOWN = 5


class Undeclared:
    """Counts such values by table, file and column, with the first row that holds each."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str, str, str], tuple[int, int]] = {}

    def add(self, place: tuple[str, str, str], text: pd.Series, row: np.ndarray) -> None:
        """Take the rows that hold such values.

        Parameters
        ----------
        place : table, file and column
        text : Series of str
            The values; an empty one is none.
        row : array of int
            Their rows in the file.
        """
        found = pd.DataFrame({"value": text.astype("str").to_numpy(), "row": row})
        counted = found[found["value"] != ""].groupby("value", sort=False)["row"].agg(["size", "min"])
        for value, n, first in counted.itertuples(name=None):
            had, before = self._held.get((*place, value), (0, int(first)))
            self._held[*place, value] = had + int(n), min(before, int(first))

    def counts(self, place: tuple[str, str, str]) -> dict[str, int]:
        """Rows of each value of a column."""
        return {value: n for (*where, value), (n, _) in self._held.items() if tuple(where) == place}

    def table(self) -> pd.DataFrame:
        """Restricted: each value, the most frequent of a column first."""
        lines = [(*key, n, first) for key, (n, first) in self._held.items()]
        return pd.DataFrame(sorted(lines, key=lambda one: (*one[:3], -one[4], one[3])), columns=list(COLUMNS))


def told_values(counts: Mapping[str, int], minimum: int, harmless: Callable[[str], bool] = lambda value: False) -> str:
    """Name the values that at least `minimum` rows hold, or that cannot be a name, and count the others."""
    shown = [value for value, n in counts.items() if n >= minimum or harmless(value)]
    most = sorted(shown, key=lambda value: (-counts[value], value))[:_SHOWN]
    named = ", ".join(f"{value} ({counts[value]:,})" for value in most)
    hidden, more = len(counts) - len(shown), len(shown) - len(most)
    others = [f"{more} more"] if more else []
    if hidden:
        others.append(
            f"{hidden} {'value' if hidden == 1 else 'values'} that fewer than {minimum} rows hold, not printed but "
            f"kept in {WHERE}"
        )
    return " and ".join([*([named] if named else []), *others])


def told_levels(file: str, name: str, counts: Mapping[str, int], minimum: int) -> str:
    """Say that rows have values of a breakdown that are none of its levels."""
    n = sum(counts.values())
    return (
        f"{file}: {n:,} {'row has' if n == 1 else 'rows have'} a {name} that is not among its levels in survey.yaml, "
        f"counted as unknown: {told_values(counts, minimum)}."
    )


def without_names(
    lines: pd.DataFrame, known: Collection[str], titles: Iterable[str], minimum: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take out of rejected rows what is no known school and few rows hold: it may be anything, a name too.

    Parameters
    ----------
    lines : DataFrame
        Rejected rows, with their `school`.
    known : collection of str
        Ids of schools.
    titles : iterable of str
        Their titles.
    minimum : int
        Rows that must hold another value for it to stay.

    Returns
    -------
    lines : DataFrame
        With "" in place of such a value.
    taken : DataFrame
        The lines that had one, as they were.
    """
    titles, held = list(titles), Counter(lines["school"])
    unsure = {one for one, n in held.items() if one and n < minimum and not means_a_school(one, known, titles)}
    taken = lines["school"].isin(unsure)
    return lines.assign(school=lines["school"].mask(taken, "")), lines[taken]
