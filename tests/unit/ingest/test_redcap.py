"""REDCap exports: raw and labelled, events and repeats, boxes, forms begun and not sent, the data dictionary."""

from __future__ import annotations

import shutil

import pytest
from unit.ingest.exports import EXAMPLES, cells, marked, read, same_survey
from unit.ingest.small_survey import reasons

from connectedness.declare.columns import ColumnMap
from connectedness.errors import ContractError
from connectedness.ingest import describe
from connectedness.ingest.detect import detect
from connectedness.ingest.export import read_columns
from connectedness.ingest.redcap_dictionary import read_dictionary

MAP = ColumnMap.model_validate({"items": {"home": "home", "belong": "belong"}, "columns": {"school": "school"}})
COLUMNS = {"token": "student", "school": "school", "submitted_at": "climate_timestamp"}


def test_recognised_by_its_own_columns():
    assert detect(EXAMPLES / "redcap/raw.csv").format == "redcap"
    assert detect(EXAMPLES / "redcap/labels.csv").format == "redcap"
    assert detect(EXAMPLES / "redcap/dictionary.csv").format == "redcap_dictionary"


def test_boxes_of_a_form_that_was_never_opened_are_empty():
    one, none = cells("redcap/raw.csv", "which___1", "which____9")
    assert one == ["", "1", "", "0", "", "0", "0"] and none == ["", "0", "", "0", "", "0", "1"]


@pytest.mark.parametrize("name", ["redcap/raw.csv", "redcap/labels.csv"])
def test_a_box_can_be_named_by_its_code(name):
    assert cells(name, "which=1", "which=-9") == [["", "1", "", "0", "", "0", "0"], ["", "0", "", "0", "", "0", "1"]]


def test_a_form_begun_and_not_sent_is_incomplete_and_one_that_does_not_apply_is_not():
    assert marked(read("redcap/raw.csv", "home", "school", columns=MAP)) == {"incomplete": [2, 4, 5, 6]}


def test_a_fact_of_the_student_is_taken_from_the_records_other_rows():
    assert cells("redcap/raw.csv", "school", columns=MAP) == [["001", "001", "001", "001", "002", "002", "002"]]
    assert cells("redcap/raw.csv", "school") == [["001", "", "001", "", "002", "", ""]]


def test_a_wave_is_the_same_from_raw_codes_and_from_labels_with_the_dictionary(small):
    items = {"sm_a": "home", "sm_b": "belong", "sm_c": {"column": "which=-9", "codes": {"1": 5, "0": 1}}}
    small.put("dictionary.csv", (EXAMPLES / "redcap/dictionary.csv").read_bytes())
    raw = same_survey(small, "redcap/raw.csv", COLUMNS, items)
    assert raw.responses[["sm_a", "sm_b", "sm_c"]].values.tolist() == [[4, 5, 1], [2, 2, 5]]
    assert sorted(reasons(raw, "excluded")) == [
        (2, "incomplete"),
        (4, "incomplete"),
        (5, "incomplete"),
        (6, "incomplete"),
    ]
    assert reasons(raw) == [(7, "duplicate")]  # the second repeat came later
    assert raw.account["labels"]["sm_a"]["5"] == "Strongly agree"
    assert any("dictionary.csv defines a survey" in note for note in raw.account["notes"])
    (small.root / "inbox/w2/raw.csv").unlink()
    words = same_survey(small, "redcap/labels.csv", {**COLUMNS, "submitted_at": "Survey Timestamp"}, items)
    assert words.responses[["sm_a", "sm_b", "sm_c"]].values.tolist() == [[4, 5, 1], [2, 2, 5]]
    assert words.account["bad_items"] == []


def test_without_the_dictionary_words_that_nothing_declares_are_no_codes(small, tmp_path):
    items = {"sm_a": "I feel at home"}
    columns = {"token": "Your number", "school": "Your school"}
    found = same_survey(small, "redcap/labels.csv", columns, items)
    assert set(found.responses["sm_a"]) == {-4}


def test_a_dictionary_in_place_of_the_export_says_so(tmp_path):
    shutil.copy(EXAMPLES / "redcap/dictionary.csv", tmp_path / "export.csv")
    with pytest.raises(ContractError, match="data dictionary"):
        read_columns(tmp_path / "export.csv", "export.csv", None, ["home"])


def test_a_dictionary_gives_questions_without_markup_and_choices_with_commas():
    found = read_dictionary((EXAMPLES / "redcap/dictionary.csv").read_text(encoding="utf-8"))
    assert found.question["home"] == "I feel at home"
    assert found.choices["which"] == {"1": "Art", "2": "Music", "-9": "None, really"}
    assert found.question_of("which____9") == "Which of these? [None, really]"


REAL = {
    "checkboxes-1": ("likely", 4, 13, 9),
    "repeating-instruments": ("certain", 6, 15, 3),
    "survey": ("certain", 2, 33, None),
}


@pytest.mark.parametrize("name", REAL)
def test_real_exports(real_data, name):
    confidence, rows, columns, labelled = REAL[name]
    path = real_data / "exports/redcap_redcapr" / name / "data.csv"
    found = describe(path)
    assert (found.recognised.format, found.recognised.confidence) == ("redcap", confidence)
    assert len(found.columns) == columns
    export = read_columns(path, "data.csv", None, [one.name for one in found.columns])
    assert len(export) == rows and export.row[0] == 2 and not export.ragged.any()
    assert labelled is None or len(export.labels) == labelled


def test_real_boxes_that_nobody_ticked_on_a_form_never_saved_are_empty(real_data):
    path = real_data / "exports/redcap_redcapr/checkboxes-1/data.csv"
    boxes = [f"check_one___{i}" for i in range(1, 5)]
    read = read_columns(path, "data.csv", None, [*boxes, "check_two___a"]).cells
    assert (read[boxes].iloc[[1, 3]] == "").all(axis=None)  # its own notes: "should be NA"
    assert (read[boxes].iloc[2] == "1").all() and read["check_two___a"].iloc[0] == "1"


def test_a_real_form_begun_and_not_sent_has_no_time(real_data):
    path = real_data / "exports/redcap_redcapr/survey/data.csv"
    columns = ColumnMap.model_validate({"items": {"a": "pmq1"}})
    name = "participant_morale_questionnaire_timestamp"
    export = read_columns(path, "data.csv", columns, ["pmq1", name])
    assert (export.cells[name] == "").all() and marked(export) == {"incomplete": [2, 3]}
