"""Every estimate of a random survey, against a slow loop over students that shares no code with the room."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from unit.measures.small_survey import ITEMS, answers_of, make_project, make_roster

from connectedness.measures import estimate_wave

BANDS = {"1": "k_3", "5": "g4_6", "9": "g7_9", "12": "g10_12"}
COUNTED = {"often": ("m_often", {1, 2}), "out_ok": ("m_out", {1, 2}), "three_adults": ("m_adults", {3}),
           "adults": ("m_adults", {1, 2, 3}), "m_greeted": ("m_greeted", {1})}  # fmt: skip
SPELLED_OUT = ("m_in", "m_out", "m_adults", "m_often")
NONE = (np.nan, np.nan, np.nan, np.nan)


def of_scores(values):
    n = len(values)
    if n == 0:
        return n, NONE, "no_answers"
    if n == 1:
        return n, (values[0], np.nan, np.nan, np.nan), "one_answer"
    if len(set(values)) == 1:
        return n, (values[0], 0.0, np.nan, np.nan), "one_answer"
    se = stats.sem(values)
    return n, (np.mean(values), se, *stats.t.interval(0.95, n - 1, np.mean(values), se)), "ok"


def of_shares(values):
    n, (value, se, low, high), status = of_scores(values)
    return n, (value, se, max(low, 0) if low == low else low, min(high, 1) if high == high else high), status


def of_spread(values):
    n = len(values)
    status = "no_answers" if n == 0 else "one_answer" if n == 1 else "ok"
    return n, (np.std(values, ddof=1) if n > 1 else np.nan, np.nan, np.nan, np.nan), status


def of_item(answers, codes):
    answers = [code for code in answers if code >= 0]
    n, k = len(answers), sum(code in codes for code in answers)
    if n == 0:
        return n, NONE, "no_answers"
    low, high = stats.binomtest(k, n).proportion_ci(method="wilson")
    return n, (k / n, np.sqrt(k / n * (1 - k / n) / n), low, high), "ok"


def slow(roster, responses, scores):
    """The estimates table as a dictionary, one cell and measure after another."""
    listed = {row.student: row for row in roster.itertuples()}
    levels = {
        "all": lambda row: "all",
        "grade_band": lambda row: BANDS.get(row.grade, "unknown"),
        "learning_mode": lambda row: row.learning_mode,
        "group": lambda row: row.group,
    }
    units = {"district": lambda row: "maple", "school": lambda row: row.school}
    scored = scores.set_index("respondent")
    out = {}
    for unit_type, unit_of in units.items():
        for breakdown, level_of in levels.items():
            for cell in {(unit_of(row), level_of(row)) for row in listed.values()}:
                asked = [row.student for row in listed.values() if (unit_of(row), level_of(row)) == cell]
                here = responses[responses["respondent"].isin(asked)]
                found = {"response_rate": (len(here), (len(here) / len(asked), np.nan, np.nan, np.nan),
                                           "ok" if len(here) else "no_answers")}  # fmt: skip
                points = scored.loc[here["respondent"], "m_belong"].dropna().tolist()
                shares = scored.loc[here["respondent"], "m_belong_favourable"].dropna().tolist()
                found |= {"belonging": of_scores(points), "sd:belonging": of_spread(points),
                          "m_belong_favourable": of_shares(shares)}  # fmt: skip
                found |= {name: of_item(here[item], codes) for name, (item, codes) in COUNTED.items()}
                if breakdown == "all" or unit_type == "district":
                    for item in SPELLED_OUT:
                        for code in ITEMS[item]:
                            found[f"share:{item}:{code}"] = of_item(here[item], {code})
                for measure, figures in found.items():
                    out[unit_type, cell[0], breakdown, cell[1], measure] = (len(asked), *figures)
    return out


@pytest.mark.parametrize("seed", [1, 2])
def test_all_estimates_are_those_of_the_loop(tmp_path, seed):
    rng = np.random.default_rng(seed)
    roster = make_roster(rng, 120)
    responses, scores = answers_of(rng, roster)
    table = estimate_wave(make_project(tmp_path), "w1", responses, scores.sample(frac=1, random_state=seed), roster)
    expected = slow(roster, responses, scores)
    key = ["unit_type", "unit", "breakdown", "level", "measure"]
    assert not table.duplicated(key).any()
    assert {tuple(row) for row in table[key].to_numpy()} == set(expected)
    for row in table.itertuples():
        eligible, n, figures, status = expected[row.unit_type, row.unit, row.breakdown, row.level, row.measure]
        assert (row.n, row.eligible, row.status) == (n, eligible, status), row
        np.testing.assert_allclose([row.value, row.se, row.low, row.high], figures, atol=1e-12, err_msg=str(row))


# SciPy warns where all of one wave answered alike; its interval, from the other wave's spread, is what we want.
@pytest.mark.filterwarnings("ignore:Precision loss")
def test_every_change_is_that_of_the_loop(tmp_path):
    rng = np.random.default_rng(3)
    project, kept = make_project(tmp_path), {}
    for wave in ("w1", "w2"):
        roster = make_roster(rng, 90)
        responses, scores = answers_of(rng, roster)
        kept[wave] = (roster, responses, scores)
    before = estimate_wave(project, "w1", *kept["w1"][1:], kept["w1"][0])
    table = estimate_wave(project, "w2", *kept["w2"][1:], kept["w2"][0], before)
    changes = table[table["measure"].str.startswith("change:")]
    checked = 0
    for row in changes.itertuples():
        measure = row.measure.removeprefix("change:")
        now, then = (_values(kept[wave], row, measure) for wave in ("w2", "w1"))
        assert row.n == len(now)
        if not now or not then:
            assert row.status == "no_answers"
            assert pd.isna(row.value)
            continue
        assert row.value == pytest.approx(np.mean(now) - np.mean(then))
        expected = _limits(now, then, share=measure in COUNTED)
        if measure == "m_belong_favourable":
            expected = np.clip(expected, -1, 1)
        assert (row.status == "ok") == bool(np.isfinite(expected).all())
        np.testing.assert_allclose([row.low, row.high], expected, atol=1e-9, err_msg=str(row))
        checked += 1
    assert checked > 250


def _values(kept, row, measure):
    """What each student behind a cell of a measure contributes: a score, or 0 or 1."""
    roster, responses, scores = kept
    listed = roster if row.unit_type == "district" else roster[roster["school"] == row.unit]
    if row.breakdown == "grade_band":
        listed = listed[[BANDS.get(grade, "unknown") == row.level for grade in listed["grade"]]]
    elif row.breakdown != "all":
        listed = listed[listed[row.breakdown] == row.level]
    if measure in COUNTED:
        item, codes = COUNTED[measure]
        answers = responses.loc[responses["respondent"].isin(listed["student"]), item]
        return [float(code in codes) for code in answers if code >= 0]
    column = "m_belong" if measure == "belonging" else measure
    return scores.loc[scores["respondent"].isin(listed["student"]), column].dropna().tolist()


def _limits(now, then, share):
    if not share:
        if min(len(now), len(then)) < 2 or (np.ptp(now) == 0 and np.ptp(then) == 0):
            return [np.nan, np.nan]
        return list(stats.ttest_ind(now, then, equal_var=False).confidence_interval(0.95))
    (l1, u1), (l2, u2) = (stats.binomtest(int(sum(x)), len(x)).proportion_ci(method="wilson") for x in (now, then))
    p1, p2 = np.mean(now), np.mean(then)
    down, up = np.sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2), np.sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)
    return [p1 - p2 - down, p1 - p2 + up]
