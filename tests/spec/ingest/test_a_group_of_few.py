"""A group that nothing declares, or that few students are of, may be a person's name: it is unknown, and counted."""

import json

from unit.ingest.small_survey import answer

A, B = {"en": "A"}, {"en": "B"}
NAME = "Example group"


def student(token: str, **more: str) -> dict[str, str]:
    return {"token": token, "school": "001", "grade": "7", **more}


def values(found) -> list[list[object]]:
    return found.values[["table", "column", "value", "n", "first_row"]].to_numpy().tolist()


def test_what_is_no_declared_level_is_unknown_on_the_roster(small):
    small.survey["breakdowns"] = [{"id": "group", "levels": {"a": A, "b": B}}]
    rows = student("s1", group="a"), student("s2", group="A "), student("s3", group=NAME)
    found = small.rows(answer("s1")).roster(*rows).ingest()
    assert found.roster["group"].tolist() == ["a", "a", "unknown"]
    (note,) = found.account["notes"]
    assert note.startswith("roster.csv: 1 row has a group that is not among its levels") and NAME not in note
    assert values(found) == [["roster", "group", NAME, 1, 4]]


def test_what_is_no_declared_level_is_unknown_in_answers_and_named_where_enough_rows_hold_it(small):
    small.survey["breakdowns"] = [{"id": "group", "levels": {"a": A, "b": B}}]
    small.columns["others"] = {"group": "grp"}
    said = ["a", *["c"] * 6, NAME]
    found = small.rows(*(answer(f"s{i}", grp=one) for i, one in enumerate(said))).ingest()
    assert found.responses["group"].tolist() == ["a", *["unknown"] * 7]
    (note,) = found.account["notes"]
    assert "7 rows have a group that is not among its levels" in note and "c (6) and 1 value" in note
    assert NAME not in json.dumps(found.account)


def test_without_declared_levels_a_group_is_what_the_largest_minimum_of_students_are_of(small):
    small.survey["breakdowns"] = ["group"]
    small.columns["others"] = {"group": "grp"}
    said = [*["a"] * 10, *["b"] * 9, NAME]
    answers = [answer(f"s{i}", grp=one) for i, one in enumerate(said)]
    found = small.rows(*answers, *(answer("s0", grp=NAME) for _ in range(20)), answer("s0", grp="a")).ingest()
    assert found.responses["group"].value_counts().to_dict() == {"a": 10, "unknown": 10}
    (note,) = (one for one in found.account["notes"] if "group" in one)
    assert "10 rows are of 2 values of group that fewer than 10 students have" in note and NAME not in note
    assert values(found) == [["responses", "grp", "b", 9, 12], ["responses", "grp", NAME, 1, 21]]


def test_what_enough_students_of_the_roster_are_of_is_a_group_in_answers_too(small):
    small.survey["breakdowns"] = ["group"]
    small.columns["others"] = {"group": "grp"}
    listed = [student(f"s{i}", group="a") for i in range(10)]
    found = small.rows(answer("s1", grp="a"), answer("s2", grp=NAME)).roster(*listed).ingest()
    assert found.responses["group"].tolist() == ["a", "unknown"]
    assert set(found.roster["group"]) == {"a"}


def test_a_class_of_fewer_students_than_anybody_may_see_is_not_named(small):
    small.survey["units"] = ["district", "school", "class"]
    small.columns["others"] = {"class": "room"}
    found = small.rows(*(answer(f"s{i}", room="7A") for i in range(6)), answer("t", room=NAME)).ingest()
    assert found.responses["class"].tolist() == [*["7A"] * 6, "unknown"]
