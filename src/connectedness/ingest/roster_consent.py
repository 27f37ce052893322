"""Who takes no part by the roster: not eligible, and no answer of theirs gets past the door."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from connectedness.declare.columns import ParticipationColumn, TakingPart
from connectedness.declare.project import Project
from connectedness.errors import ContractError
from connectedness.ingest.consent import KEYS, takes_part
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.roster_listed import Listed
from connectedness.ingest.whole_file import held_values

# Rows that say nothing of the student now.
_NOT_OF_THE_DAY = ("blank", "deleted", "not_a_student", "no_enrolment", "not_enrolled", "wrong_number_of_cells")
_ROSTER, _GROUPS = "roster:", "roster.groups:"


def consent_columns(declared: TakingPart, *, groups: bool = False) -> dict[str, str]:
    """Header of each column of consent, by the name under which its text stands in `Listed.facts`."""
    prefix = _GROUPS if groups else _ROSTER
    return {prefix + reason: column.column for reason, column in declared.participation.items()}


def key_of(name: str) -> str:
    """Key of survey.yaml that names a column of the roster, by our name of it."""
    prefix, mark, reason = name.partition(":")
    return f"{prefix}.{KEYS[reason]}" if mark else f"roster.columns.{name}"


def leave_out_refused(project: Project, listed: Listed, students: pd.Series) -> dict[str, list[str]]:
    """Exclude students whose roster says that they take no part: `opted_out`, `no_consent`, `no_assent`.

    One row that says no is enough, also where the student stands in several. Rows of another day do not count.

    Returns
    -------
    dict
        Pseudonyms of the students, by reason.

    Raises
    ------
    ContractError
        When nobody would be left for want of one of the declared values.
    """
    found: dict[str, list[str]] = {}
    now = ~np.isin(listed.outcomes.rule, _NOT_OF_THE_DAY)
    for name, column in _declared(project).items():
        reason = name.partition(":")[2]
        refused = now & ~takes_part(listed.facts[name], column)
        _some_must_stay(project, listed, name, column, refused)
        people = students[refused & (students != "").to_numpy()]
        found[reason] = sorted({*found.get(reason, []), *people})
        gone = refused | students.isin(people).to_numpy()
        listed.outcomes.exclude(gone, reason, column.column)
    if project.survey.anonymous and any(found.values()):
        listed.notes.append(
            f"{listed.file}: answers are anonymous, so those of students whose roster says that they take no part "
            "cannot be told apart. These students are not counted as eligible; see that they are not asked."
        )
    return found


def answers_refused(
    refused: Mapping[str, list[str]], people: pd.Series, outcomes: Outcomes, column: str | None
) -> None:
    """Exclude answers of students whose roster says that they take no part, for the reasons it gives."""
    for reason, students in refused.items():
        if students:
            outcomes.exclude(people.isin(students).to_numpy(), reason, column)


def _declared(project: Project) -> dict[str, ParticipationColumn]:
    roster = project.survey.roster
    if roster is None:
        return {}
    own = {_ROSTER + reason: column for reason, column in roster.participation.items()}
    further = roster.groups.participation if roster.groups else {}
    return own | {_GROUPS + reason: column for reason, column in further.items()}


def _some_must_stay(
    project: Project, listed: Listed, name: str, column: ParticipationColumn, refused: np.ndarray
) -> None:
    here = listed.outcomes.open
    if not here.any() or not refused[here].all():
        return
    key, n = key_of(name), int(here.sum())
    raise ContractError(
        f"not one of the {n:,} students says what {key} asks for, so nobody would be eligible.",
        file=listed.file if name.startswith(_ROSTER) else "the file of roster.groups",
        column=column.column,
        found=held_values(listed.facts[name][here], project.policy.minimum["internal"]),
        allowed=", ".join(column.agreed),
        todo=f"Write in survey.yaml, under {key}: agreed, what this file says of a student who takes part.",
    )
