"""What cannot be calibrated, said before or after it is tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.declare.instrument import Instrument, Scale
from connectedness.errors import ContractError, DeclarationError
from connectedness.itemresponse import Categories, Floats
from connectedness.psychometrics.calibration_em import STEEPEST, Fit

FEWEST = 50
# An item this flat tells nothing of theta.
_FLATTEST = 0.05

Weights: TypeAlias = str | Sequence[float] | pd.Series | NDArray[np.float64] | None


def which_scale(instrument: Instrument, scale: str | None) -> Scale:
    """The scale to calibrate."""
    allowed = ", ".join(instrument.scale_by_id)
    if scale is None and len(instrument.scales) != 1:
        raise DeclarationError("say which scale to calibrate.", found=f"{len(instrument.scales)}", allowed=allowed)
    if scale is not None and scale not in instrument.scale_by_id:
        raise DeclarationError("the instrument has no such scale.", found=scale, allowed=allowed)
    return instrument.scales[0] if scale is None else instrument.scale_by_id[scale]


def read_weights(frame: pd.DataFrame, weights: Weights) -> Floats:
    """A weight for each row, 1 where none are given."""
    if weights is None:
        return np.ones(len(frame))
    if isinstance(weights, str) and weights not in frame.columns:
        raise ContractError("there is no such column of weights.", column=weights)
    given = frame[weights] if isinstance(weights, str) else weights
    numbers = np.asarray(pd.to_numeric(pd.Series(given), errors="coerce"), dtype=np.float64)
    if len(numbers) != len(frame):
        raise ContractError("there is not one weight for each row.", found=len(numbers), allowed=len(frame))
    if not (np.isfinite(numbers) & (numbers >= 0)).all():
        raise ContractError("a weight is missing, negative or not a number.", allowed="a number from 0 up in every row")
    return numbers


def refuse_answers(categories: Categories, instrument: Instrument, scale: Scale, n_categories: int) -> None:
    """Refuse answers that no parameters can be estimated from."""
    where = f"scale {scale.id}"
    if len(scale.items) < 2:
        raise ContractError(f"{where} has one item, which cannot tell theta from its own answers.")
    if len(categories) < FEWEST:
        raise ContractError(
            f"too few respondents answered {where} to calibrate it.",
            found=len(categories),
            allowed=f"{FEWEST} or more; a few hundred give usable parameters",
        )
    if (categories >= 0).sum(axis=1).max() < 2:
        raise ContractError(f"nobody answered two items of {where}, so nothing ties the items together.")
    for item, column in zip(scale.items, categories.T, strict=True):
        chosen = np.bincount(column[column >= 0], minlength=n_categories) > 0
        if not chosen.any():
            raise ContractError("nobody answered this item.", column=item, todo="Calibrate a scale without it.")
        if chosen.sum() == 1:
            raise ContractError("everybody gave this item the same answer.", column=item)
        if not chosen.all():
            lowest = min(instrument.points(item).values())
            missing = [str(c) for c, earned in instrument.points(item).items() if not chosen[earned - lowest]]
            raise ContractError(
                "nobody chose one of this item's answers, so the steps to and from it have no estimate.",
                column=item,
                found=f"code {', '.join(sorted(missing))} never chosen",
                todo="Use more respondents, or declare an instrument whose option set joins it with its neighbour.",
            )


def refuse_slopes(found: Fit, scale: Scale) -> None:
    """Refuse items that do not go with the others, or too well."""
    if found.kind == "pcm" and found.slopes[0] < _FLATTEST:
        raise ContractError(f"the items of scale {scale.id} have nothing in common: theta has no variance.")
    slopes = dict(zip(scale.items, found.slopes, strict=True))
    flat = [item for item, slope in slopes.items() if slope < _FLATTEST]
    if flat:
        raise ContractError(
            "an item does not go with the others, or runs against them.",
            column=", ".join(flat),
            todo="Check the direction of its codes and its polarity; if they are right, calibrate a scale without it.",
        )
    steep = [item for item, slope in slopes.items() if slope > STEEPEST]
    if steep:
        raise ContractError(
            "an item's slope grew without end: its answers follow from the others'.",
            column=", ".join(steep),
            todo="Look for items that are all but the same question; use more respondents, or the model pcm.",
        )
