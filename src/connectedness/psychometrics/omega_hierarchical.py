"""Omega hierarchical: how much of a total over subscales one general thing explains."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.declare.instrument import General, Instrument
from connectedness.psychometrics.confidence import must_be_level
from connectedness.psychometrics.facts_answers import Answers, find_items, read_answers
from connectedness.psychometrics.omega import FIT_COLUMNS, fit_figures, has_no_variance, logit_interval, why_no_model
from connectedness.psychometrics.omega_fit import HEYWOOD, Fit, fit_structure, second_order, second_order_start
from connectedness.psychometrics.reliability_alpha import CONSTANT_TOTAL

Floats = NDArray[np.float64]
Limits = tuple[float, float]

# Why there is no general model.
FEW_SUBSCALES = "fewer_than_three_subscales"
SHORT_SUBSCALE = "subscale_of_one_item"
DIFFERENT_RANGES = "subscales_on_different_ranges"


@dataclass(frozen=True)
class SecondOrder:
    """A factor for each subscale and a general one behind them, and the figures it gives."""

    fit: Fit
    group_of: NDArray[np.int64]
    answers: Answers

    @property
    def loadings(self) -> Floats:
        """Loading of each item on the factor of its subscale."""
        return self.fit.parameters[: len(self.group_of)]

    @property
    def general(self) -> Floats:
        """Loading of each subscale's factor, of variance 1, on the general one."""
        return self.fit.parameters[len(self.group_of) : -len(self.group_of)]

    @property
    def omega_hierarchical(self) -> float:
        """Share of the total's variance that the general factor explains."""
        return self._general_sum**2 / float(self.fit.implied.sum())

    @property
    def omega_total(self) -> float:
        """Share of the total's variance that any of the factors explains."""
        return 1 - float(self.fit.parameters[-len(self.group_of) :].sum()) / float(self.fit.implied.sum())

    def omega_hierarchical_interval(self, level: float) -> Limits:
        """Limits by the delta method, on the logit scale."""
        size, share = len(self.group_of), self.omega_hierarchical
        subscale_sums = np.bincount(self.group_of, weights=self.loadings)
        of_common = np.concatenate([self.general[self.group_of], subscale_sums, np.zeros(size)])
        # logit w = log w - log(1 - w), and the logarithm of w is that of the common part less that of the total.
        of_log = 2 * of_common / self._general_sum - self._slope_of_total() / float(self.fit.implied.sum())
        return self._limits(share, of_log / (1 - share), level)

    def omega_total_interval(self, level: float) -> Limits:
        """Limits by the delta method, on the logit scale."""
        size, unique = len(self.group_of), float(self.fit.parameters[-len(self.group_of) :].sum())
        total, of_total = float(self.fit.implied.sum()), self._slope_of_total()
        of_unique = np.concatenate([np.zeros(len(of_total) - size), np.ones(size)])
        # The logit of omega total is log(total - unique) - log(unique).
        slope = (of_total - of_unique) / (total - unique) - of_unique / unique
        return self._limits(self.omega_total, slope, level)

    @property
    def _general_sum(self) -> float:
        return float((self.loadings * self.general[self.group_of]).sum())

    def _slope_of_total(self) -> Floats:
        return second_order(self.group_of).slopes(self.fit.parameters).sum(axis=(1, 2))

    def _limits(self, share: float, of_logit: Floats, level: float) -> Limits:
        form = self.fit.influence(second_order(self.group_of), of_logit)
        return logit_interval(share, self.answers.variance_of_square(form) / self.fit.n, level)


def omega_hierarchical(frame: pd.DataFrame, instrument: Instrument | str, *, level: float = 0.95) -> pd.DataFrame:
    """Omega hierarchical of the general score that an instrument declares over three or more subscales.

    Parameters
    ----------
    frame, instrument, level
        As in `omega`.

    Returns
    -------
    DataFrame
        One row, or none where the instrument declares no general score: `scale` (the general score's id), `n_items`,
        `n` (respondents who answered every item), `omega_hierarchical`, `omega_hierarchical_low`,
        `omega_hierarchical_high`, `omega_total`, `omega_total_low`, `omega_total_high` and the fit, as in `omega`;
        `reason`: null, or why they are: as in `omega`, or `fewer_than_three_subscales`, `subscale_of_one_item`,
        `subscales_on_different_ranges`.

    Notes
    -----
    The declared structure is fitted, none is searched for: a factor of variance 1 for each subscale, and a general
    factor behind them, by maximum likelihood. The Schmid-Leiman transformation gives item i of subscale s the
    general loading l_i g_s; omega hierarchical = (sum of l_i g_s)^2 / variance of the total in the model:
    Schmid & Leiman (1957), doi 10.1007/BF02289209; Zinbarg, Revelle, Yovel & Li (2005),
    doi 10.1007/s11336-003-0974-7. Limits as in `omega`. In R: `lavaan::cfa` of the same second-order model, with
    omega a defined parameter. `psych::omega` searches for the group factors itself, so it can differ.
    """
    must_be_level(level)
    known, columns = find_items(frame, instrument)
    general = known.general
    if general is None:
        return pd.DataFrame(columns=["scale", "n_items", "n", *_NAMES, *FIT_COLUMNS, "reason"])
    answers, group_of = read_general(frame, columns, known, general)
    model = second_order_of(answers, group_of)
    counts = {"scale": general.id, "n_items": len(group_of), "n": 0 if isinstance(answers, str) else answers.n_complete}
    return pd.DataFrame([{**counts, **_row(model, level)}]).astype({"reason": "str"})


def read_general(
    frame: pd.DataFrame, columns: dict[str, str], known: Instrument, general: General
) -> tuple[Answers | str, NDArray[np.int64]]:
    """Answers to all items under the general score (or why not), and the subscale of each as a number."""
    subscales = [known.scale_by_id[one] for one in general.scales]
    items = [item for scale in subscales for item in scale.items]
    group_of = np.repeat(np.arange(len(subscales)), [len(scale.items) for scale in subscales])
    if len({known.scale_range(scale.id) for scale in subscales}) > 1:
        return DIFFERENT_RANGES, group_of
    return read_answers(frame, columns, known, items), group_of


def second_order_of(answers: Answers | str, group_of: NDArray[np.int64]) -> SecondOrder | str:
    """The second-order model, or why there is none."""
    sizes = np.bincount(group_of)
    if len(sizes) < 3:
        return FEW_SUBSCALES
    if sizes.min() < 2:
        return SHORT_SUBSCALE
    reason = answers if isinstance(answers, str) else why_no_model(answers)
    if isinstance(answers, str) or reason is not None:
        return str(reason)
    covariance = answers.covariance
    start = second_order_start(covariance, group_of)
    fit = fit_structure(second_order(group_of), start, covariance, answers.n_complete)
    if isinstance(fit, str):
        return fit
    model = SecondOrder(fit, group_of, answers)
    if has_no_variance(fit.parameters[-len(group_of) :], fit.observed) or (np.abs(model.general) >= 1).any():
        return HEYWOOD
    return CONSTANT_TOTAL if model.omega_hierarchical < 1e-12 else model


_NAMES = (
    "omega_hierarchical",
    "omega_hierarchical_low",
    "omega_hierarchical_high",
    "omega_total",
    "omega_total_low",
    "omega_total_high",
)


def _row(model: SecondOrder | str, level: float) -> dict[str, object]:
    if isinstance(model, str):
        return {**dict.fromkeys([*_NAMES, *FIT_COLUMNS], math.nan), "reason": model}
    first = (model.omega_hierarchical, *model.omega_hierarchical_interval(level))
    values = (*first, model.omega_total, *model.omega_total_interval(level))
    return {**dict(zip(_NAMES, values, strict=True)), **fit_figures(model.fit, level), "reason": None}
