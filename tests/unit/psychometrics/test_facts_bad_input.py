"""Facts of tables that give little or nothing: a clear value or a reason, never a blank without one."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from unit.psychometrics.facts_examples import drawn, likert

import connectedness
from connectedness.errors import ContractError, DeclarationError
from connectedness.psychometrics.facts import scale_facts
from connectedness.psychometrics.facts_judgement import group_mean_marks, headline_withheld
from connectedness.psychometrics.icc import icc
from connectedness.psychometrics.items import item_analysis
from connectedness.psychometrics.omega import omega

FOUR = likert({"s": 4})
GOOD = drawn(FOUR)


def facts_of(frame, known=FOUR, groups=None) -> pd.DataFrame:
    """Facts, with no warning on the way, and no blank without a reason."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        facts = scale_facts(frame, known, groups)
    blank = facts["value"].isna()
    assert facts.loc[blank, "reason"].notna().all(), facts[blank & facts["reason"].isna()]
    assert not np.isinf(facts[["value", "low", "high"]].to_numpy()).any()
    assert facts["low"].isna().eq(facts["interval"].isna()).all()
    return facts


def reason(facts, statistic, item=None):
    found = facts[(facts["statistic"] == statistic) & (facts["item"].isna() if item is None else facts["item"] == item)]
    assert len(found) == 1
    return found["reason"].iloc[0]


def value(facts, statistic, item=None):
    found = facts[(facts["statistic"] == statistic) & (facts["item"].isna() if item is None else facts["item"] == item)]
    assert len(found) == 1
    return found["value"].iloc[0]


def test_a_constant_item():
    facts = facts_of(GOOD.assign(s2=3.0))
    for statistic in ("alpha", "alpha_pairwise", "omega_total", "ordinal_alpha", "mean_inter_item_r", "lambda6", "cfi"):
        assert reason(facts, statistic) == "constant_item"
    assert reason(facts, "item_rest_r", "s2") == "constant_item" and value(facts, "sd", "s2") == 0
    assert value(facts, "item_rest_r", "s1") > 0.3
    assert value(facts, "alpha_if_deleted", "s2") > 0.5
    assert reason(facts, "alpha_if_deleted", "s1") == "constant_item"
    assert headline_withheld(facts)["verdict"].tolist() == ["not_judged"]


def test_an_item_nobody_answered():
    facts = facts_of(GOOD.assign(s2=np.nan))
    for statistic in ("alpha", "alpha_pairwise", "omega_total", "ordinal_alpha"):
        assert reason(facts, statistic) == "item_nobody_answered"
    assert value(facts, "missing_share", "s2") == 1 and reason(facts, "mean", "s2") == "no_answers"
    assert value(facts, "n_scored") == len(GOOD) and value(facts, "n_complete") == 0


def test_an_item_that_was_asked_of_nobody_is_not_missing():
    for frame in (GOOD.assign(s2=7.0), GOOD.drop(columns="s2")):
        facts = facts_of(frame)
        assert value(facts, "not_asked_share", "s2") == 1
        assert reason(facts, "missing_share", "s2") == "not_asked"
        assert value(facts, "missing_share") == 0 and value(facts, "not_asked_share") == 0.25
        assert reason(facts, "alpha") == "item_nobody_answered"


@pytest.mark.parametrize("n", [0, 1])
def test_no_respondent_and_one(n):
    facts = facts_of(GOOD.iloc[:n], groups={"school": pd.Series(["a"] * n, dtype="str")})
    assert reason(facts, "alpha") == reason(facts, "omega_total") == "too_few_complete"
    assert reason(facts, "icc1") == ("one_group" if n else "no_scores")
    assert value(facts, "n_complete") == n
    assert (reason(facts, "mean", "s1") == "no_answers") == (n == 0)
    assert n == 0 or reason(facts, "sd", "s1") == "one_answer"


def test_rows_in_which_nothing_is_answered():
    empty = pd.DataFrame(np.nan, index=range(30), columns=GOOD.columns)
    facts = facts_of(pd.concat([GOOD, empty]))
    alone = facts_of(GOOD)
    assert value(facts, "alpha") == value(alone, "alpha") and value(facts, "omega_total") == value(alone, "omega_total")
    assert value(facts, "n_answered") == len(GOOD) and value(facts, "missing_share") == pytest.approx(0.2)
    assert reason(facts_of(empty), "alpha") == "too_few_complete"


def test_one_item_and_two():
    facts = facts_of(drawn(likert({"s": 1})), likert({"s": 1}))
    assert reason(facts, "alpha") == reason(facts, "omega_total") == reason(facts, "item_rest_r", "s1") == "one_item"
    facts = facts_of(drawn(likert({"s": 2})), likert({"s": 2}))
    assert value(facts, "alpha") > 0.3 and value(facts, "item_rest_r", "s1") == value(facts, "item_rest_r", "s2")
    assert reason(facts, "omega_total") == reason(facts, "alpha_if_deleted", "s1") == "two_items"


def test_three_items_leave_nothing_to_judge_the_fit_by():
    facts = facts_of(drawn(likert({"s": 3})), likert({"s": 3}))
    assert value(facts, "omega_total") > 0.5 and value(facts, "df") == 0
    assert value(facts, "rmsea") == 0 and reason(facts, "rmsea") == "no_degrees_of_freedom"
    assert value(facts, "cfi") == 1 and value(facts, "chi_square") == pytest.approx(0, abs=1e-8)


def test_too_few_for_the_limits_of_a_correlation():
    facts = facts_of(GOOD.iloc[[0, 1, 5]])
    rest = facts[facts["statistic"] == "item_rest_r"]
    assert set(rest["reason"]) <= {"too_few_for_interval", "constant_item", "constant_rest"}
    assert rest["value"].notna().any() and rest["low"].isna().all()


def test_a_heywood_case_is_named():
    # One item shares more with two others than it varies itself.
    rng = np.random.default_rng(3)
    one = rng.integers(1, 6, 4000)
    noise = rng.random((4000, 2)) < 0.35
    frame = pd.DataFrame({"s1": one, "s2": np.where(noise[:, 0], rng.integers(1, 6, 4000), one)})
    frame["s3"] = np.where(noise[:, 1], rng.integers(1, 6, 4000), one)
    far = rng.random(4000)
    frame["s3"] = np.where(far < 0.9, 6 - frame["s3"], frame["s3"])
    frame["s2"] = np.where(far > 0.5, frame["s2"], rng.integers(1, 6, 4000))
    known = likert({"s": 3})
    facts = facts_of(frame, known)
    assert reason(facts, "omega_total") == "heywood_case"
    assert reason(facts, "loading", "s1") == reason(facts, "cfi") == "heywood_case"
    assert omega(frame, known)["reason"].tolist() == ["heywood_case"]


def test_an_item_that_stands_twice():
    facts = facts_of(GOOD.assign(s2=GOOD["s1"]))
    assert value(facts, "alpha") > 0.6
    assert reason(facts, "omega_total") == reason(facts, "lambda6") == "redundant_items"
    assert reason(facts, "ordinal_alpha") == "perfect_correlation"


def test_items_that_cancel_out():
    known = likert({"s": 2})
    frame = pd.DataFrame({"s1": [1, 2, 3, 4, 5] * 4, "s2": [5, 4, 3, 2, 1] * 4})
    facts = facts_of(frame, known)
    assert reason(facts, "alpha") == reason(facts, "alpha_pairwise") == "constant_total"
    assert value(facts, "item_rest_r", "s1") == -1


def test_items_that_cancel_out_at_equal_spread_only():
    facts = facts_of(pd.DataFrame({"s1": [4, 2], "s2": [1, 2]}), likert({"s": 2}))
    assert reason(facts, "alpha_standardized") == "constant_total" and value(facts, "alpha") == pytest.approx(-8)


def test_an_item_that_runs_backwards_shows():
    facts = facts_of(GOOD.assign(s3=6 - GOOD["s3"]))
    row = facts[(facts["statistic"] == "item_rest_r") & (facts["item"] == "s3")].iloc[0]
    assert row["high"] < 0
    assert value(facts, "alpha_if_deleted", "s3") > value(facts, "alpha") + 0.3
    assert value(facts, "loading", "s3") < 0 < value(facts, "loading", "s1")


def test_more_options_than_a_polychoric_correlation_is_sought_for():
    known = likert({"s": 3}, top=11)
    facts = facts_of(drawn(known), known)
    assert reason(facts, "ordinal_alpha") == "too_many_categories" and value(facts, "alpha") > 0.5


def test_a_wide_range_of_points_keeps_every_digit():
    known = likert({"s": 3}, top=300)
    frame = drawn(known, 500)
    rows = frame.to_numpy()
    covariance = np.cov(rows, rowvar=False)
    facts = facts_of(frame, known)
    assert value(facts, "alpha") == pytest.approx(1.5 * (1 - np.trace(covariance) / covariance.sum()), abs=1e-12)


def test_a_formative_scale_is_not_asked_for_one_factor():
    known = likert({"s": 4}, structure="formative")
    facts = facts_of(GOOD, known)
    for statistic in ("omega_total", "cfi", "ordinal_alpha"):
        assert reason(facts, statistic) == "formative_scale"
    assert value(facts, "alpha") > 0.5
    assert headline_withheld(facts).iloc[0][["verdict", "reason"]].tolist() == ["not_judged", "formative_scale"]


def test_codes_outside_the_declared_set_are_missing():
    facts = facts_of(GOOD.assign(s1=GOOD["s1"].where(GOOD.index > 9, 99)))
    assert value(facts, "missing_share", "s1") == pytest.approx(10 / 120)


def test_an_empty_table_of_columns_is_refused():
    with pytest.raises(ContractError, match="no column"):
        scale_facts(pd.DataFrame({"other": [1, 2]}), FOUR)


def test_groups_that_do_not_fit_are_refused():
    with pytest.raises(ContractError, match="do not belong"):
        scale_facts(GOOD, FOUR, {"school": pd.Series(["a", "b"])})
    with pytest.raises(ContractError, match="no such column"):
        icc(GOOD, FOUR, "school")


def test_a_table_without_groups_has_no_marks():
    assert group_mean_marks(facts_of(GOOD)).empty


def test_item_analysis_has_a_row_for_every_item_and_figure():
    found = item_analysis(GOOD, FOUR, level=0.99)
    assert len(found) == 4 * 10
    wide = found.pivot(index="item", columns="statistic", values="high")
    narrow = item_analysis(GOOD, FOUR).pivot(index="item", columns="statistic", values="high")
    assert (wide["item_rest_r"] > narrow["item_rest_r"]).all()


CELLS = st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, 7.0, np.nan, 99.0])


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 4).flatmap(lambda k: hnp.arrays(float, st.tuples(st.integers(0, 12), st.just(k)), elements=CELLS)),
    st.lists(st.sampled_from(["a", "b", "c", None]), min_size=12, max_size=12),
)
def test_no_table_gives_a_blank_without_a_reason(rows, schools):
    known = likert({"s": rows.shape[1]})
    frame = pd.DataFrame(rows, columns=list(known.scales[0].items))
    facts = facts_of(frame, known, {"school": pd.Series(schools[: len(rows)], dtype="str")})
    limited = facts[facts["low"].notna() & facts["high"].notna()]
    assert (limited["low"] <= limited["value"] + 1e-9).all() and (limited["value"] <= limited["high"] + 1e-9).all()
    shares = facts[facts["statistic"].str.endswith("_share") & facts["value"].notna()]
    assert shares["value"].between(0, 1).all()


@pytest.mark.parametrize("level", [0, 1, 1.5, -1, float("nan"), "x", True, None])
@pytest.mark.parametrize("function", ["reliability", "omega", "item_analysis", "icc"])
def test_a_confidence_that_cannot_be_is_refused(function, level):
    more = ([1, 2] * 60,) if function == "icc" else ()
    with pytest.raises(DeclarationError, match="confidence"):
        getattr(connectedness, function)(GOOD, FOUR, *more, level=level)


@pytest.mark.parametrize("kind", [list, np.array, pd.Series])
def test_groups_are_given_in_any_form(kind):
    groups = [1, 2, 3] * 40
    expected = icc(GOOD.assign(g=groups), FOUR, "g")
    pd.testing.assert_frame_equal(icc(GOOD, FOUR, kind(groups)), expected)
    assert len(connectedness.rwg(GOOD, FOUR, kind(groups))) == 3


def test_a_complex_number_is_no_code_and_no_warning_leaks():
    facts = facts_of(GOOD.assign(s2=GOOD["s2"].astype(complex)))
    assert value(facts, "alpha") == value(facts_of(GOOD), "alpha")
