"""Each known way to get a hidden number out, in the smallest district that has it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from unit.disclosure.made_district import BREAKDOWNS, FAMILIES, SHARES, changes, estimates, students, tree

from connectedness.declare.policy import Policy
from connectedness.disclosure.audit import audit
from connectedness.disclosure.protect import protect
from connectedness.errors import DisclosureError


def made(groups, columns=("school", "mode")):
    frame = students(groups, np.random.default_rng(0), columns=columns)
    return estimates(frame), tree(frame)


def shown(groups, audience="internal", columns=("school", "mode"), **more):
    """Which cells show a response rate: (unit, breakdown, level)."""
    truth, units = made(groups, columns)
    released = protect(
        truth, units, Policy(), audience, shares=SHARES, structural=BREAKDOWNS, families=FAMILIES, **more
    ).released()
    rate = released[(released["measure"] == "response_rate") & (released["status"] != "suppressed")]
    return set(zip(rate["unit"], rate["breakdown"], rate["level"], strict=True))


def totals(groups, **more):
    return {unit for unit, breakdown, _ in shown(groups, **more) if breakdown == "all"}


def test_one_small_school_takes_the_next_smallest_with_it():
    # 4 = district - A - B - C otherwise.
    assert totals({("A", "p"): 80, ("B", "p"): 60, ("C", "p"): 30, ("D", "p"): 4}) == {"d", "A", "B"}


def test_two_small_schools_that_together_are_few_take_a_third():
    # D and E are 2 + 3 students: five, under six.
    assert totals({("A", "p"): 80, ("B", "p"): 60, ("C", "p"): 30, ("D", "p"): 2, ("E", "p"): 3}) == {"d", "A", "B"}


def test_two_small_schools_that_together_are_enough_take_nobody():
    assert totals({("A", "p"): 80, ("B", "p"): 60, ("D", "p"): 4, ("E", "p"): 5}) == {"d", "A", "B"}


def test_a_school_where_nobody_answered_is_not_company():
    truth, units = made({("A", "p"): 80, ("B", "p"): 60, ("C", "p"): 30, ("D", "p"): 4, ("Z", "p"): 8})
    frame = students(
        {("A", "p"): 80, ("B", "p"): 60, ("C", "p"): 30, ("D", "p"): 4, ("Z", "p"): 8},
        np.random.default_rng(0),
        columns=("school", "mode"),
    )
    frame["answered"] = frame["school"] != "Z"
    truth, units = estimates(frame), tree(frame)
    released = protect(truth, units, Policy(), "internal", shares=SHARES, structural=BREAKDOWNS).released()
    gone = released[(released["status"] == "suppressed") & (released["breakdown"] == "all")]["unit"].unique()
    assert set(gone) == {"C", "D", "Z"}


def test_of_two_schools_one_small_both_are_hidden():
    assert totals({("A", "p"): 80, ("B", "p"): 4}) == {"d"}


def test_one_school_is_its_district():
    assert totals({("A", "p"): 80}) == {"A", "d"}
    assert totals({("A", "p"): 4}) == set()


def test_a_small_group_hides_the_schools_breakdown_and_company_for_every_level():
    cells = shown({("A", "p"): 50, ("A", "q"): 40, ("B", "p"): 30, ("B", "q"): 3, ("C", "p"): 90, ("C", "q"): 60})
    assert ("B", "all", "all") in cells
    assert {unit for unit, breakdown, _ in cells if breakdown == "mode"} == {"d", "C"}


def test_where_no_company_can_be_made_the_districts_level_is_hidden():
    # Only B has q students besides its p students; C and A have one mode each.
    cells = shown({("A", "p"): 50, ("B", "p"): 30, ("B", "q"): 3, ("C", "p"): 90})
    assert ("d", "mode", "p") not in cells
    assert ("d", "mode", "q") not in cells
    assert ("d", "all", "all") in cells


def test_a_schools_only_level_is_as_its_total():
    groups = {("A", "p"): 50, ("B", "p"): 30, ("B", "q"): 3, ("C", "p"): 60, ("C", "q"): 40, ("D", "q"): 44}
    cells = shown(groups)
    assert {("A", "mode", "p"), ("D", "mode", "q")} <= cells
    assert {("A", "all", "all"), ("D", "all", "all")} <= cells
    cells = shown(groups | {("A", "p"): 4})
    assert ("A", "mode", "p") not in cells
    assert ("A", "all", "all") not in cells


def test_a_small_level_of_the_district_takes_another():
    groups = {("A", "p"): 50, ("A", "q"): 40, ("A", "r"): 2, ("B", "p"): 70, ("B", "q"): 60, ("B", "r"): 1}
    cells = shown(groups)
    assert {level for unit, breakdown, level in cells if (unit, breakdown) == ("d", "mode")} == {"p"}


def test_schools_that_share_no_level_with_others_do_not_leave_a_group_alone():
    # Rows A, B over p, q, r and C, D over r, s: the totals of A and B, less what is left of p and q in the district,
    # are their r students: seven, over no single column or row.
    groups = {
        ("A", "p"): 40, ("A", "q"): 30, ("A", "r"): 3, ("B", "p"): 45, ("B", "q"): 33, ("B", "r"): 4,
        ("C", "r"): 50, ("C", "s"): 4, ("D", "r"): 60, ("D", "s"): 5, ("E", "p"): 70, ("E", "q"): 70,
        ("F", "r"): 80, ("F", "s"): 80,
    }  # fmt: skip
    truth, units = made(groups)
    released = protect(truth, units, Policy(), "public", shares=SHARES, structural=BREAKDOWNS).released()
    assert audit(released, units, minimum=10).ok
    leaky = truth.copy()
    rows = leaky["breakdown"].eq("mode") & leaky["unit"].isin(["A", "B", "C", "D"])
    hide(leaky, rows)
    # The district's s level holds nine, and takes p with it.
    hide(leaky, leaky["unit"].eq("d") & leaky["level"].isin(["s"]))
    found = audit(leaky, units, minimum=10).recovered
    assert {("A", "r"), ("B", "r")} <= set(zip(found["unit"], found["level"], strict=True))


def hide(frame, rows):
    frame.loc[rows, ["n", "eligible"]] = pd.NA
    frame.loc[rows, ["value", "se", "low", "high"]] = np.nan
    frame.loc[rows, ["status", "reason"]] = "suppressed"


def test_a_change_is_hidden_when_the_earlier_wave_was():
    then, _ = made({("A", "p"): 80, ("B", "p"): 60, ("C", "p"): 4, ("D", "p"): 40})
    now, units = made({("A", "p"): 80, ("B", "p"): 60, ("C", "p"): 35, ("D", "p"): 40})
    then = then.assign(wave="w0")
    protected = protect(
        changes(now, then),
        units,
        Policy(),
        "internal",
        shares=SHARES,
        structural=BREAKDOWNS,
        families=FAMILIES,
        previous=then,
    )
    rows = protected.estimates.query("measure == 'change:belonging' and breakdown == 'all'").set_index("unit")
    assert rows["reason"].dropna().to_dict() == {"C": "either_wave", "D": "either_wave"}
    assert protected.estimates.query("measure == 'belonging' and breakdown == 'all'")["status"].eq("ok").all()


def test_a_change_is_hidden_when_the_audience_was_not_shown_the_earlier_number():
    groups = {("A", "p"): 80, ("B", "p"): 60, ("C", "p"): 35, ("D", "p"): 40}
    now, units = made(groups)
    then = now.assign(wave="w0")
    published = then.assign(reason=None)
    hide(published, published["unit"].isin(["C"]) & (published["measure"] == "belonging"))
    published = published[~((published["unit"] == "D") & (published["measure"] == "belonging"))]
    protected = protect(
        changes(now, then), units, Policy(), "internal", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES,
        previous=then, published_previous=published,
    )  # fmt: skip
    rows = protected.estimates.query("measure == 'change:belonging' and breakdown == 'all'").set_index("unit")
    assert set(rows.index[rows["status"] == "suppressed"]) == {"C", "D"}


def test_changes_without_the_earlier_wave_are_refused():
    now, units = made({("A", "p"): 80, ("B", "p"): 60})
    with pytest.raises(DisclosureError, match="not the wave they are measured from"):
        protect(changes(now, now.assign(wave="w0")), units, Policy(), "internal", shares=SHARES, structural=BREAKDOWNS)


def test_a_school_that_has_closed_since_does_not_stop_the_next_wave():
    then, _ = made({("A", "p"): 80, ("B", "p"): 60, ("X", "p"): 30})
    now, units = made({("A", "p"): 80, ("B", "p"): 60})
    then = then.assign(wave="w0")
    protected = protect(
        changes(now, then), units, Policy(), "internal", shares=SHARES, structural=BREAKDOWNS, previous=then
    )
    assert protected.summary()["hidden"] == 0


def test_too_few_answers_to_one_measure_hide_its_family_only():
    groups = {(school, "p"): 40 for school in "ABCD"}
    frame = students(groups, np.random.default_rng(0), columns=("school", "mode"))
    few = (frame["school"] == "A") & (frame.groupby("school").cumcount() > 2)
    frame.loc[few, ["belonging", "favourable"]] = np.nan
    protected = protect(
        estimates(frame), tree(frame), Policy(), "internal", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES
    )
    rows = protected.estimates.query("breakdown == 'all' and unit == 'A'").set_index("measure")["reason"]
    assert rows.dropna().drop("sd:belonging").eq("small_measure").all()
    assert {"belonging", "favourable", "share:item:1"} <= set(rows.dropna().index)
    assert rows[["adult", "response_rate"]].isna().all()
    gone = protected.estimates.query("breakdown == 'all' and measure == 'belonging' and status == 'suppressed'")
    assert len(gone) == 2
    alone = protect(estimates(frame), tree(frame), Policy(), "internal", shares=SHARES, structural=BREAKDOWNS)
    rows = alone.estimates.query("breakdown == 'all' and unit == 'A'").set_index("measure")["status"]
    assert rows[rows != "suppressed"].index.tolist() == ["response_rate"]


def test_small_schools_where_everybody_said_yes_take_another_school_with_them():
    groups = {("A", "p"): 80, ("B", "p"): 60, ("C", "p"): 30, ("D", "p"): 4, ("E", "p"): 5}
    frame = students(groups, np.random.default_rng(0), columns=("school", "mode"))
    frame["adult"] = frame["adult"].fillna(1.0).mask(frame["school"].isin(["D", "E"]), 1.0)
    protected = protect(
        estimates(frame), tree(frame), Policy(), "internal", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES
    )
    gone = protected.estimates.query("breakdown == 'all' and status == 'suppressed'")
    # D and E are nine, all of whom said yes: with C shown, 9 = district - A - B - C would say so of each.
    assert set(gone[gone["measure"] == "adult"]["unit"]) == {"C", "D", "E"}
    assert set(gone[gone["measure"] == "response_rate"]["unit"]) == {"D", "E"}
    naive = protected.released()
    rows = naive["unit"].eq("C") & naive["measure"].eq("adult")
    true = estimates(frame).query("unit == 'C' and measure == 'adult'").sort_values("breakdown")
    for name in ("n", "eligible", "value", "se", "low", "high", "status"):
        naive.loc[rows, name] = true[name].to_numpy()
    naive.loc[rows, "reason"] = None
    found = audit(naive, tree(frame), minimum=6, families=FAMILIES).recovered
    assert "subtraction leaves students who answered alike" in set(found["how"])


def test_answers_that_a_whole_district_gave_alike_are_no_secret_of_a_hidden_school():
    groups = {("A", "p"): 80, ("B", "p"): 60, ("D", "p"): 4, ("E", "p"): 5}
    frame = students(groups, np.random.default_rng(0), columns=("school", "mode")).assign(adult=1.0)
    protected = protect(
        estimates(frame), tree(frame), Policy(), "internal", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES
    )
    gone = protected.estimates.query("breakdown == 'all' and measure == 'adult' and status == 'suppressed'")
    assert set(gone["unit"]) == {"D", "E"}


def test_shares_of_answer_codes_of_few_students_are_hidden_with_those_of_one_more_school():
    groups = {("A", "p"): 80, ("B", "p"): 60, ("C", "p"): 45, ("D", "p"): 25}
    frame = students(groups, np.random.default_rng(0), columns=("school", "mode"))
    protected = protect(
        estimates(frame), tree(frame), Policy(), "internal", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES
    )
    totals = protected.estimates.query("breakdown == 'all'").set_index(["unit", "measure"])["reason"]
    for code in range(1, 6):
        of_code = totals.xs(f"share:item:{code}", level="measure").dropna().to_dict()
        assert of_code == {"C": "complement", "D": "small_precision"}
    for measure in ("belonging", "favourable", "adult", "response_rate"):
        assert totals.xs(measure, level="measure").isna().all()
    naive, true = protected.released(), estimates(frame)
    rows = naive["unit"].eq("C") & naive["measure"].str.startswith("share:")
    true = (
        true.query("unit == 'C'")
        .merge(naive[rows][["breakdown", "level", "measure"]])
        .sort_values(["breakdown", "level", "measure"])
    )
    for name in ("n", "eligible", "value", "se", "low", "high", "status"):
        naive.loc[rows, name] = true[name].to_numpy()
    naive.loc[rows, "reason"] = None
    found = audit(naive, tree(frame), minimum=6, families=FAMILIES).recovered
    assert {("D", "share:item:1", "subtraction tells it")} <= set(
        zip(found["unit"], found["measure"], found["how"], strict=True)
    )


def test_a_group_that_all_of_a_school_belong_to_is_not_named():
    groups = {("A", "p"): 80, ("A", "q"): 40, ("B", "p"): 60, ("B", "q"): 30, ("C", "q"): 50, ("D", "p"): 4}
    frame = students(groups | {("E", "q"): 9}, np.random.default_rng(0), columns=("school", "group"))
    then = estimates(frame).assign(wave="w0")
    truth = changes(estimates(frame), then)
    given = {"shares": SHARES, "families": FAMILIES, "previous": then}
    protected = protect(truth, tree(frame), Policy(), "internal", **given)
    released = protected.released()
    of_groups = released[(released["breakdown"] == "group") & (released["measure"] == "response_rate")]
    assert of_groups.groupby("unit")["level"].agg(tuple).to_dict() == dict.fromkeys("dABCDE", ("p", "q"))
    assert released.query("unit == 'C' and breakdown == 'all' and measure == 'adult'")["n"].notna().all()
    inside = protected.estimates.query("unit == 'C' and breakdown == 'group'")
    assert (inside["status"] == "suppressed").all()
    assert inside[["n", "eligible", "value", "se", "low", "high"]].isna().all(axis=None)
    # What a school offers is no secret of its students.
    told = protect(truth, tree(frame), Policy(), "internal", structural=("group",), **given).released()
    assert told.query("unit == 'C' and breakdown == 'group' and measure == 'adult'")["n"].notna().all()
    # A change would tell as much of the earlier wave.
    mixed = students({**groups, ("C", "p"): 40}, np.random.default_rng(1), columns=("school", "group"))
    now = changes(estimates(mixed), then)
    rows = protect(now, tree(mixed), Policy(), "internal", **given).estimates.query("unit == 'C' and level == 'q'")
    rows = rows.set_index("measure")["reason"]
    assert rows["change:adult"] == "either_wave"
    assert pd.isna(rows["adult"])


def test_regions_and_classes_are_judged_together():
    rng = np.random.default_rng(5)
    frame = students(
        {("A", "p"): 60, ("B", "p"): 50, ("C", "p"): 4, ("D", "p"): 70, ("E", "p"): 40}, rng, columns=("school", "mode")
    )
    frame["region"] = frame["school"].map({"A": "r1", "B": "r1", "C": "r2", "D": "r2", "E": "r2"})
    units = ("district", "region", "school")
    released = protect(
        estimates(frame, units=units), tree(frame, units), Policy(), "internal", shares=SHARES, structural=BREAKDOWNS
    ).released()
    rate = released.query("measure == 'response_rate' and breakdown == 'all' and status == 'suppressed'")
    assert set(rate["unit"]) == {"C", "E"}
