"""Means without flagged respondents: of schools alone, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from unit.measures.small_survey import anonymous, answers_of, make_project, make_roster, one, respondents

from connectedness.errors import ContractError
from connectedness.measures import estimate_wave


def private(table):
    return table["measure"].str.contains("unflagged:")


@pytest.fixture
def made(tmp_path):
    rng = np.random.default_rng(8)
    project, roster = make_project(tmp_path), make_roster(rng, 200)
    waves = []
    for _ in range(2):
        responses, scores = answers_of(rng, roster)
        seen = pd.array(rng.random(len(responses)) < 0.2, dtype="boolean")
        seen[:5] = pd.NA
        flags = pd.DataFrame({"respondent": responses["respondent"], "any_flag": seen})
        waves.append((responses, scores, flags.sample(frac=1, random_state=1)))
    return project, roster, waves


def estimated(made, at, previous=None, flags=True):
    project, roster, waves = made
    responses, scores, seen = waves[at]
    return estimate_wave(project, f"w{at + 1}", responses, scores, roster, previous, seen if flags else None)


def test_each_school_has_the_mean_of_those_not_flagged(made):
    _, _, waves = made
    table = estimated(made, 0)
    rows = table[private(table)]
    assert set(rows["measure"]) == {"unflagged:belonging"}
    assert set(rows["unit_type"]) == {"school"} and set(rows["level"]) == {"all"}
    responses, scores, flags = waves[0]
    joined = responses.merge(scores, on="respondent").merge(flags, on="respondent")
    kept = joined[~joined["any_flag"].fillna(False).astype(bool)]
    for unit, scored in kept.groupby("school")["m_belong"]:
        row = one(rows, unit=unit)
        assert (row["n"], row["value"]) == (scored.count(), pytest.approx(scored.mean()))
        assert row["se"] == pytest.approx(scored.std() / scored.count() ** 0.5)


def test_the_change_is_between_the_unflagged_of_both_waves(made):
    before = estimated(made, 0)
    table = estimated(made, 1, before)
    rows = table[table["measure"] == "change:unflagged:belonging"]
    assert set(rows["unit"]) == {"001", "002", "003"}
    for unit in rows["unit"]:
        now, then = (one(t, unit=unit, measure="unflagged:belonging")["value"] for t in (table, before))
        assert one(rows, unit=unit)["value"] == pytest.approx(now - then)
    assert table[table["measure"] == "change:unflagged:belonging"]["method"].eq("welch").all()


def test_every_other_number_stays_as_it_was(made):
    with_flags = estimated(made, 1, estimated(made, 0))
    without = estimated(made, 1, estimated(made, 0, flags=False), flags=False)
    assert not private(without).any()
    pd.testing.assert_frame_equal(with_flags[~private(with_flags)].reset_index(drop=True), without)


def test_a_survey_whose_widest_unit_is_the_school_has_none(tmp_path):
    project = make_project(tmp_path, replace=anonymous(("units: [district, school]", "units: [school, room]")))
    people = respondents(("a", "001"), ("b", "001"), room="x", group="g")
    scores = pd.DataFrame({"respondent": ["a", "b"], "m_belong": [2.0, 3.0], "m_belong_favourable": 0.5})
    flags = pd.DataFrame({"respondent": ["a", "b"], "any_flag": [True, False]})
    assert not private(estimate_wave(project, "w1", people, scores, None, None, flags)).any()


def test_regions_and_classes_have_none(tmp_path):
    project = make_project(
        tmp_path, replace=anonymous(("units: [district, school]", "units: [district, region, school, room]"))
    )
    people = respondents(("a", "001"), ("b", "001"), ("c", "002"), region="east", room="x", group="g")
    scores = pd.DataFrame({"respondent": ["a", "b", "c"], "m_belong": [2.0, 3.0, 4.0], "m_belong_favourable": 0.5})
    flags = pd.DataFrame({"respondent": ["a", "b", "c"], "any_flag": [True, False, False]})
    table = estimate_wave(project, "w1", people, scores, None, None, flags)
    assert set(table.loc[private(table), "unit_type"]) == {"school"}


def test_a_respondent_flagged_twice_is_refused(made):
    project, roster, waves = made
    responses, scores, flags = waves[0]
    with pytest.raises(ContractError, match="already has a row"):
        estimate_wave(project, "w1", responses, scores, roster, None, pd.concat([flags, flags]))
