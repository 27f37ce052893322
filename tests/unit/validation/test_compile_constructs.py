"""Each construct of a contract, one by one: the rule it becomes, or the refusal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from unit.validation.contract_examples import yaml_contract

from connectedness.errors import DeclarationError
from connectedness.validation.compile import compile_contract


def column(*lines: str, name: str = "a", logical_type: str | None = "string") -> str:
    kind = [] if logical_type is None else [f"logicalType: {logical_type}"]
    return f"      - name: {name}\n" + "".join(f"        {line}\n" for line in [*kind, *lines])


def table(*columns: str, quality: str = "") -> str:
    rules = f"    quality:\n      - {quality}\n" if quality else ""
    return f"{rules}    properties:\n" + "".join(columns)


def rules_of(body: str, **more):
    return {rule.id: rule for rule in compile_contract(yaml_contract(body), **more).rules}


def the_rule(body: str, rule: str):
    return rules_of(body)[rule]


def test_every_column_must_be_there_and_have_its_type():
    rules = rules_of(table(column()))
    assert set(rules) == {"a.present", "a.type"}
    assert rules["a.present"].expectations[0].type == "expect_column_to_exist"
    assert rules["a.type"].logical_type == "string" and rules["a.type"].expectations == ()
    assert {rule.level for rule in rules.values()} == {"dataset"}


def test_a_column_that_may_be_absent_need_not_be_there():
    body = table(column("customProperties: [{property: mayBeAbsent, value: true}]"))
    assert set(rules_of(body)) == {"a.type"}
    assert compile_contract(yaml_contract(body)).optional == {"a"}


@pytest.mark.parametrize(
    ("logical_type", "line", "rule", "expectation", "kwargs"),
    [
        ("string", "required: true", "a.required", "expect_column_values_to_not_be_null", {}),
        ("string", "unique: true", "a.unique", "expect_column_values_to_be_unique", {}),
        ("string", "enum: [{value: x}, {value: y}]", "a.enum", "values_to_be_in_set", {"value_set": ["x", "y"]}),
        ("integer", "enum: [{value: 1}, {value: null}]", "a.enum", "values_to_be_in_set", {"value_set": [1]}),
        ("boolean", "enum: [{value: true}]", "a.enum", "values_to_be_in_set", {"value_set": [True]}),
        ("integer", "logicalTypeOptions: {minimum: 2}", "a.minimum", "to_be_between", {"min_value": 2}),
        ("number", "logicalTypeOptions: {maximum: 2.5}", "a.maximum", "to_be_between", {"max_value": 2.5}),
        (
            "number",
            "logicalTypeOptions: {exclusiveMinimum: 0}",
            "a.exclusiveMinimum",
            "to_be_between",
            {"min_value": 0, "strict_min": True},
        ),
        (
            "integer",
            "logicalTypeOptions: {exclusiveMaximum: 9}",
            "a.exclusiveMaximum",
            "to_be_between",
            {"max_value": 9, "strict_max": True},
        ),
        ("integer", "logicalTypeOptions: {format: i8}", "a.format", "between", {"min_value": -128, "max_value": 127}),
        ("integer", "logicalTypeOptions: {format: u16}", "a.format", "between", {"min_value": 0, "max_value": 65535}),
        (
            "timestamp",
            "logicalTypeOptions: {minimum: '2026-01-01T12:00:00-06:00'}",
            "a.minimum",
            "between",
            {"min_value": datetime(2026, 1, 1, 18, tzinfo=UTC)},
        ),
        (
            "date",
            "logicalTypeOptions: {exclusiveMaximum: '2026-01-01'}",
            "a.exclusiveMaximum",
            "between",
            {"max_value": datetime(2026, 1, 1, tzinfo=UTC), "strict_max": True},
        ),
        ("string", "logicalTypeOptions: {minLength: 2}", "a.minLength", "lengths_to_be_between", {"min_value": 2}),
        ("string", "logicalTypeOptions: {maxLength: 3}", "a.maxLength", "lengths_to_be_between", {"max_value": 3}),
        ("string", "logicalTypeOptions: {pattern: '^x'}", "a.pattern", "values_to_match_regex", {"regex": "^x"}),
    ],
)
def test_what_a_column_declares_becomes_a_rule_on_rows(logical_type, line, rule, expectation, kwargs):
    made = the_rule(table(column(line, logical_type=logical_type)), rule)
    assert made.level == "row" and made.severity == "critical"
    assert made.expectations[0].type.endswith(expectation)
    assert dict(made.expectations[0].kwargs) == {"column": "a", **kwargs}
    assert made.description.startswith("a: ")


def test_a_key_of_two_columns_is_one_rule_in_its_declared_order():
    key = "primaryKey: true"
    body = table(
        column(key, "primaryKeyPosition: 2", name="a"), column(name="b"), column(key, "primaryKeyPosition: 1", name="c")
    )
    rules = rules_of(body)
    assert rules["primary_key"].expectations[0].type == "expect_compound_columns_to_be_unique"
    assert rules["primary_key"].expectations[0].kwargs["column_list"] == ["c", "a"]
    assert {"a.required", "c.required"} <= set(rules) and "b.required" not in rules
    assert "a.unique" not in rules


def test_a_key_of_one_column_is_unique_and_never_empty():
    rules = rules_of(table(column("primaryKey: true")))
    assert rules["primary_key"].expectations[0].type == "expect_column_values_to_be_unique"
    assert "a.required" in rules


@pytest.mark.parametrize(
    ("rule", "expectations"),
    [
        ("{metric: nullValues, mustBe: 0}", ["expect_column_values_to_not_be_null"]),
        (
            "{metric: missingValues, mustBe: 0, arguments: {missingValues: [null, 'N/A']}}",
            ["expect_column_values_to_not_be_null", "expect_column_values_to_not_be_in_set"],
        ),
        (
            "{metric: missingValues, mustBe: 0, arguments: {missingValues: ['']}}",
            ["expect_column_values_to_not_be_in_set"],
        ),
        ("{metric: invalidValues, mustBe: 0, arguments: {validValues: [x]}}", ["expect_column_values_to_be_in_set"]),
        ("{metric: invalidValues, mustBe: 0, arguments: {pattern: '^x'}}", ["expect_column_values_to_match_regex"]),
        ("{metric: duplicateValues, mustBe: 0}", ["expect_column_values_to_be_unique"]),
    ],
)
def test_each_metric_of_a_column(rule, expectations):
    metric = rule.partition("metric: ")[2].partition(",")[0]
    made = the_rule(table(column(f"quality: [{rule}]")), f"a.{metric}")
    assert [one.type for one in made.expectations] == expectations
    assert made.level == "row" and made.limit is None


def test_duplicates_of_a_combination_stand_with_the_table():
    rule = "{id: twice, metric: duplicateValues, mustBe: 0, arguments: {properties: [a, b]}}"
    made = the_rule(table(column(), column(name="b"), quality=rule), "twice")
    assert made.expectations[0].kwargs["column_list"] == ["a", "b"]
    assert made.level == "row"


@pytest.mark.parametrize(
    ("limit", "level"),
    [
        ("mustBe: 0", "row"),
        ("mustBeLessOrEqualTo: 0", "row"),
        ("mustBeLessThan: 1", "row"),
        ("mustBe: 0, unit: percent", "row"),
        ("mustBeLessThan: 1, unit: percent", "dataset"),
        ("mustBe: 1", "dataset"),
        ("mustNotBe: 0", "dataset"),
        ("mustBeGreaterThan: 0", "dataset"),
        ("mustBeGreaterOrEqualTo: 0", "dataset"),
        ("mustBeBetween: [0, 3]", "dataset"),
        ("mustNotBeBetween: [1, 3], unit: percent", "dataset"),
    ],
)
def test_only_a_rule_that_allows_no_bad_row_sets_rows_aside(limit, level):
    made = the_rule(table(column(f"quality: [{{metric: nullValues, {limit}}}]")), "a.nullValues")
    assert made.level == level
    assert (made.limit is None) == (level == "row")


def test_the_number_of_rows_is_counted_by_the_engine_and_judged_by_its_limit():
    made = the_rule(table(column(), quality="{metric: rowCount, mustNotBe: 7}"), "rowCount")
    assert made.level == "dataset"
    assert made.expectations[0].type == "expect_table_row_count_to_be_between"
    assert made.limit.holds(6, 6) and not made.limit.holds(7, 7)


@pytest.mark.parametrize(
    "engine", ["greatExpectations", "great-expectations", "Great Expectations", "GREATEXPECTATIONS"]
)
def test_a_rule_of_great_expectations_is_run_as_written(engine):
    block = "{type: expect_column_values_to_be_between, kwargs: {min_value: 1, max_value: 5}}"
    line = f"quality: [{{id: r, type: custom, engine: {engine}, implementation: {block}}}]"
    made = the_rule(table(column(line, logical_type="integer")), "r")
    assert dict(made.expectations[0].kwargs) == {"column": "a", "min_value": 1, "max_value": 5}
    assert made.level == "row"


def test_mostly_makes_a_rule_of_the_whole_table():
    block = "{type: expect_column_values_to_not_be_null, kwargs: {mostly: 0.9}}"
    line = f"quality: [{{id: r, type: custom, engine: greatExpectations, implementation: {block}}}]"
    assert the_rule(table(column(line)), "r").level == "dataset"


@pytest.mark.parametrize(
    ("said", "means"),
    [("error", "critical"), ("Critical", "critical"), ("warning", "warning"), ("info", "info"), (None, "critical")],
)
def test_severities(said, means):
    severity = "" if said is None else f", severity: {said}"
    made = the_rule(table(column(f"quality: [{{metric: nullValues, mustBe: 0{severity}}}]")), "a.nullValues")
    assert made.severity == means


def test_rules_in_words_are_listed_for_a_person():
    text = "{id: look, type: text, description: 'Is the roster of this year?'}"
    suite = compile_contract(yaml_contract(table(column("quality: [{type: text, description: b}]"), quality=text)))
    assert [(one.id, one.description) for one in suite.for_a_person] == [
        ("look", "Is the roster of this year?"),
        ("a.text_2", "b"),
    ]
    assert {rule.id for rule in suite.rules} == {"a.present", "a.type"}


def test_item_columns_are_checked_like_any_other():
    rules = rules_of(table(column()), codes={"q1": [3, -1, 1, 2]})
    assert {"q1.present", "q1.type", "q1.required", "q1.enum"} <= set(rules)
    assert rules["q1.enum"].expectations[0].kwargs["value_set"] == [-1, 1, 2, 3]


def test_values_allowed_now_are_checked():
    rule = rules_of(table(column()), allowed={"a": ["y", "x"]})["unknown_a"]
    assert rule.expectations[0].kwargs["value_set"] == ["x", "y"]
    with pytest.raises(DeclarationError, match="does not have"):
        rules_of(table(column()), allowed={"b": []})


GX = "type: custom, engine: greatExpectations"
BETWEEN = "expect_column_values_to_be_between"


@pytest.mark.parametrize(
    ("logical_type", "line", "says"),
    [
        ("array", "required: true", "no table here holds this type"),
        ("object", "required: true", "no table here holds this type"),
        ("time", "required: true", "no table here holds this type"),
        (None, "required: true", "needs a logicalType"),
        ("string", "logicalTypeOptions: {format: email}", "not checked here"),
        ("integer", "logicalTypeOptions: {multipleOf: 5}", "not checked here"),
        ("integer", "logicalTypeOptions: {format: i128}", "as wide"),
        ("number", "logicalTypeOptions: {format: f32}", "64-bit"),
        ("boolean", "logicalTypeOptions: {minimum: 0}", "not checked here"),
        ("boolean", "logicalTypeOptions: {timezone: true}", "of a timestamp"),
        ("timestamp", "logicalTypeOptions: {timezone: 1.5}", "'boolean'"),
        ("date", "logicalTypeOptions: {format: yyyy-MM-dd}", "not checked here"),
        ("timestamp", "logicalTypeOptions: {defaultTimezone: Europe/Paris}", "tables here hold UTC"),
        ("timestamp", "logicalTypeOptions: {minimum: soon}", "not a date or time"),
        ("integer", "logicalTypeOptions: {minimum: 5, maximum: 4}", "above the upper"),
        ("string", "logicalTypeOptions: {minLength: 5, maxLength: 4}", "above the upper"),
        ("date", "logicalTypeOptions: {minimum: '2026-02-01', maximum: '2026-01-01'}", "above the upper"),
        ("number", "logicalTypeOptions: {minimum: .nan}", "a bound is a number"),
        ("string", "logicalTypeOptions: {pattern: '('}", "not a regular expression"),
        ("string", "logicalTypeOptions: {pattern: '(?=x)'}", "look around"),
        ("string", "enum: [{value: 1}]", "cannot stand in this column"),
        ("integer", "enum: [{value: '1'}]", "cannot stand in this column"),
        ("boolean", "enum: [{value: 1}]", "cannot stand in this column"),
        ("date", "enum: [{value: '2026-01-01'}]", "not read for dates"),
        ("string", "enum: [{value: null}]", "not null"),
        ("string", "quality: [{type: sql, query: select 1, mustBe: 0}]", "no database"),
        ("string", "quality: [{description: only words}]", "nothing to check"),
        ("string", "quality: [{type: text}]", "needs a description"),
        ("string", "quality: [{metric: nullValues, mustBe: 0, severity: bad}]", "severity is not known"),
        ("string", "quality: [{metric: nullValues, mustBe: 0, unit: share}]", "unit is not known"),
        ("string", "quality: [{metric: nullValues, mustBe: none}]", "takes a number"),
        ("string", "quality: [{metric: nullValues, mustBe: true}]", "takes a number"),
        ("string", "quality: [{metric: nullValues, mustBeBetween: [3, 1]}]", "smaller number"),
        ("string", "quality: [{metric: nullValues, mustBeLessThan: 101, unit: percent}]", "between 0 and 100"),
        ("string", "quality: [{metric: nullValues, mustBe: 0, arguments: {of: 3}}]", "not known to the metric"),
        ("string", "quality: [{metric: nullValues, mustBe: 0, schedule: daily}]", "left unheeded"),
        ("string", "quality: [{metric: nullValues, mustBe: 0, rule: x}]", "left unheeded"),
        (
            "string",
            "quality: [{metric: nullValues, mustBe: 0, customProperties: [{property: filter, value: x}]}]",
            "left unheeded",
        ),
        ("string", "quality: [{metric: rowCount, mustBe: 0}]", "of the table"),
        ("string", "quality: [{metric: missingValues, mustBe: 0}]", "needs its argument"),
        ("string", "quality: [{metric: missingValues, mustBe: 0, arguments: {missingValues: [-99]}}]", "cannot stand"),
        ("string", "quality: [{metric: invalidValues, mustBe: 0}]", "needs one argument"),
        (
            "string",
            "quality: [{metric: invalidValues, mustBe: 0, arguments: {validValues: [x], pattern: y}}]",
            "needs one argument",
        ),
        ("string", "quality: [{metric: invalidValues, mustBe: 0, arguments: {validValues: [null]}}]", "not null"),
        ("integer", "quality: [{metric: invalidValues, mustBe: 0, arguments: {pattern: x}}]", "column of text"),
        ("string", "quality: [{metric: duplicateValues, mustBe: 0, arguments: {properties: [a]}}]", "not known to the"),
        ("string", "quality: [{type: custom, engine: soda, implementation: {type: x}}]", "engine are not run"),
        ("string", f"quality: [{{{GX}, implementation: 'type: x'}}]", "a block, not text"),
        ("string", f"quality: [{{{GX}, implementation: {{kwargs: {{}}}}}}]", "needs a type"),
        ("string", f"quality: [{{{GX}, implementation: {{type: expect_x}}}}]", "not run here"),
        (
            "string",
            f"quality: [{{{GX}, implementation: {{type: expect_column_values_to_be_null, when: x}}}}]",
            "implementation is not known",
        ),
        (
            "integer",
            f"quality: [{{{GX}, implementation: {{type: {BETWEEN}, kwargs: {{minValue: 1}}}}}}]",
            "Great Expectations writes it min_value",
        ),
        (
            "integer",
            f"quality: [{{{GX}, implementation: {{type: expect_column_values_to_be_between}}}}]",
            "min_value or max_value",
        ),
        (
            "string",
            f"quality: [{{{GX}, implementation: {{type: {BETWEEN}, kwargs: {{min_value: 1}}}}}}]",
            "does not fit the type",
        ),
        (
            "integer",
            f"quality: [{{{GX}, implementation: {{type: expect_column_values_to_be_null, kwargs: {{column: b}}}}}}]",
            "not a column of the contract",
        ),
        (
            "integer",
            f"quality: [{{{GX}, implementation: {{type: expect_column_values_to_be_null, kwargs: {{mostly: 2}}}}}}]",
            "does not fit the argument",
        ),
        (
            "string",
            f"quality: [{{{GX}, implementation: {{type: expect_column_values_to_match_regex}}}}]",
            "argument of the expectation is missing",
        ),
        (
            "string",
            f"quality: [{{{GX}, implementation: {{type: expect_table_row_count_to_equal, kwargs: {{value: 3}}}}}}]",
            "does not check",
        ),
    ],
)
def test_what_is_not_known_is_refused_by_file_line_and_key(logical_type, line, says):
    with pytest.raises(DeclarationError) as caught:
        compile_contract(yaml_contract(table(column(line, logical_type=logical_type))))
    assert says in str(caught.value)
    assert str(caught.value.file) == "c.odcs.yaml" and caught.value.line and "properties[0]" in caught.value.key


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("{metric: nullValues, mustBe: 0}", "of a column"),
        ("{metric: rowCount, mustBe: 1, unit: percent}", "no percentage"),
        ("{metric: duplicateValues, mustBe: 0}", "needs its argument"),
        ("{metric: duplicateValues, mustBe: 0, arguments: {properties: [a, z]}}", "needs its argument"),
        ("{metric: duplicateValues, mustBe: 0, arguments: {properties: [{a: b}]}}", "needs its argument"),
    ],
)
def test_a_rule_that_stands_in_the_wrong_place_is_refused(rule, says):
    with pytest.raises(DeclarationError, match=says):
        compile_contract(yaml_contract(table(column(), quality=rule)))


def test_two_rules_of_one_id_are_refused():
    line = "quality: [{metric: nullValues, mustBe: 0}, {metric: nullValues, mustBeLessThan: 9}]"
    with pytest.raises(DeclarationError, match="two rules have this id"):
        compile_contract(yaml_contract(table(column(line))))


def test_a_key_numbered_with_gaps_is_refused():
    key = "primaryKey: true"
    body = table(column(key, "primaryKeyPosition: 1"), column(key, "primaryKeyPosition: 3", name="b"))
    with pytest.raises(DeclarationError, match="numbered from 1"):
        compile_contract(yaml_contract(body))
