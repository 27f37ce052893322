"""One school a student: enrolments at several schools, and several records of one student, become one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from connectedness.ingest.outcomes import Outcomes


def choose_one(claims: pd.DataFrame, order: Sequence[tuple[str, str]]) -> tuple[pd.DataFrame, dict[str, int]]:
    """Choose the one school of each student.

    Parameters
    ----------
    claims : DataFrame
        A row per student and school: `person`, `record` (the record of the student that says so), `school`, and a
        column for each rule of `order`.
    order : sequence of (column, why)
        Rules, the first first: the claim with the greatest value wins. The smallest school id decides what is left.

    Returns
    -------
    chosen : DataFrame
        A row per person, of `claims`.
    why : dict
        Of the persons with several schools, how many each rule decided.
    """
    names = [name for name, _ in order]
    ranked = claims.sort_values(
        ["person", *names, "school", "record"], ascending=[True, *(False for _ in names), True, True], kind="stable"
    )
    first = ranked.drop_duplicates("person")
    others = ranked.merge(first[["person", "school"]], on="person", suffixes=("", "_chosen"))
    second = others[others["school"] != others["school_chosen"]].drop_duplicates("person").set_index("person")
    best = first.set_index("person").loc[second.index]
    differ = [(best[name] != second[name]).to_numpy() for name in names]
    rule: Any = np.select(differ, [why for _, why in order], default="the smallest school id") if len(second) else []
    counts = pd.Series(rule, dtype="str").value_counts()
    return first, {
        why: int(counts[why]) for why in [*(why for _, why in order), "the smallest school id"] if why in counts
    }


def set_others_aside(
    outcomes: Outcomes, person: np.ndarray, claims: pd.DataFrame, chosen: pd.DataFrame, header: str
) -> None:
    """Leave the further records of a student out.

    One that claims the chosen school too is a duplicate, since nobody says which of the two counts; one of another
    school is the student's second school.
    """
    of = pd.Series(-1, index=range(int(person.max(initial=-1)) + 1)).astype("int64")
    of.loc[chosen["person"].to_numpy()] = chosen["record"].to_numpy()
    record = np.arange(len(person))
    further = (of.to_numpy()[person] >= 0) & (of.to_numpy()[person] != record) if len(person) else np.zeros(0, bool)
    best = chosen[["person", "school"]]
    same_school = claims.merge(best, on=["person", "school"])["record"].to_numpy()
    outcomes.quarantine(further & np.isin(record, same_school), "duplicate", header)
    outcomes.exclude(further, "second_school")


def told_choice(file: str, why: dict[str, int]) -> list[str]:
    """Say how many students were at several schools, and what placed them."""
    if not why:
        return []
    n = sum(why.values())
    by = ", ".join(f"{count} by {rule}" for rule, count in why.items())
    return [f"{file}: {n} student{' is' if n == 1 else 's are'} in more than one school, and counted once: {by}."]
