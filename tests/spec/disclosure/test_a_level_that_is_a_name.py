"""A level that nothing declares and few students are of may be a name: it has no row, not even a hidden one."""

import numpy as np
import pandas as pd
from unit.disclosure.made_district import FAMILIES, SHARES, estimates, students, tree

from connectedness.declare.policy import Policy
from connectedness.disclosure.protect import protect

NAME = "Example group"


def released(declared: dict[str, list[str]] | None) -> pd.DataFrame:
    groups = {
        ("s1", "k_3", "in_person", "a"): 60,
        ("s1", "g4_6", "in_person", "b"): 60,
        ("s2", "k_3", "digital", "b"): 80,
    }
    people = students({**groups, ("s2", "k_3", "in_person", NAME): 1}, np.random.default_rng(1))
    found = protect(
        estimates(people), tree(people), Policy(), "public", shares=SHARES, families=FAMILIES, levels=declared
    )
    return found.released()


def test_it_is_in_no_row():
    assert NAME not in set(released(None)["level"])


def test_the_other_levels_stay():
    levels = released(None).groupby("breakdown")["level"].nunique()
    assert (levels[levels.index != "all"] > 1).any()


def test_a_declared_level_of_one_student_is_hidden_and_has_its_row():
    rows = released({"group": [NAME, "a", "b"]})
    rows = rows[rows["level"] == NAME]
    assert len(rows) and (rows["status"] == "suppressed").all() and rows["value"].isna().all()
