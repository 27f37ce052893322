"""What no contract lists: the columns of items and scores, from the instruments that a wave pins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectedness.declare.contract import Contract, Property
from connectedness.declare.instrument import MISSING_CODES, Instrument, Scale
from connectedness.declare.odcs import Spot

SCORE_STATUSES = ("ok", "too_few_answered", "not_asked")


def item_codes(instruments: Iterable[Instrument], modules: tuple[str, ...] = ()) -> dict[str, tuple[int, ...]]:
    """Item columns of a wave and the codes allowed in each: the item's own, and the four of a missing answer."""
    return {
        item.id: (*sorted(MISSING_CODES.values()), *sorted(one.codes(item.id)))
        for one in instruments
        for item in one.active_items(modules)
    }


def with_scores(contract: Contract, instruments: Iterable[Instrument]) -> Contract:
    """The scores contract with the columns of every scale: each score within the range that its scale can reach."""
    columns = tuple(
        column for one in instruments for scale in one.scales for column in _score_columns(contract, one, scale)
    )
    return contract.model_copy(update={"properties": contract.properties + columns})


def _score_columns(contract: Contract, instrument: Instrument, scale: Scale) -> Iterable[Property]:
    low, high = instrument.scale_range(scale.id)
    k = len(scale.items)
    where = f"scale {scale.id}"

    def column(suffix: str, logical_type: str, **more: Any) -> Property:
        spot = Spot(file=contract.spot.file, key=where)
        return Property(spot=spot, name=scale.id + suffix, logical_type=logical_type, **more)

    def between(least: float, most: float) -> dict[str, float]:
        return {"minimum": least, "maximum": most}

    yield column("", "number", options=between(low, high))
    yield column("_sum", "number", options=between(low * k, high * k), may_be_absent=True)
    yield column("_pomp", "number", options=between(0, 100), may_be_absent=True)
    yield column("_favourable", "number", options=between(0, 1), may_be_absent=True)
    for suffix in ("_t", "_z", "_table", "_wle", "_eap"):
        yield column(suffix, "number", may_be_absent=True)
    for suffix in ("_wle__se", "_eap__se"):
        yield column(suffix, "number", options={"minimum": 0}, may_be_absent=True)
    yield column("__n", "integer", options=between(0, k), required=True)
    yield column("__se", "number", options={"minimum": 0})
    yield column("__status", "string", enum=SCORE_STATUSES, required=True)
