"""Item response scores of a wave, or of one table: each respondent by the parameters of the form they answered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from connectedness.declare.instrument import Instrument
from connectedness.declare.parameters import Parameters, find_parameters, read_parameters
from connectedness.declare.survey import WaveForms
from connectedness.errors import ContractError, DeclarationError
from connectedness.scoring.irt import score_irt


def score_forms(
    responses: pd.DataFrame, instruments: Sequence[Instrument], wave_forms: WaveForms | None, project: Path | None
) -> pd.DataFrame:
    """Score the scales whose forms pin parameters, by the methods that the wave declares.

    Parameters
    ----------
    responses : DataFrame
        The responses table; it holds the column that `wave_forms` names.
    instruments : sequence of Instrument
        Those that the wave pins.
    wave_forms : WaveForms or None
        Who answered which form. Without it nothing is scored: parameters of one country or language are not those of
        another, so none is assumed.
    project : path or None
        Folder whose own parameter files count too.

    Returns
    -------
    DataFrame
        Rows as in `responses`. For each such scale S and method, as in `S_wle`: `S_wle`, `S_wle__se`, `S_wle__n`,
        `S_wle__status`. A respondent whose form has no parameters has no score. Parameter files are named in
        ``attrs["parameters"]``.

    Raises
    ------
    ContractError
        When the responses lack the column of forms.
    DeclarationError
        When a parameter file is missing or does not belong to the instrument.
    """
    found = pd.DataFrame(index=responses.index)
    used: list[str] = []
    for instrument in instruments if wave_forms is not None else ():
        pinned = _parameters(instrument, project)
        if wave_forms is None or not pinned:
            continue
        forms = _forms(responses, instrument, wave_forms)
        for method in wave_forms.methods:
            found = found.join(score_irt(responses, instrument, pinned, method, forms=forms))
        used += [one.pinned for one in pinned.values()]
    found.attrs = {"parameters": used}
    return found


def score_one_form(
    frame: pd.DataFrame, instrument: Instrument, methods: Sequence[str], form: str | None, forms: pd.Series | None
) -> pd.DataFrame:
    """Item response scores of one table, outside any survey.

    Parameters
    ----------
    frame : DataFrame
        Columns named by item id or variable.
    instrument : Instrument
    methods : sequence of {"wle", "eap"}
    form : str or None
        The form that everybody answered: its id, or the path of a parameter file (as `calibrate` writes).
    forms : Series or None
        The form of each respondent, where they differ: a form's id, or a country that a form names.

    Returns
    -------
    DataFrame
        As `score_irt` gives, method by method.

    Raises
    ------
    DeclarationError
        When neither or both of `form` and `forms` are given, or no form of the instrument has parameters of this name:
        the parameters of one country or language are not those of another, so none is assumed.
    """
    pinned = _parameters(instrument, None)
    if form is not None and form.endswith((".yaml", ".yml")):
        pinned = {form: read_parameters(Path(form))}
    allowed = f"{', '.join(pinned) or 'none of this instrument'}; or the path of a parameter file"
    if (form is None) == (forms is None) or not pinned:
        raise DeclarationError(
            "wle and eap need parameters, and these belong to a form of the instrument.",
            found=instrument.pinned if not pinned else "no form" if form is None else "a form and a column of forms",
            allowed=allowed,
            todo="Say which form was answered (--form), or which column says it (--form-column).",
        )
    if form is not None and form not in pinned:
        raise DeclarationError("this form has no parameters.", found=form, allowed=allowed)
    answered = None if forms is None else _named(forms, instrument)
    given = pinned if forms is not None else pinned[str(form)]
    parts = [score_irt(frame, instrument, given, method, forms=answered) for method in methods]
    scores = pd.concat(parts, axis=1)
    scores.attrs = {**parts[0].attrs, "method": list(methods)}
    return scores


def _named(forms: pd.Series, instrument: Instrument) -> pd.Series:
    """Form of each respondent, by its own id or by a country that it names."""
    known = {country: one.id for one in instrument.forms for country in one.country}
    known |= {one.id: one.id for one in instrument.forms}
    return forms.astype("str").str.strip().map(known)


def _parameters(instrument: Instrument, project: Path | None) -> dict[str, Parameters]:
    return {form.id: find_parameters(form.parameters, project) for form in instrument.forms if form.parameters}


def _forms(responses: pd.DataFrame, instrument: Instrument, wave_forms: WaveForms) -> pd.Series:
    """Form of each respondent; a value that the wave does not name means the instrument's default form."""
    if wave_forms.column not in responses:
        raise ContractError(
            "the column that says who answered which form is not among the responses.",
            column=wave_forms.column,
            allowed=", ".join(sorted(set(responses.columns) - set(instrument.item_by_id))),
            todo="Name it under columns.others in the column map, or name another column under forms in survey.yaml.",
        )
    named = responses[wave_forms.column].astype("str").map(wave_forms.forms)
    default = instrument.default_form
    return named if default is None else named.fillna(default.id)
