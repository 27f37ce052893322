"""Scores by item response theory, with pinned parameters: Warm's weighted likelihood and the posterior mean."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.answers import NOT_ASKED, as_codes, find_columns, item_key, places
from connectedness.declare.instrument import Instrument, Scale
from connectedness.declare.parameters import Parameters, find_parameters
from connectedness.declare.registry import instrument_of
from connectedness.errors import DeclarationError
from connectedness.itemresponse import (
    NO_ANSWER,
    Categories,
    Floats,
    Model,
    categories_of,
    checked,
    chosen,
    curves,
    in_pieces,
    model_of,
    patterns,
)
from connectedness.scoring.irt_warm import wle

__all__ = ["IRT_METHODS", "IRT_STATUSES", "Model", "eap", "model_of", "score_irt", "wle"]

IRT_METHODS = ("wle", "eap")
IRT_STATUSES = ("ok", "too_few_answered", "not_asked", "no_parameters")
_OK, _TOO_FEW, _NEVER_ASKED, _NO_PARAMETERS = range(4)


def score_irt(
    frame: pd.DataFrame,
    instrument: Instrument | str,
    parameters: Parameters | str | Mapping[str, Parameters],
    method: str = "wle",
    *,
    forms: pd.Series | None = None,
) -> pd.DataFrame:
    """Score one scale of a table of answers by item response theory.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent; columns named by item id or by the instrument's variable names, holding its codes.
        Not asked, skipped, don't know, invalid and undeclared values are all no answer to the model.
    instrument : Instrument or str
        An instrument, or the name of one that ships.
    parameters : Parameters, str or mapping
        Pinned parameters, or the name of a parameter file that ships; with `forms`, parameters by form.
    method : {"wle", "eap"}
        Warm's weighted likelihood, or the posterior mean under the parameters' own population.
    forms : Series of str, optional
        The form that each respondent answered, in the order of `frame`. A form without parameters has no score.

    Returns
    -------
    DataFrame
        Index and order of `frame`. For the scale S: `S_wle` (or `S_eap`) on the parameters' metric, null where fewer
        than `min_answered` are answered; `S_wle__se` its standard error (for EAP the posterior SD), null too where
        the parameters are only scoring-equivalent; `S_wle__n` answered; `S_wle__status`: `ok`, `too_few_answered`,
        `not_asked`, or `no_parameters` for a respondent whose form has none.
        ``attrs`` names instrument, parameters, method and whether they are scoring-equivalent.

    Raises
    ------
    ContractError
        When the table holds none of the items, or a column twice.
    DeclarationError
        When parameters and instrument do not belong together, or the method is not known.

    Notes
    -----
    See `wle` and `eap`. In R: ``mirt::fscores``, ``TAM::tam.wle``.
    """
    known = instrument_of(instrument)
    by_form = _by_form(parameters, forms)
    _refuse_method(method, by_form)
    scale = _one_scale(by_form, known)
    columns = find_columns(frame, known)
    categories = categories_of(frame, columns, known, scale.items)
    answered = (categories != NO_ANSWER).sum(axis=1)
    status = np.where(_never_asked(frame, columns, known, scale), _NEVER_ASKED, _TOO_FEW)
    theta, se = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    has_form = np.zeros(len(frame), dtype=bool)
    for form, own in by_form.items():
        mine = np.ones(len(frame), bool) if forms is None else (forms == form).to_numpy(dtype=bool, na_value=False)
        has_form |= mine
        at = np.flatnonzero(mine & (answered >= max(own.min_answered or scale.min_answered, 1)))
        status[at] = _OK
        theta[at], se[at] = _estimates(categories[at], own, scale, method)
    status[~has_form] = _NO_PARAMETERS
    name = f"{scale.id}_{method}"
    words = pd.array(np.array(IRT_STATUSES, dtype=object)[status], dtype="str")
    scores = pd.DataFrame(
        {name: theta, f"{name}__se": se, f"{name}__n": answered.astype(np.int16), f"{name}__status": words},
        index=frame.index,
    )
    scores.attrs = {
        "instruments": [known.pinned],
        "parameters": [own.pinned for own in by_form.values()],
        "method": method,
        "scoring_equivalent": any(own.scoring_equivalent for own in by_form.values()),
    }
    return scores


def eap(categories: NDArray[np.integer], model: Model, mean: float = 0.0, sd: float = 1.0) -> tuple[Floats, Floats]:
    """Mean and standard deviation of theta's posterior under a normal prior.

    Parameters
    ----------
    categories : array of int, (persons, items)
        Categories from 0; -1 for no answer.
    model : Model
        Items in the order of the columns.
    mean, sd : float
        Of the prior.

    Returns
    -------
    theta, sd : arrays of float64, (persons,)
        NaN for a person without any answer: their posterior would be the prior.

    Raises
    ------
    ContractError
        When the categories do not fit the model.

    Notes
    -----
    Bock and Mislevy (1982), doi 10.1177/014662168200600405, on equally spaced points: no further apart than 0.7 of
    the narrowest posterior, over 8 prior SD beyond the outermost posterior modes. That is within 1e-6 of the
    integral. In R: ``mirt::fscores(method = "EAP")``.
    """
    rows, which = patterns(checked(categories, model), model.n_categories)
    theta = _points(model, mean, sd)
    prior = -0.5 * ((theta - mean) / sd) ** 2
    table = model.chances(theta).reshape(-1, len(theta))
    found, spread = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for piece in in_pieces(len(rows)):
        at = np.flatnonzero((rows[piece] != NO_ANSWER).any(axis=1)) + piece.start
        height = chosen(rows[at], model.n_categories) @ table + prior
        height = np.exp(height - height.max(axis=1, keepdims=True))
        total = height.sum(axis=1)
        found[at] = height @ theta / total
        # About a middle, so that squares do not cancel.
        spread[at] = np.sqrt(np.maximum(height @ (theta - mean) ** 2 / total - (found[at] - mean) ** 2, 0))
    return (found, spread) if which is None else (found[which], spread[which])


def _points(model: Model, mean: float, sd: float) -> Floats:
    low, high = (_outermost_mode(model, mean, sd, end) + end * 8 * sd for end in (-1, 1))
    wide = curves(model, np.linspace(low, high, 801)).information.sum(axis=0).max()
    apart = min(0.7 / np.sqrt(wide + sd**-2), 1 / model.slopes.max())
    return np.linspace(low, high, int(np.ceil((high - low) / apart)) + 1)


def _outermost_mode(model: Model, mean: float, sd: float, end: int) -> float:
    """Posterior mode of whoever gave the highest (end 1) or lowest (end -1) answer to every item, by halving."""
    category = model.steps if end > 0 else np.zeros_like(model.steps)
    near, far = 0.0, sd**2 * float((model.slopes * model.steps).sum())
    for _ in range(60):
        away = (near + far) / 2
        score = curves(model, np.array([mean + end * away])).score[np.arange(model.n_items), category, 0].sum()
        near, far = (away, far) if sd**2 * end * score > away else (near, away)
    return mean + end * far


def _estimates(categories: Categories, own: Parameters, scale: Scale, method: str) -> tuple[Floats, Floats]:
    model = model_of(own, scale.items)
    if method == "wle":
        theta, se = wle(categories, model)
    else:
        theta, se = eap(categories, model, own.population.mean, own.population.sd)
    se = np.full_like(se, np.nan) if own.scoring_equivalent else own.metric.slope * se
    return own.metric.slope * theta + own.metric.intercept, se


def _refuse_method(method: str, by_form: dict[str, Parameters]) -> None:
    if method not in IRT_METHODS:
        raise DeclarationError("this way of scoring is not known.", found=method, allowed=", ".join(IRT_METHODS))
    equivalent = [own.pinned for own in by_form.values() if own.scoring_equivalent]
    if method != "wle" and equivalent:
        raise DeclarationError(
            "scoring-equivalent parameters give the publisher's scores, which are weighted likelihood estimates.",
            found=f"{method} with {', '.join(equivalent)}",
            allowed="wle",
        )


def _by_form(parameters: Parameters | str | Mapping[str, Parameters], forms: pd.Series | None) -> dict[str, Parameters]:
    if isinstance(parameters, Mapping) != (forms is not None):
        raise DeclarationError("parameters by form, and the form of each respondent, are given both or neither.")
    if isinstance(parameters, Mapping):
        return dict(parameters)
    return {"": find_parameters(parameters) if isinstance(parameters, str) else parameters}


def _one_scale(by_form: dict[str, Parameters], instrument: Instrument) -> Scale:
    scales = sorted({own.scale for own in by_form.values()})
    if len(scales) != 1:
        raise DeclarationError("the parameters are not all for one scale.", found=", ".join(scales) or "none")
    for own in by_form.values():
        own.must_fit(instrument)
    return instrument.scale_by_id[scales[0]]


def _never_asked(
    frame: pd.DataFrame, columns: dict[str, str], instrument: Instrument, scale: Scale
) -> NDArray[np.bool_]:
    never = np.ones(len(frame), dtype=bool)
    for item in scale.items:
        if item in columns:
            kind = item_key(instrument, item).kind
            never &= kind[places(as_codes(frame[columns[item]], instrument))] == NOT_ASKED
    return never
