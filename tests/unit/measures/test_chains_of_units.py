"""District and school; country and school; four levels with regions and classes."""

import pandas as pd
import pytest
from unit.measures.small_survey import anonymous, make_project, no_scores, one, respondents, rows

from connectedness.errors import ContractError, DeclarationError
from connectedness.measures import estimate_wave, unit_tree

NO_BREAKDOWNS = ("breakdowns: [grade_band, learning_mode, group]\n", "")
NO_IDENTITY = anonymous(NO_BREAKDOWNS)


def units(*names):
    return ("units: [district, school]", f"units: [{', '.join(names)}]")


def tree(project, responses, roster=None):
    return [tuple(line) for line in unit_tree(project, "w1", responses, roster).to_numpy()]


def counts(project, responses, roster=None):
    table = estimate_wave(project, "w1", responses, no_scores(responses), roster)
    found = rows(table, measure="response_rate", breakdown="all")
    return {(row.unit_type, row.unit): row.n for row in found.itertuples()}


def test_the_widest_unit_without_a_column_is_the_survey(tmp_path):
    project = make_project(tmp_path, replace=NO_IDENTITY)
    people = respondents(("a", "002"), ("b", "001"), ("c", "002"))
    assert tree(project, people) == [("school", "001", "district", "maple"), ("school", "002", "district", "maple")]
    assert counts(project, people) == {("district", "maple"): 3, ("school", "001"): 1, ("school", "002"): 2}


def test_countries_with_their_schools(tmp_path):
    project = make_project(tmp_path, replace=[*NO_IDENTITY, units("country", "school")])
    people = respondents(("a", "1"), ("b", "2"), ("c", "2"), country=["FRA", "ITA", "ITA"])
    assert tree(project, people) == [("school", "1", "country", "FRA"), ("school", "2", "country", "ITA")]
    assert counts(project, people)["country", "ITA"] == 2
    table = estimate_wave(project, "w1", people, no_scores(people))
    assert one(table, unit_type="country", unit="FRA", measure="share:m_in:1")["status"] == "no_answers"


def test_a_class_is_named_within_its_school_and_so_are_students_without_one(tmp_path):
    project = make_project(tmp_path, replace=[*NO_IDENTITY, units("district", "region", "school", "class")])
    people = respondents(("a", "1"), ("b", "1"), ("c", "2"), ("d", "2"), region=["N", "N", "S", "S"])
    people["class"] = ["7A", None, "7A", None]
    found = tree(project, people)
    assert found[:2] == [("region", "N", "district", "maple"), ("region", "S", "district", "maple")]
    assert found[2:4] == [("school", "1", "region", "N"), ("school", "2", "region", "S")]
    assert found[4:] == [
        ("class", "1.7A", "school", "1"), ("class", "1.unknown", "school", "1"),
        ("class", "2.7A", "school", "2"), ("class", "2.unknown", "school", "2"),
    ]  # fmt: skip
    assert [n for (kind, _), n in counts(project, people).items() if kind == "class"] == [1, 1, 1, 1]


def test_every_unit_of_the_estimates_is_in_the_tree_and_has_one_parent(tmp_path):
    project = make_project(tmp_path, replace=[*NO_IDENTITY, units("district", "region", "school", "class")])
    people = respondents(("a", "1"), ("b", "1"), ("c", "2"), ("d", "3"), region=["N", None, "S", None])
    people["class"] = ["x", "y", None, "x"]
    lines = unit_tree(project, "w1", people)
    assert not lines.duplicated(["unit_type", "unit"]).any()
    below = {key for key in counts(project, people) if key[0] != "district"}
    assert below == set(zip(lines["unit_type"], lines["unit"], strict=True))


def test_a_region_missing_in_one_row_is_filled_from_the_schools_other_rows(tmp_path):
    project = make_project(tmp_path, replace=[*NO_IDENTITY, units("district", "region", "school")])
    people = respondents(("a", "1"), ("b", "1"), region=["N", ""])
    assert counts(project, people)["region", "N"] == 2


def test_the_roster_tells_in_which_region_an_anonymous_school_lies(tmp_path):
    project = make_project(tmp_path, replace=[*NO_IDENTITY, units("district", "region", "school")])
    people = respondents(("a", "1"), ("b", "2"))
    roster = respondents(("s1", "1"), ("s2", "2"), ("s3", "2"), region=["N", "S", "S"]).rename(
        columns={"respondent": "student"}
    )
    assert counts(project, people, roster)["region", "S"] == 1
    assert tree(project, people, roster)[2:] == [("school", "1", "region", "N"), ("school", "2", "region", "S")]


def test_a_school_in_two_regions_stops_and_is_named(tmp_path):
    project = make_project(tmp_path, replace=[*NO_IDENTITY, units("district", "region", "school")])
    people = respondents(("a", "1"), ("b", "1"), region=["N", "S"])
    with pytest.raises(ContractError, match="school 1 lies in more than one region") as told:
        unit_tree(project, "w1", people)
    assert told.value.found == "N, S"


def test_a_unit_in_no_column_is_an_error(tmp_path):
    project = make_project(tmp_path, replace=[*NO_IDENTITY, units("district", "region", "school")])
    with pytest.raises(DeclarationError) as told:
        unit_tree(project, "w1", respondents(("a", "1")))
    assert (told.value.key, told.value.found) == ("units[1]", "region")


def test_schools_alone_are_a_chain_too(tmp_path):
    project = make_project(tmp_path, replace=[*NO_IDENTITY, units("school")])
    people = respondents(("a", "1"), ("b", "2"))
    assert tree(project, people) == []
    assert counts(project, people) == {("school", "1"): 1, ("school", "2"): 1}


def test_a_roster_that_cannot_place_every_school_in_a_region_counts_no_region(tmp_path):
    project = make_project(tmp_path, replace=[NO_BREAKDOWNS, units("district", "region", "school")])
    people = respondents(("a", "1"), ("b", "2"), region=["N", "S"])
    listed = respondents(("a", "1"), ("b", "2"), ("c", "1")).rename(columns={"respondent": "student"})

    def eligible_in_north(roster):
        table = estimate_wave(project, "w1", people, no_scores(people), roster)
        return one(table, unit_type="region", unit="N", measure="response_rate")["eligible"]

    assert eligible_in_north(listed) == 2
    silent_school = listed.assign(school=["1", "2", "3"])
    assert pd.isna(eligible_in_north(silent_school))


def test_an_unknown_school_of_a_country_is_not_that_of_another(tmp_path):
    project = make_project(tmp_path, replace=[*NO_IDENTITY, units("country", "school")])
    people = respondents(("a", None), ("b", None), country=["FRA", "ITA"])
    people["school"] = None
    assert {line[1:4:2] for line in tree(project, people)} == {("FRA.unknown", "FRA"), ("ITA.unknown", "ITA")}
    rooted = make_project(tmp_path / "rooted", replace=NO_IDENTITY)
    assert tree(rooted, people) == [("school", "unknown", "district", "maple")]
