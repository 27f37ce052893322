"""What leaves of a test of invariance is a word; a school's reliability is what two shown numbers give, and no more."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from unit.disclosure.made_district import BREAKDOWNS, FAMILIES, SHARES, estimates, students, tree

from connectedness.declare.policy import Policy
from connectedness.disclosure.facts import protect_facts
from connectedness.disclosure.protect import protect

MODELS = ("configural", "threshold", "metric", "scalar")
NUMBERS = dict.fromkeys(("value", "low", "high"), "float64") | {"n": "Int64"}
COLUMNS = ["scale", "unit_type", "unit", "statistic", "item", "value", "low", "high", "interval", "n", "reason"]


def wave_of(sizes: dict[str, int], audience: str = "public"):
    groups = {(school, "k_3", "in_person", "a"): size for school, size in sizes.items()}
    made = students(groups, np.random.default_rng(4))
    return protect(
        estimates(made), tree(made), Policy(), audience, shares=SHARES, structural=BREAKDOWNS, families=FAMILIES
    )


@pytest.fixture(scope="module")
def many():
    return wave_of({f"s{i:02d}": 40 + i for i in range(12)})


def facts(*rows):
    blank = dict.fromkeys(COLUMNS)
    whole = [blank | {"scale": "belonging", "n": 700} | row for row in rows]
    return pd.DataFrame(whole, columns=COLUMNS).astype({one: NUMBERS.get(one, "str") for one in COLUMNS})


def icc1(value: float, count: float = 12, **more):
    of = {"unit_type": "school"}
    return facts(of | {"statistic": "n_groups", "value": count}, of | {"statistic": "icc1", "value": value} | more)


def invariance(state: str, holds=(None,) * 4, reason=None):
    lines = [{"model": model, "holds": held} for model, held in zip(MODELS, holds, strict=True)]
    lines = lines if state == "tested" else [{"model": None, "holds": None}]
    table = pd.DataFrame([{"breakdown": "band", "scale": "belonging", "state": state, "reason": reason} | one
                          for one in lines])  # fmt: skip
    return table.astype({"holds": "boolean"})


def notes(protected, table=None, **more):
    return protect_facts(
        facts({"statistic": "alpha", "value": 0.8}) if table is None else table, protected, families=FAMILIES, **more
    ).notes


# ---- invariance


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (invariance("tested", (True,) * 4), {"verdict": "none"}),
        (invariance("tested", (True, True, False, False)), {"verdict": "caution", "model": "metric"}),
        (invariance("tested", (True, None, None, None), "no_convergence"), {"verdict": "not_checked"}),
        (invariance("tested", (None,) * 4, "constant_item"), {"verdict": "not_checked"}),
        (invariance("not_run"), {"verdict": "not_tested"}),
        (invariance("not_written"), {"verdict": "not_tested"}),
        (invariance("unreadable"), {"verdict": "not_tested"}),
        (invariance("stale"), {"verdict": "stale"}),
        (invariance("impossible"), None),
    ],
)
def test_a_word_leaves_and_the_first_model_that_fails(many, table, told):
    found = notes(many, invariance=table)
    assert found == ([{"kind": "invariance", "scale": "belonging", "breakdown": "band"} | told] if told else [])


def test_nothing_is_said_where_the_districts_total_is_hidden():
    assert notes(wave_of({"a": 4, "b": 3}), invariance=invariance("tested", (True, False, True, True))) == []


# ---- reliability of a school's mean

MEANS = {"belonging": "belonging"}


def own(found) -> dict[str, float]:
    (note,) = [one for one in found if one["kind"] == "mean_reliability"]
    assert set(note) == {"kind", "scale", "unit_type", "units"}
    assert all(set(one) == {"unit", "value"} for one in note["units"])
    return {one["unit"]: one["value"] for one in note["units"]}


def test_it_is_what_the_released_icc_and_the_shown_number_of_students_give(many):
    made = protect_facts(icc1(0.07349), many, families=FAMILIES, means=MEANS)
    told = made.released()
    (share,) = told.loc[told["statistic"] == "icc1", "value"]
    assert share == 0.073, "the attacker has three decimals of it"
    shown = many.released()
    rows = shown[(shown["measure"] == "belonging") & (shown["breakdown"] == "all") & (shown["unit_type"] == "school")]
    expected = {unit: round(n * share / (1 + (n - 1) * share), 2)
                for unit, n in zip(rows["unit"], rows["n"].astype(float), strict=True)}  # fmt: skip
    assert own(made.notes) == pytest.approx(expected, abs=1e-9) and len(expected) == 12


def test_what_the_icc_holds_beyond_its_released_decimals_is_in_none_of_them(many):
    assert own(notes(many, icc1(0.07251), means=MEANS)) == own(notes(many, icc1(0.07349), means=MEANS))


def test_a_hidden_school_has_none():
    protected = wave_of({**{f"s{i:02d}": 40 for i in range(11)}, "small": 4})
    shown = own(notes(protected, icc1(0.05), means=MEANS))
    estimates = protected.released()
    hidden = estimates[(estimates["status"] == "suppressed") & (estimates["measure"] == "belonging")]
    assert "small" in set(hidden["unit"]) and not set(hidden["unit"]) & set(shown)
    assert "small" not in json.dumps(notes(protected, icc1(0.05), means=MEANS))


@pytest.mark.parametrize(
    "table",
    [icc1(0.05, n=20), icc1(np.nan, reason="equal_means"), facts({"statistic": "alpha", "value": 0.8})],
    ids=["hidden", "none", "absent"],
)
def test_without_a_shown_icc_there_is_none(many, table):
    assert [one for one in notes(many, table, means=MEANS) if one["kind"] == "mean_reliability"] == []


def test_over_few_schools_of_which_one_is_hidden_there_is_none():
    protected = wave_of({"a": 90, "b": 80, "c": 70, "d": 4})
    assert notes(protected, icc1(0.05, count=4), means=MEANS) == []


def test_schools_that_do_not_differ_have_no_reliability(many):
    assert set(own(notes(many, icc1(-0.004), means=MEANS)).values()) == {0.0}


def test_agreement_within_one_school_never_leaves_however_large_it_is(many):
    one = {"unit_type": "school", "unit": "s01", "n": 5000}
    rows = [one | {"statistic": name, "value": 0.777} for name in ("rwg_j", "mean_reliability")]
    made = protect_facts(pd.concat([icc1(0.05), facts(*rows)], ignore_index=True), many, families=FAMILIES, means=MEANS)
    assert "rwg_j" not in set(made.released()["statistic"])
    assert "0.777" not in made.released().to_csv() + json.dumps(made.notes)
