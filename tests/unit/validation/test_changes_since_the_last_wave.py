"""What is told of a wave's shape against the last one: columns, items, groups, schools; and never a rare value."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.validation import wave_examples as make

from connectedness.validation.changes import changes, renamed
from connectedness.validation.shape import shape_of

BASE = {
    "wave": "2025-fall",
    "headers": [{"files": ["x.csv", "y.csv"], "columns": ["id", "School", "ST034Q06"]}],
    "formats": ["csv"],
    "items": {"q1": {"state": "answered", "codes": [1, 2, 3, 4, 5]}, "q2": {"state": "answered", "codes": [0, 1]}},
    "values": {"school": ["001", "017"], "grade": ["11", "12"], "group": ["newcomer", "other"]},
    "rare": {"school": [], "grade": [], "group": 1},
    "roster": {"schools": {"001": 40, "017": 30}},
}


def told(change, titles=None) -> list[str]:
    new = deepcopy(BASE) | {"wave": "2026-fall"}
    change(new)
    return [one["sentence"] for one in changes(BASE, new, titles or {"017": "Lakeside School"})]


def test_two_waves_alike_have_nothing_to_tell():
    assert told(lambda new: None) == []
    assert changes(None, BASE, {}) == []


def test_columns_that_came_went_or_were_renamed():
    assert told(lambda new: new["headers"][0]["columns"].append("ST034Q07")) == ["Column ST034Q07 is new in 2026-fall."]
    assert told(lambda new: new["headers"][0]["columns"].remove("ST034Q06")) == [
        "Column ST034Q06 of 2025-fall is gone."
    ]

    def rename(new):
        new["headers"][0]["columns"] = ["id", "school_", "ST034Q07"]

    assert told(rename) == [
        "Column School of 2025-fall is gone and column school_ is new: it looks renamed.",
        "Column ST034Q07 is new in 2026-fall.",  # nearly the old name, but another number: another question
        "Column ST034Q06 of 2025-fall is gone.",
    ]


def test_a_file_is_named_where_its_fellows_did_not_change():
    def one_file(new):
        new["headers"] = [
            {"files": ["x.csv"], "columns": ["id", "School", "ST034Q06"]},
            {"files": ["y.csv"], "columns": ["id", "School"]},
        ]

    assert told(one_file) == ["Column ST034Q06 of 2025-fall is gone in y.csv."]


def test_files_of_other_names_are_compared_as_one():
    def named_anew(new):
        new["headers"] = [{"files": ["z.csv"], "columns": ["id", "School", "ST034Q06", "more"]}]

    assert told(named_anew) == ["Column more is new in 2026-fall."]
    assert told(lambda new: new.update(headers=[])) == []


def test_of_very_many_columns_the_first_are_named():
    sentences = told(lambda new: new["headers"][0]["columns"].extend(f"c{i}" for i in range(10_000)))
    assert len(sentences) == 21 and sentences[-1] == "9,980 more columns like that."


def test_groups_that_lost_or_gained_a_value():
    assert told(lambda new: new["values"]["grade"].remove("12")) == ["Grade lost the value 12."]
    assert told(lambda new: new["values"].update(grade=["9", "10"])) == [
        "Grade lost the values 11, 12.",
        "Grade has the new values 9, 10.",
    ]
    assert told(lambda new: new["values"].update(group=["Newcomer", "other"])) == [
        "Group: the value newcomer of 2025-fall is gone and Newcomer is new: it looks renamed."
    ]
    assert told(lambda new: (new["values"].pop("group"), new["rare"].pop("group"))) == [
        "Group was known in 2025-fall, and is unknown now."
    ]


def test_values_of_few_students_are_only_counted():
    assert told(lambda new: new["rare"].update(group=2)) == [
        "Group: 2 values are not printed for want of students; it was 1 in 2025-fall."
    ]
    assert told(lambda new: new["values"]["group"].append("seldom")) == [
        "Group has the new value seldom, or enough students are newly of it."
    ]


def test_schools_that_stopped_or_began_to_answer():
    assert told(lambda new: new["values"]["school"].remove("017")) == [
        "Lakeside School (017) had answers in 2025-fall and has none now."
    ]

    def gone_altogether(new):
        new["values"]["school"] = ["001", "020"]
        new["roster"]["schools"].pop("017")

    assert told(gone_altogether) == [
        "Lakeside School (017) had answers in 2025-fall and has none now. It is not on the roster either.",
        "School 020 has answers now and had none in 2025-fall.",
    ]
    assert told(lambda new: new["values"].update(school=["001", "17"])) == [
        "School 017 of 2025-fall is gone and school 17 is new: it looks renamed."
    ]


def test_items_that_were_asked_or_changed_their_codes():
    assert told(lambda new: new["items"].pop("q2")) == ["Item q2 was asked in 2025-fall, and is not now."]
    assert told(lambda new: new["items"]["q2"].update(state="not_asked")) == [
        "Item q2 was answered in 2025-fall, and is not asked now."
    ]
    assert told(lambda new: new["items"]["q1"].update(codes=[1, 2, 3, 4])) == [
        "The codes of item q1 were 1 to 5 in 2025-fall, and are 1 to 4 now."
    ]
    assert told(lambda new: new["items"].update(q3={"state": "answered", "codes": [0, 1]})) == [
        "Item q3 is new: the instruments of 2025-fall did not have it."
    ]
    assert told(lambda new: new.update(formats=["qualtrics"])) == [
        "The files of 2025-fall were of the format csv, and are qualtrics now."
    ]


names = st.lists(st.text("abQ_ 019é", min_size=1, max_size=6), max_size=8, unique=True)


@given(names, names)
def test_each_column_is_told_of_once(before, after):
    old = deepcopy(BASE) | {"headers": [{"files": ["x.csv"], "columns": before}]}
    new = deepcopy(BASE) | {"headers": [{"files": ["x.csv"], "columns": after}]}
    found = changes(old, new, {})
    gone, come = set(before) - set(after), set(after) - set(before)
    pairs = renamed([one for one in before if one in gone], [one for one in after if one in come])
    assert set(pairs) <= gone and set(pairs.values()) <= come and len(set(pairs.values())) == len(pairs)
    told_of = [(one["kind"], one["what"]) for one in found]
    expected = [("column_renamed", one) for one in pairs.values()]
    expected += [("column_new", one) for one in come - set(pairs.values())]
    expected += [("column_gone", one) for one in gone - set(pairs)]
    assert sorted(told_of) == sorted(expected)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("School Name", "school_name", True),
        ("École", "ecole", True),
        ("Q1", "Q01", True),
        ("Q1", "Q2", False),
        ("response_id", "responseid2", False),
        ("How old are you?", "How old are you", True),
        ("grade", "gender", False),
    ],
)
def test_names_that_look_alike(old, new, same):
    assert (renamed([old], [new]) == {old: new}) == same


def test_a_shape_holds_names_and_no_answer(tmp_path):
    survey = make.SURVEY + "breakdowns:\n  - {id: group, levels: {told: {en: Told}}}\n  - grade_band\n"
    project = make.project(tmp_path, survey)
    responses = make.answers(40)
    responses["group"] = ["told", "rare name", *["many"] * 37, "unknown"]
    responses["grade_band"] = "g7_9"
    responses[make.ITEMS[0]] = -2
    responses[make.ITEMS[1]] = -1
    files = [{"file": "x.csv", "format": "csv", "columns": ["id", "Q1"]}, {"file": "y.csv", "columns": ["id", "Q1"]}]
    shape = shape_of(project, "w1", responses, make.roster(50), files)
    assert shape["headers"] == [{"files": ["x.csv", "y.csv"], "columns": ["id", "Q1"]}]
    assert shape["values"] == {
        "school": ["a"],
        "grade": ["7"],
        "learning_mode": ["in_person"],
        "group": ["many", "told"],
    }
    assert shape["rare"]["group"] == 1 and "rare name" not in json.dumps(shape)
    assert [shape["items"][item]["state"] for item in make.ITEMS[:3]] == ["not_asked", "asked", "answered"]
    assert shape["roster"] == {"schools": {"a": 50}}
    assert json.loads(json.dumps(shape)) == shape
    assert not any(name in json.dumps(shape) for name in responses["respondent"])
