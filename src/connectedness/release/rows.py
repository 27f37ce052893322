"""Restricted-use rows: one respondent a row, for one named research project, under agreement.

Assembling and writing are two steps, since between them the rows must be made safe: columns that may not leave are
dropped, and rare combinations of quasi-identifiers are blanked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd

from connectedness.declare.instrument import MISSING_CODES, Instrument
from connectedness.declare.project import Project
from connectedness.errors import ConnectednessError, ContractError
from connectedness.files import legal_name
from connectedness.identity import pseudonyms
from connectedness.release.codebook import declared_order, instruments_of
from connectedness.tables import RESPONSE_FACTS, UNKNOWN

RESTRICTED, QUASI, INTERNAL = "restricted-use", "quasi-identifier", "internal"
FLAG = "attention_missed"
DURATION = "duration_s"
NEVER = frozenset({*RESPONSE_FACTS, "student"} - {"learning_mode", DURATION})
"""Columns that no contract can let out: they say when, from which file and row, or as whom someone answered."""
_MISSING_LABELS = np.array([None, *(sorted(MISSING_CODES, key=lambda kind: -MISSING_CODES[kind]))], dtype=object)
_KEYS = ["wave", "respondent"]


class SafeRows(Protocol):
    """Rows that have been made safe, with what it cost: cells blanked by column, columns dropped, and the k."""

    @property
    def frame(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def blanked(self) -> Mapping[str, int]: ...  # noqa: D102
    @property
    def dropped(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def k(self) -> int: ...  # noqa: D102


class Assembled(NamedTuple):
    """Rows not yet safe: the table, the class of each of its columns, and the quasi-identifiers, coarsest first."""

    frame: pd.DataFrame
    classification: dict[str, str]
    quasi_identifiers: tuple[str, ...]


def assemble_rows(
    project: Project,
    waves: Sequence[str],
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    roster: pd.DataFrame | None,
    key: bytes,
    project_name: str,
    classes: Mapping[str, str] | None = None,
) -> Assembled:
    """Put together the rows for one research project. They are not safe to give away before they are protected.

    Parameters
    ----------
    project : Project
    waves : sequence of str
    responses, scores : DataFrame
        The tables of those waves, one under another.
    roster : DataFrame or None
        Likewise; it says the groups of students whose answers carry a token.
    key : bytes
        The survey's key. Respondents get pseudonyms of this project alone.
    project_name : str
    classes : mapping, optional
        Classification of fixed columns, as their contracts have it. A demographic column that it does not name is a
        quasi-identifier; how long a respondent took leaves only where its contract says so.

    Returns
    -------
    Assembled
        Columns: wave, respondent, units and groups, how long it took, the attention flag; per item its code, why it is
        missing (`ITEM__missing`), and for items of scales its points (`ITEM_r`); the scores. Sorted by pseudonym,
        which is a keyed hash. Items of sensitive modules, timestamps, files and tokens are not among them.

    Raises
    ------
    ConnectednessError
        When the name cannot name a folder, or a wave is not declared.
    ContractError
        When a respondent stands twice in a wave, or has no scores.
    """
    check_project_name(project_name)
    waves = declared_order(project, waves)
    answers = responses[responses["wave"].isin(waves)].reset_index(drop=True)
    _one_row_each(answers)
    groups = _quasi_identifiers(project, answers, roster, classes or {})
    names = pseudonyms(answers["respondent"], key, project.survey.id, purpose=f"project:{project_name}")
    frame = pd.concat(
        [
            pd.DataFrame({"wave": answers["wave"].astype("str"), "respondent": pd.array(names, dtype="str")}),
            _groups(project, groups, answers, roster),
            answers[[DURATION]] if DURATION in answers else pd.DataFrame(index=answers.index),
            *_item_columns(project, waves, answers),
            _score_columns(answers, scores),
        ],
        axis=1,
    )
    _distinct(frame)
    place = frame["wave"].map({wave: i for i, wave in enumerate(waves)})
    order = np.lexsort((place.to_numpy(), frame["respondent"].to_numpy(dtype="str")))
    classification = _classification(frame, groups, classes or {})
    return Assembled(frame.iloc[order].reset_index(drop=True), classification, ("wave", *groups))


def check_project_name(name: str) -> None:
    """Raise ConnectednessError when a research project's name cannot stand in a folder's name on every system."""
    if not name or legal_name(name) != name:
        raise ConnectednessError(
            "a research project's name becomes part of a folder's name.",
            found=name,
            allowed="up to 60 lower-case letters, digits, - and _, as in peer-study-2026",
            todo=f"Write {re.sub(r'[^a-z0-9_]+', '-', name.lower()).strip('-')[:60] or 'peer-study-2026'}.",
        )


def module_items(project: Project, waves: Sequence[str]) -> set[str]:
    """Items of sensitive modules in the waves' instruments."""
    return {item for wave in waves for one in project.instruments(wave) for item in one.module_of}


def _one_row_each(answers: pd.DataFrame) -> None:
    twice = int(answers.duplicated(_KEYS).sum())
    if twice or answers.empty:
        raise ContractError(
            f"{twice} rows are of a respondent who already has one in the wave." if twice else "there are no rows.",
            todo="Run the wave again from its files.",
        )


def _quasi_identifiers(
    project: Project, answers: pd.DataFrame, roster: pd.DataFrame | None, classes: Mapping[str, str]
) -> tuple[str, ...]:
    """Columns on units and groups that may leave, coarsest first: as the policy lists them, else as declared.

    A class of `internal` keeps a column in. The wave comes before them all: whoever knows a student knows the wave.
    """
    survey = project.survey
    listed = project.policy.rows.quasi_identifiers
    wanted = listed if listed is not None else (*survey.units, *(one.id for one in survey.breakdowns))
    there = set(answers.columns) | set(() if roster is None or survey.anonymous else roster.columns)
    if "grade" in there:
        there.add("grade_band")
    barred = (
        NEVER
        | {DURATION}
        | {item.id for wave in survey.waves for one in project.instruments(wave.id) for item in one.items}
    )
    return tuple(
        name
        for name in dict.fromkeys(wanted)
        if name in there - barred and name not in ("wave", "respondent") and classes.get(name) != INTERNAL
    )


def _groups(project: Project, names: Sequence[str], answers: pd.DataFrame, roster: pd.DataFrame | None) -> pd.DataFrame:
    """Text columns of units and groups: as the roster has them where answers carry a token, else as answered."""
    own = _facts(project, names, answers)
    if roster is None or project.survey.anonymous:
        return own.reindex(columns=list(names))
    listed = _facts(project, names, roster)
    at = pd.MultiIndex.from_frame(roster[["wave", "student"]].astype("str"))
    if not at.is_unique:
        raise ContractError("a student stands twice in the roster of a wave.", todo="Run the wave again.")
    position = at.get_indexer(pd.MultiIndex.from_frame(answers[_KEYS].astype("str")))
    found = {}
    for name in names:
        fallback = own[name] if name in own else pd.Series(UNKNOWN, index=answers.index, dtype="str")
        if name in listed and len(listed) and (name not in own or (listed[name] != UNKNOWN).any()):
            values = listed[name].to_numpy().take(position, mode="clip")
            found[name] = pd.Series(np.where(position >= 0, values, fallback), index=answers.index, dtype="str")
        else:
            found[name] = fallback
    return pd.DataFrame(found, index=answers.index)


def _facts(project: Project, names: Sequence[str], frame: pd.DataFrame) -> pd.DataFrame:
    facts = {name: _known(frame[name]) for name in names if name in frame}
    if "grade_band" in names and "grade" in frame:
        band_of = {grade: band for band, grades in project.survey.grade_bands.items() for grade in grades}
        facts["grade_band"] = _known(frame["grade"].astype("str").map(band_of))
    return pd.DataFrame(facts, index=frame.index)


def _known(column: pd.Series) -> pd.Series:
    text = column.astype("str")
    return text.where(text.notna() & (text != ""), UNKNOWN)


def _item_columns(project: Project, waves: Sequence[str], answers: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The flag, then each item's columns; points are those of the instrument that the row's wave pinned."""
    wave_of = answers["wave"].to_numpy(dtype="str")
    pinned = {wave: {item: one for one in project.instruments(wave) for item in one.item_by_id} for wave in waves}
    items = [item for one in instruments_of(project, waves) for item in one.active_items()]
    columns: dict[str, object] = {}
    missed, asked = np.zeros(len(answers), dtype=bool), np.zeros(len(answers), dtype=bool)
    for item in items:
        if item.id not in answers:
            continue
        codes = answers[item.id].fillna(MISSING_CODES["not_asked"]).to_numpy(dtype="int16")
        columns[item.id] = _whole(codes, codes < 0)
        columns[f"{item.id}__missing"] = pd.array(_MISSING_LABELS[np.where(codes < 0, -codes, 0)], dtype="str")
        if item.kind == "attention":
            missed |= (codes >= 0) & (codes != item.correct)
            asked |= codes >= 0
        elif item.kind == "scale":
            columns[f"{item.id}_r"] = _points(item.id, pinned, wave_of, codes)
    yield pd.DataFrame({FLAG: _whole(missed, ~asked)}, index=answers.index)
    yield pd.DataFrame(columns, index=answers.index)


def _whole(values: np.ndarray, missing: np.ndarray) -> pd.api.extensions.ExtensionArray:
    return pd.arrays.IntegerArray(np.where(missing, 0, values).astype("int16"), missing)


def _points(
    item: str, pinned: Mapping[str, Mapping[str, Instrument]], wave_of: np.ndarray, codes: np.ndarray
) -> pd.api.extensions.ExtensionArray:
    points = np.full(len(codes), -1, dtype="int16")
    for wave, instruments in pinned.items():
        if item not in instruments:
            continue
        earned = instruments[item].points(item)
        by_code = np.full(max(earned) + 2, -1, dtype="int16")  # the last place is for codes that earn nothing
        by_code[list(earned)] = list(earned.values())
        here = wave_of == wave
        points[here] = by_code[np.where((codes[here] < 0) | (codes[here] > max(earned)), -1, codes[here])]
    return _whole(points, points < 0)


def _score_columns(answers: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    at = pd.MultiIndex.from_frame(scores[_KEYS].astype("str"))
    position = at.get_indexer(pd.MultiIndex.from_frame(answers[_KEYS].astype("str"))) if at.is_unique else None
    if position is None or (position < 0).any():
        raise ContractError(
            "the scores do not have one row for each respondent of these waves.", todo="Run the waves again."
        )
    return scores.drop(columns=_KEYS).iloc[position].reset_index(drop=True)


def _distinct(frame: pd.DataFrame) -> None:
    twice = sorted(set(frame.columns[frame.columns.duplicated()]))
    if twice:
        raise ConnectednessError(
            "two columns of the rows would have one name.",
            found=", ".join(twice),
            todo="Give the item, scale or group another id.",
        )


def _classification(frame: pd.DataFrame, groups: Sequence[str], classes: Mapping[str, str]) -> dict[str, str]:
    """Class of each column; `respondent` is this project's pseudonym, not the internal one that a contract means."""
    ours = dict.fromkeys(frame.columns, RESTRICTED) | dict.fromkeys(("wave", *groups), QUASI)
    told = {name: classes[name] for name in frame.columns if name in classes and ours[name] != QUASI}
    if DURATION in ours:
        told.setdefault(DURATION, INTERNAL)
    return ours | told | {"respondent": RESTRICTED}
