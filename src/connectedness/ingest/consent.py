"""Who takes part: consent, assent, opting out, and students who withdrew. Nothing of the others gets past the door."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from connectedness.declare.columns import ParticipationColumn
from connectedness.declare.project import Project
from connectedness.errors import ConnectednessError, ContractError
from connectedness.ingest.facts import holds
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.plan import Plan
from connectedness.ingest.whole_file import Door

WITHDRAWN = "withdrawn.json"
"""File of the store with the pseudonyms of students who withdrew."""
REFUSED = ("no_consent", "no_assent", "opted_out")
"""Reasons why a student takes no part."""
KEYS = {"no_consent": "participation_consent", "no_assent": "assent", "opted_out": "opt_out"}
"""Key of survey.yaml and of the column map that each reason comes from."""


def leave_out_who_takes_no_part(plan: Plan, cells: pd.DataFrame, respondents: pd.Series, door: Door) -> None:
    """Exclude rows of students who withdrew, and those without consent, without assent, or opted out.

    Parameters
    ----------
    plan : Plan
    cells : DataFrame
        Text of the file's rows; holds the columns that the map names for participation.
    respondents : Series
        Pseudonyms, row by row alike.
    door : Door
        Reasons given: `withdrawn`, `opted_out`, `no_consent`, `no_assent`.
    """
    leave_out_withdrawn(plan.project, respondents, door.outcomes, plan.token)
    for reason, column in plan.columns.participation.items():
        stays = takes_part(cells[column.column], column)
        door.leave_out(~stays, reason, column.column, KEYS[reason], column.agreed)


def takes_part(text: pd.Series, column: ParticipationColumn) -> np.ndarray:
    """Whether each cell lets the student take part: an agreed value, or nothing where that is declared to be one."""
    agreed = holds(text, column.agreed)
    return agreed | (text == "").to_numpy() if column.missing == "agreed" else agreed


def leave_out_withdrawn(project: Project, people: pd.Series, outcomes: Outcomes, column: str | None) -> None:
    """Exclude rows of students who withdrew, by their pseudonyms, with the reason `withdrawn`."""
    gone = read_withdrawn(project)["students"]
    if gone:
        outcomes.exclude(people.isin(gone).to_numpy(), "withdrawn", column)


def last_word_counts(facts: pd.DataFrame, outcomes: Outcomes) -> None:
    """Exclude what a student sent before a row in which consent, assent or taking part was refused.

    As among duplicates, the last submission counts; rows without a time are the earliest, and then the order counts.
    """
    refused = np.isin(outcomes.rule, REFUSED) & (facts["submission"] != "").to_numpy()
    if not refused.any():
        return
    ordered = facts["submitted_at"].sort_values(kind="stable", na_position="first").index
    place = pd.Series(np.empty(len(facts), dtype=np.int64), index=facts.index)
    place[ordered] = np.arange(len(facts))
    last = place[refused].groupby(facts["submission"][refused]).max()
    rule = pd.Series(outcomes.rule, index=facts.index)[refused]
    final = rule.groupby(place[refused]).first()
    until = facts["submission"].map(last)
    before = (until > place).to_numpy()
    why = until.map(final).to_numpy(dtype=object)
    for reason in REFUSED:
        outcomes.exclude(before & (why == reason), reason)


def read_withdrawn(project: Project) -> dict[str, Any]:
    """What the store knows of withdrawals.

    Returns
    -------
    dict
        `students`: pseudonyms. `pending`: waves whose estimates still hold a student who withdrew. `held`: SHA-256 of
        a file that a person must still mend, to the file's place and the rows.

    Raises
    ------
    ConnectednessError
        When the file is broken: without it, a student who withdrew would come back.
    """
    path = project.store / WITHDRAWN
    empty: dict[str, Any] = {"students": [], "pending": [], "held": {}}
    if not path.is_file():
        return empty
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or set(found) != set(empty):
            raise ValueError
    except ValueError:
        raise ConnectednessError(
            "this list of students who withdrew is broken, so it is not known whom to leave out.",
            file=path,
            todo="Put it back from a backup, then run again.",
        ) from None
    return found


def stop_if_held(project: Project, sha256: str, place: str) -> None:
    """Refuse a file that still holds rows of a student who withdrew, and that only a person can rewrite.

    Raises
    ------
    ContractError
        With the rows to take out, by number.
    """
    rows = read_withdrawn(project)["held"].get(sha256)
    if rows:
        raise ContractError(
            "this file still holds rows of a student who withdrew, and it could not be rewritten by itself.",
            file=place,
            found="rows " + ", ".join(str(row) for row in rows),
            todo="Open it where you made it, empty these rows, save it under the same name, and run again.",
        )
