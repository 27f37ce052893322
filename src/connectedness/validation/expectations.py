"""The expectations that are run, what each must and may be given, and the check of what a contract gives them.

Row expectations judge each row, and `masks.py` finds the same rows. The others judge the table as a whole. What is
not here is refused: an expectation whose effect nobody has tried is not a check.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from connectedness.declare.odcs import Spot

_RANGE = ("min_value", "max_value", "strict_min", "strict_max")
# name: (must be given, may be given)
ROW: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "expect_column_values_to_not_be_null": (("column",), ()),
    "expect_column_values_to_be_null": (("column",), ()),
    "expect_column_values_to_be_in_set": (("column", "value_set"), ()),
    "expect_column_values_to_not_be_in_set": (("column", "value_set"), ()),
    "expect_column_values_to_be_between": (("column",), _RANGE),
    "expect_column_value_lengths_to_be_between": (("column",), _RANGE),
    "expect_column_value_lengths_to_equal": (("column", "value"), ()),
    "expect_column_values_to_match_regex": (("column", "regex"), ()),
    "expect_column_values_to_not_match_regex": (("column", "regex"), ()),
    "expect_column_values_to_be_unique": (("column",), ()),
    "expect_compound_columns_to_be_unique": (("column_list",), ()),
    "expect_column_pair_values_to_be_equal": (("column_A", "column_B"), ()),
    "expect_column_pair_values_a_to_be_greater_than_b": (("column_A", "column_B"), ("or_equal",)),
}
TABLE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "expect_column_to_exist": (("column",), ()),
    "expect_column_max_to_be_between": (("column",), _RANGE),
    "expect_column_min_to_be_between": (("column",), _RANGE),
    "expect_column_mean_to_be_between": (("column",), _RANGE),
    "expect_column_median_to_be_between": (("column",), _RANGE),
    "expect_column_stdev_to_be_between": (("column",), _RANGE),
    "expect_column_sum_to_be_between": (("column",), _RANGE),
    "expect_column_unique_value_count_to_be_between": (("column",), _RANGE),
    "expect_column_proportion_of_unique_values_to_be_between": (("column",), _RANGE),
    "expect_column_proportion_of_non_null_values_to_be_between": (("column",), _RANGE),
    "expect_column_distinct_values_to_be_in_set": (("column", "value_set"), ()),
    "expect_column_distinct_values_to_contain_set": (("column", "value_set"), ()),
    "expect_column_distinct_values_to_equal_set": (("column", "value_set"), ()),
    "expect_table_row_count_to_be_between": ((), _RANGE),
    "expect_table_row_count_to_equal": (("value",), ()),
    "expect_table_column_count_to_be_between": ((), ("min_value", "max_value")),
    "expect_table_column_count_to_equal": (("value",), ()),
    "expect_table_columns_to_match_set": (("column_set",), ("exact_match",)),
}
# How each expectation treats missing values is fixed, so that one is not silently counted the other way.
_FIXED = {
    "expect_compound_columns_to_be_unique": {"ignore_row_if": "any_value_is_missing"},
    "expect_column_pair_values_to_be_equal": {"ignore_row_if": "either_value_is_missing"},
    "expect_column_pair_values_a_to_be_greater_than_b": {"ignore_row_if": "either_value_is_missing"},
}
_COLUMN_KEYS = {"column", "column_A", "column_B", "column_list", "column_set"}
_ORDERED = ("integer", "number", "date", "timestamp")
_WANTED: dict[str, tuple[str, ...]] = {
    "expect_column_values_to_be_between": _ORDERED,
    "expect_column_value_lengths_to_be_between": ("string",),
    "expect_column_value_lengths_to_equal": ("string",),
    "expect_column_values_to_match_regex": ("string",),
    "expect_column_values_to_not_match_regex": ("string",),
    "expect_column_max_to_be_between": _ORDERED,
    "expect_column_min_to_be_between": _ORDERED,
    "expect_column_mean_to_be_between": ("integer", "number"),
    "expect_column_median_to_be_between": ("integer", "number"),
    "expect_column_stdev_to_be_between": ("integer", "number"),
    "expect_column_sum_to_be_between": ("integer", "number"),
}


def settings_of(name: str) -> dict[str, str]:
    """Keyword arguments that this expectation is always given."""
    return dict(_FIXED.get(name, {}))


def check_custom(
    name: str, kwargs: dict[str, Any], known: Collection[str], types: Mapping[str, str], spot: Spot
) -> dict[str, Any]:
    """Check a custom rule's expectation, and return its keyword arguments made ready.

    Parameters
    ----------
    name, kwargs
        As the contract gives them.
    known
        Columns that a rule may name.
    types
        Logical type of each column that has one.
    spot
        Where the rule stands.

    Raises
    ------
    DeclarationError
        For an expectation, an argument or a value that is not known here.
    """
    if name not in ROW and name not in TABLE:
        raise spot.error("this expectation is not run here.", found=name, allowed=", ".join(sorted({**ROW, **TABLE})))
    must, may = (ROW if name in ROW else TABLE)[name]
    allowed = (*must, *may, *(("mostly",) if name in ROW else ()))
    for key in kwargs:
        if key not in allowed:
            snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()
            hint = f"Great Expectations writes it {snake}." if snake in allowed and snake != key else None
            raise spot.error(
                "this argument is not known to the expectation.", found=key, allowed=", ".join(allowed), todo=hint
            )
    for key in must:
        if key not in kwargs:
            raise spot.error("an argument of the expectation is missing.", allowed=key)
    if "min_value" in allowed and not {"min_value", "max_value"} & set(kwargs):
        raise spot.error("a range needs min_value or max_value, or both.")
    for key in _COLUMN_KEYS & set(kwargs):
        _check_columns(key, kwargs[key], known, spot)
    ready = {key: _value(key, value, types.get(kwargs.get("column", "")), spot) for key, value in kwargs.items()}
    _check_types(name, ready, types, spot)
    check_range(ready.get("min_value"), ready.get("max_value"), spot)
    return ready | settings_of(name)


def check_range(low: Any, high: Any, spot: Spot) -> None:
    """Raise DeclarationError when the lower end is above the upper."""
    if low is None or high is None:
        return
    if isinstance(low, datetime) != isinstance(high, datetime) or low > high:
        raise spot.error("the lower end of this range is above the upper.", found=f"{low} to {high}")


def check_pattern(pattern: Any, spot: Spot) -> str:
    """The regular expression; raises DeclarationError when it is not one, or uses what not every engine reads."""
    if not isinstance(pattern, str):
        raise spot.error("a pattern is text.", found=repr(pattern), todo="Put it in quotes.")
    try:
        re.compile(pattern)
    except re.error as error:
        raise spot.error(f"this is not a regular expression: {error}.", found=pattern) from None
    if re.search(r"\(\?(?!:)|\\[1-9]", pattern):
        raise spot.error("groups that look around, name or refer back are not read here.", found=pattern)
    return pattern


def timestamp(value: Any, spot: Spot) -> datetime:
    """An ISO 8601 date or time as UTC; one without an offset is UTC already."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise spot.error("this is not a date or time.", found=repr(value), allowed="as in '2026-10-05'") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def check_values(values: Collection[Any], logical_type: str | None, spot: Spot) -> None:
    """Raise DeclarationError when one of the values cannot stand in a column of this type."""
    fits: dict[str | None, Callable[[Any], bool]] = {
        "string": lambda value: isinstance(value, str),
        "boolean": lambda value: isinstance(value, bool),
        "integer": lambda value: is_number(value) and float(value).is_integer(),
        "number": is_number,
        None: lambda value: isinstance(value, str | bool) or is_number(value),
    }
    if logical_type not in fits:
        raise spot.error("a list of values is not read for dates and times.", todo="Give a minimum and a maximum.")
    for value in values:
        if not fits[logical_type](value):
            todo = "Put it in quotes." if logical_type == "string" else None
            raise spot.error(
                "this value cannot stand in this column.", found=repr(value), allowed=logical_type, todo=todo
            )


def is_number(value: Any) -> bool:
    """Whether it is a finite number, and not true or false."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_types(name: str, kwargs: dict[str, Any], types: Mapping[str, str], spot: Spot) -> None:
    columns = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
    found = {types.get(column) for column in columns} - {None}
    if "value_set" in kwargs:
        check_values(kwargs["value_set"], types.get(kwargs["column"]), spot)
    wanted = _WANTED.get(name)
    if len(found) > 1 or (wanted is not None and found - set(wanted)):
        raise spot.error(
            "this expectation does not fit the type of its column.",
            found=", ".join(sorted(map(str, found))),
            allowed="two columns of one type" if wanted is None else " or ".join(wanted),
        )


def _value(key: str, value: Any, logical_type: str | None, spot: Spot) -> Any:
    if key in _COLUMN_KEYS:
        return value
    if key == "regex":
        return check_pattern(value, spot)
    if key in ("min_value", "max_value") and logical_type in ("date", "timestamp"):
        return timestamp(value, spot)
    fits = {
        "value_set": lambda: isinstance(value, list) and bool(value) and all(one is not None for one in value),
        "mostly": lambda: is_number(value) and 0 <= value <= 1,
        "value": lambda: is_number(value) and float(value).is_integer(),
        "min_value": lambda: is_number(value),
        "max_value": lambda: is_number(value),
    }.get(key, lambda: isinstance(value, bool))
    if not fits():
        raise spot.error("this value does not fit the argument.", found=f"{key}: {value!r}")
    return value


def _check_columns(key: str, value: Any, known: Collection[str], spot: Spot) -> None:
    several = key in ("column_list", "column_set")
    names = value if several and isinstance(value, list) else [value]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise spot.error(
            "this is not a column of the contract.", found=unknown, allowed=", ".join(sorted(known)) or "none"
        )
    if several and (not isinstance(value, list) or len(set(names)) < (2 if key == "column_list" else 1)):
        raise spot.error("two or more columns belong here, in a list.", found=value)
