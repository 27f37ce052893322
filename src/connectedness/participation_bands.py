"""Numbers of answers told as bands, so that nobody learns who has answered and who has not.

An exact count would tell it: of a school where 40 of 40, or none, have answered; and from one day to the next, when it
goes up by one. So a count is told as a band of as many values as the internal minimum (0-5, 6-11, ...). The highest
band ends with all of the students and holds at least as many, so that it says of nobody that they did or did not. A
count changes on a page only when a band is left.

Bands of several tables narrow one another. Every band is worked out again from all that is told, by linear programs
over the students of each school, grade and mode; where less than half of a band would be left, less is told. How the
total is told is decided by the bands of the tables alone, for it would else tell of the count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Band:
    """A number of answers, from `least` to `most`; `most` is None where nobody says how many there can be."""

    least: int
    most: int | None

    def as_dict(self) -> dict[str, int | None]:
        """The band, ready for JSON."""
        return {"least": self.least, "most": self.most}


def band(n: int, minimum: int, eligible: int | None = None) -> Band:
    """The band of a count.

    Parameters
    ----------
    n : int
        Answers.
    minimum : int
        Width of a band.
    eligible : int, optional
        Students who could have answered. The last band holds the last `minimum` of them, and more where they do not
        divide into bands.
    """
    least = n - n % minimum
    if eligible is None:
        return Band(least, least + minimum - 1)
    last = max(eligible - eligible % minimum - (0 if eligible % minimum == minimum - 1 else minimum), 0)
    return Band(last, eligible) if least >= last else Band(least, least + minimum - 1)


def in_words(told: Band, eligible: int | None = None) -> str:
    """A band as people say it: "fewer than 6 of 43", "12 to 17 of 43 (28% to 40%)", "36 or more of 43"."""
    of = f" of {eligible:,}" if eligible is not None else ""
    top = eligible is not None and told.most == eligible
    if top and told.least == 0:
        return f"not told{of}"
    if top or told.most is None:
        share = f" ({told.least / eligible:.0%} or more)" if eligible else ""
        return f"{told.least:,} or more{of}{share}"
    if told.least == 0:
        return f"fewer than {told.most + 1}{of}"
    shares = dict.fromkeys(f"{n / eligible:.0%}" for n in (told.least, told.most)) if eligible else ()
    share = f" ({' to '.join(shares)})" if shares else ""
    return f"{told.least:,} to {told.most:,}{of}{share}"


def steps_between(low: int, high: int | None, minimum: int, eligible: int | None) -> list[Band]:
    """The bands that counts from `low` to `high` are told as; to the highest there is where nobody knows `high`."""
    last = eligible if high is None else high
    steps = [band(low, minimum, eligible)]
    while last is not None and steps[-1].most is not None and steps[-1].most < last:
        steps.append(band(steps[-1].most + 1, minimum, eligible))
    return steps


def narrowed(
    tables: Sequence[np.ndarray], sizes: np.ndarray | None, bands: Sequence[Sequence[Band]], enough: int | None = None
) -> int:
    """How many more values than one the narrowest told count has left, once all that is told is put together.

    Parameters
    ----------
    tables : sequence of int array, shape (cells,)
        For each table, the number of the told group of each cell of all tables crossed.
    sizes : array, shape (cells,), or None
        Students of each cell, which an attacker is taken to know; None where nobody knows.
    bands : sequence of sequence of Band
        Bands of each table's groups.
    enough : int, optional
        Look no further once a count has fewer left.
    """
    import numpy as np

    given = _limits(tables, sizes, bands)
    left = np.inf
    # The last, a total, is the likeliest to be narrow.
    for row in np.flatnonzero(given.known)[::-1]:
        low, high = given.ends(given.every[[row]].toarray()[0])
        left = min(left, np.floor(high + 1e-6) - np.ceil(low - 1e-6))
        if enough is not None and left < enough:
            break
    return int(left) if np.isfinite(left) else len(tables[0])


def reach(
    tables: Sequence[np.ndarray], sizes: np.ndarray | None, bands: Sequence[Sequence[Band]]
) -> tuple[int, int | None]:
    """Fewest and most answers in all that the bands allow; None where they allow any number. Given as `narrowed`."""
    import numpy as np

    low, high = _limits(tables, sizes, bands).ends(np.ones(len(tables[0])))
    return int(np.ceil(low - 1e-6)), int(np.floor(high + 1e-6)) if np.isfinite(high) else None


@dataclass(frozen=True)
class _Limits:
    """Told sums over cells, and what bounds them: `above @ answers <= limits`, each cell within its own."""

    every: Any
    known: np.ndarray
    above: Any
    limits: np.ndarray
    within: list[tuple[float, float | None]]

    def ends(self, goal: np.ndarray) -> tuple[float, float]:
        """Lowest and highest value of a sum over cells."""
        from scipy.optimize import linprog

        found = [
            linprog(sign * goal, A_ub=self.above, b_ub=self.limits, bounds=self.within, method="highs")
            for sign in (1, -1)
        ]
        unbounded = 3
        low, high = (float("-inf") if one.status == unbounded else one.fun for one in found)
        return low, -high


def _limits(tables: Sequence[np.ndarray], sizes: np.ndarray | None, bands: Sequence[Sequence[Band]]) -> _Limits:
    import numpy as np
    from scipy.sparse import csr_array, vstack

    cells = np.arange(len(tables[0]))
    sums = [
        csr_array((np.ones(len(cells)), (table, cells)), shape=(len(told), len(cells)))
        for table, told in zip(tables, bands, strict=True)
    ]
    every = vstack(sums).tocsr()
    least = np.array([one.least for told in bands for one in told], dtype=np.float64)
    most = np.array([np.inf if one.most is None else one.most for told in bands for one in told], dtype=np.float64)
    known = np.isfinite(most)
    above, limits = vstack([every[known], -every]).tocsr(), np.concatenate([most[known], -least])
    within = [(0.0, None if sizes is None else float(n)) for n in (sizes if sizes is not None else cells)]
    return _Limits(every, known, above, limits, within)
