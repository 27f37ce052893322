"""SPSS and Stata files with the labels and questions that they hold."""

from __future__ import annotations

import pytest
from unit.ingest.exports import EXAMPLES, cells, read, same_survey

from connectedness.errors import ContractError
from connectedness.ingest import describe
from connectedness.ingest.detect import detect

LABELS = {"1": "Strongly disagree", "2": "Disagree", "3": "Neither", "4": "Agree", "5": "Strongly agree"}


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_codes_stay_codes_and_labels_and_questions_come_along(kind):
    export = read(f"labelled.{kind}", "home", "school")
    assert export.cells["home"].tolist() == ["4", "5", "9" if kind == "sav" else "a"]
    assert {code: export.labels["home"][code] for code in LABELS} == LABELS
    assert export.questions == {"home": "I feel at home", "school": "Your school"}
    assert detect(EXAMPLES / f"labelled.{kind}").format == kind


@pytest.mark.parametrize(("kind", "missing"), [("sav", {}), ("dta", {"a": "dont_know"})])
def test_a_wave_keeps_the_labels_for_whoever_checks_the_direction(small, kind, missing):
    found = same_survey(small, f"labelled.{kind}", {"school": "school"}, {"sm_a": "home"}, missing=missing)
    assert found.account["labels"]["sm_a"]["1"] == "Strongly disagree"
    assert found.responses["sm_a"].tolist()[:2] == [4, 5]
    assert found.responses["sm_a"].tolist()[2:] == ([-3] if kind == "dta" else [])
    assert found.account["files"][0]["excluded"] == ({} if kind == "dta" else {"blank": 1})


def test_its_variables_are_described():
    found = describe(EXAMPLES / "labelled.dta")
    assert [(one.name, one.question) for one in found.columns] == [
        ("token", "Your number"), ("school", "Your school"), ("home", "I feel at home"),
    ]  # fmt: skip
    assert found.columns[2].labels == LABELS


def test_a_file_called_by_another_name_is_read_by_its_content(tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes((EXAMPLES / "labelled.dta").read_bytes())
    assert detect(path).format == "dta"


def test_a_damaged_file_is_told(tmp_path):
    from connectedness.ingest.export import read_columns

    path = tmp_path / "export.dta"
    path.write_bytes((EXAMPLES / "labelled.dta").read_bytes()[:700])
    with pytest.raises(ContractError, match="Stata"):
        read_columns(path, "export.dta", None, ["home"])


def test_text_is_trimmed_as_everywhere():
    assert cells("labelled.sav", "token") == [["t1", "t2", "t3"]]
