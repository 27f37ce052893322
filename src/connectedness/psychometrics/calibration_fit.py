"""How well calibrated items fit, item by item and person by person, and how much they tell at each theta."""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectedness.itemresponse import Categories, Floats, Model, curves, in_pieces
from connectedness.psychometrics.calibration_em import NODES, Likelihood, Tables


class Misfit:
    """Squared distances of answers from what each theta expects, as tables over the nodes."""

    def __init__(self, tables: Tables) -> None:
        p = np.exp(tables.chances)
        k = np.arange(p.shape[1])[:, None]
        mean = (k * p).sum(axis=1, keepdims=True)
        self.square = (k - mean) ** 2
        self.variance = (p * self.square).sum(axis=1)
        self.standard = self.square / self.variance[:, None]


def item_fit(misfit: Misfit, counts: Floats) -> pd.DataFrame:
    """Answers n, infit and outfit mean squares of each item, from expected answers by category and node."""
    n = counts.sum(axis=(1, 2))
    infit = (counts * misfit.square).sum(axis=(1, 2)) / (counts.sum(axis=1) * misfit.variance).sum(axis=1)
    return pd.DataFrame({"n": n, "infit": infit, "outfit": (counts * misfit.standard).sum(axis=(1, 2)) / n})


def person_fit(likelihood: Likelihood, free: Floats, tables: Tables, misfit: Misfit) -> pd.DataFrame:
    """Answers n, theta, its SD, infit, outfit and lz of each pattern, theta in units of the latent SD."""
    model = _model(likelihood, free)
    pieces = [_of_piece(likelihood, model, tables, misfit, piece) for piece in in_pieces(len(likelihood.rows))]
    names = ["n", "theta", "sd", "infit", "outfit", "lz"]
    return pd.DataFrame(dict(zip(names, np.concatenate(pieces, axis=1), strict=True)))


def _model(likelihood: Likelihood, free: Floats) -> Model:
    """The items at any theta, where tables hold them at the nodes alone."""
    numbers = likelihood.numbers(free)
    slopes, intercepts = numbers[:, :1], numbers[:, 1:]
    graded = likelihood.kind == "grm"
    rises = intercepts if graded else np.diff(intercepts, axis=1, prepend=0.0)
    return Model("grm" if graded else "gpcm", slopes[:, 0], -rises / slopes)


def _of_piece(likelihood: Likelihood, model: Model, tables: Tables, misfit: Misfit, piece: slice) -> Floats:
    marks, posterior, _ = likelihood.posterior(tables, piece)
    has = (likelihood.rows[piece] >= 0).astype(float)
    theta = posterior @ NODES
    sd = np.sqrt(np.maximum(posterior @ NODES**2 - theta**2, 0))

    def mean(table: Floats, by: Floats) -> Floats:
        return ((by @ table.reshape(by.shape[1], -1)) * posterior).sum(axis=1)

    infit = mean(misfit.square, marks) / mean(misfit.variance, has)
    outfit = mean(misfit.standard, marks) / has.sum(axis=1)
    return np.stack([has.sum(axis=1), theta, sd, infit, outfit, _lz(likelihood.rows[piece], model, theta)])


def _lz(rows: Categories, model: Model, theta: Floats) -> Floats:
    """Log likelihood at theta, less its mean, over its SD (Drasgow, Levine and Williams 1985)."""
    chances = model.chances(theta)
    p = np.exp(chances)
    mean = (p * chances).sum(axis=1)
    variance = (p * chances**2).sum(axis=1) - mean**2
    own = np.take_along_axis(chances, np.maximum(rows, 0).T[:, None].astype(np.intp), axis=1)[:, 0]
    has = (rows >= 0).T
    with np.errstate(divide="ignore", invalid="ignore"):
        return ((own - mean) * has).sum(axis=0) / np.sqrt((variance * has).sum(axis=0))


def information(model: Model, mean: float, sd: float) -> pd.DataFrame:
    """Test information and its standard error, at thetas from 4 SD below the mean to 4 above."""
    theta = mean + sd * np.linspace(-4, 4, 33)
    found = curves(model, theta).information.sum(axis=0)
    return pd.DataFrame({"theta": theta, "information": found, "se": 1 / np.sqrt(found)})
