"""Who can make a Protected, what it tells, how coarse small groups are, and what is refused."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.disclosure.made_district import (
    BREAKDOWNS,
    FAMILIES,
    SHARES,
    estimates,
    of_somebody,
    random_students,
    students,
    tree,
)

from connectedness.declare.measure import Measure
from connectedness.declare.policy import Policy
from connectedness.declare.registry import find_instrument
from connectedness.disclosure import ledger
from connectedness.disclosure.families import family_of, measure_families, share_measures
from connectedness.disclosure.precision import coarsen, round_down, round_up
from connectedness.disclosure.protect import protect
from connectedness.disclosure.protected import Protected
from connectedness.errors import DisclosureError


@pytest.fixture(scope="module")
def wave():
    made = random_students(np.random.default_rng(8), 10, largest=150)
    return estimates(made), tree(made)


@pytest.fixture(scope="module")
def protected(wave):
    return protect(*wave, Policy(), "public", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES)


def test_only_protect_makes_one(wave, protected):
    with pytest.raises(DisclosureError, match=r"protect\(\) alone"):
        Protected("w1", "public", Policy(), 10, wave[0], object())
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(protected, minimum=5)
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            attempt(protected)
    with pytest.raises(TypeError):
        type("Mine", (Protected,), {})
    with pytest.raises(dataclasses.FrozenInstanceError):
        protected.minimum = 1


def test_its_numbers_cannot_be_changed_from_outside(protected):
    before = protected.released()
    frame = protected.estimates
    frame["value"] = 1.0
    frame = protected.released()
    frame["n"] = 1
    pd.testing.assert_frame_equal(protected.released(), before)


def test_what_leaves_has_one_reason_and_a_fixed_order(wave, protected):
    released = protected.released()
    hidden = released["status"] == "suppressed"
    assert set(released.loc[hidden, "reason"]) == {"suppressed"}
    assert released.loc[~hidden, "reason"].isna().all()
    assert len(set(protected.estimates["reason"].dropna())) > 2
    shuffled = wave[0].sample(frac=1, random_state=1)
    again = protect(
        shuffled,
        wave[1].sample(frac=1, random_state=2),
        Policy(),
        "public",
        shares=SHARES,
        structural=BREAKDOWNS,
        families=FAMILIES,
    )
    pd.testing.assert_frame_equal(again.released(), released)
    assert again.pattern_sha256() == protected.pattern_sha256()


def test_summary_and_ledger_agree(protected, tmp_path):
    counts = protected.summary()
    reasons = {name: count for name, count in counts.items() if name not in ("shown", "hidden")}
    assert counts["hidden"] == sum(reasons.values())
    entry = ledger.record_estimates(tmp_path, "w1-public-abc", protected, "00" * 32)
    assert (entry.shown, entry.hidden, entry.wave, entry.recipient) == (
        counts["shown"],
        counts["hidden"],
        "w1",
        "public",
    )


def test_few_students_are_told_coarsely(wave, protected):
    truth = wave[0].sort_values(list(protected.released().columns[:6]), ignore_index=True)
    released = of_somebody(protected.released(), truth)
    shown = (released["status"] == "ok").to_numpy()
    few = shown & (released["n"] < 30).to_numpy(bool, na_value=False)
    assert few.any()
    assert released.loc[few, "se"].isna().all()
    assert not (few & released["measure"].str.startswith("sd:")).any()
    for measure, digits in (("belonging", 1), ("favourable", 2), ("adult", 2)):
        rows = few & (released["measure"] == measure).to_numpy()
        assert np.allclose(released.loc[rows, "value"], truth.loc[rows, "value"].round(digits), atol=1e-12)
    many = shown & (released["n"] >= 30).to_numpy(bool, na_value=False)
    assert (released.loc[many, "value"] == truth.loc[many, "value"]).all()
    assert released.loc[many & (released["measure"] == "adult").to_numpy(), "se"].notna().all()
    # No interval is ever tighter than it was; a share's stays within 0 and 1.
    share = released["measure"].isin(["favourable", "adult"]) | released["measure"].str.startswith("share:")
    low, high = (
        truth["low"].where(~share, truth["low"].clip(0)),
        truth["high"].where(~share, truth["high"].clip(upper=1)),
    )
    bounded = shown & released["low"].notna().to_numpy()
    assert (released["low"] <= low + 1e-9)[bounded].all()
    assert (released["high"] >= high - 1e-9)[bounded].all()
    assert released.loc[share & bounded, ["low", "high", "value"]].stack().between(0, 1).all()


@given(st.floats(-5, 5), st.integers(1, 3))
def test_rounding_is_outward(value, digits):
    low, high = (edge(np.array([value]), np.array([digits]))[0] for edge in (round_down, round_up))
    assert low <= value + 1e-6 * 10.0**-digits
    assert high >= value - 1e-6 * 10.0**-digits
    assert high - low < 10.0**-digits * 1.001 + 1e-12
    assert float(f"{low:.{digits}f}") == low
    assert float(f"{high:.{digits}f}") == high


def test_what_floating_point_leaves_is_not_a_figure():
    two = np.array([2])
    assert round_down(np.array([0.29999999999999]), two)[0] == 0.3
    assert round_up(np.array([0.30000000000001]), two)[0] == 0.3
    assert round_down(np.array([0.2949]), two)[0] == 0.29
    assert str(round_up(np.array([-0.001]), two)[0]) == "0.0"


def test_differences_of_shares_stay_within_one():
    frame = pd.DataFrame({"measure": ["change:adult"], "value": [-0.97], "se": [0.1], "low": [-1.2], "high": [-0.7]})
    told = coarsen(frame, np.array([True]), np.array([False]), np.array([True]))
    assert told.loc[0, ["low", "high", "value"]].tolist() == [-1.0, -0.7, -0.97]
    assert pd.isna(told.loc[0, "se"])


def test_a_coarse_change_tells_no_more_than_the_two_coarse_numbers():
    frame = pd.DataFrame(
        {"measure": ["change:belonging"], "value": [0.098], "se": [0.1], "low": [0.001], "high": [0.195]}
    )
    yes, no = np.array([True]), np.array([False])
    told = coarsen(frame, yes, no, no, (np.array([3.449]), np.array([3.351])))
    assert told.loc[0, ["low", "high", "value"]].tolist() == [0.0, 0.2, 0.0]
    many = coarsen(frame, no, no, no, (np.array([3.449]), np.array([3.351])))
    assert many.loc[0, "value"] == 0.098


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda frame: frame.assign(n=frame["n"].mask(frame.index == 3)), "how many students"),
        (lambda frame: pd.concat([frame, frame.head(1)]), "twice"),
        (lambda frame: frame.assign(unit=frame["unit"].mask(frame.index == 3)), "what it is of"),
        (lambda frame: frame.assign(value=frame["value"].mask(frame.index == 0)), "no value"),
        (lambda frame: frame.assign(value=frame["value"].mask(frame.index == 0, np.inf)), "cannot be"),
        (lambda frame: frame.assign(unit=frame["unit"].replace("s001", "s999")), "not in the unit tree"),
        (lambda frame: frame.assign(n=frame["n"] + (frame["breakdown"] == "mode") * (frame["n"] > 20)), "do not add"),
        (lambda frame: frame.assign(n=frame["n"] + (frame["unit_type"] == "district")), "do not add"),
        (lambda frame: frame[frame["measure"] != "response_rate"], "no response rate"),
        (lambda frame: frame.drop(frame.query("level == 'a' and measure == 'adult' and n > 0").index[:1]), "missing"),
        (lambda frame: pd.concat([frame, frame.head(1).assign(wave="w2")]), "more than one wave"),
        (lambda frame: frame.drop(columns="eligible"), "lack a column"),
    ],
)  # fmt: skip
def test_estimates_that_do_not_hold_together_are_refused(wave, spoil, words):
    with pytest.raises(DisclosureError, match=words):
        protect(spoil(wave[0]), wave[1], Policy(), "public", shares=SHARES, structural=BREAKDOWNS)


def test_a_unit_in_two_places_or_in_itself_is_refused(wave):
    truth, units = wave
    for more, words in (
        (units.head(1).assign(parent="e"), "twice"),
        (pd.DataFrame([("district", "d", "school", units["unit"][0])], columns=units.columns), "lies in itself"),
    ):
        with pytest.raises(DisclosureError, match=words):
            protect(
                truth,
                pd.concat([units, more], ignore_index=True),
                Policy(),
                "public",
                shares=SHARES,
                structural=BREAKDOWNS,
            )


@pytest.mark.parametrize("minimum", [4, 0, -3, None, True, 5.5])
def test_a_policy_below_the_floor_is_refused_however_it_was_made(wave, minimum):
    loose = Policy.model_construct(id="loose", version=1, minimum={"internal": minimum, "public": 10}, small=30)
    with pytest.raises(DisclosureError, match="below what the engine allows"):
        protect(*wave, loose, "internal", shares=SHARES, structural=BREAKDOWNS)
    small = Policy.model_construct(id="loose", version=1, minimum={"internal": 6, "public": 10}, small=8)
    with pytest.raises(DisclosureError, match="too few"):
        protect(*wave, small, "internal", shares=SHARES, structural=BREAKDOWNS)
    with pytest.raises(DisclosureError, match="not known"):
        protect(*wave, Policy(), "press", shares=SHARES, structural=BREAKDOWNS)


def test_no_roster_is_told_as_that():
    made = students(
        {("A", "p"): 80, ("B", "p"): 60, ("C", "p"): 3, ("D", "p"): 20},
        np.random.default_rng(0),
        columns=("school", "mode"),
    )
    truth = estimates(made, roster=False)
    rate = truth["measure"] == "response_rate"
    truth.loc[rate, ["value", "status"]] = np.nan, "no_roster"
    released = protect(truth, tree(made), Policy(), "internal", shares=SHARES, structural=BREAKDOWNS).released()
    rows = released.query("measure == 'response_rate' and breakdown == 'all'").set_index("unit")["status"]
    assert rows.to_dict() == {
        "d": "no_roster",
        "A": "no_roster",
        "B": "no_roster",
        "C": "suppressed",
        "D": "suppressed",
    }


def test_a_scale_its_items_and_its_measures_are_one_family():
    instrument = find_instrument("healthy-relationships@1", None)
    measures = [
        Measure(id="belonging", scale="hr_belonging", statistic="mean"),
        Measure(id="valued", item="hr_bel_valued", statistic="share_favourable"),
        Measure(id="one_adult", item="hr_adults", statistic="share_at_least", code=1),
    ]
    families = measure_families(measures, [instrument])
    together = ("belonging", "sd:belonging", "change:belonging", "valued", "share:hr_bel_hide:1")
    assert {family_of(one, families) for one in together} == {"hr_belonging"}
    assert family_of("one_adult", families) == family_of("share:hr_adults:0", families) == "hr_adults"
    assert share_measures(measures) == {"valued", "one_adult"}
