"""Item response scores of a wave: each respondent by the parameters of the form they answered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from connectedness.declare.instrument import Instrument
from connectedness.declare.parameters import Parameters, find_parameters
from connectedness.declare.survey import WaveForms
from connectedness.errors import ContractError
from connectedness.scoring.irt import score_irt


def score_forms(
    responses: pd.DataFrame, instruments: Sequence[Instrument], wave_forms: WaveForms | None, project: Path | None
) -> pd.DataFrame:
    """Score by Warm's weighted likelihood the scales whose forms pin parameters.

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
        Rows as in `responses`. For each such scale S: `S_wle`, `S_wle__se`, `S_wle__n`, `S_wle__status`. A respondent
        whose form has no parameters has no score. Parameter files are named in ``attrs["parameters"]``.

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
        scores = score_irt(responses, instrument, pinned, forms=_forms(responses, instrument, wave_forms))
        found = found.join(scores)
        used += scores.attrs["parameters"]
    found.attrs = {"parameters": used}
    return found


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
