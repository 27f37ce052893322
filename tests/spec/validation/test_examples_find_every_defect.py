"""The example files beside the contracts: every planted defect is found, and the good files have none."""

from __future__ import annotations

import pandas as pd
import pytest
from unit.validation.contract_examples import EXAMPLES, TABLES, allowed, codes, contract, example

from connectedness.validation.validate import validate


@pytest.mark.parametrize("name", TABLES)
def test_the_good_example_holds(name):
    table = example(name)
    checked = validate(table, contract(name), name=name, codes=codes(name), allowed=allowed(name))
    assert [one.id for one in checked.results if not one.success] == []
    assert len(checked.quarantine) == 0
    pd.testing.assert_frame_equal(checked.rows, table)


@pytest.mark.parametrize("name", TABLES)
def test_every_defect_of_the_bad_example_is_found_and_no_other(name):
    planted = pd.read_csv(EXAMPLES / "planted.csv").query("file == @file", local_dict={"file": f"bad_{name}.csv"})
    checked = validate(example(name, "bad"), contract(name), name=name, codes=codes(name), allowed=allowed(name))

    wanted = planted["rule"].value_counts().to_dict()
    found = {one.id: one.n_bad for one in checked.results if not one.success and one.id != "max_bad_share"}
    assert found == wanted

    warnings = {one.id for one in checked.results if one.severity != "critical"}
    critical = planted[~planted["rule"].isin(warnings)]
    lines = checked.quarantine
    assert sorted(zip(lines["row"], lines["rule"], strict=True)) == sorted(
        zip(critical["row"], critical["rule"], strict=True)
    )
    assert len(checked.rows) == len(example(name, "bad")) - len(critical)


@pytest.mark.parametrize("name", TABLES)
def test_a_missing_column_stops_the_table(name):
    for column in example(name).columns[1::5]:
        table = example(name).drop(columns=column)
        checked = validate(table, contract(name), name=name, codes=codes(name), allowed=allowed(name))
        may_be_absent = column in checked.suite.optional
        assert [one.id for one in checked.stopping] == ([] if may_be_absent else [f"{column}.present"])


def test_a_column_of_another_type_stops_the_table():
    table = example("responses").assign(hr_adults="three or more")
    checked = validate(
        table, contract("responses"), name="responses", codes=codes("responses"), allowed=allowed("responses")
    )
    assert [one.id for one in checked.stopping] == ["hr_adults.type"]
    assert len(checked.quarantine) == 0


def test_a_row_that_breaks_two_rules_leaves_once_and_has_two_lines():
    table = example("roster")
    table.loc[3, ["grade", "learning_mode"]] = ["99", "home"]
    checked = validate(table, contract("roster"), name="roster", allowed=allowed("roster"))
    assert checked.quarantine[["row", "rule"]].values.tolist() == [[5, "grade.enum"], [5, "learning_mode.enum"]]
    assert len(checked.rows) == len(table) - 1
