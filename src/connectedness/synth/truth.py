"""What was planted in a wave, in counts and row numbers that a test, or a newcomer, can hold the engine to."""

from __future__ import annotations

from typing import Any

import numpy as np

from connectedness.synth.answers import ItemModel
from connectedness.synth.defects import BAD_CODES, DEFECTS, EXCLUDED, QUARANTINED, Planted
from connectedness.synth.people import Enrolment
from connectedness.synth.plan import RISE, SCHOOL_SHARE, TRAITS, Plan
from connectedness.synth.sheet import Sheet

_ASIDE = [DEFECTS.index(name) for name in (*QUARANTINED, *EXCLUDED)]


def file_account(planted: Planted, models: list[ItemModel]) -> dict[str, Any]:
    """Counts of one export, rule by rule, and where each defect is. Rows count as a spreadsheet does: header is 1."""
    sheet = planted.sheet
    where = {name: np.flatnonzero(sheet.defect == number) + 2 for number, name in enumerate(DEFECTS)}
    quarantined = {name: len(where[name]) for name in QUARANTINED}
    excluded = {name: len(where[name]) for name in EXCLUDED}
    again = np.flatnonzero(planted.kept >= 0)
    stays = ~np.isin(sheet.defect, _ASIDE)
    return {
        "rows": len(sheet),
        "accepted": int(stays.sum()),
        "quarantined": quarantined,
        "excluded": excluded,
        "bad_items": _bad_items(sheet, stays, models),
        "bad_items_in_quarantined_rows": _bad_items(sheet, ~stays, models),
        "row_numbers": {name: rows.tolist() for name, rows in where.items() if name and len(rows)},
        "same_student_as": {str(row + 2): int(planted.kept[row]) + 2 for row in again},
    }


def _bad_items(sheet: Sheet, rows: np.ndarray, models: list[ItemModel]) -> dict[str, dict[str, int]]:
    """Overwritten cells by item: codes out of range, and text where a code belongs."""
    cells = sheet.overwrite[rows]
    codes = ((cells > 0) & (cells <= len(BAD_CODES))).sum(axis=0)
    texts = (cells > len(BAD_CODES)).sum(axis=0)
    return {
        model.item.id: {"code": int(code), "text": int(text)}
        for model, code, text in zip(models, codes, texts, strict=True)
        if code or text
    }


def wave_truth(plan: Plan, wave: int, enrolled: Enrolment, sheets: list[Sheet]) -> dict[str, Any]:
    """What is true of the district and of each school in a wave; effects in standard deviations of a trait."""
    count = len(plan.schools)
    seats = [sheet.seat[~np.isin(sheet.defect, _ASIDE)] for sheet in sheets]
    answered = np.bincount(enrolled.school[np.concatenate(seats)], minlength=count)
    eligible = np.bincount(enrolled.school, minlength=count)
    effects = plan.effects_in(wave)
    last = wave == len(plan.waves) - 1
    return {
        "school_share_of_variance": SCHOOL_SHARE,
        "rose": plan.schools[plan.rose].id if plan.rose is not None and last else None,
        "rise": RISE if plan.rose is not None and last else 0.0,
        "by_role": {role: [one.id for one in plan.schools if one.role == role] for role in _roles(plan)},
        "schools": {
            one.id: {
                "role": one.role,
                "grades": list(one.grades),
                "eligible": int(eligible[number]),
                "respondents": int(answered[number]),
                "effects": {trait: round(float(effects[number, i]), 6) for i, trait in enumerate(TRAITS)},
            }
            for number, one in enumerate(plan.schools)
        },
    }


def _roles(plan: Plan) -> list[str]:
    return sorted({one.role for one in plan.schools})
