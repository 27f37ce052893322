"""The inventory attacks a release as it was attacked before it left: a group without a row is no false alarm."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from unit.disclosure.made_district import FAMILIES, SHARES, estimates, students, tree

from connectedness.declare.policy import Policy
from connectedness.disclosure.audit import audit
from connectedness.disclosure.protect import protect
from connectedness.lifecycle.inventory_audit import with_rows_left_out
from connectedness.lifecycle.inventory_text import _recovered as sentences

MINIMUM = 10
OFFERED = ("band", "mode")
GROUPS = {
    (school, "k_3", "in_person", group): count
    for school, counts in {"s1": (40, 60), "s2": (50, 4), "s3": (0, 45), "s4": (3, 70), "s5": (30, 5)}.items()
    for group, count in zip("ab", counts, strict=True)
    if count
}


@pytest.fixture(scope="module")
def made():
    """A district whose school s3 has students of one group alone, and its release without a row of that group."""
    frame = students(GROUPS, np.random.default_rng(5))
    truth, units = estimates(frame), tree(frame)
    protected = protect(truth, units, Policy(), "public", shares=SHARES, structural=OFFERED, families=FAMILIES)
    released = protected.released()
    return truth, units, released[~only_group(released)].reset_index(drop=True)


def only_group(frame: pd.DataFrame) -> pd.Series:
    return (frame["unit"] == "s3") & (frame["breakdown"] == "group")


def found(frame: pd.DataFrame, units: pd.DataFrame) -> int:
    return len(audit(frame, units, minimum=MINIMUM, families=FAMILIES).recovered)


def test_a_school_of_one_group_raises_no_false_alarm(made):
    truth, units, released = made
    assert found(released, units) > 0, "the sums seem not to add up where a group's row is missing"
    assert found(with_rows_left_out(released, truth), units) == 0


def test_what_is_put_back_says_no_more_than_the_total_of_its_school(made):
    truth, _, released = made
    whole = with_rows_left_out(released, truth)
    back, total = whole[only_group(whole)], whole[(whole["unit"] == "s3") & (whole["breakdown"] == "all")]
    assert len(back) == int(only_group(truth).sum()) > 0 and len(whole) == len(truth)
    assert whole.dtypes.to_dict() == released.dtypes.to_dict()
    told = [frame.set_index("measure").loc[list(back["measure"]), ["n", "value", "status"]] for frame in (back, total)]
    pd.testing.assert_frame_equal(*told)
    pd.testing.assert_frame_equal(with_rows_left_out(whole, truth), whole)


def test_a_group_with_others_beside_it_is_put_back_as_hidden(made):
    truth, _, released = made
    gone = (released["unit"] == "s1") & (released["breakdown"] == "group")
    whole = with_rows_left_out(released[~gone], truth)
    back = whole[(whole["unit"] == "s1") & (whole["breakdown"] == "group")]
    assert len(back) == gone.sum() > 0
    assert back[["n", "eligible", "value", "se", "low", "high"]].isna().all(axis=None)
    assert set(back["status"]) == set(back["reason"]) == {"suppressed"}


def test_rows_about_students_without_a_sign_of_carelessness_are_not_put_back(made):
    truth, _, released = made
    some = truth[truth["measure"] == "belonging"].assign(measure="unflagged:belonging")
    more = with_rows_left_out(released, pd.concat([truth, some], ignore_index=True))
    assert not more["measure"].str.startswith("unflagged:").any()


def test_a_number_that_does_follow_is_still_found(made):
    truth, units, released = made
    whole = with_rows_left_out(released, truth)
    cell = (whole["unit"] == "s3") & (whole["breakdown"] == "all") & (whole["measure"] == "belonging")
    assert cell.sum() == 1 and whole.loc[cell, "status"].item() != "suppressed"
    blank = dict.fromkeys(["value", "se", "low", "high"], np.nan) | {"n": pd.NA, "eligible": pd.NA}
    one_hidden = whole.copy()
    for name, value in (blank | {"status": "suppressed", "reason": "suppressed"}).items():
        one_hidden.loc[cell, name] = value
    assert found(one_hidden, units) > 0


def test_the_result_is_a_sentence_and_says_what_to_do():
    line = {"release": "w1-public-abc", "wave": "w1", "recovered": 0}
    assert sentences([line]) == ["Nothing was recovered: no hidden number follows from those that are shown."]
    (told,) = sentences([line, line | {"wave": "w2", "recovered": 3}])
    assert "of w1-public-abc, wave w2: 3" in told and "wave w1:" not in told
    assert "`connectedness reissue --wave w2`" in told and "Take the pages of these releases down" in told
