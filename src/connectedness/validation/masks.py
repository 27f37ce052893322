"""Which rows an expectation finds bad, in pandas: what sets rows aside, and what the engine's count is held against."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from connectedness.validation.rules import Expectation

Kwargs = Mapping[str, Any]


def bad_rows(expectation: Expectation, frame: pd.DataFrame) -> np.ndarray:
    """Rows of `frame` that a row expectation finds bad.

    Parameters
    ----------
    expectation
        One of `expectations.ROW`, without `mostly`.
    frame
        The table, n rows.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="This pattern is interpreted", category=UserWarning)
        mask = _MASKS[expectation.type](frame, expectation.kwargs)
    return np.asarray(mask, dtype=bool)


def fitted(expectation: Expectation, frame: pd.DataFrame) -> Expectation:
    """The expectation with its dates as timestamps in the time zone of the column, or in none where it has none."""
    kwargs = {
        key: _moment(value, frame[expectation.kwargs["column"]]) if isinstance(value, datetime) else value
        for key, value in expectation.kwargs.items()
    }
    return Expectation(expectation.type, kwargs)


def _moment(value: datetime, column: pd.Series) -> pd.Timestamp:
    moment = pd.Timestamp(value)
    zone = getattr(column.dtype, "tz", None)
    return moment.tz_localize(None) if zone is None else moment.tz_convert(zone)


def _filled(values: Any) -> np.ndarray:
    """A comparison as plain booleans; where a value was missing it is false."""
    return np.asarray(pd.array(values, dtype="boolean").fillna(False), dtype=bool)


def _unless(column: pd.Series, good: Any) -> np.ndarray:
    return column.notna().to_numpy() & ~_filled(good)


def _null(frame: pd.DataFrame, kwargs: Kwargs) -> Any:
    return frame[kwargs["column"]].isna()


def _not_null(frame: pd.DataFrame, kwargs: Kwargs) -> Any:
    return frame[kwargs["column"]].notna()


def _outside_set(frame: pd.DataFrame, kwargs: Kwargs) -> Any:
    column = frame[kwargs["column"]]
    return _unless(column, column.isin(kwargs["value_set"]))


def _inside_set(frame: pd.DataFrame, kwargs: Kwargs) -> Any:
    column = frame[kwargs["column"]]
    return column.notna() & column.isin(kwargs["value_set"])


def _in_range(values: pd.Series, kwargs: Kwargs) -> np.ndarray:
    inside = np.ones(len(values), dtype=bool)
    if kwargs.get("min_value") is not None:
        low = kwargs["min_value"]
        inside &= _filled(values > low if kwargs.get("strict_min") else values >= low)
    if kwargs.get("max_value") is not None:
        high = kwargs["max_value"]
        inside &= _filled(values < high if kwargs.get("strict_max") else values <= high)
    return inside


def _outside_range(frame: pd.DataFrame, kwargs: Kwargs) -> Any:
    column = frame[kwargs["column"]]
    return _unless(column, _in_range(column, kwargs))


def _wrong_length(frame: pd.DataFrame, kwargs: Kwargs) -> Any:
    column = frame[kwargs["column"]]
    length = column.astype(str).str.len()
    return _unless(column, length == kwargs["value"] if "value" in kwargs else _in_range(length, kwargs))


def _matches(frame: pd.DataFrame, kwargs: Kwargs) -> tuple[pd.Series, np.ndarray]:
    column = frame[kwargs["column"]]
    return column, _filled(column.astype(str).str.contains(kwargs["regex"]))


def _no_match(frame: pd.DataFrame, kwargs: Kwargs) -> Any:
    return _unless(*_matches(frame, kwargs))


def _match(frame: pd.DataFrame, kwargs: Kwargs) -> Any:
    column, found = _matches(frame, kwargs)
    return column.notna().to_numpy() & found


def _repeated(frame: pd.DataFrame, kwargs: Kwargs) -> Any:
    column = frame[kwargs["column"]]
    return column.notna() & column.duplicated(keep=False)


def _repeated_together(frame: pd.DataFrame, kwargs: Kwargs) -> Any:
    columns = frame[list(kwargs["column_list"])]
    return columns.notna().all(axis=1) & columns.duplicated(keep=False)


def _pair(frame: pd.DataFrame, kwargs: Kwargs) -> tuple[pd.Series, pd.Series, np.ndarray]:
    first, second = frame[kwargs["column_A"]], frame[kwargs["column_B"]]
    return first, second, (first.notna() & second.notna()).to_numpy()


def _different(frame: pd.DataFrame, kwargs: Kwargs) -> Any:
    first, second, both = _pair(frame, kwargs)
    return both & ~_filled(first == second)


def _not_greater(frame: pd.DataFrame, kwargs: Kwargs) -> Any:
    first, second, both = _pair(frame, kwargs)
    return both & ~_filled(first >= second if kwargs.get("or_equal") else first > second)


_MASKS: dict[str, Callable[[pd.DataFrame, Kwargs], Any]] = {
    "expect_column_values_to_not_be_null": _null,
    "expect_column_values_to_be_null": _not_null,
    "expect_column_values_to_be_in_set": _outside_set,
    "expect_column_values_to_not_be_in_set": _inside_set,
    "expect_column_values_to_be_between": _outside_range,
    "expect_column_value_lengths_to_be_between": _wrong_length,
    "expect_column_value_lengths_to_equal": _wrong_length,
    "expect_column_values_to_match_regex": _no_match,
    "expect_column_values_to_not_match_regex": _match,
    "expect_column_values_to_be_unique": _repeated,
    "expect_compound_columns_to_be_unique": _repeated_together,
    "expect_column_pair_values_to_be_equal": _different,
    "expect_column_pair_values_a_to_be_greater_than_b": _not_greater,
}
