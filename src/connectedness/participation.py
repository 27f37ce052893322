"""Participation while a wave is open: how many have answered so far, of how many, by school and by grade.

Schools are shown these counts, so nothing small may follow from them. Each table (by school, by grade, by learning
mode) is of one division of the same students, with one total. Cells of fewer eligible students than the internal
minimum are joined, with the next smallest where need be, until at least two are joined and they reach the minimum; so
no subtraction from the total gives a small cell. Two tables together give more: schools less the grades that only
they have. Every such difference is worked out, and grades or modes are joined further, or their table is left out,
until none is of fewer students than the minimum. Of three tables, cells of all three are looked at too. A school by
a grade is never told.

Not covered: what two readings on different days tell of those who answered between them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectedness.declare.project import Project, open_project
from connectedness.declare.survey import GRADES, LEARNING_MODES
from connectedness.identity import load_key
from connectedness.tables import UNKNOWN

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

TABLES = ("school", "grade", "learning_mode")
"""What is counted by. The earlier is kept when two together would tell too much."""
_MOST_CELLS = 14  # all sets of a table's cells are tried; there are 14 grades with the unknown one


def participation(root: Path, wave: str) -> dict[str, Any]:
    """Count who has answered so far, against who is eligible. Nothing is written, and no wave is run.

    Parameters
    ----------
    root : path
        Folder of the project.
    wave : str
        Id of a wave; its exports are read as they are now.

    Returns
    -------
    dict
        `minimum`, `total` (`answered`, `eligible`; null where hidden, `eligible` null too without a roster),
        `tables`: by each of `TABLES`, a list of `cells` (names), `answered`, `eligible`; a table that would tell too
        much, or that nobody knows, is missing, and `left_out` says why. `aside`: rows not counted, by reason.

    Raises
    ------
    DeclarationError, ContractError
        As for a run.
    """
    from connectedness.ingest import ingest_wave

    project = open_project(root)
    project.wave(wave)
    found = ingest_wave(project, wave, load_key(project.survey, project.root))
    answered, eligible = _placed(project, found.responses, found.roster)
    counted = protected_counts(answered, eligible, project.policy.minimum["internal"], _order(project))
    titles = {school: title.en for school, title in project.schools.items()}
    rejected = found.rejected[found.rejected["table"] == "responses"]
    aside = {str(rule): int(n) for rule, n in rejected["rule"].value_counts().sort_index().items()}
    return {
        "survey": project.survey.id,
        "wave": wave,
        "closes": project.wave(wave).window[1].isoformat(),
        "minimum": project.policy.minimum["internal"],
        **counted,
        "titles": titles,
        "aside": aside,
        "notes": _notes(len(found.responses), aside, eligible is not None),
    }


def _notes(answers: int, aside: dict[str, int], roster: bool) -> list[str]:
    if not roster:
        return ["There is no roster, so nobody can say how many were asked."]
    strangers = aside.get("not_on_roster", 0)
    if not strangers:
        return []
    note = f"Answers of students who are not on the roster, and so not counted: {strangers:,}."
    if strangers > answers:
        note += " That is most of them: see that the token of the roster (roster.token) is the one in the answers."
    return [note]


def _placed(
    project: Project, responses: pd.DataFrame, roster: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Cells of those who answered and of the eligible; joined by student where the survey has a token."""
    if roster is None:
        return _columns(responses), None
    if not project.survey.anonymous:
        listed = _columns(roster)
        place = roster.set_index("student").index.get_indexer(responses["respondent"])
        return listed.take(place[place >= 0]).reset_index(drop=True), listed
    own, listed = _columns(responses), _columns(roster)
    # Only what both tables know can be counted alike.
    known = [name for name in TABLES if (own[name] != UNKNOWN).any() and (listed[name] != UNKNOWN).any()]
    return own[known], listed[known]


def _columns(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    columns = {name: frame[name].astype("str") if name in frame else UNKNOWN for name in TABLES}
    return pd.DataFrame(columns, index=frame.index)


def _order(project: Project) -> Callable[[str], tuple[int, str]]:
    """How cells are put in order: schools by id, grades and modes as they are declared."""
    known = {name: i for i, name in enumerate((*GRADES, *LEARNING_MODES, UNKNOWN))}
    return lambda name: (known.get(name, -1), name)


def protected_counts(
    answered: pd.DataFrame,
    eligible: pd.DataFrame | None,
    minimum: int,
    order: Callable[[str], Any] = str,
) -> dict[str, Any]:
    """Counts by each column, joined until no cell and no difference of tables is of fewer students than `minimum`.

    Parameters
    ----------
    answered, eligible : DataFrame
        A row per student, a column per table (those of `TABLES`); `eligible` is None where nobody knows. Sizes are
        those of the eligible, else of those who answered.
    minimum : int
    order : callable
        Key that puts the cells of a table in order.

    Returns
    -------
    dict
        `total`, `tables`, `left_out`.
    """
    base = answered if eligible is None else eligible
    if len(base) < minimum:
        hidden = {"answered": None, "eligible": None}
        return {"total": hidden, "tables": {}, "left_out": [f"There are fewer than {minimum} students in all."]}
    total = {"answered": len(answered), "eligible": None if eligible is None else len(eligible)}
    shown: list[_Division] = []
    left_out = []
    for name in (name for name in TABLES if name in base):
        division = _divided(base, answered, name, minimum)
        if division is None:
            left_out.append(f"By {name.replace('_', ' ')}: not known.")
            continue
        safe = _beside(division, shown, base, minimum)
        if safe is None:
            left_out.append(f"By {name.replace('_', ' ')}: fewer than {minimum} students would follow from it.")
        else:
            shown.append(safe)
    tables = {one.name: one.counts(answered, eligible, order) for one in shown}
    return {"total": total, "tables": tables, "left_out": left_out}


@dataclass(frozen=True)
class _Division:
    """The students of a table's cells: groups of values that are told together."""

    name: str
    groups: tuple[tuple[str, ...], ...]

    def of(self, values: pd.Series) -> pd.Series:
        """Number of the group of each value."""
        return values.map({value: i for i, group in enumerate(self.groups) for value in group})

    def joined(self, one: int, other: int) -> _Division:
        """The same with two groups made one."""
        rest = [group for i, group in enumerate(self.groups) if i not in (one, other)]
        return _Division(self.name, (*rest, self.groups[one] + self.groups[other]))

    def counts(
        self, answered: pd.DataFrame, eligible: pd.DataFrame | None, order: Callable[[str], Any]
    ) -> list[dict[str, Any]]:
        """A line a group."""
        told = self.of(answered[self.name]).value_counts()
        asked = None if eligible is None else self.of(eligible[self.name]).value_counts()
        lines = [
            {
                "cells": sorted(group, key=order),
                "answered": int(told.get(i, 0)),
                "eligible": None if asked is None else int(asked.get(i, 0)),
            }
            for i, group in enumerate(self.groups)
        ]
        return sorted(lines, key=lambda line: (len(line["cells"]) > 1, order(line["cells"][0])))


def _divided(base: pd.DataFrame, answered: pd.DataFrame, name: str, minimum: int) -> _Division | None:
    """A table's groups, the small ones joined; None where nobody knows any value."""
    import pandas as pd

    sizes = base[name].value_counts()
    strange = pd.Series(answered[name].unique())
    sizes = sizes.reindex(sizes.index.union(strange[~strange.isin(sizes.index)]), fill_value=0)
    sizes = sizes.sort_index().sort_values(kind="stable")
    if set(sizes.index) <= {UNKNOWN}:
        return None
    small = int((sizes < minimum).sum())
    if small:
        reach = sizes.cumsum().to_numpy() >= minimum
        small = max(small, 2, int(reach.argmax()) + 1)
    values = [str(value) for value in sizes.index]
    joined = (tuple(values[:small]),) if small else ()
    return _Division(name, (*((value,) for value in values[small:]), *joined))


def _beside(division: _Division, shown: Sequence[_Division], base: pd.DataFrame, minimum: int) -> _Division | None:
    """The division, joined until no difference with a shown one is small; None when nothing is left to join."""
    alone = len(division.groups) == 1
    while len(division.groups) > 1:
        groups = division.of(base[division.name])
        cuts = (small_difference(other.of(base[other.name]), groups, minimum) for other in shown)
        cut = next((one for one in cuts if one is not None), None)
        if cut is None:
            tells = len(shown) > 1 and small_cell([*shown, division], base, minimum)
            return None if tells else division
        division = _across(division, cut, base)
    return division if alone else None


def _across(division: _Division, cut: np.ndarray, base: pd.DataFrame) -> _Division:
    """Join the smallest group of a cut with the smallest outside it, so that it is no cut any more."""
    import numpy as np

    sizes = np.bincount(division.of(base[division.name]), minlength=len(division.groups))
    inside, outside = np.flatnonzero(cut), np.flatnonzero(~cut)
    return division.joined(int(inside[sizes[inside].argmin()]), int(outside[sizes[outside].argmin()]))


def small_difference(rows: pd.Series, columns: pd.Series, minimum: int) -> np.ndarray | None:
    """Columns whose rows, less them, leave some students but fewer than `minimum`; None if there are none.

    Parameters
    ----------
    rows, columns : Series of int
        Group of each student in two tables that are both shown.

    Notes
    -----
    From the sums of rows and of columns follows, for every set of columns, the sum of the rows that have a student in
    it, less the set's own: those rows' students outside the set. The difference the other way round is that of the
    other columns. All sets are tried, of which there are few.
    """
    import numpy as np

    width = int(columns.max()) + 1
    n = np.zeros((int(rows.max()) + 1, width))
    np.add.at(n, (rows.to_numpy(), columns.to_numpy()), 1)
    subsets = _subsets(width)
    inside = n @ subsets.T
    left = np.where(inside > 0, n.sum(axis=1)[:, None] - inside, 0.0).sum(axis=0)
    bad = np.flatnonzero((left > 0) & (left < minimum))
    return subsets[bad[0]].astype(bool) if len(bad) else None


def small_cell(divisions: Sequence[_Division], base: pd.DataFrame, minimum: int) -> bool:
    """Whether the sums of several tables determine any cell of all of them crossed that is under the minimum.

    Such a cell is determined when its unit vector lies in the span of the sums, which is when it is its own
    projection onto that span.
    """
    import numpy as np

    groups = np.column_stack([one.of(base[one.name]) for one in divisions])
    cells, n = np.unique(groups, axis=0, return_counts=True)
    sums = np.concatenate([cells[:, i] == np.unique(cells[:, i])[:, None] for i in range(len(divisions))])
    _, strength, span = np.linalg.svd(sums.astype(np.float64), full_matrices=False)
    own = (span[strength > 1e-9] ** 2).sum(axis=0)
    return bool(((own > 1 - 1e-9) & (n < minimum)).any())


def _subsets(width: int) -> np.ndarray:
    """Sets of columns, neither none nor all; of very many columns, sets of one or two, and the others of each."""
    import numpy as np

    if width <= _MOST_CELLS:
        every = (np.arange(1, 2**width - 1)[:, None] >> np.arange(width)) % 2
        return every.astype(np.float64)
    one = np.eye(width)
    two = np.array([one[i] + one[j] for i, j in combinations(range(width), 2)])
    few = np.concatenate([one, two])
    return np.concatenate([few, 1 - few])


def participation_text(found: dict[str, Any]) -> str:
    """What `participation` found, to read in a terminal or to pass on to schools."""
    total = found["total"]
    if total["answered"] is None:
        return "\n".join([f"Wave {found['wave']}: nothing can be shown.", *found["left_out"], *found["notes"]])
    lines = [f"Wave {found['wave']}, open until {found['closes']}: {_of(total)} so far."]
    for name, rows in found["tables"].items():
        named = [(_named(name, row["cells"], found["titles"]), row) for row in rows]
        width = max(len(label) for label, _ in named)
        lines += ["", f"By {name.replace('_', ' ')}:", *(f"  {label:{width}}  {_of(row)}" for label, row in named)]
    joined = any(len(row["cells"]) > 1 for rows in found["tables"].values() for row in rows)
    if joined:
        lines += ["", f"Told together: where fewer than {found['minimum']} students would be told of, or would follow."]
    if found["left_out"] or found["notes"]:
        lines += ["", *found["left_out"], *found["notes"]]
    return "\n".join(lines)


def _of(row: dict[str, Any]) -> str:
    if row["eligible"] is None:
        return f"{row['answered']:,} answered"
    share = f" ({row['answered'] / row['eligible']:.0%})" if row["eligible"] else ""
    return f"{row['answered']:,} of {row['eligible']:,}{share}"


def _named(table: str, cells: Sequence[str], titles: dict[str, str]) -> str:
    names = [f"{one} {titles[one]}" if table == "school" and one in titles else one.replace("_", " ") for one in cells]
    return (
        ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "") if len(names) > 1 else names[0]
    )
