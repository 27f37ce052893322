"""The bit that says whether a school's verdict rests on careless answers: right, and of enough students or hidden."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind
from unit.measures.small_survey import anonymous, make_project, respondents

from connectedness.declare.policy import Policy
from connectedness.disclosure.audit import audit
from connectedness.disclosure.protect import protect
from connectedness.disclosure.verdicts import sides
from connectedness.errors import DisclosureError
from connectedness.measures import estimate_wave, unit_tree

BIT, CHANGE = "careless:belonging", "change:belonging"
RANGES = {"belonging": (1.0, 5.0)}
# Nobody answers the single items here, and they are not what the score is made of.
FAMILIES = {"belonging": "belonging", "m_belong_favourable": "belonging"}
SHARES = ("often", "out_ok", "three_adults", "adults", "m_belong_favourable", "m_greeted")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    plain = anonymous(("breakdowns: [grade_band, learning_mode, group]", "breakdowns: [grade_band]"))
    return make_project(tmp_path_factory.mktemp("survey"), replace=plain)


def wave(project, wave_id, schools, previous=None, flagged=True):
    """Estimates of schools, each `(scores of the unflagged, scores of the flagged)`; and the tree."""
    people = [
        (f"{unit}{side}{i}", unit, score, bool(side))
        for unit, both in schools.items()
        for side, scores in enumerate(both)
        for i, score in enumerate(scores)
    ]
    names, units, scores, seen = zip(*people, strict=True)
    responses = respondents(*zip(names, units, strict=True)).assign(wave=wave_id)
    table = pd.DataFrame({"respondent": names, "m_belong": scores, "m_belong_favourable": 0.5})
    flags = pd.DataFrame({"respondent": names, "any_flag": pd.array(seen, dtype="boolean")}) if flagged else None
    return estimate_wave(project, wave_id, responses, table, None, previous, flags), unit_tree(
        project, wave_id, responses
    )


def safe(now, units, before, audience="internal", **more):
    return protect(
        now, units, Policy(), audience, shares=SHARES, ranges=RANGES, families=FAMILIES, previous=before, **more
    )


def scores_of(rng, n, mean=3.4):
    return np.round(rng.normal(mean, 0.7, n).clip(1, 5) * 6) / 6


def planted(rng):
    """Two waves of six schools. In A careless answers alone make a rise; B rises either way; C has few of them."""
    company = {unit: ((scores_of(rng, 60), scores_of(rng, 12)),) * 2 for unit in ("D", "E", "F")}
    still = np.tile([3.0, 3.5, 4.0], 20)
    schools = {
        "A": ((still, [1.0] * 15), (still, [5.0] * 15)),
        "B": ((still - 1, [1.0, 3.0] * 8), (still + 0.5, [3.0, 4.0] * 8)),
        "C": ((still, [1.0] * 5), (still, [5.0] * 15)),
        **company,
    }
    return tuple({unit: both[at] for unit, both in schools.items()} for at in (0, 1))


def verdict(now, then, digits):
    """As a reader would: Welch's interval by scipy, rounded outward, and on which side of zero it lies."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = ttest_ind(now, then, equal_var=False).confidence_interval(0.95)
    low, high = (float(one) for one in found)
    if math.isnan(low):
        return None
    low, high = math.floor(low * 10**digits + 1e-9), math.ceil(high * 10**digits - 1e-9)
    return "rise" if low > 0 else "fall" if high < 0 else "unsure"


def expected(before, now, minimum):
    """The bit, or None where one of the four sides is too few or has no interval."""
    whole = [np.concatenate([*both]) for both in (now, before)]
    digits = 1 if min(len(one) for one in whole) < 30 else 2
    with_all, without = verdict(*whole, digits), verdict(now[0], before[0], digits)
    if min(len(one) for both in (before, now) for one in both) < minimum or None in (with_all, without):
        return None
    return float(with_all != without)


def bits(released):
    rows = released[released["measure"] == BIT].set_index("unit")
    return {unit: None if row["status"] == "suppressed" else row["value"] for unit, row in rows.iterrows()}


@pytest.fixture(scope="module")
def made(project):
    first, second = planted(np.random.default_rng(4))
    before, _ = wave(project, "w1", first)
    now, units = wave(project, "w2", second, before)
    return first, second, before, now, units


def test_the_school_whose_rise_is_careless_and_the_school_that_rose(made):
    first, second, before, now, units = made
    found = bits(safe(now, units, before).released())
    assert found["A"] == 1.0 and found["B"] == 0.0
    assert found == {unit: expected(first[unit], second[unit], 6) for unit in first}
    rises = now[(now["measure"] == CHANGE) & (now["low"] > 0)]["unit"]
    assert {"A", "B"} <= set(rises)


def test_too_few_careless_answers_in_one_wave_hide_it_and_no_count_leaves(made):
    _, _, before, now, units = made
    protected = safe(now, units, before)
    rows = protected.estimates.query("measure == @BIT").set_index("unit")
    assert rows.loc["C", "reason"] == "one_side"
    released = protected.released()
    assert not released["measure"].str.contains("unflagged").any()
    hidden = released[(released["measure"] == BIT) & (released["unit"] == "C")].iloc[0]
    assert hidden["reason"] == "suppressed"
    assert hidden[["n", "eligible", "value", "se", "low", "high"]].isna().all()
    shown = released[(released["measure"] == BIT) & (released["unit"] == "A")].iloc[0]
    assert (shown["n"], shown["method"]) == (75, "verdicts")
    assert shown[["se", "low", "high"]].isna().all()
    assert released.loc[(released["measure"] == CHANGE) & (released["unit"] == "C"), "value"].notna().all()


@pytest.mark.parametrize("few_now", [True, False])
def test_of_few_students_the_verdict_is_read_to_one_decimal(project, made, few_now):
    # Without the flagged the limit is 0.05: clear to two decimals, and not to the one that a page shows of so few.
    few, many = (np.tile([2.78, 3.28, 3.78, 3.28], 5), [2.5] * 6), (np.tile([2.5, 3.0, 3.5], 10), [3.0] * 12)
    careful = (few[0], many[0]) if few_now else (many[0], few[0])
    assert verdict(*careful, 2) != verdict(*careful, 1) == "unsure"
    first, second = ({**one} for one in made[:2])
    first["A"], second["A"] = (many, few) if few_now else (few, many)
    before, units = wave(project, "w1", first)
    now, _ = wave(project, "w2", second, before)
    assert bits(safe(now, units, before).released())["A"] == expected(first["A"], second["A"], 6) == 0.0


def test_a_higher_minimum_shows_no_more(made):
    first, second, before, now, units = made
    internal, public = (bits(safe(now, units, before, who).released()) for who in ("internal", "public"))
    assert {unit for unit, bit in public.items() if bit is not None} <= {
        unit for unit, bit in internal.items() if bit is not None
    }
    assert public == {unit: expected(first[unit], second[unit], 10) for unit in first}


def test_schools_alone_have_it_every_one_that_has_a_change(made):
    released = safe(made[3], made[4], made[2]).released()
    rows = released[released["measure"] == BIT]
    assert set(rows["unit_type"]) == {"school"} and set(rows["breakdown"]) == {"all"}
    changes = released[(released["measure"] == CHANGE) & (released["unit_type"] == "school")]
    assert set(rows["unit"]) == set(changes.loc[changes["breakdown"] == "all", "unit"])


def test_nothing_to_compare_or_nobody_looked_no_statement(project, made):
    first, second, before, _, units = made
    assert not safe(before, units, None).released()["measure"].str.startswith("careless:").any()
    plain, _ = wave(project, "w2", second, before, flagged=False)
    assert not safe(plain, units, before).released()["measure"].str.startswith("careless:").any()


def test_a_compared_wave_in_which_nobody_looked_hides_every_bit(project, made):
    first, second, _, _, units = made
    before, _ = wave(project, "w1", first, flagged=False)
    now, _ = wave(project, "w2", second, before)
    assert set(bits(safe(now, units, before).released()).values()) == {None}


def test_unflagged_students_who_all_answered_alike_are_not_told(project, made):
    first, second = ({**one} for one in made[:2])
    first["A"], second["A"] = ([3.0] * 40, first["A"][1]), ([4.0] * 40, second["A"][1])
    before, units = wave(project, "w1", first)
    now, _ = wave(project, "w2", second, before)
    assert bits(safe(now, units, before).released())["A"] is None


def test_a_hidden_change_hides_the_bit(made):
    _, _, before, now, units = made
    published = safe(before, units, None).released()
    gone = published["unit"].isin(["A", "D"])
    published.loc[gone, ["n", "eligible", "value", "se", "low", "high"]] = np.nan
    published.loc[gone, "status"] = "suppressed"
    protected = safe(now, units, before, published_previous=published)
    assert bits(protected.released())["A"] is None
    rows = protected.estimates.query("measure == @BIT").set_index("unit")
    assert rows.loc["A", "reason"] == "either_wave"


def found_by_auditor(frame, made, **more):
    return set(
        audit(frame, made[4], minimum=6, families=FAMILIES, **({"sides": sides(made[3], made[2])} | more)).recovered[
            "how"
        ]
    )


def test_the_auditor_passes_what_protect_gives(made):
    released = safe(made[3], made[4], made[2]).released()
    assert found_by_auditor(released, made) == set()


def test_the_auditor_catches_each_thing_that_must_not_be(made):
    released = safe(made[3], made[4], made[2]).released()
    few = released["measure"].eq(BIT) & released["unit"].eq("C")
    shown = released.assign(
        **{
            name: released[name].mask(few, value)
            for name, value in {"n": 75, "value": 1.0, "status": "ok", "reason": None}.items()
        }
    )
    small = "a verdict on fewer students than the minimum"
    assert found_by_auditor(shown, made) == {small}
    # Nobody vouches for how many they are.
    assert found_by_auditor(released, made, sides=None) == {small}
    own = released["measure"].eq(BIT) & released["unit"].eq("A")
    assert "a verdict that says more than yes or no" in found_by_auditor(
        released.assign(value=released["value"].mask(own, 0.4)), made
    )
    assert "a verdict that says more than yes or no" in found_by_auditor(
        released.assign(low=released["low"].mask(own, 0.4)), made
    )
    change = released["measure"].eq(CHANGE) & released["unit"].eq("A")
    assert "a verdict on a change that is not shown" in found_by_auditor(released[~change], made)
    wide = released[own].assign(unit_type="district", unit="maple")
    both = found_by_auditor(pd.concat([released, wide], ignore_index=True), made)
    assert {
        "a verdict on a group or on the widest unit",
        "a verdict on students of another verdict",
    } <= both
    leaked = made[3][made[3]["measure"] == "unflagged:belonging"]
    assert "a number of unflagged students alone" in found_by_auditor(
        pd.concat([released, leaked], ignore_index=True), made
    )


def test_nothing_leaves_when_the_attack_on_the_bits_succeeds(made, monkeypatch):
    tells = "connectedness.disclosure.protect.verdicts_that_tell"
    monkeypatch.setattr(tells, lambda *_: [pd.DataFrame({"how": ["made up"]})])
    with pytest.raises(DisclosureError, match="careless answers"):
        safe(made[3], made[4], made[2])


sizes = st.integers(0, 45)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(sizes, sizes, sizes, sizes, st.integers(-3, 3)), min_size=1, max_size=3), st.integers(0, 99))
def test_the_bit_is_the_recomputation_or_it_is_hidden(project, schools, seed):
    rng = np.random.default_rng(seed)
    first, second = planted(rng)
    for at, (a, b, c, d, step) in enumerate(schools):
        first[f"x{at}"] = scores_of(rng, a), scores_of(rng, b, 3.4 - step / 2)
        second[f"x{at}"] = scores_of(rng, c, 3.4 + step / 9), scores_of(rng, d, 3.4 + step / 2)
    first, second = ({unit: both for unit, both in one.items() if sum(map(len, both))} for one in (first, second))
    before, _ = wave(project, "w1", first)
    now, units = wave(project, "w2", second, before)
    released = safe(now, units, before).released()
    found = bits(released)
    changes = released[(released["measure"] == CHANGE) & (released["unit_type"] == "school")]
    shown = changes[(changes["breakdown"] == "all") & (changes["status"] == "ok")]["unit"]
    assert set(found) == set(first) & set(second)
    for unit, bit in found.items():
        right = expected(first[unit], second[unit], 6) if unit in set(shown) else None
        assert bit == right, unit
