"""What a codebook says of each measure: declared, default, and derived from those."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectedness.declare.instrument import Instrument
from connectedness.declare.measure import Measure
from connectedness.declare.project import Project
from connectedness.declare.source import Text
from connectedness.errors import ConnectednessError
from connectedness.release.titles import (
    RESPONSE_RATE,
    careless_title,
    change_title,
    measure_title,
    sd_title,
    share_title,
)

Entry = dict[str, Any]
_OF = ("scale", "item", "code", "of")


def measure_entries(
    project: Project, waves: Sequence[str], ids: Iterable[str], earlier: Mapping[str, Any] | None = None
) -> list[Entry]:
    """Entries of the measures `ids`, in the order to show them; what a later wave declares wins.

    Raises
    ------
    ConnectednessError
        When a measure is declared neither by a wave nor by the codebook of the release before.
    """
    known: dict[str, Entry] = {}
    for wave in reversed(waves):
        known = {**known, **{one["id"]: one for one in wave_measures(project, wave) if one["id"] not in known}}
    for one in (earlier or {}).get("measures", []):
        known.setdefault(one["id"], one)
    wanted = set(ids)
    unknown = sorted(wanted - set(known))
    if unknown:
        raise ConnectednessError(
            "the estimates hold a measure that nothing declares.",
            file="survey.yaml",
            key="measures",
            found=", ".join(unknown),
            todo="Put the measure back; one that has been released stays declared.",
        )
    return [entry for measure, entry in known.items() if measure in wanted]


def wave_measures(project: Project, wave: str) -> list[Entry]:
    """Every measure that a wave can have, derived ones too, in the order to show them."""
    instruments = project.instruments(wave)
    titled = {measure.what: measure for one in instruments for measure in one.measures if measure.title}
    measures = [
        measure
        if measure.title
        else measure.model_copy(update={"title": titled[measure.what].title})
        if measure.what in titled
        else measure
        for measure in project.measures(wave)
    ]  # a district that renames an instrument's measure, and gives it no title, keeps the instrument's
    declared = [_declared(measure, _owner(measure, instruments)) for measure in measures]
    means = {measure.scale: measure for measure in measures if measure.statistic == "mean"}
    for entry in declared:
        if entry["statistic"] == "sd" and entry["scale"] in means:
            entry["of"] = means[entry["scale"]].id
    rate = _entry("response_rate", RESPONSE_RATE, "response_rate", "rate", "share", (0, 1))
    changes = [_change(entry) for entry in declared if entry["kind"] != "sd"]
    spreads = [_spread(measure, _owner(measure, instruments)) for measure in means.values()]
    bits = [_bit(entry) for entry in declared if entry["kind"] == "mean"]
    return [rate, *declared, *changes, *bits, *spreads, *_answers(instruments)]


def _entry(
    measure: str, text: Text, statistic: str, kind: str, unit: str, span: tuple[float, float], **of: Any
) -> Entry:
    return {
        "id": measure,
        "title": {"en": text.en, "fr": text.fr},
        "statistic": statistic,
        "kind": kind,
        "unit": unit,
        "range": list(span),
        **{key: of.get(key) for key in _OF},
    }


def _owner(measure: Measure, instruments: Sequence[Instrument]) -> Instrument:
    for one in instruments:
        if measure.scale in one.scale_by_id or measure.item in one.item_by_id:
            return one
    raise ConnectednessError("a measure is of a scale or item that no pinned instrument has.", found=measure.id)


def _declared(measure: Measure, instrument: Instrument) -> Entry:
    kind, unit, span = "share", "share", (0, 1)
    if measure.statistic in ("mean", "sd"):
        low, high = instrument.scale_range(measure.scale or "")
        kind, unit, span = measure.statistic, "points", (low, high) if measure.statistic == "mean" else (0, high - low)
    of = {"scale": measure.scale, "item": measure.item, "code": measure.code}
    return _entry(measure.id, measure_title(measure, instrument), measure.statistic, kind, unit, span, **of)


def _spread(mean: Measure, instrument: Instrument) -> Entry:
    low, high = instrument.scale_range(mean.scale or "")
    text = sd_title(mean.title or instrument.scale_by_id[mean.scale or ""].title)
    return _entry(f"sd:{mean.id}", text, "sd", "sd", "points", (0, high - low), scale=mean.scale, of=mean.id)


def _change(entry: Entry) -> Entry:
    low, high = entry["range"]
    of = {"scale": entry["scale"], "item": entry["item"], "code": entry["code"], "of": entry["id"]}
    text = change_title(Text(**entry["title"]))
    return _entry(f"change:{entry['id']}", text, "change", "change", entry["unit"], (low - high, high - low), **of)


def _bit(entry: Entry) -> Entry:
    """Whether the verdict on a mean's change rests on careless answers: 1 if it does, else 0."""
    text = careless_title(Text(**entry["title"]))
    of = {"scale": entry["scale"], "of": entry["id"]}
    return _entry(f"careless:{entry['id']}", text, "verdict_differs", "verdict", "yes_no", (0, 1), **of)


def _answers(instruments: Sequence[Instrument]) -> list[Entry]:
    return [
        _entry(
            f"share:{item.id}:{code}",
            share_title(one, item, code),
            "share",
            "share",
            "share",
            (0, 1),
            item=item.id,
            code=code,
        )
        for one in instruments
        for item in one.active_items()
        if item.kind in ("scale", "indicator")
        for code in one.codes(item.id)
    ]
