"""Scores by counting points: mean, sum, percent of maximum, share favourable, and those by norms and tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.answers import ANSWERED, NOT_ASKED, as_codes, count_kinds, find_columns, item_key, places
from connectedness.declare.instrument import Instrument, Scale
from connectedness.declare.registry import instrument_of, require_verified
from connectedness.errors import ContractError, DeclarationError
from connectedness.scoring.norms import norm_facts, t_score, z_score
from connectedness.scoring.tables import table_facts, table_score

METHODS = ("mean", "sum", "pomp", "favourable")
# These need a norm or a table, so a scale has them only where it declares one.
NORM_METHODS = ("t", "z")
DECLARED_METHODS = (*NORM_METHODS, "table")
STATUSES = ("ok", "too_few_answered", "not_asked")
_OK, _TOO_FEW, _NOT_ASKED = range(3)
# Bits of a packed tally: points, then three counts.
_POINTS, _FIELD = 30, 11
_PIECE = 32_768  # respondents at a time, so that what is added to stays in the processor's cache

Column = NDArray[np.float64]


@dataclass
class Tally:
    """Per respondent: points earned, and how many of a scale's items were answered, favourable and not asked."""

    points: NDArray[np.int32]
    answered: NDArray[np.int16]
    favourable: NDArray[np.int16]
    not_asked: NDArray[np.int16]


def score_wave(responses: pd.DataFrame, instruments: Sequence[Instrument]) -> pd.DataFrame:
    """Score every scale of a wave's instruments by every method.

    Parameters
    ----------
    responses : DataFrame
        `wave`, `respondent` and int16 item columns named by item id. An item without a column was not asked.
    instruments : sequence of Instrument
        Those that the wave pins.

    Returns
    -------
    DataFrame
        `wave`, `respondent`, then for each scale S: `S` (mean), `S_sum`, `S_pomp`, `S_favourable`, `S_t` and `S_z`
        where it declares a norm, `S_table` where it declares a table, `S__n`, `S__se`, `S__status`; rows in the order
        of `responses`. Pinned instruments, methods, norms and tables are in `attrs`.

    Raises
    ------
    DeclarationError
        When two instruments would write the same column.
    """
    methods = (*METHODS, *DECLARED_METHODS)
    parts = [responses[["wave", "respondent"]].reset_index(drop=True)]
    for instrument in instruments:
        by_id = {item.id: item.id for item in instrument.items if item.id in responses.columns}
        parts += [_score_scale(responses, by_id, instrument, scale, methods) for scale in instrument.scales]
    scores = pd.concat(parts, axis=1)
    _refuse_twice(scores)
    scores.attrs = {
        "instruments": [instrument.pinned for instrument in instruments],
        "methods": list(methods),
        **_conversions([scale for one in instruments for scale in one.scales], methods, None),
    }
    return scores


def score(
    frame: pd.DataFrame,
    instrument: Instrument | str,
    methods: Sequence[str] = ("mean",),
    *,
    keep: Sequence[str] | None = None,
    norm: str | None = None,
    accept_unverified: bool = False,
) -> pd.DataFrame:
    """Score a table of answers, one row per respondent.

    Parameters
    ----------
    frame : DataFrame
        Columns named by item id or by the instrument's variable names, holding the instrument's codes. Floats with
        NaN, as read from CSV, are allowed. Blank is skipped; a value outside the declared codes counts as not
        answered, and is never guessed.
    instrument : Instrument or str
        An instrument, or the name of one that ships, as in ``"pisa-belonging"``.
    methods : sequence of {"mean", "sum", "pomp", "favourable", "t", "z", "table"}
        Which scores to give. With k items, points on [low, high], and m the mean of the points of the items
        answered: mean = m; sum = m k (prorated); pomp = 100 (m - low) / (high - low), the percent of maximum
        possible; favourable = favourable answers / answers, from 0 to 1. Where the scale declares a norm, with mean
        M and standard deviation s in its population: z = (score - M) / s and t = 50 + 10 z. Where it declares a table:
        table = what the table gives for the raw sum, of complete answers unless its source allows prorating.
    keep : sequence of str, optional
        Columns to put before the scores. Default: `wave` and `respondent`, where there are any.
    norm : str, optional
        Id of the norm for t and z. Default: the first that the scale declares.
    accept_unverified : bool
        Score by codes and polarities that nobody has verified; a score may then run the wrong way.

    Returns
    -------
    DataFrame
        Index and order of `frame`. For each scale S: `S` (mean), `S_sum`, `S_pomp`, `S_favourable` as asked, and
        `S_t`, `S_z`, `S_table` where the scale declares a norm or a table, in float64, null when fewer than
        `min_answered` items are answered; `S__n` answered; `S__se` (null: classical
        scores have none); `S__status`: `ok`, `too_few_answered` or `not_asked`.
        ``attrs["instruments"]`` names instrument and version, and ``attrs["answers"]`` tells, for each item, its
        column and how many values were answered, skipped, not_asked, dont_know, invalid, or undeclared (outside
        the codes that the instrument declares). ``attrs["norms"]`` and ``attrs["tables"]`` hold, for each scale so
        scored, the norm's or table's id, version, population and source.

    Raises
    ------
    ContractError
        When the table holds none of the items, a column twice, or not a column to keep.
    DeclarationError
        When the instrument, a method or the norm is not known, when no scale declares what a method needs, when a
        licence binds the instrument and it has no key, or when it is unverified and that is not accepted.
    """
    known = instrument_of(instrument)
    require_verified(known, accept_unverified)
    _refuse_unknown(methods)
    _refuse_undeclared(methods, known, norm)
    columns = find_columns(frame, known)
    parts = [_kept(frame, keep)]
    parts += [_score_scale(frame, columns, known, scale, methods, norm) for scale in known.scales]
    scores = pd.concat(parts, axis=1)
    _refuse_twice(scores)
    scores.index = frame.index
    scores.attrs = {
        "instruments": [known.pinned],
        "methods": list(methods),
        "answers": {
            item: {"column": column, **count_kinds(as_codes(frame[column], known), item_key(known, item))}
            for item, column in columns.items()
        },
        **_conversions(known.scales, methods, norm),
    }
    return scores


def _score_scale(
    frame: pd.DataFrame,
    columns: dict[str, str],
    instrument: Instrument,
    scale: Scale,
    methods: Sequence[str],
    norm: str | None = None,
) -> pd.DataFrame:
    tally = _count(frame, columns, instrument, scale)
    k, (low, high) = len(scale.items), instrument.scale_range(scale.id)
    status = np.where(tally.not_asked == k, _NOT_ASKED, _TOO_FEW)
    status[tally.answered >= scale.min_answered] = _OK
    answered = np.where(status == _OK, tally.answered, np.nan)
    mean = tally.points / answered
    has_favourable = any(instrument.favourable_codes(item) for item in scale.items)
    normed = scale.norm(norm)

    # Only the methods that are asked for are worked out.
    values: dict[str, Callable[[], Column]] = {
        "mean": lambda: mean,
        "sum": lambda: mean * k,
        "pomp": lambda: 100 * (mean - low) / (high - low),
        # Nothing is favourable where the instrument does not say what is: that is unknown, not zero.
        "favourable": lambda: tally.favourable / answered if has_favourable else np.full(len(frame), np.nan),
    }
    if normed is not None:
        values["z"] = lambda: z_score(values[normed.of](), normed)
        values["t"] = lambda: t_score(values[normed.of](), normed)
    if (table := scale.table) is not None:
        values["table"] = lambda: np.where(
            status == _OK, table_score(tally.points, tally.answered, k, low, table), np.nan
        )
    named: dict[str, Any] = {
        scale.id if one == "mean" else f"{scale.id}_{one}": values[one]() for one in methods if one in values
    }
    named[f"{scale.id}__n"] = tally.answered
    named[f"{scale.id}__se"] = np.full(len(frame), np.nan)
    # Taken from the few words there are, which is many times faster than making a text of each row.
    named[f"{scale.id}__status"] = pd.Index(STATUSES, dtype="str").array.take(status)
    return pd.DataFrame(named, copy=False)


def _count(frame: pd.DataFrame, columns: dict[str, str], instrument: Instrument, scale: Scale) -> Tally:
    present = [item for item in scale.items if item in columns]
    keys = [_packed_key(instrument, item) for item in present]
    answers = [places(as_codes(frame[columns[item]], instrument)) for item in present]
    rows, absent = len(frame), len(scale.items) - len(present)
    tally = Tally(np.empty(rows, np.int32), *(np.empty(rows, np.int16) for _ in range(3)))
    counts = (tally.answered, tally.favourable, tally.not_asked)
    packed, earned = np.empty((2, _PIECE), np.int64)
    for start in range(0, rows, _PIECE):
        piece = slice(start, min(start + _PIECE, rows))
        total, one = packed[: piece.stop - start], earned[: piece.stop - start]
        total[:] = absent << (_POINTS + 2 * _FIELD)  # an item without a column was not asked
        for key, at in zip(keys, answers, strict=True):
            # Every place is in the key, so "clip" clips nothing; it only spares numpy its own check.
            total += np.take(key, at[piece], out=one, mode="clip")
        tally.points[piece] = total & ((1 << _POINTS) - 1)
        for place, count in enumerate(counts):
            count[piece] = total >> (_POINTS + place * _FIELD) & ((1 << _FIELD) - 1)
    return tally


def _packed_key(instrument: Instrument, item: str) -> NDArray[np.int64]:
    """For each possible code: points, answered, favourable and not asked, side by side in one number.

    Adding such numbers over a scale's items adds all four at once, in one look-up an item instead of four; none can
    run over into the next, since a scale has fewer than 1,024 items and a code is below 32,768.
    """
    key = item_key(instrument, item)
    fields = ((key.kind == ANSWERED), key.favourable, (key.kind == NOT_ASKED))
    packed = key.points.astype(np.int64)
    for at, one in enumerate(fields):
        packed += one.astype(np.int64) << (_POINTS + at * _FIELD)
    return packed


def _kept(frame: pd.DataFrame, keep: Sequence[str] | None) -> pd.DataFrame:
    names = [name for name in ("wave", "respondent") if name in frame.columns] if keep is None else list(keep)
    for name in names:
        if name not in frame.columns:
            raise ContractError(
                "this column is to be kept, but the table does not have it.",
                column=name,
                allowed=", ".join(map(str, frame.columns[:20])),
            )
    return frame[names].reset_index(drop=True)


def _refuse_unknown(methods: Sequence[str]) -> None:
    unknown = [method for method in methods if method not in METHODS + DECLARED_METHODS]
    if unknown or isinstance(methods, str):
        raise DeclarationError(
            "this way of scoring is not known.",
            found=methods if isinstance(methods, str) else ", ".join(unknown),
            allowed=f"a list of any of {', '.join(METHODS + DECLARED_METHODS)}",
        )


def _refuse_undeclared(methods: Sequence[str], instrument: Instrument, norm: str | None) -> None:
    """Refuse a method that no scale of the instrument declares what is needed for."""
    if set(methods) & set(NORM_METHODS) and not any(scale.norm(norm) for scale in instrument.scales):
        raise DeclarationError(
            "t and z need a norm, and this instrument declares none of that id."
            if norm
            else "t and z need a norm, and this instrument declares none.",
            found=norm or instrument.pinned,
            allowed=", ".join(one.id for scale in instrument.scales for one in scale.norms) or None,
            todo="Declare the norm, with its population, mean, sd and source, in a copy of the instrument of your own.",
        )
    if "table" in methods and not any(scale.table for scale in instrument.scales):
        raise DeclarationError(
            "this instrument declares no table from raw sums to a scale.",
            found=instrument.pinned,
            todo="Declare the table, with its source, in a copy of the instrument of your own.",
        )


def _conversions(scales: Sequence[Scale], methods: Sequence[str], norm: str | None) -> dict[str, dict[str, Any]]:
    """Norms and tables that were used, by scale; nothing where none was."""
    found: dict[str, dict[str, Any]] = {}
    for scale in scales:
        normed = scale.norm(norm) if set(methods) & set(NORM_METHODS) else None
        if normed is not None:
            found.setdefault("norms", {})[scale.id] = norm_facts(normed)
        if scale.table is not None and "table" in methods:
            found.setdefault("tables", {})[scale.id] = table_facts(scale.table)
    return found


def _refuse_twice(scores: pd.DataFrame) -> None:
    twice = sorted(set(scores.columns[scores.columns.duplicated()]))
    if twice:
        raise DeclarationError(
            "two scores, or a score and a column kept, would have the same name.",
            found=", ".join(twice),
            todo="Give each scale an id of its own, or keep another column.",
        )
