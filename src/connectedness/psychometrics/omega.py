"""Omega: the share of a score's variance that one thing in common explains, from a factor model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.declare.instrument import Instrument, Scale
from connectedness.psychometrics.confidence import must_be_level
from connectedness.psychometrics.facts_answers import Answers, find_items, read_answers
from connectedness.psychometrics.omega_fit import (
    HEYWOOD,
    NO_CONVERGENCE,
    Fit,
    fit_structure,
    one_factor,
    one_factor_second_start,
    one_factor_start,
)
from connectedness.psychometrics.reliability_alpha import (
    CONSTANT_ITEM,
    CONSTANT_TOTAL,
    ONE_ITEM,
    TOO_FEW_COMPLETE,
    TWO_ITEMS,
)

Floats = NDArray[np.float64]
Limits = tuple[float, float]

# Why a figure is null, besides the reasons of `omega_fit`.
FORMATIVE = "formative_scale"
NOBODY_ANSWERED = "item_nobody_answered"

FIT_COLUMNS = ("chi_square", "df", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr")


@dataclass(frozen=True)
class OneFactor:
    """A one-factor model of a scale, and the figures it gives."""

    fit: Fit
    answers: Answers

    @property
    def loadings(self) -> Floats:
        """Loading of each item, in points per standard deviation of the factor."""
        return self.fit.parameters[: len(self.fit.observed)]

    @property
    def unique(self) -> Floats:
        """Variance of each item that the factor does not explain."""
        return self.fit.parameters[len(self.fit.observed) :]

    @property
    def omega(self) -> float:
        """Omega total."""
        common = float(self.loadings.sum()) ** 2
        return common / (common + float(self.unique.sum()))

    def omega_interval(self, level: float) -> Limits:
        """Limits of omega by the delta method, on the logit scale; robust to how the items are distributed."""
        size = len(self.loadings)
        slope = np.repeat([2 / self.loadings.sum(), -1 / self.unique.sum()], size)
        form = self.fit.influence(one_factor(size), slope)
        return logit_interval(self.omega, self.answers.variance_of_square(form) / self.fit.n, level)

    def loading_errors(self) -> Floats:
        """Standard error of each loading."""
        return np.sqrt(np.diag(self.fit.errors)[: len(self.loadings)])

    @property
    def standardized(self) -> Floats:
        """Correlation of each item with the factor."""
        return self.loadings / np.sqrt(self.loadings**2 + self.unique)

    def standardized_errors(self) -> Floats:
        """Standard error of each standardized loading, by the delta method."""
        size, variance = len(self.loadings), self.loadings**2 + self.unique
        of_loading, of_unique = self.unique / variance**1.5, -self.loadings / (2 * variance**1.5)
        errors, at = self.fit.errors, np.arange(size)
        both = 2 * of_loading * of_unique * errors[at, size + at]
        return np.sqrt(of_loading**2 * errors[at, at] + both + of_unique**2 * errors[size + at, size + at])


def omega(frame: pd.DataFrame, instrument: Instrument | str, *, level: float = 0.95) -> pd.DataFrame:
    """Omega total of each scale, and how well one factor fits its items.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent; columns named by item id or by the instrument's variable names, holding its codes.
    instrument : Instrument or str
        An instrument, or the name of one that ships.
    level : float
        Confidence of the intervals.

    Returns
    -------
    DataFrame
        One row per scale: `scale`, `n_items`, `n` (respondents who answered every item), `omega_total`, `omega_low`,
        `omega_high`, `chi_square`, `df`, `cfi`, `tli`, `rmsea`, `rmsea_low`, `rmsea_high`, `srmr`; `reason`: null, or
        why all of these are: `one_item`, `two_items` (two say nothing of one factor), `item_nobody_answered`,
        `too_few_complete` (no more respondents than items), `constant_item`, `redundant_items` (an item is a sum of
        others), `heywood_case` (the best model gives an item a variance under nought), `no_convergence`,
        `not_identified`, `constant_total` (the loadings cancel out), `formative_scale` (its items are not signs of
        one thing, so no factor is sought). The limits of the RMSEA are null where `df` is 0, as with three items.

    Raises
    ------
    ContractError
        When the table holds none of the items, or a column twice.
    DeclarationError
        When the instrument or the confidence is not one that can be.

    Notes
    -----
    With loadings l and unique variances u of a one-factor model, fitted by maximum likelihood to the covariances of
    those who answered every item: omega = (sum l)^2 / ((sum l)^2 + sum u); McDonald (1999), Test theory; the total
    variance is the model's. Its limits are by the delta method on the logit of omega (Raykov & Marcoulides 2011,
    Introduction to psychometric theory), with a variance that does not take the items as normal, as answers crowded
    at one end are not: Browne (1984), doi 10.1111/j.2044-8317.1984.tb00789.x. In R: `lavaan::cfa(std.lv = TRUE,
    se = "robust.sem")` with a defined parameter log(omega / (1 - omega)); the fit as in `lavaan::fitMeasures`. That
    of loadings in `item_analysis` is `se = "standard"`.
    """
    must_be_level(level)
    known, columns = find_items(frame, instrument)
    rows = []
    for scale in known.scales:
        answers = read_answers(frame, columns, known, scale.items)
        model = one_factor_of(answers, is_formative(scale))
        counts = {"scale": scale.id, "n_items": len(scale.items), "n": answers.n_complete}
        rows.append({**counts, **_row(model, level)})
    return pd.DataFrame(rows).astype({"reason": "str"})


def is_formative(scale: Scale) -> bool:
    """Whether a scale's items are declared its parts, not its signs; where nothing is declared, they are its signs."""
    return scale.structure == "formative"


def one_factor_of(answers: Answers, formative: bool = False) -> OneFactor | str:
    """The one-factor model of a scale, or why there is none."""
    reason = FORMATIVE if formative else why_no_model(answers)
    if reason is not None:
        return reason
    covariance, n = answers.covariance, answers.n_complete
    structure = one_factor(len(covariance))
    found = _proper(fit_structure(structure, one_factor_start(covariance), covariance, n), answers)
    if isinstance(found, str) and found in (HEYWOOD, NO_CONVERGENCE):
        found = _proper(fit_structure(structure, one_factor_second_start(covariance), covariance, n), answers)
    return found


def _proper(fit: Fit | str, answers: Answers) -> OneFactor | str:
    if isinstance(fit, str):
        return fit
    model = OneFactor(fit, answers)
    if has_no_variance(model.unique, fit.observed):
        return HEYWOOD
    return CONSTANT_TOTAL if model.omega < 1e-12 else model


def why_no_model(answers: Answers) -> str | None:
    """Why no factor model can be tried; null when one can."""
    size = len(answers.items)
    if size < 3:
        return ONE_ITEM if size == 1 else TWO_ITEMS
    if nobody_answered(answers):
        return NOBODY_ANSWERED
    if answers.n_complete <= size:
        return TOO_FEW_COMPLETE
    return CONSTANT_ITEM if (np.diag(answers.covariance) <= 0).any() else None


def nobody_answered(answers: Answers) -> bool:
    """Whether others answered, and an item has no answer at all."""
    counts = answers.frequencies.sum(axis=1)
    return bool((counts == 0).any() and (counts > 0).any())


def has_no_variance(unique: Floats, observed: Floats) -> bool:
    """Whether an item's unique variance is nought or less."""
    return bool((unique <= 1e-8 * np.diag(observed)).any())


def logit_interval(share: float, variance: float, level: float) -> Limits:
    """Limits of a share, from the variance of its logit."""
    wide = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(variance)
    middle = math.log(share / (1 - share))
    return 1 / (1 + math.exp(wide - middle)), 1 / (1 + math.exp(-wide - middle))


def fit_figures(fit: Fit, level: float) -> dict[str, float]:
    """How well a model fits."""
    values = (fit.chi_square, float(fit.df), fit.cfi, fit.tli, fit.rmsea, *fit.rmsea_interval(level), fit.srmr)
    return dict(zip(FIT_COLUMNS, values, strict=True))


def _row(model: OneFactor | str, level: float) -> dict[str, object]:
    names = ("omega_total", "omega_low", "omega_high")
    if isinstance(model, str):
        return {**dict.fromkeys([*names, *FIT_COLUMNS], math.nan), "reason": model}
    values = (model.omega, *model.omega_interval(level))
    return {**dict(zip(names, values, strict=True)), **fit_figures(model.fit, level), "reason": None}
