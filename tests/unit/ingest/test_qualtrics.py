"""Qualtrics exports: three rows of header or two, numbers or words, joined or split choices, the tool's own marks."""

from __future__ import annotations

import pandas as pd
import pytest
from unit.ingest.exports import EXAMPLES, cells, marked, read, same_survey
from unit.ingest.small_survey import reasons

from connectedness.declare.columns import ColumnMap
from connectedness.declare.registry import find_instrument
from connectedness.errors import ContractError
from connectedness.ingest import describe, read_items
from connectedness.ingest.detect import detect
from connectedness.ingest.export import read_columns

COLUMNS = {"token": "Token", "school": "School", "started_at": "StartDate", "submitted_at": "EndDate"}
ITEMS = {"sm_a": "QID4_1", "sm_b": "Q1_2", "sm_c": {"column": "Q2=3", "codes": {"1": 1, "0": 2}}}


@pytest.mark.parametrize("name", ["qualtrics_numbers.csv", "qualtrics_words.tsv", "qualtrics_older.csv"])
def test_recognised_by_its_header(name):
    found = detect(EXAMPLES / name)
    assert (found.format, found.confidence) == ("qualtrics", "certain")


def test_rows_are_counted_from_the_first_answers_and_tag_and_import_id_name_a_column():
    export = read("qualtrics_numbers.csv", "Q1_1", "QID4_1", "_recordId", "ResponseId")
    assert export.row.tolist() == [4, 5, 6, 7, 8, 9, 10, 11, 12] and not export.ragged.any()
    assert export.cells["Q1_1"].tolist() == export.cells["QID4_1"].tolist() == [
        "4", "5", "4", "4", "4", "3", "1", "4", "2",
    ]  # fmt: skip
    assert export.cells["_recordId"].tolist() == export.cells["ResponseId"].tolist()


@pytest.mark.parametrize("name", ["qualtrics_numbers.csv", "qualtrics_words.tsv"])
def test_previews_spam_and_unfinished_answers_are_set_apart_in_numbers_and_in_words(name):
    assert marked(read(name, "Q1_1")) == {"preview": [6, 8], "spam": [7, 11], "incomplete": [9, 9]}


def test_the_older_form_has_its_marks_in_columns_called_v7_and_v10():
    export = read("qualtrics_older.csv", "ResponseID", "V1", "Q1_1")
    assert marked(export) == {"preview": [4], "incomplete": [5]}
    assert export.row.tolist() == [3, 4, 5, 6]
    assert export.cells["V1"].tolist() == export.cells["ResponseID"].tolist()


def test_a_wave_leaves_marked_rows_out_for_the_reason_and_tells_skipped_from_not_shown(small):
    found = same_survey(small, "qualtrics_numbers.csv", COLUMNS, ITEMS)
    assert sorted(reasons(found, "excluded")) == [
        (6, "preview"), (7, "spam"), (8, "preview"), (9, "incomplete"), (11, "spam"),
    ]  # fmt: skip
    assert found.account["files"][0]["format"] == "qualtrics" and found.account["files"][0]["rows"] == 9
    answers = found.responses.set_index("source_row")[["sm_a", "sm_b", "sm_c"]]
    assert answers.loc[5].tolist() == [5, -1, -2]  # seen and left; a choice of a question left
    assert answers.loc[12].tolist() == [2, -2, -2]  # -99 is written elsewhere, so an empty cell was not shown
    assert answers.loc[4, "sm_c"] == 1 and answers.loc[10, "sm_c"] == 2  # "13" is not 3


def test_times_are_on_the_clock_that_row_3_names(small):
    found = same_survey(small, "qualtrics_numbers.csv", COLUMNS, ITEMS)
    assert found.responses["started_at"].iloc[0] == pd.Timestamp("2026-10-06 12:00:00", tz="UTC")  # Halifax is UTC-3


def test_a_map_may_keep_what_the_tool_sets_apart(small):
    found = same_survey(small, "qualtrics_numbers.csv", COLUMNS, ITEMS, keep=["incomplete", "preview"])
    assert reasons(found, "excluded") == [(7, "spam"), (11, "spam")]
    assert found.account["files"][0]["accepted"] == 7


def test_a_column_named_for_completeness_takes_the_place_of_the_tools_mark(small):
    columns = {**COLUMNS, "complete": {"column": "Finished", "agreed": ["0", "1"]}}
    assert (9, "incomplete") not in reasons(same_survey(small, "qualtrics_numbers.csv", columns, ITEMS), "excluded")


def test_words_are_the_instruments_own_labels_and_a_label_that_is_unknown_is_no_code():
    columns = ColumnMap.model_validate({"items": {"hr_bel_accepted": "Q1_1", "hr_bel_included": "QID4_2"}})
    found = read_items(EXAMPLES / "qualtrics_words.tsv", find_instrument("healthy-relationships@1"), columns)
    assert found.row.tolist() == [4, 5, 10, 12]
    assert found.items["hr_bel_accepted"].tolist() == [4, 5, 1, 2]
    assert found.items["hr_bel_included"].tolist() == [5, -1, 2, -2]
    assert found.bad == {}


def test_joined_choices_become_columns_of_zero_and_one():
    one, three, thirteen = cells("qualtrics_numbers.csv", "Q2=1", "QID7=3", "Q2=13")
    assert (one[0], three[0], thirteen[0]) == ("1", "1", "0")
    assert (one[1], one[8]) == ("", "") and (one[6], thirteen[6]) == ("0", "1")


def test_a_choice_with_a_comma_in_its_text_is_found_in_the_joined_list():
    whole, part = cells("qualtrics_words.tsv", "Q2=Music, all of it", "Q2=all")
    assert whole[0] == "1" and part[0] == "0"


def test_split_choices_become_columns_of_zero_and_one_in_the_same_way():
    art, music = cells("qualtrics_numbers.csv", "Q3=1", "QID8=2")
    assert (art[0], music[0]) == ("1", "0") and (art[8], music[8]) == ("0", "1") and art[1] == ""


def test_free_writing_and_the_order_of_display_are_told_from_questions():
    kinds = {one.name: one.kind for one in describe(EXAMPLES / "qualtrics_numbers.csv").columns}
    assert kinds["Q3_3_TEXT"] == "text" and kinds["Q1_DO_1"] == "order" and kinds["IPAddress"] == "fact"
    assert [name for name, kind in kinds.items() if kind == "question"] == [
        "Token", "School", "Q1_1", "Q1_2", "Q2", "Q3_1", "Q3_2",
    ]  # fmt: skip


def test_what_it_says_of_itself():
    found = describe(EXAMPLES / "qualtrics_numbers.csv")
    assert found.timezone == "America/Halifax"
    assert found.roles == {
        "response_id": "ResponseId", "started_at": "StartDate", "submitted_at": "EndDate",
        "duration_s": "Duration (in seconds)",
    }  # fmt: skip
    question = next(one for one in found.columns if one.name == "Q1_1")
    assert question.other_names == ("QID4_1",) and question.question == "How is it here? - I feel at home"


def test_a_tag_that_is_anothers_import_id_is_not_chosen_between(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text(
        'ResponseId,QID2,Q2\nr,a,b\n"{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"\nR_1,1,2\n'
    )
    with pytest.raises(ContractError, match="more than once"):
        read_columns(path, "e.csv", None, ["QID2"])
    assert read_columns(path, "e.csv", None, ["QID1"]).cells["QID1"].tolist() == ["1"]


def test_a_table_that_is_said_to_be_qualtrics_and_is_not(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text("a,b\n1,2\n")
    columns = ColumnMap.model_validate({"format": "qualtrics", "items": {"a": "a"}})
    with pytest.raises(ContractError, match="not laid out as an export of Qualtrics"):
        read_columns(path, "e.csv", columns, ["a"])


@pytest.mark.parametrize(("under", "first_row"), [("", 2), ("Start,End,Kind,Done,Id,At,Question\n", 3)])
def test_a_row_of_answers_is_never_taken_for_a_row_of_questions(tmp_path, under, first_row):
    path = tmp_path / "e.csv"
    tags = "StartDate,EndDate,Status,Finished,ResponseId,RecordedDate,Q1\n"
    path.write_text(f"{tags}{under}2026-10-06 9:00,2026-10-06 9:01,0,1,17,2026-10-06 9:01,4\n", encoding="utf-8")
    export = read_columns(path, "e.csv", None, ["Q1"])
    assert (export.format, export.row.tolist(), export.cells["Q1"].tolist()) == ("qualtrics", [first_row], ["4"])


REAL = {
    "qualtrics_3header/qualtrics_sample_german_ui.csv": (1, 20, 3),
    "qualtrics_qualtricstools/Multiple_Answer_Matrix_Questions__Insights_.csv": (5, 75, 3),
    "qualtrics_qualtricstools/No_Basis_for_Evaluation__Insights_.csv": (15, 49, 3),
    "qualtrics_qualtricstools/No_Basis_for_Evaluation__Legacy_.csv": (15, 48, 2),
    "qualtrics_qualtricstools/Sample_Survey.csv": (5, 189, 2),
    "qualtrics_qualtricstools/Sample_Survey__Insights_.csv": (5, 190, 3),
    "qualtrics_qualtricstools/SidebySide_Questions__Insights_.csv": (25, 71, 3),
    "qualtrics_qualtricstools/Single_Answer_Matrix_Questions.csv": (5, 29, 2),
    "qualtrics_qualtricstools/Single_Answer_Matrix_Questions__Insights_.csv": (5, 30, 3),
}


@pytest.mark.parametrize("name", REAL)
def test_real_exports(real_data, name):
    rows, columns, header_rows = REAL[name]
    path = real_data / "exports" / name
    found = describe(path)
    assert found.recognised.format == "qualtrics" and len(found.columns) == columns
    assert {"response_id", "started_at", "submitted_at"} <= set(found.roles)
    export = read_columns(path, path.name, None, [*(one.name for one in found.columns), found.roles["response_id"]])
    assert len(export) == rows and export.row[0] == header_rows + 1 and not export.ragged.any()
    assert all(one.question for one in found.columns if one.kind == "question")
    tests = sum(int(mark.where.sum()) for mark in export.marks if mark.reason == "test")
    assert tests == (0 if "german" in name else rows)  # made by "generate test responses"
    assert (export.cells[found.roles["response_id"]].str.startswith("R_")).all()


def test_real_import_ids_tell_columns_of_one_tag_apart(real_data):
    path = real_data / "exports/qualtrics_qualtricstools/Single_Answer_Matrix_Questions.csv"
    names = [one.name for one in describe(path).columns]
    assert {"question_one #1", "question_one #2", "question_one #3"} <= set(names) and len(set(names)) == len(names)
