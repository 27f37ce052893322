"""Counts while a wave is open: what they are, and that nothing small follows from them."""

import json
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.ingest.small_survey import ITEMS

from connectedness.participation import participation, participation_text, protected_counts

MINIMUM = 6


def students(*cells: tuple[str, str, str, int]) -> pd.DataFrame:
    rows = [cell[:3] for cell in cells for _ in range(cell[3])]
    return pd.DataFrame(rows, columns=["school", "grade", "learning_mode"], dtype="str")


def told(found: dict, table: str) -> dict[tuple[str, ...], tuple[int, int]]:
    return {tuple(row["cells"]): (row["answered"], row["eligible"]) for row in found["tables"][table]}


def test_counts_by_school_and_by_grade():
    eligible = students(("a", "7", "in_person", 10), ("a", "8", "in_person", 12), ("b", "7", "digital", 9))
    found = protected_counts(eligible.iloc[::2], eligible, MINIMUM)
    assert found["total"] == {"answered": 16, "eligible": 31}
    assert told(found, "school") == {("a",): (11, 22), ("b",): (5, 9)}
    assert sum(n for _, n in told(found, "grade").values()) == 31


def test_a_small_school_is_told_with_another_so_that_no_subtraction_gives_it():
    eligible = students(("a", "7", "x", 30), ("b", "7", "x", 20), ("c", "7", "x", 3))
    found = protected_counts(eligible, eligible, MINIMUM)
    assert told(found, "school") == {("a",): (30, 30), ("b", "c"): (23, 23)}


def test_small_schools_that_reach_the_minimum_together_are_told_together():
    eligible = students(("a", "7", "x", 30), ("b", "7", "x", 5), ("c", "7", "x", 4))
    assert told(protected_counts(eligible, eligible, MINIMUM), "school") == {("a",): (30, 30), ("b", "c"): (9, 9)}


def test_few_students_in_all_are_not_told_of():
    eligible = students(("a", "7", "x", 5))
    found = protected_counts(eligible, eligible, MINIMUM)
    assert found["total"] == {"answered": None, "eligible": None} and not found["tables"]


def test_schools_less_the_grades_that_only_they_have_tell_of_nobody():
    # Of the elementary school, all but three are of grades that no other school has.
    eligible = students(("low", "5", "x", 40), ("low", "6", "x", 40), ("low", "7", "x", 3), ("high", "7", "x", 50))
    eligible = pd.concat([eligible, students(("high", "8", "x", 50))])
    found = protected_counts(eligible, eligible, MINIMUM)
    assert set(told(found, "school")) == {("low",), ("high",)}
    assert not small_sums(eligible, found, MINIMUM)
    assert ("5",) not in told(found, "grade") or ("7",) not in told(found, "grade")


def test_without_a_roster_answers_are_counted_and_small_ones_joined_too():
    answered = students(("a", "7", "x", 10), ("b", "7", "x", 2))
    found = protected_counts(answered, None, MINIMUM)
    assert found["total"] == {"answered": 12, "eligible": None}
    assert told(found, "school") == {("a", "b"): (12, None)}


def test_a_table_that_nobody_knows_is_left_out():
    eligible = students(("a", "unknown", "x", 10), ("b", "unknown", "x", 10))
    found = protected_counts(eligible, eligible, MINIMUM)
    assert "grade" not in found["tables"] and "By grade: not known." in found["left_out"]


def small_sums(eligible: pd.DataFrame, found: dict, minimum: int) -> list[int]:
    """Sizes under the minimum of groups that sums and differences of two shown tables give, by brute force."""
    tables = {name: [set(row["cells"]) for row in rows] for name, rows in found["tables"].items()}
    small = []
    for one, other in combinations(tables, 2):
        for mine in subsets(tables[one]):
            for theirs in subsets(tables[other]):
                inside = eligible[one].isin(set().union(*mine)), eligible[other].isin(set().union(*theirs))
                if not (inside[1] & ~inside[0]).any():
                    small.append(int((inside[0] & ~inside[1]).sum()))
                if not (inside[0] & ~inside[1]).any():
                    small.append(int((inside[1] & ~inside[0]).sum()))
    return [n for n in small if 0 < n < minimum]


def subsets(groups: list[set[str]]):
    return chain.from_iterable(combinations(groups, size) for size in range(len(groups) + 1))


CELLS = st.lists(
    st.tuples(
        st.sampled_from("abcd"), st.sampled_from(["5", "6", "7", "8"]), st.sampled_from(["in_person", "digital"]),
        st.integers(1, 20),
    ),
    min_size=1, max_size=9,
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(cells=CELLS, seed=st.integers(0, 9))
def test_nothing_small_follows_from_what_is_shown(cells, seed):
    eligible = students(*cells)
    answered = eligible[np.random.default_rng(seed).random(len(eligible)) < 0.6]
    found = protected_counts(answered, eligible, MINIMUM)
    for rows in found["tables"].values():
        assert sum(row["eligible"] for row in rows) == len(eligible)
        assert sum(row["answered"] for row in rows) == len(answered)
        assert all(row["eligible"] >= MINIMUM for row in rows)
    assert not small_sums(eligible, found, MINIMUM)


# A project on disk


@pytest.fixture
def project(tmp_path):
    from unit.ingest.roster_examples import RosterProject

    made = RosterProject(tmp_path)
    made.survey["schools"] = {"001": {"en": "Alder"}, "002": {"en": "Birch"}, "003": {"en": "Chestnut"}}
    made.put("roster.csv", ("token,school,grade\n" + "".join(
        f"s{i},{'001' if i < 20 else '002' if i < 40 else '003'},{7 + i % 2}\n" for i in range(43)
    )).encode())  # fmt: skip
    made.roster = {"file": "inbox/{wave}/roster.csv"}
    answers(made, range(0, 43, 3))
    return made


def answers(project, who, **more):
    header = ",".join(["token", "school", "grade", "submitted", *ITEMS])
    lines = [f"s{i},{more.get('school', '001')},7,2026-10-06 09:00" + ",4" * len(ITEMS) for i in who]
    project.put("answers.csv", "\n".join([header, *lines]).encode())
    project.project()


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_an_open_wave_is_counted_and_nothing_is_written(project):
    before = everything(project.root)
    found = participation(project.root, "w2")
    assert everything(project.root) == before
    assert found["total"] == {"answered": 15, "eligible": 43}
    # By the roster's schools, whatever the answers say; the school of three is told with the next smallest.
    assert [row["cells"] for row in found["tables"]["school"]] == [["002"], ["001", "003"]]
    text = participation_text(found)
    assert "15 of 43 (35%) so far" in text and "Chestnut" in text and "Told together" in text
    assert json.loads(json.dumps(found)) == found


def test_answers_of_strangers_are_counted_apart(project):
    answers(project, [*range(9), *range(100, 120)])
    found = participation(project.root, "w2")
    assert found["total"]["answered"] == 9 and found["aside"] == {"not_on_roster": 20}
    assert "see that the token of the roster" in found["notes"][0]


def test_an_anonymous_survey_is_counted_by_what_both_tables_know(project):
    project.survey.pop("identity")
    answers(project, range(10))
    found = participation(project.root, "w2")
    assert found["total"] == {"answered": 10, "eligible": 43}
    assert sum(row["answered"] for row in found["tables"]["grade"]) == 10


def test_no_school_by_grade_and_no_token_is_told(project):
    found = participation(project.root, "w2")
    assert set(found["tables"]) <= {"school", "grade", "learning_mode"}
    assert all(set(row) == {"cells", "answered", "eligible"} for rows in found["tables"].values() for row in rows)
    assert '"s3"' not in json.dumps(found) and "s3" not in participation_text(found)
