"""From the numbers estimated to those of a parameter file, with standard errors by the delta method."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from connectedness.itemresponse import Floats
from connectedness.psychometrics.calibration_em import Fit, Likelihood

_Numbers = Callable[[Floats], Floats]


class Reported:
    """Slopes, thresholds and population, as functions of the free numbers."""

    def __init__(self, likelihood: Likelihood, found: Fit) -> None:
        self.likelihood, self.found, self.pcm = likelihood, found, found.kind == "pcm"
        # Theta is told from its mean and in its SD, whatever the nodes' own.
        self.mean, self.sd = likelihood.mean_and_sd()

    def thresholds(self, free: Floats) -> Floats:
        """Where one category gives way to the next, (items, steps); for PCM on a theta of slope 1."""
        numbers = self.likelihood.numbers(free)
        intercepts = numbers[:, 1:]
        rises = intercepts if self.found.kind == "grm" else np.diff(intercepts, axis=1, prepend=0.0)
        if self.pcm:
            return -rises - free[0] * self.mean
        return (-rises / numbers[:, :1] - self.mean) / self.sd

    def population_centred(self, free: Floats) -> Floats:
        """Slope and thresholds of each item, the population's mean at nought."""
        slopes = self.likelihood.numbers(free)[:, :1] * self.sd
        return np.column_stack([np.ones_like(slopes) if self.pcm else slopes, self.thresholds(free)]).ravel()

    def items_centred(self, free: Floats) -> Floats:
        """The same, the mean of all thresholds at nought."""
        whole = self.population_centred(free).reshape(self.likelihood.n_items, -1)
        whole[:, 1:] -= whole[:, 1:].mean()
        return whole.ravel()

    def mean_and_sd(self, free: Floats) -> Floats:
        """Of the population, where the items are centred."""
        return np.array([-self.thresholds(free).mean(), free[0] * self.sd])

    def with_errors(self, numbers: _Numbers) -> tuple[Floats, Floats]:
        """Values and standard errors."""
        free = self.found.free
        steps = 1e-5 * np.maximum(np.abs(free), 1) * np.eye(len(free))
        slopes = np.stack([(numbers(free + step) - numbers(free - step)) / (2 * step.sum()) for step in steps], axis=1)
        return numbers(free), np.sqrt(np.einsum("ij,jk,ik->i", slopes, self.found.covariance, slopes))

    def items(self, names: Sequence[str]) -> pd.DataFrame:
        """One row per number of each item."""
        own = ["slope", *(f"step_{k}" for k in range(1, self.likelihood.steps + 1))]
        value, se = self.with_errors(self.population_centred)
        table = pd.DataFrame(
            {"item": np.repeat(list(names), len(own)), "parameter": own * len(names), "value": value, "se": se}
        )
        if not self.pcm:
            return table
        centred, centred_se = self.with_errors(self.items_centred)
        table = table.assign(centred=centred, centred_se=centred_se)
        return table[table["parameter"] != "slope"].reset_index(drop=True)

    def population(self) -> pd.DataFrame:
        """Mean and SD of theta, in each way of setting its nought that the model has."""
        if not self.pcm:
            return pd.DataFrame(
                {"identification": ["population_centred"], "mean": 0.0, "mean_se": 0.0, "sd": 1.0, "sd_se": 0.0}
            )
        (mean, sd), (mean_se, sd_se) = self.with_errors(self.mean_and_sd)
        return pd.DataFrame(
            {
                "identification": ["population_centred", "items_centred"],
                "mean": [0.0, mean],
                "mean_se": [0.0, mean_se],
                "sd": sd,
                "sd_se": sd_se,
            }
        )
