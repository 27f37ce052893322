"""Measures that can be worked out from one another are one family: hidden together, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectedness.declare.instrument import Instrument
from connectedness.declare.measure import Measure

CHANGE, SD = "change:", "sd:"
CARELESS = "careless:"
"""Before a measure's id: whether the verdict on its change would be another without careless answers."""
UNFLAGGED = "unflagged:"
"""Before a measure's id: the measure of unflagged students alone. It never leaves."""
_PREFIXES = (CHANGE, SD, CARELESS)


def base_measure(measure: str) -> str:
    """Id of the measure that a change, a standard deviation or a bit is of; the id itself for every other."""
    for prefix in _PREFIXES:
        if measure.startswith(prefix):
            return measure.removeprefix(prefix)
    return measure


def family_of(measure: str, families: Mapping[str, str] | None) -> str:
    """Name of a measure's family.

    Parameters
    ----------
    measure : str
        Any measure id of the estimates, such as `change:belonging` or `share:hr_bel_valued:5`.
    families : mapping, optional
        As `measure_families` gives it. None makes all measures one family: the safe answer when nobody says which
        items a scale is made of.
    """
    if families is None:
        return ""
    base = base_measure(measure)
    key = base.split(":")[1] if base.startswith("share:") else base
    return families.get(key, key)


def measure_families(measures: Iterable[Measure], instruments: Iterable[Instrument]) -> dict[str, str]:
    """Family of each measure and item of a wave: a scale and its items are one, since its mean is theirs.

    Scales that share an item are one family too.

    Returns
    -------
    dict
        Measure id or item id to the family's name, for `protect`.
    """
    scales = [(scale.id, scale.items) for one in instruments for scale in one.scales]
    of: dict[str, str] = {}
    for scale, items in scales:
        joined = {of[item] for item in items if item in of}
        of |= {one: scale for one, family in of.items() if family in joined}
        of |= dict.fromkeys((scale, *items), scale)
    return of | {one.id: of.get(one.scale or one.item or one.id, one.scale or one.item or one.id) for one in measures}


def share_measures(measures: Iterable[Measure]) -> frozenset[str]:
    """Ids of the measures whose value is a share, 0 to 1."""
    return frozenset(one.id for one in measures if one.statistic not in ("mean", "sd"))
