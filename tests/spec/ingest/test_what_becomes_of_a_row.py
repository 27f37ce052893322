"""What becomes of each row of an export: accepted, set aside, or left out for a stated reason."""

import json

from unit.ingest.small_survey import ITEMS, answer, as_csv, reasons

BLANK = dict.fromkeys(ITEMS, "")


def test_a_good_row_is_accepted_under_a_pseudonym_and_with_its_row_number(small):
    found = small.rows(answer("s1", sm_a="2")).ingest()
    row = found.responses.iloc[0]
    assert (row["wave"], row["school"], row["grade"], row["source"], row["source_row"]) == (
        "w2", "001", "7", "export.csv", 2,
    )  # fmt: skip
    assert len(row["respondent"]) == 26
    assert row["sm_a"] == 2 and row["sm_b"] == 4
    assert str(row["submitted_at"]) == "2026-10-06 15:00:00+00:00"  # 09:00 in Edmonton


def test_a_row_without_an_answer_is_left_out(small):
    found = small.rows(answer("s1"), answer("s2", **BLANK)).ingest()
    assert reasons(found, "excluded") == [(3, "blank")]


def test_preview_rows_are_left_out_for_the_reason_that_the_map_gives(small):
    small.map["exclude"] = [{"column": "status", "values": ["Survey Preview"], "reason": "preview"}]
    found = small.rows(answer("s1", status="IP Address"), answer("s2", status="survey  preview")).ingest()
    assert reasons(found, "excluded") == [(3, "preview")]
    assert found.account["files"][0]["excluded"] == {"preview": 1}


def test_an_unfinished_submission_is_left_out(small):
    small.columns["complete"] = {"column": "finished", "agreed": ["TRUE"]}
    found = small.rows(answer("s1", finished="True"), answer("s2", finished="False")).ingest()
    assert reasons(found, "excluded") == [(3, "incomplete")]


def test_a_row_of_another_wave_is_left_out_and_one_of_no_wave_set_aside(small):
    small.columns["wave"] = {"column": "term", "values": {"Fall 26": "w2", "Fall 25": "w1"}}
    rows = [
        answer("s1", term="fall 26"),
        answer("s2", term="Fall 25"),
        answer("s3", term="Spring"),
        answer("s4", term=""),
    ]
    found = small.rows(*rows).ingest()
    assert reasons(found, "excluded") == [(3, "other_wave")]
    assert reasons(found) == [(4, "unknown_wave"), (5, "unknown_wave")]


def test_without_a_wave_column_the_day_of_submission_says_the_wave(small):
    found = small.rows(
        answer("s1", submitted="2025-10-24 23:59"),
        answer("s2", submitted="2025-10-25 00:01"),
        answer("s3", submitted="2026-10-23T23:30:00-06:00"),
        answer("s4", submitted=""),
    ).ingest()
    assert reasons(found, "excluded") == [(2, "other_wave")]
    assert len(found.responses) == 3


def test_the_same_export_twice_counts_once(small):
    small.rows(answer("s1"), answer("s2"), name="a.csv").rows(answer("s1"), answer("s2"), name="b.csv")
    found = small.ingest()
    assert len(found.responses) == 2
    assert found.account["files"][1]["excluded"] == {"same_file": 2}
    assert found.account["notes"] == ["b.csv is the same file as a.csv, so it was left out."]


def test_rows_without_token_or_school_are_set_aside(small):
    found = small.rows(answer(""), answer("s2", school=""), answer("s3")).ingest()
    assert reasons(found) == [(2, "no_id"), (3, "no_school")]


def test_a_school_that_is_not_declared_is_set_aside_and_named(small):
    small.survey["schools"] = {"001": {"en": "One"}}
    strays = [answer(f"t{i}", school="999") for i in range(6)]
    found = small.rows(answer("s1"), *strays).ingest()
    assert reasons(found) == [(row, "unknown_school") for row in range(3, 9)]
    assert found.rejected.loc[0, ["table", "file", "column", "school"]].tolist() == [
        "responses", "export.csv", "school", "999",
    ]  # fmt: skip


def test_what_few_rows_hold_in_place_of_a_school_is_told_in_a_restricted_table_alone(small):
    found = small.rows(answer("s1"), answer("s2", school="Ann Example"), answer("s3", school="1")).ingest()
    assert found.rejected["school"].tolist() == ["", "1"]  # 1 is 001 without its zeros
    assert "Ann" not in json.dumps(found.account) + found.rejected.to_json()
    assert found.values.to_numpy().tolist() == [["responses", "export.csv", "school", "Ann Example", 1, 3]]


def test_without_declared_schools_and_roster_a_school_is_what_six_rows_say(small):
    del small.survey["schools"]
    six = [answer(f"s{i}", school="Alder") for i in range(6)]
    again = [answer("t1", school="Ann Example") for i in range(9)]  # one student
    found = small.rows(*six, *again).ingest()
    assert set(found.responses["school"]) == {"Alder"}
    assert reasons(found)[-1] == (16, "unknown_school") and len(found.rejected) == 9


def test_of_two_submissions_the_later_counts_and_then_the_lower_row(small):
    found = small.rows(
        answer("s1", submitted="2026-10-08 09:00", sm_a="1"),
        answer("s1", submitted="2026-10-07 09:00", sm_a="2"),
        answer("s2", sm_a="3"),
        answer("s2", sm_a="5"),
    ).ingest()
    assert reasons(found) == [(3, "duplicate"), (4, "duplicate")]
    assert found.responses["sm_a"].tolist() == [1, 5]


def test_an_unfinished_later_submission_does_not_replace_a_finished_one(small):
    small.columns["complete"] = {"column": "finished", "agreed": ["1"]}
    found = small.rows(
        answer("s1", finished="1", sm_a="1"), answer("s1", finished="0", sm_a="2", submitted="2026-10-20 09:00")
    ).ingest()
    assert found.responses["sm_a"].tolist() == [1]
    assert reasons(found, "excluded") == [(3, "incomplete")]


def test_a_row_with_cells_too_many_or_too_few_is_set_aside(small):
    text = as_csv([answer("s1"), answer("s2")])
    small.put("export.csv", text + "s3,001,7\n" + ",".join(["s4"] + ["4"] * 9) + "\n" + text.splitlines()[1] + "\n")
    found = small.ingest()
    assert reasons(found)[-2:] == [(4, "wrong_number_of_cells"), (5, "wrong_number_of_cells")]


def test_bad_answers_become_invalid_and_are_counted_by_kind_never_by_value(small):
    found = small.rows(answer("s1", sm_a="77", sm_b="secret words"), answer("s2", sm_a="6")).ingest()
    assert found.responses["sm_a"].tolist() == [-4, -4]
    assert found.account["bad_items"] == [
        {"file": "export.csv", "item": "sm_a", "n": 2, "kind": "a code outside 1–5"},
        {"file": "export.csv", "item": "sm_b", "n": 1, "kind": "text where a code belongs"},
    ]
    assert "secret" not in str(found.account) and "77" not in str(found.account["bad_items"])


def test_a_row_with_too_many_bad_answers_is_set_aside(small):
    bad = dict.fromkeys(ITEMS[:3], "6")
    found = small.rows(answer("s1", **bad), answer("s2", **bad, sm_d="0")).ingest()
    assert reasons(found) == [(3, "too_many_bad_items")]
    assert found.responses["sm_c"].tolist() == [-4]


def test_skipped_not_asked_and_invalid_stay_apart(small):
    small.map["missing"] = {"NA": "skipped", "DK": "dont_know"}
    del small.map["items"]["sm_e"]
    found = small.rows(answer("s1", sm_a="NA", sm_b="", sm_c="9", sm_d="dk"), answer("s2", sm_a="8")).ingest()
    assert found.responses.loc[0, list(ITEMS)].tolist() == [-1, -1, -2, -3, -2]
    assert found.responses.loc[1, "sm_a"] == -4
    assert found.account["bad_items"] == []  # the source itself calls 8 invalid


def test_sensitive_answers_without_consent_are_not_read_and_the_row_stays(small):
    small.survey["modules"] = ["private"]
    small.map["items"]["sm_private"] = "private"
    small.columns["consent"] = {"column": "consent", "agreed": ["yes"]}
    found = small.rows(
        answer("s1", private="5", consent="Yes"),
        answer("s2", private="5", consent="no"),
        answer("s3", private="words", consent=""),
    ).ingest()
    assert found.responses["sm_private"].tolist() == [5, -2, -2]
    assert found.account["bad_items"] == []


def test_learning_mode_comes_from_the_context_item_which_is_no_column(small):
    small.map["items"]["sm_mode"] = {"column": "mode", "codes": {"At school": 1, "Online": 2}}
    found = small.rows(answer("s1", mode="online"), answer("s2", mode=""), answer("s3", mode="Moon")).ingest()
    assert found.responses["learning_mode"].tolist() == ["digital", "unknown", "unknown"]
    assert "sm_mode" not in found.responses
    assert "1 row has a learning mode" in found.account["notes"][0]


def test_an_anonymous_survey_tells_rows_apart_and_uses_the_response_id_for_copies_only(small):
    del small.survey["identity"]
    small.columns["response_id"] = "rid"
    found = small.rows(answer(rid="R_1"), answer(rid="R_1"), answer(rid=""), answer(rid="")).ingest()
    assert reasons(found) == [] and reasons(found, "excluded") == [(2, "exported_again")]
    assert found.responses["respondent"].nunique() == 3
    assert "submission" not in found.responses and "rid" not in found.responses
