"""Ed-Fi and plain rosters, grades, and the further file of groups."""

import pandas as pd
import pytest
from unit.ingest.roster_examples import EXAMPLES, RosterProject, of, rules

from connectedness.errors import ContractError, DeclarationError
from connectedness.ingest.facts import grades
from connectedness.ingest.roster_grades import roster_grades, told_grades


@pytest.fixture
def roster(tmp_path):
    return RosterProject(tmp_path)


EDFI = "edfi/student_school_associations.csv"
SPELLED = {
    "K": "K", "KG": "K", "kindergarten": "K", "Maternelle": "K", "01": "1", "7": "7", "7.0": "7", "Grade 7": "7",
    "Gr. 7": "7", "7th grade": "7", "7e année": "7", "7e annee": "7", "1re année": "1", "Seventh grade": "7",
    "uri://ed-fi.org/GradeLevelDescriptor#Twelfth grade": "12", "12": "12", "UG": "unknown", "Other": "unknown",
    "": "unknown", "07,07": "7", "99": "", "seven": "", "7,what": "",
    "12th grade": "12", "Grade 12": "12", "GRADE 1": "1", "septième année": "7", "SEPTIÈME ANNÉE": "7",
    "7 e année": "", "Secondary IV": "10", "Secondaire 4": "10", "secondaire iv": "10", "Sec. 1": "7", "Sec 5": "11",
    "4e secondaire": "10", "1re année du secondaire": "7", "5e sec.": "11", "Secondaire VI": "", "Secondary 6": "",
    "Maternelle 5 ans": "K", "Senior Kindergarten": "K", "SK": "K", "K ": "K", " 07 ": "7", "７": "7", "0": "",
    "-1": "", "Grade Primary": "K", "primary": "", "1e": "1", "2nd": "2",
}  # fmt: skip


@pytest.mark.parametrize(("spelled", "grade"), SPELLED.items())
def test_grades_are_brought_into_one_form(spelled, grade):
    found = roster_grades(pd.Series([spelled], dtype="str"))
    assert found.grade[0] == (grade or "unknown")
    assert found.unread[0] == (grade == "")


@pytest.mark.parametrize(
    "spelled",
    [
        "IT",
        "PR",
        "PK",
        "TK",
        "13",
        "PS",
        "Preschool/Prekindergarten",
        "pre-k",
        "JK",
        "Junior Kindergarten",
        "Maternelle 4 ans",
        "Prématernelle",
    ],
)
def test_grades_below_kindergarten_and_above_12_are_others(spelled):
    found = roster_grades(pd.Series([spelled, "07,08"], dtype="str"))
    assert found.outside.tolist() == [True, False] and found.several.tolist() == [False, True]


ANSWERED = [(one, want) for one, want in SPELLED.items() if one not in ("UG", "Other", "07,07") and "uri:" not in one]


@pytest.mark.parametrize(("spelled", "grade"), ANSWERED)
def test_grades_of_answers_are_read_as_those_of_rosters(spelled, grade):
    """Else an anonymous survey's answers and its roster would not be counted by one grade."""
    found, unread = grades(pd.Series([spelled], dtype="str"))
    assert found[0] == (grade or "unknown") and unread[0] == (grade == "")


def test_values_that_are_no_grades_are_told_unless_they_are_many():
    few = pd.Series(["Blue", "Blue", "Red", "99", *["07"] * 9], dtype="str")
    many = pd.Series([*(f"Ann{i}" for i in range(30)), *["07"] * 90], dtype="str")
    names = pd.Series(["Ann", "Ben"], dtype="str")
    assert "Ann" not in told_grades(names, roster_grades(names).unread, "r.csv", 2)[0]
    assert told_grades(few, roster_grades(few).unread, "r.csv", 2) == [
        "r.csv: 4 rows have a grade that is not known: Blue (2), 99 (1) and 1 value that fewer than 2 rows hold, not "
        "printed but kept in unknown_values.csv in the wave's quarantine."
    ]
    assert "Ann" not in told_grades(many, roster_grades(many).unread, "r.csv", 2)[0]


def test_edfi_places_a_student_of_two_schools_once(roster):
    found = roster.example(EDFI, "edfi").read()
    schools = {token: of(found, token)["school"][-3:] for token in ("1100", "1101", "1102")}
    assert schools == {"1100": "044", "1101": "044", "1102": "001"}
    assert any(
        "1 by their primary school, 1 by the latest entry, 1 by the smallest school id" in n for n in found.notes
    )
    assert any("several school years: 2027 (29), 2026 (1)" in note for note in found.notes)


def test_edfi_who_left_came_back_or_comes_later(roster):
    found = roster.example(EDFI, "edfi").read()
    assert not of(found, "1103") and of(found, "1104") and not of(found, "1105") and not of(found, "1106")
    assert rules(found) == {
        "second_school": 3, "not_enrolled": 3, "unread_date": 1, "no_id": 1, "other_grade": 1, "unknown_grade": 1,
        "no_school": 1,
    }  # fmt: skip
    assert of(roster.example(EDFI, "edfi", dates="month_first").read(), "1106")["grade"] == "9"


def test_edfi_groups_are_values_without_the_name_of_their_list(roster):
    roster.survey["breakdowns"] = ["sex"]
    found = roster.example(EDFI, "edfi", columns={"sex": "sexDescriptor"}).read()
    assert set(found.frame["sex"]) == {"Male", "Female", "unknown"}
    roster.roster["columns"] = {"sex": "lastSurname"}
    with pytest.raises(DeclarationError, match="tells who"):
        roster.read()


def test_edfi_columns_count_letter_by_letter(roster):
    roster.example(EDFI, "edfi")
    text = (EXAMPLES / EDFI).read_text(encoding="utf-8").replace("entryDate", "EntryDate")
    roster.put("student_school_associations.csv", text.encode())
    with pytest.raises(ContractError, match="Found: EntryDate"):
        roster.read()


def groups(**more):
    columns = {"el": {"column": "el_status", "values": {"Y": "learner", "N": "other"}}}
    return {"file": "inbox/{wave}/groups.csv", "token": "id", "columns": columns, **more}


def test_groups_come_from_a_further_file(roster):
    roster.survey["breakdowns"] = ["el"]
    roster.put("groups.csv", (EXAMPLES / "plain" / "groups.csv").read_bytes())
    found = roster.example("plain/roster.csv", "csv", token="student_token", groups=groups()).read()
    told = [of(found, f"P0{i}")["el"] for i in range(5)]
    assert told == ["learner", "other", "learner", "unknown", "learner"]  # of P03 there are two unlike rows
    assert of(found, "P10")["el"] == "unknown"
    for part in (
        "1 student is in it twice",
        "of the roster, 5 students are not in it",
        "1 student is not on the roster",
    ):
        assert any(part in note for note in found.notes)


def test_groups_join_a_oneroster_by_the_declared_id(roster):
    roster.survey["breakdowns"] = ["el"]
    roster.put("groups.csv", b"id,el_status\nT01,Y\n T02 ,N\n")
    found = roster.oneroster(groups=groups()).read()
    assert [of(found, token)["el"] for token in ("T01", "T02", "T03")] == ["learner", "other", "unknown"]


def test_groups_without_file_token_or_breakdown(roster):
    roster.survey["breakdowns"] = ["el"]
    with pytest.raises(ContractError, match=r"groups\.csv"):
        roster.oneroster(groups=groups()).read()
    roster.put("groups.csv", b"id,el_status,email\nT01,Y,a@example.invalid\n")
    with pytest.raises(DeclarationError, match="tells who"):
        roster.oneroster(groups=groups(columns={"el": "email"})).read()
    with pytest.raises(DeclarationError, match="no declared breakdown"):
        roster.oneroster(groups=groups(columns={"lunch": "el_status"})).read()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"district": "d1"}, "options of a roster of the format oneroster"),
        ({"dates": "day_first"}, "a plain roster has no dates"),
        ({"grades": ["13"]}, "grades are one or more of"),
        ({"token": "a", "columns": {"student": "b"}}, "name two columns"),
        ({"snapshot": {"w9": "2026-10-01"}}, "the wave w9, which is not declared"),
    ],
)
def test_declarations_that_do_not_fit(roster, more, told):
    with pytest.raises(DeclarationError, match=told):
        roster.example("plain/roster.csv", "csv", **more).read()
