"""A wave: every row read is accepted, quarantined or excluded, and the report says so in plain words."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from unit.validation import wave_examples as make

from connectedness.errors import ConnectednessError, ContractError
from connectedness.validation.wave import validate_estimates, validate_scores, validate_wave

NOW = datetime(2026, 10, 6, 12, tzinfo=UTC)  # the day after the examples were answered


@pytest.fixture
def project(tmp_path):
    return make.project(tmp_path)


def run(project, responses, students=None, lines=None, account=None):
    lines = make.rejected() if lines is None else lines
    account = account or make.account(responses, lines, students)
    return validate_wave(project, "w1", responses, students, lines, account, now=NOW)


def test_a_wave_without_a_defect_passes_unchanged(project):
    responses, students = make.answers(40), make.roster(60)
    found = run(project, responses, students)
    assert found.stopped == [] and found.report["status"] == "passed"
    pd.testing.assert_frame_equal(found.responses, responses)
    pd.testing.assert_frame_equal(found.roster, students)
    assert found.report["totals"] == {"read": 40, "accepted": 40, "quarantined": 0, "excluded": 0}
    assert found.report["quarantine"] == [] and len(found.quarantine) == 0
    assert found.report["schools"] == [
        {"school": "a", "label": "School a", "eligible": 60, "accepted": 40, "quarantined": 0}
    ]
    assert found.report["findings"] == [] and found.report["warnings"] == []
    assert found.report["notes"] == ["x.csv: a note"]
    assert json.loads(json.dumps(found.report)) == found.report


def test_rows_that_ingest_set_aside_and_rows_set_aside_here_are_told_together(project):
    responses = make.answers(100)
    responses.loc[[3, 70], "school"] = "zz"
    lines = make.rejected(
        ("responses", "x.csv", 52, "duplicate", "quarantined"),
        ("responses", "x.csv", 53, "preview", "excluded"),
        ("responses", "y.csv", 52, "no_id", "quarantined"),
    )
    found = run(project, responses, make.roster(120), lines)
    assert found.stopped == []
    assert found.report["totals"] == {"read": 103, "accepted": 98, "quarantined": 4, "excluded": 1}
    first, second = found.report["files"]
    assert (first["rows"], first["accepted"], first["quarantined"], first["excluded"]) == (52, 49, 2, {"preview": 1})
    assert (second["rows"], second["accepted"], second["quarantined"]) == (51, 49, 2)
    groups = {(one["file"], one["rule"]): one for one in found.report["quarantine"]}
    assert set(groups) == {
        ("x.csv", "duplicate"), ("x.csv", "unknown_school"), ("y.csv", "no_id"), ("y.csv", "unknown_school")
    }  # fmt: skip
    assert groups["x.csv", "unknown_school"]["rows"] == [5]
    assert groups["x.csv", "duplicate"]["sentence"].startswith("the same student answered twice; the last complete")
    assert groups["x.csv", "unknown_school"]["todo"].startswith("Correct the school")
    assert len(found.quarantine) == 4 and "kind" not in found.quarantine
    unknown = {"school": "zz", "label": "School zz", "eligible": 0, "accepted": 0, "quarantined": 2}
    assert unknown in found.report["schools"]


def test_a_code_that_the_instrument_does_not_have_is_found(project):
    responses = make.answers(40)
    responses.loc[0, make.ITEMS[2]] = 7
    responses.loc[1, make.ITEMS[2]] = -4
    found = run(project, responses, make.roster(40))
    assert found.quarantine["rule"].tolist() == [f"{make.ITEMS[2]}.enum"]
    assert "7" not in json.dumps(found.report["quarantine"][0]["sentence"])


def test_an_item_column_that_is_not_there_stops_the_wave(project):
    found = run(project, make.answers(40).drop(columns=make.ITEMS[0]), make.roster(40))
    assert found.report["status"] == "stopped"
    assert found.stopped == [
        f"In the responses, this does not hold: {make.ITEMS[0]}: the table has this column: the column is not there. "
        f"Look at the column map and at the files; the rule stands in data_contracts/responses.odcs.yaml "
        f"({make.ITEMS[0]}.present).",
        "Ask: Survey office (owner of the responses).",
    ]


def test_too_many_bad_rows_stop_the_wave_and_say_where_they_are(project):
    responses = make.answers(100)
    responses.loc[60:63, "school"] = "zz"
    lines = make.rejected(
        ("responses", "x.csv", 52, "no_id", "quarantined"),
        ("responses", "x.csv", 53, "no_id", "quarantined"),
        ("responses", "x.csv", 54, "blank", "excluded"),
        *(("responses", "x.csv", 60 + i, "duplicate", "quarantined") for i in range(9)),
    )
    found = run(project, responses, make.roster(120), lines)
    sentence, ask = found.stopped
    assert ask == "Ask: Survey office (owner of the responses)."
    assert sentence == (
        "In the responses, 6 of 102 rows are bad (5.9 %); the contract allows 5 %. Most of them, 4, are in y.csv: the "
        "school is not declared and not on the roster (unknown_school). Correct the school in the export, or add it "
        "under schools in survey.yaml or to the roster. What few rows hold in place of a school may be a person's "
        "name, so it is not printed: see unknown_values.csv in the wave's folder of store/quarantine."
    )
    assert found.report["stopped"] == [sentence, ask]


def test_neither_duplicates_nor_excluded_rows_count_as_bad(project):
    bad = [("responses", "x.csv", 52 + i, "no_id", "quarantined") for i in range(5)]
    out = [("responses", "y.csv", 52 + i, "incomplete", "excluded") for i in range(60)]
    out += [("responses", "x.csv", 152 + i, "duplicate", "quarantined") for i in range(40)]
    assert run(project, make.answers(95), make.roster(120), make.rejected(*bad, *out)).stopped == []
    bad.append(("responses", "x.csv", 57, "no_id", "quarantined"))
    assert run(project, make.answers(95), make.roster(120), make.rejected(*bad, *out)).stopped


def test_one_slip_in_a_small_class_does_not_stop_the_wave(project):
    responses = make.answers(15)
    responses.loc[4, "school"] = "zz"
    found = run(project, responses, make.roster(15))
    assert found.stopped == [] and len(found.responses) == 14


def test_no_answers_at_all_stop_the_wave(project):
    found = run(project, make.answers(0), make.roster(10))
    assert len(found.stopped) == 2 and "there is at least one row" in found.stopped[0]


def test_an_answer_without_a_good_roster_row_goes_no_further(project):
    students = make.roster(60)
    students.loc[5, "grade"] = "13"
    lines = make.rejected(("roster", "roster.csv", 4, "no_school", "quarantined"))
    found = run(project, make.answers(40), students, lines)
    assert found.quarantine[["table", "row", "rule"]].values.tolist() == [
        ["roster", 4, "no_school"],
        ["responses", 7, "not_on_roster"],
        ["roster", 8, "grade.enum"],  # the sixth that is left, after row 4 went
    ]
    assert len(found.responses) == 39 and len(found.roster) == 59
    assert found.report["roster"]["accepted"] == 59 and found.report["roster"]["quarantined"] == 2
    assert found.report["totals"]["quarantined"] == 1


def test_without_a_roster_or_declared_schools_any_school_goes(project):
    found = run(project, make.answers(30, school="anything"))
    assert found.stopped == [] and found.roster is None and found.report["roster"] is None


def test_declared_schools_are_the_ones_allowed(tmp_path):
    declared = make.SURVEY.replace("roster:", "schools: {a: {en: A}, b: {en: B}}\nroster:")
    responses = make.answers(40)
    responses.loc[0, "school"] = "c"
    found = run(make.project(tmp_path, declared), responses)
    assert found.quarantine["rule"].tolist() == ["unknown_school"]


def test_rows_of_another_wave_go_no_further(project):
    responses = make.answers(40)
    responses.loc[0, "wave"] = "w9"
    assert run(project, responses, make.roster(40)).quarantine["rule"].tolist() == ["unknown_wave"]


@pytest.mark.parametrize("key", ["rows", "accepted", "quarantined"])
def test_an_account_that_does_not_add_up_fails(project, key):
    responses, lines = make.answers(40), make.rejected(("responses", "x.csv", 90, "duplicate", "quarantined"))
    account = make.account(responses, lines, None)
    account["files"][0][key] += 1
    with pytest.raises(ConnectednessError, match="do not add up"):
        run(project, responses, None, lines, account)


def test_an_account_that_adds_up_but_is_not_true_fails(project):
    responses, lines = make.answers(40), make.rejected()
    account = copy.deepcopy(make.account(responses, lines, None))
    account["files"][0]["accepted"] -= 1
    account["files"][0]["quarantined"] += 1
    with pytest.raises(ConnectednessError, match="do not add up"):
        run(project, responses, None, lines, account)


def test_rows_of_a_file_without_an_account_fail(project):
    responses, lines = make.answers(40), make.rejected()
    account = make.account(responses, lines, None)
    del account["files"][1]
    with pytest.raises(ConnectednessError, match="no account"):
        run(project, responses, None, lines, account)


def test_a_projects_own_contract_counts(project):
    folder = project.root / "data_contracts"
    folder.mkdir()
    packaged = (make.Path(__file__).resolve().parents[3] / "data_contracts/responses.odcs.yaml").read_text("utf-8")
    strict = packaged.replace("value: 0.05", "value: 0").replace("version: 1.1.0", "version: 9.9.9")
    (folder / "responses.odcs.yaml").write_text(strict, encoding="utf-8")
    responses = make.answers(40)
    responses.loc[0, "school"] = "zz"
    found = run(project, responses, make.roster(40))
    assert len(found.stopped) == 2
    assert {one["version"] for one in found.report["rules"] if one["contract"] == "responses"} == {"9.9.9"}


def test_every_rule_and_every_check_for_a_person_is_in_the_report(project):
    report = run(project, make.answers(40), make.roster(40)).report
    assert {one["contract"] for one in report["rules"]} == {"responses", "roster"}
    keys = ("contract", "version", "id", "level", "severity", "description", "success", "n_bad", "found")
    assert all(tuple(one) == keys for one in report["rules"])
    assert [(one["contract"], one["id"]) for one in report["for_a_person"]] == [
        ("roster", "snapshot_is_of_the_wave"),
        ("roster", "roster_day"),  # this survey does not say of which day its roster is
        ("estimates", "changes_make_sense"),
    ]


def scores(n: int) -> pd.DataFrame:
    mean = np.linspace(1, 5, n)
    return pd.DataFrame(
        {
            "wave": pd.array(["w1"] * n, dtype="str"),
            "respondent": pd.array([make.pseudonym(i) for i in range(n)], dtype="str"),
            "sc5_connect": mean,
            "sc5_connect_sum": 5 * mean,
            "sc5_connect_pomp": 25 * (mean - 1),
            "sc5_connect_favourable": (mean - 1) / 4,
            "sc5_connect__n": pd.array([5] * n, dtype="int16"),
            "sc5_connect__se": np.nan,
            "sc5_connect__status": pd.array(["ok"] * n, dtype="str"),
        }
    )


def test_scores_within_their_scale_pass_and_others_do_not(project):
    validate_scores(project, scores(9))
    for column, value in (("sc5_connect", 5.5), ("sc5_connect_sum", 4), ("sc5_connect__n", 6)):
        table = scores(9)
        table.loc[2, column] = value
        with pytest.raises(ContractError, match="scores do not meet their contract") as caught:
            validate_scores(project, table)
        assert column in str(caught.value) and "(1 row)" in str(caught.value)
    with pytest.raises(ContractError, match="sc5_connect__status: the table has this column"):
        validate_scores(project, scores(9).drop(columns="sc5_connect__status"))


def test_a_score_for_the_same_student_twice_does_not_pass(project):
    with pytest.raises(ContractError, match="one row only"):
        validate_scores(project, pd.concat([scores(9), scores(1)], ignore_index=True))


def test_estimates_whose_interval_is_upside_down_do_not_pass(project):
    from unit.validation.contract_examples import example

    table = example("estimates")
    validate_estimates(project, table)
    table.loc[0, ["low", "high"]] = [3.7, 3.5]
    with pytest.raises(ContractError, match="not below the lower"):
        validate_estimates(project, table)
