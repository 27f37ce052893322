"""Whether a hidden row is there says nothing of who is: of which levels a school has, or who has answered since."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.disclosure.made_district import CELL, FAMILIES, SHARES, changes, estimates, random_students, students, tree

from connectedness.declare.policy import Policy
from connectedness.disclosure.audit import audit
from connectedness.disclosure.protect import protect

SCHOOLS = {("A", "a"): 60, ("A", "b"): 50, ("B", "a"): 70, ("B", "b"): 40, ("A", "unknown"): 20, ("B", "unknown"): 30}
HIDDEN = {("C", "a"): 30, ("C", "b"): 4, ("E", "a"): 30, ("E", "b"): 7, ("E", "unknown"): 5}


def made(groups: dict, columns=("school", "group"), seed: int = 0) -> pd.DataFrame:
    return students(groups, np.random.default_rng(seed), columns=columns)


def safe(frame: pd.DataFrame, truth: pd.DataFrame | None = None, roster=True, **more):
    truth = estimates(frame, roster=roster) if truth is None else truth
    given = {"shares": SHARES, "families": FAMILIES, "structural": ("band", "mode")} | more
    return protect(truth, tree(frame), Policy(), "internal", **given)


def keys(released: pd.DataFrame, unit: str, breakdown: str = "group") -> set[tuple[str, str]]:
    rows = released[(released["unit"] == unit) & (released["breakdown"] == breakdown)]
    return set(zip(rows["level"], rows["measure"], strict=True))


def levels(released: pd.DataFrame, unit: str, breakdown: str = "group") -> set[str]:
    return {level for level, _ in keys(released, unit, breakdown)}


def test_a_school_with_one_such_student_and_one_with_none_have_the_same_rows():
    without, one = (safe(made(SCHOOLS | HIDDEN | more)).released() for more in ({}, {("C", "unknown"): 1}))
    assert keys(without, "C") == keys(one, "C") == keys(one, "E")
    assert levels(one, "C") == {"a", "b", "unknown"}
    assert (without[(without["unit"] == "C") & (without["breakdown"] == "group")]["status"] == "suppressed").all()


def test_without_a_roster_no_row_appears_when_one_more_student_answers():
    first, second = (
        safe(made(SCHOOLS | HIDDEN | more), roster=False).released() for more in ({}, {("C", "unknown"): 1})
    )
    pd.testing.assert_frame_equal(first[[*CELL, "measure"]], second[[*CELL, "measure"]])


def test_a_school_of_one_level_looks_like_one_whose_groups_are_small():
    alone = made(SCHOOLS | HIDDEN | {("F", "b"): 44})
    mixed = made(SCHOOLS | HIDDEN | {("F", "b"): 41, ("F", "a"): 3})
    released = [safe(frame).released() for frame in (alone, mixed)]
    assert keys(released[0], "F") == keys(released[1], "F") == keys(released[0], "E")
    for one in released:
        assert one.query("unit == 'F' and breakdown == 'all' and measure == 'adult'")["n"].notna().all()


def test_what_shown_totals_leave_does_not_name_the_level_of_a_school():
    """F is the only school that hides its groups: the district's less the others' would say that all of it are b."""
    frame = made(SCHOOLS | {("F", "b"): 44})
    released = safe(frame).released()
    rate = released[(released["measure"] == "response_rate") & (released["breakdown"] == "group")]
    hidden = set(rate.loc[(rate["status"] == "suppressed") & (rate["level"] == "a"), "unit"])
    assert hidden >= {"F"} and len(hidden) > 1
    assert audit(released, tree(frame), minimum=6, families=FAMILIES).ok


def test_a_declared_level_of_nobody_has_the_same_rows_and_shown_breakdowns_have_none():
    frame = made(SCHOOLS | HIDDEN)
    released = safe(frame, levels={"group": ("a", "b", "not_said")}).released()
    assert levels(released, "C") == levels(released, "E")
    shown = released[(released["breakdown"] == "group") & (released["status"] != "suppressed")]
    assert "not_said" not in set(shown["level"])
    assert levels(safe(made(SCHOOLS), levels={"group": ("a", "not_said")}).released(), "A") == {"a", "b", "unknown"}
    rare = made(SCHOOLS | HIDDEN | {("E", "c"): 2, ("A", "c"): 1})
    assert "not_said" in levels(safe(rare, levels={"group": ("not_said",)}).released(), "C")


def test_of_what_a_school_offers_only_the_unknown_is_hidden():
    groups = {("A", "k_3"): 50, ("A", "g4_6"): 40, ("B", "k_3"): 60, ("B", "g4_6"): 30, ("B", "unknown"): 2}
    frame = made(groups | {("C", "k_3"): 4, ("E", "g4_6"): 12, ("E", "unknown"): 3}, columns=("school", "band"))
    released = safe(frame).released()
    assert levels(released, "C", "band") == {"k_3", "unknown"}
    assert levels(released, "E", "band") == {"g4_6", "unknown"}


def test_no_row_of_a_change_says_which_levels_a_school_had():
    then = [estimates(made(SCHOOLS | HIDDEN | more), wave="w0") for more in ({}, {("C", "unknown"): 3})]
    frame = made(SCHOOLS | HIDDEN | {("C", "unknown"): 9}, seed=1)
    first, second = (
        safe(frame, truth=changes(estimates(frame), before), previous=before).released() for before in then
    )
    pd.testing.assert_frame_equal(first[[*CELL, "measure"]], second[[*CELL, "measure"]])
    # A school that is new has no change at all.
    old = estimates(made(SCHOOLS | {("E", "a"): 30, ("E", "b"): 30}), wave="w0")
    told = safe(frame, truth=changes(estimates(frame), old), previous=old).released()
    assert not {measure for _, measure in keys(told, "C") if measure.startswith("change:")}


def test_the_true_reason_stays_inside():
    protected = safe(made(SCHOOLS | HIDDEN))
    rows = protected.estimates.query("unit == 'C' and level == 'unknown'")
    assert set(rows["reason"]) == {"empty"} and rows["n"].isna().all()
    hidden = protected.released().query("unit == 'C' and level == 'unknown'")
    assert set(hidden["reason"]) == {"suppressed"}


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), schools=st.integers(2, 9), roster=st.booleans())
def test_all_schools_that_hide_a_breakdown_have_the_same_rows(seed, schools, roster):
    frame = random_students(np.random.default_rng(seed), schools, largest=150)
    if frame.empty:
        return
    frame = frame if roster else frame[frame["answered"]]
    released = safe(frame, roster=roster, levels={"group": ("a", "b", "not_said")}).released()
    rate = released[(released["measure"] == "response_rate") & (released["breakdown"] == "group")]
    hidden = sorted(set(rate.loc[(rate["status"] == "suppressed") & (rate["unit_type"] == "school"), "unit"]))
    assert len({frozenset(keys(released, unit)) for unit in hidden}) <= 1
    if hidden:
        assert len(levels(released, hidden[0])) > 1 or frame["group"].nunique() == 1
    assert audit(released, tree(frame), minimum=6, families=FAMILIES).ok
