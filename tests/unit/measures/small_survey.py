"""A small instrument, surveys that pin it, and random students: what the tests of this room measure."""

import numpy as np
import pandas as pd

from connectedness.declare.project import open_project

INSTRUMENT = """
id: mini
version: VERSION
title: {en: Mini}
standing: {en: For tests}
source: [none]
licence: {tier: A, terms: none}
option_sets:
  agreement:
    expresses: agreement
    options: [{code: 1}, {code: 2}, {code: 3}, {code: 4}, {code: 5}]
    favourable: [4, 5]
  how_many: {expresses: number, options: [{code: 0}, {code: 1}, {code: 2}, {code: 3}]}
  # The smallest code says most.
  how_often: {expresses: frequency, options: [{code: 4}, {code: 3}, {code: 2}, {code: 1}]}
  yes_no: {expresses: agreement, options: [{code: 0}, {code: 1}], favourable: [1]}
items:
  - {id: m_in, options: agreement}
  - {id: m_out, options: agreement, polarity: negative}
  - {id: m_adults, options: how_many, kind: indicator}
  - {id: m_often, options: how_often, kind: indicator}
  - {id: m_greeted, options: yes_no, kind: practice}
  - {id: m_attention, options: agreement, kind: attention, correct: 4}
  - {id: m_private, options: how_many, kind: indicator}
scales:
  - {id: m_belong, title: {en: B}, description: {en: B}, items: [m_in, m_out], min_answered: 1}
measures:
  - {id: adults, item: m_adults, statistic: share_at_least, code: 1}
  - {id: private, item: m_private, statistic: share_at_least, code: 1}
modules:
  - {id: private, title: {en: P}, legal_question: {en: Ask a lawyer}, items: [m_private]}
"""

SURVEY = """
id: maple
title: {en: Maple}
synthetic: true
units: [district, school]
identity: {token: token}
instruments: [mini@1]
waves:
  - {id: w1, window: [2025-10-06, 2025-10-24], files: ["*.csv"], map: map.yaml}
  - {id: w2, window: [2026-10-05, 2026-10-23], files: ["*.csv"], map: map.yaml}
breakdowns: [grade_band, learning_mode, group]
measures:
  - {id: belonging, scale: m_belong, statistic: mean}
  - {id: often, item: m_often, statistic: share_at_least, code: 2}
  - {id: out_ok, item: m_out, statistic: share_favourable}
  - {id: three_adults, item: m_adults, statistic: share, code: 3}
"""

ITEMS = {
    "m_in": (1, 2, 3, 4, 5),
    "m_out": (1, 2, 3, 4, 5),
    "m_adults": (0, 1, 2, 3),
    "m_often": (4, 3, 2, 1),
    "m_greeted": (0, 1),
    "m_attention": (1, 2, 3, 4, 5),
}


def make_project(folder, *, replace=(), survey=SURVEY, instrument=INSTRUMENT):
    """A project in `folder`; `replace` holds (old, new) pairs for the text of its survey."""
    (folder / "instruments").mkdir(parents=True, exist_ok=True)
    for version in (1, 2):
        text = instrument.replace("VERSION", str(version))
        (folder / "instruments" / f"mini-{version}.yaml").write_text(text, encoding="utf-8")
    for old, new in replace:
        if old not in survey:
            raise KeyError(old)
        survey = survey.replace(old, new)
    (folder / "survey.yaml").write_text(survey, encoding="utf-8")
    return open_project(folder)


def anonymous(*more):
    return (("identity: {token: token}\n", ""), *more)


def make_roster(rng, students, schools=3, groups=("ab", "c", "unknown")):
    return pd.DataFrame(
        {
            "wave": "w1",
            "student": [f"s{i:04d}" for i in rng.permutation(students)],
            "school": [f"{i:03d}" for i in rng.integers(1, schools + 1, students)],
            "grade": rng.choice(["1", "5", "9", "12", "unknown"], students),
            "learning_mode": rng.choice(["in_person", "digital", "unknown"], students),
            "group": rng.choice(list(groups), students),
        }
    ).astype("str")


def answers_of(rng, roster, share=0.8):
    """Responses of some of the roster's students, and scores for most of them."""
    kept = roster[rng.random(len(roster)) < share].reset_index(drop=True)
    responses = kept[["wave", "student", "school", "grade", "learning_mode"]].rename(columns={"student": "respondent"})
    for item, codes in ITEMS.items():
        responses[item] = rng.choice([*codes, -1, -2, -3, -4], len(kept)).astype("int16")
    return responses, scores_for(rng, responses)


def scores_for(rng, responses):
    half_points = rng.integers(2, 11, len(responses)) / 2
    half_points[rng.random(len(responses)) < 0.1] = np.nan
    shares = np.where(np.isnan(half_points), np.nan, rng.integers(0, 3, len(responses)) / 2)
    columns = {"wave": "w1", "respondent": responses["respondent"], "m_belong": half_points}
    return pd.DataFrame({**columns, "m_belong_favourable": shares})


def rows(table, **where):
    """Rows of an estimates table where each named column has the value given."""
    for column, value in where.items():
        table = table[table[column] == value]
    return table


def one(table, **where):
    """The one row that `where` names; totals unless it says otherwise."""
    found = rows(table, **{"breakdown": "all", "level": "all", **where})
    if len(found) != 1:
        raise LookupError(f"{len(found)} rows for {where}")
    return found.iloc[0]


def respondents(*people, **columns):
    """Responses of named people, `("s1", "001")`, who skipped everything but the columns given."""
    frame = pd.DataFrame(people, columns=["respondent", "school"]).assign(wave="w1", learning_mode="unknown", grade="5")
    frame = frame.astype("str")
    for item in ITEMS:
        frame[item] = np.int16(-1)
    return frame.assign(**columns)


def no_scores(responses):
    return pd.DataFrame(
        {"respondent": responses["respondent"], "m_belong": np.nan, "m_belong_favourable": np.nan},
    )
