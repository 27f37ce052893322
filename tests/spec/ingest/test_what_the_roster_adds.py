"""What the roster adds to answers, and what becomes of its own rows."""

from unit.ingest.small_survey import answer, reasons


def student(token: str, school: str = "001", grade: str = "7", **more: str) -> dict[str, str]:
    return {"token": token, "school": school, "grade": grade, **more}


def test_answers_and_roster_are_joined_by_one_pseudonym(small):
    found = small.rows(answer(" s1 ")).roster(student("s1")).ingest()
    assert found.responses["respondent"].tolist() == found.roster["student"].tolist()
    assert found.roster.columns.tolist() == ["wave", "student", "school", "grade", "learning_mode"]


def test_who_is_not_on_the_roster_is_set_aside(small):
    found = small.rows(answer("s1"), answer("s2")).roster(student("s1")).ingest()
    assert reasons(found) == [(3, "not_on_roster")]


def test_where_both_name_a_school_the_rosters_counts_and_a_note_says_so(small):
    roster = [student("s1", "002"), student("s2", "001")]
    found = small.rows(answer("s1", "001"), answer("s2", "001")).roster(*roster).ingest()
    assert found.responses["school"].tolist() == ["002", "001"]
    assert found.account["notes"] == ["1 answer names another school than the roster does; the roster's school counts."]


def test_without_a_school_column_the_roster_gives_the_school(small):
    del small.columns["school"]
    small.survey["schools"] = {"017": {"en": "Seventeen"}}
    found = small.rows(answer("s1"), answer("s2")).roster(student("s1", "017")).ingest()
    assert found.responses["school"].tolist() == ["017"]
    assert reasons(found) == [(3, "not_on_roster")]


def test_schools_of_the_roster_are_the_known_ones_where_none_are_declared(small):
    del small.survey["schools"]
    six = [student(f"s{i}") for i in range(6)]
    found = small.rows(answer("s1", "001"), answer("s2", "009")).roster(*six).ingest()
    assert reasons(found) == [(3, "unknown_school")]


def test_a_school_of_few_on_the_roster_is_none_where_none_are_declared(small):
    del small.survey["schools"]
    six = [student(f"s{i}") for i in range(6)]
    found = small.rows(answer("s1", "001")).roster(*six, student("s7", "Ann Example")).ingest()
    assert reasons(found) == [(8, "unknown_school")] and found.rejected["school"].tolist() == [""]
    assert found.values.to_numpy().tolist() == [["roster", "roster.csv", "school", "Ann Example", 1, 8]]


def test_grades_are_brought_into_one_form_and_a_grade_that_is_none_is_set_aside(small):
    small.survey["breakdowns"] = ["grade_band"]
    spelled = ["K", "01", "Grade 7", "12th", "", "Gr. 10", "99", "seven"]
    roster = [student(f"s{i}", grade=grade) for i, grade in enumerate(spelled)]
    found = small.rows(answer("s1", "001")).roster(*roster).ingest()
    assert found.roster["grade"].tolist() == ["K", "1", "7", "12", "unknown", "10"]
    assert found.roster["grade_band"].tolist() == ["k_3", "k_3", "g7_9", "g10_12", "unknown", "g10_12"]
    assert reasons(found) == [(8, "unknown_grade"), (9, "unknown_grade")]
    assert set(found.rejected["table"]) == {"roster"}
    assert found.account["roster"]["rows"] == 8 and found.account["roster"]["quarantined"] == 2


def test_a_student_stands_once_on_the_roster(small):
    rows = student("s1", "001"), student("s1", "002"), student(""), student("s1", "001")
    found = small.rows(answer("s1")).roster(*rows).ingest()
    assert found.roster["school"].tolist() == ["001"]
    assert reasons(found) == [(3, "two_schools"), (4, "no_id"), (5, "duplicate")]


def test_only_declared_columns_of_the_roster_are_kept(small):
    small.survey["breakdowns"] = [{"id": "group", "levels": {"newcomer": {"en": "Newcomer"}}}]
    small.survey["units"] = ["district", "region", "school"]
    roster = [
        *(student(f"s{i}", name="Ann Example", group="newcomer", region="north") for i in range(1, 7)),
        student("s7", "002", group="", region="south"),
    ]
    found = small.rows(answer("s1")).roster(*roster).ingest()
    assert found.roster.columns.tolist() == ["wave", "student", "school", "region", "grade", "learning_mode", "group"]
    assert found.roster["group"].tolist() == [*["newcomer"] * 6, "unknown"]
    assert found.responses["region"].tolist() == ["north"]  # a unit the export lacks
    assert "group" not in found.responses


def test_the_roster_may_call_its_columns_otherwise(small):
    small.survey["breakdowns"] = ["learning_mode"]
    columns = {"student": "Student Number", "school": "School Code", "grade": "Gr", "learning_mode": "Program"}
    row = {"Student Number": "s1", "School Code": "001", "Gr": "7", "Program": "In-person"}
    found = small.rows(answer("s1")).roster(row, columns=columns).ingest()
    assert found.roster.loc[0, ["school", "grade", "learning_mode"]].tolist() == ["001", "7", "in_person"]
    assert found.responses["learning_mode"].tolist() == ["in_person"]


def test_with_an_anonymous_survey_the_roster_gives_denominators_only(small):
    del small.survey["identity"]
    found = (
        small.rows(answer("s1"), answer("s2")).roster({"school": "001"}, {"school": "001"}, {"school": "002"}).ingest()
    )
    assert len(found.responses) == 2 and found.roster["school"].tolist() == ["001", "001", "002"]
    assert found.roster["student"].nunique() == 3


def test_the_roster_is_never_taken_for_an_export(small):
    found = small.rows(answer("s1")).roster(student("s1")).ingest()
    assert [file["file"] for file in found.account["files"]] == ["export.csv"]
