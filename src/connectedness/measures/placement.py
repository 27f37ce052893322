"""Where respondents and the eligible stand: a column of text per unit and per breakdown, and the tree of units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise

import numpy as np
import pandas as pd

from connectedness.declare.project import Project
from connectedness.declare.survey import Survey
from connectedness.errors import ContractError
from connectedness.measures.nesting import fill_wider, name_within
from connectedness.tables import UNIT_TREE_COLUMNS, UNKNOWN

# Columns of responses and roster that tell one student from another, or say nothing of a group.
_NOT_GROUPS = {"wave", "respondent", "student", "started_at", "submitted_at", "duration_s", "source", "source_row"}


@dataclass(frozen=True)
class Placement:
    """A row per respondent, in the order of `responses`, and a row per eligible student; a column per unit, breakdown.

    `eligible` is None without a roster, and lacks what the roster does not know: nobody can say how many of a group
    were asked if only those who answered were asked which group they are in.
    """

    respondents: pd.DataFrame
    eligible: pd.DataFrame | None


def place(project: Project, wave_id: str, responses: pd.DataFrame, roster: pd.DataFrame | None) -> Placement:
    """Say in which unit and level each respondent and each eligible student is.

    Where students can be joined to the roster, the roster says it, so that numerators and denominators count alike;
    what the roster does not say comes from the responses. In an anonymous survey each table speaks for itself, and a
    level is counted in the roster only if both tables know it. A missing value is the level `unknown`.

    Raises
    ------
    DeclarationError
        When a declared unit or breakdown is in no column.
    ContractError
        When a unit lies in two wider ones, or a student stands twice.
    """
    survey = project.survey
    items = {item.id for instrument in project.instruments(wave_id) for item in instrument.items}
    own = _facts(responses, survey, items)
    if roster is None:
        frames = [own]
    elif survey.anonymous:
        frames = [own, _counted_alike(own, _facts(roster, survey, items), survey.units)]
    else:
        must_stand_once(roster["student"], "student", "roster")
        position = pd.Index(roster["student"]).get_indexer(pd.Index(responses["respondent"]))
        frames = _joined(own, _facts(roster, survey, items), position, survey.units)
    rooted = not any(survey.units[0] in frame for frame in frames)
    if rooted and survey.units[0] != "school":
        for frame in frames:
            frame[survey.units[0]] = survey.id
    fill_wider(frames, survey.units)
    for frame in frames:
        name_within(frame, survey.units, rooted)
    _must_have_all(project, frames[0], responses, roster, items)
    return Placement(frames[0], None if roster is None else frames[1])


def respondents_groups(
    project: Project, wave_id: str, responses: pd.DataFrame, roster: pd.DataFrame | None
) -> tuple[dict[str, pd.Series], dict[str, pd.Series]]:
    """Unit of each kind below the widest, and level of each breakdown, for each respondent in the order of `responses`.

    Raises
    ------
    DeclarationError, ContractError
        As `place`.
    """
    placed = place(project, wave_id, responses, roster).respondents.reset_index(drop=True)
    units = {kind: placed[kind] for kind in project.survey.units[1:] if kind in placed}
    return units, {one.id: placed[one.id] for one in project.survey.breakdowns if one.id in placed}


def unit_tree(
    project: Project, wave_id: str, responses: pd.DataFrame, roster: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Which unit lies in which: one line per unit below the widest.

    Parameters
    ----------
    project : Project
        The declared survey; its chain of units, widest first.
    wave_id : str
        The wave.
    responses, roster : DataFrame
        As in `estimate_wave`; the roster adds units in which nobody answered.

    Returns
    -------
    DataFrame
        `unit_type, unit, parent_type, parent`, in the order of the chain, then of the ids.

    Raises
    ------
    DeclarationError
        When a declared unit is in no column.
    ContractError
        When a unit lies in two wider ones.
    """
    placed = place(project, wave_id, responses, roster)
    frames = [placed.respondents] if placed.eligible is None else [placed.respondents, placed.eligible]
    lines = []
    for wider, narrower in pairwise(project.survey.units):
        pairs = [frame[[narrower, wider]].drop_duplicates() for frame in frames if {wider, narrower} <= set(frame)]
        found = pd.concat(pairs).drop_duplicates().sort_values([narrower, wider])
        lines.append(
            pd.DataFrame({"unit_type": narrower, "unit": found[narrower], "parent_type": wider, "parent": found[wider]})
        )
    empty = pd.DataFrame({column: [] for column in UNIT_TREE_COLUMNS})
    return pd.concat([empty, *lines], ignore_index=True).astype("str")


def _facts(frame: pd.DataFrame, survey: Survey, items: set[str]) -> pd.DataFrame:
    """Columns of a table that place a student, as text; a missing value is `unknown`."""
    names = [*survey.units, *(breakdown.id for breakdown in survey.breakdowns)]
    usable = set(frame.columns) - _NOT_GROUPS - items
    facts = {name: _as_text(frame[name]) for name in names if name in usable}
    if "grade_band" in names and "grade" in usable:
        facts["grade_band"] = _as_text(_as_text(frame["grade"]).map(survey.band_of))
    return pd.DataFrame(facts, index=frame.index)


def _as_text(column: pd.Series) -> pd.Series:
    text = column.astype("str")
    return text.where(text.notna() & (text != ""), UNKNOWN)


def _says_nothing(column: pd.Series) -> bool:
    return len(column) > 0 and bool((column == UNKNOWN).all())


def _counted_alike(own: pd.DataFrame, listed: pd.DataFrame, units: Sequence[str]) -> pd.DataFrame:
    """Of an anonymous survey's roster, the columns that the responses know too."""
    known = [name for name in listed if not _says_nothing(listed[name])]
    # A unit only the roster has may still be found: the school says in which region it lies.
    return listed[[name for name in known if (not _says_nothing(own[name]) if name in own else name in units)]].copy()


def _joined(own: pd.DataFrame, listed: pd.DataFrame, position: np.ndarray, units: Sequence[str]) -> list[pd.DataFrame]:
    """Place respondents by the roster's row at `position` (-1: not on it), else by their own columns."""
    from_roster = [name for name in listed if name not in own or not _says_nothing(listed[name])]
    facts = {name: own[name] for name in own}
    on_roster = position >= 0
    for name in from_roster:
        elsewhere = own[name].to_numpy() if name in units and name in own else UNKNOWN
        values = listed[name].to_numpy().take(position, mode="clip") if len(listed) else UNKNOWN
        facts[name] = pd.Series(np.where(on_roster, values, elsewhere), index=own.index, dtype="str")
    return [pd.DataFrame(facts, index=own.index), listed[from_roster].copy()]


def must_stand_once(ids: pd.Series, column: str, table: str) -> None:
    """Raise ContractError when an id stands twice: joined, it would count twice. Does not print the id."""
    twice = int(ids.duplicated().sum())
    if twice:
        raise ContractError(
            f"{twice} rows of the {table} are of a {column} who already has a row, so counts would be wrong.",
            column=column,
            todo="Run the wave again from its files: validation keeps one row of each.",
        )


def _must_have_all(
    project: Project, placed: pd.DataFrame, responses: pd.DataFrame, roster: pd.DataFrame | None, items: set[str]
) -> None:
    survey = project.survey
    named = [("unit", ("units", i), name) for i, name in enumerate(survey.units)]
    named += [("breakdown", ("breakdowns", i), one.id) for i, one in enumerate(survey.breakdowns)]
    for what, key, name in named:
        if name in placed:
            continue
        columns = sorted(set(responses.columns) - _NOT_GROUPS - items)
        allowed = f"columns of the answers: {', '.join(columns)}"
        if roster is not None:
            allowed += f"; of the roster: {', '.join(sorted(set(roster.columns) - _NOT_GROUPS))}"
        there = [*columns, *(sorted(set(roster.columns) - _NOT_GROUPS) if roster is not None else [])]
        near = get_close_matches(name, there, n=1)
        todo = f"Did you mean {near[0]}? If not: give the column" if near else "Give the column"
        todo = f"{todo} in the map under columns.others, or take {name} out of survey.yaml."
        if roster is not None and name in roster.columns:
            todo = f"Answers are anonymous here, so the roster alone cannot place them. {todo}"
        raise project.source.error(
            f"the {what} {name} is in no column of this wave's data.", key, found=name, allowed=allowed, todo=todo
        )
