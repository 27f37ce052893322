"""Change is there where both waves have the cell and the measure is the same thing in both."""

import numpy as np
import pandas as pd
import pytest
from unit.measures.small_survey import SURVEY, anonymous, make_project, one, respondents, rows

from connectedness.errors import ContractError
from connectedness.measures import estimate_wave

PLAIN = anonymous(("breakdowns: [grade_band, learning_mode, group]", "breakdowns: [grade_band]"))


def wave(project, wave_id, points, previous=None, school="001", **columns):
    people = respondents(*((f"s{i:02d}", school) for i in range(len(points))), **columns)
    scores = pd.DataFrame({"respondent": people["respondent"], "m_belong": points})
    scores["m_belong_favourable"] = (scores["m_belong"] - 1) / 4
    return estimate_wave(project, wave_id, people, scores, None, previous)


def changes(table):
    return table[table["measure"].str.startswith("change:")]


def test_no_previous_wave_no_change_rows(tmp_path):
    project = make_project(tmp_path, replace=PLAIN)
    assert changes(wave(project, "w1", [3.0, 4.0])).empty
    nothing = wave(project, "w1", [3.0]).iloc[:0]
    assert changes(wave(project, "w2", [3.0, 4.0], nothing)).empty


def test_means_and_shares_change_sd_rate_and_single_answers_do_not(tmp_path):
    project = make_project(tmp_path, replace=PLAIN)
    table = wave(project, "w2", [3.0, 4.0], wave(project, "w1", [2.0, 3.0]))
    found = rows(changes(table), unit_type="district", level="all").set_index("measure")["method"].to_dict()
    names = ["belonging", "often", "out_ok", "three_adults", "adults", "m_belong_favourable", "m_greeted"]
    assert set(found) == {f"change:{name}" for name in names}
    assert {name for name, method in found.items() if method == "welch"} == {
        "change:belonging",
        "change:m_belong_favourable",
    }
    assert set(changes(table)["wave"]) == {"w2"}


def test_one_student_in_a_wave_gives_a_change_without_interval(tmp_path):
    project = make_project(tmp_path, replace=PLAIN)
    row = one(wave(project, "w2", [4.5], wave(project, "w1", [2.0, 3.0])), unit="001", measure="change:belonging")
    assert (row["n"], row["value"], row["status"]) == (1, 2.0, "one_answer")
    assert np.isnan([row["se"], row["low"], row["high"]]).all()


def test_two_waves_without_spread_do_not_claim_certainty(tmp_path):
    project = make_project(tmp_path, replace=PLAIN)
    table = wave(project, "w2", [4.2] * 12, wave(project, "w1", [4.1] * 9))
    row = one(table, unit="001", measure="change:belonging")
    assert row["value"] == pytest.approx(0.1)
    assert row["status"] == "one_answer"
    assert np.isnan([row["low"], row["high"]]).all()
    total = one(table, unit="001", measure="belonging")
    assert (total["se"], total["status"]) == (0.0, "one_answer")
    assert np.isnan(total["low"])
    assert one(table, unit="001", measure="sd:belonging")["value"] == 0.0


def test_nobody_with_a_score_in_a_wave_gives_a_change_without_value(tmp_path):
    project = make_project(tmp_path, replace=PLAIN)
    table = wave(project, "w2", [3.0, 4.0], wave(project, "w1", [np.nan, np.nan]))
    row = one(table, unit="001", measure="change:belonging")
    assert (row["n"], row["status"]) == (2, "no_answers")
    assert np.isnan([row["value"], row["low"], row["high"]]).all()


def test_a_school_or_level_of_one_wave_only_has_no_change(tmp_path):
    project = make_project(tmp_path, replace=PLAIN)
    before = wave(project, "w1", [3.0, 4.0], school="001", grade="5")
    found = changes(wave(project, "w2", [3.0, 4.0], before, school="002", grade=["5", "9"]))
    assert set(found["unit"]) == {"maple"}
    assert set(found["level"]) == {"all", "g4_6"}


def test_the_clear_rise_of_a_practice(tmp_path):
    project = make_project(tmp_path, replace=PLAIN)
    before = wave(project, "w1", [3.0] * 10, m_greeted=np.array([1] * 3 + [0] * 7, dtype="int16"))
    table = wave(project, "w2", [3.0] * 10, before, m_greeted=np.array([1] * 9 + [0], dtype="int16"))
    row = one(table, unit="001", measure="change:m_greeted")
    # Newcombe (1998), table II: 9/10 against 3/10.
    assert (round(row["low"], 4), round(row["high"], 4)) == (0.1705, 0.8090)


def test_another_version_of_the_instrument_is_another_measure(tmp_path):
    later = ('files: ["*.csv"], map: map.yaml}\nbreakdowns', 'files: ["*.csv"], map: map.yaml, instruments: [mini@2]}\nbreakdowns')  # noqa: E501  # fmt: skip
    survey = SURVEY.replace(*later)
    project = make_project(tmp_path, replace=PLAIN, survey=survey)
    assert changes(wave(project, "w2", [3.0, 4.0], wave(project, "w1", [3.0, 4.0]))).empty


def test_change_is_from_one_wave(tmp_path):
    project = make_project(tmp_path, replace=PLAIN)
    first = wave(project, "w1", [3.0, 4.0])
    with pytest.raises(ContractError, match="one other"):
        wave(project, "w2", [3.0], pd.concat([first, first.assign(wave="w2")]))
