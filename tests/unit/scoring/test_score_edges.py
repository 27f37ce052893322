"""Columns as people bring them, and what is refused."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from connectedness.answers import as_codes
from connectedness.declare.instrument import Instrument
from connectedness.declare.registry import find_instrument
from connectedness.errors import ContractError, DeclarationError
from connectedness.scoring.classical import METHODS, score, score_wave
from connectedness.tables import read_table, write_table

OURS = find_instrument("healthy-relationships")
PISA = find_instrument("pisa-belonging")
SCALE = list(PISA.scale_by_id["pisa_belong"].items)


def pisa(*columns: object) -> pd.DataFrame:
    return pd.DataFrame({item.variable: column for item, column in zip(PISA.items, columns, strict=False)})


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([1.0, np.nan, 4.0], [1, -1, 4]),
        ([1.5, np.inf, 1e9], [-32768] * 3),
        (["1", " 2 ", "3.0"], [1, 2, 3]),
        (["agree", "", None], [-32768, -1, -1]),
        ([True, False], [1, 0]),
        (pd.Categorical([4, 1, None], categories=[4, 1]), [4, 1, -1]),
        (pd.array([1, None], dtype="Int64"), [1, -1]),
        (pd.to_datetime(["2026-01-15", None]), [-32768, -1]),
        (np.array([70000, 3], dtype="int64"), [-32768, 3]),
        (["1", 2, 3.0, None], [1, 2, 3, -1]),
    ],
    ids=["float", "no whole number", "text", "words", "bool", "category", "nullable", "dates", "too large", "mixed"],
)
def test_any_column_becomes_codes(values, codes):
    assert as_codes(pd.Series(values), PISA).tolist() == codes


def test_a_declared_missing_code_too_large_for_int16_is_still_known():
    declared = PISA.model_dump() | {"missing": {99999: "not_asked", -99999: "dont_know"}}
    large = Instrument.model_validate(declared)
    found = score(pisa(*[[99999, -99999]] * 6), large)
    assert found["pisa_belong__status"].tolist() == ["not_asked", "too_few_answered"]
    assert found.attrs["answers"]["pisa_st034q01"]["dont_know"] == 1


def test_index_and_kept_columns_stay_and_nothing_else_comes_along():
    frame = pisa([1, 2], [1, 2], [1, 2]).assign(CNTSTUID=[11, 12], note="private")
    frame.index = ["a", "b"]
    found = score(frame, PISA, keep=["CNTSTUID"])
    assert list(found.columns) == [
        "CNTSTUID",
        "pisa_belong",
        "pisa_belong__n",
        "pisa_belong__se",
        "pisa_belong__status",
    ]
    assert found.index.tolist() == ["a", "b"]
    assert found["CNTSTUID"].tolist() == [11, 12]


def test_the_keys_of_a_wave_are_kept_unasked():
    frame = pisa([1], [1], [1]).assign(respondent="r1", wave="w")
    assert list(score(frame, PISA).columns[:3]) == ["wave", "respondent", "pisa_belong"]


def test_an_item_without_a_column_was_not_asked():
    found = score(pisa([4], [1]), PISA)
    assert found["pisa_belong__n"].tolist() == [2]
    assert found["pisa_belong__status"].tolist() == ["too_few_answered"]
    assert set(found.attrs["answers"]) == {"pisa_st034q01", "pisa_st034q02"}


def test_an_item_id_is_preferred_to_its_variable():
    frame = pisa(*[[4]] * 6).assign(**dict.fromkeys(SCALE, 1))
    assert score(frame, PISA).attrs["answers"]["pisa_st034q01"]["column"] == "pisa_st034q01"


def test_no_rows_give_no_scores():
    found = score(pisa(*[[]] * 6), PISA, METHODS)
    assert len(found) == 0 and found["pisa_belong"].dtype == np.float64


def test_nothing_is_favourable_where_the_instrument_does_not_say_what_is():
    declared = PISA.model_dump()
    declared["option_sets"]["agreement"]["favourable"] = ()
    found = score(pisa(*[[1]] * 6), Instrument.model_validate(declared), METHODS)
    assert found["pisa_belong_favourable"].isna().all() and found["pisa_belong"].notna().all()


def test_a_table_without_the_items_is_refused_in_words():
    with pytest.raises(ContractError, match="no column of pisa-belonging@1") as caught:
        score(pd.DataFrame({"name": ["private"], "Q1": [1]}), PISA)
    assert "ST034Q01TA" in str(caught.value) and "private" not in str(caught.value)


def test_a_column_that_stands_twice_is_refused():
    twice = pd.concat([pisa([1]), pisa([2])], axis=1)
    with pytest.raises(ContractError, match="stands twice"):
        score(twice, PISA)


@pytest.mark.parametrize("methods", [["median"], "mean", ["mean", "wle"]])
def test_an_unknown_method_is_refused(methods):
    with pytest.raises(DeclarationError, match="way of scoring"):
        score(pisa([1]), PISA, methods)


def test_a_column_to_keep_that_is_not_there_is_refused():
    with pytest.raises(ContractError, match="to be kept"):
        score(pisa([1]), PISA, keep=["id"])


def test_a_kept_column_cannot_pass_for_a_score():
    with pytest.raises(DeclarationError, match="same name"):
        score(pisa([1]).assign(pisa_belong=9), PISA, keep=["pisa_belong"])


def wave(n: int, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    answers = {
        item.id: random.choice([-4, -2, -1, *OURS.codes(item.id)], n).astype(np.int16) for item in OURS.active_items()
    }
    keys = {"wave": "2026-fall", "respondent": np.arange(n).astype(str), "school": "001"}
    return pd.DataFrame({**keys, **answers}).astype({"wave": "str", "respondent": "str"})


def test_a_wave_gives_keys_and_every_method_of_every_scale_and_no_other_column():
    scores = score_wave(wave(50), [OURS, PISA])
    expected = ["wave", "respondent"]
    for scale in ("hr_belonging", "hr_supportive_adults", "hr_respectful_peers", "pisa_belong"):
        expected += [scale, *(f"{scale}_{method}" for method in METHODS[1:])]
        expected += [f"{scale}__n", f"{scale}__se", f"{scale}__status"]
    assert list(scores.columns) == expected
    assert scores["hr_belonging__se"].isna().all()
    assert (scores["pisa_belong__status"] == "not_asked").all()
    assert set(scores["hr_belonging__status"]) == {"ok", "too_few_answered"}


def test_a_wave_and_one_file_are_scored_alike():
    responses = wave(200)
    alone = score(responses, OURS, METHODS)
    pd.testing.assert_frame_equal(score_wave(responses, [OURS]), alone)


def test_versions_stay_with_the_scores_on_disk(tmp_path):
    scores = score_wave(wave(5), [OURS])
    again = read_table(write_table(scores, tmp_path / "scores.parquet"))
    assert again.attrs["instruments"] == ["healthy-relationships@1"]
    pd.testing.assert_frame_equal(again, scores)


def test_two_instruments_with_one_scale_id_are_refused():
    with pytest.raises(DeclarationError, match="same name"):
        score_wave(wave(5), [OURS, OURS])


@pytest.mark.long
def test_a_million_students_take_seconds():
    responses = wave(1_000_000)
    start = time.perf_counter()
    score_wave(responses, [OURS])
    assert time.perf_counter() - start < 6
