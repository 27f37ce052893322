"""Take published schools from the published district, in random districts, and get nothing out of it."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from unit.disclosure.made_district import (
    BREAKDOWNS,
    CELL,
    FAMILIES,
    SHARES,
    changes,
    estimates,
    of_somebody,
    random_students,
    tree,
)

from connectedness.declare.policy import Policy
from connectedness.disclosure.audit import audit
from connectedness.disclosure.protect import protect

MINIMUM = 10


def district(seed: int, schools: int, largest: int, response: float = 0.8):
    rng = np.random.default_rng(seed)
    students = random_students(rng, schools, response, largest)
    if students.empty:
        students = random_students(np.random.default_rng(1), 3, response, 40)
    return estimates(students), tree(students)


def subtract(frame: pd.DataFrame, truth: pd.DataFrame, whole: list[str]):
    """For each shown whole with a hidden part: hidden parts that hold students, and students in them together."""
    own = truth["n"].astype(float).to_numpy()
    table = frame.assign(true=own, gone=(frame["status"] == "suppressed").to_numpy())
    table = table[~table["measure"].str.startswith(("change:", "sd:"))]
    wholes, pieces = table[table["unit_type"] == whole[0]], table[table["unit_type"] == whole[1]]
    key = ["breakdown", "level", "measure"]
    hidden = pieces[pieces["gone"]].assign(some=pieces["true"] > 0)
    left = hidden.groupby(key).agg(schools=("some", "sum"), students=("true", "sum"), rows=("true", "size"))
    return left.join(wholes.set_index(key)[["gone", "value", "n"]], how="inner").query("not gone")


def recovered(frame, truth):
    """Every hidden school value that (district n * value - schools' n * value) gives, and every small group."""
    left = subtract(frame, truth, ["district", "school"])
    return left[(left["schools"] < 2) | (left["students"] < MINIMUM)]


def levels_left(frame, truth):
    """The same within a unit: its total less the levels it shows."""
    table = frame.assign(true=truth["n"].astype(float).to_numpy(), gone=frame["status"] == "suppressed")
    table = table[~table["measure"].str.startswith(("change:", "sd:"))]
    total = table[table["breakdown"] == "all"].set_index(["unit_type", "unit", "measure"])["gone"]
    key = ["unit_type", "unit", "breakdown", "measure"]
    hidden = table[(table["breakdown"] != "all") & table["gone"]]
    left = hidden.groupby(key).agg(levels=("true", "size"), students=("true", "sum")).reset_index()
    shown = ~total.reindex(pd.MultiIndex.from_frame(left[["unit_type", "unit", "measure"]])).to_numpy(bool)
    return left[shown & ((left["levels"] < 2) | (left["students"] < MINIMUM))]


def check(truth, units, families):
    protected = protect(truth, units, Policy(), "public", shares=SHARES, structural=BREAKDOWNS, families=families)
    assert audit(protected.released(), units, minimum=MINIMUM, families=families).ok
    released = of_somebody(protected.released(), truth)
    true = truth.sort_values(["wave", *CELL, "measure"], ignore_index=True)
    assert (released[CELL].to_numpy() == true[CELL].to_numpy()).all()
    assert recovered(released, true).empty
    assert levels_left(released, true).empty
    shown = released[(released["status"] != "suppressed") & (released["eligible"] != 0)]
    assert (shown["n"] >= MINIMUM).all()
    hidden = released[released["status"] == "suppressed"]
    assert hidden[["n", "eligible", "value", "se", "low", "high"]].isna().all(axis=None)
    assert set(hidden["reason"]) <= {"suppressed"}
    assert audit(released, units, minimum=MINIMUM, families=families).ok
    return released


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), schools=st.integers(1, 8), largest=st.sampled_from([40, 120, 400]))
def test_nothing_is_left_by_subtraction(seed, schools, largest):
    check(*district(seed, schools, largest), FAMILIES)


def with_extreme_answers(seed: int, schools: int):
    """Nearly all students of the district give one answer to each question."""
    rng = np.random.default_rng(seed)
    made = random_students(rng, schools, largest=150)
    if made.empty:
        made = random_students(np.random.default_rng(1), 3, 0.8, 40)
    rare = rng.choice([0.02, 0.98])
    for name, drawn in (
        ("adult", (rng.random(len(made)) < rare).astype(float)),
        ("favourable", (rng.random(len(made)) < 0.95).astype(float)),
        ("item", rng.choice([1.0, 2, 3, 4, 5], len(made), p=[0.02, 0.03, 0.05, 0.4, 0.5])),
        ("belonging", np.where(rng.random(len(made)) < 0.97, 5.0, 4.0)),
    ):
        made[name] = np.where(made[name].notna(), drawn, np.nan)
    return estimates(made), tree(made)


def pools(released: pd.DataFrame):
    """For each shown whole with a hidden part: its students and sum of answers, and those of the shown parts."""
    rows = released[~released["measure"].str.startswith(("change:", "sd:")) & (released["measure"] != "response_rate")]
    rows = rows.assign(gone=rows["status"] == "suppressed", n=rows["n"].astype(float).fillna(0))
    mean = rows["measure"] == "belonging"
    above = (rows["value"].where(~mean, (rows["value"] - 1) / 4) * rows["n"]).fillna(0)
    rows["above"] = above.where(rows["method"] != "wilson", above.round())
    of = {"gone": ("gone", "any"), "n": ("n", "sum"), "above": ("above", "sum")}
    schools = rows["unit_type"] == "school"
    key = ["breakdown", "level", "measure"]
    yield rows[~schools].set_index(key).join(rows[schools].groupby(key).agg(**of).add_suffix("_parts"), how="inner")
    key = ["unit_type", "unit", "measure"]
    total = rows["breakdown"] == "all"
    levels = rows[schools & ~total].groupby(["unit", "breakdown"])["level"].transform("nunique").reindex(rows.index)
    for _, of_one in rows[~total].groupby("breakdown"):
        # Where every level shown is of schools that have no other, what is left is of whole schools as well: the totals
        # say so themselves, and of them it is asked above.
        shared = set(of_one.loc[levels[of_one.index] > 1, "level"])
        for _, one in of_one.groupby("measure"):
            if not shared & set(one.loc[~one["gone"] & ~schools, "level"]):
                one = one[schools[one.index]]
            yield rows[total].set_index(key).join(one.groupby(key).agg(**of).add_suffix("_parts"), how="inner")


def alike(released: pd.DataFrame):
    found = []
    for one in pools(released):
        mine = one[~one["gone"] & one["gone_parts"]]
        for whole, parts in (
            (mine["above"], mine["above_parts"]),
            (mine["n"] - mine["above"], mine["n_parts"] - mine["above_parts"]),
        ):
            found.append(mine[(whole - parts < 2 - 1e-6) & (whole >= 2 - 1e-6)])
    return pd.concat(found)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), schools=st.integers(2, 12))
@example(seed=3241, schools=2)  # the hidden grade bands are one whole school, which says so itself
def test_no_pool_of_hidden_cells_is_known_to_have_answered_alike(seed, schools):
    truth, units = with_extreme_answers(seed, schools)
    ranges = {"belonging": (1, 5)}
    released = protect(
        truth, units, Policy(), "public", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES, ranges=ranges
    ).released()
    assert alike(released).empty


def test_such_pools_are_there_to_be_found():
    """Without a range nobody looks after means; then pools that answered alike are left, and the test sees them."""
    found = 0
    for seed in range(5):
        truth, units = with_extreme_answers(seed, 10)
        released = protect(
            truth, units, Policy(), "public", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES
        ).released()
        left = alike(released)
        assert set(left.index.get_level_values("measure")) <= {"belonging"}
        found += len(left)
    assert found


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_left_in_a_larger_district(seed):
    released = check(*district(900 + seed, 25, 400), None if seed % 2 else FAMILIES)
    assert (released["status"] != "suppressed").mean() > 0.2


def test_small_schools_that_alone_make_up_a_level_take_company_for_their_spread():
    """Thirteen students of two schools are all of a level: the totals shown would tell its SD."""
    released = check(*district(397, 3, 400), FAMILIES)
    assert not ((released["n"] < 30) & released["measure"].str.startswith(("sd:", "share:"))).any()


@pytest.mark.long
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), schools=st.integers(1, 9))
def test_a_higher_minimum_never_shows_more(seed, schools):
    truth, units = district(seed, schools, 150)
    gone = None
    for minimum in (5, 6, 10, 17):
        policy = Policy(minimum={"internal": 5, "public": minimum})
        released = of_somebody(
            protect(truth, units, policy, "public", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES).released(),
            truth,
        )
        now = (released["status"] == "suppressed").to_numpy()
        coarse = released["se"].isna().to_numpy()
        if gone is not None:
            assert (now | ~gone[0]).all()
            assert (coarse | ~gone[1]).all()
        gone = now, coarse


@pytest.mark.long
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), extreme=st.booleans(), families=st.sampled_from([None, FAMILIES]))
def test_what_the_public_sees_the_district_sees_too(seed, extreme, families):
    """From the same estimates, with changes, and whether or not nearly all answered alike."""
    make = with_extreme_answers if extreme else lambda seed, schools: district(seed, schools, 100)
    (truth, units), (before, units_then) = make(seed, 6), make(seed + 1, 6)
    before = before.assign(wave="w0")
    units = pd.concat([units, units_then]).drop_duplicates(ignore_index=True)
    given = {"shares": SHARES, "families": families, "ranges": {"belonging": (1, 5)}, "previous": before}
    inside, outside = (
        protect(changes(truth, before), units, Policy(), who, **given).released() for who in ("internal", "public")
    )
    key = ["wave", *CELL, "measure"]
    both = outside.merge(inside, on=key, how="left", suffixes=("", "_inside"))
    seen = both[both["status"] != "suppressed"]
    assert len(seen)
    assert (seen["status_inside"] == seen["status"]).all()
    for name in ("n", "value", "se", "low", "high"):
        told = seen[name].notna()
        assert seen.loc[told, f"{name}_inside"].notna().all()
        assert (seen.loc[told, name] == seen.loc[told, f"{name}_inside"]).all()


@pytest.mark.parametrize("seed", range(5))
def test_changes_tell_nothing_of_either_wave(seed):
    before, units_then = district(seed, 8, 120)
    now, units = district(seed + 50, 8, 120)
    units = pd.concat([units, units_then]).drop_duplicates(ignore_index=True)
    truth = changes(now, before.assign(wave="w0"))
    then = protect(
        before.assign(wave="w0"), units, Policy(), "public", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES
    ).released()
    for published in (None, then):
        released = protect(
            truth, units, Policy(), "public", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES,
            previous=before.assign(wave="w0"), published_previous=published,
        ).released()  # fmt: skip
        rows = released[released["measure"].str.startswith("change:") & (released["status"] != "suppressed")]
        assert len(rows)
        of = rows.assign(measure=rows["measure"].str.removeprefix("change:"))[[*CELL, "measure"]]
        for wave in (released, then):
            assert (of.merge(wave, how="left")["status"] == "ok").all()


@pytest.mark.long
def test_a_change_of_few_students_is_the_difference_of_the_two_numbers_shown():
    checked = 0
    for seed in range(4):
        before, units_then = district(seed, 10, 60)
        now, units = district(seed + 50, 10, 60)
        units = pd.concat([units, units_then]).drop_duplicates(ignore_index=True)
        truth, before = changes(now, before.assign(wave="w0")), before.assign(wave="w0")
        given = {"shares": SHARES, "structural": BREAKDOWNS, "families": FAMILIES}
        then = protect(before, units, Policy(), "internal", **given).released()
        told = protect(truth, units, Policy(), "internal", previous=before, **given).released()
        rows = told[told["measure"].str.startswith("change:") & (told["status"] == "ok")]
        rows = rows.assign(measure=rows["measure"].str.removeprefix("change:"))
        for wave, name in ((told, "_now"), (then, "_then")):
            rows = rows.merge(wave[[*CELL, "measure", "n", "value"]], on=[*CELL, "measure"], suffixes=("", name))
        few = rows[(rows["n_now"] < 30) | (rows["n_then"] < 30)]
        digits = np.where(few["measure"] == "belonging", 1, 2)
        for value in (few["value"], few["low"], few["high"]):
            assert np.allclose(value * 10**digits, (value * 10**digits).round(), atol=1e-6)
        both = few[(few["n_now"] < 30) & (few["n_then"] < 30)]
        assert np.allclose(both["value"], both["value_now"] - both["value_then"], atol=1e-9)
        assert ((few["low"] <= few["value"]) & (few["value"] <= few["high"])).all()
        exact = few.merge(
            truth.assign(measure=truth["measure"].str.removeprefix("change:")).query("method == 'welch'"),
            on=[*CELL, "measure"],
            suffixes=("", "_exact"),
        )
        assert ((exact["low"] <= exact["low_exact"] + 1e-9) & (exact["high"] >= exact["high_exact"] - 1e-9)).all()
        checked += len(both)
    assert checked


def test_sums_of_squares_do_not_tell_a_withheld_sd():
    """n - 1 times the square of the SD, plus n times the square of the mean, adds up over schools."""
    truth, units = district(4, 14, 300)
    released = protect(
        truth, units, Policy(), "public", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES
    ).released()
    sd = released[(released["measure"] == "sd:belonging") & (released["breakdown"] == "all")].set_index("unit")
    mean = released[(released["measure"] == "belonging") & (released["breakdown"] == "all")].set_index("unit")
    withheld = sd["status"] == "suppressed"
    assert (withheld & (mean["status"] == "ok")).any()
    if not withheld["d"]:
        assert withheld.sum() >= 2
    assert (mean["se"].isna() == withheld).all()


def test_two_hundred_schools_take_seconds():
    truth, units = district(11, 200, 700)
    copies = [
        truth[truth["measure"].isin(["belonging", "favourable", "adult"])].assign(
            measure=lambda rows, i=i: rows["measure"] + f"_{i}"
        )
        for i in range(9)
    ]
    truth = pd.concat([truth, *copies], ignore_index=True)
    families = FAMILIES | {f"{name}_{i}": f"f{i}" for name in ("belonging", "favourable") for i in range(9)}
    begun = time.process_time()
    protect(truth, units, Policy(), "public", shares=SHARES, structural=BREAKDOWNS, families=families)
    assert time.process_time() - begun < 10
