"""Calibrate a scale: item parameters, with standard errors and fit, from a table of answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray
from pydantic import ValidationError

from connectedness.answers import find_columns
from connectedness.declare.instrument import Instrument, Scale
from connectedness.declare.parameters import Parameters
from connectedness.declare.registry import instrument_of
from connectedness.declare.source import in_plain_words
from connectedness.errors import DeclarationError
from connectedness.files import write_text
from connectedness.itemresponse import categories_of, model_of, patterns
from connectedness.psychometrics.calibration_checks import (
    Weights,
    read_weights,
    refuse_answers,
    refuse_slopes,
    which_scale,
)
from connectedness.psychometrics.calibration_em import Fit, Likelihood, fit
from connectedness.psychometrics.calibration_fit import Misfit, information, item_fit, person_fit
from connectedness.psychometrics.calibration_numbers import Reported

MODELS = ("pcm", "gpcm", "grm")
_DIGITS = 6


@dataclass(frozen=True)
class Calibration:
    """What a calibration found.

    Attributes
    ----------
    parameters : Parameters
        As a parameter file declares them: population mean 0 and, for GPCM and GRM, SD 1; for PCM the SD found.
    items : DataFrame
        One row per number: `item`, `parameter` (`slope`, `step_1` ..), `value`, `se`. For PCM also `centred` and
        `centred_se`: thresholds of mean nought, with the population's mean free instead.
    population : DataFrame
        `identification` (`population_centred`; for PCM also `items_centred`), `mean`, `sd`, and their `se`.
    item_fit : DataFrame
        `item`, `n` answers (weighted), `infit`, `outfit`: mean squares, 1 where answers are as the model has them.
    person_fit : DataFrame
        Index of the table given: `n` answered, `theta` (posterior mean), `sd`, `infit`, `outfit`, `lz` (far below 0:
        unlikely answers). Null for a respondent without answers.
    information : DataFrame
        `theta`, `information` of all items together, `se` of theta there.
    reliability : float
        Variance of the posterior means over the variance of theta (that of EAP scores).
    log_likelihood, n, iterations
        Marginal log likelihood, respondents used, rounds.
    """

    parameters: Parameters
    items: pd.DataFrame
    population: pd.DataFrame
    item_fit: pd.DataFrame
    person_fit: pd.DataFrame
    information: pd.DataFrame
    reliability: float
    log_likelihood: float
    n: int
    iterations: int


def calibrate(
    frame: pd.DataFrame,
    instrument: Instrument | str,
    scale: str | None = None,
    model: str = "gpcm",
    weights: Weights = None,
    *,
    theta: str = "normal",
    name: str | None = None,
    form: str = "own",
) -> Calibration:
    """Estimate item parameters by marginal maximum likelihood.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent; columns named by item id or by the instrument's variable names, holding its codes.
        What is not a declared answer is missing, and missing at random.
    instrument : Instrument or str
        An instrument, or the name of one that ships.
    scale : str, optional
        Which scale; needed where the instrument has several.
    model : {"gpcm", "pcm", "grm"}
        Generalised partial credit (Muraki 1992), partial credit (Masters 1982), graded response (Samejima 1969).
    weights : column name or sequence of float, optional
        Survey weights; only their proportions count. Standard errors then are the sandwich H^-1 B H^-1.
    theta : {"normal", "free"}
        Shape of theta's distribution. `free` estimates it on the 61 points together with the items: where theta is
        skewed, a normal one bends thresholds. Standard errors then take the shape as known, and a parameter file
        keeps of it the mean and SD only.
    name, form : str, optional
        Id and form of the parameters.

    Returns
    -------
    Calibration
        Parameters, standard errors, fit and information.

    Raises
    ------
    DeclarationError
        When the model, the scale or the name does not hold.
    ContractError
        When fewer than 50 respondents answered, the scale has one item, an item was answered by nobody or always
        alike, a category was chosen by nobody (its step has no estimate: nothing is merged silently), or an item
        runs against the others.
    ConnectednessError
        When no maximum is found.

    Notes
    -----
    Theta is integrated over 61 points 0.2 SD apart. EM (Bock and Aitkin 1981,
    doi 10.1007/BF02293801) is finished by Newton steps with the observed information of Louis (1982), whose inverse
    gives the standard errors. Respondents count as independent: where whole classes answered, true standard errors
    are larger. Infit and outfit are means over each respondent's posterior (Adams and Wu 2007), whose expectation is
    1 under the model; they see less of short scales' misfit than residuals at a known theta would. lz is taken at
    the posterior mean, and so varies a little less than a standard normal.
    In R: ``mirt::mirt(itemtype = "gpcm" | "graded" | "Rasch")``, ``TAM::tam.mml``; for free theta ``mirt(dentype =
    "empiricalhist")``. PCM thresholds, centred, are those of ``eRm::PCM`` where theta has its right shape: free, or
    normal if it is so.
    """
    known = instrument_of(instrument)
    if theta not in ("normal", "free"):
        raise DeclarationError("this shape of theta is not known.", found=theta, allowed="normal, free")
    if model not in MODELS:
        raise DeclarationError("this model is not known.", found=model, allowed=", ".join(MODELS))
    wanted = which_scale(known, scale)
    categories = categories_of(frame, find_columns(frame, known), known, wanted.items)
    weight = read_weights(frame, weights)
    used = (categories >= 0).any(axis=1) & (weight > 0)
    n_categories = len(known.codes(wanted.items[0]))
    refuse_answers(categories[used], known, wanted, n_categories)
    rows, which = patterns(categories[used], n_categories)
    which = np.arange(len(rows)) if which is None else which
    weight = weight[used] * used.sum() / weight[used].sum()
    sums, squares = (np.bincount(which, weights=one).astype(np.float64) for one in (weight, weight**2))
    likelihood = Likelihood(model, rows, sums, squares, n_categories)
    found = fit(likelihood, weighted=weights is not None, free_shape=theta == "free")
    refuse_slopes(found, wanted)
    return _described(likelihood, found, frame.index, used, which, _Names(known, wanted, model, theta, name, form))


def write_parameters(calibration: Calibration, path: Path) -> None:
    """Write the parameters as the YAML file that `read_parameters` reads and a form pins.

    Raises
    ------
    ConnectednessError
        When the file cannot be written.
    """
    plain = calibration.parameters.model_dump(mode="json", exclude_none=True)
    plain.pop("metric")
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)
    write_text(path, "# Item parameters, estimated by marginal maximum likelihood.\n" + text)


@dataclass(frozen=True)
class _Names:
    instrument: Instrument
    scale: Scale
    model: str
    theta: str
    name: str | None
    form: str

    @property
    def id(self) -> str:
        made = f"{self.scale.id}-{self.form}-{self.model}".lower()
        return self.name or re.sub(r"[^a-z0-9]+", "-", made)[:48].strip("-")


def _described(
    likelihood: Likelihood, found: Fit, index: pd.Index, used: NDArray[np.bool_], which: NDArray[np.intp], names: _Names
) -> Calibration:
    tables = likelihood.tables(found.free)
    misfit, reported = Misfit(tables), Reported(likelihood, found)
    items, population = reported.items(names.scale.items), reported.population()
    sd = float(population["sd"].iloc[0])
    parameters = _parameters(items, sd, names, int(used.sum()))
    persons = person_fit(likelihood, found.free, tables, misfit)
    persons["theta"] = (persons["theta"] - reported.mean) * sd / reported.sd
    persons["sd"] *= sd / reported.sd
    fits = item_fit(misfit, likelihood.expect(tables)[1])
    fits.insert(0, "item", list(names.scale.items))
    return Calibration(
        parameters=parameters,
        items=items,
        population=population,
        item_fit=fits,
        person_fit=_by_row(persons, index, used, which),
        information=information(model_of(parameters), 0.0, sd),
        reliability=float(np.average(persons["theta"] ** 2, weights=likelihood.weights)) / sd**2,
        log_likelihood=found.log_likelihood,
        n=int(used.sum()),
        iterations=found.iterations,
    )


def _by_row(persons: pd.DataFrame, index: pd.Index, used: NDArray[np.bool_], which: NDArray[np.intp]) -> pd.DataFrame:
    """Figures of patterns as figures of the table's rows."""
    values = np.full((len(index), persons.shape[1]), np.nan)
    values[used] = persons.to_numpy()[which]
    return pd.DataFrame(values, index=index, columns=persons.columns).astype({"n": "Int16"})


def _parameters(items: pd.DataFrame, sd: float, names: _Names, n: int) -> Parameters:
    by_item: dict[str, dict[str, object]] = {}
    for item, rows in items.groupby("item", sort=False):
        numbers = rows.round(_DIGITS).set_index("parameter")
        steps = numbers.drop(index="slope", errors="ignore")
        own: dict[str, object] = {"steps": tuple(steps["value"]), "steps_se": tuple(steps["se"])}
        if "slope" in numbers.index:
            own |= {"slope": numbers.loc["slope", "value"], "slope_se": numbers.loc["slope", "se"]}
        by_item[str(item)] = own
    source = f"Estimated by marginal maximum likelihood from the answers of {n} respondents; "
    source += "theta is normal." if names.theta == "normal" else "theta has a shape of its own."
    declared = {
        "id": names.id,
        "version": 1,
        "model": names.model,
        "instrument": names.instrument.pinned,
        "scale": names.scale.id,
        "form": names.form,
        "steps_are": "thresholds",
        "population": {"mean": 0.0, "sd": round(sd, _DIGITS)},
        "source": (source,),
        "items": by_item,
    }
    try:
        return Parameters.model_validate(declared)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        problem, allowed = in_plain_words(first["type"], first.get("ctx", {}))
        raise DeclarationError(
            f"what was estimated cannot be declared as parameters: {problem}",
            key=".".join(map(str, first["loc"])),
            allowed=allowed,
            todo="Where it is a step, an answer is hardly ever chosen: use more respondents.",
        ) from None
