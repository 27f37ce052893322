"""The codebook: what every unit, breakdown, measure, scale, item and column in a release is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from connectedness import __version__
from connectedness.declare.instrument import Instrument, Item, Scale
from connectedness.declare.policy import Policy
from connectedness.declare.project import Project
from connectedness.declare.source import Text
from connectedness.errors import DeclarationError
from connectedness.release.fact_variables import FACT_VARIABLES, STATISTICS
from connectedness.release.measure_entries import Entry, measure_entries
from connectedness.release.titles import breakdown_title, level_titles
from connectedness.release.variables import ESTIMATE_VARIABLES
from connectedness.tables import ALL, UNIT_TREE_COLUMNS


def build_codebook(
    project: Project,
    waves: Sequence[str],
    units: pd.DataFrame,
    measures: Iterable[str],
    audience: str,
    policy: Policy,
    *,
    levels: Mapping[str, Iterable[str]] | None = None,
    statistics: Iterable[str] = (),
    earlier: Mapping[str, Any] | None = None,
) -> Entry:
    """Describe a release of estimates.

    Parameters
    ----------
    project : Project
        The survey and its instruments, where titles come from.
    waves : sequence of str
        Ids of the waves in the release, in any order.
    units : DataFrame
        One row per unit below the widest: unit_type, unit, parent_type, parent.
    measures : iterable of str
        Every measure id that occurs in the files.
    audience : str
    policy : Policy
    levels : mapping, optional
        Levels that occur in the files, by breakdown; left out, those that the survey declares.
    statistics : iterable of str
        Statistics that occur in the facts of scales; none where the release has no such facts.
    earlier : mapping, optional
        Codebook of the release before. What the survey no longer declares, and earlier waves still hold, keeps the
        entry it had there.

    Returns
    -------
    dict
        Ready for JSON; titles are {en, fr}, fr null where there is none.

    Raises
    ------
    ConnectednessError
        When a measure is not declared, or a wave of the release no longer is.
    """
    ordered = declared_order(project, waves)
    instruments = instruments_of(project, ordered)
    return {
        **survey_part(project, public=audience == "public"),
        "audience": audience,
        "policy": policy_entry(policy, audience),
        "engine": __version__,
        "waves": [wave_entry(project, wave, ordered) for wave in ordered],
        "units": _units(project, units, earlier),
        "breakdowns": breakdown_entries(project, levels, earlier),
        "measures": measure_entries(project, ordered, measures, earlier),
        **instruments_part(instruments),
        "variables": [{"name": name, **told} for name, told in ESTIMATE_VARIABLES.items()],
        **_facts_part(set(statistics)),
        "events": [
            {
                "school": event.school,
                "date": event.date.isoformat(),
                "practice": event.practice,
                "note": title(event.note),
            }
            for event in project.survey.events
        ],
    }


def _facts_part(statistics: set[str]) -> Entry:
    """What a codebook says of the facts of scales; nothing where the release has none."""
    if not statistics:
        return {}
    return {
        "scale_variables": [{"name": name, **told} for name, told in FACT_VARIABLES.items()],
        "statistics": [{"id": name, "title": text} for name, text in STATISTICS.items() if name in statistics],
    }


def declared_order(project: Project, waves: Iterable[str]) -> list[str]:
    """Waves in the order of the survey.

    Raises
    ------
    DeclarationError
        When the survey no longer declares one.
    """
    order, wanted = [wave.id for wave in project.survey.waves], set(waves)
    gone = sorted(wanted - set(order))
    if gone:
        raise DeclarationError(
            "a wave that has been released is no longer declared.",
            file="survey.yaml",
            key="waves",
            found=", ".join(order),
            allowed=f"{', '.join(gone)} among them",
            todo="Put the wave back; a released wave stays in later releases.",
        )
    return [wave for wave in order if wave in wanted]


def title(text: Text | None) -> Entry | None:
    """A text as {en, fr}, fr null where there is none."""
    return None if text is None else {"en": text.en, "fr": text.fr}


def survey_part(project: Project, *, public: bool = False) -> Entry:
    """What a codebook says of the survey, and of who publishes it.

    It stands here, and not in the papers alone, so that a release under another licence has another name. Licence,
    address and DOI are about public-use data, so no other release names them.
    """
    survey = project.survey
    told: Entry = {
        "publisher": None if survey.publisher is None else survey.publisher.model_dump(exclude_none=True),
        "keywords": list(survey.keywords),
    }
    if public:
        licence = None if survey.licence is None else survey.licence.model_dump(exclude_none=True)
        told |= {"licence": licence, "url": survey.url, "doi": survey.doi}
    return {
        "survey": {
            "id": survey.id,
            "title": title(survey.title),
            "synthetic": survey.synthetic,
            "units": list(survey.units),
            "languages": list(survey.languages),
        },
        "publication": {name: one for name, one in told.items() if one},
    }


def instruments_part(instruments: Sequence[Instrument]) -> Entry:
    """What a codebook says of scales, items and instruments; items of sensitive modules never appear."""
    return {
        "scales": [_scale(one, scale) for one in instruments for scale in one.scales],
        "items": [_item(one, item) for one in instruments for item in one.active_items()],
        "instruments": [_instrument(one) for one in instruments],
    }


def instruments_of(project: Project, waves: Sequence[str]) -> list[Instrument]:
    """Instruments that the waves pin; where two waves pin two versions of one, the later wave's."""
    found: dict[str, Instrument] = {}
    for wave in waves:
        found |= {instrument.id: instrument for instrument in project.instruments(wave)}
    return list(found.values())


def policy_entry(policy: Policy, audience: str) -> Entry:
    """What a codebook says of the disclosure policy."""
    minimum = {str(who): least for who, least in policy.minimum.items()}[audience]
    return {"id": policy.id, "version": policy.version, "minimum": minimum, "small": policy.small}


def instrument_sha256(instrument: Instrument) -> str:
    """SHA-256 of what an instrument declares, the same on every system and however its file is laid out."""
    told = json.dumps(instrument.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode("utf-8")).hexdigest()


def wave_entry(project: Project, wave_id: str, released: Sequence[str]) -> Entry:
    """What a codebook says of a wave; it is compared with the nearest earlier wave that is in the release."""
    wave = project.wave(wave_id)
    before = [one.id for one in project.earlier(wave_id) if one.id in released]
    return {
        "id": wave.id,
        "title": title(wave.title) or {"en": wave.id, "fr": wave.id},
        "window": [day.isoformat() for day in wave.window],
        "compared_with": before[-1] if before else None,
        "instruments": [one.pinned for one in project.instruments(wave_id)],
        "closed": wave.closed,
    }


def _units(project: Project, units: pd.DataFrame, earlier: Mapping[str, Any] | None) -> list[Entry]:
    order = project.survey.units
    lines = [[_text(value) for value in row] for row in units[list(UNIT_TREE_COLUMNS)].itertuples(index=False)]
    known = {(unit_type, unit) for unit_type, unit, _, _ in lines}
    widest = {(above_type, above) for _, _, above_type, above in lines if above_type == order[0]} - known
    if order[0] not in {unit_type for unit_type, _ in known | widest}:
        widest = {(order[0], project.survey.id)}
    lines += [[*one, None, None] for one in widest]
    lines.sort(key=lambda one: (order.index(one[0]) if one[0] in order else len(order), one[1] or ""))
    before = {(one["unit_type"], one["unit"]): one["title"] for one in (earlier or {}).get("units", [])}
    return [
        {
            "unit_type": unit_type,
            "unit": unit,
            "title": _unit_title(project, unit_type, unit) or before.get((unit_type, unit)) or {"en": unit, "fr": unit},
            "parent_type": above_type,
            "parent": above,
        }
        for unit_type, unit, above_type, above in lines
    ]


def _text(value: object) -> str | None:
    return None if value is None or value != value else str(value)


def _unit_title(project: Project, unit_type: str | None, unit: str | None) -> Entry | None:
    if unit_type == "school" and unit in project.schools:
        return title(project.schools[unit])
    if unit_type == project.survey.units[0] and unit == project.survey.id:
        return title(project.survey.title)
    return None


def breakdown_entries(
    project: Project, levels: Mapping[str, Iterable[str]] | None, earlier: Mapping[str, Any] | None = None
) -> list[Entry]:
    """What a codebook says of ways of dividing students into groups, and of the levels that occur, in order."""
    declared = {one.id: list(level_titles(project.survey, one.id)) for one in project.survey.breakdowns}
    present = declared if levels is None else {one: found for one, found in levels.items() if one != ALL}
    before = {one["id"]: one for one in (earlier or {}).get("breakdowns", [])}
    ordered = [one for one in declared if one in present] + sorted(set(present) - set(declared))
    return [_breakdown(project, one, present[one], before.get(one)) for one in ordered]


def _breakdown(project: Project, breakdown: str, present: Iterable[str], before: Entry | None) -> Entry:
    """One breakdown; a level is called what the survey calls it, else what the release before did, else its id."""
    titles = {level["id"]: level["title"] for level in (before or {}).get("levels", [])}
    ours = {level: title(text) for level, text in level_titles(project.survey, breakdown).items()}
    order = list(ours)
    shown = sorted(set(present), key=lambda one: (order.index(one) if one in ours else len(order) - 1.5, one))
    declared = any(one.id == breakdown for one in project.survey.breakdowns)
    return {
        "id": breakdown,
        "title": title(breakdown_title(project.survey, breakdown)) if declared or before is None else before["title"],
        "levels": [{"id": one, "title": ours.get(one) or titles.get(one) or {"en": one, "fr": one}} for one in shown],
    }


def _scale(instrument: Instrument, scale: Scale) -> Entry:
    return {
        "id": scale.id,
        "instrument": instrument.pinned,
        "title": title(scale.title),
        "description": title(scale.description),
        "items": list(scale.items),
        "min_answered": scale.min_answered,
        "structure": scale.structure,
        "range": list(instrument.scale_range(scale.id)),
    }


def _item(instrument: Instrument, item: Item) -> Entry:
    scales = [scale.id for scale in instrument.scales if item.id in scale.items]
    points = instrument.points(item.id) if scales else {}
    return {
        "id": item.id,
        "instrument": instrument.pinned,
        "kind": item.kind,
        "text": title(item.text),
        "short": title(item.short),
        "variable": item.variable,
        "polarity": item.polarity if scales else None,
        "reversed": bool(scales) and instrument.is_reversed(item.id),
        "codes": [
            {"code": option.code, "label": title(option.label), "points": points.get(option.code)}
            for option in instrument.option_sets[item.options].options
        ],
        "favourable": list(instrument.favourable_codes(item.id)),
        "scales": scales,
    }


def _instrument(instrument: Instrument) -> Entry:
    return {
        "pinned": instrument.pinned,
        "title": title(instrument.title),
        "standing": title(instrument.standing),
        "source": list(instrument.source),
        "licence": {"tier": instrument.licence.tier, "terms": instrument.licence.terms},
        "sha256": instrument_sha256(instrument),
    }


_TABLE_COLUMNS = (
    "kind", "id", "title_en", "title_fr", "text_en", "text_fr", "statistic", "unit", "low", "high",
    "instrument", "scale", "item", "code", "of", "reversed", "codes", "favourable",
)  # fmt: skip


def codebook_table(codebook: Mapping[str, Any]) -> pd.DataFrame:
    """The codebook as one line per variable, measure, scale and item, for people with a spreadsheet."""
    lines = [
        *(_variable_line(one) for one in codebook["variables"]),
        *(_line("measure", one, statistic=one["statistic"], unit=one["unit"]) for one in codebook["measures"]),
        *(_scale_line(one) for one in codebook["scales"]),
        *(_item_line(one) for one in codebook["items"]),
        *(_variable_line(one, "scale_variable") for one in codebook.get("scale_variables", ())),
        *(_line("statistic", one) for one in codebook.get("statistics", ())),
    ]
    return pd.DataFrame(lines, columns=list(_TABLE_COLUMNS)).astype("object").where(lambda frame: frame.notna(), None)


def _line(kind: str, entry: Entry, **more: object) -> Entry:
    low, high = entry.get("range") or (None, None)
    own = {key: entry.get(key) for key in ("id", "instrument", "scale", "item", "code", "of")}
    return {"kind": kind, **own, **_languages("title", entry.get("title")), "low": low, "high": high, **more}


def _languages(name: str, text: Entry | None) -> Entry:
    return {f"{name}_{language}": (text or {}).get(language) for language in ("en", "fr")}


def _variable_line(entry: Entry, kind: str = "variable") -> Entry:
    line = {"kind": kind, "id": entry["name"], "unit": entry["unit"]}
    return line | _languages("title", entry["description"]) | {key: entry.get(key) for key in ("item", "scale")}


def _scale_line(entry: Entry) -> Entry:
    return _line(
        "scale", entry, unit="points", codes=";".join(entry["items"]), **_languages("text", entry["description"])
    )


def _item_line(entry: Entry) -> Entry:
    labels = [f"{one['code']}={(one['label'] or {}).get('en') or ''}" for one in entry["codes"]]
    texts = _languages("title", entry["short"]) | _languages("text", entry["text"])
    reverse = "yes" if entry["reversed"] else "no"
    favourable = ";".join(map(str, entry["favourable"]))
    scale = ";".join(entry["scales"]) or None
    return _line("item", entry, **texts, scale=scale, reversed=reverse, codes=";".join(labels), favourable=favourable)
