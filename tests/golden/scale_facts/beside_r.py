"""Our facts beside R's, row by row."""

from __future__ import annotations

import numpy as np
import pandas as pd

KEYS = ["scale", "unit_type", "unit", "statistic", "item"]
# lavaan climbs to where its slope is about 1e-8; the rest are the same formulas.
CLIMBED = {
    "omega_total", "omega_hierarchical", "chi_square", "cfi", "tli", "rmsea", "srmr", "loading", "loading_standardized",
    "ordinal_alpha",
}  # fmt: skip


def beside(found: pd.DataFrame, facts: pd.DataFrame, groups: pd.DataFrame | None, unit_type: str) -> pd.DataFrame:
    """Join our facts to those of R, which are one table of scales and items and one of single groups."""
    expected = facts[facts["statistic"] != "ordinal_alpha_psych"]
    if groups is not None:
        expected = pd.concat([expected, groups.assign(unit_type=unit_type)], ignore_index=True)
    tables = [table.assign(**table.reindex(columns=KEYS).astype("str").fillna("")) for table in (found, expected)]
    return tables[0].merge(tables[1], on=KEYS, how="outer", suffixes=("", "_r"), indicator=True, validate="1:1")


def same_rows(both: pd.DataFrame) -> None:
    """Fail when one of the two has a row that the other lacks."""
    assert (both["_merge"] == "both").all(), both.loc[both["_merge"] != "both", ["scale", "statistic", "_merge"]]


def same_figures(both: pd.DataFrame, column: str, climbed: float = 2e-7) -> None:
    """Fail when a figure differs: by more than 1e-9, or `climbed` where R's own search ends before."""
    of_climbed = both["statistic"].isin(CLIMBED)
    for rows, tolerance in ((both[~of_climbed], 1e-9), (both[of_climbed], climbed)):
        ours, theirs = rows[column].to_numpy(), rows[f"{column}_r"].to_numpy()
        apart = np.where(np.isnan(ours) == np.isnan(theirs), np.nan_to_num(np.abs(ours - theirs)), np.inf)
        within = apart <= tolerance * np.maximum(1, np.nan_to_num(np.abs(theirs)))
        assert within.all(), rows.loc[
            ~within, ["scale", "unit", "statistic", "item", column, f"{column}_r"]
        ].to_string()
