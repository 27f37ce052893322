"""The answers to an instrument's items in a table: which column holds which item, and what each value in it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.declare.instrument import MISSING_CODES, Instrument
from connectedness.declare.registry import require_verified
from connectedness.errors import ContractError

# What a value can be. "undeclared" is a value that is neither a code of the item nor a declared missing code.
KINDS = ("answered", *MISSING_CODES, "undeclared")
ANSWERED, NOT_ASKED, UNDECLARED = KINDS.index("answered"), KINDS.index("not_asked"), KINDS.index("undeclared")
# Stands for text, fractions and numbers too large where a code belongs; no instrument can declare it.
_NOT_A_CODE = -32768
# A key has one place for every int16, found by the code's bits read as a uint16: no bounds, no gaps, no search.
_PLACES = 1 << 16
_FEW = 16

Codes = NDArray[np.int16]


@dataclass(frozen=True)
class ItemKey:
    """What each possible int16 means for one item: its kind, its points, and whether it is favourable."""

    kind: NDArray[np.uint8]
    points: NDArray[np.int32]
    favourable: NDArray[np.uint8]


def item_key(instrument: Instrument, item_id: str) -> ItemKey:
    """Key of one item. Points and favourable are 0 wherever the kind is not answered."""
    kind = np.full(_PLACES, UNDECLARED, np.uint8)
    points, favourable = np.zeros(_PLACES, np.int32), np.zeros(_PLACES, np.uint8)
    for name, code in MISSING_CODES.items():
        kind[code] = KINDS.index(name)
    for code, name in instrument.missing.items():
        if _fits(code):
            kind[code] = KINDS.index(name)
    for code, earned in instrument.points(item_id).items():
        kind[code], points[code] = ANSWERED, earned
    favourable[list(instrument.favourable_codes(item_id))] = 1
    return ItemKey(kind, points, favourable)


def places(codes: Codes) -> NDArray[np.uint16]:
    """Where each code stands in an `ItemKey`."""
    return np.ascontiguousarray(codes).view(np.uint16)


def as_codes(column: pd.Series, instrument: Instrument) -> Codes:
    """A column as int16 codes: blank is skipped; text, fractions and numbers too large stand for no code at all.

    A declared missing code too large for int16, such as 99999, becomes the engine's own code for its kind.
    """
    if column.dtype == np.int16:
        return column.to_numpy()
    # A category's numbers are read from its labels, never from their positions.
    plain = column.astype(object) if isinstance(column.dtype, pd.CategoricalDtype) else column
    if pd.api.types.is_complex_dtype(plain):
        values = plain.to_numpy()
        plain = pd.Series(np.where(values.imag == 0, values.real, np.inf))  # what is not real is no code
    blank = plain.isna().to_numpy(dtype=bool, copy=True)
    if not (pd.api.types.is_numeric_dtype(plain) or pd.api.types.is_bool_dtype(plain)):
        words = plain.astype(object).fillna("").astype(str).str.strip()
        blank |= (words == "").to_numpy(dtype=bool)
    numbers = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    # Comparisons with NaN are false, so what could not be read as a number fails here too.
    whole = _fits(numbers) & (np.floor(numbers) == numbers)
    codes = np.where(whole, numbers, _NOT_A_CODE).astype(np.int16)
    for code, name in instrument.missing.items():
        if not _fits(code):
            codes[numbers == code] = MISSING_CODES[name]
    codes[blank] = MISSING_CODES["skipped"]
    return codes


def find_columns(frame: pd.DataFrame, instrument: Instrument) -> dict[str, str]:
    """Column of each item that the table holds: the one named by the item's id, else by its variable.

    Raises
    ------
    ContractError
        When the table holds none of the instrument's items, or the same column twice.
    DeclarationError
        When a licence binds the instrument and it has no key.
    """
    if not isinstance(frame, pd.DataFrame):
        raise ContractError("this is no table.", found=type(frame).__name__, allowed="a pandas DataFrame")
    require_verified(instrument, accepted=True)
    found = {}
    for item in instrument.items:
        for name in (item.id, item.variable):
            if name is not None and name in frame.columns:
                found[item.id] = name
                break
    if not found:
        raise ContractError(
            f"this table has no column of {instrument.pinned}.",
            found=_listed(map(str, frame.columns)),
            allowed=_listed(item.variable or item.id for item in instrument.items),
            todo="Rename the columns, or use a column map that says which column is which item.",
        )
    names = list(frame.columns)
    for name in found.values():
        if names.count(name) > 1:
            raise ContractError("this column stands twice.", column=name, todo="Keep one of the two, or rename one.")
    return found


def count_kinds(codes: Codes, key: ItemKey) -> dict[str, int]:
    """How many values of a column are of each kind; they add up to its rows."""
    by_kind = dict.fromkeys(KINDS, 0)
    for code, n in _frequencies(codes):
        by_kind[KINDS[key.kind[code]]] += n
    return by_kind


def _frequencies(codes: Codes) -> Iterable[tuple[int, int]]:
    """Each code that occurs, and how often. A few codes are compared one by one, faster than they can be tallied."""
    low, high = (int(codes.min()), int(codes.max())) if len(codes) else (0, -1)
    if high - low < _FEW:
        return [(code, int(np.count_nonzero(codes == code))) for code in range(low, high + 1)]
    tallied = np.bincount(places(codes), minlength=_PLACES)
    return [(int(place), int(tallied[place])) for place in np.flatnonzero(tallied)]


def points_of(
    frame: pd.DataFrame, columns: dict[str, str], instrument: Instrument, items: Sequence[str]
) -> pd.DataFrame:
    """Points of each item as floats, null where there is no answer; columns in the order of `items`."""
    points = {}
    for item in items:
        if item not in columns:
            points[item] = np.full(len(frame), np.nan)
            continue
        key, at = item_key(instrument, item), places(as_codes(frame[columns[item]], instrument))
        points[item] = np.where(key.kind[at] == ANSWERED, key.points[at], np.nan)
    return pd.DataFrame(points, index=frame.index)


def _fits(number: Any) -> Any:
    return np.abs(number) <= 32767


def _listed(names: Iterable[str], most: int = 20) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
