"""Would the district's figures be others without the respondents whose answers look careless?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectedness.errors import ContractError

COLUMNS = ("scale", "n", "n_flagged", "n_unflagged", "mean", "mean_unflagged", "difference", "sentence", "reason")


def sensitivity(
    scores: pd.DataFrame,
    flags: pd.DataFrame | pd.Series,
    minimum: int,
    *,
    digits: int = 1,
    language: str = "en",
) -> pd.DataFrame:
    """Mean of each scale with and without flagged respondents; for a whole district, never for one school.

    Parameters
    ----------
    scores : DataFrame
        A column for each scale. Where there are columns `S__n`, the scales are those S; else every numeric column.
    flags : DataFrame or Series
        Rows as in `scores`: what `careless` gives (its `any_flag` is read), or true and false.
    minimum : int
        The audience's minimum number: with fewer flagged or unflagged respondents nothing is computed.
    digits : int
        Decimals of the difference, and of the sentence.
    language : {"en", "fr"}
        Of the sentence.

    Returns
    -------
    DataFrame
        One row per scale: `n`, `n_flagged` and `n_unflagged` who have a score; `mean` of all, `mean_unflagged`,
        `difference` (without the flagged less with them, rounded), `sentence`; `reason`: null, or `too_few`, and then
        the numbers are null, counts of flagged and unflagged too, since a count under the minimum must not be shown.

    Raises
    ------
    ContractError
        When the rows do not match.
    """
    flagged = _flagged(flags)
    if len(flagged) != len(scores):
        raise ContractError("flags must have the rows of scores.", found=len(flagged), allowed=len(scores))
    rows = [_row(scale, scores[scale], flagged, minimum, digits, language) for scale in _scales(scores)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    counts = dict.fromkeys(("n", "n_flagged", "n_unflagged"), "Int64")
    numbers = dict.fromkeys(("mean", "mean_unflagged", "difference"), "float64")
    return table.astype(counts | numbers | dict.fromkeys(("scale", "sentence", "reason"), "str"))


def _flagged(flags: pd.DataFrame | pd.Series) -> np.ndarray[Any, np.dtype[np.bool_]]:
    column = flags["any_flag"] if isinstance(flags, pd.DataFrame) else flags
    return pd.array(np.asarray(column, dtype=object), dtype="boolean").fillna(False).to_numpy(dtype=bool)


def _scales(scores: pd.DataFrame) -> list[str]:
    counted = [name.removesuffix("__n") for name in scores.columns if name.endswith("__n")]
    return [name for name in counted if name in scores] or list(scores.select_dtypes("number").columns)


def _row(
    scale: str,
    column: pd.Series,
    flagged: np.ndarray[Any, np.dtype[np.bool_]],
    minimum: int,
    digits: int,
    language: str,
) -> dict[str, Any]:
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    there = np.isfinite(values)
    with_flag, without = values[there & flagged], values[there & ~flagged]
    if min(len(with_flag), len(without)) < max(minimum, 1):
        return {"scale": scale, "n": int(there.sum()), "reason": "too_few"}
    mean, clean = float(values[there].mean()), float(without.mean())
    difference = round(clean - mean, digits) + 0.0
    return {
        "scale": scale,
        "n": int(there.sum()),
        "n_flagged": len(with_flag),
        "n_unflagged": len(without),
        "mean": mean,
        "mean_unflagged": clean,
        "difference": difference,
        "sentence": _sentence(difference, digits, language),
    }


def _sentence(difference: float, digits: int, language: str) -> str:
    size = f"{abs(difference):.{digits}f}"
    half = f"{0.5 * 10**-digits:.{digits + 1}f}"
    if language == "fr":
        who = "Sans les réponses qui semblent données sans attention, le résultat"
        if difference == 0:
            return f"{who} changerait de moins de {half.replace('.', ',')} point."
        return f"{who} serait plus {'haut' if difference > 0 else 'bas'} de {size.replace('.', ',')} point."
    who = "Without the answers that look careless, the result would"
    if difference == 0:
        return f"{who} change by less than {half} points."
    return f"{who} be {size} points {'higher' if difference > 0 else 'lower'}."
