"""Which unit and level a student counts in: the roster's word first, then the answers'."""

import pandas as pd
import pytest
from unit.measures.small_survey import anonymous, make_project, no_scores, one, respondents, rows

from connectedness.errors import ContractError, DeclarationError
from connectedness.measures import estimate_wave, unit_tree

NO_BREAKDOWNS = ("breakdowns: [grade_band, learning_mode, group]\n", "")


def roster_of(*people, **columns):
    frame = pd.DataFrame(people, columns=["student", "school"])
    frame = frame.assign(wave="w1", grade="5", learning_mode="in_person", group="a")
    return frame.assign(**columns).astype("str")


def rates(project, responses, roster=None):
    table = estimate_wave(project, "w1", responses, no_scores(responses), roster)
    return rows(table, measure="response_rate")


def levels(table, breakdown, **where):
    found = rows(table, breakdown=breakdown, unit_type="district", **where)
    return {row.level: (row.n, row.eligible if pd.notna(row.eligible) else None) for row in found.itertuples()}


def test_the_roster_says_where_a_student_is_and_the_answers_do_not(tmp_path):
    responses = respondents(("s1", "001"), ("s2", "001"), grade="9", learning_mode="digital")
    table = rates(make_project(tmp_path), responses, roster_of(("s1", "001"), ("s2", "002"), ("s3", "002")))
    school = rows(table, unit_type="school", breakdown="all").set_index("unit")
    assert school[["n", "eligible"]].to_numpy().tolist() == [[1, 1], [1, 2]]
    assert school["value"].tolist() == [1.0, 0.5]
    assert levels(table, "grade_band") == {"g4_6": (2, 3)}
    assert levels(table, "learning_mode") == {"in_person": (2, 3)}


def test_what_the_roster_does_not_say_comes_from_the_answers_without_denominators(tmp_path):
    responses = respondents(("s1", "001"), ("s2", "001"), learning_mode=["digital", "unknown"])
    table = rates(make_project(tmp_path), responses, roster_of(("s1", "001"), ("s2", "001"), learning_mode="unknown"))
    assert levels(table, "learning_mode") == {"digital": (1, None), "unknown": (1, None)}
    assert set(rows(table, breakdown="learning_mode")["status"]) == {"no_roster"}
    assert levels(table, "group") == {"a": (2, 2)}


def test_a_respondent_who_is_not_on_the_roster_counts_as_unknown_where_they_answered(tmp_path):
    responses = respondents(("s1", "001"), ("stranger", "001"))
    table = rates(make_project(tmp_path), responses, roster_of(("s1", "001"), ("s2", "001")))
    assert levels(table, "group") == {"a": (1, 2), "unknown": (1, 0)}
    assert one(table, unit_type="school", unit="001")["n"] == 2
    nobody_asked = one(table, unit_type="school", breakdown="group", level="unknown")
    assert nobody_asked["status"] == "no_roster"
    assert pd.isna(nobody_asked["value"])


def test_without_a_roster_nobody_knows_how_many_were_asked(tmp_path):
    project = make_project(tmp_path, replace=[(", group]", "]")])
    table = rates(project, respondents(("s1", "001"), ("s2", "002"), grade=["5", "11"]))
    assert table["eligible"].isna().all()
    assert table["value"].isna().all()
    assert set(table["status"]) == {"no_roster"}
    assert levels(table, "grade_band") == {"g4_6": (1, None), "g10_12": (1, None)}


def test_an_anonymous_roster_counts_only_what_both_tables_know(tmp_path):
    project = make_project(tmp_path, replace=anonymous())
    responses = respondents(("r1", "001"), ("r2", "002"), group=["a", "b"], learning_mode="unknown")
    table = rates(project, responses, roster_of(("s1", "001"), ("s2", "001"), ("s3", "002"), group=["a", "c", "c"]))
    assert one(table, unit_type="school", unit="001")[["n", "eligible"]].tolist() == [1, 2]
    assert levels(table, "group") == {"a": (1, 1), "b": (1, 0), "c": (0, 2)}
    # The answers do not say how anybody learns, so the roster's figures would be of nobody.
    assert levels(table, "learning_mode") == {"unknown": (2, None)}


def test_an_anonymous_breakdown_that_the_roster_lacks_has_no_denominator(tmp_path):
    project = make_project(tmp_path, replace=anonymous())
    responses = respondents(("r1", "001"), ("r2", "002"), group=["a", "b"])
    table = rates(project, responses, roster_of(("s1", "001"), ("s2", "002")).drop(columns="group"))
    assert levels(table, "group") == {"a": (1, None), "b": (1, None)}
    assert set(rows(table, breakdown="group")["status"]) == {"no_roster"}
    assert one(table, unit_type="district")["eligible"] == 2


def test_a_grade_outside_every_band_and_a_missing_value_are_unknown(tmp_path):
    responses = respondents(("s1", "001"), ("s2", "001"), ("s3", "001"))
    people = roster_of(("s1", "001"), ("s2", "001"), ("s3", "001"), grade=["13", "", "K"])
    people.loc[1, "group"] = None
    table = rates(make_project(tmp_path), responses, people)
    assert levels(table, "grade_band") == {"unknown": (2, 2), "k_3": (1, 1)}
    assert levels(table, "group") == {"a": (2, 2), "unknown": (1, 1)}


def test_a_school_in_which_nobody_answered_has_cells_of_nobody(tmp_path):
    responses = respondents(("s1", "001"))
    project = make_project(tmp_path)
    people = roster_of(("s1", "001"), ("s2", "002"))
    table = estimate_wave(project, "w1", responses, no_scores(responses), people)
    silent = rows(table, unit="002")
    assert set(silent["n"]) == {0}
    assert set(silent["eligible"]) == {1}
    assert set(silent["status"]) == {"no_answers"}
    assert silent.loc[silent["measure"] != "response_rate", ["value", "se", "low", "high"]].isna().all(axis=None)
    assert one(silent, measure="response_rate")["value"] == 0
    assert "002" in set(unit_tree(project, "w1", responses, people)["unit"])


def test_a_breakdown_in_no_column_is_an_error_that_names_it_and_the_columns(tmp_path):
    people = respondents(("s1", "001"))
    with pytest.raises(DeclarationError) as told:
        estimate_wave(make_project(tmp_path), "w1", people, no_scores(people))
    assert told.value.key == "breakdowns[2]"
    assert told.value.found == "group"
    assert "learning_mode" in told.value.allowed
    assert "m_in" not in told.value.allowed
    assert "respondent" not in told.value.allowed


def test_an_anonymous_breakdown_that_only_the_roster_has_is_an_error_that_says_why(tmp_path):
    project = make_project(tmp_path, replace=anonymous())
    people = respondents(("s1", "001"))
    with pytest.raises(DeclarationError, match="anonymous"):
        estimate_wave(project, "w1", people, no_scores(people), roster_of(("s1", "001")))


@pytest.mark.parametrize("name", ["m_private", "respondent", "source"])
def test_an_answer_or_a_key_is_no_breakdown(tmp_path, name):
    project = make_project(tmp_path, replace=[("group]", f"{name}]")])
    people = respondents(("s1", "001"), m_private=1, source="file.csv")
    with pytest.raises(DeclarationError, match=name):
        estimate_wave(project, "w1", people, no_scores(people))


def test_a_student_who_stands_twice_is_not_counted_twice_in_silence(tmp_path):
    people = respondents(("s1", "001"))
    with pytest.raises(ContractError) as told:
        estimate_wave(make_project(tmp_path), "w1", people, no_scores(people), roster_of(("s1", "1"), ("s1", "2")))
    assert told.value.column == "student"
    assert "s1" not in str(told.value)
    with pytest.raises(ContractError, match="1 rows of the responses"):
        twice = pd.concat([people, people])
        estimate_wave(make_project(tmp_path), "w1", twice, no_scores(people))


def test_no_response_and_no_roster_is_an_empty_table_of_the_right_shape(tmp_path):
    project = make_project(tmp_path, replace=[NO_BREAKDOWNS])
    nobody = respondents(("s1", "001")).iloc[:0]
    table = estimate_wave(project, "w1", nobody, no_scores(nobody))
    assert len(table) == 0
    assert str(table["n"].dtype) == "Int64"
    assert unit_tree(project, "w1", nobody).empty


def test_a_wave_without_one_response_still_counts_who_was_asked(tmp_path):
    nobody = respondents(("s1", "001")).iloc[:0]
    table = rates(make_project(tmp_path), nobody, roster_of(("s1", "001"), ("s2", "001")))
    assert one(table, unit_type="district")[["n", "eligible", "value", "status"]].tolist() == [0, 2, 0.0, "no_answers"]


def test_a_breakdown_that_comes_near_to_a_column_is_told_which(tmp_path):
    project = make_project(
        tmp_path, replace=anonymous(("breakdowns: [grade_band, learning_mode, group]", "breakdowns: [grups]"))
    )
    with pytest.raises(DeclarationError) as raised:
        rates(project, respondents(("s1", "001"), group="a"))
    assert "Did you mean group?" in raised.value.todo and "group" in raised.value.allowed
