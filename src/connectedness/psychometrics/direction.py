"""The direction alarm: does a scale run the way its instrument says?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.answers import find_columns, points_of
from connectedness.declare.instrument import Instrument, Scale
from connectedness.declare.registry import instrument_of
from connectedness.errors import ContractError
from connectedness.psychometrics.direction_finding import Finding
from connectedness.psychometrics.direction_labels import Labels, check_labels
from connectedness.psychometrics.direction_signs import check_items, check_scale
from connectedness.psychometrics.direction_waves import check_last_wave

Floats = NDArray[np.float64]


def check_direction(
    responses: pd.DataFrame,
    scores: pd.DataFrame | None,
    instruments: Instrument | str | Sequence[Instrument | str],
    *,
    labels: Labels | None = None,
    previous: pd.DataFrame | None = None,
    anchors: pd.DataFrame | None = None,
    statements: Iterable[Any] = (),
) -> list[Finding]:
    """Check the direction of every scale of a wave, on the whole wave.

    Parameters
    ----------
    responses : DataFrame
        One row per respondent; item columns named by item id or variable, holding the instruments' codes.
    scores : DataFrame or None
        Rows as in `responses`; a column for each scale. A scale without a column, or None, is scored here by its mean.
    instruments : Instrument, str, or a sequence of these
        What the wave pins.
    labels : {item id or variable: {code: label}}, optional
        Value labels or choice text that the file carries.
    previous : DataFrame, optional
        Scores of the compared wave, a column for each scale.
    anchors : DataFrame, optional
        Rows as in `responses`; columns outside the instruments whose direction is known, such as a publisher's own
        index; null, or a missing code of the instrument, where there is no value. A column of `scores` or `responses`
        serves too.
    statements : iterable, optional
        Recorded decisions (objects or mappings with `check`, `what`, and perhaps `wave`): a stop of that check on that
        item or scale becomes `overridden`. One about another wave than that of `responses` is passed over.

    Returns
    -------
    list of Finding
        For each scale: `labels` and `one_item` per item, `whole_scale` per declared scale or anchor, `last_wave`.
        Verdicts are `stop`, `overridden`, `caution`, `ok` and `not_checked`; each has its sentence.

    Raises
    ------
    ContractError
        When the tables have different rows, or `responses` holds no item of an instrument.

    Notes
    -----
    What stops: labels in another order than the instrument's; a corrected item-rest correlation whose upper 99% limit
    (Fisher's z) is below 0, over 100 respondents or more; a correlation with a declared scale or anchor (or of one
    item with an anchor) that has the opposite sign and is clear of 0 at 99%; a mean that has moved by more than one
    standard deviation, or a distribution that mirrors the last wave's. Under 30 respondents no correlation and no
    mean stops anything. Two scales that are both turned go together as they should: only labels, an anchor or the
    last wave can tell.

    In R: `cor.test(conf.level = 0.99)`; `psych::alpha(x)$item.stats$r.drop` is the item-rest correlation.
    Fisher (1921), Metron 1, 3-32.
    """
    known = [instrument_of(one) for one in _listed(instruments)]
    tables = [_aligned(table, len(responses), name) for table, name in ((scores, "scores"), (anchors, "anchors"))]
    wave = _Wave(responses, tables[0], tables[1], known)
    found = [finding for one in known for finding in _check(one, wave, _by_item(one, labels), previous)]
    decided = _decided(statements, responses)
    return [_overridden(finding, decided) for finding in found]


class _Wave:
    """Points and scores of a wave, and the columns that a scale can be held against."""

    def __init__(
        self,
        responses: pd.DataFrame,
        scores: pd.DataFrame | None,
        anchors: pd.DataFrame | None,
        instruments: Sequence[Instrument],
    ) -> None:
        self.responses, self.scores, self.anchors = responses, scores, anchors
        self.columns = {one.pinned: find_columns(responses, one) for one in instruments}
        self.home = {scale.id: (one, scale) for one in instruments for scale in one.scales}
        self._scored: dict[str, Floats] = {}

    def points(self, instrument: Instrument, scale: Scale) -> pd.DataFrame:
        return points_of(self.responses, self.columns[instrument.pinned], instrument, scale.items)

    def score(self, scale_id: str) -> Floats:
        if scale_id not in self._scored:
            if self.scores is not None and scale_id in self.scores:
                self._scored[scale_id] = _numbers(self.scores[scale_id])
            else:
                instrument, scale = self.home[scale_id]
                points = self.points(instrument, scale)
                enough = points.notna().sum(axis=1) >= scale.min_answered
                self._scored[scale_id] = _numbers(points.mean(axis=1).where(enough))
        return self._scored[scale_id]

    def find(self, name: str, instrument: Instrument) -> tuple[Floats, bool] | None:
        if name in self.home:
            return self.score(name), False
        for table in (self.anchors, self.scores, self.responses):
            if table is not None and name in table:
                # A scale of an instrument not checked here comes with its number of answers; an anchor does not.
                values = _numbers(table[name])
                # Publishers mark a missing index by the codes of a missing answer, such as 99.
                return np.where(np.isin(values, list(instrument.missing)), np.nan, values), f"{name}__n" not in table
        return None


def _check(instrument: Instrument, wave: _Wave, labels: Labels | None, previous: pd.DataFrame | None) -> list[Finding]:
    found = []
    for scale in instrument.scales:
        points, scores = wave.points(instrument, scale), wave.score(scale.id)
        before = _numbers(previous[scale.id]) if previous is not None and scale.id in previous else None
        found += check_labels(instrument, scale, labels)
        found += check_items(scale, points, wave.columns[instrument.pinned])
        found += check_scale(scale, scores, points, partial(wave.find, instrument=instrument))
        found.append(check_last_wave(scale.id, scores, before, *instrument.scale_range(scale.id)))
    return found


def _listed(instruments: Instrument | str | Sequence[Instrument | str]) -> Sequence[Instrument | str]:
    return [instruments] if isinstance(instruments, Instrument | str) else instruments


def _aligned(table: pd.DataFrame | None, n: int, name: str) -> pd.DataFrame | None:
    if table is not None and len(table) != n:
        raise ContractError(
            f"{name} must have the rows of responses, in the same order.",
            found=f"{len(table)} rows",
            allowed=f"{n} rows",
        )
    return table


def _by_item(instrument: Instrument, labels: Labels | None) -> Labels | None:
    """Labels by item id, whether the file names an item by id or by variable."""
    if not labels:
        return None
    named = {item.id: labels.get(item.id) or labels.get(item.variable or "") for item in instrument.items}
    return {
        item: {int(float(code)): str(label) for code, label in words.items() if _is_whole(code)}
        for item, words in named.items()
        if words
    }


def _is_whole(code: Any) -> bool:
    try:
        return float(code) == int(float(code))
    except (TypeError, ValueError, OverflowError):
        return False


def _numbers(column: pd.Series) -> Floats:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def _decided(statements: Iterable[Any], responses: pd.DataFrame) -> set[tuple[str, str]]:
    waves = set(responses["wave"].unique()) if "wave" in responses else set()
    decided = set()
    for one in statements:
        wave, check, what = (
            one.get(name) if isinstance(one, Mapping) else getattr(one, name, None)
            for name in ("wave", "check", "what")
        )
        if not waves or wave is None or wave in waves:
            decided.add((str(check), str(what)))
    return decided


def _overridden(finding: Finding, decided: set[tuple[str, str]]) -> Finding:
    named = {(finding.check, what) for what in (finding.item, finding.scale) if what is not None}
    if finding.verdict != "stop" or not named & decided:
        return finding
    return replace(finding, verdict="overridden", sentence=f"{finding.sentence} A recorded statement says it is right.")
