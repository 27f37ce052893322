"""Cells to codes, grades, modes and times: nothing is guessed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from unit.ingest.small_survey import answer

from connectedness.ingest import facts

TEXT = {"en": "A text"}

LABELS = {"Strongly disagree": 1, "Disagree": 2, "Neutral": 3, "Agree": 4, "Strongly agree": 5}


def words(*values: str) -> pd.Series:
    return pd.Series(values, dtype="str")


def test_labels_are_translated_whatever_their_case_blanks_and_unicode_form(small):
    small.map["items"]["sm_a"] = {"column": "sm_a", "codes": {**LABELS, "D\u00e9saccord": 2}}
    said = ["strongly  AGREE", "Neutral ", "De\u0301saccord", "4", "04", "4.0"]
    found = small.rows(*(answer(f"s{i}", sm_a=text) for i, text in enumerate(said))).ingest()
    assert found.responses["sm_a"].tolist() == [5, 3, 2, 4, 4, 4]


def test_where_the_map_renumbers_no_other_number_is_a_code(small):
    small.map["items"]["sm_a"] = {"column": "sm_a", "codes": {"11": 1, "12": 2}}
    found = small.rows(*(answer(f"s{i}", sm_a=text) for i, text in enumerate(["11", "12", "3"]))).ingest()
    assert found.responses["sm_a"].tolist() == [1, 2, -4]


def test_an_unknown_label_is_counted_and_shown_only_when_enough_rows_hold_it(small):
    small.map["items"]["sm_a"] = {"column": "sm_a", "codes": LABELS}
    rows = [answer(f"s{i}", sm_a="Agree a little") for i in range(6)]
    rows += [answer(f"t{i}", sm_a="my teacher is kind") for i in range(5)]
    account = small.rows(*rows).ingest().account
    assert account["unknown_labels"] == {
        "n": 11,
        "labels": [{"item": "sm_a", "label": "Agree a little", "n": 6}],
        "unprinted": {"labels": 1, "n": 5},
    }
    assert account["bad_items"][0]["n"] == 11
    assert "teacher" not in str(account)


def test_answers_of_rows_left_out_or_set_aside_are_not_counted_as_bad(small):
    small.survey["schools"] = {"001": {"en": "One"}}
    small.map["exclude"] = [{"column": "status", "values": ["preview"], "reason": "preview"}]
    rows = [answer("s1", status="preview", sm_a="7"), answer("s2", "999", status="", sm_a="7"), answer("s3", status="")]
    assert small.rows(*rows).ingest().account["bad_items"] == []


def test_a_missing_text_of_the_map_wins_over_a_code_and_a_code_of_the_item_over_it(small):
    small.map["missing"] = {"5": "dont_know"}
    small.map["items"]["sm_b"] = {"column": "sm_b", "codes": {"5": 5}}
    found = small.rows(answer("s1", sm_a="5", sm_b="5")).ingest()
    assert found.responses.loc[0, ["sm_a", "sm_b"]].tolist() == [-3, 5]


def test_a_blank_cell_is_what_the_map_says(small):
    small.map["blank"] = "not_asked"
    found = small.rows(answer("s1", sm_a="")).ingest()
    assert found.responses["sm_a"].tolist() == [-2]


def test_item_columns_are_small_integers_without_gaps(small):
    found = small.rows(answer("s1", sm_a=""), answer("s2", sm_a="x")).ingest()
    assert set(found.responses.dtypes[["sm_a", "sm_b"]]) == {np.dtype("int16")}


@pytest.mark.parametrize(
    ("said", "grade"),
    [("K", "K"), ("kindergarten", "K"), ("01", "1"), ("Grade 7", "7"), ("gr.7", "7"), ("7th", "7"), ("7th Grade", "7"),
     ("7.0", "7"), ("12", "12"), ("7e année", "7"), ("", "unknown")],
)  # fmt: skip
def test_grades_that_say_one_thing_are_read(said, grade):
    read, unread = facts.grades(words(said))
    assert read.tolist() == [grade] and not unread.any()


@pytest.mark.parametrize("said", ["0", "13", "seven", "7-8", "7.5", "-7", "PK", "77"])
def test_grades_that_are_none_of_ours_are_not_guessed(said):
    read, unread = facts.grades(words(said))
    assert read.tolist() == ["unknown"] and unread.all()


def test_learning_modes_are_ours_or_unknown():
    read, unread = facts.learning_modes(words("In Person", "in-person", "DIGITAL", "", "unknown", "hybrid"))
    assert read.tolist() == ["in_person", "in_person", "digital", "unknown", "unknown", "unknown"]
    assert unread.tolist() == [False] * 5 + [True]


def test_times_are_read_on_the_surveys_clock_or_in_their_own_zone():
    said = words(
        "2026-10-05 08:30", "2026/10/05 08:30:15", "2026-10-05T08:30:00Z", "2026-10-05T08:30:00.25+02:00", "2026-10-05",
    )  # fmt: skip
    read, unread = facts.moments(said, "America/Edmonton")
    assert read.dt.strftime("%m-%d %H:%M:%S").tolist() == [
        "10-05 14:30:00", "10-05 14:30:15", "10-05 08:30:00", "10-05 06:30:00", "10-05 06:00:00",
    ]  # fmt: skip
    assert not unread.any() and str(read.dtype) == "datetime64[us, UTC]"


def test_times_that_could_be_read_two_ways_or_not_at_all_are_left_out():
    said = words("03/04/2026 08:30", "2026-13-01", "0001-01-01 00:00", "9999-12-31 23:59", "soon", "")
    read, unread = facts.moments(said, "America/Edmonton")
    assert read.isna().all()
    assert unread.tolist() == [True] * 5 + [False]


def test_the_hour_that_comes_twice_or_never_is_still_a_time():
    read, unread = facts.moments(words("2026-11-01 01:30", "2026-03-08 02:30"), "America/Edmonton")
    assert read.notna().all() and not unread.any()


def test_seconds_are_numbers_from_nought():
    assert facts.seconds(words("12.5", "-1", "x", "", "inf")).fillna(-9).tolist() == [12.5, -9, -9, -9, -9]


def test_the_duration_is_given_or_else_reckoned(small):
    small.columns["started_at"] = "started"
    found = small.rows(answer("s1", started="2026-10-06 08:58"), answer("s2", started="2026-10-06 10:00")).ingest()
    assert found.responses["duration_s"].fillna(-1).tolist() == [120.0, -1.0]
    small.columns["duration_s"] = "seconds"
    found = small.rows(answer("s1", started="2026-10-06 08:58", seconds="95")).ingest()
    assert found.responses["duration_s"].tolist() == [95.0]


def test_units_and_declared_breakdowns_of_the_export_are_kept_and_no_others(small):
    small.survey["units"] = ["district", "region", "school"]
    small.survey["breakdowns"] = ["grade_band", {"id": "group", "levels": {"newcomer": TEXT, "X": TEXT}}]
    small.columns["others"] = {
        "region": {"column": "area", "values": {"N": "north"}},
        "group": {"column": "grp", "values": {"N": "newcomer"}},
        "nickname": "nick",
    }
    found = small.rows(answer("s1", area="n", grp="n", nick="Zed"), answer("s2", area="", grp="x", nick="Q")).ingest()
    assert found.responses.columns[:8].tolist() == [
        "wave", "respondent", "school", "region", "group", "grade", "grade_band", "learning_mode",
    ]  # fmt: skip
    assert found.responses["region"].tolist() == ["north", "unknown"]
    assert found.responses["group"].tolist() == ["newcomer", "X"]
    assert found.responses["grade_band"].tolist() == ["g7_9", "g7_9"]


def test_a_grade_of_the_export_that_is_none_is_unknown_and_noted(small):
    found = small.rows(answer("s1", grade="seven"), answer("s2", grade="08")).ingest()
    assert found.responses["grade"].tolist() == ["unknown", "8"]
    assert found.account["notes"] == ["export.csv: 1 row has a grade that is not one of ours, counted as unknown."]


def test_two_files_of_one_name_are_told_apart(small):
    small.files = ["inbox/{wave}/*/*.csv"]
    small.rows(answer("s1"), name="north/export.csv").rows(answer("s2"), name="south/export.csv")
    found = small.ingest()
    assert found.responses["source"].tolist() == ["inbox/w2/north/export.csv", "inbox/w2/south/export.csv"]
    assert [file["accepted"] for file in found.account["files"]] == [1, 1]
