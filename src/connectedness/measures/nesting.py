"""The chain of units: each unit lies in one wider unit, and a unit's id says which unit it is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from connectedness.errors import ContractError
from connectedness.tables import UNKNOWN


def fill_wider(frames: Sequence[pd.DataFrame], units: Sequence[str]) -> None:
    """Fill, in place, a wider unit that is missing or unknown from where the narrower unit lies in other rows.

    Only for the school and what is wider: a school lies in one region, so one row that says which is enough. A frame
    without the wider column gets it only if every row can be filled; the first frame gets it in any case that some
    frame has it.

    Parameters
    ----------
    frames : sequence of DataFrame
        The respondents, and, where there is a roster, the eligible.
    units : sequence of str
        Chain of units, widest first.

    Raises
    ------
    ContractError
        When a unit lies in two.
    """
    for wider, narrower in reversed(list(pairwise(units[: units.index("school") + 1]))):
        home = _homes(frames, wider, narrower)
        for place, frame in enumerate(frames):
            if home is None or narrower not in frame:
                continue
            found = frame[narrower].map(home).astype("str").fillna(UNKNOWN)
            if wider in frame:
                frame[wider] = frame[wider].where(frame[wider] != UNKNOWN, found)
            elif place == 0 or not (found == UNKNOWN).any():
                frame[wider] = found


def _homes(frames: Sequence[pd.DataFrame], wider: str, narrower: str) -> pd.Series | None:
    pairs = [frame[[wider, narrower]].drop_duplicates() for frame in frames if {wider, narrower} <= set(frame.columns)]
    if not pairs:
        return None
    known = pd.concat(pairs).drop_duplicates()
    known = known[(known[wider] != UNKNOWN) & (known[narrower] != UNKNOWN)]
    twice = known.loc[known[narrower].duplicated(), narrower].sort_values()
    if len(twice):
        name = twice.iloc[0]
        raise ContractError(
            f"the {narrower} {name} lies in more than one {wider}, so totals would not add up.",
            column=wider,
            found=", ".join(sorted(known.loc[known[narrower] == name, wider])),
            todo=f"Give each {narrower} one {wider}, in the roster and in the export.",
        )
    return known.set_index(narrower)[wider]


def name_within(frame: pd.DataFrame, units: Sequence[str], rooted: bool) -> None:
    """Put, in place, the wider unit's id before ids that mean something only inside it: `017.7A`, `017.unknown`.

    Class names return in every school, and the students of each school whose class is not known are a group of their
    own: pooled over schools they would be what is left of each school's total, and nobody would be guarding it. So
    units narrower than the school carry it, always, to be the same from wave to wave. So does an unknown unit inside
    one of several wider ones.

    Parameters
    ----------
    frame : DataFrame
        A column per unit.
    units : sequence of str
        Chain of units, widest first.
    rooted : bool
        Whether the widest unit is the survey itself, which then needs no naming.
    """
    school = units.index("school")
    for place, (wider, narrower) in enumerate(pairwise(units), start=1):
        if narrower not in frame or wider not in frame or (place == 1 and rooted and place <= school):
            continue
        inside = np.full(len(frame), True) if place > school else (frame[narrower] == UNKNOWN).to_numpy()
        frame[narrower] = frame[narrower].where(~inside, frame[wider] + "." + frame[narrower])
