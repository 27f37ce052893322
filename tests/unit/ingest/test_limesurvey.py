"""LimeSurvey exports."""

from __future__ import annotations

import pytest
from unit.ingest.exports import EXAMPLES, cells, marked, read, same_survey
from unit.ingest.small_survey import reasons

from connectedness.ingest import describe
from connectedness.ingest.detect import detect
from connectedness.ingest.export import read_columns

NAMES = ["limesurvey.csv", "limesurvey_commas.csv", "limesurvey_texts.csv"]


@pytest.mark.parametrize("name", NAMES)
def test_recognised_whatever_parts_its_cells_and_heads_its_columns(name):
    found = detect(EXAMPLES / name)
    assert (found.format, found.confidence) == ("limesurvey", "certain")


@pytest.mark.parametrize("name", NAMES)
def test_its_own_columns_have_their_code_as_a_name(name):
    ids, tokens = cells(name, "id", "token")
    assert ids == ["1", "2", "3", "4"] and tokens == ["t1", "t2", "t3", "t4"]


def test_brackets_and_underscores_name_the_same_column():
    assert cells("limesurvey.csv", "Q2[SQ001]") == cells("limesurvey.csv", "Q2_SQ001") == [["4", "4", "1", "2"]]
    heading = "Q2[SQ001]. How is it here? [I feel at home]"
    assert cells("limesurvey_texts.csv", heading) == cells("limesurvey_texts.csv", "Q2_SQ001") == [["4", "4", "1", "2"]]
    question = next(one for one in describe(EXAMPLES / "limesurvey_texts.csv").columns if one.name == heading)
    assert question.question == "How is it here? [I feel at home]"


@pytest.mark.parametrize("name", ["limesurvey.csv", "limesurvey_commas.csv"])
def test_ticked_choices(name):
    first, second = cells(name, "Q4=SQ001", "Q4=SQ002")
    assert (first, second) == (["1", "", "0", ""], ["0", "", "1", ""])


def test_an_answer_never_sent_is_incomplete_and_one_dated_1980_was_sent_anonymously():
    export = read("limesurvey.csv", "submitdate", "Q2[SQ001]")
    assert marked(export) == {"incomplete": [3]}
    assert export.cells["submitdate"].tolist() == ["2026-10-06 09:05:00", "", "", "2026-10-07 10:00:00"]
    assert len(export) == 4  # the empty line at the end is no row


def test_the_quote_before_an_equals_sign_is_not_part_of_the_answer():
    assert cells("limesurvey.csv", "Q5")[0][0] == "=1+1"


def test_a_wave_of_it(small):
    columns = {
        "school": "school",
        "started_at": "startdate",
        "submitted_at": "submitdate",
        "duration_s": "interviewtime",
    }
    found = same_survey(small, "limesurvey.csv", columns, {"sm_a": "Q2[SQ001]", "sm_b": "Q2_SQ002"})
    assert reasons(found, "excluded") == [(3, "incomplete")]
    assert found.responses[["sm_a", "sm_b"]].values.tolist() == [[4, 5], [1, -4], [2, -2]]  # -oth- is no code of ours
    assert found.responses["submitted_at"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize(("name", "rows", "columns"), [("rse2016_uk.csv", 273, 66), ("rse2017_nl.csv", 77, 130)])
def test_real_exports_whose_headings_are_code_and_text(real_data, name, rows, columns):
    path = real_data / "exports/limesurvey_rse2017" / name
    found = describe(path)
    assert (found.recognised.format, found.recognised.confidence) == ("limesurvey", "likely")
    assert len(found.columns) == columns
    export = read_columns(path, name, None, ["socio1", *(one.name for one in found.columns)])
    assert len(export) == rows and export.row[0] == 2 and not export.ragged.any() and not export.marks
    assert export.questions["socio1"] == "In which country do you work?"
