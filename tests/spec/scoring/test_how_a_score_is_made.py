"""A table in, one call, a score out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectedness.scoring.classical import score

SC5 = ["H1ED19", "H1ED20", "H1ED22", "H1ED23", "H1ED24"]
METHODS = ("mean", "sum", "pomp", "favourable")


def answers(*rows: list[object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=SC5)


def test_agreement_earns_points_whatever_the_codes():
    # In this file 1 means strongly agree, so 1 earns 5 points.
    found = score(answers([1, 1, 2, 2, 3]), "school-connectedness-5", METHODS).iloc[0]
    assert found["sc5_connect"] == 4.2
    assert found["sc5_connect_sum"] == 21
    assert found["sc5_connect_pomp"] == 80
    assert found["sc5_connect_favourable"] == 0.8
    assert found["sc5_connect__n"] == 5
    assert found["sc5_connect__status"] == "ok"


def test_two_skipped_items_are_left_out_of_the_mean_and_prorated_in_the_sum():
    found = score(answers([1, 2, 3, np.nan, np.nan]), "school-connectedness-5", METHODS).iloc[0]
    assert found["sc5_connect"] == 4
    assert found["sc5_connect_sum"] == 20
    assert found["sc5_connect__n"] == 3


def test_too_few_answers_make_no_score():
    found = score(answers([1, 2, np.nan, np.nan, np.nan]), "school-connectedness-5", METHODS).iloc[0]
    assert found[["sc5_connect", "sc5_connect_sum", "sc5_connect_pomp", "sc5_connect_favourable"]].isna().all()
    assert found["sc5_connect__n"] == 2
    assert found["sc5_connect__status"] == "too_few_answered"


def test_not_asked_is_not_the_same_as_skipped():
    # 7 is a legitimate skip: the student never saw the question.
    found = score(answers([7] * 5, [np.nan] * 5, [7, 7, 7, 7, np.nan]), "school-connectedness-5")
    assert found["sc5_connect__status"].tolist() == ["not_asked", "too_few_answered", "too_few_answered"]


def test_a_code_outside_the_instrument_is_counted_and_never_guessed():
    found = score(answers([1, 1, 1, 1, 50], [1, 1, 1, 1, 8]), "school-connectedness-5")
    assert found["sc5_connect__n"].tolist() == [4, 4]
    assert found["sc5_connect"].tolist() == [5, 5]
    assert found.attrs["answers"]["sc5_h1ed24"] == {
        "column": "H1ED24", "answered": 0, "skipped": 0, "not_asked": 0, "dont_know": 1, "invalid": 0, "undeclared": 1,
    }  # fmt: skip


def test_a_negative_item_counts_the_other_way():
    hopeful = {"hr_bel_accepted": 5, "hr_bel_included": 5, "hr_bel_valued": 5, "hr_bel_part": 5}
    table = pd.DataFrame([{**hopeful, "hr_bel_outside": 1, "hr_bel_hide": 5}])
    found = score(table, "healthy-relationships", ("mean", "favourable")).iloc[0]
    assert found["hr_belonging"] == 26 / 6  # 5 + 5 + 5 + 5 + 5 + 1
    assert found["hr_belonging_favourable"] == 5 / 6


def test_the_instrument_and_its_version_travel_with_the_scores():
    assert score(answers([1] * 5), "school-connectedness-5").attrs["instruments"] == ["school-connectedness-5@1"]
