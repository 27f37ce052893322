"""The direction alarm on real PISA answers: the three classic mistakes, each caught by a named check."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from connectedness.declare.registry import find_instrument
from connectedness.psychometrics.direction import check_direction

NEGATIVE = ("pisa_st034q01", "pisa_st034q04", "pisa_st034q06")
POSITIVE = ("pisa_st034q02", "pisa_st034q03", "pisa_st034q05")
VARIABLES = {f"ST034Q0{number}TA" for number in range(1, 7)}


@pytest.fixture(scope="module")
def pisa(real_data):
    frame = pd.read_csv(real_data / "pisa2018_fra_ita_mex" / "pisa2018_fra_ita_mex.csv")
    return frame.assign(BELONG=frame["BELONG"].where(frame["BELONG"] < 90))


@pytest.fixture(scope="module")
def labels(real_data):
    book = pd.read_csv(real_data / "pisa2018_fra_ita_mex" / "codebook.csv").set_index("variable")["value_labels"]
    pairs = {variable: [one.split("=") for one in book[variable].split(" | ")] for variable in VARIABLES}
    return {variable: {int(code): label for code, label in words} for variable, words in pairs.items()}


def keyed(turned_options: bool, polarity: str | None = None, sign: dict[str, str] | None = None):
    """The instrument as somebody gets it wrong: options upside down, or one polarity for every item."""
    right = find_instrument("pisa-belonging")
    options = right.option_sets["agreement"]
    if turned_options:
        options = options.model_copy(update={"options": options.options[::-1]})
    items = [item.model_copy(update={"polarity": polarity or item.polarity}) for item in right.items]
    scale = right.scales[0].model_copy(update={"expected_sign": {"BELONG": "+"} if sign is None else sign})
    changes = {"option_sets": {"agreement": options}, "items": tuple(items), "scales": (scale,)}
    made = right.model_copy(update=changes)
    for stale in ("item_by_id", "scale_by_id", "module_of", "form_by_id"):
        made.__dict__.pop(stale, None)
    return made


RIGHT = {"turned_options": False}
ALL_FLIPPED = {"turned_options": False, "polarity": "positive"}  # all six reversed
NEGATIVES_REVERSED = {"turned_options": True}  # 1 read as strongly disagree: only the negatives are reversed
NONE_REVERSED = {"turned_options": True, "polarity": "positive"}  # the plain mean of six raw columns
MISTAKES = pytest.mark.parametrize("mistake", [ALL_FLIPPED, NEGATIVES_REVERSED, NONE_REVERSED])


def stops(findings, check=None):
    return [one for one in findings if one.verdict == "stop" and check in (None, one.check)]


def test_the_right_key_is_not_stopped(pisa, labels):
    found = check_direction(pisa, None, keyed(**RIGHT), labels=labels)
    assert {one.verdict for one in found if one.check != "last_wave"} == {"ok"}
    assert next(one for one in found if one.check == "whole_scale").statistic > 0.9
    assert [one.verdict for one in found if one.check == "labels"] == ["ok"] * 6


@MISTAKES
def test_each_mistake_is_caught_with_the_published_index_as_anchor(pisa, mistake):
    found = stops(check_direction(pisa, None, keyed(**mistake)), "whole_scale")
    wrong = NEGATIVE if mistake is ALL_FLIPPED else POSITIVE if mistake is NONE_REVERSED else NEGATIVE + POSITIVE
    assert {one.item for one in found} - {None} == set(wrong)
    if mistake is NEGATIVES_REVERSED:  # the scale runs backwards as a whole, which no item shows against the rest
        assert next(one for one in found if one.item is None).high < -0.9
        assert not stops(check_direction(pisa, None, keyed(**mistake)), "one_item")
    assert all(one.other == "BELONG" and one.n > 1000 for one in found)


@pytest.mark.parametrize("mistake", [NEGATIVES_REVERSED, NONE_REVERSED])
def test_upside_down_options_are_caught_by_the_labels(pisa, labels, mistake):
    found = stops(check_direction(pisa, None, keyed(**mistake, sign={}), labels=labels), "labels")
    assert len(found) == 6
    assert all("codes 1 = Strongly agree read as 1 = Strongly disagree" in one.sentence for one in found)


def test_the_instrument_that_ships_is_not_stopped_by_any_index_of_the_file(pisa, labels):
    found = check_direction(pisa, None, "pisa-belonging", labels=labels)
    assert not [one for one in found if one.verdict in ("stop", "caution")]
    signs = {one.other: one.statistic for one in found if one.check == "whole_scale" and one.verdict == "ok"}
    assert signs["BELONG"] > 0.9 and signs["BEINGBULLIED"] < 0 < signs["TEACHSUP"]
    assert any(one.cause == "no_anchor" and "BULLIED" in one.sentence for one in found)


def test_labels_given_to_the_wrong_codes_are_caught(pisa, labels):
    right = find_instrument("pisa-belonging")
    options = right.option_sets["agreement"].options
    words = [one.label for one in options[::-1]]
    turned = tuple(one.model_copy(update={"label": word}) for one, word in zip(options, words, strict=True))
    wrong = right.model_copy(
        update={"option_sets": {"agreement": right.option_sets["agreement"].model_copy(update={"options": turned})}}
    )
    found = stops(check_direction(pisa, None, wrong, labels=labels), "labels")
    assert [one.cause for one in found] == ["codes_reversed"] * 6


@pytest.mark.parametrize("mistake", [ALL_FLIPPED, NONE_REVERSED])
def test_half_turned_items_are_caught_without_anchor_or_labels(pisa, mistake):
    found = stops(check_direction(pisa, None, keyed(**mistake, sign={})))
    assert {one.check for one in found} == {"one_item"}
    assert found[0].high < 0 and found[0].n >= 100


@pytest.mark.parametrize("turned", [NEGATIVE, POSITIVE, NEGATIVE + POSITIVE], ids=["negatives", "positives", "all"])
def test_a_file_recoded_before_it_came_is_caught(pisa, turned):
    recoded = pisa.copy()
    for item in turned:
        column = item.removeprefix("pisa_").upper() + "TA"
        recoded[column] = recoded[column].where(~recoded[column].between(1, 4), 5 - recoded[column])
    found = stops(check_direction(recoded, None, keyed(**RIGHT)), "whole_scale")
    assert {one.item for one in found} - {None} == set(turned)
    assert len(turned) == 3 or None in {one.item for one in found}


def test_one_recoded_item_is_named(pisa):
    recoded = pisa.assign(ST034Q05TA=pisa["ST034Q05TA"].where(pisa["ST034Q05TA"] > 4, 5 - pisa["ST034Q05TA"]))
    found = check_direction(recoded, None, keyed(**RIGHT, sign={}))
    assert [one.item for one in stops(found)] == ["pisa_st034q05"]
    assert stops(found)[0].cause == "item_reversed"


def test_a_turned_wave_is_caught_by_the_wave_before(pisa):
    before = pd.DataFrame({"pisa_belong": scores(pisa, keyed(**RIGHT))})
    found = check_direction(pisa, None, keyed(**NEGATIVES_REVERSED, sign={}), previous=before)
    assert [(one.check, one.cause) for one in stops(found)] == [("last_wave", "mean_shift")]
    assert not stops(check_direction(pisa, None, keyed(**RIGHT, sign={}), previous=before))


def scores(frame, instrument):
    from connectedness.answers import find_columns, points_of

    points = points_of(frame, find_columns(frame, instrument), instrument, instrument.scales[0].items)
    return points.mean(axis=1).where(points.notna().sum(axis=1) >= 3)


@pytest.mark.long
def test_a_thousand_small_samples_never_stop(pisa, labels):
    rng, right = np.random.default_rng(15), keyed(**RIGHT)
    answered = pisa[list(VARIABLES)].isin([1, 2, 3, 4]).any(axis=1)
    pool = pisa[answered]
    before = pd.DataFrame({"pisa_belong": scores(pisa, right)})
    for _ in range(1000):
        sample = pool.iloc[rng.choice(len(pool), 15, replace=False)]
        assert not stops(check_direction(sample, None, right, labels=labels, previous=before))
