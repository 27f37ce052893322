"""Participation while a wave is open: how many have answered so far, of how many, by school and by grade.

Schools are shown these counts, so nothing small may follow from them: small cells are told together
(`participation_counts`), and answers as bands (`participation_bands`), since an exact count would say of a school where
all, or none, have answered who has and who has not, and two readings on successive days who answered between them.
Eligible students are told exactly, as a school knows them. A school by a grade is never told.

What is promised holds for somebody who sees participation alone. A release tells how many answered exactly, of every
group that it shows: beside the release of the same open wave the bands protect nothing, so a wave is published once it
is closed. What is left besides: when a band is left between two readings, somebody answered; and that the table of
grades or of ways of learning is left out tells that the bands it would have had are narrow beside the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectedness.declare.project import Project, open_project
from connectedness.declare.survey import GRADES, LEARNING_MODES
from connectedness.identity import load_key
from connectedness.participation_bands import Band, band, in_words
from connectedness.participation_counts import TABLES, protected_counts
from connectedness.tables import UNKNOWN

if TYPE_CHECKING:
    import pandas as pd

NOT_TAKING_PART = {
    "no_consent": "without consent",
    "no_assent": "who did not agree",
    "opted_out": "opted out",
    "withdrawn": "withdrew",
}
"""Why somebody on the roster is not eligible, in words."""


def participation(root: Path, wave: str) -> dict[str, Any]:
    """Count who has answered so far, against who is eligible. Nothing is written, and no wave is run.

    Parameters
    ----------
    root : path
        Folder of the project.
    wave : str
        Id of a wave; its exports are read as they are now.

    Returns
    -------
    dict
        `minimum`, `total` (`answered`, `eligible`; null where hidden, `eligible` null too without a roster),
        `tables`: by each of `TABLES`, a list of `cells` (names), `answered`, `eligible`; a table that would tell too
        much, or that nobody knows, is missing, and `left_out` says why. `aside`: rows of answers not counted, by
        reason; `not_eligible`: rows of the roster that are not counted as eligible, by reason. Answers and rows are
        bands, `least` and `most`.

    Raises
    ------
    DeclarationError, ContractError
        As for a run.

    Notes
    -----
    Bands protect against somebody who sees participation only. A release of the same open wave tells exact counts.
    """
    from connectedness.ingest import ingest_wave

    project = open_project(root)
    project.wave(wave)
    found = ingest_wave(project, wave, load_key(project.survey, project.root))
    answered, eligible = _placed(project, found.responses, found.roster)
    minimum = project.policy.minimum["internal"]
    joined = not project.survey.anonymous
    counted = protected_counts(answered, eligible, minimum, _order(project), joined=joined)
    titles = {school: title.en for school, title in project.schools.items()}
    rejected = found.rejected[found.rejected["table"] == "responses"]
    aside = {str(rule): int(n) for rule, n in rejected["rule"].value_counts().sort_index().items()}
    listed = (found.account["roster"] or {}).get("excluded", {})
    apart = {reason: int(listed[reason]) for reason in NOT_TAKING_PART if reason in listed}
    return {
        "survey": project.survey.id,
        "wave": wave,
        "closes": project.wave(wave).window[1].isoformat(),
        "minimum": minimum,
        **counted,
        "titles": titles,
        "aside": {reason: band(n, minimum).as_dict() for reason, n in aside.items()},
        "not_eligible": {reason: band(n, minimum).as_dict() for reason, n in apart.items()},
        "notes": _notes(len(found.responses), aside, apart, eligible is not None, minimum),
    }


def _notes(answers: int, aside: dict[str, int], apart: dict[str, int], roster: bool, minimum: int) -> list[str]:
    if not roster:
        return ["There is no roster, so nobody can say how many were asked."]
    notes = []
    if apart:
        told = "; ".join(f"{NOT_TAKING_PART[reason]}: {in_words(band(n, minimum))}" for reason, n in apart.items())
        notes.append(f"On the roster, and not counted as eligible: {told}.")
    if strangers := aside.get("not_on_roster", 0):
        note = (
            f"Answers of students who are not on the roster, and so not counted: {in_words(band(strangers, minimum))}."
        )
        if strangers > answers:
            note += " That is most of them: see that the token of the roster (roster.token) is the one in the answers."
        notes.append(note)
    return notes


def _placed(
    project: Project, responses: pd.DataFrame, roster: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Cells of those who answered and of the eligible; joined by student where the survey has a token."""
    if roster is None:
        return _columns(responses), None
    if not project.survey.anonymous:
        listed = _columns(roster)
        place = roster.set_index("student").index.get_indexer(responses["respondent"])
        return listed.take(place[place >= 0]).reset_index(drop=True), listed
    own, listed = _columns(responses), _columns(roster)
    # Only what both tables know can be counted alike.
    known = [name for name in TABLES if (own[name] != UNKNOWN).any() and (listed[name] != UNKNOWN).any()]
    return own[known], listed[known]


def _columns(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    columns = {name: frame[name].astype("str") if name in frame else UNKNOWN for name in TABLES}
    return pd.DataFrame(columns, index=frame.index)


def _order(project: Project) -> Callable[[str], tuple[int, str]]:
    """How cells are put in order: schools by id, grades and modes as they are declared."""
    known = {name: i for i, name in enumerate((*GRADES, *LEARNING_MODES, UNKNOWN))}
    return lambda name: (known.get(name, -1), name)


def participation_text(found: dict[str, Any]) -> str:
    """What `participation` found, to read in a terminal or to pass on to schools."""
    total = found["total"]
    if total["answered"] is None:
        return "\n".join([f"Wave {found['wave']}: nothing can be shown.", *found["left_out"], *found["notes"]])
    lines = [f"Wave {found['wave']}, open until {found['closes']}: {_of(total)} so far."]
    for name, rows in found["tables"].items():
        named = [(_named(name, row["cells"], found["titles"]), row) for row in rows]
        width = max(len(label) for label, _ in named)
        lines += ["", f"By {name.replace('_', ' ')}:", *(f"  {label:{width}}  {_of(row)}" for label, row in named)]
    joined = any(len(row["cells"]) > 1 for rows in found["tables"].values() for row in rows)
    if joined:
        lines += ["", "Told together: where too few students would be told of, or would follow."]
    if found["left_out"] or found["notes"]:
        lines += ["", *found["left_out"], *found["notes"]]
    return "\n".join(lines)


def _of(row: dict[str, Any]) -> str:
    told = in_words(Band(**row["answered"]), row["eligible"])
    return told if row["eligible"] is not None else f"{told} answered"


def _named(table: str, cells: Sequence[str], titles: dict[str, str]) -> str:
    names = [f"{one} {titles[one]}" if table == "school" and one in titles else one.replace("_", " ") for one in cells]
    return (
        ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "") if len(names) > 1 else names[0]
    )
