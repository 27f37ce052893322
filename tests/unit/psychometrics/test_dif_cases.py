"""Differential item functioning: bad input gives a reason, and planted differences are found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from connectedness.errors import ContractError, DeclarationError
from connectedness.psychometrics.dif import dif
from connectedness.psychometrics.dif_mantel import mantel_test
from connectedness.psychometrics.dif_ordinal import fit_ordinal

ITEMS = ["hr_peer_respect", "hr_peer_kind", "hr_peer_include", "hr_peer_stand_up", "hr_peer_get_along"]
SCALE = "hr_respectful_peers"


def answers(n: int = 500, seed: int = 1, planted: float = 0.0, item: str = ITEMS[1]) -> pd.DataFrame:
    """Two groups, b half a deviation lower; one item is harder for b by `planted` log-odds."""
    rng = np.random.default_rng(seed)
    group = np.repeat(["a", "b"], n)
    trait = rng.normal(size=2 * n) - 0.5 * (group == "b")
    made = {}
    for rank, name in enumerate(ITEMS):
        latent = 1.7 * trait + rng.logistic(size=2 * n) - planted * ((group == "b") & (name == item))
        made[name] = 1 + np.searchsorted(np.array([-2.5, -1, 0.4, 1.8]) + 0.2 * rank, latent)
    return pd.DataFrame(made).assign(group=group)


def test_a_planted_item_is_found_and_the_others_are_not():
    table = dif(answers(1500, planted=1.3), "healthy-relationships", "group", SCALE).set_index("item")
    assert table.loc[ITEMS[1], "size"] in ("moderate", "large")
    assert table.loc[ITEMS[1], "uniform_p"] < 1e-10 and table.loc[ITEMS[1], "mantel_p"] < 1e-10
    assert table.loc[ITEMS[1], "slope_group"] < 0 and table.loc[ITEMS[1], "smd"] < 0
    assert set(table["size"].drop(ITEMS[1])) == {"negligible"}


def test_matching_on_clean_items_alone_takes_the_trace_of_the_planted_one_away():
    frame = answers(3000, planted=2.0)
    plain = dif(frame, "healthy-relationships", "group", SCALE).set_index("item")
    purified = dif(frame, "healthy-relationships", "group", SCALE, purify=True).set_index("item")
    clean = [item for item in ITEMS if item != ITEMS[1]]
    assert purified.loc[clean, "uniform_chi2"].sum() < plain.loc[clean, "uniform_chi2"].sum() / 3
    assert set(purified.loc[clean, "matched_on"]) == {4} and purified.loc[ITEMS[1], "matched_on"] == 5


def test_the_reference_is_the_largest_group_unless_named_and_signs_follow():
    frame = answers(400, planted=1.5).drop(index=range(50))
    found = dif(frame, "healthy-relationships", "group", SCALE).set_index("item")
    assert set(found["reference"]) == {"b"} and set(found["focal"]) == {"a"}
    other = dif(frame, "healthy-relationships", frame["group"], SCALE, reference="a").set_index("item")
    np.testing.assert_allclose(other["slope_group"], -found["slope_group"], atol=1e-6)
    np.testing.assert_allclose(other["total_chi2"], found["total_chi2"], atol=1e-6)
    np.testing.assert_allclose(other["mantel_chi2"], found["mantel_chi2"], atol=1e-9)


def test_a_mirrored_file_mirrors_the_differences():
    # Points count, not codes: a mirrored item mirrors its differences.
    frame = answers(400, planted=1.0)
    mirrored = frame.assign(**{item: 6 - frame[item] for item in ITEMS})
    one, other = (dif(each, "healthy-relationships", "group", SCALE) for each in (frame, mirrored))
    np.testing.assert_allclose(other["slope_group"], -one["slope_group"], atol=1e-5)
    np.testing.assert_allclose(other["uniform_chi2"], one["uniform_chi2"], atol=1e-5)


def reasons(frame, group="group", **more):
    table = dif(frame, "healthy-relationships", group, SCALE, **more)
    return table.set_index("item")["reason"]


def test_bad_input_gives_a_reason_and_spares_what_it_can():
    frame = answers(400)
    assert set(reasons(answers(150))) == {"too_few_in_group"}
    assert set(reasons(frame.assign(group="a"))) == {"one_group"}
    assert reasons(frame.assign(hr_peer_kind=4))["hr_peer_kind"] == "constant_item"
    assert reasons(frame.assign(hr_peer_kind=4)).drop("hr_peer_kind").isna().all()
    nobody = reasons(frame.assign(hr_peer_kind=np.nan))
    assert nobody["hr_peer_kind"] == "nobody_answered" and nobody.drop("hr_peer_kind").isna().all()
    assert reasons(frame.drop(columns="hr_peer_kind"))["hr_peer_kind"] == "no_column"
    alone = reasons(frame[["hr_peer_kind", "group"]])
    assert alone["hr_peer_kind"] == "one_item" and set(alone.drop("hr_peer_kind")) == {"no_column"}
    assert set(reasons(frame.assign(**dict.fromkeys(ITEMS, 3)))) == {"constant_item"}


def test_a_null_number_always_has_a_reason():
    frame = pd.concat([answers(400), answers(50).assign(group="c")]).assign(hr_peer_kind=4)
    table = dif(frame, "healthy-relationships", "group", SCALE)
    assert len(table) == 10
    assert (table["slope_group"].isna() == table["reason"].notna()).all()
    assert (table["mantel_chi2"].isna() == table["mantel_reason"].notna()).all()


def test_rows_without_a_group_are_left_out():
    frame = answers(400)
    gaps = pd.concat([frame, answers(300, 5).assign(group=None)], ignore_index=True)
    pd.testing.assert_frame_equal(
        dif(gaps, "healthy-relationships", "group", SCALE), dif(frame, "healthy-relationships", "group", SCALE)
    )


def test_what_cannot_be_meant_is_refused():
    frame = answers(10)
    with pytest.raises(ContractError, match="no such column"):
        dif(frame, "healthy-relationships", "team")
    with pytest.raises(ContractError, match="one group for each row"):
        dif(frame, "healthy-relationships", ["a"])
    with pytest.raises(DeclarationError, match="no such scale"):
        dif(frame, "healthy-relationships", "group", "peers")
    with pytest.raises(ContractError, match="reference group"):
        dif(frame, "healthy-relationships", "group", SCALE, reference="z")


def test_a_term_that_separates_the_answers_says_so():
    counts = np.array([[50.0, 0.0], [0.0, 50.0]])
    assert fit_ordinal(np.array([[0.0], [1.0]]), counts).reason == "separated"


def test_a_saturated_model_of_two_categories_is_the_log_odds_ratio():
    fit = fit_ordinal(np.array([[0.0], [1.0]]), np.array([[30.0, 10.0], [15.0, 45.0]]))
    assert fit.slopes[0] == pytest.approx(np.log(30 * 45 / (10 * 15)))
    assert fit.thresholds[0] == pytest.approx(np.log(3))


def test_strata_of_one_group_and_strata_where_nobody_differs():
    points = np.arange(2.0)
    assert (
        mantel_test(np.array([[5.0, 5.0], [0, 0]]), np.array([[0, 0], [5.0, 5.0]]), points).reason == "no_common_scores"
    )
    assert mantel_test(np.array([[5.0, 0.0]]), np.array([[7.0, 0.0]]), points).reason == "constant"


@pytest.mark.long
def test_power_for_a_planted_item_and_false_positives_for_clean_ones():
    rounds, found, false = 150, 0, []
    for seed in range(rounds):
        clean = dif(answers(300, 1000 + seed), "healthy-relationships", "group", SCALE).set_index("item")
        false.append(clean[["uniform_p", "nonuniform_p", "total_p", "mantel_p"]] < 0.05)
        planted = dif(answers(300, 5000 + seed, planted=1.0), "healthy-relationships", "group", SCALE)
        found += planted.loc[planted["uniform_p"].idxmin(), "item"] == ITEMS[1]
    assert found / rounds > 0.95
    # The nominal rate is 5%; 750 correlated tests of each kind leave about one point of chance.
    rates = pd.concat(false).mean()
    assert rates.between(0.025, 0.085).all(), rates
