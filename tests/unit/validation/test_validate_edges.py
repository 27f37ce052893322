"""Validation at its edges: nothing leaks, nothing fails silently, small tables are not stopped by one slip."""

from __future__ import annotations

import json
import logging

import numpy as np
import pandas as pd
import pytest
from unit.validation.contract_examples import yaml_contract

from connectedness.errors import ConnectednessError, DeclarationError
from connectedness.tables import QUARANTINE_COLUMNS
from connectedness.validation import validate as module
from connectedness.validation.dtypes import has_type
from connectedness.validation.validate import bad_share, empty_quarantine, validate

BODY = """\
    quality:
      - {metric: rowCount, mustBeGreaterThan: 0}
    properties:
      - name: school
        logicalType: string
        required: true
        enum: [{value: a}, {value: b}]
      - name: said
        logicalType: string
        logicalTypeOptions: {pattern: "^[a-z ]+$"}
        customProperties: [{property: mayBeAbsent, value: true}]
        quality:
          - {id: short, metric: invalidValues, arguments: {pattern: "^.{1,9}$"}, mustBe: 0, severity: warning}
          - {id: few_empty, metric: nullValues, mustBeLessThan: 50, unit: percent}
"""
CONTRACT = yaml_contract(BODY)
SECRET = "SECRET I am alone 42"


def table(**columns) -> pd.DataFrame:
    return pd.DataFrame({name: pd.array(values, dtype="str") for name, values in columns.items()})


def result(checked, rule: str):
    return next(one for one in checked.results if one.id == rule)


def test_no_value_of_a_cell_reaches_results_quarantine_or_logs(caplog, capfd):
    rows = table(school=["a", "b", "a", "b"], said=["fine", SECRET, SECRET.lower() + "!", None])
    with caplog.at_level(logging.DEBUG):
        checked = validate(rows, CONTRACT, name="t")
    assert result(checked, "said.pattern").n_bad == 2
    told = json.dumps([one.as_dict() | {"found": one.found} for one in checked.results])
    told += checked.quarantine.to_csv() + caplog.text + "".join(capfd.readouterr())
    assert "alone" not in told.lower()


def test_progress_is_not_written_to_the_terminal(capfd):
    validate(table(school=["a"]), CONTRACT, name="t")
    assert capfd.readouterr() == ("", "")


def test_what_the_engine_raises_fails_loudly_and_without_its_words(monkeypatch):
    class Broken:
        def __init__(self, found):
            self.expectation_config, self.success, self.result = found.expectation_config, False, {}
            text = f"Traceback\nValueError: could not read {SECRET}"
            self.exception_info = {"metric": {"raised_exception": True, "exception_traceback": text}}

    count = module._count
    monkeypatch.setattr(module, "_count", lambda found, rule: count(Broken(found), rule))
    with pytest.raises(ConnectednessError, match="could not run a rule") as caught:
        validate(table(school=["a"]), CONTRACT, name="t")
    assert "ValueError" in str(caught.value) and "alone" not in str(caught.value)


def test_a_rule_that_the_engine_loses_fails_loudly():
    with pytest.raises(ConnectednessError, match="lost a rule"):
        module._count(None, "r")


def test_a_warning_is_told_and_sets_nothing_aside():
    checked = validate(table(school=["a", "b"], said=["quite a long text", "short"]), CONTRACT, name="t")
    assert (result(checked, "short").n_bad, result(checked, "short").success) == (1, False)
    assert len(checked.rows) == 2 and checked.quarantine.empty and checked.stopping == ()


def test_a_share_that_is_too_large_stops_the_table_and_sets_nothing_aside():
    checked = validate(table(school=["a", "b"], said=[None, "x"]), CONTRACT, name="t")
    assert [one.id for one in checked.stopping] == ["few_empty"]
    assert checked.stopping[0].found == "1 row; the contract says fewer than 50 % of rows"
    assert len(checked.rows) == 2


def test_rules_of_a_column_that_may_be_absent_are_told_as_holding():
    checked = validate(table(school=["a"]), CONTRACT, name="t")
    assert result(checked, "said.pattern").success
    assert "does not have the column" in result(checked, "said.pattern").description
    assert checked.stopping == ()


def test_an_empty_table_meets_every_rule_but_that_it_has_rows():
    checked = validate(table(school=[], said=[]), CONTRACT, name="t")
    assert [one.id for one in checked.stopping] == ["rowCount"]
    assert list(checked.quarantine.columns) == list(QUARANTINE_COLUMNS)


def test_rules_of_a_column_of_another_type_are_not_run_but_told():
    checked = validate(pd.DataFrame({"school": [1, 2]}), CONTRACT, name="t")
    assert [one.id for one in checked.stopping] == ["school.type"]
    assert (result(checked, "school.enum").success, result(checked, "school.enum").n_bad) == (False, None)


def test_every_rule_has_one_result():
    for rows in (table(school=["a"]), table(said=["x"]), pd.DataFrame({"school": [1]})):
        checked = validate(rows, CONTRACT, name="t")
        assert [one.id for one in checked.results] == [rule.id for rule in checked.suite.rules] + ["max_bad_share"]


def test_rows_that_hold_are_unchanged_and_in_their_order():
    rows = table(school=["b", "z", "a", "b"], said=["x", "y", None, "w"]).assign(extra=[1.5, 2.5, np.nan, 4.5])
    before = rows.copy()
    checked = validate(rows, CONTRACT, name="t")
    pd.testing.assert_frame_equal(rows, before)
    pd.testing.assert_frame_equal(checked.rows, rows.drop(index=1).reset_index(drop=True))


def test_a_bad_row_is_named_by_file_and_row_where_it_came_from():
    rows = table(school=["z", "a"], source=["x.csv", "x.csv"]).assign(source_row=[7, 8])
    line = validate(rows, CONTRACT, name="t").quarantine.iloc[0].to_dict()
    assert line == {"table": "t", "file": "x.csv", "row": 7, "column": "school", "rule": "school.enum", "school": "z"}


def test_a_table_without_sources_is_named_by_its_file_and_spreadsheet_row():
    lines = validate(table(school=["a", "z"]), CONTRACT, name="t", file="r.csv").quarantine
    assert lines[["file", "row"]].values.tolist() == [["r.csv", 3]]


def test_two_columns_of_one_name_are_refused():
    rows = pd.concat([table(school=["a"]), table(school=["b"])], axis=1)
    with pytest.raises(ConnectednessError, match="one name"):
        validate(rows, CONTRACT, name="t")


def test_an_empty_quarantine_has_the_types_of_a_full_one():
    full = validate(table(school=["z", "a", "a"]), CONTRACT, name="t").quarantine
    assert (empty_quarantine().dtypes == full.dtypes).all()


@pytest.mark.parametrize(
    ("share", "bad", "rows", "stops"),
    [
        (0.05, 0, 0, False),
        (0.05, 0, 100, False),
        (0.05, 5, 100, False),
        (0.05, 6, 100, True),
        (0.05, 1, 15, False),  # one slip in a class of fifteen
        (0.05, 2, 15, True),
        (0.05, 1, 2, False),
        (0.05, 1, 1, True),  # nothing is left
        (0.05, 2, 2, True),
        (0.0, 1, 10_000, True),  # no bad row is allowed at all
        (1.0, 99, 100, False),
    ],
)
def test_how_many_bad_rows_stop_a_table(share, bad, rows, stops):
    suite = validate(table(school=["a"]), yaml_contract(BODY, **_custom(share)), name="t").suite
    found = bad_share(suite, "t", bad, rows)
    assert found.stopping == stops
    assert found.n_bad == bad


def test_rows_set_aside_before_count_too():
    rows = table(school=["a"] * 90 + ["z"] * 4)
    assert not validate(rows, CONTRACT, name="t").stopping
    checked = validate(rows, CONTRACT, name="t", bad_before=2)
    assert checked.stopping[0].found == "6 of 96 rows are bad (6.2 %)"


def _custom(share: float) -> dict[str, str]:
    return {"customProperties": f"[{{property: maxBadShare, value: {share}}}]"}


@pytest.mark.parametrize(
    ("values", "dtype", "logical_type", "zone", "holds"),
    [
        (["a", None], "str", "string", None, True),
        (["a", None], "object", "string", None, True),
        (["a", 1], "object", "string", None, False),
        (["a"], "category", "string", None, False),
        ([1, 2], "int16", "integer", None, True),
        ([1, None], "Int64", "integer", None, True),
        ([1.0, 2.0], "float64", "integer", None, False),
        ([True], "bool", "integer", None, False),
        ([1], "int64", "number", None, True),
        ([1.5], "float32", "number", None, True),
        ([True], "bool", "number", None, False),
        (["1"], "str", "number", None, False),
        ([True, None], "boolean", "boolean", None, True),
        ([1], "int64", "boolean", None, False),
        (["2026-01-01 10:00"], "datetime64[us]", "timestamp", None, True),
        (["2026-01-01 10:00"], "datetime64[us]", "timestamp", True, False),
        (["2026-01-01 10:00"], "datetime64[us, UTC]", "timestamp", True, True),
        (["2026-01-01 10:00"], "datetime64[us, UTC]", "timestamp", False, False),
        (["2026-01-01 10:00"], "datetime64[us]", "date", None, False),
        (["2026-01-01"], "datetime64[us]", "date", None, True),
        (["2026-01-01"], "str", "date", None, False),
        ([None, None], "object", "integer", None, True),
        ([None], "float64", "string", None, True),
    ],
)
def test_types(values, dtype, logical_type, zone, holds):
    assert has_type(pd.Series(values).astype(dtype), logical_type, zone) == holds


def test_a_contract_that_does_not_compile_stops_before_the_table_is_read():
    sql = "    quality:\n      - {type: sql, query: select 1, mustBe: 0}\n"
    with pytest.raises(DeclarationError, match="no database"):
        validate(table(school=["a"]), yaml_contract(sql), name="t")
