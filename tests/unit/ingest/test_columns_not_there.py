"""What is said when a column, a separator or the whole file is not what was declared."""

from __future__ import annotations

import pytest
from unit.ingest.small_survey import answer, as_csv

from connectedness.declare.registry import read_instrument
from connectedness.errors import ConnectednessError, ContractError
from connectedness.ingest import read_items


def stopped(small) -> ConnectednessError:
    with pytest.raises(ConnectednessError) as raised:
        small.ingest()
    return raised.value


def listed(n: int = 2, **more: str) -> list[dict[str, str]]:
    return [{"token": f"s{i}", "school": "001", **more} for i in range(n)]


def test_a_roster_without_the_grade_that_bands_are_made_of_stops_the_wave(small):
    small.survey["breakdowns"] = ["grade_band"]
    del small.columns["grade"]
    error = stopped(small.rows(answer("s1")).roster(*listed(Grades="7")))
    assert (error.file, error.column, error.exit_code) == ("inbox/w2/roster.csv", "grade", 11)
    assert error.found == "Grades, school, token" and "It has Grades" in error.problem
    assert "columns: {grade: Grades}" in error.todo
    small.survey["roster"]["columns"] = {"grade": "Grades"}
    assert small.ingest().roster["grade_band"].tolist() == ["g7_9", "g7_9"]


def test_a_renamed_grade_that_answers_hold_is_noted(small):
    small.survey["breakdowns"] = ["grade_band"]
    (note,) = small.rows(answer("s1")).roster(*listed(Klasse="7")).ingest().account["notes"]
    assert "no column grade" in note and "roster.columns" in note


def test_a_roster_of_which_only_some_grades_were_asked_needs_the_grade(small):
    error = stopped(small.rows(answer("s1")).roster(*listed(Klasse="7"), grades=["7"]))
    assert error.column == "grade" and "Klasse" in error.found


def test_a_breakdown_that_the_roster_lacks_is_noted_where_answers_hold_it(small):
    small.survey["breakdowns"] = [{"id": "group", "levels": {"a": {"en": "A"}}}]
    small.columns["others"] = {"group": "group"}
    (note,) = small.rows(answer("s1", group="a")).roster(*listed(grade="7")).ingest().account["notes"]
    assert "no column group" in note and "how many were asked" in note


def test_a_column_named_under_roster_columns_must_be_there_even_if_it_is_not_read(small):
    columns = {"grade": "Grade", "home_language": "Language"}
    roster = listed(Grade="7", Langauge="fr")
    error = stopped(small.rows(answer("s1")).roster(*roster, columns=columns))
    assert error.column == "Language" and "Langauge" in error.problem and "roster.columns" in error.todo
    roster = listed(Grade="7", Language="fr")
    assert "home_language" not in small.roster(*roster, columns=columns).ingest().roster


@pytest.mark.parametrize(("mark", "written"), [(";", '";"'), ("\t", '"\\t"')])
def test_a_quoted_file_with_another_separator_is_told_which(small, mark, written):
    quoted = "\n".join(mark.join(f'"{cell}"' for cell in line.split(",")) for line in as_csv([answer()]).splitlines())
    small.map["delimiter"] = "," if mark == ";" else ";"
    small.put("export.csv", quoted)
    error = stopped(small)
    assert f"delimiter: {written}" in error.todo and "quote" not in str(error)
    small.map["delimiter"] = mark
    assert len(small.ingest().responses) == 1


def test_a_copy_of_the_roster_among_the_exports_is_told_to_be_another_kind_of_file(small):
    small.rows(answer("s1"))
    small.put("roster copy.csv", as_csv(listed(grade="7")))
    error = stopped(small)
    assert error.file == "inbox/w2/roster copy.csv"
    assert "another kind of file (6 of 9 mapped columns are missing)" in error.problem
    assert "narrow files: in survey.yaml" in error.todo


def test_a_column_to_keep_that_the_file_lacks(small):
    path = small.put("scored.csv", "id,sm_a,sm_b\n1,4,5\n")
    instrument = read_instrument(small.root / "instruments" / "small-survey.yaml")
    with pytest.raises(ContractError) as raised:
        read_items(path, instrument, keep=["idd"])
    error = raised.value
    assert "the file has no such column" in error.problem and "id" in error.problem.split("it has ")[1]
    assert (error.file, error.column) == (str(path), "idd")
    assert "map" not in str(error)


@pytest.mark.parametrize("roster", [True, False])
def test_a_breakdown_in_no_column_is_told_with_the_files_own_columns(small, roster):
    small.survey["breakdowns"] = [{"id": "langage", "levels": {"fr": {"en": "French"}}}]
    small.rows(answer("s1", Language="fr", other="x"))
    if roster:
        small.roster(*listed(grade="7"))
    error = stopped(small)
    assert (error.exit_code, error.key, error.found) == (10, "breakdowns[0]", "langage")
    assert "inbox/w2/export.csv: token, school, grade" in error.allowed and "Language, other" in error.allowed
    assert "export.csv has Language" in error.problem and "others: {langage: Language}" in error.todo
    small.columns["others"] = {"langage": "Language"}
    assert small.ingest().responses["langage"].tolist() == ["fr"]
