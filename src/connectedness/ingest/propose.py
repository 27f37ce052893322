"""A draft of the column map: which column of an export is which item, and how sure that is. A person confirms it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from connectedness.declare.columns import ColumnMap
from connectedness.declare.instrument import Instrument, Item
from connectedness.declare.policy import PRESETS, Policy
from connectedness.declare.survey import Survey
from connectedness.errors import ContractError
from connectedness.ingest.definition import read_definition, with_definition
from connectedness.ingest.describe import describe
from connectedness.ingest.described import Described, DescribedColumn
from connectedness.ingest.detect import sniffed
from connectedness.ingest.encodings import codec_by_tool
from connectedness.ingest.header import is_header, looks_like_data
from connectedness.ingest.proposal import Proposal
from connectedness.ingest.propose_codes import Codes, codes_of_labels, held_by_items, rows_of_codes
from connectedness.ingest.propose_facts import find_facts
from connectedness.ingest.propose_items import Match, Matching, match_items
from connectedness.ingest.yaml_text import value

Wording = Mapping[str, str | Sequence[str]]
Synonyms = Mapping[str, Mapping[str, int]]


def propose(
    path: Path,
    instruments: Sequence[Instrument],
    *,
    definition: Path | None = None,
    survey: Survey | None = None,
    wording: Wording | None = None,
    synonyms: Synonyms | None = None,
    policy: Policy | None = None,
) -> Proposal:
    """Draft a column map of an export.

    Parameters
    ----------
    path : path
        An export, or the survey tool's definition alone.
    instruments : sequence of Instrument
        Whose items are looked for; those of a sensitive module only where the survey names the module.
    definition : path, optional
        The survey tool's own definition, which tells the questions and labels that an export may not.
    survey : Survey, optional
        What it declares (token, modules, units, breakdowns) is looked for too.
    wording : mapping, optional
        The question's text, or texts, by item id, where an instrument has no words of its own.
    synonyms : mapping, optional
        By item id, labels that a person declares, and the item's code of each.
    policy : Policy, optional
        Says how many rows must hold a label before it is shown.

    Raises
    ------
    ContractError
        When the file does not hold, or nothing in it shows that row 1 names columns.
    """
    alone = read_definition(path)
    encoding, seen = (None, alone) if alone else _described(path)
    if definition is not None and alone is None:
        seen = with_definition(seen, definition)
    if seen.recognised.format == "limesurvey":
        seen = replace(seen, columns=tuple(_by_code(one) for one in seen.columns))
    out = Proposal({"confirmed": False}, seen.recognised.format, seen.recognised.title, seen.recognised.confidence,
                   list(seen.recognised.why))  # fmt: skip
    of = {item.id: one for one in instruments for item in one.items}
    items = _asked_for(instruments, survey)
    free = [one for one in seen.columns if not {one.name, *one.other_names} & set(seen.roles.values())]
    texts = _wordings(items, wording or {})
    found = match_items(items, free, texts, seen.recognised.format)
    _form(out, seen, encoding)
    _facts(out, seen, found, survey, items)
    _must_be_a_header(out, found, seen, len(items), path)
    codes = {item: _codes(item, one, of[item], synonyms or {}) for item, one in found.found.items()}
    at_least = (policy or PRESETS["default"]).minimum["internal"]
    _labels(out, found, codes, None if alone else path, at_least)
    _items(out, items, found, codes)
    out.wording = {item: texts[item][0] for item in out.items_missing if texts[item]}
    _left(out, seen)
    if alone is None:
        _look_into(out, path, of, codes, at_least)
    else:  # nobody knows yet whether the export will hold codes or labels
        for item in out.map["items"]:
            _declare(out, item, codes[item])
    return out


def _by_code(column: DescribedColumn) -> DescribedColumn:
    """LimeSurvey's headings may be texts, which change with a word; the codes are the same in all its exports."""
    names = sorted((column.name, *column.other_names), key=lambda name: (" " in name, "[" not in name, len(name)))
    return replace(column, name=names[0], other_names=tuple(names[1:]))


def _asked_for(instruments: Sequence[Instrument], survey: Survey | None) -> list[Item]:
    modules = survey.modules if survey else ()
    return [item for one in instruments for item in one.items if one.module_of.get(item.id) in (None, *modules)]


def _wordings(items: Sequence[Item], given: Wording) -> dict[str, tuple[str, ...]]:
    """Texts of each item, the person's own first."""
    out = {}
    for item in items:
        said = given.get(item.id, ())
        texts = [said] if isinstance(said, str) else list(said)
        if item.text:
            texts += [item.text.en, item.text.fr or ""]
        out[item.id] = tuple(dict.fromkeys(text for text in texts if text))
    return out


def _described(path: Path) -> tuple[str | None, Described]:
    """Describe an export; a plain table that is not UTF-8 is read in the one encoding that fits, which is named."""
    found = sniffed(path, path.name)
    if found.recognised.format != "csv":
        return None, describe(path)
    try:
        codec = codec_by_tool(found.content, path.name)
    except ContractError:  # that more than one fits, or none, is told where the file is read
        return None, describe(path)
    if codec.startswith("utf-8"):
        return None, describe(path)
    return codec, describe(path, ColumnMap.model_validate({"encoding": codec, "items": {"any": "any"}}))


def _form(out: Proposal, seen: Described, encoding: str | None) -> None:
    """What a reader must be told of the file: its encoding and what parts its cells, where that is not plain."""
    if encoding:
        out.map["encoding"] = encoding
        out.reasons["encoding"] = "the only one that the letters of this file fit"
    if seen.recognised.format == "csv" and seen.delimiter not in (None, ",", "\t"):
        out.map["delimiter"] = seen.delimiter
        out.reasons["delimiter"] = "what parts the cells of this file"


def _facts(out: Proposal, seen: Described, found: Matching, survey: Survey | None, items: Sequence[Item]) -> None:
    free = [one for one in seen.columns if not found.taken(one)]
    facts = find_facts(free, seen.roles, survey)
    if any(item.fills == "learning_mode" and item.id in found.found for item in items):
        facts.columns.pop("learning_mode", None)
    out.map["columns"] = facts.columns
    out.reasons |= {name if "." in name else f"columns.{name}": why for name, why in facts.why.items()}
    out.unsure += facts.unsure
    for column, role in facts.asides.items():
        out.to_agree.append(column)
        out.asides.setdefault("columns", []).append(f"{role}: {{column: {value(column)}, agreed: [?]}}")
        out.unsure.append(f"{column} may say who takes part ({role}): only you know which of its values is a yes.")


def _must_be_a_header(out: Proposal, found: Matching, seen: Described, items: int, path: Path) -> None:
    """Row 1 of a plain table may be a student's, unless several of its cells are names that are known."""
    if out.confidence != "plain" or out.format in ("sav", "dta", "parquet"):
        return
    sure = {one.column.name for one in found.found.values() if one.likeness == 1}
    known = {one.column.name for those in ([*found.found.values()], *found.close.values()) for one in those}
    known |= {*_named({**out.map, "items": {}}), *out.to_agree}
    row = [one.name for one in seen.columns]
    if is_header(row, min(3, items), len(sure)) or is_header(row, min(3, len(row)), len(known)):
        return
    values = sum(map(looks_like_data, row))
    raise ContractError(
        "it is not sure that row 1 names the columns: it may be a student's answers, and nothing of it is shown.",
        file=str(path),
        found=f"{len(known)} known {'name' if len(known) == 1 else 'names'} among its {len(row)} cells"
        + (f", and {values} that may be numbers, dates, addresses or tokens" if values else ""),
        allowed="at least three names that are known, and no cell that looks like a value",
        todo="See that row 1 names the columns and that this is the right file and instrument. If the questions have "
        "other words than the instrument's, give them with --wording FILE.",
    )


def _codes(item: str, match: Match, instrument: Instrument, synonyms: Synonyms) -> Codes:
    return codes_of_labels(item, instrument, match.column.labels, synonyms.get(item))


def _labels(out: Proposal, found: Matching, codes: Mapping[str, Codes], export: Path | None, at_least: int) -> None:
    """Tell the labels that no code of the item has; of an export those alone that enough rows hold."""
    strange = {item: one.strange for item, one in codes.items() if one.strange}
    if export is None:
        out.labels_unknown |= {item: dict.fromkeys(labels.values()) for item, labels in strange.items()}
        return
    of = {item: found.found[item].column.name for item in strange}
    form = {key: out.map[key] for key in ("encoding", "delimiter") if key in out.map}
    columns = ColumnMap.model_validate({**form, "items": {"any": "any"}})
    rows = rows_of_codes(export, columns, {of[item]: labels for item, labels in strange.items()}) if strange else {}
    for item, labels in strange.items():
        held = rows[of[item]]
        common = {label: held[code] for code, label in labels.items() if held[code] >= at_least}
        if common:
            out.labels_unknown[item] = dict(common)
        if rare := held.total() - sum(common.values()):
            out.not_shown[item] = rare


def _items(out: Proposal, items: Sequence[Item], found: Matching, codes: Mapping[str, Codes]) -> None:
    out.map["items"] = {}
    for item in items:
        if item.id in found.found:
            _item(out, item.id, found.found[item.id], codes[item.id])
        elif item.id in found.close:
            names = _close(found.close[item.id])
            out.unsure.append(f"{item.id}: too close to choose: {names}.")
            out.asides.setdefault("items", []).append(f"{item.id}: ?  # one of: {names}")
        else:
            out.items_missing.append(item.id)


def _close(matches: Sequence[Match], most: int = 4) -> str:
    names = ", ".join(f"{one.column.name} ({one.likeness:.2f})" for one in matches[:most])
    return names + (f" and {len(matches) - most} more" if len(matches) > most else "")


def _item(out: Proposal, item: str, match: Match, codes: Codes) -> None:
    out.matches[item] = match
    reason = _reason(match, codes)
    if not codes.usable:
        told = out.labels_unknown.get(item, {})
        # A code in words may be what one student wrote.
        shown = [code for code, label in codes.strange.items() if label in told or code.lstrip("-").isdecimal()]
        asked = ", ".join(f"{value(code)}: ?" for code in shown)
        line = f"{item}: {{column: {value(match.column.name)}, codes: {{{asked}}}}}  # {reason}"
        out.asides.setdefault("items", []).append(line)
        out.unsure.append(f"{item}: {match.column.name} has none of the item's labels; say which code is which.")
        return
    whole: Any = {"column": match.column.name, "codes": codes.codes} if codes.codes else match.column.name
    out.map["items"][item] = whole
    out.reasons[f"items.{item}"] = reason


def _reason(match: Match, codes: Codes) -> str:
    said = match.why
    if match.likeness < 1:
        said = f"GUESS: question text {match.likeness:.2f} like “{match.wording}”"
    return "; ".join(one for one in (said, codes.why) if one)


def _left(out: Proposal, seen: Described) -> None:
    used = set(_named(out.map))
    out.columns_unused = [one.name for one in seen.columns if not used & {one.name, *one.other_names}]


def _named(made: Mapping[str, Any]) -> list[str]:
    columns = dict(made["columns"])
    others = columns.pop("others", {})
    items = [one if isinstance(one, str) else one["column"] for one in made["items"].values()]
    return [*items, *others.values(), *(str(one) for one in columns.values())]


def _declare(out: Proposal, item: str, codes: Codes) -> None:
    """Write the labels that are declared, where the item's own labels would not explain them."""
    if codes.words:
        whole = {**codes.codes, **codes.words}
        out.map["items"][item] = {"column": out.matches[item].column.name, "codes": whole}
        out.reasons[f"items.{item}"] += "; labels as they are declared"


def _look_into(
    out: Proposal, path: Path, of: Mapping[str, Instrument], codes: Mapping[str, Codes], at_least: int
) -> None:
    """Read the columns as a run would, and say what of them no code explains."""
    if not out.map["items"]:
        return
    held, unread = held_by_items(
        path, out.confirmed(), of, {item: codes[item].words for item in of if item in codes}, at_least
    )
    for item, one in held.items():
        if one.declared:
            _declare(out, item, codes[item])
        if one.labels:
            out.labels_unknown.setdefault(item, {}).update(one.labels)
        if one.rare:
            out.not_shown[item] = out.not_shown.get(item, 0) + one.rare
        if one.outside:
            own = of[item].codes(item)
            out.unsure.append(
                f"{item}: {one.outside:,} rows hold a code outside {min(own)} to {max(own)}; "
                "translate its codes, or see that it is the right column."
            )
    for name in sorted(unread):
        out.unsure.append(
            f"{name} holds times that are not read: if they are written as 03/04/2026, write dates: month_first or "
            "dates: day_first."
        )
