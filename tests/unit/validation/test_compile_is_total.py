"""Whatever a contract says: every construct becomes a rule, is listed for a person, or raises. None is dropped."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import event, given, settings
from hypothesis import strategies as st

from connectedness.declare.contract import contract_from
from connectedness.declare.source import Source
from connectedness.errors import DeclarationError
from connectedness.validation.compile import compile_contract
from connectedness.validation.expectations import ROW, TABLE

TYPES = ("string", "integer", "number", "boolean", "date", "timestamp", "time", "array", "object")
values = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 9), st.floats(-9, 9), st.sampled_from(["x", "", "^a", "("])
)
numbers = st.one_of(st.integers(-5, 120), st.floats(0, 120))
options = st.dictionaries(
    st.sampled_from(
        ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern", "format"]
        + ["timezone", "defaultTimezone", "multipleOf"]
    ),
    st.one_of(numbers, st.sampled_from(["2026-01-01", "^a", "i16", "f64", "UTC", True, False])),
    max_size=3,
)
operators = st.one_of(
    st.sampled_from(["mustBe", "mustNotBe"]).flatmap(lambda key: values.map(lambda value: {key: value})),
    st.sampled_from(["mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan", "mustBeLessOrEqualTo"]).flatmap(
        lambda key: numbers.map(lambda value: {key: value})
    ),
    st.sampled_from(["mustBeBetween", "mustNotBeBetween"]).flatmap(
        lambda key: st.tuples(numbers, numbers).map(lambda pair: {key: list(pair)})
    ),
)
arguments = st.fixed_dictionaries(
    {},
    optional={
        "missingValues": st.lists(values, max_size=3),
        "validValues": st.lists(values, max_size=3),
        "pattern": st.sampled_from(["^a", "(", "(?=a)", 3]),
        "properties": st.lists(st.sampled_from(["a", "b", "z"]), max_size=3),
        "other": values,
    },
)
described = st.fixed_dictionaries(
    {},
    optional={
        "severity": st.sampled_from(["error", "warning", "info", "Critical", "bad"]),
        "description": st.just("d"),
    },
)
library = st.tuples(
    st.sampled_from(["nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"]),
    operators,
    st.one_of(st.none(), arguments),
    st.sampled_from([None, "rows", "percent", "share"]),
    described,
).map(
    lambda one: {
        "metric": one[0],
        **one[1],
        **({} if one[2] is None else {"arguments": one[2]}),
        **({} if one[3] is None else {"unit": one[3]}),
        **one[4],
    }
)
kwargs = st.dictionaries(
    st.sampled_from(
        sorted({key for must, may in (ROW | TABLE).values() for key in must + may} | {"mostly", "minValue"})
    ),
    st.one_of(values, st.sampled_from(["a", "b"]), st.just(["a", "b"])),
    max_size=3,
)
custom = st.tuples(
    st.sampled_from(["greatExpectations", "great-expectations", "soda"]),
    st.sampled_from(sorted(ROW | TABLE) + ["expect_nothing"]),
    kwargs,
).map(lambda one: {"type": "custom", "engine": one[0], "implementation": {"type": one[1], "kwargs": one[2]}})
between = st.tuples(
    st.sampled_from(["schools_on_roster", "roster_schools_answered", "no_more_answers_than_students", "other"]),
    st.fixed_dictionaries(
        {}, optional={"by": st.sampled_from([["school"], ["school", "grade"], ["a"], 3]), "tolerance": values}
    ),
).map(lambda one: {"type": "custom", "engine": "connectedness", "implementation": {"check": one[0], **one[1]}})
levels = st.lists(
    st.fixed_dictionaries(
        {
            "property": st.sampled_from(
                ["freshness", "latency", "completeness", "responseRate", "retention", "frequency", "complteness"]
            ),
            "value": values,
        },
        optional={
            "unit": st.sampled_from(["d", "h", "percent", "y"]),
            "element": st.sampled_from(["a", "responses.b", "a, b", "school", "other.a"]),
            "customProperties": st.sampled_from(["warning", "error", "grave"]).map(
                lambda word: [{"property": "severity", "value": word}]
            ),
        },
    ),
    max_size=3,
)
others = st.sampled_from(
    [
        {"type": "text", "description": "look"},
        {"type": "text"},
        {"type": "sql", "query": "select 1", "mustBe": 0},
        {"description": "words alone"},
        {"type": "custom", "engine": "greatExpectations", "implementation": "type: x"},
    ]
)
quality = st.lists(st.one_of(library, custom, between, others), max_size=3)
column = st.fixed_dictionaries(
    {"logicalType": st.sampled_from(TYPES)},
    optional={
        "logicalTypeOptions": options,
        "required": st.booleans(),
        "unique": st.booleans(),
        "primaryKey": st.booleans(),
        "primaryKeyPosition": st.integers(1, 2),
        "enum": st.lists(values.map(lambda value: {"value": value}), min_size=1, max_size=3),
        "quality": quality,
    },
)


def with_ids(rules: list, before: str) -> list:
    return [{"id": f"{before}{i}", **rule} for i, rule in enumerate(rules)]


def constructs(table: dict) -> set[str]:
    """Key paths of everything in the table that asks for a check."""
    asked = {f"schema[0].quality[{i}]" for i in range(len(table["quality"]))}
    for i, one in enumerate(table["properties"]):
        at = f"schema[0].properties[{i}]"
        asked |= {f"{at}.{key}" for key in ("required", "unique") if one.get(key)}
        asked |= {f"{at}.{key}" for key in ("logicalType", "enum") if key in one}
        folded = {"timezone", "defaultTimezone"} | ({"format"} if one["logicalType"] == "number" else set())
        asked |= {f"{at}.logicalTypeOptions.{key}" for key in one.get("logicalTypeOptions", {}) if key not in folded}
        asked |= {f"{at}.quality[{k}]" for k in range(len(one.get("quality", [])))}
    return asked


@settings(max_examples=250, deadline=None)
@given(st.lists(column, min_size=1, max_size=2), quality, levels)
def test_every_construct_is_compiled_listed_or_refused(columns, rules, agreed):
    table = {
        "name": "responses",
        "quality": with_ids(rules, "t"),
        "properties": [
            {"name": name, **one, "quality": with_ids(one.get("quality", []), name)}
            for name, one in zip("ab", columns, strict=False)
        ],
    }
    whole = {"kind": "DataContract", "apiVersion": "v3.2.0", "id": "c", "version": "1", "schema": [table]}
    whole["slaProperties"] = agreed
    try:
        suite = compile_contract(contract_from(Source(Path("c.yaml"), json.dumps(whole))))
    except DeclarationError as error:
        assert error.problem
        event("refused")
        return
    event("compiled")
    compiled = {rule.spot.key for rule in (*suite.rules, *suite.cross, *suite.levels, *suite.for_a_person)}
    assert constructs(table) | {f"slaProperties[{i}]" for i in range(len(agreed))} <= compiled
    keys = {one["name"] for one in table["properties"] if one.get("primaryKey")}
    assert ("primary_key" in {rule.id for rule in suite.rules}) == bool(keys)
    assert all(rule.expectations or rule.logical_type for rule in suite.rules)
    every = (*suite.rules, *suite.cross, *suite.levels)
    assert len({rule.id for rule in every}) == len(every)


@settings(max_examples=120, deadline=None)
@given(library)
def test_a_metric_of_a_column_always_gives_one_rule_or_raises(rule):
    table = {"name": "t", "properties": [{"name": "a", "logicalType": "string", "quality": [{"id": "r", **rule}]}]}
    whole = {"kind": "DataContract", "apiVersion": "v3.2.0", "id": "c", "version": "1", "schema": [table]}
    try:
        suite = compile_contract(contract_from(Source(Path("c.yaml"), json.dumps(whole))))
    except DeclarationError:
        return
    assert [made.id for made in suite.rules] == ["a.present", "a.type", "r"]


LIMITS = st.one_of(
    st.sampled_from(["mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan"]).flatmap(
        lambda key: st.integers(0, 100).map(lambda value: {key: value})
    ),
    st.sampled_from(["mustBeBetween", "mustNotBeBetween"]).flatmap(
        lambda key: st.tuples(st.integers(0, 50), st.integers(51, 100)).map(lambda pair: {key: list(pair)})
    ),
)
SOUND = {
    "string": {
        "logicalTypeOptions": [{"minLength": 1}, {"maxLength": 3, "pattern": "^a"}],
        "enum": [[{"value": "x"}], [{"value": "x"}, {"value": None}]],
        "arguments": [{"validValues": ["x", None]}, {"pattern": "^a"}],
    },
    "integer": {
        "logicalTypeOptions": [{"minimum": 1, "maximum": 1}, {"exclusiveMinimum": 0}, {"format": "u8"}],
        "enum": [[{"value": 1}]],
        "arguments": [{"validValues": [1, 2]}],
    },
    "number": {
        "logicalTypeOptions": [{"minimum": -0.5, "exclusiveMaximum": 2}, {"format": "f64"}],
        "enum": [[{"value": 1.5}]],
        "arguments": [{"validValues": [1.5, 2]}],
    },
}
sound_rule = st.sampled_from(["nullValues", "missingValues", "invalidValues", "duplicateValues"])


@st.composite
def sound_columns(draw):
    kind = draw(st.sampled_from(sorted(SOUND)))
    sound = SOUND[kind]
    one = {"logicalType": kind, "required": draw(st.booleans()), "unique": draw(st.booleans()), "quality": []}
    for key in ("logicalTypeOptions", "enum"):
        if draw(st.booleans()):
            one[key] = draw(st.sampled_from(sound[key]))
    for metric in draw(st.lists(sound_rule, max_size=4)):
        rule = {"metric": metric, **draw(LIMITS), "unit": draw(st.sampled_from(["rows", "percent"]))}
        if metric == "invalidValues":
            rule["arguments"] = draw(st.sampled_from(sound["arguments"]))
        if metric == "missingValues":
            rule["arguments"] = {"missingValues": [None]}
        one["quality"].append(rule)
    return one


@settings(max_examples=60, deadline=None)
@given(st.lists(sound_columns(), min_size=2, max_size=2), LIMITS)
def test_sound_constructs_compile_in_any_combination(columns, limit):
    table = {
        "name": "t",
        "quality": with_ids(
            [
                {"metric": "rowCount", **limit},
                {"metric": "duplicateValues", **limit, "arguments": {"properties": ["a", "b"]}},
                {"type": "text", "description": "look"},
            ],
            "t",
        ),
        "properties": [
            {"name": name, **one, "quality": with_ids(one["quality"], name)}
            for name, one in zip("ab", columns, strict=True)
        ],
    }
    whole = {"kind": "DataContract", "apiVersion": "v3.2.0", "id": "c", "version": "1", "schema": [table]}
    suite = compile_contract(contract_from(Source(Path("c.yaml"), json.dumps(whole))))
    compiled = {rule.spot.key for rule in suite.rules} | {text.spot.key for text in suite.for_a_person}
    assert constructs(table) <= compiled
