"""Rarer forms of the survey tools' exports, and tables that no tool wrote."""

from __future__ import annotations

import pytest
from unit.ingest.exports import EXAMPLES, cells, marked, read, same_survey

from connectedness.declare.columns import ColumnMap
from connectedness.ingest.detect import detect

AGREE = {"Strongly disagree": 1, "Disagree": 2, "Neither": 3, "Agree": 4, "Strongly agree": 5}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("qualtrics_loop.csv", "qualtrics"), ("microsoft_quiz.xlsx", "microsoft_forms"),
        ("microsoft_forms.csv", "microsoft_forms"), ("limesurvey_long.csv", "limesurvey"),
        ("redcap/letters.csv", "redcap"), ("surveymonkey_numbers.csv", "surveymonkey"), ("plain.csv", "csv"),
        ("plain_semicolons.csv", "csv"), ("plain.xlsx", "xlsx"), ("plain.xlsm", "xlsx"), ("plain.parquet", "parquet"),
    ],
)  # fmt: skip
def test_recognised(name, kind):
    assert detect(EXAMPLES / name).format == kind


def test_qualtrics_loops_are_columns_of_their_own_by_tag_and_by_import_id():
    assert cells("qualtrics_loop.csv", "1_Q7", "2_QID7") == [["1", "1", "2", "1", "1"], ["2", "1", "", "1", ""]]


def test_qualtrics_tests_and_preview_spam_are_apart_and_imported_answers_count():
    assert marked(read("qualtrics_loop.csv", "Token")) == {"test": [5], "preview": [7], "spam": [7], "incomplete": [8]}


def test_qualtrics_recodes_with_gaps_are_codes_only_where_the_map_says_so(small):
    columns = {"token": "Token", "school": "School"}
    loose = same_survey(small, "qualtrics_loop.csv", columns, {"sm_a": "Q8"})
    assert loose.responses["sm_a"].tolist() == [-4, 4]  # 7 is no code of the instrument, 4 is its own
    said = {"sm_a": {"column": "Q8", "codes": {"1": 1, "4": 2, "7": 3}}}
    assert same_survey(small, "qualtrics_loop.csv", columns, said).responses["sm_a"].tolist() == [3, 2]


def test_a_microsoft_quiz_has_points_and_feedback_beside_its_questions():
    assert cells("microsoft_quiz.xlsx", "Your school", "I belong", "Points - I belong") == [["001"], ["Agree"], ["1"]]


def test_microsoft_years_of_two_digits_are_read_where_the_order_is_plain(small):
    columns = {"school": "Your school", "submitted_at": "Completion time"}
    small.survey.pop("identity")
    found = same_survey(small, "microsoft_forms.csv", columns, {"sm_a": {"column": "I belong", "codes": AGREE}})
    assert len(found.responses) == 2
    # The second day is above twelve, so the column itself says which number is the month.
    days = found.responses["submitted_at"].dt.strftime("%Y-%m-%d").tolist()
    assert days == ["2026-10-06", "2026-10-16"]


def test_limesurvey_long_answers_count_by_declared_labels_in_every_language(small):
    item = {"column": "Q2_SQ001", "codes": {"Tout à fait d'accord": 5, "Strongly agree": 5}}
    columns = {"token": "token", "school": "school"}
    found = same_survey(small, "limesurvey_long.csv", columns, {"sm_a": item, "sm_b": "Q4[SQ001]"})
    # N/A is what the tool writes for a question that was not shown. Yes and no are no codes of the item.
    assert found.responses["sm_a"].tolist()[:2] == [5, 5]
    assert (
        set(found.responses["sm_b"]) == {-4} and cells("limesurvey_long.csv", "Q4[SQ001comment]")[0][0] == "parce que"
    )


def test_redcap_boxes_may_be_named_by_letters_and_codes_for_missing_are_the_projects_own(small):
    assert cells("redcap/letters.csv", "which___a", "which=b") == [["1", "0", "0"], ["0", "0", "1"]]
    columns = {"token": "student", "school": "school"}
    found = same_survey(
        small, "redcap/letters.csv", columns, {"sm_a": "home"}, missing={"-999": "skipped", "UNK": "dont_know"}
    )
    told = dict(zip(found.responses["source_row"], found.responses["sm_a"], strict=True))
    assert told == {2: 4, 4: -3}  # the other answered nothing


def test_surveymonkeys_newer_names_and_numbers(small):
    columns = {"token": "Custom Data 1", "school": "Your school"}
    items = {"sm_a": "How is it? [I feel at home]", "sm_b": "How is it? [I belong]"}
    found = same_survey(small, "surveymonkey_numbers.csv", columns, items)
    assert found.responses[["sm_a", "sm_b"]].to_numpy().tolist() == [[4, 5]]


@pytest.mark.parametrize("name", ["plain.csv", "plain.xlsx", "plain.xlsm", "plain.parquet"])
def test_a_plain_table_is_the_same_in_every_format_and_nothing_in_it_is_run(name):
    wanted = [["t1", "t2", "t3"], ["001", "001", "002"], ["4", "NA", "5"]]
    assert cells(name, "token", "school", "home") == wanted
    said = cells(name, "said")[0]
    assert said[1:] == ["a, b\nc", "\u22122 \u201cél\u201d"]
    assert said[0] == "=1+1"


def test_links_and_macros_of_a_workbook_are_left_where_they_are():
    # What lies elsewhere is not asked for, and a formula that was never computed is no empty cell.
    assert cells("plain.xlsm", "link") == [["a formula without a value", "a formula without a value", ""]]


def test_a_french_table_needs_its_encoding_and_separator_declared():
    said = ColumnMap(items={"a": {"column": "a"}}, encoding="windows-1252", delimiter=";")
    assert cells("plain_semicolons.csv", "said", columns=said) == [["élève", "Noël", "ça"]]
