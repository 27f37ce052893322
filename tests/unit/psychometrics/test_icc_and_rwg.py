"""Groups: the intraclass correlation, the reliability of a mean, and agreement."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.psychometrics.facts_examples import drawn, likert

from connectedness.psychometrics.facts import scale_facts
from connectedness.psychometrics.facts_judgement import group_mean_marks, mark_of
from connectedness.psychometrics.icc import anova, icc, mean_reliability, members_needed
from connectedness.psychometrics.rwg import rwg

TWO = likert({"s": 2})


def table(*rows: tuple[str | None, float, float]) -> tuple[pd.DataFrame, pd.Series]:
    frame = pd.DataFrame(rows, columns=["school", "s1", "s2"])
    return frame[["s1", "s2"]], frame["school"]


def test_a_hand_worked_table():
    # School means 2 and 4 of two each; within, everybody is half a point off: MSB 4, MSW 0.5.
    frame, school = table(("a", 1, 2), ("a", 2, 3), ("b", 3, 4), ("b", 4, 5))
    row = icc(frame, TWO, school).iloc[0]
    assert (row["n"], row["n_groups"], row["group_size"]) == (4, 2, 2)
    assert row["icc1"] == pytest.approx((4 - 0.5) / (4 + 0.5)) and row["icc2"] == pytest.approx(1 - 0.5 / 4)
    assert row["icc1_mean_size"] == row["icc1"]
    # 0.7 x (1 - 7/9) / (0.3 x 7/9) = 0.67: one pupil; for 0.8, 1.14: two.
    assert (row["n_for_70"], row["n_for_80"]) == (1, 2)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(7)
    sizes = rng.integers(5, 40, 30)
    codes = np.repeat(np.arange(30), sizes)
    covered = 0
    for _ in range(400):
        scores = rng.normal(0, np.sqrt(0.1), 30)[codes] + rng.normal(0, np.sqrt(0.9), len(codes))
        low, high = anova(scores, codes).icc1_interval(0.95)
        covered += low <= 0.1 <= high
    assert 0.92 <= covered / 400 <= 0.975


def test_groups_of_one_member():
    frame, school = table(("a", 1, 2), ("b", 2, 3), ("c", 3, 4))
    assert icc(frame, TWO, school)["reason"].tolist() == ["no_group_of_two"]
    agreement = rwg(frame, TWO, school)
    assert agreement["reason"].tolist() == ["one_member"] * 3 and agreement["rwg_j"].isna().all()
    # Beside a larger group, groups of one still count.
    frame, school = table(("a", 1, 2), ("a", 2, 2), ("b", 5, 4), ("c", 3, 4))
    row = icc(frame, TWO, school).iloc[0]
    assert row["n_groups"] == 3 and 0.5 < row["icc1"] < 1


def test_one_group_no_group_and_no_variance():
    frame, school = table(("a", 1, 2), ("a", 2, 3), ("a", 3, 4))
    assert icc(frame, TWO, school)["reason"].tolist() == ["one_group"]
    assert icc(frame, TWO, school.where(school.isna()))["reason"].tolist() == ["no_scores"]
    frame, school = table(("a", 3, 3), ("a", 3, 3), ("b", 3, 3), ("b", 3, 3))
    assert icc(frame, TWO, school)["reason"].tolist() == ["constant_scores"]


def test_perfect_agreement():
    frame, school = table(("a", 1, 2), ("a", 1, 2), ("b", 4, 5), ("b", 4, 5))
    row = icc(frame, TWO, school).iloc[0]
    assert row["icc1"] == row["icc2"] == row["icc1_low"] == row["icc1_high"] == 1 and pd.isna(row["reason"])
    assert (row["n_for_70"], row["n_for_80"]) == (1, 1)
    assert rwg(frame, TWO, school)["rwg_j"].tolist() == [1, 1]


def test_a_group_without_scores_beside_groups_that_agree():
    frame, school = table(("a", 1, 2), ("a", 1, 2), ("b", 4, 5), ("b", 4, 5), ("c", np.nan, np.nan))
    facts = scale_facts(frame, TWO, {"school": school})
    means = facts[facts["statistic"] == "mean_reliability"].set_index("unit")
    assert means["value"].dropna().to_dict() == {"a": 1, "b": 1} and means.loc["c", "reason"] == "no_scores"


def test_agreement_by_hand_and_less_than_chance():
    # Variances 0.5 and 0.5 against 2 of five even options: 2 x 0.75 / (2 x 0.75 + 0.25).
    frame, school = table(("a", 1, 2), ("a", 2, 3), ("b", 1, 5), ("b", 5, 1), ("c", 3, np.nan), ("c", np.nan, 3))
    agreement = rwg(frame, TWO, school).set_index("group")
    assert agreement.loc["a", "rwg_j"] == pytest.approx(1.5 / 1.75)
    assert agreement.loc["b", "rwg_j"] == 0
    assert agreement.loc["c", "reason"] == "no_complete_answers" and agreement.loc["c", "n"] == 0


def test_schools_that_do_not_differ_need_more_pupils_than_there_are():
    frame, school = table(("a", 1, 1), ("a", 5, 5), ("b", 1, 1), ("b", 5, 5))
    row = icc(frame, TWO, school).iloc[0]
    assert row["icc1"] == -1 and np.isnan(row["icc2"]) and np.isnan(row["n_for_70"])
    assert row["reason"] == "equal_means"
    frame, school = table(("a", 1, 1), ("a", 5, 5), ("b", 2, 1), ("b", 5, 5))
    row = icc(frame, TWO, school).iloc[0]
    assert row["icc1"] < 0 and row["icc2"] < 0 and row["reason"] == "no_difference_between_groups"
    facts = scale_facts(frame, TWO, {"school": school})
    means = facts[facts["statistic"] == "mean_reliability"]
    assert means["value"].tolist() == [0, 0]
    assert group_mean_marks(facts)["mark"].tolist() == ["poor"]


def test_who_has_no_group_is_left_out():
    frame, school = table(("a", 1, 2), ("a", 2, 3), (None, 5, 1), ("b", 3, 4), ("b", 4, 5))
    with_nobody = icc(frame, TWO, school)
    pd.testing.assert_frame_equal(with_nobody, icc(frame[school.notna()], TWO, school[school.notna()]))


def test_groups_are_taken_row_by_row():
    known = likert({"s": 4})
    frame = drawn(known, 60)
    school = pd.Series(np.arange(60) // 6)
    shuffled = frame.set_axis(np.random.default_rng(1).permutation(60), axis=0)
    pd.testing.assert_frame_equal(icc(frame, known, school), icc(shuffled, known, school))
    pd.testing.assert_frame_equal(icc(frame, known, school), icc(frame.assign(school=school), known, "school"))


@given(st.floats(0.001, 0.999), st.sampled_from([0.7, 0.8]))
def test_members_needed_reach_the_reliability_and_one_fewer_does_not(icc1, wanted):
    n = members_needed(icc1, wanted)
    reached = mean_reliability(icc1, np.array([n, n - 1]))
    assert reached[0] >= wanted - 1e-8
    assert n == 1 or reached[1] < wanted


@pytest.mark.parametrize(
    ("icc1", "n", "reliability"), [(0.05, 45, 0.70), (0.05, 77, 0.80), (0.08, 27, 0.70), (0.014, 165, 0.70)]
)
def test_members_needed_as_published(icc1, n, reliability):
    assert abs(members_needed(icc1, reliability) - n) <= 1


@pytest.mark.parametrize(
    ("icc2", "mark"), [(0.70, "good"), (0.95, "good"), (0.69, "fair"), (0.5, "fair"), (0.49, "poor"), (-1, "poor"),
                       (np.nan, "not_judged")]
)  # fmt: skip
def test_the_mark_of_a_mean(icc2, mark):
    assert mark_of(icc2) == mark
