"""How far each shown unit's mean can be trusted: made of two numbers that the audience is shown, and of nothing else.

The attacker holds the released ICC(1) of a kind of unit and the released number of students behind each unit's mean.
Spearman and Brown's formula makes of the two what is told here, so telling it gives nothing away; where either is
hidden, nothing is told. The exact reliability, from the exact ICC(1), stays inside.

Agreement within one unit, rwg(j), is another matter, and stays inside at any size: with the unit's mean and standard
deviation it would tell the spread of its answers item by item, and 1 says of every student that all answered alike.
Only the median over units leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from connectedness.tables import ALL, SUPPRESSED


def reliability_notes(
    told: pd.DataFrame, released: pd.DataFrame, means: Mapping[str, str] | None
) -> list[dict[str, Any]]:
    """Reliability of the mean of each unit that is shown, for each scale and kind of unit, to two decimals.

    Parameters
    ----------
    told : DataFrame
        Facts of scales as they leave.
    released : DataFrame
        Estimates as they leave.
    means : mapping, optional
        Scale to the measure that is its mean. Nothing is told of other scales.

    Notes
    -----
    n ICC(1) / (1 + (n - 1) ICC(1)); an ICC(1) under 0 counts as 0.
    """
    icc1 = told[(told["statistic"] == "icc1") & told["value"].notna()]
    totals = released[(released["breakdown"] == ALL) & (released["status"] != SUPPRESSED)]
    totals = totals[totals["value"].notna() & totals["n"].notna()].sort_values("unit")
    notes = []
    for scale, kind, value in zip(icc1["scale"], icc1["unit_type"], icc1["value"], strict=True):
        measure = (means or {}).get(scale)
        of = totals[(totals["measure"] == measure) & (totals["unit_type"] == kind)]
        n, share = of["n"].to_numpy(np.float64), max(float(value), 0.0)
        reliability = np.round(n * share / (1 + (n - 1) * share), 2)
        units = [{"unit": str(unit), "value": float(one)} for unit, one in zip(of["unit"], reliability, strict=True)]
        if units:
            notes.append({"kind": "mean_reliability", "scale": str(scale), "unit_type": str(kind), "units": units})
    return notes
