"""What a school's numbers are: a table in, one call, a row out."""

import numpy as np
import pandas as pd
import pytest

from connectedness.declare.project import open_project
from connectedness.measures import estimate_wave, unit_tree

SURVEY = """
id: two_schools
title: {en: Two schools}
synthetic: true
units: [district, school]
identity: {token: token}
instruments: [healthy-relationships@1]
waves:
  - {id: spring, window: [2026-04-01, 2026-04-30], files: ["spring.csv"], map: map.yaml}
  - {id: fall, window: [2026-10-01, 2026-10-31], files: ["fall.csv"], map: map.yaml}
breakdowns: [grade_band]
"""

ROSTER = pd.DataFrame(
    [("s1", "001", "2"), ("s2", "001", "2"), ("s3", "001", "8"), ("s4", "001", "8"), ("s5", "002", "8")],
    columns=["student", "school", "grade"],
).assign(wave="spring", learning_mode="in_person")

RESPONSES = pd.DataFrame(
    [("s1", "001", 3), ("s2", "001", 1), ("s3", "001", 0), ("s5", "002", -1)],
    columns=["respondent", "school", "hr_adults"],
).assign(wave="spring", learning_mode="in_person")

SCORES = pd.DataFrame({"respondent": ["s1", "s2", "s3", "s5"]})
POINTS = {"hr_belonging": [4.0, 5.0, 3.0, np.nan], "hr_supportive_adults": 3.0, "hr_respectful_peers": 4.0}
for scale, points in POINTS.items():
    SCORES[scale], SCORES[f"{scale}_favourable"] = points, 0.5


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    (folder / "survey.yaml").write_text(SURVEY, encoding="utf-8")
    return open_project(folder)


@pytest.fixture(scope="module")
def spring(project):
    return estimate_wave(project, "spring", RESPONSES, SCORES, ROSTER)


def row(table, unit, measure, breakdown="all", level="all"):
    where = {"unit": unit, "measure": measure, "breakdown": breakdown, "level": level}
    return table.set_index(list(where)).loc[tuple(where.values())]


def test_three_of_the_four_students_on_the_roster_answered(spring):
    assert row(spring, "001", "response_rate")[["n", "eligible", "value"]].tolist() == [3, 4, 0.75]


def test_the_mean_of_4_5_and_3_is_4_within_half_a_chance(spring):
    found = row(spring, "001", "hr_belonging")
    assert (found["n"], found["value"], found["method"], found["status"]) == (3, 4.0, "t", "ok")
    # t of 2 degrees of freedom is 4.302653; the standard error is 1/sqrt(3).
    assert found["high"] - 4 == pytest.approx(4.302653 / 3**0.5, abs=1e-6)
    assert row(spring, "001", "sd:hr_belonging")["value"] == 1.0


def test_two_of_three_have_an_adult_to_go_to(spring):
    found = row(spring, "001", "one_adult")
    assert found["value"] == pytest.approx(2 / 3)
    assert (round(found["low"], 4), round(found["high"], 4)) == (0.2077, 0.9385)
    assert row(spring, "001", "two_adults")["value"] == pytest.approx(1 / 3)
    assert row(spring, "001", "share:hr_adults:0")["value"] == pytest.approx(1 / 3)


def test_whoever_skipped_the_question_is_not_counted(spring):
    assert row(spring, "002", "one_adult")[["n", "status"]].tolist() == [0, "no_answers"]
    assert row(spring, "two_schools", "one_adult")["n"] == 3


def test_grade_bands_come_from_grades(spring):
    answered = {level: row(spring, "001", "response_rate", "grade_band", level)["n"] for level in ("k_3", "g7_9")}
    assert answered == {"k_3": 2, "g7_9": 1}


def test_the_tree_says_which_school_lies_where(project):
    tree = unit_tree(project, "spring", RESPONSES, ROSTER)
    assert tree.to_numpy().tolist() == [
        ["school", "001", "district", "two_schools"],
        ["school", "002", "district", "two_schools"],
    ]


def test_change_is_this_wave_minus_the_one_before(project, spring):
    fall = SCORES.assign(hr_belonging=[4.5, 5.0, 4.0, 2.0])
    table = estimate_wave(project, "fall", RESPONSES, fall, ROSTER, previous=spring)
    found = row(table, "001", "change:hr_belonging")
    assert (found["value"], found["method"]) == (0.5, "welch")
    assert found["low"] < 0 < found["high"]  # with three students nobody can tell
    assert row(table, "001", "change:one_adult")["method"] == "newcombe"
