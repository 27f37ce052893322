"""Careless answers: each sign against a plain loop, what is flagged, and what could not be checked."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectedness.declare.registry import find_instrument
from connectedness.errors import ContractError, DeclarationError
from connectedness.psychometrics import careless_runs
from connectedness.psychometrics.careless import careless
from connectedness.psychometrics.careless_runs import count_equal_rows, longest_run
from connectedness.psychometrics.careless_sensitivity import sensitivity

HR = find_instrument("healthy-relationships")
SCALE_ITEMS = [item.id for item in HR.items if item.kind == "scale" and item.options == "agreement"]
EVERY = [item.id for item in HR.active_items()]


def answers(n: int = 300, seed: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=n)
    made = {}
    for item in HR.active_items():
        points = HR.points(item.id)
        by_rank = np.array(sorted(points, key=lambda code, points=points: points[code]), dtype=np.int16)
        place = (trait + rng.normal(size=n)) / 3 + 0.5
        made[item.id] = by_rank[np.clip((place * len(by_rank)).astype(int), 0, len(by_rank) - 1)]
    return pd.DataFrame(made).assign(hr_attention=np.int16(4))


def plain_runs(codes, answered, asked, block, negative):
    """Row by row, as a person would count."""
    longest, mixed = [], []
    for row in range(len(codes)):
        runs, current = [], []
        for at in range(codes.shape[1]):
            if at and block[at] != block[at - 1]:
                runs.append(current)
                current = []
            if not asked[row, at]:
                continue
            if not answered[row, at]:
                runs.append(current)
                current = []
            elif current and codes[row, current[-1]] == codes[row, at]:
                current = [*current, at]
            else:
                runs.append(current)
                current = [at]
        runs.append(current)
        longest.append(max(len(run) for run in runs))
        mixed.append(max((len(run) for run in runs if len({bool(negative[at]) for at in run}) == 2), default=0))
    return longest, mixed


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_runs_as_counted_by_hand(data):
    rows, items = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 9))
    grid = st.lists(st.lists(st.integers(0, 9), min_size=items, max_size=items), min_size=rows, max_size=rows)
    codes = np.array(data.draw(grid), dtype=np.int16) % 3
    kind = np.array(data.draw(grid))
    asked, answered = kind > 0, kind > 1
    block = np.cumsum(data.draw(st.lists(st.integers(0, 5), min_size=items, max_size=items))) // 5
    negative = np.array(data.draw(st.lists(st.booleans(), min_size=items, max_size=items)))
    found = longest_run(codes, answered, asked, block, negative)
    assert [list(one) for one in found] == list(plain_runs(codes, answered, asked, block, negative))


@given(st.lists(st.lists(st.integers(-2, 2), min_size=3, max_size=3), min_size=1, max_size=12))
def test_equal_rows_as_counted_by_hand(rows):
    codes = np.array(rows, dtype=np.int16)
    assert list(count_equal_rows(codes)) == [rows.count(row) for row in rows]


def test_two_rows_that_come_to_one_number_are_still_two(monkeypatch):
    codes = np.array([[1, 2], [2, 1], [1, 2]], dtype=np.int16)
    zeros = np.zeros(3, dtype=np.intp)
    monkeypatch.setattr(careless_runs, "_group_by_number", lambda _: (zeros, zeros[:1]))
    assert list(count_equal_rows(codes)) == [2, 1, 2]


def test_a_straight_line_through_both_polarities_is_flagged_and_one_of_positive_items_is_not():
    frame = answers()
    frame.loc[0, SCALE_ITEMS] = 4
    positive = [item for item in SCALE_ITEMS if item.startswith(("hr_adult", "hr_peer"))]
    frame.loc[1, SCALE_ITEMS[:6]] = [4, 5, 4, 5, 2, 1]
    frame.loc[1, positive] = 5
    found = careless(frame, HR)
    assert found.loc[0, "longstring"] == 16 and found.loc[0, "longstring_flag"]
    assert found.loc[1, "longstring"] == 10 and not found.loc[1, "longstring_flag"]
    assert found.attrs["checks"]["longstring"]["threshold"] == 8
    assert careless(frame, HR, longstring=17).attrs["checks"]["longstring"]["flagged"] == 0


def test_an_instrument_without_negative_items_has_no_such_check():
    frame = pd.DataFrame({f"H1ED{number}": [1] * 9 for number in (19, 20, 22, 23, 24)})
    found = careless(frame, "school-connectedness-5")
    assert found.attrs["checks"]["longstring"]["reason"] == "no_mixed_polarity"
    assert found["longstring_flag"].isna().all() and not found["any_flag"].any()


def test_the_attention_item():
    frame = answers(4)
    frame["hr_attention"] = [4, 5, np.nan, -1]
    found = careless(frame, HR)["attention_flag"]
    assert list(found.fillna(False)) == [False, True, False, False]
    assert list(found.isna()) == [False, False, True, True]


def test_time_per_item():
    frame = answers(5)
    frame.loc[1, EVERY[5:]] = np.nan
    found = careless(frame, HR, [20.0, 20.0, 500.0, np.nan, -5.0])
    assert list(found["speed_flag"].fillna(False)) == [True, False, False, False, False]
    assert found["speed_flag"].isna().sum() == 2
    assert found.loc[1, "seconds_per_item"] == 4.0
    assert careless(frame.assign(took=1.0), HR, "took", items_in_duration=10)["speed_flag"].all()
    with pytest.raises(ContractError, match="no such column"):
        careless(frame, HR, "took")
    with pytest.raises(ContractError, match="one duration"):
        careless(frame, HR, [1.0])


def test_equal_answers_count_only_over_many_items_and_when_they_differ_among_themselves():
    frame = answers(50)
    frame.loc[7] = frame.loc[3]
    frame.loc[[10, 11], EVERY] = 1
    frame.loc[[20, 21], EVERY[10:]] = np.nan
    frame.loc[21, EVERY[:10]] = frame.loc[20, EVERY[:10]]
    found = careless(frame, HR)
    assert list(found.index[found["duplicates_flag"].fillna(False)]) == [3, 7]
    assert found.loc[10, "duplicates"] == 1 and not found.loc[10, "duplicates_flag"]
    assert found.loc[21, "duplicates"] == 1 and pd.isna(found.loc[21, "duplicates_flag"])
    few = careless(frame[SCALE_ITEMS], HR)
    assert few.attrs["checks"]["duplicates"]["reason"] == "too_few_items"


def test_an_unlikely_pattern_is_far_away_and_a_redundant_item_changes_nothing():
    frame = answers(800)
    frame.loc[5, SCALE_ITEMS] = [1, 5] * 8
    found = careless(frame, HR)
    assert found["mahalanobis"].idxmax() == 5 and found.loc[5, "mahalanobis_flag"]
    limit = found.attrs["checks"]["mahalanobis"]["threshold"]
    same = careless(frame.assign(hr_peer_kind=3), HR)
    dropped = careless(frame.drop(columns="hr_peer_kind"), HR)
    np.testing.assert_allclose(same["mahalanobis"], dropped["mahalanobis"], rtol=1e-6)
    assert same.attrs["checks"]["mahalanobis"]["threshold"] < limit
    twice = careless(frame.assign(hr_peer_kind=frame["hr_peer_respect"]), HR)
    np.testing.assert_allclose(twice["mahalanobis"], dropped["mahalanobis"], rtol=1e-6)


def test_bad_input_gives_a_reason():
    frame = answers(40)
    one = careless(frame.head(1), HR)
    assert len(one) == 1 and not one["any_flag"].any()
    assert one.attrs["checks"]["mahalanobis"]["reason"] == "too_few_complete"
    nothing = careless(frame * np.nan, HR)
    assert not nothing["any_flag"].any() and nothing["duplicates"].eq(0).all()
    assert {check["checked"] for check in nothing.attrs["checks"].values()} == {0}
    constant = careless(frame.assign(**dict.fromkeys(EVERY, 1)), HR)
    assert constant.attrs["checks"]["mahalanobis"]["reason"] == "constant_items"
    single = careless(frame[["hr_bel_part"]], HR)
    assert single.attrs["checks"]["mahalanobis"]["reason"] == "too_few_items"
    assert careless(frame.head(0), HR).empty


def test_nobody_is_dropped_and_the_index_is_kept():
    frame = answers(30).set_index(np.arange(100, 130))
    found = careless(frame, HR)
    assert found.index.equals(frame.index)
    flags = found[[name for name in found if name.endswith("_flag") and name != "any_flag"]].fillna(False).any(axis=1)
    assert (flags == found["any_flag"]).all()


@pytest.mark.long
def test_a_million_respondents_take_seconds():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {item: rng.choice(np.array([*HR.codes(item), -1], dtype=np.int16), 1_000_000) for item in EVERY}
    )
    start = time.process_time()
    found = careless(frame, HR, np.full(len(frame), 80.0))
    assert len(found) == 1_000_000
    assert time.process_time() - start < 20


def scored(n: int = 100) -> pd.DataFrame:
    values = np.tile([2.0, 4.0], n // 2)
    return pd.DataFrame({"s": values, "s_sum": values * 5, "s__n": 5, "s__status": "ok"})


def test_sensitivity_with_and_without_the_flagged():
    scores = scored()
    flags = pd.Series(scores["s"] == 2.0) & (scores.index < 40)
    found = sensitivity(scores, flags, minimum=10).set_index("scale")
    assert list(found.index) == ["s"]
    one = found.loc["s"]
    assert (one["n"], one["n_flagged"], one["n_unflagged"]) == (100, 20, 80)
    assert one["mean"] == 3.0 and one["mean_unflagged"] == (30 * 2 + 50 * 4) / 80
    assert one["difference"] == round(3.25 - 3.0, 1) and "higher" in one["sentence"]
    french = sensitivity(scores, flags, 10, digits=2, language="fr").loc[0, "sentence"]
    assert "plus haut de 0,25 point" in french


@pytest.mark.parametrize("flagged", [0, 9, 91, 100])
def test_sensitivity_says_nothing_under_the_minimum(flagged):
    row = sensitivity(scored(), pd.Series(np.arange(100) < flagged), minimum=10).loc[0]
    assert row["reason"] == "too_few"
    assert row[["n_flagged", "n_unflagged", "mean", "mean_unflagged", "difference", "sentence"]].isna().all()


def test_a_difference_that_rounds_to_nothing_says_so():
    flags = pd.Series(np.arange(100) < 50)
    assert "less than 0.05 points" in sensitivity(scored(), flags, 10).loc[0, "sentence"]
    with pytest.raises(ContractError, match="rows of scores"):
        sensitivity(scored(), flags.head(3), 10)


def test_no_null_without_a_reason():
    frame = pd.DataFrame({item: [3, 3, 4, 2, -1] for item in SCALE_ITEMS})
    frame.loc[1, SCALE_ITEMS[0]] = -1
    found = careless(frame, HR)
    for name, figure in (("mahalanobis", "mahalanobis"), ("speed", "seconds_per_item")):
        assert found.loc[found[figure].isna(), f"{name}_reason"].notna().all()
    for name in ("longstring", "mahalanobis", "attention", "speed", "duplicates"):
        assert (found[f"{name}_flag"].isna() == found[f"{name}_reason"].notna()).all(), name
    assert set(found["speed_reason"]) == {"no_duration"}


@pytest.mark.parametrize(
    "wrong",
    [{"distance_p": 2}, {"distance_p": 0}, {"items_in_duration": 0}, {"longstring": 0}, {"seconds_per_item": -1}],
)
def test_a_limit_that_cannot_be_is_refused(wrong):
    with pytest.raises(DeclarationError, match="cannot be"):
        careless(pd.DataFrame({item: [3] for item in SCALE_ITEMS}), HR, **wrong)
