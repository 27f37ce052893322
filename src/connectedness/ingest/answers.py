"""Cells to codes. A code is never guessed: what is not declared is counted and becomes "invalid"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from connectedness.declare.columns import ColumnMap, ItemColumn
from connectedness.declare.instrument import MISSING_CODES, Instrument, MissingKind
from connectedness.errors import DeclarationError
from connectedness.ingest.cells import ToolWords, distinct_texts, same

FINE, OUTSIDE, TEXT = 0, 1, 2
SKIPPED, NOT_ASKED, INVALID = MISSING_CODES["skipped"], MISSING_CODES["not_asked"], MISSING_CODES["invalid"]
BLANK = -32_000
"""Stands for an empty cell until the whole file has told whether it was skipped or not asked."""
TEXT_KIND = "text where a code belongs"
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


@dataclass(frozen=True)
class Answers:
    """One item's column, read.

    Attributes
    ----------
    codes : array of int16
        The instrument's codes, and the missing codes.
    fault : array of int8
        FINE, OUTSIDE (a number that is no code of the item) or TEXT (words that nothing declared explains).
    which, distinct
        Index into the distinct texts of the column, and those texts: for counting unknown labels only.
    """

    codes: np.ndarray
    fault: np.ndarray
    which: np.ndarray
    distinct: list[str]

    def without(self, hidden: np.ndarray) -> Answers:
        """Blank the rows where `hidden` is true to "not asked"."""
        codes = np.where(hidden, np.int16(NOT_ASKED), self.codes)
        return Answers(codes, np.where(hidden, np.int8(FINE), self.fault), self.which, self.distinct)

    def unknown_labels(self, counted: np.ndarray) -> dict[str, int]:
        """Rows that hold each unknown label, among the `counted` rows."""
        rows = np.bincount(self.which[counted & (self.fault == TEXT)], minlength=len(self.distinct))
        return {self.distinct[place]: int(rows[place]) for place in np.flatnonzero(rows)}

    @property
    def given(self) -> np.ndarray:
        """Rows with an answer."""
        return (self.codes != SKIPPED) & (self.codes != NOT_ASKED) & (self.codes != BLANK)


def code_key(
    item: str,
    instrument: Instrument,
    column: ItemColumn | None = None,
    columns: ColumnMap | None = None,
    tool: ToolWords | None = None,
) -> dict[str, int]:
    """What each text in an item's column means, in the form that `same` gives.

    The map's codes for this item count first, then the map's missing texts, then the instrument's missing codes, then
    the item's own codes. Where the map translates numbers, only those it names are codes. Words that nothing of this
    explains are looked for among the instrument's own labels, English and French, and then among the labels that the
    survey tool declares for its codes; a label that two codes share explains nothing.

    Raises
    ------
    DeclarationError
        When two texts of the map that say the same are given two codes.
    """
    tool = tool or ToolWords()
    translated = _translations(item, column.codes if column else {})
    renumbered = any(_NUMBER.fullmatch(text) for text in translated)
    key = {} if renumbered else {str(code): code for code in instrument.codes(item)}
    key |= {same(text): MISSING_CODES[kind] for text, kind in tool.missing.items() if same(text) not in key}
    key |= {str(code): MISSING_CODES[kind] for code, kind in instrument.missing.items()}
    key[""] = BLANK if tool.blank_is_open and not _says_blank(columns) else MISSING_CODES[_blank(columns, tool)]
    if columns:
        key |= {same(text): MISSING_CODES[kind] for text, kind in columns.missing.items()}
    key |= translated
    key |= _words(_own_labels(item, instrument), key)
    said = ((label, key[same(code)]) for code, label in tool.labels.items() if same(code) in key)
    return key | _words(said, key)


def _says_blank(columns: ColumnMap | None) -> bool:
    return columns is not None and "blank" in columns.model_fields_set


def _blank(columns: ColumnMap | None, tool: ToolWords) -> MissingKind:
    if columns and _says_blank(columns):
        return columns.blank
    return tool.blank or (columns.blank if columns else "skipped")


def _own_labels(item: str, instrument: Instrument) -> list[tuple[str, int]]:
    options = instrument.option_sets[instrument.item_by_id[item].options].options
    return [
        (text, option.code)
        for option in options
        if option.label is not None
        for text in (option.label.en, option.label.fr)
        if text
    ]


def _words(labels: Iterable[tuple[str, int]], known: Mapping[str, int]) -> dict[str, int]:
    """Labels that one code has, and that mean nothing else; a number is a code, and never a label."""
    found: dict[str, set[int]] = {}
    for label, code in labels:
        found.setdefault(same(label), set()).add(code)
    return {
        text: codes.pop()
        for text, codes in found.items()
        if len(codes) == 1 and text not in known and not _NUMBER.fullmatch(text)
    }


def _translations(item: str, codes: Mapping[str, int]) -> dict[str, int]:
    out: dict[str, int] = {}
    for text, code in codes.items():
        if out.setdefault(same(text), code) != code:
            raise DeclarationError(
                "two texts that say the same are given two codes.", key=f"items.{item}.codes", found=text
            )
    return out


def read_answers(cells: pd.Series, key: Mapping[str, int]) -> Answers:
    """Read an item's column; each distinct text is looked up once."""
    which, texts = distinct_texts(cells)
    read = [_read(text, key) for text in texts]
    codes = np.array([code for code, _ in read] or [0], dtype=np.int16)
    faults = np.array([fault for _, fault in read] or [0], dtype=np.int8)
    return Answers(codes[which], faults[which], which, texts)


def not_asked(rows: int) -> Answers:
    """Give the answers to an item that the export does not have."""
    nothing = np.zeros(rows, dtype=np.intp)
    return Answers(np.full(rows, NOT_ASKED, dtype=np.int16), np.zeros(rows, dtype=np.int8), nothing, [""])


def fault_kind(fault: int, codes: tuple[int, ...]) -> str:
    """Say what is wrong with a bad answer, and nothing of the answer."""
    return TEXT_KIND if fault == TEXT else f"a code outside {min(codes)}–{max(codes)}"  # noqa: RUF001


def _read(text: str, key: Mapping[str, int]) -> tuple[int, int]:
    plain = same(text)
    if plain in key:
        return key[plain], FINE
    if not _NUMBER.fullmatch(plain):
        return INVALID, TEXT
    if plain.isdecimal() and len(plain) < 10 and str(int(plain)) in key:  # a code written 01
        return key[str(int(plain))], FINE
    return INVALID, OUTSIDE
