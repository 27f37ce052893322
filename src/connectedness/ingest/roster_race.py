"""Race and ethnicity as OneRoster's demographics flag them, in the seven categories of federal reporting."""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectedness.ingest.cells import by_distinct, same
from connectedness.tables import UNKNOWN

HISPANIC, SEVERAL = "hispanicOrLatinoEthnicity", "demographicRaceTwoOrMoreRaces"
RACES = {
    "americanIndianOrAlaskaNative": "american_indian_alaska_native",
    "asian": "asian",
    "blackOrAfricanAmerican": "black",
    "nativeHawaiianOrOtherPacificIslander": "pacific_islander",
    "white": "white",
}
FLAGS = (HISPANIC, *RACES, SEVERAL)
_YES, _NO = {"true", "yes", "1"}, {"false", "no", "0"}


def race(flags: pd.DataFrame) -> tuple[pd.Series, int]:
    """Roll flags up to one category.

    Hispanic or Latino of any race comes first, then two or more races, then the one race flagged; "unknown" where
    nothing is flagged. The seven categories are those of the U.S. Department of Education's guidance of 2007
    (72 FR 59266).

    Parameters
    ----------
    flags : DataFrame
        Text, any of `FLAGS`; a flag that is no column counts as not said.

    Returns
    -------
    race : Series of str
    unread : int
        Cells that say neither yes nor no.
    """
    said = {name: by_distinct(flags[name], _flag) for name in FLAGS if name in flags}
    unread = sum(int((one == "?").sum()) for one in said.values())
    yes = {name: (one == "1").to_numpy() for name, one in said.items()}
    nobody = np.zeros(len(flags), dtype=bool)
    flagged = np.array([yes.get(name, nobody) for name in RACES])
    several = yes.get(SEVERAL, nobody) | (flagged.sum(axis=0) > 1)
    found = np.select(
        [yes.get(HISPANIC, nobody), several, *flagged], ["hispanic", "two_or_more", *RACES.values()], default=UNKNOWN
    )
    return pd.Series(found, index=flags.index, dtype="str"), unread


def _flag(text: str) -> str:
    plain = same(text)
    return "1" if plain in _YES else "0" if plain in _NO else "" if not plain else "?"
