"""How a survey tool lays out its table: rows of header, names of columns, rows it sets apart, words of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from connectedness.declare.instrument import MissingKind
from connectedness.errors import ContractError
from connectedness.ingest.cells import by_distinct, same, that_say, tidy

Head = Sequence[Sequence[str]]
"""The first rows of a file, header and all."""


@dataclass(frozen=True)
class Column:
    """A column that a map can name: of one place in the file, or made from several.

    `make` is given the cells of `places`, in that order, and gives the cells of this column. A column with a `group`
    is one of the choices of a question. `kind` says what the tool uses it for. What `make` gives for a row depends on
    that row alone, unless the column is `of_all_rows`: its file is then read whole.
    """

    name: str
    places: tuple[int, ...]
    make: Callable[[list[pd.Series]], pd.Series] | None = None
    question: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    kind: str = "question"
    of_all_rows: bool = False


@dataclass(frozen=True)
class Rule:
    """Rows that the tool sets apart: `where` is given the cells of `places`."""

    reason: str
    places: tuple[int, ...]
    where: Callable[[list[pd.Series]], np.ndarray]


@dataclass(frozen=True)
class Layout:
    """What is known of a file before its rows are read.

    `choices` makes the 0/1 column `QUESTION=CHOICE` that a map asks for; None where the file has no such question.
    `padded` says that short rows are not a fault: a workbook ends a row at its last filled cell.
    """

    format: str
    columns: Sequence[Column]
    width: int
    header_rows: int = 1
    rules: Sequence[Rule] = ()
    timezone: str | None = None
    missing: dict[str, MissingKind] = field(default_factory=dict)
    blank_beside: str | None = None
    clean: Callable[[pd.Series], pd.Series] | None = None
    choices: Callable[[str, str], Column | None] | None = None
    notes: Sequence[str] = ()
    tool: bool = True

    def asking(self, names: Collection[str]) -> Layout:
        """The same with the 0/1 columns that are asked for."""
        there = {tidy(one.name) for one in self.columns}
        made = [self._choice(tidy(name)) for name in names if "=" in name and tidy(name) not in there]
        return replace(self, columns=[*self.columns, *(one for one in made if one)])

    def _choice(self, name: str) -> Column | None:
        if self.choices is None:
            return None
        # A question's text may hold an equals sign itself, so each one is tried.
        cuts = [i for i, letter in enumerate(name) if letter == "="]
        made = (self.choices(name[:i].strip(), name[i + 1 :].strip()) for i in cuts)
        return next((replace(one, name=name) for one in made if one), None)


def plain(head: Head) -> Layout:
    """Row 1 names the columns, and that is all."""
    names = list(head[0]) if head else []
    return Layout("csv", [Column(name, (i,)) for i, name in enumerate(names)], len(names), tool=False)


def named(names: Sequence[str], questions: Sequence[str] = (), kinds: Sequence[str] = ()) -> list[Column]:
    """One column a place; names that stand more than once are told apart as `NAME #1`, `NAME #2` as well."""
    columns = [
        Column(
            tidy(name), (i,),
            question=tidy(questions[i]) if i < len(questions) else "",
            kind=kinds[i] if i < len(kinds) else "question",
        )
        for i, name in enumerate(names)
    ]  # fmt: skip
    times = Counter(one.name for one in columns)
    seen: Counter[str] = Counter()
    numbered = []
    for one in columns:
        if one.name and times[one.name] > 1:
            seen[one.name] += 1
            numbered.append(replace(one, name=f"{one.name} #{seen[one.name]}"))
    return columns + numbered


def width_of(*rows: Sequence[str]) -> int:
    """Columns of a header, without empty ones at its end."""
    return max((i + 1 for row in rows for i, cell in enumerate(row) if cell.strip()), default=0)


def padded(row: Sequence[str], width: int) -> list[str]:
    """A row of exactly `width` cells."""
    return [*row[:width], *[""] * (width - len(row))]


def holding(places: dict[str, int], names: Sequence[str]) -> int | None:
    """Place of the first of `names` that is there."""
    return next((places[name] for name in names if name in places), None)


def cells_that(test: Callable[[str], bool]) -> Callable[[list[pd.Series]], np.ndarray]:
    """A rule about one column: each distinct text is tested once."""
    return lambda cells: that_say(cells[0], test)


Make = Callable[[list[pd.Series]], pd.Series]


def in_list(choice: str, separators: Sequence[str]) -> Make:
    """Whether a choice is in a joined list: "1", "0", or "" where nothing was chosen.

    The choice is looked for between separators, not the list cut at them: its own text may hold a comma.
    """
    wanted = same(choice)

    def holds(text: str) -> str:
        plain = same(text)
        if plain in ("", "-99"):
            return ""
        for mark in separators:
            whole = f"{mark}{plain}{mark}"
            if f"{mark}{wanted}{mark}" in whole or f"{mark} {wanted}{mark}" in whole:
                return "1"
        return "0"

    return lambda cells: by_distinct(cells[0], holds)


def one_of_columns(chosen: int, nothing: Collection[str] = ("", "0", "-99")) -> Make:
    """Whether the choice of the column `chosen` was made: "" where none of its question's choices was."""

    def made(cells: list[pd.Series]) -> pd.Series:
        ticked = [~one.isin(list(nothing)).to_numpy() for one in cells]
        some = np.any(ticked, axis=0)
        return pd.Series(np.where(some, np.where(ticked[chosen], "1", "0"), ""), index=cells[0].index, dtype="str")

    return made


def first_filled(cells: list[pd.Series]) -> pd.Series:
    """What stands in the one filled cell of several; two answers are joined, and then say nothing that is known."""
    out = cells[0]
    for one in cells[1:]:
        both = (out != "") & (one != "")
        out = out.where(one == "", one).where(~both, out + ";" + one)
    return out


def not_this_format(tool: str, file: str, allowed: str) -> ContractError:
    """Say that a file is not what the map says it is."""
    return ContractError(
        f"this file is not laid out as an export of {tool}.",
        file=file,
        allowed=allowed,
        todo="Take format: out of the column map, so that the file is looked at, or export it again.",
    )
