"""SurveyMonkey exports: two rows of header, condensed and expanded, in the encodings that it writes."""

from __future__ import annotations

import pandas as pd
import pytest
from unit.ingest.exports import EXAMPLES, cells, read, same_survey

from connectedness.errors import ContractError
from connectedness.ingest import describe
from connectedness.ingest.detect import detect
from connectedness.ingest.export import read_columns

STEM = "How is it \u2013 here, at “école”?"
CONDENSED = ["surveymonkey_condensed.csv", "surveymonkey_windows.csv", "surveymonkey_condensed.xlsx"]


@pytest.mark.parametrize("name", [*CONDENSED, "surveymonkey_expanded.csv"])
def test_recognised_by_its_two_rows(name):
    found = detect(EXAMPLES / name)
    assert (found.format, found.confidence) == ("surveymonkey", "certain")


@pytest.mark.parametrize("name", CONDENSED)
def test_a_questions_text_holds_for_all_its_columns_in_every_encoding(name):
    home, free, belong = cells(name, f"{STEM} [I feel at home]", "Anything else?", f"{STEM} [I belong]")
    assert home == ["Agree", "Strongly disagree", ""] and belong == ["Strongly agree", "Agree", ""]
    assert free == ["a, b", "", "l’été"]
    assert read(name, "Your school").row.tolist() == [3, 4, 5]
    assert {f"{STEM} [I belong]", "Anything else?"} <= {one.name for one in describe(EXAMPLES / name).columns}


@pytest.mark.parametrize("name", CONDENSED)
def test_ticked_choices_have_a_column_each_and_free_writing_is_not_one(name):
    art, music = cells(name, "Which of these?=Art", "Which of these?=Music")
    assert (art, music) == (["1", "", "0"], ["1", "", "1"])
    kinds = {one.name: one.kind for one in describe(EXAMPLES / name).columns}
    assert kinds["Which of these? [Other (please specify)]"] == "text"


def test_in_the_expanded_form_an_answer_is_what_stands_in_the_one_filled_column():
    whole, home, in_class = cells("surveymonkey_expanded.csv", "I belong", f"{STEM} [At home]", f"{STEM} [In class]")
    assert whole == ["Strongly agree", "Strongly disagree", "Disagree;Agree"]  # two answers: no label that is known
    assert (home, in_class) == (["Yes", "No", ""], ["No", "Yes", ""])


def test_a_wave_of_it(small):
    small.survey.pop("identity")
    words = {"Strongly disagree": 1, "Disagree": 2, "Agree": 4, "Strongly agree": 5}
    columns = {"school": "Your school", "started_at": "Start Date", "submitted_at": "End Date"}
    items = {"sm_a": {"column": f"{STEM} [I feel at home]", "codes": words}}
    found = same_survey(small, "surveymonkey_condensed.csv", columns, items)
    assert found.responses["sm_a"].tolist() == [4, 1]
    assert found.responses["submitted_at"].iloc[0] == pd.Timestamp("2026-10-13 19:05", tz="UTC")
    assert found.account["files"][0]["excluded"] == {"blank": 1}


def test_accents_that_fit_two_encodings_are_not_chosen_between(tmp_path):
    raw = (EXAMPLES / "surveymonkey_windows.csv").read_bytes()
    path = tmp_path / "e.csv"
    path.write_bytes(raw.replace("drôle".encode("cp1252"), b"\xc9").replace(b"\x96", b"-").replace(b"\x93", b"'")
                     .replace(b"\x94", b"'").replace(b"\x92", b"'").replace(b"\xe9", b"e"))  # fmt: skip
    with pytest.raises(ContractError, match="more than one other encoding"):
        read_columns(path, "e.csv", None, ["Your school"])


def test_a_real_export(real_data):
    path = real_data / "exports/surveymonkey_fivethirtyeight/religion-survey-results.csv"
    found = describe(path)
    assert (found.recognised.format, found.recognised.confidence) == ("surveymonkey", "likely")
    assert len(found.columns) == 48
    export = read_columns(path, path.name, None, [one.name for one in found.columns])
    assert len(export) == 1039 and export.row[0] == 3 and not export.ragged.any()
    assert (
        "What is your age?" in export.cells and "What is your present religion, if any? [None of these]" in export.cells
    )


def test_a_real_export_of_one_header_row_is_a_plain_table(real_data):
    path = real_data / "exports/surveymonkey_fivethirtyeight/comma-survey.csv"
    assert (detect(path).format, detect(path).confidence) == ("csv", "plain")
    assert len(read_columns(path, path.name, None, ["RespondentID"])) == 1129
