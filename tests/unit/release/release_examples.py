"""A small district for the tests of the release room: two waves, three schools, answers drawn once and for all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from connectedness.declare.project import Project, open_project

SURVEY = """\
id: maple_fork
title: {en: Maple Fork School Division, fr: Division scolaire Maple Fork}
synthetic: true
languages: [en, fr]
units: [district, school]
identity: {token: student_token}
instruments: [healthy-relationships@1]
modules: [gender]
schools:
  a: {en: Aspen School, fr: École Aspen}
  b: {en: Birch School}
roster: {format: csv, file: "inbox/{wave}/roster.csv"}
waves:
  - {id: 2025-fall, window: [2025-10-06, 2025-10-24], files: ["x.csv"], map: {items: {hr_bel_valued: Q1}}, closed: true}
  - {id: 2026-fall, window: [2026-10-05, 2026-10-23], files: ["x.csv"], map: {items: {hr_bel_valued: Q1}},
     title: {en: Autumn 2026, fr: Automne 2026}}
breakdowns: [grade_band, learning_mode, {id: group, levels: {north: {en: North side, fr: Côté nord}}}]
measures:
  - {id: belonging, scale: hr_belonging, statistic: mean}
  - {id: any_adult, item: hr_adults, statistic: share_at_least, code: 1}
  - {id: many_adults, item: hr_adults, statistic: share, code: 3}
events:
  - {school: a, date: 2026-01-15, practice: advisory, note: {en: Advisory time began}}
"""


def small_project(folder: Path, survey: str = SURVEY) -> Project:
    """The district's project in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "survey.yaml").write_text(survey, encoding="utf-8")
    return open_project(folder)


UNITS = pd.DataFrame(
    {"unit_type": "school", "unit": ["a", "b", "c"], "parent_type": "district", "parent": "maple_fork"}, dtype="str"
)


def small_responses(project: Project, wave: str, n: int = 60, seed: int = 7) -> pd.DataFrame:
    """Answers of `n` students, all four missing codes among them, and columns that may never leave."""
    draw = np.random.default_rng(seed)
    instrument = project.instruments(wave)[0]
    items = {
        item.id: draw.choice([*instrument.codes(item.id), -1, -2, -3, -4], n).astype("int16")
        for item in instrument.active_items(project.survey.modules)
    }
    return pd.DataFrame(
        {
            "wave": wave,
            "respondent": [f"internal{i:018d}" for i in range(n)],
            "school": np.repeat(["a", "b", "c"], n // 3),
            "grade": np.tile(["4", "8"], n // 2),
            "learning_mode": "in_person",
            "started_at": pd.Timestamp("2026-10-06T15:00Z"),
            "submitted_at": pd.Timestamp("2026-10-06T15:10Z"),
            "duration_s": 600.0,
            "source": "export.csv",
            "source_row": np.arange(2, n + 2),
            **items,
        }
    )


def small_scores(responses: pd.DataFrame) -> pd.DataFrame:
    """Scores of one scale, made up: the release room only carries them."""
    n = len(responses)
    return pd.DataFrame(
        {
            "wave": responses["wave"],
            "respondent": responses["respondent"],
            "hr_belonging": np.where(np.arange(n) % 7 == 0, np.nan, 1 + np.arange(n) % 9 / 3),
            "hr_belonging__n": pd.array(np.arange(n) % 7, dtype="Int64"),
            "hr_belonging__se": np.nan,
            "hr_belonging__status": np.where(np.arange(n) % 7 == 0, "too_few_answered", "ok"),
        }
    )


def small_roster(responses: pd.DataFrame) -> pd.DataFrame:
    """The students who answered, in reverse order, with a group that only the roster knows."""
    return pd.DataFrame(
        {
            "wave": responses["wave"],
            "student": responses["respondent"],
            "school": responses["school"],
            "grade": responses["grade"],
            "learning_mode": "in_person",
            "group": np.where(np.arange(len(responses)) % 2 == 0, "north", "south"),
        }
    ).iloc[::-1]


SIZES = {"a": 60, "b": 50, "c": 30, "d": 6}
DISTRICT = pd.DataFrame(
    {"unit_type": "school", "unit": list(SIZES), "parent_type": "district", "parent": "maple_fork"}, dtype="str"
)


def small_estimates(project: Project, wave: str, *, seed: int = 1, previous: pd.DataFrame | None = None):
    """Estimates of the whole district, as the measures room makes them; school d is too small to be shown."""
    from connectedness.measures.estimate import estimate_wave
    from connectedness.scoring.classical import score_wave

    responses = small_responses(project, wave, n=sum(SIZES.values()) // 6 * 6 + 6, seed=seed)[: sum(SIZES.values())]
    responses["school"] = np.repeat(list(SIZES), list(SIZES.values()))
    scores = score_wave(responses, project.instruments(wave))
    return estimate_wave(project, wave, responses, scores, small_roster(responses), previous)


def small_protected(project: Project, wave: str, audience: str = "public", *, seed: int = 1):
    """The same, made safe for an audience."""
    from connectedness.disclosure.protect import protect

    shares = {one.id for one in project.measures(wave) if one.statistic != "mean"}
    return protect(small_estimates(project, wave, seed=seed), DISTRICT, project.policy, audience, shares=shares)


def small_facts(project: Project, wave: str, protected, *, seed: int = 1, findings=()):
    """Facts of the same answers' scales, made safe beside their estimates."""
    from connectedness.disclosure.facts import protect_facts
    from connectedness.psychometrics.facts import scale_facts
    from connectedness.psychometrics.facts_judgement import headline_withheld

    responses = small_responses(project, wave, n=sum(SIZES.values()) // 6 * 6 + 6, seed=seed)[: sum(SIZES.values())]
    facts = pd.concat([scale_facts(responses, one) for one in project.instruments(wave)], ignore_index=True)
    return protect_facts(facts, protected, headlines=headline_withheld(facts), findings=findings)
