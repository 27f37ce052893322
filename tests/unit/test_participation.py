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

from connectedness.participation import participation, participation_text
from connectedness.participation_bands import Band, band, in_words, narrowed
from connectedness.participation_counts import protected_counts

MINIMUM = 6


def students(*cells: tuple[str, str, str, int]) -> pd.DataFrame:
    rows = [cell[:3] for cell in cells for _ in range(cell[3])]
    return pd.DataFrame(rows, columns=["school", "grade", "learning_mode"], dtype="str")


def told(found: dict, table: str) -> dict[tuple[str, ...], tuple[int, int, int]]:
    return {tuple(row["cells"]): (*row["answered"].values(), row["eligible"]) for row in found["tables"][table]}


def test_counts_by_school_and_by_grade():
    eligible = students(("a", "7", "in_person", 20), ("a", "8", "in_person", 22), ("b", "7", "digital", 19))
    found = protected_counts(eligible.iloc[::2], eligible, MINIMUM)
    assert found["total"] == {"answered": {"least": 30, "most": 35}, "eligible": 61}  # 31
    assert told(found, "school") == {("a",): (18, 23, 42), ("b",): (6, 11, 19)}  # 21 and 10
    assert sum(row["eligible"] for row in found["tables"]["grade"]) == 61


def test_a_small_school_is_told_with_another_so_that_no_subtraction_gives_it():
    eligible = students(("a", "7", "x", 30), ("b", "7", "x", 20), ("c", "7", "x", 3))
    found = protected_counts(eligible, eligible, MINIMUM)
    assert told(found, "school") == {("a",): (24, 30, 30), ("b", "c"): (18, 23, 23)}


def test_small_schools_that_reach_two_bands_together_are_told_together():
    eligible = students(("a", "7", "x", 30), ("b", "7", "x", 8), ("c", "7", "x", 4))
    assert told(protected_counts(eligible, eligible, MINIMUM), "school") == {
        ("a",): (24, 30, 30),
        ("b", "c"): (6, 12, 12),
    }


def test_few_students_in_all_are_not_told_of():
    eligible = students(("a", "7", "x", 11))
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
    assert found["total"] == {"answered": {"least": 12, "most": 17}, "eligible": None}
    assert told(found, "school") == {("a", "b"): (12, 17, None)}


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


@settings(deadline=None, max_examples=30)
@given(cells=CELLS, seed=st.integers(0, 9))
def test_nothing_small_follows_from_what_is_shown(cells, seed):
    eligible = students(*cells)
    answered = eligible[np.random.default_rng(seed).random(len(eligible)) < 0.6]
    found = protected_counts(answered, eligible, MINIMUM)
    for rows in found["tables"].values():
        assert sum(row["eligible"] for row in rows) == len(eligible)
        assert sum(row["answered"]["least"] for row in rows) <= len(answered)
        assert sum(row["answered"]["most"] for row in rows) >= len(answered)
        assert all(row["eligible"] >= 2 * MINIMUM for row in rows)
    assert not small_sums(eligible, found, MINIMUM)


# Attacks: who has answered, and who has not


def test_a_school_where_all_or_none_have_answered_looks_like_others():
    eligible = students(("a", "7", "x", 40), ("b", "7", "x", 40), ("c", "7", "x", 40))
    nearly = pd.concat([eligible[:35], eligible[40:45], eligible[80:100]])
    everybody_and_nobody = pd.concat([eligible[:40], eligible[80:100]])
    assert protected_counts(nearly, eligible, MINIMUM) == protected_counts(everybody_and_nobody, eligible, MINIMUM)


def test_the_day_after_tells_of_no_single_student():
    """Of 60 students of whom one answers between two readings, 5 readings in 6 are the same, and none shows one."""
    eligible = students(("a", "7", "x", 60), ("b", "8", "x", 60))
    same = 0
    for n in range(54):
        before, after = (
            told(protected_counts(pd.concat([eligible[:k], eligible[60:75]]), eligible, MINIMUM), "school")[("a",)]
            for k in (n, n + 1)
        )
        assert after[0] - before[0] in (0, MINIMUM)
        same += before == after
    assert same == 45


def test_a_school_of_three_and_a_grade_of_one_are_nowhere_told():
    eligible = students(("a", "7", "x", 60), ("b", "7", "x", 60), ("c", "7", "x", 3), ("a", "12", "x", 1))
    for answered in (eligible[:1], eligible[120:123], eligible):
        found = protected_counts(answered, eligible, MINIMUM)
        assert ("c",) not in told(found, "school") and ("12",) not in told(found, "grade")


def ways(found: dict, eligible: pd.DataFrame) -> list[tuple[float, float]]:
    """Fewest and most answers of each told group that fit all that is told, found another way: by whole students."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    cells = eligible.value_counts(["school", "grade", "learning_mode"]).reset_index()
    rows, least, most = [np.ones(len(cells))], [], []
    groups = [(found["total"]["answered"], rows[0])]
    for name, lines in found["tables"].items():
        groups += [(row["answered"], cells[name].isin(row["cells"]).to_numpy(float)) for row in lines]
    matrix = np.array([row for _, row in groups])
    least, most = (np.array([one[end] for one, _ in groups], float) for end in ("least", "most"))
    limits = LinearConstraint(matrix, least, most)
    inside, whole = Bounds(0, cells["count"].to_numpy(float)), np.ones(len(cells))
    found_ways = []
    for row in matrix:
        low, high = (milp(sign * row, constraints=limits, bounds=inside, integrality=whole).fun for sign in (1, -1))
        found_ways.append((low, -high))
    return found_ways


@settings(deadline=None, max_examples=15)
@given(cells=CELLS, share=st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]), seed=st.integers(0, 9))
def test_all_that_is_told_together_leaves_every_count_open(cells, share, seed):
    eligible = students(*cells)
    answered = eligible[np.random.default_rng(seed).random(len(eligible)) < share]
    found = protected_counts(answered, eligible, MINIMUM)
    if found["tables"]:
        assert all(high - low >= MINIMUM // 2 for low, high in ways(found, eligible))


def test_what_would_tell_too_closely_is_told_less_closely():
    # Two grades in one school, both at the end of their bands: the total would give them away.
    eligible = students(("a", "7", "x", 40), ("b", "7", "x", 40))
    answered = pd.concat([eligible[:11], eligible[40:51]])
    assert narrowed([np.array([0, 1]), np.array([0, 0])], np.array([40, 40]),
                    [[Band(6, 11), Band(6, 11)], [Band(18, 23)]]) == 4  # fmt: skip
    assert narrowed([np.array([0, 1]), np.array([0, 0])], np.array([40, 40]),
                    [[Band(6, 11), Band(6, 11)], [Band(22, 22)]]) == 0  # fmt: skip
    found = protected_counts(answered, eligible, MINIMUM)
    assert min(high - low for low, high in ways(found, eligible)) >= 3


@pytest.mark.parametrize(
    ("sizes", "counts"),
    [
        ((30,) * 4, (17,) * 4),
        ((30, 30), (0, 30)),
        ((12, 17), (12, 0)),
        ((20, 30, 12), (20, 14, 0)),
        ((20,) * 6, (9,) * 6),
    ],
)
def test_how_the_total_is_told_says_no_more_than_the_bands_do(sizes, counts):
    """Whoever knows the rules tries every total that the schools' bands allow, and sees which are told alike."""
    eligible = students(*((name, "7", "x", size) for name, size in zip("abcdef", sizes, strict=False)))
    bands = [band(n, MINIMUM, size) for n, size in zip(counts, sizes, strict=True)]
    low, high = sum(one.least for one in bands), sum(int(one.most or 0) for one in bands)
    alike: dict[str, list[int]] = {}
    for total in range(low, high + 1):
        found = protected_counts(students(*spread(total, bands)), eligible, MINIMUM)
        assert list(told(found, "school").values()) == [
            (one.least, one.most, size) for one, size in zip(bands, sizes, strict=True)
        ]
        # One grade, one way of learning: whatever is told of them is the total.
        assert all(found["tables"][name][0]["answered"] == found["total"]["answered"] for name in found["tables"]
                   if name != "school")  # fmt: skip
        alike.setdefault(json.dumps(found["total"]), []).append(total)
    for fits in alike.values():
        for one in bands:
            least, most = fits[0] - high + int(one.most or 0), fits[-1] - low + one.least
            assert min(most, int(one.most or 0)) - max(least, one.least) >= MINIMUM // 2


def spread(total: int, bands: list[Band]) -> list[tuple[str, str, str, int]]:
    """So many answers in all, of each school within its band; the first schools have the most."""
    left, rows = total - sum(one.least for one in bands), []
    for name, one in zip("abcdef", bands, strict=False):
        more = min(left, int(one.most or 0) - one.least)
        left -= more
        rows.append((name, "7", "x", one.least + more))
    return rows


@given(n=st.integers(0, 200), more=st.integers(0, 100), minimum=st.integers(1, 12))
def test_a_band_holds_the_count_and_at_least_the_minimum_of_values(n, more, minimum):
    eligible = n + more
    one = band(n, minimum, eligible)
    assert one.least <= n <= one.most <= eligible
    assert one.most - one.least + 1 >= min(minimum, eligible + 1)
    # Nobody learns that all have answered: as many as the minimum may not have.
    assert one.most < eligible or eligible - one.least + 1 >= min(minimum, eligible + 1)
    bands = {band(k, minimum, eligible) for k in range(eligible + 1)}
    assert sum(b.most - b.least + 1 for b in bands) == eligible + 1  # they overlap nowhere


def test_bands_in_words():
    words = {
        (3, 43): "fewer than 6 of 43", (14, 43): "12 to 17 of 43 (28% to 40%)",
        (43, 43): "36 or more of 43 (84% or more)", (5, 6): "not told of 6",
    }  # fmt: skip
    assert {key: in_words(band(key[0], MINIMUM, key[1]), key[1]) for key in words} == words
    assert in_words(band(3, MINIMUM)) == "fewer than 6" and in_words(band(1300, MINIMUM)) == "1,296 to 1,301"


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
    assert found["total"] == {"answered": {"least": 12, "most": 17}, "eligible": 43}
    # By the roster's schools, whatever the answers say; the school of three is told with the next smallest.
    assert [row["cells"] for row in found["tables"]["school"]] == [["002"], ["001", "003"]]
    text = participation_text(found)
    assert "12 to 17 of 43 (28% to 40%) so far" in text and "Chestnut" in text and "Told together" in text
    assert json.loads(json.dumps(found)) == found


def test_answers_of_strangers_are_counted_apart(project):
    answers(project, [*range(9), *range(100, 120)])
    found = participation(project.root, "w2")
    assert found["total"]["answered"] == {"least": 6, "most": 11}
    assert found["aside"] == {"not_on_roster": {"least": 18, "most": 23}}
    assert "see that the token of the roster" in found["notes"][0]


def test_an_anonymous_survey_is_counted_by_what_both_tables_know(project):
    project.survey.pop("identity")
    answers(project, range(10))
    found = participation(project.root, "w2")
    assert found["total"] == {"answered": {"least": 6, "most": 11}, "eligible": 43}
    assert found["tables"]["grade"][0]["cells"] == ["7"]


def test_no_school_by_grade_and_no_token_is_told(project):
    found = participation(project.root, "w2")
    assert set(found["tables"]) <= {"school", "grade", "learning_mode"}
    assert all(set(row) == {"cells", "answered", "eligible"} for rows in found["tables"].values() for row in rows)
    assert '"s3"' not in json.dumps(found) and "s3" not in participation_text(found)


def test_who_takes_no_part_by_the_roster_is_counted_apart_and_small_counts_are_not_told(project):
    lines = (project.root / "inbox" / "w2" / "roster.csv").read_text().splitlines()
    said = [lines[0] + ",out", *(f"{line},{'yes' if i < 8 else ''}" for i, line in enumerate(lines[1:]))]
    project.put("roster.csv", "\n".join(said).encode())
    project.roster["opt_out"] = {"column": "out", "agreed": ["no"]}
    project.project()
    found = participation(project.root, "w2")
    assert found["total"]["eligible"] == 35
    assert found["not_eligible"] == {"opted_out": {"least": 6, "most": 11}}
    assert "On the roster, and not counted as eligible: opted out: 6 to 11." in participation_text(found)
    assert found["aside"] == {"opted_out": {"least": 0, "most": 5}}


def test_more_answers_than_students_of_an_anonymous_survey_are_told_as_more(project):
    project.survey.pop("identity")
    answers(project, range(90))
    found = participation(project.root, "w2")
    assert found["total"]["answered"] == {"least": 36, "most": 43}
    assert "36 or more of 43" in participation_text(found)
