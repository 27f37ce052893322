"""Without a header row 1 is a student's: it is shown only where it surely names columns."""

from __future__ import annotations

import csv
import io

import pytest

from connectedness.declare.registry import find_instrument
from connectedness.errors import ContractError
from connectedness.ingest.detect import detect
from connectedness.ingest.header import find_columns, is_header, listed, looks_like_data
from connectedness.ingest.propose import propose

OURS = find_instrument("healthy-relationships@1")
ITEMS = [item for item in OURS.items if item.text and item.id not in OURS.module_of][:10]
WANTED = ["School", "Grade", "Wave", "Token", "Q1", "Q2"]
STUDENT = [
    "2026-10-05 09:00",
    "192.0.2.245",
    "R_00001756",
    "Ravensworth",
    "emma@example.org",
    "MF0000017",
    "4",
    "School",
]


def said_of(header: list[str], wanted: list[str] = WANTED) -> str:
    with pytest.raises(ContractError) as met:
        find_columns(header, wanted, "e.csv")
    return str(met.value)


VALUES = [
    "192.0.2.245", "2001:db8::1", "R_00001756", "4", "-63.2", "45.1, -63.2", "1 234,5", "100%", "2026-10-01 09:00",
    "2026-10-01T09:00:00Z", "03/04/2026", "9:41", "May 3, 2026", "3 mai 2026", "emma@example.org", "MF0009999",
    "902-555-1234", "aB3xK9q2", "k3j9x2m1", "7f3a9c1e-1111-2222-3333-444455556666",
]  # fmt: skip
NAMES = [
    "School", "Your grade", "Q1_1", "Q1.1", "ST034Q01TA", "hr_bel_part", "hrBelPart1", "Q2 [SQ001]", "G01Q02[SQ001]",
    "123456X12X34SQ001", "field___1", "Duration (in seconds)", "1. I feel at home", "Grade 7", "Code de l'école", "",
]  # fmt: skip


@pytest.mark.parametrize("cell", VALUES)
def test_a_value_is_told_from_a_name(cell):
    assert looks_like_data(cell) and looks_like_data(f" {cell} ")
    assert not is_header(["School", "Grade", "Wave", cell], 3, 3)


@pytest.mark.parametrize("cell", NAMES)
def test_a_name_is_not_taken_for_a_value(cell):
    assert not looks_like_data(cell)


def test_several_names_must_be_known():
    names = ["a", "b", "c", "d"]
    assert (
        not is_header(names, 6, 1)
        and not is_header(names, 4, 2)
        and not is_header(names, 8, 3)
        and not is_header(names, 2, 1)
    )
    assert is_header(names, 6, 3) and is_header(names, 3, 3) and is_header(names, 2, 2) and is_header(names, 1, 1)


@pytest.mark.parametrize("answer", ["School", "school", "GRADE"])
def test_one_answer_that_is_a_heading_shows_nothing_of_the_row(answer):
    said = said_of([*STUDENT[:-1], answer])
    assert not [cell for cell in STUDENT[:-1] if len(cell) > 1 and cell in said] and "columns (row 1 may be" in said


def test_three_answers_that_are_headings_show_nothing_beside_a_value():
    said = said_of(["School", "Grade", "Wave", "Ravensworth", "MF0000017"])
    assert "Ravensworth" not in said and "MF0000017" not in said


def test_a_family_name_that_is_like_a_heading_is_not_shown_as_one_renamed():
    assert "Scholl" not in said_of(["Scholl", "Grade", "a comment", "Ravensworth"])


def test_a_header_is_shown_and_the_name_that_comes_near():
    said = said_of(["School", "Grade", "Wave", "Tokens", "Q1", "Q2", "More"])
    assert "it has Tokens" in said and "Found: Tokens, More" in said


def test_a_list_that_holds_a_value_is_counted():
    assert listed(["a", "b"]) == "a, b" and "MF0000017" not in listed(["a", "MF0000017"])


def headerless(tmp_path, extra: str, name: str = "e.csv"):
    rows = [["MF0000017", "Ravensworth", "emma@example.org", *"43214321", extra], *(["x"] * 12 for _ in range(20))]
    path = tmp_path / name
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


@pytest.mark.parametrize("extra", ["School", "école", "Started", "consent", ITEMS[0].text.en, ITEMS[0].id])
def test_a_draft_of_a_map_shows_nothing_of_a_first_students_row(tmp_path, extra):
    with pytest.raises(ContractError, match="may be a student's") as met:
        propose(headerless(tmp_path, extra), [OURS])
    assert not [cell for cell in ("MF0000017", "Ravensworth", "emma") if cell in str(met.value)]


def test_a_comment_like_an_items_text_is_no_header_even_without_a_value_beside_it(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text(f'Ravensworth,yes,"{ITEMS[1].text.en} Sometimes."\nb,no,c\n', encoding="utf-8")
    with pytest.raises(ContractError, match="may be a student's"):
        propose(path, [OURS])


def surveymonkey(tmp_path, *rows: list[str]):
    head = ["Respondent ID", "Collector ID", "Start Date", "Last Name", *(item.text.en for item in ITEMS), "Comment?"]
    path = tmp_path / "sm.csv"
    text = io.StringIO()
    csv.writer(text).writerows([head, *rows])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


@pytest.mark.parametrize("answer", ["4", "Agree", "I would rather not say"])
def test_a_surveymonkey_file_without_its_second_row_is_not_taken_for_one(tmp_path, answer):
    student = ["", "", "", "", *([answer] * len(ITEMS)), "what Ravensworth wrote"]
    path = surveymonkey(tmp_path, student, student)
    assert detect(path).format == "csv"
    made = propose(path, [OURS])
    assert len(made.matches) == len(ITEMS) and "Ravensworth" not in str(made)


def test_one_with_its_second_row_is(tmp_path):
    second = ["", "", "", "", *(["Response"] * len(ITEMS)), "Open-Ended Response"]
    path = surveymonkey(tmp_path, second, ["1", "2", "x", "y", *(["4"] * len(ITEMS)), "z"])
    assert (detect(path).format, detect(path).confidence) == ("surveymonkey", "certain")


def test_names_of_files_in_a_zip_are_not_told(tmp_path):
    import zipfile

    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Emma Ravensworth.csv", "a,b\n1,2\n")
    assert detect(path).why[0] == "a zip that holds a .csv file"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("MF0000017.csv", "a,b\n1,2\n")
        archive.writestr("MF0000018.tsv", "a\tb\n1\t2\n")
    with pytest.raises(ContractError) as met:
        detect(path)
    assert met.value.found == "2 .csv files, 1 .tsv file"
