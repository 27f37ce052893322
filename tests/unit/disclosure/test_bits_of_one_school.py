"""Several bits about careless answers of one school: all or none, or one tells why another is hidden."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from connectedness.disclosure.audit_verdicts import verdicts_that_tell
from connectedness.disclosure.verdicts import SIDES, with_verdicts
from connectedness.tables import ESTIMATE_COLUMNS

UNITS = pd.DataFrame([("school", "X", "district", "d")], columns=["unit_type", "unit", "parent_type", "parent"])
ENOUGH = (6, 34, 9, 33)


def row(measure: str, n: int, low: float, high: float, unit: str = "X") -> dict:
    cell = {"wave": "w2", "unit_type": "school", "unit": unit, "breakdown": "all", "level": "all", "measure": measure}
    numbers = {"n": n, "eligible": 45, "value": (low + high) / 2, "se": 0.1, "low": low, "high": high}
    return cell | numbers | {"method": "welch", "status": "ok", "reason": None}


def frame(*rows: dict) -> pd.DataFrame:
    types = {"n": "Int64", "eligible": "Int64"} | dict.fromkeys(["value", "se", "low", "high"], "float64")
    return pd.DataFrame(rows)[list(ESTIMATE_COLUMNS)].astype({one: types.get(one, "str") for one in ESTIMATE_COLUMNS})


def sides_of(**measures: tuple[int, int, int, int]) -> pd.DataFrame:
    return pd.DataFrame(
        [("school", "X", one, *of) for one, of in measures.items()], columns=["unit_type", "unit", "measure", *SIDES]
    ).astype(dict.fromkeys(SIDES, "Int64"))


def bits(inside: pd.DataFrame, alone: pd.DataFrame, sides: pd.DataFrame, minimum: int = 6) -> dict:
    out = with_verdicts(inside, alone, sides, minimum, 30)
    assert not verdicts_that_tell(out, UNITS, sides, minimum)
    found = out[out["measure"].str.startswith("careless:")]
    return {one: None if pd.isna(value) else value for one, value in zip(found["measure"], found["value"], strict=True)}


CHANGES = frame(row("change:A", 40, 0.05, 0.6), row("change:B", 39, 0.1, 0.5))
ALONE = frame(row("change:unflagged:A", 34, -0.1, 0.5), row("change:unflagged:B", 34, 0.1, 0.6))


def test_a_measure_of_one_student_fewer_does_not_tell_that_five_are_flagged():
    assert bits(CHANGES, ALONE, sides_of(A=ENOUGH, B=(5, 34, 9, 33))) == {"careless:A": None, "careless:B": None}
    assert bits(CHANGES, ALONE, sides_of(A=ENOUGH, B=ENOUGH)) == {"careless:A": 1.0, "careless:B": 0.0}


def test_of_the_same_students_a_hidden_bit_does_not_tell_that_the_unflagged_answered_alike():
    same = CHANGES.assign(n=pd.array([40, 40], dtype="Int64"))
    alike = ALONE.assign(**{one: ALONE[one].mask(ALONE["measure"].str.endswith("B")) for one in ("low", "high")})
    assert bits(same, alike, sides_of(A=ENOUGH, B=ENOUGH)) == {"careless:A": None, "careless:B": None}


def test_a_hidden_change_counts_whatever_the_minimum_unless_nobody_is_ever_shown_it():
    hidden = CHANGES["measure"].eq("change:B")
    numbers = {one: CHANGES[one].mask(hidden) for one in ("n", "eligible", "value", "se", "low", "high")}
    masked = CHANGES.assign(**numbers, status=CHANGES["status"].mask(hidden, "suppressed"))
    assert set(bits(masked, ALONE, sides_of(A=ENOUGH, B=(3, 5, 3, 5))).values()) == {None}
    assert bits(masked, ALONE, sides_of(A=ENOUGH, B=(0, 4, 0, 9)))["careless:A"] == 1.0


@pytest.mark.parametrize("minimum", [5, 6, 9, 10])
def test_a_higher_minimum_shows_no_more_of_them(minimum):
    rng = np.random.default_rng(minimum)
    for _ in range(30):
        sides = sides_of(**{one: tuple(rng.integers(4, 14, 4)) for one in "AB"})
        lower, higher = bits(CHANGES, ALONE, sides, minimum), bits(CHANGES, ALONE, sides, minimum + 1)
        assert all(lower[one] == bit for one, bit in higher.items() if bit is not None)


def test_the_auditor_finds_a_bit_beside_a_hidden_one():
    sides = sides_of(A=ENOUGH, B=ENOUGH)
    out = with_verdicts(CHANGES, ALONE, sides, 6, 30)
    hidden = out["measure"].eq("careless:B")
    one_hidden = out.assign(value=out["value"].mask(hidden), status=out["status"].mask(hidden, "suppressed"))
    found = verdicts_that_tell(one_hidden, UNITS, sides, 6)
    assert [(one["measure"].tolist(), one["how"].iloc[0]) for one in found] == [
        (["careless:A"], "a verdict beside one that is hidden")
    ]
    assert not verdicts_that_tell(out, UNITS, sides, 6)
