"""What holds of every score, whatever the answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from connectedness.declare.instrument import MISSING_CODES, Instrument
from connectedness.scoring.classical import METHODS, score

MISSING = tuple(MISSING_CODES.values())


def instrument(codes: list[int], polarities: list[bool], order: list[int] | None = None, least: int = 2) -> Instrument:
    """An instrument of one scale; `codes` from least to most agreement, `polarities` True where positive."""
    ids = [f"q{i}" for i in range(len(polarities))]
    text = {"en": "x"}
    return Instrument.model_validate(
        {
            "id": "made-up", "version": 1, "title": text, "standing": text, "source": [],
            "licence": {"tier": "A", "terms": "none"},
            "option_sets": {
                "o": {"expresses": "agreement", "options": [{"code": c} for c in codes], "favourable": codes[-2:]}
            },
            "items": [
                {"id": one, "options": "o", "polarity": "positive" if positive else "negative"}
                for one, positive in zip(ids, polarities, strict=True)
            ],
            "scales": [
                {"id": "s", "title": text, "description": text, "min_answered": least,
                 "items": [ids[i] for i in order or range(len(ids))]}
            ],
        }
    )  # fmt: skip


@st.composite
def surveys(draw: st.DrawFn) -> tuple[list[int], list[bool], pd.DataFrame]:
    """Codes in their order, polarities, and answers to four items with every kind of missing."""
    low = draw(st.sampled_from([0, 1]))
    codes = list(range(low, low + draw(st.integers(2, 7))))
    codes = draw(st.sampled_from([codes, codes[::-1]]))
    polarities = draw(st.lists(st.booleans(), min_size=4, max_size=4))
    row = st.lists(st.sampled_from([*codes, *codes, *MISSING]), min_size=4, max_size=4)
    rows = draw(st.lists(row, max_size=30))
    return codes, polarities, pd.DataFrame(rows, columns=["q0", "q1", "q2", "q3"]).astype("int16")


@given(surveys())
def test_within_the_declared_range_and_one_method_follows_from_another(survey):
    codes, polarities, answers = survey
    scores = score(answers, instrument(codes, polarities), METHODS)
    ok = scores[scores["s__status"] == "ok"]
    assert ok["s"].between(min(codes), max(codes)).all()
    assert ok["s_pomp"].between(0, 100).all()
    assert ok["s_favourable"].between(0, 1).all()
    np.testing.assert_allclose(ok["s_sum"], ok["s"] * 4)
    np.testing.assert_allclose(ok["s_pomp"], 100 * (ok["s"] - min(codes)) / (max(codes) - min(codes)))
    assert scores.loc[scores["s__status"] != "ok", ["s", "s_sum", "s_pomp", "s_favourable"]].isna().all(axis=None)


@given(surveys())
def test_status_and_count_say_what_was_answered(survey):
    codes, polarities, answers = survey
    scores = score(answers, instrument(codes, polarities))
    answered = answers.isin(codes).sum(axis=1)
    assert (scores["s__n"] == answered).all()
    assert ((scores["s__status"] == "ok") == (answered >= 2)).all()
    assert ((scores["s__status"] == "not_asked") == (answers == MISSING_CODES["not_asked"]).all(axis=1)).all()


@given(surveys())
def test_turning_every_polarity_round_mirrors_the_score(survey):
    codes, polarities, answers = survey
    one = score(answers, instrument(codes, polarities))
    other = score(answers, instrument(codes, [not positive for positive in polarities]))
    np.testing.assert_allclose(other["s"], min(codes) + max(codes) - one["s"])


@given(surveys())
def test_turning_the_code_order_round_does_too(survey):
    codes, polarities, answers = survey
    one = score(answers, instrument(codes, polarities))
    other = score(answers, instrument(codes[::-1], polarities))
    np.testing.assert_allclose(other["s"], min(codes) + max(codes) - one["s"])


@given(surveys(), st.randoms(use_true_random=False))
def test_rows_in_another_order_give_the_same_scores_in_that_order(survey, random):
    codes, polarities, answers = survey
    order = list(range(len(answers)))
    random.shuffle(order)
    made = instrument(codes, polarities)
    pd.testing.assert_frame_equal(score(answers.iloc[order], made, METHODS), score(answers, made, METHODS).iloc[order])


@given(surveys(), st.permutations(range(4)))
def test_the_order_of_items_and_columns_does_not_matter(survey, order):
    codes, polarities, answers = survey
    one = score(answers, instrument(codes, polarities), METHODS)
    other = score(answers.iloc[:, list(order)], instrument(codes, polarities, list(order)), METHODS)
    pd.testing.assert_frame_equal(one, other)


@given(surveys())
def test_what_kind_of_missing_it_is_never_changes_a_score(survey):
    codes, polarities, answers = survey
    made = instrument(codes, polarities)
    all_skipped = answers.mask(answers < 0, MISSING_CODES["skipped"])
    pd.testing.assert_series_equal(score(answers, made)["s"], score(all_skipped, made)["s"])


@given(surveys())
def test_the_account_of_each_item_adds_up_and_keeps_the_kinds_apart(survey):
    codes, polarities, answers = survey
    account = score(answers, instrument(codes, polarities)).attrs["answers"]
    for item, counts in account.items():
        for kind, code in MISSING_CODES.items():
            assert counts[kind] == (answers[item] == code).sum()
        assert sum(n for kind, n in counts.items() if kind != "column") == len(answers)
        assert counts["undeclared"] == 0


@settings(max_examples=50)
@given(surveys())
def test_floats_text_and_nullable_integers_score_as_small_integers_do(survey):
    codes, polarities, answers = survey
    made = instrument(codes, polarities)
    answers = answers.mask(answers < 0, MISSING_CODES["skipped"])
    blanks = answers.astype("Int64").mask(answers < 0)
    expected = score(answers, made, METHODS)
    for other in (blanks, blanks.astype("float64"), blanks.astype("str"), blanks.astype("str").fillna(" ")):
        pd.testing.assert_frame_equal(score(other, made, METHODS), expected)
        assert score(other, made).attrs["answers"] == expected.attrs["answers"]
