"""Estimates of one wave: every unit, every breakdown and level, every measure. Nothing is hidden here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.declare.project import Project
from connectedness.errors import ContractError
from connectedness.measures.cells import Cells, Ints, all_cells
from connectedness.measures.change import change_rows
from connectedness.measures.figures import Figure, Moments, mean_figure, moments, rate_figure, sd_figure, share_figure
from connectedness.measures.intervals import Floats
from connectedness.measures.placement import must_stand_once, place
from connectedness.measures.wanted import (
    UNFLAGGED,
    OfScore,
    ShareOf,
    Wanted,
    answer_shares,
    comparable,
    unflagged,
    usable_measures,
    wanted,
)
from connectedness.tables import ALL, ESTIMATE_COLUMNS

_TYPES = {"n": "Int64", "eligible": "Int64", "value": "float64", "se": "float64", "low": "float64", "high": "float64"}


def estimate_wave(
    project: Project,
    wave_id: str,
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    roster: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    flags: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Estimate every measure in every cell of a wave.

    Parameters
    ----------
    project : Project
        The declared survey.
    wave_id : str
        The wave.
    responses : DataFrame
        One row per respondent: keys, groups, and item columns with the instruments' codes; negative is missing.
    scores : DataFrame
        One row per respondent: a column per score, null where there is none.
    roster : DataFrame, optional
        One row per eligible student. Without it nobody knows how many were asked.
    previous : DataFrame, optional
        Estimates of the wave to compare with, as this function gave them.
    flags : DataFrame, optional
        `respondent`, and `any_flag`: whether the answers look careless. With it, schools that are not the widest unit
        get each mean of a scale, and its change, without those too (`unflagged:MEASURE`, `change:unflagged:MEASURE`).
        From these, disclosure control says whether a verdict rests on careless answers; they never leave themselves.

    Returns
    -------
    DataFrame
        The estimates table, one row per cell and measure, at full precision: units widest first, `all` before the
        breakdowns, cells by unit and level; the changes last. Shares are 0 to 1, means on the declared range. The
        order of the rows given does not change a bit of it.

    Raises
    ------
    DeclarationError
        When a unit or breakdown is in no column, or a measure cannot be computed.
    ContractError
        When a respondent or student stands twice, a school lies in two wider units, or a score column is missing.

    Notes
    -----
    - Totals have breakdown and level `all`. Every cell has the response rate, the declared and default measures, and
      `sd:MEASURE` for each mean. Totals of every unit, and levels of the widest, have `share:ITEM:CODE`.
    - A cell is there when somebody answered or was asked; where nobody answered its status is `no_answers`.
    - `n` is the number of students behind the value: those with a score, or with an answer to the item.
    """
    must_stand_once(responses["respondent"], "respondent", "responses")
    # Sums of floats depend on their order in the last digit; this order is always the same.
    responses = responses.sort_values("respondent", ignore_index=True)
    placed = place(project, wave_id, responses, roster)
    answers = _Answers(project, wave_id, responses, scores, flags)
    survey = project.survey
    asked, shares = wanted(project, wave_id), answer_shares(project, wave_id)
    careful = unflagged(project, wave_id) if flags is not None and "school" in survey.units[1:] else ()
    parts = []
    for cells in all_cells(placed, survey.units, [breakdown.id for breakdown in survey.breakdowns]):
        spelled_out = cells.breakdown == ALL or cells.unit_type == survey.units[0]
        figures = [rate_figure(cells), *answers.figures((*asked, *shares) if spelled_out else asked, cells)]
        if (cells.unit_type, cells.breakdown) == ("school", ALL):
            figures += answers.figures(careful, cells)
        parts.append(_tidy(figures, cells))
    now = _table(wave_id, parts)
    if previous is None or previous.empty:
        return now
    return pd.concat([now, _changes(project, wave_id, now, previous)], ignore_index=True)


class _Answers:
    """Scores and item answers in the order of the responses, each read once."""

    def __init__(
        self,
        project: Project,
        wave_id: str,
        responses: pd.DataFrame,
        scores: pd.DataFrame,
        flags: pd.DataFrame | None,
    ) -> None:
        must_stand_once(scores["respondent"], "respondent", "scores")
        self._responses, self._scores = responses, scores
        self._row = pd.Index(scores["respondent"]).get_indexer(pd.Index(responses["respondent"]))
        self._codes = {
            item.id: instrument.codes(item.id)
            for instrument in project.instruments(wave_id)
            for item in instrument.items
        }
        self._flagged = _flagged(responses, flags)
        self._read_scores: dict[str, Floats] = {}
        self._read_items: dict[str, Ints] = {}

    def figures(self, asked: tuple[Wanted, ...], cells: Cells) -> list[Figure]:
        found: dict[tuple[str, bool], Moments] = {}
        tallies: dict[str, Ints] = {}
        out = []
        for one in asked:
            if isinstance(one, ShareOf):
                if one.item not in tallies:
                    tallies[one.item] = cells.tally(self._item(one.item), len(self._codes[one.item]) + 1)[:, :-1]
                out.append(self._share(one, tallies[one.item]))
            else:
                key = one.column, one.measure.startswith(UNFLAGGED)
                if key not in found:
                    found[key] = moments(self._score(*key), cells)
                out.append(_of_score(one, found[key]))
        return out

    def _share(self, one: ShareOf, tally: Ints) -> Figure:
        counted = [self._codes[one.item].index(code) for code in one.codes]
        return share_figure(one.measure, tally[:, counted].sum(axis=1), tally.sum(axis=1))

    def _score(self, column: str, careful: bool) -> Floats:
        if column not in self._read_scores:
            if column not in self._scores:
                raise ContractError(
                    "the scores lack a column that a measure needs.",
                    column=column,
                    todo="Run the wave again: its scores are from other declarations than survey.yaml has now.",
                )
            values = self._scores[column].to_numpy(np.float64, na_value=np.nan)
            # A last NaN, for respondents without a row of scores (-1).
            self._read_scores[column] = np.append(values, np.nan)[self._row]
        values = self._read_scores[column]
        return np.where(self._flagged, np.nan, values) if careful else values

    def _item(self, item: str) -> Ints:
        """Place of each answer in the item's options; one past the last when there is none."""
        if item not in self._read_items:
            codes = self._codes[item]
            places = np.full(len(self._responses), len(codes), dtype=np.int64)
            if item in self._responses:
                given = self._responses[item].to_numpy(np.int64)
                for place, code in enumerate(codes):
                    places[given == code] = place
            self._read_items[item] = places
        return self._read_items[item]


def _flagged(responses: pd.DataFrame, flags: pd.DataFrame | None) -> NDArray[np.bool_]:
    """Whether each respondent's answers look careless; nobody's where no one has looked."""
    if flags is None:
        return np.zeros(len(responses), dtype=bool)
    must_stand_once(flags["respondent"], "respondent", "flags")
    seen = flags.loc[flags["any_flag"].fillna(False).to_numpy(bool), "respondent"]
    return responses["respondent"].isin(seen).to_numpy(bool)


def _of_score(one: OfScore, found: Moments) -> Figure:
    if one.statistic == "sd":
        return sd_figure(one.measure, found)
    return mean_figure(one.measure, found, shares=one.statistic == "mean_of_shares")


def _tidy(figures: list[Figure], cells: Cells) -> dict[str, Any]:
    """Columns of the rows of some cells, cell after cell."""
    many, few = len(figures), len(cells)
    eligible = pd.array([pd.NA] * few if cells.eligible is None else cells.eligible, dtype="Int64")
    stacked = {
        name: np.stack([getattr(figure, name) for figure in figures], axis=1).ravel()
        for name in ("n", "value", "se", "low", "high", "status")
    }
    return {
        **stacked,
        "unit_type": np.full(many * few, cells.unit_type, dtype=object),
        "unit": np.repeat(cells.unit, many),
        "breakdown": np.full(many * few, cells.breakdown, dtype=object),
        "level": np.repeat(cells.level, many),
        "measure": np.tile(np.array([figure.measure for figure in figures], dtype=object), few),
        "method": np.tile(np.array([figure.method for figure in figures], dtype=object), few),
        "eligible": np.repeat(eligible, many),
    }


def _table(wave_id: str, parts: list[dict[str, Any]]) -> pd.DataFrame:
    """The estimates table of the parts, with its columns in order and of their types."""
    frame = pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)
    frame["wave"], frame["reason"] = wave_id, None
    types = {column: _TYPES.get(column, "str") for column in ESTIMATE_COLUMNS}
    return frame[list(ESTIMATE_COLUMNS)].astype(types)


def _changes(project: Project, wave_id: str, now: pd.DataFrame, previous: pd.DataFrame) -> pd.DataFrame:
    waves = previous["wave"].unique()
    if len(waves) > 1:
        raise ContractError("change is from one wave to one other.", column="wave", found=", ".join(sorted(waves)))
    measures = comparable(project, wave_id, waves[0])
    measures |= {UNFLAGGED + one for one in measures}
    shares = {measure.id for measure, _ in usable_measures(project, wave_id) if measure.statistic == "mean_of_shares"}
    return _table(wave_id, [change_rows(now, previous, measures, shares)])
