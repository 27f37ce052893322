"""Every declared unit and breakdown must be in some column of what was read, or a person is told which there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from connectedness.errors import DeclarationError
from connectedness.ingest.header import listed, near_name
from connectedness.ingest.plan import Plan


def must_have_groups(
    plan: Plan, answers: Collection[str], roster: Collection[str] | None, header: Sequence[str], file: str
) -> None:
    """Check that each unit below the widest, and each breakdown, is known of students.

    Parameters
    ----------
    plan : Plan
    answers, roster : collection of str
        Columns that were made of the answers and of the roster; null without a roster.
    header : sequence of str
        The columns that the first export itself has, whether they were read or not.
    file : str
        Its path, for the error.

    Raises
    ------
    DeclarationError
        With the columns of the file, and the name that comes nearest.
    """
    survey = plan.survey
    # In an anonymous survey the roster cannot say in which group an answer is; a school's region it can.
    of_students = set(answers) | (set() if survey.anonymous else set(roster or ()))
    named = [("unit", ("units", i), one) for i, one in enumerate(survey.units) if i]
    named += [("breakdown", ("breakdowns", i), one.id) for i, one in enumerate(survey.breakdowns)]
    for what, key, name in named:
        if name in of_students or (what == "unit" and name in (roster or ())):
            continue
        raise _nowhere(plan, what, key, name, header, file)


def _nowhere(
    plan: Plan, what: str, key: tuple[str | int, ...], name: str, header: Sequence[str], file: str
) -> DeclarationError:
    near, _ = near_name(name, [one for one in header if one])
    column = near or "NAME"
    todo = f"say which column holds it: columns: {{others: {{{name}: {column}}}}} in the column map"
    if plan.survey.roster and not plan.survey.anonymous:
        todo += f", or {name} under roster.columns"
    return plan.project.source.error(
        f"the {what} {name} is in no column of this wave's data"
        + (f"; {file} has {near}, which comes near to it." if near else "."),
        key,
        found=name,
        allowed=f"a column of {file}: {listed([one for one in header if one])}",
        todo=("Answers are anonymous here, so the roster alone cannot place them. " if plan.survey.anonymous else "")
        + f"{todo[0].upper()}{todo[1:]}; or take {name} out of survey.yaml.",
    )
