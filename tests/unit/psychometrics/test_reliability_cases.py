"""Reliability where it cannot be computed says why; where it can, it obeys its algebra."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from connectedness.declare.instrument import Instrument
from connectedness.declare.registry import find_instrument
from connectedness.errors import ContractError
from connectedness.psychometrics.reliability import item_reliability, reliability

SC5 = ["H1ED19", "H1ED20", "H1ED22", "H1ED23", "H1ED24"]
KEY = find_instrument("school-connectedness-5")


def table(*rows: list[object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=SC5, dtype="float64")


def one(frame: pd.DataFrame, instrument: Instrument = KEY) -> pd.Series:
    return reliability(frame, instrument).iloc[0]


def shortened(n_items: int) -> Instrument:
    declared = KEY.model_dump(mode="json")
    declared["scales"][0] |= {"items": declared["scales"][0]["items"][:n_items], "min_answered": 1}
    return Instrument.model_validate(declared)


GOOD = table([1, 1, 2, 1, 1], [2, 2, 2, 3, 2], [4, 5, 4, 4, 3], [5, 4, 5, 5, 5])


def test_a_good_table_has_figures_and_no_reason():
    facts = one(GOOD)
    assert facts["alpha_listwise"] == facts["alpha_pairwise"] > 0.9
    assert pd.isna(facts["reason"]) and pd.isna(facts["reason_pairwise"])
    assert (facts["n_items"], facts["n"], facts["n_complete"]) == (5, 4, 4)


def test_one_item_has_no_alpha():
    facts = one(GOOD, shortened(1))
    assert np.isnan(facts["alpha_listwise"]) and np.isnan(facts["alpha_pairwise"])
    assert facts["reason"] == facts["reason_pairwise"] == "one_item"
    item = item_reliability(GOOD, shortened(1)).iloc[0]
    assert item["reason"] == "one_item" and item["mean"] == 3


def test_an_item_that_all_answered_alike_has_no_alpha():
    facts = one(GOOD.assign(H1ED22=3.0))
    assert np.isnan(facts["alpha_listwise"]) and np.isnan(facts["mean_inter_item_r"])
    assert facts["reason"] == facts["reason_pairwise"] == "constant_item"
    items = item_reliability(GOOD.assign(H1ED22=3.0), KEY).set_index("item")
    assert items.loc["sc5_h1ed22", "reason"] == "constant_item"
    assert items.loc["sc5_h1ed22", "sd"] == 0
    assert items["item_rest_r"].notna().sum() == 4


@pytest.mark.parametrize("rows", [0, 1])
def test_under_two_complete_rows_there_is_no_alpha(rows):
    facts = one(GOOD.iloc[:rows])
    assert facts["reason"] == "too_few_complete" and facts["reason_pairwise"] == "too_few_pairs"
    assert facts["n_complete"] == rows
    items = item_reliability(GOOD.iloc[:rows], KEY)
    assert (items["reason"] == "too_few_complete").all() and items["mean"].isna().all()


def test_matrix_sampling_leaves_pairs_even_where_nobody_answered_all():
    # Each student was asked all but one item (7: not asked).
    rows = pd.concat([GOOD.assign(**{name: 7.0}) for name in SC5], ignore_index=True)
    facts = one(rows)
    assert facts["n"] == 20 and facts["n_complete"] == 0
    assert facts["reason"] == "too_few_complete"
    assert pd.isna(facts["reason_pairwise"]) and facts["alpha_pairwise"] > 0.9


def test_two_items_that_nobody_answered_both_have_no_pairwise_alpha():
    frame = pd.concat([GOOD.assign(H1ED19=np.nan), GOOD.assign(H1ED20=np.nan)])
    assert one(frame)["reason_pairwise"] == "too_few_pairs"


def test_items_that_cancel_out_have_no_alpha():
    frame = table([1, 5, 3, 3, 3], [5, 1, 3, 3, 3], [2, 4, 3, 3, 3])
    facts = one(frame, shortened(2))
    assert np.isnan(facts["alpha_listwise"]) and facts["reason"] == facts["reason_pairwise"] == "constant_total"


def test_a_rest_that_does_not_vary_has_no_item_rest_correlation():
    frame = table([1, 5, 1, 3, 3], [5, 1, 2, 3, 3], [2, 4, 5, 3, 3])
    items = item_reliability(frame, shortened(3)).set_index("item")
    assert items.loc["sc5_h1ed22", "reason"] == "constant_rest"
    assert np.isnan(items.loc["sc5_h1ed22", "item_rest_r"])


def test_an_item_coded_the_wrong_way_shows_as_a_negative_correlation():
    items = item_reliability(GOOD.assign(H1ED23=6 - GOOD["H1ED23"]), KEY).set_index("item")
    assert items.loc["sc5_h1ed23", "item_rest_r"] < 0 < items.loc["sc5_h1ed19", "item_rest_r"]


def test_every_scale_has_a_row_even_where_the_table_has_none_of_its_items():
    ours = find_instrument("healthy-relationships")
    peers = ours.scale_by_id["hr_respectful_peers"].items
    facts = reliability(GOOD.set_axis(peers, axis=1), ours).set_index("scale")
    assert list(facts.index) == ["hr_belonging", "hr_supportive_adults", "hr_respectful_peers"]
    assert facts.loc["hr_belonging", "n"] == 0 and facts.loc["hr_belonging", "reason"] == "too_few_complete"
    assert pd.isna(facts.loc["hr_respectful_peers", "reason"])


def test_a_table_without_the_items_is_refused():
    with pytest.raises(ContractError, match="no column of"):
        reliability(pd.DataFrame({"a": [1]}), KEY)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.int16, st.tuples(st.integers(0, 12), st.just(5)), elements=st.sampled_from([1, 2, 3, 4, 5, 6, 7])))
def test_a_figure_or_a_reason_and_alpha_by_its_definition(answers):
    frame = pd.DataFrame(answers, columns=SC5)
    facts = one(frame)
    for figure, reason in (("alpha_listwise", "reason"), ("alpha_pairwise", "reason_pairwise")):
        assert np.isfinite(facts[figure]) == pd.isna(facts[reason])
    complete = answers[(answers <= 5).all(axis=1)]
    assert facts["n_complete"] == len(complete)
    if pd.isna(facts["reason"]):
        by_hand = 5 / 4 * (1 - complete.var(axis=0, ddof=1).sum() / complete.sum(axis=1).var(ddof=1))
        assert facts["alpha_listwise"] == pytest.approx(by_hand, abs=1e-9)
    items = item_reliability(frame, KEY)
    assert (items["item_rest_r"].notna() == items["reason"].isna()).all()
