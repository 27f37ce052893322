"""How a score is made, told from the declaration: items, which are reversed and why, range, rule, source."""

from __future__ import annotations

import textwrap
from typing import Any

from connectedness.declare.instrument import Instrument, Item, Option, Scale
from connectedness.declare.registry import instrument_of
from connectedness.declare.source import Text
from connectedness.errors import DeclarationError

_MISSING_RULE = (
    "Skipped, not asked, don't know and invalid answers earn no points and are not in any denominator; nothing is "
    "imputed."
)

_HOW = {
    "own": "Decided by its authors, in this file",
    "published": "Read in a published source",
    "code": "Seen in public programs or data",
    "unverified": "NOT VERIFIED",
}


def explain(instrument: Instrument | str, scale_id: str | None = None) -> dict[str, Any]:
    """Tell how an instrument's scores are made.

    Parameters
    ----------
    instrument : Instrument or str
        An instrument, or the name of one that ships, as in ``"pisa-belonging"``.
    scale_id : str, optional
        Tell of this scale only. Default: all scales, and then the other items and the modules too.

    Returns
    -------
    dict
        JSON-able: `instrument` (with `source`, `licence`, `population`, `forms`, and `verification`: how far each
        fact is verified), `scales` (with `range`, `min_answered`, `structure`, `expected_sign`, `norms`, `table`,
        `cuts`, `formulas` and `items`, each with its polarity, whether it is `reversed`, `why`, and the points of
        each code), `missing`; without `scale_id` also `other_items`, `measures` and `modules`.

    Raises
    ------
    DeclarationError
        When the instrument is not known, or has no scale of that id.
    """
    instrument = instrument_of(instrument)
    if scale_id is not None and scale_id not in instrument.scale_by_id:
        raise DeclarationError(
            f"{instrument.pinned} has no such scale.",
            found=scale_id,
            allowed=", ".join(instrument.scale_by_id) or "none: this instrument has no scale",
        )
    told = {
        "instrument": _about(instrument),
        "scales": [_scale(instrument, scale) for scale in instrument.scales if scale_id in (None, scale.id)],
        "missing": {"rule": _MISSING_RULE, "codes": {str(code): kind for code, kind in instrument.missing.items()}},
    }
    if scale_id is None:
        in_scales = {item for scale in instrument.scales for item in scale.items}
        told["other_items"] = [_item(instrument, item) for item in instrument.items if item.id not in in_scales]
        told["measures"] = [measure.model_dump() for measure in instrument.measures]
        told["modules"] = [module.model_dump(mode="json") for module in instrument.modules]
    return told


def explanation_text(told: dict[str, Any]) -> str:
    """Put an explanation into words for a terminal, in lines of at most 100 characters."""
    about = told["instrument"]
    lines = [f"{about['pinned']}: {about['title']['en']}", "", *_wrapped(about["standing"]["en"])]
    lines += [line for source in about["source"] for line in _wrapped(f"Source: {source}")]
    lines += _wrapped(f"Licence: tier {about['licence']['tier']}. {about['licence']['terms']}")
    lines += _paper_lines(about)
    for scale in told["scales"]:
        lines += ["", *_scale_lines(scale)]
    if not about["has_key"]:
        return "\n".join([*lines, "", "There is no key here, so nothing can be scored."])
    lines += ["", *_wrapped(told["missing"]["rule"])]
    if told["missing"]["codes"]:
        codes = ", ".join(f"{code} {kind.replace('_', ' ')}" for code, kind in told["missing"]["codes"].items())
        lines += _wrapped(f"Missing codes in the source: {codes}.")
    if told.get("other_items"):
        lines += ["", "Items that count in no score"]
        lines += [line for item in told["other_items"] for line in _wrapped(_item_head(item), 1)]
    for module in told.get("modules", ()):
        lines += ["", f"Module {module['id']}, off until survey.yaml names it: {', '.join(module['items'])}"]
        lines += _wrapped(module["legal_question"]["en"], 1)
    return "\n".join(lines)


def _about(instrument: Instrument) -> dict[str, Any]:
    return {
        "pinned": instrument.pinned,
        "id": instrument.id,
        "version": instrument.version,
        "title": _both(instrument.title),
        "standing": _both(instrument.standing),
        "source": list(instrument.source),
        "licence": instrument.licence.model_dump(),
        "languages": list(instrument.languages),
        "population": _both(instrument.population),
        "cycles": list(instrument.cycles),
        "has_key": instrument.has_key,
        "unverified": instrument.unverified,
        "verification": [fact.model_dump(mode="json") for fact in instrument.verification],
        "permission": None if instrument.permission is None else instrument.permission.model_dump(mode="json"),
        "forms": [form.model_dump(mode="json") for form in instrument.forms],
    }


def _paper_lines(about: dict[str, Any]) -> list[str]:
    """Population, cycles, permission, forms, and how far each fact is verified."""
    lines = _wrapped(f"For: {about['population']['en']}") if about["population"] else []
    lines += _wrapped(f"Cycles: {', '.join(about['cycles'])}.") if about["cycles"] else []
    if about["permission"]:
        given = about["permission"]
        lines += _wrapped(f"Permission: {given['holder']}, {given['date']}, {given['reference']}.")
    for form in about["forms"]:
        where = ", ".join(filter(None, [*form["country"], form["language"], "default" if form["default"] else None]))
        lines += _wrapped(f"Form {form['id']}{f' ({where})' if where else ''}: {form['parameters'] or 'no parameters'}")
    for fact in about["verification"]:
        of = f" of {', '.join(fact['of'])}" if fact["of"] else ""
        lines += _wrapped(f"{_HOW[fact['how']]}: {fact['what']}{of}. {fact['note']}")
    if about["unverified"]:
        lines += _wrapped("A survey scores this only with accept_unverified: true.")
    return lines


def _scale(instrument: Instrument, scale: Scale) -> dict[str, Any]:
    low, high = instrument.scale_range(scale.id)
    k = len(scale.items)
    return {
        "id": scale.id,
        "title": _both(scale.title),
        "description": _both(scale.description),
        "n_items": k,
        "min_answered": scale.min_answered,
        "range": [low, high],
        "structure": scale.structure,
        "higher_is": scale.higher_is,
        "expected_sign": dict(scale.expected_sign),
        "norms": [norm.model_dump() for norm in scale.norms],
        "table": None if scale.table is None else scale.table.model_dump(mode="json"),
        "cuts": [cut.model_dump() for cut in scale.cuts],
        "formulas": {
            "mean": f"points of the items answered / items answered, from {low} to {high}",
            "sum": f"mean x {k}, from {k * low} to {k * high}; unanswered items are prorated",
            "pomp": f"100 x (mean - {low}) / {high - low}, the percent of maximum possible, from 0 to 100",
            "favourable": "favourable answers / items answered, from 0 to 1"
            if any(instrument.favourable_codes(item) for item in scale.items)
            else "null: the instrument does not say which answers are favourable",
            **_declared_formulas(scale),
        },
        "items": [
            {**_item(instrument, instrument.item_by_id[item]), **_direction(instrument, scale, item)}
            for item in scale.items
        ],
    }


def _declared_formulas(scale: Scale) -> dict[str, str]:
    """Formulas of the scores that need a norm or a table, where the scale declares one."""
    norm, table, found = scale.norm(), scale.table, {}
    if norm is not None:
        found["z"] = f"({norm.of} - {norm.mean}) / {norm.sd}, by the norm {norm.id} version {norm.version}"
        found["t"] = "50 + 10 x z"
    if table is not None:
        answers = f"prorated, rounded {table.prorate}" if table.prorate else "complete answers only"
        found["table"] = f"what the table {table.id} version {table.version} gives for the raw sum; {answers}"
    return found


def _item(instrument: Instrument, item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "kind": item.kind,
        "variable": item.variable,
        "text": _both(item.text),
        "short": _both(item.short),
        "module": instrument.module_of.get(item.id),
        "codes": [
            {"code": option.code, "label": _both(option.label)}
            for option in instrument.option_sets[item.options].options
        ],
        "favourable": sorted(instrument.favourable_codes(item.id)),
    }


def _direction(instrument: Instrument, scale: Scale, item_id: str) -> dict[str, Any]:
    return {
        "polarity": instrument.item_by_id[item_id].polarity,
        "reversed": instrument.is_reversed(item_id),
        "why": _why(instrument, scale, item_id),
        "points": {str(code): points for code, points in sorted(instrument.points(item_id).items())},
    }


def _why(instrument: Instrument, scale: Scale, item_id: str) -> str:
    """Why the item counts as it does, as its highest code shows."""
    item = instrument.item_by_id[item_id]
    options = instrument.option_sets[item.options]
    highest = max(options.options, key=lambda option: option.code)
    doing = "Agreeing" if options.expresses == "agreement" else f"More {options.expresses}"
    more = "more" if item.polarity == "positive" else "less"
    points = instrument.points(item_id)[highest.code]
    earns = f"a {highest.code} earns {points} point{'' if points == 1 else 's'}"
    return f"{doing} means {more} {_lower(scale.title.en)}, and {highest.code} means {_meaning(highest)}, so {earns}."


def _meaning(option: Option) -> str:
    return _lower(option.label.en) if option.label else "the highest code"


def _scale_lines(scale: dict[str, Any]) -> list[str]:
    low, high = scale["range"]
    lines = [f"{scale['id']}: {scale['title']['en']}", *_wrapped(scale["description"]["en"], 1)]
    lines += _wrapped(
        f"Points from {low} to {high}. A score needs at least {scale['min_answered']} of {scale['n_items']} items.", 1
    )
    for method, formula in scale["formulas"].items():
        lines += _wrapped(f"{scale['id'] if method == 'mean' else scale['id'] + '_' + method} = {formula}", 1)
    lines += _meaning_lines(scale)
    for item in scale["items"]:
        lines += _wrapped(f"{_item_head(item)} ({item['polarity']}{', REVERSED' if item['reversed'] else ''})", 1)
        lines += _wrapped(item["why"], 2)
        earned = ", ".join(f"{code} earns {points}" for code, points in item["points"].items())
        lines += _wrapped(f"{earned}. Favourable: {', '.join(map(str, item['favourable'])) or 'not declared'}.", 2)
    return lines


def _meaning_lines(scale: dict[str, Any]) -> list[str]:
    """What a high score means, what it should go with, and the norms and cuts with their sources."""
    lines = _wrapped("Here a high score is bad.", 1) if scale["higher_is"] == "worse" else []
    for sign, words in (("+", "rise"), ("-", "fall")):
        others = [other for other, expected in scale["expected_sign"].items() if expected == sign]
        lines += _wrapped(f"Should {words} as these rise: {', '.join(others)}.", 1) if others else []
    for norm in scale["norms"]:
        lines += _wrapped(f"Norm {norm['id']} version {norm['version']}: {norm['population']}. {norm['source']}", 1)
    if scale["table"]:
        table = scale["table"]
        lines += _wrapped(
            f"Table {table['id']} version {table['version']}: {table['population']}. {table['source']}", 1
        )
    for cut in scale["cuts"]:
        limits = [("at least", cut["at_least"]), ("at most", cut["at_most"])]
        words = " and ".join(f"{word} {limit:g}" for word, limit in limits if limit is not None)
        lines += _wrapped(
            f"Cut {cut['id']}: {cut['title']['en']}, {words} on the {cut['of']} score. {cut['source']}", 1
        )
    return lines


def _item_head(item: dict[str, Any]) -> str:
    words = item["text"]["en"] if item["text"] else "(the survey's publisher holds the wording)"
    kind = (
        "" if item["kind"] == "scale" else f" [{item['kind']}{', module ' + item['module'] if item['module'] else ''}]"
    )
    return f"{item['id']}{' = ' + item['variable'] if item['variable'] else ''}{kind}: {words}"


def _wrapped(text: str, level: int = 0) -> list[str]:
    indent = "  " * level
    return textwrap.wrap(text, 100, initial_indent=indent, subsequent_indent=indent + "  ", break_on_hyphens=False)


def _both(text: Text | None) -> dict[str, str | None] | None:
    return None if text is None else {"en": text.en, "fr": text.fr}


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
