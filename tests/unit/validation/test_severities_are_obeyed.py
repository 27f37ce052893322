"""Every kind of rule, with every severity: an error sets rows aside or stops the table, the others only tell."""

from __future__ import annotations

import pandas as pd
import pytest
from unit.validation.contract_examples import yaml_contract

from connectedness.validation.validate import validate

GX = "type: custom, engine: greatExpectations, implementation"
ROWS = {
    "nullValues": "metric: nullValues, mustBe: 0",
    "missingValues": "metric: missingValues, mustBe: 0, arguments: {missingValues: [x, null]}",
    "invalidValues": "metric: invalidValues, mustBe: 0, arguments: {validValues: [a, b, c]}",
    "duplicateValues": "metric: duplicateValues, mustBe: 0",
    "custom": f"{GX}: {{type: expect_column_values_to_match_regex, kwargs: {{regex: '^[abc]$'}}}}",
}
TABLES = {
    "percent": "metric: nullValues, mustBeLessThan: 5, unit: percent",
    "mostly": f"{GX}: {{type: expect_column_values_to_be_in_set, kwargs: {{value_set: [a, b], mostly: 0.99}}}}",
    "table": f"{GX}: {{type: expect_column_distinct_values_to_be_in_set, kwargs: {{value_set: [a, b]}}}}",
}
TABLE = pd.DataFrame({"a": pd.array(["a", "b", "c", "x", "x", None], dtype="str")})


def checked(rule: str, severity: str):
    said = f", severity: {severity}" if severity else ""
    body = f"    properties: [{{name: a, logicalType: string, quality: [{{id: r, {rule}{said}}}]}}]\n"
    own = "[{property: maxBadShare, value: 1}]"
    found = validate(TABLE, yaml_contract(body, customProperties=own), name="responses")
    (result,) = [one for one in found.results if one.id == "r"]
    assert not result.success
    return found, result


@pytest.mark.parametrize("rule", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("severity", ["", "error", "critical"])
def test_an_error_sets_its_rows_aside(rule, severity):
    found, result = checked(rule, severity)
    assert len(found.rows) == len(TABLE) - result.n_bad < len(TABLE)
    assert len(found.quarantine) == result.n_bad and found.warned.empty and not found.stopping


@pytest.mark.parametrize("rule", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("severity", ["warning", "info"])
def test_a_warning_lets_its_rows_go_on_and_says_which_they_are(rule, severity):
    found, result = checked(rule, severity)
    assert len(found.rows) == len(TABLE) and found.quarantine.empty and not found.stopping
    assert len(found.warned) == result.n_bad and set(found.warned["rule"]) == {"r"}
    assert list(found.warned) == list(found.quarantine)


@pytest.mark.parametrize("rule", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize(("severity", "stops"), [("", True), ("error", True), ("warning", False), ("info", False)])
def test_a_rule_of_the_whole_table_stops_it_or_tells(rule, severity, stops):
    found, result = checked(rule, severity)
    assert result.stopping == stops and bool(found.stopping) == stops
    assert len(found.rows) == len(TABLE) and found.quarantine.empty and found.warned.empty
