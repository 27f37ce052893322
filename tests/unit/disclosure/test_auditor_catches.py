"""Undo one thing that `protect` did, and the auditor must say so."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from unit.disclosure.made_district import BREAKDOWNS, CELL, FAMILIES, SHARES, estimates, random_students, students, tree

import connectedness.disclosure as room
from connectedness.declare.policy import Policy
from connectedness.disclosure import attack
from connectedness.disclosure.audit import audit
from connectedness.disclosure.plenty import Plenty
from connectedness.disclosure.protect import protect


@pytest.fixture(scope="module")
def wave():
    """D is small, and C goes with it; two levels of mode; B has a small level, and E goes with it."""
    groups = {("A", "p"): 90, ("A", "q"): 80, ("B", "p"): 50, ("B", "q"): 6, ("C", "p"): 19, ("C", "q"): 18}
    groups |= {("D", "p"): 4, ("D", "q"): 1, ("E", "p"): 40, ("E", "q"): 35, ("F", "p"): 60, ("F", "q"): 70}
    groups |= {("G", "p"): 12, ("G", "q"): 12, ("H", "p"): 14, ("H", "q"): 14}
    made = students(groups, np.random.default_rng(2), columns=("school", "mode"))
    truth, units = estimates(made), tree(made)
    protected = protect(truth, units, Policy(), "public", shares=SHARES, structural=BREAKDOWNS, families=FAMILIES)
    true = truth.sort_values(["wave", *CELL, "measure"], ignore_index=True)
    return true, units, protected.estimates, protected.released()


def unhide(released, true, rows):
    frame = released.copy()
    for name in ("n", "eligible", "value", "se", "low", "high", "status"):
        frame.loc[rows, name] = true.loc[rows, name]
    frame.loc[rows, "reason"] = None
    return frame


def findings(frame, units, truth=None):
    return audit(frame, units, truth=truth, minimum=10, families=FAMILIES).recovered


def test_what_protect_gives_passes(wave):
    true, units, _, released = wave
    assert findings(released, units).empty
    assert findings(released, units, true).empty


def test_the_truth_itself_fails(wave):
    true, units, _, _ = wave
    assert "shown under the minimum" in set(findings(true, units)["how"])


def test_each_complementary_school_matters(wave):
    true, units, inside, released = wave
    chosen = (
        inside["reason"].eq("complement") & inside["measure"].eq("response_rate") & inside["unit_type"].eq("school")
    )
    schools = inside.loc[chosen, ["unit", "breakdown"]].drop_duplicates()
    assert {"all", "mode"} <= set(schools["breakdown"])
    for unit in schools["unit"].unique():
        rows = inside["unit"].eq(unit) & inside["status"].eq("suppressed")
        assert not findings(unhide(released, true, rows), units).empty, unit


def test_one_level_of_a_hidden_breakdown(wave):
    true, units, inside, released = wave
    chosen = inside["status"].eq("suppressed") & inside["measure"].eq("response_rate") & inside["breakdown"].eq("mode")
    # Of a school whose total is shown: the other level is then its total less this one.
    total = inside.query("breakdown == 'all' and measure == 'response_rate' and status == 'ok'")["unit"]
    rows = inside.index[chosen & inside["unit_type"].eq("school") & inside["unit"].isin(total)]
    assert len(rows) >= 2
    for row in rows:
        assert not findings(unhide(released, true, inside.index == row), units).empty


def test_the_number_of_students_of_a_hidden_cell(wave):
    true, units, inside, released = wave
    row = inside.index[inside["status"].eq("suppressed")][0]
    frame = released.copy()
    frame.loc[row, "n"] = true.loc[row, "n"]
    assert "a hidden cell shows a number" in set(findings(frame, units)["how"])
    frame = released.copy()
    frame.loc[row, "eligible"] = true.loc[row, "eligible"]
    assert not findings(frame, units).empty


def test_one_measure_of_a_family(wave):
    true, units, inside, released = wave
    rows = inside.index[inside["reason"].eq("complement") & inside["measure"].eq("favourable")]
    for row in rows:
        frame = unhide(released, true, inside.index == row)
        assert "shown although its family is hidden" in set(findings(frame, units)["how"])
    assert len(rows)


def test_reasons_that_differ(wave):
    _, units, inside, _ = wave
    assert set(findings(inside, units)["how"]) == {"the reason tells which cell is small"}


def test_a_total_off_by_one(wave):
    true, units, _, released = wave
    frame = released.copy()
    row = frame.query("unit_type == 'district' and breakdown == 'all' and measure == 'adult'").index[0]
    frame.loc[row, "n"] += 1
    levels = frame.query("unit_type == 'district' and measure == 'adult' and status == 'suppressed'")
    assert len(levels) < 9
    assert "the sums shown do not agree" in set(findings(frame, units)["how"])


def test_a_change_beside_a_hidden_number(wave):
    true, units, inside, released = wave
    row = inside.index[inside["status"].eq("suppressed") & inside["measure"].eq("belonging")][0]
    more = true.loc[[row]].assign(measure="change:belonging", n=50)
    frame = pd.concat([released, more], ignore_index=True)
    assert "a change of a hidden number" in set(findings(frame, units)["how"])


def test_one_withheld_sd_follows_from_the_others(wave):
    true, units, inside, released = wave
    withheld = inside["measure"].eq("sd:belonging") & inside["breakdown"].eq("all")
    partners = inside.index[withheld & inside["reason"].isin(["complement", "small_precision"])]
    assert len(partners) >= 1
    frame = released.copy()
    for measure in ("belonging", "sd:belonging"):
        rows = frame["measure"].eq(measure) & frame["breakdown"].eq("all")
        rows &= frame["unit"].isin(inside.loc[partners, "unit"]) | frame["unit"].eq("d")
        shown = frame["n"].notna() | frame["measure"].str.startswith("sd:")
        frame = unhide(frame, true, rows & shown)
    # All but one school's SD and error are shown now, so its own follows.
    one = frame.index[frame["measure"].eq("belonging") & frame["unit"].eq(inside.loc[partners[0], "unit"])][0]
    frame.loc[one, "se"] = np.nan
    assert "sd:belonging" in set(findings(frame, units)["measure"])


def test_determined_cells_are_those_of_the_null_space():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        students = random_students(rng, int(rng.integers(2, 7)), largest=60)
        if students.empty:
            continue
        base = estimates(students, spelled=False).query("measure == 'response_rate'")
        system = attack.read_system(base, tree(students))
        unknown = rng.random(len(system.cells)) < rng.choice([0.1, 0.3, 0.5])
        matrix = np.zeros((system.size, len(unknown)))
        matrix[system.equation, system.cell] = system.sign
        _, sizes, basis = np.linalg.svd(matrix[:, unknown])
        null = basis[(sizes > 1e-9).sum() :]
        exact = (np.abs(null) < 1e-9).all(axis=0)
        assert (attack.determined(system, unknown)[unknown] == exact).all()


@pytest.mark.long
def test_the_quick_proof_never_claims_more_than_the_slow_question():
    for seed in range(12):
        rng = np.random.default_rng(seed)
        students = random_students(rng, 5, largest=60)
        base = estimates(students, spelled=False).query("measure == 'response_rate'")
        units = tree(students)
        system = attack.read_system(base, units)
        place = system.cells
        n = base.set_index(CELL)["n"].reindex(place).to_numpy(float)
        # Whole rows and whole units hidden at random, as a pattern would.
        gone = set(rng.choice(students["school"].unique(), 2, replace=False))
        rows = {(unit, name) for unit in students["school"].unique() for name in ("band", "mode") if rng.random() < 0.6}
        unknown = np.array([unit in gone or (unit, name) in rows for _, unit, name, _ in place])
        proved = Plenty(place, units).proves(unknown, n, 10)
        assert not (attack.small_groups(system, unknown, n, 10, unknown) & proved).any()


def test_the_auditor_knows_nothing_of_the_rules():
    folder = Path(room.__file__).parent
    allowed = {"attack", "audit_verdicts", "families", "plenty"}
    for name in ("audit", "audit_verdicts", "attack", "plenty"):
        found = ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))
        imports = {
            node.module.rsplit(".", 1)[-1]
            for node in ast.walk(found)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("connectedness.disclosure.")
        } | {
            alias.name
            for node in ast.walk(found)
            if isinstance(node, ast.ImportFrom) and node.module == "connectedness.disclosure"
            for alias in node.names
        }
        assert imports <= allowed, (name, imports)
