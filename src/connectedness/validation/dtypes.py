"""Whether a column has the type its contract gives it. The engine's own type checks know too little of pandas 3."""

from __future__ import annotations

import pandas as pd
from pandas.api import types


def has_type(column: pd.Series, logical_type: str, timezone: bool | None = None) -> bool:
    """Whether `column` holds values of `logical_type`; a column without any value has every type.

    An `integer` is stored as an integer, never as a float that happens to be whole. `timezone` is whether timestamps
    must carry one (true), must not (false), or may (null).
    """
    if not column.notna().any():
        return True
    if logical_type == "string":
        return not isinstance(column.dtype, pd.CategoricalDtype) and types.is_string_dtype(column.dropna())
    if logical_type == "boolean":
        return types.is_bool_dtype(column)
    if logical_type in ("integer", "number"):
        number = types.is_integer_dtype(column) or (logical_type == "number" and types.is_float_dtype(column))
        return number and not types.is_bool_dtype(column)
    if not types.is_datetime64_any_dtype(column):
        return False
    zoned = isinstance(column.dtype, pd.DatetimeTZDtype)
    whole_days = logical_type == "timestamp" or bool((column.dropna() == column.dropna().dt.normalize()).all())
    return whole_days and timezone in (None, zoned)
