"""What of the facts about scales leaves: nothing of one school, nothing of few, and everything told coarsely."""

from __future__ import annotations

import copy
from datetime import date
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from unit.disclosure.made_district import BREAKDOWNS, FAMILIES, SHARES, estimates, students, tree

from connectedness.declare.policy import Policy
from connectedness.disclosure.facts import COUNTS, MEMBERS, OF_ITEM, OF_SCALE, OF_UNITS, protect_facts
from connectedness.disclosure.facts import SHARES as SHARE_FACTS
from connectedness.disclosure.protect import protect
from connectedness.disclosure.protected import FACT_COLUMNS, ProtectedFacts
from connectedness.errors import DisclosureError
from connectedness.psychometrics.direction_finding import Finding
from connectedness.psychometrics.icc import Anova

KINDS = dict.fromkeys(("value", "low", "high"), "float64") | {"n": "Int64"}


@cache
def many_schools():
    return wave_of({f"s{i}": 60 for i in range(12)})


def wave_of(sizes: dict[str, int], audience: str = "public"):
    """Protected estimates of a district with schools of these sizes; every student is in one band, mode and group."""
    groups = {(school, "k_3", "in_person", "a"): size for school, size in sizes.items()}
    made = students(groups, np.random.default_rng(4))
    return protect(
        estimates(made), tree(made), Policy(), audience, shares=SHARES, structural=BREAKDOWNS, families=FAMILIES
    )


@pytest.fixture(scope="module")
def protected():
    return many_schools()


@pytest.fixture(scope="module")
def with_a_hidden_school():
    return wave_of({"a": 90, "b": 80, "c": 70, "d": 4})


@pytest.fixture(scope="module")
def too_small():
    return wave_of({"a": 4, "b": 3})


def fact(statistic: str, value: float, n: int = 700, **more):
    blank = dict.fromkeys(("unit_type", "unit", "item", "low", "high", "interval", "reason"))
    return {"scale": "belonging", **blank, "statistic": statistic, "value": value, "n": n, **more}


def table(*rows):
    columns = ["scale", "unit_type", "unit", "statistic", "item", "value", "low", "high", "interval", "n", "reason"]
    return pd.DataFrame(list(rows), columns=columns).astype({one: KINDS.get(one, "str") for one in columns})


def released(protected, *rows, **more):
    return protect_facts(table(*rows), protected, families=FAMILIES, **more).released()


def only(frame, statistic):
    return frame[frame["statistic"] == statistic].iloc[0]


# ---- what may leave at all


def test_facts_of_one_school_never_leave(protected):
    own = [fact(one, 0.7, unit_type="school", unit="s1") for one in ("rwg_j", "mean_reliability", "icc1", "alpha")]
    frame = released(protected, fact("n_groups", 12, unit_type="school"), *own, fact("alpha", 0.8))
    assert list(frame["statistic"]) == ["alpha"]
    assert "unit" not in frame and list(frame.columns) == list(FACT_COLUMNS)


def test_a_statistic_that_this_room_does_not_name_does_not_leave(protected):
    frame = released(protected, fact("covariance_sum", 12.5), fact("alpha", 0.8), fact("sd", 0.8))
    assert list(frame["statistic"]) == ["alpha"]


def test_sizes_of_schools_do_not_leave(protected):
    names = ("n_groups", "group_size", "icc1_mean_size", "rwg_j_mean", "icc1", "icc2", "n_for_70", "rwg_j_median")
    frame = released(protected, *(fact(one, 12.0, unit_type="school") for one in names))
    assert set(frame["statistic"]) == {"icc1", "icc2", "n_for_70", "rwg_j_median"}


def test_figures_over_few_schools_leave_only_where_no_school_is_hidden(with_a_hidden_school):
    def over(count, protected):
        rows = [fact("n_groups", count, unit_type="school"), fact("icc1", 0.08, unit_type="school")]
        return len(released(protected, *rows))

    assert over(4, with_a_hidden_school) == 0 and over(9, with_a_hidden_school) == 0
    assert over(10, with_a_hidden_school) == 1
    assert over(4, wave_of({"a": 90, "b": 80, "c": 70, "d": 60})) == 1


def test_a_kind_of_unit_that_the_estimates_do_not_know_counts_as_hidden(protected):
    assert released(protected, fact("n_groups", 6, unit_type="class"), fact("icc1", 0.2, unit_type="class")).empty


def test_the_median_agreement_of_two_schools_is_theirs_and_does_not_leave():
    two = wave_of({"a": 90, "b": 80})
    rows = [fact("n_groups", 2, unit_type="school"), fact("rwg_j_median", 0.7, unit_type="school")]
    assert released(two, *rows, fact("icc1", 0.1, unit_type="school"))["statistic"].tolist() == ["icc1"]


def test_the_size_that_stands_for_unequal_ones_would_give_two_hidden_schools_and_what_leaves_does_not():
    """The total less the ten shown schools gives 15 students; which two numbers add up to 15?"""
    shown, told, exact = [40] * 10, [], []
    for pair in ((5, 10), (7, 8)):
        sizes = np.array([*shown, *pair])
        n, count = int(sizes.sum()), len(sizes)
        size = (n - (sizes**2).sum() / n) / (count - 1)
        exact.append(round(n * (n - size * (count - 1)) - sum(one**2 for one in shown)))
        found = Anova(2.6, 0.7, n, count, size)
        limits = [
            dict(zip(("low", "high"), one, strict=True))
            for one in (found.icc1_interval(0.95), found.icc2_interval(0.95))
        ]
        rows = [
            fact("n_groups", count, n, unit_type="school"), fact("group_size", size, n, unit_type="school"),
            fact("icc1", found.icc1(), n, unit_type="school", **limits[0]),
            fact("icc2", found.icc2, n, unit_type="school", **limits[1]),
        ]  # fmt: skip
        told.append(released(wave_of({f"s{i:02d}": size for i, size in enumerate(sizes)}), *rows))
    assert exact == [5**2 + 10**2, 7**2 + 8**2]
    pd.testing.assert_frame_equal(*told)
    assert told[0]["value"].notna().all() and len(told[0]) == 2


# ---- what is hidden


@pytest.mark.parametrize(("n", "shown"), [(0, False), (9, False), (29, False), (30, True), (31, True)])
def test_thirty_students_stand_behind_every_fact(protected, n, shown):
    row = only(released(protected, fact("alpha", 0.8, n, low=0.7, high=0.9, interval="feldt")), "alpha")
    assert (row["reason"] == "suppressed") is not shown
    assert bool(row[["value", "low", "high", "n", "interval"]].isna().all()) is not shown


def test_a_minimum_above_thirty_counts_too():
    made = students({(f"s{i}", "k_3", "in_person", "a"): 90 for i in range(3)}, np.random.default_rng(1))
    policy = Policy(minimum={"internal": 40, "public": 50})
    protected = protect(
        estimates(made), tree(made), policy, "public", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES
    )
    frame = released(protected, fact("alpha", 0.8, 49), fact("ordinal_alpha", 0.8, 50))
    assert only(frame, "alpha")["reason"] == "suppressed" and only(frame, "ordinal_alpha")["value"] == 0.8


def test_nothing_is_told_when_the_districts_total_is_hidden(too_small):
    rows = [fact("alpha", 0.8), fact("n_items", 6.0), fact("mean", 3.1, item="x")]
    frame = released(too_small, *rows)
    assert len(frame) == 3 and (frame["reason"] == "suppressed").all() and frame[["value", "n"]].isna().all(axis=None)


def test_facts_of_a_scale_hide_with_its_total_and_others_stay():
    made = students({(f"s{i}", "k_3", "in_person", "a"): 60 for i in range(6)}, np.random.default_rng(3))
    made["adult"] = made["adult"].where(np.arange(len(made)) < 4)
    protected = protect(
        estimates(made), tree(made), Policy(), "public", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES
    )
    rows = [fact("alpha", 0.8), fact("alpha", 0.8, scale="adult")]
    shown = protect_facts(table(*rows), protected, families=FAMILIES).released().set_index("scale")["value"]
    assert shown["belonging"] == 0.8 and np.isnan(shown["adult"])
    without = protect_facts(table(*rows), protected).released()
    assert without["value"].isna().all(), "without families it is not known whose total is hidden"


def test_a_value_that_is_null_for_another_reason_keeps_it(protected):
    row = only(released(protected, fact("omega_total", np.nan, reason="two_items")), "omega_total")
    assert row["reason"] == "two_items" and row["n"] == 700


@settings(max_examples=40, deadline=None)
@given(count=st.integers(0, 700), share=st.sampled_from(sorted(SHARE_FACTS)), item=st.sampled_from([None, "x"]))
@example(count=9, share="floor_share", item=None)
@example(count=10, share="floor_share", item=None)
@example(count=691, share="ceiling_share", item="x")
@example(count=9, share="missing_share", item=None)
def test_a_share_that_counts_few_students_or_all_but_few_is_hidden(count, share, item):
    cells = 6 if item is None and share in ("missing_share", "not_asked_share") else 1
    rows = [fact("n_items", 6.0), fact(share, count / (700 * cells), item=item)]
    row = only(released(many_schools(), *rows), share)
    few = 0 < count < 10 or 0 < 700 * cells - count < 10
    assert (row["reason"] == "suppressed") is few


def test_how_few_it_counts_is_not_told(protected):
    share = {"low": 0.0, "high": 0.5, "interval": "wilson"}
    told = [released(protected, fact("floor_share", count / 700, **share)) for count in (1, 9)]
    pd.testing.assert_frame_equal(*told)


# ---- how precisely it is told


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(OF_SCALE | OF_ITEM | OF_UNITS)),
            st.floats(0, 1),
            st.floats(0, 0.3),
            st.integers(0, 20_000),
        ),
        min_size=1,
        max_size=15,
        unique_by=lambda row: row[0],
    )
)
def test_whatever_the_facts_are_what_leaves_is_of_many_coarse_and_no_tighter_than_it_was(drawn):
    rows = [fact("n_groups", 12, unit_type="school")]
    for name, value, reach, n in drawn:
        where = {"item": "x"} if name in OF_ITEM - OF_SCALE else {"unit_type": "school"} if name in OF_UNITS else {}
        value = float(n) if name in COUNTS else 1.0 + n if name in MEMBERS else value
        rows.append(fact(name, value, n, low=value - reach, high=value + reach, interval="i", **where))
    before = table(*rows).set_index("statistic")
    told = released(many_schools(), *rows)
    shown = told[told["reason"].isna()].set_index("statistic")
    assert set(told["statistic"]) == {name for name, *_ in drawn}
    true = before.loc[shown.index]
    assert (true["n"] >= 30).all() and (shown["n"] % 10 == 0).all()
    assert (shown["n"] <= true["n"]).all() and (true["n"] - shown["n"] < 10).all()
    assert (shown["low"] <= true["low"] + 1e-6).all() and (shown["high"] >= true["high"] - 1e-6).all()
    thousandths = shown["value"] * 1000
    assert np.allclose(thousandths, np.round(thousandths), atol=1e-6)
    few = shown[shown["n"] < 500]["value"] * 100
    assert np.allclose(few, np.round(few), atol=1e-6)
    hidden = told[told["reason"].notna()]
    assert hidden[["value", "low", "high", "n", "interval"]].isna().all(axis=None)


def test_counts_are_told_in_tens_and_members_in_two_figures(protected):
    rows = [fact("n_complete", 548.0, 548), fact("n_groups", 12, unit_type="school")]
    rows.append(fact("n_for_70", 464.0, unit_type="school", low=218.0, high=1031.0))
    frame = released(protected, *rows)
    assert only(frame, "n_complete")["value"] == 540
    assert only(frame, "n_for_70")[["value", "low", "high"]].tolist() == [470, 210, 1100]


# ---- the type


def test_only_protect_facts_makes_one(protected):
    made = protect_facts(table(fact("alpha", 0.8)), protected, families=FAMILIES)
    with pytest.raises(DisclosureError, match=r"protect_facts\(\) alone"):
        ProtectedFacts("w1", "public", 10, made.released(), [], object())
    for attempt in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            attempt(made)
    with pytest.raises(TypeError):
        type("Mine", (ProtectedFacts,), {})
    frame, notes = made.released(), made.notes
    frame["value"] = 1.0
    notes.append({"kind": "x"})
    assert made.released()["value"].tolist() == [0.8] and made.notes == []
    assert made.summary() == {"shown": 1, "hidden": 0}


def test_bare_estimates_and_broken_tables_are_refused(protected):
    rows = table(fact("alpha", 0.8))
    for wrong in (protected.estimates, None):
        with pytest.raises(DisclosureError, match="beside the estimates"):
            protect_facts(rows, wrong)
    with pytest.raises(DisclosureError, match="lack columns"):
        protect_facts(rows.drop(columns="unit"), protected)
    with pytest.raises(DisclosureError, match="twice"):
        protect_facts(pd.concat([rows, rows]), protected)


# ---- notes


def finding(check, verdict, *, item=None, n=700, other=None, cause="c", scale="belonging"):
    return Finding(check, scale, item, verdict, cause, "sentence", n=n, other=other)


def notes(protected, rows=None, **more):
    return protect_facts(table(*(rows or [fact("alpha", 0.8)])), protected, families=FAMILIES, **more).notes


def test_one_verdict_for_each_check_the_gravest_and_what_could_not_be_checked(protected):
    found = [
        finding("one_item", "ok", item="x"),
        finding("one_item", "caution", item="y"),
        finding("whole_scale", "ok", other="adult"),
        finding("whole_scale", "not_checked", other="anchor", n=None, cause="no_anchor"),
    ]
    one_item, whole = notes(protected, findings=found)
    assert (one_item["verdict"], one_item["items"]) == ("caution", ["y"])
    assert (whole["verdict"], whole["against"], whole["unchecked"]) == ("ok", ["adult"], ["anchor"])


def test_a_check_of_few_students_is_not_told_and_words_of_labels_are_no_students(protected):
    found = [finding("one_item", "caution", item="x", n=12), finding("labels", "ok", item="x", n=5)]
    one_item, labels = notes(protected, findings=found)
    assert one_item["verdict"] == "not_checked" and one_item["cause"] == ["too_few"]
    assert labels["verdict"] == "ok"


def test_what_a_statement_overrides_is_told_with_who_when_and_why(protected):
    told = {"check": "one_item", "by": "A. Analyst", "reason": "Right so.", "date": date(2026, 11, 2)}
    statements = [SimpleNamespace(wave=wave, what="x", **told) for wave in ("w1", "w0")]
    (note,) = notes(protected, findings=[finding("one_item", "overridden", item="x")], statements=statements)
    assert note["verdict"] == "overridden"
    assert note["statements"] == [{"what": "x", "reason": "Right so.", "date": "2026-11-02"}]


def test_a_wave_that_was_stopped_is_not_released(protected):
    with pytest.raises(DisclosureError, match="run the wrong way"):
        notes(protected, findings=[finding("one_item", "stop", item="x")])


def test_nothing_is_noted_of_a_hidden_district(too_small):
    careless = pd.DataFrame({"scale": ["belonging"], "n": 700, "n_flagged": 90, "n_unflagged": 610, "difference": 0.1})
    fair = pd.DataFrame({"scale": ["belonging"], "item": ["x"], "size": ["large"], "reason": [None]})
    headlines = pd.DataFrame({"scale": ["belonging"], "verdict": ["withheld"], "basis": ["omega_total"]})
    found = [finding("one_item", "ok", item="x")]
    rows = [fact("omega_total", 0.4)]
    told = notes(too_small, rows, findings=found, careless=careless, fairness={"band": fair}, headlines=headlines)
    assert [(one["kind"], one["verdict"]) for one in told] == [("headline", "not_judged"), ("careless", "not_told")]


@settings(max_examples=40, deadline=None)
@given(flagged=st.integers(0, 700), difference=st.floats(-2, 2))
@example(flagged=9, difference=0.3)
@example(flagged=10, difference=0.3)
@example(flagged=691, difference=0.3)
def test_what_careless_answers_change_is_told_in_tenths_where_both_sides_are_enough(flagged, difference):
    row = {"scale": "belonging", "n": 700, "n_flagged": flagged, "n_unflagged": 700 - flagged}
    (note,) = notes(many_schools(), careless=pd.DataFrame([row | {"difference": difference}]))
    assert (note["difference"] is not None) is (10 <= flagged <= 690)
    assert set(note) == {"kind", "scale", "verdict", "difference"}
    if note["difference"] is not None:
        assert (
            note["difference"] == pytest.approx(difference, abs=0.0501)
            and round(note["difference"], 1) == note["difference"]
        )


def test_fairness_is_told_in_a_word_with_the_items(protected):
    def fair(sizes, reasons):
        frame = pd.DataFrame({"item": ["x", "y"], "size": sizes, "reason": reasons}).assign(
            scale="belonging", n_focal=211
        )
        return notes(protected, fairness={"band": frame})[0]

    blank = {"kind": "dif", "scale": "belonging", "breakdown": "band"}
    assert fair(["large", None], [None, "too_few_in_group"]) == blank | {
        "verdict": "caution",
        "items": ["x"],
        "of_items": 2,
    }
    assert fair(["negligible"] * 2, [None] * 2) == blank | {"verdict": "none", "cause": []}
    assert fair(["negligible", None], [None, "one_group"]) == blank | {"verdict": "not_checked", "cause": ["one_group"]}


def test_a_headline_is_judged_only_where_its_figure_is_shown(protected):
    headlines = pd.DataFrame({"scale": ["belonging"], "verdict": ["withheld"], "basis": ["omega_total"]})
    shown, hidden = (notes(protected, [fact("omega_total", 0.5, n)], headlines=headlines)[0] for n in (700, 20))
    assert shown["verdict"] == "withheld" and hidden["verdict"] == "not_judged"
