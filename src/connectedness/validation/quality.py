"""The `quality` lists of a contract to rules: library metrics, Great Expectations rules, rules in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from connectedness.declare.contract import Contract, Property, Quality
from connectedness.declare.odcs import OPERATORS, Spot
from connectedness.validation.between import ENGINE, cross_rule
from connectedness.validation.expectations import (
    ROW,
    TABLE,
    check_custom,
    check_pattern,
    check_values,
    is_number,
    settings_of,
)
from connectedness.validation.rules import CrossRule, Expectation, Level, Limit, Rule, Severity, TextRule, severity_of

# Keys that describe a rule and change nothing about the check.
_DESCRIBING = {
    "id", "name", "description", "dimension", "businessImpact", "method", "tags", "authoritativeDefinitions",
    "type", "severity",
}  # fmt: skip
_OF_TYPE = {
    "library": {"metric", "arguments", "unit", *OPERATORS},
    "custom": {"engine", "implementation"},
    "text": set(),
}


def quality_rules(contract: Contract) -> tuple[list[Rule], list[CrossRule], list[TextRule]]:
    """Rules of a contract's quality lists: on its own table, between tables, and those for a person to check.

    Raises
    ------
    DeclarationError
        For SQL, another engine, and anything that is not known.
    """
    rules: list[Rule] = []
    cross: list[CrossRule] = []
    texts: list[TextRule] = []
    entries = [(None, quality) for quality in contract.quality]
    entries += [(one, quality) for one in contract.properties for quality in one.quality]  # type: ignore[misc]
    for one, quality in entries:
        kind = _kind(quality)
        if kind == "text":
            texts.append(_text_rule(one, quality, len(texts) + 1))
        elif kind == "library":
            rules.append(_library_rule(contract, one, quality))
        elif _engine(quality) == ENGINE:
            cross.append(_cross_rule(contract, one, quality))
        else:
            rules.append(_custom_rule(contract, one, quality))
    return rules, cross, texts


def _kind(quality: Quality) -> str:
    data, spot = quality.data, quality.spot
    kind = data.get("type", "library")
    if kind == "sql":
        raise spot.error(
            "rules in SQL are not run: there is no database here.",
            todo="Write the rule with a library metric, as a Great Expectations rule, or as text for a person.",
        )
    for key in data:
        if key not in _OF_TYPE[kind] | _DESCRIBING:
            raise spot.error("this key of a rule is not read here, and would be left unheeded.", found=key)
    if kind == "library" and "metric" not in data:
        raise spot.error("this rule says nothing to check.", todo="Give a metric, or make it a rule of type text.")
    return str(kind)


def _text_rule(one: Property | None, quality: Quality, number: int) -> TextRule:
    words = quality.data.get("description") or quality.data.get("name")
    if not words:
        raise quality.spot.error("a rule of type text needs a description.")
    return TextRule(quality.data.get("id") or _own_id(one, f"text_{number}"), words, quality.spot)


def _severity(quality: Quality) -> Severity:
    return severity_of(quality.data.get("severity", "error"), quality.spot)


def _own_id(one: Property | None, what: str) -> str:
    return what if one is None else f"{one.name}.{what}"


def _library_rule(contract: Contract, one: Property | None, quality: Quality) -> Rule:
    data, metric = quality.data, quality.data["metric"]
    limit = _limit(quality)
    arguments = dict(data.get("arguments") or {})
    columns, expectations, words = _METRICS[metric](contract, one, arguments, limit, quality.spot)
    if arguments:
        raise quality.spot.error("this argument is not known to the metric.", found=", ".join(arguments))
    level: Level = "row" if metric != "rowCount" and limit.means_none else "dataset"
    return Rule(
        id=data.get("id") or _own_id(one, metric),
        level=level,
        severity=_severity(quality),
        description=data.get("description") or f"{', '.join(columns) or contract.table}: {words}: {limit}",
        spot=quality.spot,
        columns=columns,
        expectations=expectations,
        limit=None if level == "row" else limit,
    )


def _limit(quality: Quality) -> Limit:
    data, spot = quality.data, quality.spot
    operator = next(key for key in OPERATORS if key in data)
    bounds = data[operator] if isinstance(data[operator], list) else [data[operator]]
    unit = data.get("unit", "rows")
    if unit not in ("rows", "percent"):
        raise spot.error("this unit is not known.", found=unit, allowed="rows, percent")
    if len(bounds) != (2 if operator.endswith("Between") else 1) or not all(is_number(bound) for bound in bounds):
        raise spot.error("this operator takes a number, or two for a range.", found=f"{operator}: {data[operator]}")
    if bounds[0] > bounds[-1]:
        raise spot.error("the smaller number of a range comes first.", found=bounds)
    if unit == "percent" and not all(0 <= bound <= 100 for bound in bounds):
        raise spot.error("a percentage lies between 0 and 100.", found=bounds)
    return Limit(operator, tuple(bounds), unit)


Measured = tuple[tuple[str, ...], tuple[Expectation, ...], str]


def _column(one: Property | None, spot: Spot) -> str:
    if one is None:
        raise spot.error("this metric is of a column, so it stands with a property, not with the table.")
    return one.name


def _of(name: str, **kwargs: Any) -> Expectation:
    return Expectation(name, kwargs | settings_of(name))


def _null_values(_: Contract, one: Property | None, arguments: dict[str, Any], limit: Limit, spot: Spot) -> Measured:
    column = _column(one, spot)
    return (column,), (_of("expect_column_values_to_not_be_null", column=column),), "empty values"


def _missing_values(_: Contract, one: Property | None, arguments: dict[str, Any], limit: Limit, spot: Spot) -> Measured:
    column = _column(one, spot)
    listed = arguments.pop("missingValues", None)
    if not isinstance(listed, list) or not listed:
        raise spot.error("missingValues needs its argument: the list of values that count as missing.")
    values = [value for value in listed if value is not None]
    check_values(values, None if one is None else one.logical_type, spot)
    # The two count different rows: a set never holds an empty value.
    expectations = [_of("expect_column_values_to_not_be_null", column=column)] if None in listed else []
    if values:
        expectations.append(_of("expect_column_values_to_not_be_in_set", column=column, value_set=values))
    return (column,), tuple(expectations), "missing values"


def _invalid_values(_: Contract, one: Property | None, arguments: dict[str, Any], limit: Limit, spot: Spot) -> Measured:
    column = _column(one, spot)
    if len(arguments.keys() & {"validValues", "pattern"}) != 1:
        raise spot.error("invalidValues needs one argument: validValues or pattern.", todo="Write two rules for both.")
    logical_type = None if one is None else one.logical_type
    if "pattern" in arguments:
        if logical_type not in (None, "string"):
            raise spot.error("a pattern is for a column of text.", found=logical_type)
        regex = check_pattern(arguments.pop("pattern"), spot)
        return (column,), (_of("expect_column_values_to_match_regex", column=column, regex=regex),), "invalid values"
    listed = arguments.pop("validValues")
    values = [value for value in listed if value is not None] if isinstance(listed, list) else []
    if not values:
        raise spot.error("validValues is a list with a value that is not null.", found=repr(listed))
    check_values(values, logical_type, spot)
    return (column,), (_of("expect_column_values_to_be_in_set", column=column, value_set=values),), "invalid values"


def _duplicate_values(
    contract: Contract, one: Property | None, arguments: dict[str, Any], limit: Limit, spot: Spot
) -> Measured:
    """Rows whose value, or combination, stands more than once; every copy counts."""
    if one is not None:
        return (one.name,), (_of("expect_column_values_to_be_unique", column=one.name),), "rows that repeat a value"
    listed = arguments.pop("properties", None)
    known = [each.name for each in contract.properties]
    named = [column for column in known if isinstance(listed, list) and column in listed]
    if not named or len(named) != len(listed or ()):
        raise spot.error(
            "duplicateValues of a table needs its argument: properties, a list of columns, each once.",
            found=listed,
            allowed=", ".join(known),
        )
    if len(listed) == 1:
        return tuple(listed), (_of("expect_column_values_to_be_unique", column=listed[0]),), "rows that repeat a value"
    expectation = _of("expect_compound_columns_to_be_unique", column_list=listed)
    return tuple(listed), (expectation,), "rows that repeat a combination"


def _row_count(_: Contract, one: Property | None, arguments: dict[str, Any], limit: Limit, spot: Spot) -> Measured:
    if one is not None:
        raise spot.error("rowCount is of the table, so it does not stand with a property.")
    if limit.unit == "percent":
        raise spot.error("a number of rows has no percentage.", allowed="rows")
    # The engine counts the rows; the limit judges the count, since no expectation has all eight operators.
    return (), (_of("expect_table_row_count_to_be_between", min_value=0),), "rows in the table"


_METRICS: dict[str, Callable[[Contract, Property | None, dict[str, Any], Limit, Spot], Measured]] = {
    "nullValues": _null_values,
    "missingValues": _missing_values,
    "invalidValues": _invalid_values,
    "duplicateValues": _duplicate_values,
    "rowCount": _row_count,
}


def _engine(quality: Quality) -> str:
    return re.sub(r"[^a-z]", "", quality.data["engine"].lower())


def _cross_rule(contract: Contract, one: Property | None, quality: Quality) -> CrossRule:
    if one is not None:
        raise quality.spot.error("a check between tables stands with the table, not with a property.", found=one.name)
    return cross_rule(contract.table, quality, _severity(quality))


def _custom_rule(contract: Contract, one: Property | None, quality: Quality) -> Rule:
    data, spot = quality.data, quality.spot
    if _engine(quality) != "greatexpectations":
        raise spot.error(
            "rules of this engine are not run.", found=data["engine"], allowed=f"greatExpectations, {ENGINE}"
        )
    name, kwargs = _implementation(quality)
    if one is not None:
        for key in {"column", "column_A"} & set((ROW | TABLE).get(name, ((),))[0]):
            kwargs.setdefault(key, one.name)
    known = [each.name for each in contract.properties]
    types = {each.name: each.logical_type for each in contract.properties}
    kwargs = check_custom(name, kwargs, known, types, spot)
    columns = tuple(kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs)
    columns += tuple(kwargs.get("column_list", ()))
    if one is not None and one.name not in columns:
        raise spot.error("this rule stands with a property that it does not check.", found=", ".join(columns))
    row = name in ROW and kwargs.get("mostly", 1) == 1
    if row:
        kwargs.pop("mostly", None)
    words = name.removeprefix("expect_").replace("_", " ")
    return Rule(
        id=data.get("id") or _own_id(one, f"custom.{name.removeprefix('expect_')}"),
        level="row" if row else "dataset",
        severity=_severity(quality),
        description=data.get("description") or f"{', '.join(columns) or contract.table}: {words}",
        spot=spot,
        columns=columns,
        expectations=(Expectation(name, kwargs),),
    )


def _implementation(quality: Quality) -> tuple[str, dict[str, Any]]:
    block, spot = quality.data["implementation"], quality.spot
    if not isinstance(block, dict):
        raise spot.error("the implementation is a block, not text.", allowed="type: expect_..., kwargs: {...}")
    names = [key for key in ("type", "expectation_type") if key in block]
    unknown = sorted(set(block) - {"type", "expectation_type", "kwargs", "meta"})
    if unknown:
        raise spot.error("this key of the implementation is not known.", found=unknown, allowed="type, kwargs, meta")
    if len(names) != 1 or not isinstance(block[names[0]], str):
        raise spot.error("the implementation needs a type, the expectation's name.", allowed="type: expect_...")
    kwargs = block.get("kwargs") or {}
    if not isinstance(kwargs, dict):
        raise spot.error("kwargs is a block.", found=repr(kwargs))
    return block[names[0]], dict(kwargs)
