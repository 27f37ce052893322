"""The direction alarm on made-up answers: each check, what it cannot see, and recorded statements."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from connectedness.declare.registry import find_instrument
from connectedness.errors import ContractError
from connectedness.psychometrics.direction import check_direction
from connectedness.psychometrics.direction_waves import is_mirrored
from connectedness.psychometrics.direction_words import plain, rank_words

HR = find_instrument("healthy-relationships")
SCALES = {scale.id: scale for scale in HR.scales}


def answers(n: int, seed: int = 1, level: float = 0.6) -> pd.DataFrame:
    """Answers by a graded model: one trait per scale, correlated 0.5, `level` the mean of the traits."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=n)
    columns = {}
    for scale in HR.scales:
        trait = level + np.sqrt(0.5) * shared + np.sqrt(0.5) * rng.normal(size=n)
        for item in scale.items:
            latent = 0.8 * trait + 0.6 * rng.normal(size=n)
            points = 1 + np.searchsorted([-1.3, -0.5, 0.2, 1.0], latent)
            by_points = {earned: code for code, earned in HR.points(item).items()}
            columns[item] = np.array([0, *(by_points[one] for one in range(1, 6))])[points]
    return pd.DataFrame(columns)


def turned(frame: pd.DataFrame, items: tuple[str, ...]) -> pd.DataFrame:
    return frame.assign(**{item: 6 - frame[item] for item in items})


def of(findings, check, verdict=None):
    return [one for one in findings if one.check == check and verdict in (None, one.verdict)]


def test_what_runs_right_is_ok_and_what_could_not_be_checked_is_said():
    found = check_direction(answers(400), None, HR)
    assert {one.verdict for one in of(found, "one_item")} == {"ok"}
    assert {one.verdict for one in of(found, "whole_scale") if one.cause != "no_anchor"} == {"ok"}
    assert {(one.verdict, one.cause) for one in of(found, "labels")} == {("not_checked", "no_labels")}
    assert {(one.verdict, one.cause) for one in of(found, "last_wave")} == {("not_checked", "no_previous")}
    assert all(one.sentence for one in found)


def test_one_turned_item_stops_over_a_hundred_and_is_a_caution_under():
    item = "hr_bel_hide"
    big = of(check_direction(turned(answers(400), (item,)), None, HR), "one_item", "stop")
    assert [(one.item, one.scale) for one in big] == [(item, "hr_belonging")]
    assert big[0].statistic < big[0].high < 0 and big[0].n == 400
    small = check_direction(turned(answers(60), (item,)), None, HR)
    assert not of(small, "one_item", "stop")
    assert item in {one.item for one in of(small, "one_item", "caution")}


def test_a_whole_scale_turned_is_seen_only_by_other_scales():
    found = check_direction(turned(answers(400), SCALES["hr_belonging"].items), None, HR)
    assert not of(found, "one_item", "stop")
    stopped = {(one.scale, one.other) for one in of(found, "whole_scale", "stop")}
    assert ("hr_belonging", "hr_supportive_adults") in stopped and ("hr_belonging", "hr_respectful_peers") in stopped


def test_the_limits_of_a_correlation_are_fishers():
    frame = answers(200, seed=3)
    one = of(check_direction(frame, None, HR), "whole_scale", "ok")[0]
    # atanh(r) -/+ 2.5758293 / sqrt(197)
    for limit, sign in ((one.low, -1), (one.high, 1)):
        assert np.arctanh(limit) == pytest.approx(
            np.arctanh(one.statistic) + sign * 2.5758293035 / np.sqrt(197), abs=1e-9
        )


def test_a_shift_of_more_than_one_deviation_stops():
    found = check_direction(answers(400, level=2.4), None, HR, previous=means(answers(400, 9, level=0.3)))
    assert {one.cause for one in of(found, "last_wave", "stop")} == {"mean_shift"}
    calm = check_direction(answers(400, level=0.7), None, HR, previous=means(answers(400, 9)))
    assert {one.verdict for one in of(calm, "last_wave")} == {"ok"}


def test_a_mirrored_wave_stops_even_where_the_mean_moves_little():
    before = answers(3000, level=0.2)
    every = tuple(item for scale in HR.scales for item in scale.items)
    found = of(check_direction(turned(answers(3000, 9, 0.2), every), None, HR, previous=means(before)), "last_wave")
    assert {(one.verdict, one.cause) for one in found} == {("stop", "mirrored")}
    assert all(abs(one.statistic) < 1 for one in found)


@pytest.mark.parametrize("centre", [3.0, 3.1, 3.2, 3.6])
def test_a_small_true_fall_is_no_mirror(centre):
    rng = np.random.default_rng(2)
    before, now = (np.clip(rng.normal(mean, 0.8, 20_000), 1, 5) for mean in (centre, centre - 0.2))
    assert not is_mirrored(now, before, 1, 5)


def means(frame: pd.DataFrame) -> pd.DataFrame:
    points = {item: frame[item].map(HR.points(item)) for scale in HR.scales for item in scale.items}
    return pd.DataFrame(
        {scale.id: pd.concat([points[item] for item in scale.items], axis=1).mean(axis=1) for scale in HR.scales}
    )


EN = {1: "Strongly disagree", 2: "Disagree", 3: "In between", 4: "Agree", 5: "Strongly agree"}
FR = {1: "pas du tout d’accord", 2: "Pas d'accord", 3: "Entre les deux", 4: "D'ACCORD", 5: "Tout à fait d’accord"}


def label_finding(labels, item="hr_adult_care"):
    found = check_direction(answers(40), None, HR, labels={item: labels})
    return next(one for one in of(found, "labels") if one.item == item)


@pytest.mark.parametrize("labels", [EN, FR, {**EN, -1: "Skipped", 9: "No answer"}, {1: EN[1], 5: EN[5]}])
def test_labels_in_order(labels):
    assert label_finding(labels).verdict == "ok"


@pytest.mark.parametrize("words", [EN, FR])
def test_labels_upside_down(words):
    found = label_finding({6 - code: label for code, label in words.items()})
    assert (found.verdict, found.cause) == ("stop", "codes_reversed")
    assert f"1 = {words[5]} read as 1 = {words[1]}" in found.sentence


def test_labels_moved_by_one():
    found = label_finding({code + 1: label for code, label in EN.items()})
    assert (found.verdict, found.cause) == ("stop", "codes_differ")


def test_labels_shuffled():
    found = label_finding({1: EN[1], 2: EN[4], 3: EN[3], 4: EN[2], 5: EN[5]})
    assert found.verdict == "stop"


def test_labels_in_words_nobody_knows_are_not_checked():
    assert label_finding({1: "Grün", 2: "Blau", 3: "Rot"}).verdict == "not_checked"


@pytest.mark.parametrize(
    ("labels", "ordered"),
    [
        (["Agree a lot", "Agree a little", "Disagree a little", "Disagree a lot"], [4, 3, 2, 1]),
        (["Every lesson", "Most lessons", "Some lessons", "Never or hardly ever"], [4, 3, 2, 1]),
        (["Jamais", "Rarement", "Parfois", "Souvent", "Toujours"], [1, 2, 3, 4, 5]),
        (["Not at all true", "A little true", "Pretty much true", "Very much true"], [1, 2, 3, 4]),
        (["Never or almost never", "A few times a year", "A few times a month", "Once a week or more"], [1, 2, 3, 4]),
    ],
)
def test_words_of_large_studies_are_ranked(labels, ordered):
    ranks = rank_words(dict(enumerate(labels, 1)))
    assert sorted(ranks, key=lambda code: ranks[code]) == ordered


def test_a_label_is_read_without_accents_capitals_and_numbers():
    assert plain("1 = Tout à fait  d’ACCORD.") == "tout a fait d'accord"


def test_a_statement_turns_a_stop_into_overridden():
    frame = turned(answers(400), ("hr_bel_hide",)).assign(wave="w1")
    made = {"check": "one_item", "what": "hr_bel_hide", "by": "A. Analyst", "reason": "asked the other way round"}
    assert not of(check_direction(frame, None, HR, statements=[made | {"wave": "w1"}]), "one_item", "stop")
    assert of(check_direction(frame, None, HR, statements=[made]), "one_item", "overridden")
    for other in ({"wave": "w2"}, {"what": "hr_bel_part"}, {"check": "labels"}):
        assert of(check_direction(frame, None, HR, statements=[made | other]), "one_item", "stop")


def test_bad_input_gives_a_reason():
    frame = answers(200)
    constant = check_direction(frame.assign(hr_bel_hide=3), None, HR)
    assert [(one.item, one.cause) for one in of(constant, "one_item", "not_checked")] == [("hr_bel_hide", "constant")]
    nobody = check_direction(frame.assign(hr_bel_hide=np.nan), None, HR)
    assert [(one.item, one.cause) for one in of(nobody, "one_item", "not_checked")] == [("hr_bel_hide", "too_few")]
    absent = check_direction(frame.drop(columns="hr_bel_hide"), None, HR)
    assert [(one.item, one.cause) for one in of(absent, "one_item", "not_checked")] == [("hr_bel_hide", "no_column")]
    alone = check_direction(frame.head(1), None, HR, previous=means(frame))
    assert {one.verdict for one in alone} == {"not_checked"}
    with pytest.raises(ContractError, match="rows of responses"):
        check_direction(frame, means(frame).head(3), HR)


@pytest.mark.parametrize("seed", range(4))
def test_correctly_keyed_samples_of_fifteen_never_stop(seed):
    pool = answers(20_000, seed)
    previous, rng = means(pool), np.random.default_rng(seed)
    for _ in range(25):
        sample = pool.iloc[rng.choice(len(pool), 15, replace=False)]
        assert not [one for one in check_direction(sample, None, HR, previous=previous) if one.verdict == "stop"]


@pytest.mark.long
def test_a_thousand_correctly_keyed_samples_of_fifteen_never_stop():
    pool = answers(20_000, 77)
    previous, rng = means(pool), np.random.default_rng(77)
    for _ in range(1000):
        sample = pool.iloc[rng.choice(len(pool), 15, replace=False)]
        assert not [one for one in check_direction(sample, None, HR, previous=previous) if one.verdict == "stop"]
