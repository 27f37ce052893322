"""Which code or label of a column is which code of its item: by equality, as the readers have it, never by likeness."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from connectedness.declare.columns import ColumnMap
from connectedness.declare.instrument import Instrument
from connectedness.ingest.answers import OUTSIDE, TEXT, Answers, code_key, read_answers
from connectedness.ingest.cells import Export, distinct_texts, same
from connectedness.ingest.clock import DayOrder, iso_times
from connectedness.ingest.export import column_chunks
from connectedness.ingest.facts import moments
from connectedness.ingest.marks import set_apart

_NUMBER = re.compile(r"[+-]?\d+")
_MOST_TEXTS = 20_000


@dataclass
class Codes:
    """What is known of an item's codes.

    Attributes
    ----------
    codes : dict
        What to write into the map: code or label of the file, and the item's code. Empty where nothing need be written.
    why : str
        In words, how the codes were found; "" where there is nothing to say.
    strange : dict
        Labels of the survey tool's own definition that no code of the item has, by the file's code.
    words : dict
        Item's code of each label that is declared but that the item's own labels do not explain: by the person, or by
        the definition where the item has no labels of its own. For a file of labels.
    usable : bool
        False where not one label of the definition is known, so that a number of the file must not count as it is.
    """

    codes: dict[str, int] = field(default_factory=dict)
    why: str = ""
    strange: dict[str, str] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    usable: bool = True


def codes_of_labels(
    item: str, instrument: Instrument, labels: Mapping[str, str], synonyms: Mapping[str, int] | None = None
) -> Codes:
    """Compare the labels that a file or a definition gives its codes with those of the item's codes.

    Where the labels say that the file's codes are other than the item's, each is translated; a code whose label is not
    known is then none. Where the item has no labels, its codes are compared, and nothing is translated. `synonyms` are
    labels that the person declares, and the item's code of each.
    """
    base = _own(item, instrument)
    own = base | {same(label): code for label, code in (synonyms or {}).items()}
    words = {label: code for label, code in (synonyms or {}).items() if base.get(same(label)) != code}
    codes = {str(code): code for code in instrument.codes(item)}
    missing = {str(code) for code in instrument.missing}
    if not labels:
        return Codes(words=words)
    if not own:
        strange = {code: label for code, label in labels.items() if same(code) not in codes.keys() | missing}
        words = {label: codes[same(code)] for code, label in labels.items() if same(code) in codes}
        return Codes(strange=strange, words=words)
    found = {code: own[same(label)] for code, label in labels.items() if same(label) in own}
    strange = {code: label for code, label in labels.items() if code not in found and same(code) not in missing}
    taken_as_is = any(same(code) in codes for code in strange)
    if not found:
        return Codes(strange=strange, words=words, usable=not taken_as_is)
    same_codes = all(_NUMBER.fullmatch(same(code)) and same(code) == str(mine) for code, mine in found.items())
    if same_codes and not taken_as_is:
        return Codes(why="codes with the same labels", strange=strange, words=words)
    return Codes(dict(found), "codes by their labels", strange, words)


def _own(item: str, instrument: Instrument) -> dict[str, int]:
    """Labels of the item's codes, English and French; one that two codes share is left out."""
    found: dict[str, set[int]] = {}
    for option in instrument.option_sets[instrument.item_by_id[item].options].options:
        for text in (option.label.en, option.label.fr) if option.label else ():
            if text:
                found.setdefault(same(text), set()).add(option.code)
    return {label: codes.pop() for label, codes in found.items() if len(codes) == 1}


@dataclass
class Held:
    """What an item's column holds that is no code: labels that enough rows hold, and the number of rows of the rest.

    `declared` says that the column holds labels that the item's own do not explain and that are declared elsewhere.
    """

    labels: dict[str, int] = field(default_factory=dict)
    rare: int = 0
    outside: int = 0
    declared: bool = False


@dataclass
class _Column:
    """One item's column, chunk by chunk."""

    item: str
    instrument: Instrument
    explained: set[str]
    texts: Counter[str] = field(default_factory=Counter)
    too_many: int = 0
    outside: int = 0
    declared: bool = False

    def take(self, chunk: Export, columns: ColumnMap, counted: np.ndarray) -> None:
        column = columns.items[self.item]
        key = code_key(self.item, self.instrument, column, columns, chunk.words(column.column))
        answers = read_answers(chunk.cells[column.column], key)
        self.outside += int(((answers.fault == OUTSIDE) & counted).sum())
        for text, rows in _unknown(answers, counted).items():
            if same(text) in self.explained:
                self.declared = True
            elif text in self.texts or len(self.texts) < _MOST_TEXTS:
                self.texts[text] += rows
            else:  # free writing, taken for an item
                self.too_many += rows

    def held(self, at_least: int) -> Held:
        common = {text: n for text, n in self.texts.most_common() if n >= at_least}
        rare = self.texts.total() - sum(common.values()) + self.too_many
        return Held(common, rare, self.outside, self.declared)


def held_by_items(
    path: Path,
    columns: ColumnMap,
    of: Mapping[str, Instrument],
    words: Mapping[str, Mapping[str, int]],
    at_least: int,
) -> tuple[dict[str, Held], set[str]]:
    """Read the items' columns as a run would, and count what is no code; and which columns of times cannot be read.

    Raises
    ------
    ContractError
        When the file does not hold.
    """
    times = [_Times(name) for name in (columns.columns.started_at, columns.columns.submitted_at) if name]
    items = [_Column(item, of[item], {same(text) for text in words.get(item, {})}) for item in columns.items]
    wanted = dict.fromkeys([*(one.column for one in columns.items.values()), *(one.name for one in times)])
    for chunk in column_chunks(path, path.name, columns, list(wanted)):
        counted = ~(set_apart(chunk, columns) | chunk.ragged | chunk.empty)
        for item in items:
            item.take(chunk, columns, counted)
        for time in times:
            time.take(chunk, counted)
    return {one.item: one.held(at_least) for one in items}, {one.name for one in times if one.unread}


def rows_of_codes(path: Path, columns: ColumnMap, codes: Mapping[str, Collection[str]]) -> dict[str, Counter[str]]:
    """Rows that hold each of these codes, by column: a label that one row holds may be about that one student.

    Raises
    ------
    ContractError
        When the file does not hold.
    """
    asked = {column: {same(code): code for code in those} for column, those in codes.items()}
    found: dict[str, Counter[str]] = {column: Counter() for column in asked}
    for chunk in column_chunks(path, path.name, columns, list(asked)):
        counted = ~(set_apart(chunk, columns) | chunk.ragged | chunk.empty)
        for column, wanted in asked.items():
            which, texts = distinct_texts(chunk.cells[column])
            rows = np.bincount(which[counted & (which >= 0)], minlength=len(texts))
            for text, n in zip(texts, rows.tolist(), strict=True):
                if n and same(text) in wanted:
                    found[column][wanted[same(text)]] += n
    return found


def _unknown(answers: Answers, counted: np.ndarray) -> dict[str, int]:
    """Rows that hold each text that is no code, among the `counted` rows."""
    rows = np.bincount(answers.which[counted & (answers.fault == TEXT)], minlength=len(answers.distinct))
    return {answers.distinct[place]: int(rows[place]) for place in np.flatnonzero(rows)}


_WAYS: tuple[DayOrder, ...] = ("month_first", "day_first")


@dataclass
class _Times:
    """One column of times, chunk by chunk: which way of writing dates leaves some unread, and whether it matters."""

    name: str
    failing: set[DayOrder] = field(default_factory=set)
    differ: bool = False
    tool: bool = False

    def take(self, chunk: Export, counted: np.ndarray) -> None:
        cells, self.tool = chunk.text(self.name), chunk.tool
        read = {way: iso_times(cells, way) for way in _WAYS}
        self.differ |= bool((read["month_first"] != read["day_first"]).any())
        self.failing |= {way for way, one in read.items() if (moments(one, chunk.timezone or "UTC")[1] & counted).any()}

    @property
    def unread(self) -> bool:
        """Nothing reads them, or they may be read in two ways and nothing says which."""
        # A tool writes all its dates one way, so a day above 12 tells it.
        return len(self.failing) == 2 or (self.differ and not (self.tool and self.failing))
