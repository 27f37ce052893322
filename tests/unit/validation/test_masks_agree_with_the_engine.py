"""The rows we set aside are those that the engine counts, and those a plain reading of the rule finds."""

from __future__ import annotations

import re
from collections import Counter

import great_expectations.expectations as gxe
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.validation.contract_examples import yaml_contract

from connectedness.errors import ConnectednessError
from connectedness.validation import validate as module
from connectedness.validation.expectations import ROW, TABLE, settings_of
from connectedness.validation.masks import bad_rows
from connectedness.validation.rules import Expectation
from connectedness.validation.validate import validate

CONTRACT = yaml_contract("""\
    quality:
      - {id: twice, metric: duplicateValues, mustBe: 0, arguments: {properties: [s, i]}}
      - id: greater
        type: custom
        engine: greatExpectations
        implementation:
          type: expect_column_pair_values_a_to_be_greater_than_b
          kwargs: {column_A: n, column_B: m, or_equal: true}
      - id: equal
        type: custom
        engine: greatExpectations
        implementation: {type: expect_column_pair_values_to_be_equal, kwargs: {column_A: n, column_B: m}}
    properties:
      - name: s
        logicalType: string
        logicalTypeOptions: {minLength: 1, maxLength: 2, pattern: "^[a-c]"}
        required: true
        unique: true
        enum: [{value: a}, {value: ab}, {value: ccc}]
        quality:
          - {metric: missingValues, mustBe: 0, arguments: {missingValues: [null, "", "n/a"]}}
          - id: not_z
            type: custom
            engine: greatExpectations
            implementation: {type: expect_column_values_to_not_match_regex, kwargs: {regex: "z$"}}
          - id: three_long
            type: custom
            engine: greatExpectations
            implementation: {type: expect_column_value_lengths_to_equal, kwargs: {value: 3}}
          - id: never
            type: custom
            engine: greatExpectations
            implementation: {type: expect_column_values_to_be_null}
      - name: i
        logicalType: integer
        logicalTypeOptions: {minimum: -1, exclusiveMaximum: 4}
        enum: [{value: 1}, {value: 2}, {value: -1}]
      - name: n
        logicalType: number
        logicalTypeOptions: {exclusiveMinimum: -1.5, maximum: 2}
      - {name: m, logicalType: number}
      - name: t
        logicalType: timestamp
        logicalTypeOptions: {minimum: "2026-01-01T00:00:00Z", exclusiveMaximum: "2026-02-01"}
      - name: d
        logicalType: date
        logicalTypeOptions: {minimum: "2026-01-02", maximum: "2026-01-30"}
      - {name: b, logicalType: boolean, enum: [{value: true}]}
""")
days = st.one_of(st.none(), st.dates(pd.Timestamp("2025-12-30").date(), pd.Timestamp("2026-02-03").date()))
rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.sampled_from(["a", "ab", "ccc", "", "n/a", "zz", "é", "a b"])),
        st.one_of(st.none(), st.integers(-3, 5)),
        st.one_of(st.none(), st.sampled_from([-1.5, -1.0, 0.0, 2.0, 2.5])),
        st.one_of(st.none(), st.sampled_from([-1.0, 0.0, 2.0])),
        days,
        days,
        st.one_of(st.none(), st.booleans()),
    ),
    max_size=12,
)


def frame(drawn: list, zone: str | None, small: bool) -> pd.DataFrame:
    s, i, n, m, t, d, b = (list(column) for column in zip(*drawn, strict=True)) if drawn else [[]] * 7
    return pd.DataFrame(
        {
            "s": pd.array(s, dtype="str"),
            "i": pd.array(i, dtype="Int16" if small else "Int64"),
            "n": pd.array(n, dtype="float64" if small else "Float64"),
            "m": pd.array(m, dtype="float64" if small else "Float64"),
            "t": pd.Series(pd.to_datetime(t)).astype("datetime64[us]").dt.tz_localize(zone),
            "d": pd.Series(pd.to_datetime(d)).astype("datetime64[ns]" if small else "datetime64[us]"),
            "b": pd.array(b, dtype="boolean"),
        }
    )


def plain(drawn: list) -> dict[str, list[int]]:
    """Numbers of the bad rows of each rule, read from the rule as a person would."""
    pairs = Counter((row[0], row[1]) for row in drawn if row[0] is not None and row[1] is not None)
    texts = Counter(row[0] for row in drawn if row[0] is not None)
    start, end = pd.Timestamp("2026-01-01").date(), pd.Timestamp("2026-02-01").date()
    tests = {
        "twice": lambda s, i, n, m, t, d, b: pairs[s, i] > 1,
        "greater": lambda s, i, n, m, t, d, b: None not in (n, m) and n < m,
        "equal": lambda s, i, n, m, t, d, b: None not in (n, m) and n != m,
        "s.required": lambda s, *_: s is None,
        "s.unique": lambda s, *_: texts[s] > 1,
        "s.enum": lambda s, *_: s is not None and s not in ("a", "ab", "ccc"),
        "s.minLength": lambda s, *_: s is not None and len(s) < 1,
        "s.maxLength": lambda s, *_: s is not None and len(s) > 2,
        "s.pattern": lambda s, *_: s is not None and not re.search("^[a-c]", s),
        "s.missingValues": lambda s, *_: s in (None, "", "n/a"),
        "not_z": lambda s, *_: s is not None and s.endswith("z"),
        "three_long": lambda s, *_: s is not None and len(s) != 3,
        "never": lambda s, *_: s is not None,
        "i.minimum": lambda s, i, *_: i is not None and i < -1,
        "i.exclusiveMaximum": lambda s, i, *_: i is not None and i >= 4,
        "i.enum": lambda s, i, *_: i is not None and i not in (1, 2, -1),
        "n.exclusiveMinimum": lambda s, i, n, *_: n is not None and n <= -1.5,
        "n.maximum": lambda s, i, n, *_: n is not None and n > 2,
        "t.minimum": lambda s, i, n, m, t, *_: t is not None and t < start,
        "t.exclusiveMaximum": lambda s, i, n, m, t, *_: t is not None and t >= end,
        "d.minimum": lambda s, i, n, m, t, d, b: d is not None and d < pd.Timestamp("2026-01-02").date(),
        "d.maximum": lambda s, i, n, m, t, d, b: d is not None and d > pd.Timestamp("2026-01-30").date(),
        "b.enum": lambda s, i, n, m, t, d, b: b is False,
    }
    return {rule: [at + 2 for at, row in enumerate(drawn) if test(*row)] for rule, test in tests.items()}


@settings(max_examples=15, deadline=None)
@given(drawn=rows, zone=st.sampled_from([None, "UTC"]), small=st.booleans())
def test_rows_set_aside_are_those_a_person_would_find(drawn, zone, small):
    # `validate` itself refuses when the engine counts others than we set aside.
    checked = validate(frame(drawn, zone, small), CONTRACT, name="t")
    wanted = plain(drawn)
    found = {rule: group["row"].tolist() for rule, group in checked.quarantine.groupby("rule")}
    assert found == {rule: numbers for rule, numbers in wanted.items() if numbers}
    counts = {one.id: one.n_bad for one in checked.results if one.level == "row"}
    assert counts == {rule: len(numbers) for rule, numbers in wanted.items()}
    bad = {number for numbers in wanted.values() for number in numbers}
    assert len(checked.rows) == len(drawn) - len(bad)


def test_a_disagreement_stops_everything(monkeypatch):
    monkeypatch.setattr(module, "bad_rows", lambda expectation, table: np.ones(len(table), dtype=bool))
    drawn = [(None, i, 0.0, 0.0, None, None, None) for i in (1, 2, 9)]
    with pytest.raises(ConnectednessError, match="do not agree"):
        validate(frame(drawn, None, False), CONTRACT, name="t")


def test_every_row_expectation_has_its_mask():
    table = frame([("a", 1, 0.0, 0.0, None, None, None)], None, True)
    given = {
        "column": "s", "value_set": ["a"], "value": 1, "regex": "a", "column_list": ["s", "i"], "column_A": "n",
        "column_B": "m",
    }  # fmt: skip
    for name, (must, may) in ROW.items():
        kwargs = {key: given[key] for key in must} | settings_of(name)
        if "min_value" in may:
            kwargs |= {"column": "i" if "lengths" not in name else "s", "min_value": 1}
        assert bad_rows(Expectation(name, kwargs), table).shape == (1,)


@pytest.mark.parametrize("name", sorted(ROW | TABLE))
def test_the_engine_has_each_expectation_with_these_arguments(name):
    made = getattr(gxe, "".join(part.title() for part in name.split("_")))
    must, may = (ROW | TABLE)[name]
    fields = set(made.__fields__)
    assert {*must, *may, *settings_of(name)} <= fields
    assert name in TABLE or "mostly" in fields
