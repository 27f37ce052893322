"""T, z and raw-sum-to-scale tables against a slow loop, and what travels with them."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectedness.declare.instrument import Instrument
from connectedness.declare.norms import ScoreTable
from connectedness.declare.registry import find_instrument
from connectedness.errors import DeclarationError
from connectedness.scoring.classical import score, score_wave
from connectedness.scoring.tables import table_score
from connectedness.tables import read_table, write_table

ITEMS = ["q1", "q2", "q3"]
NORM = {"id": "grade7", "version": "2026", "population": "Grade 7", "mean": 3.2, "sd": 0.8, "source": "A report"}
OTHER = {**NORM, "id": "sums", "of": "sum", "mean": 9.0, "sd": 2.0}
TABLE = {
    "id": "t_table", "version": "2", "population": "Grade 7", "source": "A manual",
    "scale": {raw: 20.0 + 2.5 * raw for raw in range(3, 16)},
}  # fmt: skip


def key(**scale: object) -> Instrument:
    text = {"en": "x"}
    return Instrument.model_validate(
        {
            "id": "made", "version": 1, "title": text, "standing": text, "source": [],
            "licence": {"tier": "B", "terms": "x"},
            "option_sets": {"five": {"expresses": "agreement", "options": [{"code": i} for i in range(1, 6)]}},
            "items": [{"id": q, "options": "five", "polarity": "negative" if q == "q3" else "positive"} for q in ITEMS],
            "scales": [
                {"id": "made_scale", "title": text, "description": text, "items": ITEMS, "min_answered": 2, **scale}
            ],
        }
    )  # fmt: skip


def answers(*rows: list[float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=ITEMS)


def test_z_and_t_against_the_first_norm():
    found = score(answers([4, 4, 2], [5, 5, np.nan], [1, np.nan, np.nan]), key(norms=[NORM, OTHER]), ("mean", "z", "t"))
    assert found["made_scale_z"].tolist()[:2] == pytest.approx([(4 - 3.2) / 0.8, (5 - 3.2) / 0.8], abs=1e-12)
    assert found["made_scale_t"].tolist()[:2] == pytest.approx([60, 72.5], abs=1e-9)
    assert found[["made_scale_z", "made_scale_t"]].iloc[2].isna().all()
    assert found["made_scale__status"].tolist() == ["ok", "ok", "too_few_answered"]


def test_a_named_norm_of_sums():
    found = score(answers([4, 4, 2]), key(norms=[NORM, OTHER]), ("z",), norm="sums")
    assert found["made_scale_z"].tolist() == [1.5]
    assert found.attrs["norms"]["made_scale"]["id"] == "sums"


def test_the_version_of_the_norm_and_of_the_table_travel_with_the_scores_to_disk(tmp_path):
    found = score(answers([4, 4, 2]), key(norms=[NORM], table=TABLE), ("t", "table"))
    back = read_table(write_table(found, tmp_path / "scores.parquet"))
    assert back.attrs["norms"]["made_scale"] == {**NORM, "of": "mean"}
    assert back.attrs["tables"]["made_scale"]["version"] == "2"


def test_a_table_takes_complete_answers_only_unless_its_source_allows_prorating():
    rows = answers([4, 4, 2], [4, 4, np.nan])
    assert score(rows, key(table=TABLE), ("table",))["made_scale_table"].tolist()[0] == 20 + 2.5 * 12
    assert score(rows, key(table=TABLE), ("table",))["made_scale_table"].isna().tolist() == [False, True]
    prorated = score(rows, key(table={**TABLE, "prorate": "nearest"}), ("table",))
    assert prorated["made_scale_table"].tolist() == [50, 50]


def test_a_prorated_sum_is_rounded_as_the_source_says():
    # 4 + 3 of two items are 10.5 of three: the nearest whole number is 11, a half going up; 4 + 5 of 2 are 13.5.
    for prorate, expected in (("nearest", [11, 14, 9]), ("up", [11, 14, 9])):
        rows = answers([4, 3, np.nan], [4, 5, np.nan], [3, 3, np.nan])
        found = score(rows, key(table={**TABLE, "prorate": prorate}), ("table",))["made_scale_table"]
        assert found.tolist() == [20 + 2.5 * raw for raw in expected]


@given(
    st.lists(st.lists(st.none() | st.integers(0, 3), min_size=5, max_size=5), min_size=1, max_size=30),
    st.sampled_from([None, "nearest", "up"]),
    st.sampled_from([None, 0, 1, 4]),
)
@settings(max_examples=60, deadline=None)
def test_tables_agree_with_a_slow_loop(rows, prorate, counts_from):
    first = 1 if counts_from is None else counts_from
    scale = {raw: raw * raw / 7 for raw in range(5 * first, 5 * (first + 3) + 1)}
    table = ScoreTable(
        id="x", version="1", population="x", source="x", scale=scale, prorate=prorate, counts_from=counts_from
    )
    # Points run from 1 to 4 in the instrument.
    points = np.array([sum(a + 1 for a in row if a is not None) for row in rows], np.int32)
    answered = np.array([sum(a is not None for a in row) for row in rows], np.int16)
    found = table_score(points, answered, 5, 1, table)
    for row, value in zip(rows, found, strict=True):
        given_points = [a + first for a in row if a is not None]
        if not given_points or (prorate is None and len(given_points) < 5):
            assert np.isnan(value)
            continue
        # Prorated on the instrument's own points, then counted as the table counts.
        raw = Fraction(sum(a + 1 for a in row if a is not None) * 5, len(given_points))
        whole = math.ceil(raw) if prorate == "up" else math.floor(raw + Fraction(1, 2))
        assert value == scale[whole + 5 * (first - 1)]


def test_the_published_parameters_of_pirls_as_a_table_of_logits():
    # Raw 9 and 15 are the two published cut patterns.
    logits = [-2.944, -2.214, -1.891, -1.670, -1.494, -1.343, -1.206, -1.077, -0.954, -0.832, -0.710, -0.585, -0.453,
              -0.312, -0.153, 0.035, 0.276, 0.640, 1.500]  # fmt: skip
    declared = find_instrument("pirls-bullying-2011").model_dump()
    declared["scales"][0]["table"] = {
        "id": "logits", "version": "1", "population": "x", "source": "x", "counts_from": 0,
        "scale": dict(enumerate(logits)),
    }  # fmt: skip
    pirls = Instrument.model_validate(declared)
    variables = [item.variable for item in pirls.items]
    rows = pd.DataFrame([[4, 4, 4, 3, 3, 3], [3, 3, 3, 2, 2, 2], [1] * 6, [4] * 6, [4] * 5 + [9]], columns=variables)
    found = score(rows, pirls, ("table",))["pirls_bullied_table"]
    assert found.tolist()[:4] == [0.035, -0.832, -2.944, 1.500]
    assert np.isnan(found.iloc[4])


def test_methods_that_the_instrument_does_not_declare():
    with pytest.raises(DeclarationError, match="declares none"):
        score(answers([1, 2, 3]), key(), ("t",))
    with pytest.raises(DeclarationError, match="none of that id") as caught:
        score(answers([1, 2, 3]), key(norms=[NORM]), ("z",), norm="grade9")
    assert "grade7" in str(caught.value)
    with pytest.raises(DeclarationError, match="no table"):
        score(answers([1, 2, 3]), key(), ("table",))


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        ({"table": {**TABLE, "scale": {3: 1.0, 15: 2.0}}}, "each raw sum from 3 to 15"),
        ({"table": {**TABLE, "counts_from": 0}}, "each raw sum from 0 to 12"),
        ({"norms": [NORM, NORM]}, "norm of made_scale grade7 stands twice"),
        ({"norms": [{**NORM, "sd": 0}]}, "greater than 0"),
        ({"cuts": [{"id": "c", "title": {"en": "x"}, "of": "mean", "source": "x"}]}, "at_least, at_most"),
        ({"expected_sign": {"made_scale": "+"}}, "with itself"),
    ],
)
def test_norms_tables_and_cuts_that_do_not_hold(scale, words):
    with pytest.raises(ValueError, match=words):
        key(**scale)


def test_a_wave_is_scored_by_its_norm_and_table_too():
    wave = answers([4, 4, 2]).astype("int16").assign(wave="w", respondent="r")
    scores = score_wave(wave, [key(norms=[NORM], table=TABLE)])
    alone = score(wave, key(norms=[NORM], table=TABLE), methods=("t", "z", "table"))
    for column in ("made_scale_t", "made_scale_z", "made_scale_table"):
        assert scores[column].tolist() == alone[column].tolist()
    assert "made_scale_pomp" in scores and scores.attrs["norms"]
