"""ODCS to rules. Total: every construct of a contract becomes a rule, is listed for a person, or raises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from connectedness.declare.contract import Contract, Property
from connectedness.declare.odcs import Spot
from connectedness.validation.expectations import (
    check_pattern,
    check_range,
    check_values,
    is_number,
    settings_of,
    timestamp,
)
from connectedness.validation.levels import level_rules
from connectedness.validation.quality import quality_rules
from connectedness.validation.rules import CrossRule, Expectation, LevelRule, Rule, Suite

LOGICAL_TYPES = ("string", "integer", "number", "boolean", "date", "timestamp")
_INTEGER_BITS = {"8": 8, "16": 16, "32": 32, "64": 64}


def compile_contract(
    contract: Contract,
    codes: Mapping[str, Iterable[int]] | None = None,
    allowed: Mapping[str, Iterable[str]] | None = None,
) -> Suite:
    """Compile a contract to rules.

    Parameters
    ----------
    contract
        As read from its file.
    codes
        Item columns, which no contract lists, and the codes allowed in each.
    allowed
        Columns of the contract and the values allowed in them now (the district's schools, say). A value that is
        not among them breaks the rule `unknown_COLUMN`.

    Returns
    -------
    Suite
        At least one rule, or one line for a person, for every construct.

    Raises
    ------
    DeclarationError
        For a construct, a metric, an argument or a severity that is not known; nothing is dropped silently.
    """
    items = tuple(
        Property(
            spot=Spot(file=contract.spot.file, key=f"item {name}"),
            name=name,
            logical_type="integer",
            required=True,
            enum=tuple(sorted(values)),
        )
        for name, values in (codes or {}).items()
    )
    whole = contract.model_copy(update={"properties": contract.properties + items})
    rules: list[Rule] = []
    for one in whole.properties:
        rules += _property_rules(one, key=whole.primary_key)
    rules += _key_rules(whole)
    rules += [_allowed_rule(whole, column, sorted(values)) for column, values in (allowed or {}).items()]
    checked, cross, texts = quality_rules(whole)
    levels, told = level_rules(whole)
    _named_once([*rules, *checked, *cross, *levels])
    return Suite(
        contract=whole.id,
        version=whole.version,
        table=whole.table,
        max_bad_share=whole.max_bad_share,
        rules=(*rules, *checked),
        levels=tuple(levels),
        cross=tuple(cross),
        for_a_person=(*texts, *told),
        optional=frozenset(one.name for one in whole.properties if one.may_be_absent),
        ask=whole.ask,
    )


def _property_rules(one: Property, key: Sequence[str]) -> Iterator[Rule]:
    name = one.name
    if not one.may_be_absent:
        yield _rule(one, "present", "the table has this column", "expect_column_to_exist", level="dataset")
    yield from _type_rules(one)
    if one.required or name in key:
        yield _rule(one, "required", "is never empty", "expect_column_values_to_not_be_null")
    if one.unique:
        yield _rule(one, "unique", "no value stands twice", "expect_column_values_to_be_unique")
    if one.enum is not None:
        yield _enum_rule(one)
    yield from _option_rules(one)


def _rule(
    one: Property, suffix: str, words: str, expectation: str, level: str = "row", key: str | None = None, **kwargs: Any
) -> Rule:
    return Rule(
        id=f"{one.name}.{suffix}",
        level="dataset" if level == "dataset" else "row",
        severity="critical",
        description=f"{one.name}: {words}",
        spot=_at(one.spot, key or suffix),
        columns=(one.name,),
        expectations=(Expectation(expectation, {"column": one.name, **kwargs, **settings_of(expectation)}),),
    )


def _at(spot: Spot, key: str) -> Spot:
    return spot.model_copy(update={"key": f"{spot.key}.{key}"})


def _type_rules(one: Property) -> Iterator[Rule]:
    if one.logical_type not in LOGICAL_TYPES:
        raise _at(one.spot, "logicalType").error(
            "no table here holds this type.", found=one.logical_type, allowed=", ".join(LOGICAL_TYPES)
        )
    zone = one.options.get("timezone")
    if zone not in (None, True, False) or (zone is not None and one.logical_type != "timestamp"):
        raise _at(one.spot, "logicalTypeOptions.timezone").error(
            "timezone is true or false, of a timestamp.", found=zone
        )
    words = {None: "", True: ", with a time zone", False: ", without a time zone"}[zone]
    yield Rule(
        id=f"{one.name}.type",
        level="dataset",
        severity="critical",
        description=f"{one.name}: is of type {one.logical_type}{words}",
        spot=_at(one.spot, "logicalType"),
        columns=(one.name,),
        logical_type=one.logical_type,
        timezone=zone,
    )


def _enum_rule(one: Property) -> Rule:
    spot = _at(one.spot, "enum")
    values = [value for value in one.enum or () if value is not None]
    if not values:
        raise spot.error("an enum needs a value that is not null.")
    check_values(values, one.logical_type, spot)
    words = "is one of " + ", ".join(map(str, values))
    return _rule(one, "enum", words, "expect_column_values_to_be_in_set", value_set=values)


def _option_rules(one: Property) -> Iterator[Rule]:
    for option, value in one.options.items():
        spot = _at(one.spot, f"logicalTypeOptions.{option}")
        if option not in _OPTIONS[one.logical_type]:
            raise spot.error(
                "this option is not checked here.",
                found=f"{option}: {value}",
                todo="Take it out, or write a quality rule that says what you need.",
            )
        if option in _BOUNDS:
            yield _bound_rule(one, option, value, spot)
        elif option in ("minLength", "maxLength"):
            yield _length_rule(one, option, value)
        elif option == "pattern":
            kwargs = {"regex": check_pattern(value, spot)}
            yield _option(one, option, f"matches {value}", "expect_column_values_to_match_regex", kwargs)
        elif option == "format" and one.logical_type == "integer":
            yield _width_rule(one, value, spot)
        elif option != "timezone" and (option, value) not in _AS_KEPT:
            raise spot.error("tables here hold UTC and 64-bit numbers.", found=f"{option}: {value}")
    _check_bounds(one)


_BOUNDS = {
    "minimum": ("is at least", "min_value", ""),
    "exclusiveMinimum": ("is above", "min_value", "strict_min"),
    "maximum": ("is at most", "max_value", ""),
    "exclusiveMaximum": ("is below", "max_value", "strict_max"),
}
_ENDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_OPTIONS = {
    "string": ("minLength", "maxLength", "pattern"),
    "integer": (*_ENDS, "format"),
    "number": (*_ENDS, "format"),
    "boolean": (),
    "date": _ENDS,
    "timestamp": (*_ENDS, "timezone", "defaultTimezone"),
}
# How tables are kept here in any case, so the rule of the type sees to it; `timezone` is part of that rule too.
_AS_KEPT = (("defaultTimezone", "UTC"), ("defaultTimezone", "Etc/UTC"), ("format", "f64"))


def _bound(one: Property, value: Any, spot: Spot) -> Any:
    if one.logical_type in ("date", "timestamp"):
        return timestamp(value, spot)
    if not is_number(value):
        raise spot.error("a bound is a number.", found=repr(value))
    return value


def _check_bounds(one: Property) -> None:
    """Raise DeclarationError when no value can meet both ends."""
    for low, high in (("minimum", "maximum"), ("exclusiveMinimum", "exclusiveMaximum"), ("minLength", "maxLength")):
        if low in one.options and high in one.options:
            spot = _at(one.spot, f"logicalTypeOptions.{low}")
            low_end, high_end = one.options[low], one.options[high]
            if low != "minLength":
                low_end, high_end = _bound(one, low_end, spot), _bound(one, high_end, spot)
            check_range(low_end, high_end, spot)


def _bound_rule(one: Property, option: str, value: Any, spot: Spot) -> Rule:
    words, key, strict = _BOUNDS[option]
    kwargs = {key: _bound(one, value, spot)}
    if strict:
        kwargs[strict] = True
    return _option(one, option, f"{words} {value}", "expect_column_values_to_be_between", kwargs)


def _length_rule(one: Property, option: str, value: Any) -> Rule:
    key, words = ("min_value", "at least") if option == "minLength" else ("max_value", "at most")
    expectation = "expect_column_value_lengths_to_be_between"
    return _option(
        one,
        option,
        f"has {words} {value} characters" if value != 1 else f"has {words} 1 character",
        expectation,
        {key: value},
    )


def _width_rule(one: Property, value: Any, spot: Spot) -> Rule:
    bits = _INTEGER_BITS.get(str(value)[1:])
    if bits is None:
        raise spot.error("no integer here is as wide.", found=value, allowed="i8 to i64, u8 to u64")
    signed = str(value).startswith("i")
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    kwargs = {"min_value": low, "max_value": high}
    return _option(one, "format", f"fits {value}", "expect_column_values_to_be_between", kwargs)


def _option(one: Property, option: str, words: str, expectation: str, kwargs: dict[str, Any]) -> Rule:
    return _rule(one, option, words, expectation, key=f"logicalTypeOptions.{option}", **kwargs)


def _key_rules(contract: Contract) -> Iterator[Rule]:
    """One rule for the whole key: a key of two columns may repeat in each of them."""
    key = contract.primary_key
    declared = [one for one in contract.properties if one.primary_key]
    if len(key) > 1:
        positions = sorted(one.primary_key_position for one in declared)
        if positions != list(range(1, len(key) + 1)):
            raise declared[0].spot.error(
                "the columns of a primary key are numbered from 1, each number once.", found=positions
            )
    if not key:
        return
    name = "expect_column_values_to_be_unique" if len(key) == 1 else "expect_compound_columns_to_be_unique"
    kwargs = {"column": key[0]} if len(key) == 1 else {"column_list": list(key)}
    for one in declared:
        if one.may_be_absent:
            raise one.spot.error("a column of the primary key may not be absent.")
    yield Rule(
        id="primary_key",
        level="row",
        severity="critical",
        description=f"{', '.join(key)}: together they stand in one row only",
        spot=_at(declared[0].spot, "primaryKey"),
        columns=key,
        expectations=(Expectation(name, kwargs | settings_of(name)),),
    )


def _allowed_rule(contract: Contract, column: str, values: list[str]) -> Rule:
    if column not in [one.name for one in contract.properties]:
        raise contract.spot.error("values are allowed for a column that the contract does not have.", found=column)
    return Rule(
        id=f"unknown_{column}",
        level="row",
        severity="critical",
        description=f"{column}: is one of the {len(values)} known",
        spot=contract.spot,
        columns=(column,),
        expectations=(Expectation("expect_column_values_to_be_in_set", {"column": column, "value_set": values}),),
    )


def _named_once(rules: Sequence[Rule | CrossRule | LevelRule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise rule.spot.error("two rules have this id.", found=rule.id, todo="Give one of them an id of its own.")
        seen.add(rule.id)
