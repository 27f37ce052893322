"""What must hold of a whole table of estimates, whoever answered."""

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.measures.small_survey import answers_of, make_project, make_roster, rows

from connectedness.measures import estimate_wave
from connectedness.tables import ESTIMATE_COLUMNS, ESTIMATE_KEY, write_table

CELL = ["unit_type", "unit", "breakdown", "level", "measure"]
few = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
seeds = st.integers(0, 2**32 - 1)


def a_wave(project, wave, seed, students=40, previous=None):
    rng = np.random.default_rng(seed)
    roster = make_roster(rng, students)
    responses, scores = answers_of(rng, roster)
    return estimate_wave(project, wave, responses, scores, roster, previous)


def test_shape_types_and_order(tmp_path):
    table = a_wave(make_project(tmp_path), "w1", 5)
    assert tuple(table.columns) == ESTIMATE_COLUMNS
    assert not table.duplicated(list(ESTIMATE_KEY)).any()
    types = table.dtypes.astype(str).to_dict()
    assert (types["n"], types["eligible"], types["value"]) == ("Int64", "Int64", "float64")
    assert {types[name] for name in (*ESTIMATE_KEY, "method", "status", "reason")} == {"str"}
    assert set(table["method"]) == {"t", "wilson", "sd", "ratio"}
    assert table["reason"].isna().all()
    assert table["unit_type"].drop_duplicates().tolist() == ["district", "school"]
    assert table["breakdown"].drop_duplicates().tolist() == ["all", "grade_band", "learning_mode", "group"]
    table.to_csv(index=False)  # no exotic value


def test_it_lies_on_disk_as_it_is(tmp_path):
    table = a_wave(make_project(tmp_path), "w1", 5)
    pd.testing.assert_frame_equal(pd.read_parquet(write_table(table, tmp_path / "estimates.parquet")), table)


@few
@given(seeds)
def test_the_order_of_rows_changes_no_bit(tmp_path, seed):
    project, rng = make_project(tmp_path), np.random.default_rng(seed)
    roster = make_roster(rng, 60)
    responses, scores = answers_of(rng, roster)
    table = estimate_wave(project, "w1", responses, scores, roster)
    shuffled = (frame.sample(frac=1, random_state=rng) for frame in (responses, scores, roster))
    pd.testing.assert_frame_equal(table, estimate_wave(project, "w1", *shuffled), check_exact=True)


@few
@given(seeds)
def test_schools_add_up_to_the_district_and_levels_to_their_total(tmp_path, seed):
    table = a_wave(make_project(tmp_path), "w1", seed)
    schools = rows(table, unit_type="school").groupby(["breakdown", "level", "measure"])[["n", "eligible"]].sum()
    district = rows(table, unit_type="district").set_index(["breakdown", "level", "measure"])[["n", "eligible"]]
    assert (district.loc[schools.index] == schools).all(axis=None)
    totals = rows(table, breakdown="all").set_index(["unit_type", "unit", "measure"])[["n", "eligible"]]
    for breakdown in ("grade_band", "learning_mode", "group"):
        levels = rows(table, breakdown=breakdown).groupby(["unit_type", "unit", "measure"])[["n", "eligible"]].sum()
        assert (totals.loc[levels.index] == levels).all(axis=None)


@few
@given(seeds)
def test_intervals_hold_their_estimate_and_shares_stay_within_0_and_1(tmp_path, seed):
    table = a_wave(make_project(tmp_path), "w1", seed)
    bounded = table.dropna(subset=["low"])
    assert (bounded["low"] <= bounded["value"]).all()
    assert (bounded["value"] <= bounded["high"]).all()
    shares = bounded[(bounded["method"] == "wilson") | bounded["measure"].str.endswith("_favourable")]
    assert shares["low"].ge(0).all()
    assert shares["high"].le(1).all()
    ok = table[table["status"] == "ok"]
    assert ok["value"].notna().all()
    assert ok.loc[ok["method"].isin(["t", "wilson"]), ["se", "low", "high"]].notna().all(axis=None)
    assert table.loc[table["status"] == "no_answers", "n"].eq(0).all()


@few
@given(seeds)
def test_shares_of_the_answers_of_an_item_add_up_to_one(tmp_path, seed):
    table = a_wave(make_project(tmp_path), "w1", seed)
    answers = table[table["measure"].str.startswith("share:")].dropna(subset=["value"])
    item = answers["measure"].str.split(":").str[1].rename("item")
    sums = answers.groupby(["unit_type", "unit", "breakdown", "level", item])["value"].sum()
    np.testing.assert_allclose(sums, 1)


@few
@given(seeds, seeds)
def test_swapping_the_waves_turns_every_change_round(tmp_path, one_seed, other_seed):
    project = make_project(tmp_path)
    first, second = a_wave(project, "w1", one_seed), a_wave(project, "w2", other_seed)
    forth = a_wave(project, "w2", other_seed, previous=first)
    back = a_wave(project, "w1", one_seed, previous=second)
    forth, back = (table[table["measure"].str.startswith("change:")].set_index(CELL) for table in (forth, back))
    assert len(forth) > 20
    assert set(forth.index) == set(back.index)
    back = back.loc[forth.index]
    np.testing.assert_allclose(forth[["value", "low", "high"]], -back[["value", "high", "low"]], atol=1e-12)
    assert forth["status"].tolist() == back["status"].tolist()
