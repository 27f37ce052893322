"""Which column holds which item: by name where a name says it, else by the question's text, one column to one item."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectedness.declare.instrument import Item
from connectedness.ingest.cells import tidy
from connectedness.ingest.described import DescribedColumn
from connectedness.ingest.propose_words import bare, likeness

LEAST, MARGIN = 0.75, 0.05
"""Texts less alike than LEAST are not proposed; two that differ by less than MARGIN are not chosen between."""

_ASKED = ("question", "gathered")


@dataclass(frozen=True)
class Match:
    """An item's column and why: `likeness` is below 1 where the texts are only alike to the own or given `wording`."""

    column: DescribedColumn
    why: str
    likeness: float = 1.0
    wording: str = ""


@dataclass
class Matching:
    """Columns found, by item; and the columns that come so close to each other that none was chosen."""

    found: dict[str, Match] = field(default_factory=dict)
    close: dict[str, list[Match]] = field(default_factory=dict)

    def taken(self, column: DescribedColumn) -> bool:
        """Whether an item has this column."""
        return any(one.column is column for one in self.found.values())


def match_items(
    items: Sequence[Item], columns: Sequence[DescribedColumn], wording: Mapping[str, Sequence[str]], tool: str
) -> Matching:
    """Find each item's column.

    A name counts before a text: the item's id, then its variable, then either of them but for case and marks, then a
    row's code in a table of questions. A column has several names where the survey tool gives it several.
    """
    out = Matching()
    rules: list[tuple[str, Callable[[Item], str], Callable[[DescribedColumn], Iterable[str]]]] = [
        ("same id", lambda item: item.id, _names),
        ("the instrument's variable", lambda item: item.variable or "", _names),
        ("same id but for case and marks", lambda item: bare(item.id), _bare_names),
        ("the instrument's variable but for case and marks", lambda item: bare(item.variable or ""), _bare_names),
        ("same id as the code of this row", lambda item: bare(item.id), lambda one: _row_codes(one, tool)),
    ]
    for why, wanted, names in rules:
        _by_name(out, items, columns, why, wanted, names)
    _by_text(out, items, [one for one in columns if one.kind in _ASKED], wording)
    return out


def _names(column: DescribedColumn) -> list[str]:
    return [tidy(name) for name in (column.name, *column.other_names)]


def _bare_names(column: DescribedColumn) -> list[str]:
    return [bare(name) for name in (column.name, *column.other_names)]


def _row_codes(column: DescribedColumn, tool: str) -> list[str]:
    """`hrbelpart` of `Q2[hrbelpart]`, and of `Q2_hr_bel_part` where the tool writes a row's code or tag so."""
    names = (column.name, *column.other_names)
    codes = [match[1] for name in names if (match := re.search(r"\[([^\[\]\s]+)\]$", name))]
    if tool in ("limesurvey", "qualtrics"):
        codes += [name[match.end() :] for name in names if " " not in name for match in re.finditer("_", name)]
    return [bare(code) for code in codes]


def _by_name(
    out: Matching,
    items: Sequence[Item],
    columns: Sequence[DescribedColumn],
    why: str,
    wanted: Callable[[Item], str],
    names: Callable[[DescribedColumn], Iterable[str]],
) -> None:
    called: dict[str, list[DescribedColumn]] = defaultdict(list)
    for column in columns:
        for name in set(names(column)) - {""}:
            called[name].append(column)
    asking: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.id not in out.found and item.id not in out.close and wanted(item):
            asking[wanted(item)].append(item)
    for name, those in asking.items():
        free = [one for one in called.get(name, []) if not out.taken(one)]
        for item in those:
            if len(free) == 1 and len(those) == 1:
                out.found[item.id] = Match(free[0], why)
            elif free:
                out.close[item.id] = [Match(one, why) for one in free]


def _by_text(
    out: Matching, items: Sequence[Item], columns: Sequence[DescribedColumn], wording: Mapping[str, Sequence[str]]
) -> None:
    """Pairs that are clearly the best for both sides are taken; then those left are looked at again."""
    pairs = {
        (item.id, at): best
        for item in items
        if item.id not in out.found and item.id not in out.close
        for at, column in enumerate(columns)
        if not out.taken(column) and (best := _best(column, wording.get(item.id, ())))
    }
    while clear := _clear(pairs):
        for (item_id, at), match in clear.items():
            out.found[item_id] = match
            pairs = {key: one for key, one in pairs.items() if key[0] != item_id and key[1] != at}
    for (item_id, _), match in sorted(pairs.items(), key=lambda pair: -pair[1].likeness):
        out.close.setdefault(item_id, []).append(match)


def _best(column: DescribedColumn, wordings: Sequence[str]) -> Match | None:
    question = column.question or column.name
    scored = [(likeness(question, text, LEAST), text) for text in wordings]
    score, text = max(scored, default=(0.0, ""))
    if score < LEAST:
        return None
    return Match(column, "same question text" if score == 1 else "question text", score, text)


def _clear(pairs: dict[tuple[str, int], Match]) -> dict[tuple[str, int], Match]:
    """Pairs whose rivals, for the item and for the column, are all less alike by the margin.

    Where the words are the same, only the same words are a rival.
    """
    of_item: dict[str, list[float]] = defaultdict(list)
    of_column: dict[int, list[float]] = defaultdict(list)
    for (item_id, at), one in pairs.items():
        of_item[item_id].append(one.likeness)
        of_column[at].append(one.likeness)
    return {
        (item_id, at): one
        for (item_id, at), one in pairs.items()
        if _leads(one.likeness, of_item[item_id]) and _leads(one.likeness, of_column[at])
    }


def _leads(likeness: float, all_of_them: Sequence[float]) -> bool:
    return sum(other > likeness - (MARGIN if likeness < 1 else 1e-9) for other in all_of_them) == 1
