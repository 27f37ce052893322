"""Microsoft Forms workbooks."""

from __future__ import annotations

import openpyxl
import pandas as pd
from unit.ingest.exports import EXAMPLES, cells, same_survey

from connectedness.ingest import describe
from connectedness.ingest.detect import detect
from connectedness.ingest.export import read_columns

WORDS = {"Strongly disagree": 1, "Agree": 4, "Strongly agree": 5}


def test_recognised_by_its_first_headings():
    found = detect(EXAMPLES / "microsoft_forms.xlsx")
    assert (found.format, found.confidence) == ("microsoft_forms", "certain")


def test_headings_with_line_breaks_and_no_break_spaces_are_plain_names():
    assert cells("microsoft_forms.xlsx", "I feel at home") == [["Agree", "Strongly disagree", ""]]


def test_ticked_choices_end_in_a_semicolon():
    art, music = cells("microsoft_forms.xlsx", "Which of these?=Art", "Which of these?=Music")
    assert (art, music) == (["1", "0", ""], ["1", "1", ""])


def test_a_formula_is_not_run():
    assert cells("microsoft_forms.xlsx", "Why?") == [["a formula without a value"] * 3]


def test_a_question_that_stands_again_keeps_its_text():
    columns = {one.name: one for one in describe(EXAMPLES / "microsoft_forms.xlsx").columns}
    assert columns["Why?2"].question == "Why?" == columns["Why?"].question
    assert {name for name, one in columns.items() if one.kind == "fact"} == {
        "ID", "Start time", "Completion time", "Email", "Name", "Last modified time",
    }  # fmt: skip


def test_french_headings_have_the_english_names_too(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom", "Ton école"])
    book.active.append([1, None, "2026-10-06 09:00", "anonymous", None, "001"])
    book.save(tmp_path / "f.xlsx")
    export = read_columns(tmp_path / "f.xlsx", "f.xlsx", None, ["Completion time", "Heure de fin", "Ton école"])
    assert export.format == "microsoft_forms"
    assert export.cells.iloc[0].tolist() == ["2026-10-06 09:00", "2026-10-06 09:00", "001"]


def test_a_wave_of_it(small):
    small.survey.pop("identity")
    columns = {"school": "Your school", "started_at": "Start time", "submitted_at": "Completion time"}
    columns |= {"response_id": "ID"}
    items = {"sm_a": {"column": "I feel at home", "codes": WORDS}, "sm_b": {"column": "I belong", "codes": WORDS}}
    found = same_survey(small, "microsoft_forms.xlsx", columns, items)
    assert found.responses[["sm_a", "sm_b"]].values.tolist() == [[4, 5], [1, 4], [-1, 4]]
    assert found.responses["duration_s"].tolist() == [60.0, 120.0, 180.0]
    assert found.responses["submitted_at"].iloc[0] == pd.Timestamp("2026-10-06 15:01", tz="UTC")
