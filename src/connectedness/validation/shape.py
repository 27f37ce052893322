"""The shape of a wave (columns, items, groups), kept beside its tables, and what of it changed since the last wave.

A shape holds names of columns and items, codes that instruments declare, and values of schools, grades, learning
modes and declared breakdowns: never an answer, and no count of students but those of the roster's schools.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from connectedness.declare.instrument import MISSING_CODES
from connectedness.declare.project import Project
from connectedness.tables import UNKNOWN
from connectedness.validation.wavefacts import school_label

Shape = dict[str, Any]
Change = dict[str, str]
_PRINTABLE = ("school", "grade", "learning_mode")
_SHOWN = 20
_PAIRS = 40_000  # beyond, columns are not compared for likeness: a file of ten thousand of them is another file


def shape_of(
    project: Project,
    wave_id: str,
    responses: pd.DataFrame,
    roster: pd.DataFrame | None,
    files: Sequence[Mapping[str, Any]],
) -> Shape:
    """The shape of a wave, JSON-able.

    Returns
    -------
    dict
        `wave`; `columns`, of all its files in their order; `formats`; `items`: by id whether anybody answered it
        (`answered`, `asked` or `not_asked`) and its `codes`; `values`: by column those that may be printed, and
        `rare`: those that fewer rows hold than the internal minimum; `roster`: students by school, null without one.
    """
    minimum = project.policy.minimum["internal"]
    held = _groups(project, responses, roster)
    levels = {one.id: set(one.levels) for one in project.survey.breakdowns}
    told = {name: _told(name, column, levels.get(name, set()), minimum) for name, column in held.items()}
    return {
        "wave": wave_id,
        "columns": list(dict.fromkeys(name for one in files for name in one.get("columns", ()))),
        "formats": sorted({str(one["format"]) for one in files if one.get("format")}),
        "items": _items(project, wave_id, responses),
        "values": {name: values for name, (values, _) in told.items()},
        "rare": {name: values for name, (_, values) in told.items()},
        "roster": None if roster is None else {"schools": _counts(roster["school"])},
    }


def _groups(project: Project, responses: pd.DataFrame, roster: pd.DataFrame | None) -> dict[str, pd.Series]:
    """Columns whose values are told: from the answers, else from the roster. A band says no more than its grades."""
    found = {}
    for name in (*_PRINTABLE, *(one.id for one in project.survey.breakdowns)):
        for table in (responses, roster):
            if name not in found and table is not None and name in table and (table[name] != UNKNOWN).any():
                found[name] = table[name]
    if "grade" in found:
        found.pop("grade_band", None)
    return found


def _counts(column: pd.Series) -> dict[str, int]:
    return {str(value): int(n) for value, n in column.value_counts().sort_index().items() if value not in ("", UNKNOWN)}


def _told(name: str, column: pd.Series, declared: Collection[str], minimum: int) -> tuple[list[str], list[str]]:
    """Values that may be printed, and those too rare to be."""
    counts = _counts(column)
    plain = {value for value, n in counts.items() if name in _PRINTABLE or value in declared or n >= minimum}
    return sorted(plain), sorted(set(counts) - plain)


def _items(project: Project, wave_id: str, responses: pd.DataFrame) -> dict[str, Any]:
    missing = list(MISSING_CODES.values())
    found = {}
    for instrument in project.instruments(wave_id):
        for item in instrument.active_items(project.survey.modules):
            codes = responses[item.id].drop_duplicates() if item.id in responses else pd.Series(dtype="int16")
            answered, asked = (~codes.isin(missing)).any(), (codes != MISSING_CODES["not_asked"]).any()
            found[item.id] = {
                "state": "answered" if answered else "asked" if asked else "not_asked",
                "codes": sorted(instrument.codes(item.id)),
            }
    return found


def changes(old: Mapping[str, Any] | None, new: Mapping[str, Any], titles: Mapping[str, str]) -> list[Change]:
    """What is new, gone, renamed or of another kind since the last wave.

    Parameters
    ----------
    old, new
        Shapes; `old` is null for the first wave.
    titles
        Names of schools.

    Returns
    -------
    list of dict
        `kind` (`column_new`, `item_gone`, `value_renamed`, ...), `what`, and `sentence`.
    """
    if old is None:
        return []
    last, now = str(old["wave"]), str(new["wave"])
    found = _columns(old, new, last, now) + _items_changed(old["items"], new["items"], last)
    if old["formats"] and new["formats"] and old["formats"] != new["formats"]:
        was, is_now = ", ".join(old["formats"]), ", ".join(new["formats"])
        found.append(
            _change("format", "format", f"The files of {last} were of the format {was}, and are {is_now} now.")
        )
    found += _schools(old, new, last, titles)
    for name in (one for one in new["values"] if one != "school" and one in old["values"]):
        found += _values(name, old, new, last)
    for name in sorted(set(old["values"]) - set(new["values"]) - {"school", "grade_band"}):
        found.append(_change("group_gone", name, f"{_capital(name)} was known in {last}, and is unknown now."))
    return found


def _change(kind: str, what: str, sentence: str) -> Change:
    return {"kind": kind, "what": what, "sentence": sentence}


def _columns(old: Mapping[str, Any], new: Mapping[str, Any], last: str, now: str) -> list[Change]:
    if not old["columns"] or not new["columns"]:
        return []
    gone = [name for name in old["columns"] if name not in set(new["columns"])]
    come = [name for name in new["columns"] if name not in set(old["columns"])]
    pairs = renamed(gone, come)
    found = [
        _change("column_renamed", other, f"Column {one} of {last} is gone and column {other} is new: it looks renamed.")
        for one, other in pairs.items()
    ]
    come = [name for name in come if name not in pairs.values()]
    gone = [name for name in gone if name not in pairs]
    found += _few("column_new", come, lambda name: f"Column {name} is new in {now}.", "columns are new")
    return found + _few("column_gone", gone, lambda name: f"Column {name} of {last} is gone.", "columns are gone")


def _few(kind: str, names: Sequence[str], say: Callable[[str], str], rest: str) -> list[Change]:
    """A sentence for each of the first names, and one for those beyond."""
    found = [_change(kind, name, say(name)) for name in names[:_SHOWN]]
    more = len(names) - _SHOWN
    return [*found, _change(kind, "", f"{more:,} more {rest}.")] if more > 0 else found


def renamed(gone: Sequence[str], come: Sequence[str]) -> dict[str, str]:
    """Old names that look like a new one: alike but for case, accents and signs, or nearly alike with the same digits.

    Q1 and Q2 are nearly alike too, and are two questions; so the digits must be the same.
    """
    if len(gone) * len(come) > _PAIRS:
        return {}
    found: dict[str, str] = {}
    free = list(come)
    for name in gone:
        other = next((one for one in free if _plain(one) == _plain(name)), None) or _near(name, free)
        if other is not None:
            found[name] = other
            free.remove(other)
    return found


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"\b0+(?=\d)|[^\w]|_", "", "".join(one for one in parts if not unicodedata.combining(one)))


def _near(name: str, others: Sequence[str]) -> str | None:
    same = [one for one in others if re.findall(r"\d+", one) == re.findall(r"\d+", name)]
    close = difflib.get_close_matches(name, same, n=1, cutoff=0.85)
    return close[0] if close else None


_STATES = {
    ("answered", "not_asked"): "Item {0} was answered in {1}, and is not asked now.",
    ("answered", "asked"): "Item {0} was answered in {1}, and nobody answered it now.",
    ("not_asked", "answered"): "Item {0} was not asked in {1}, and is answered now.",
    ("asked", "answered"): "Nobody answered item {0} in {1}; it is answered now.",
    ("asked", "not_asked"): "Item {0} was asked in {1}, and is not now.",
    ("not_asked", "asked"): "Item {0} was not asked in {1}; it is asked now, and nobody answered it.",
}


def _items_changed(old: Mapping[str, Any], new: Mapping[str, Any], last: str) -> list[Change]:
    found = [
        _change("item_gone", one, f"Item {one} was asked in {last}, and is not now.") for one in old if one not in new
    ]
    found += [_change("item_new", one, f"Item {one} is new: the instruments of {last} did not have it.")
              for one in new if one not in old]  # fmt: skip
    for one in (item for item in new if item in old):
        states = old[one]["state"], new[one]["state"]
        if states in _STATES:
            found.append(_change("item_state", one, _STATES[states].format(one, last)))
        if old[one]["codes"] != new[one]["codes"]:
            was, are = _codes(old[one]["codes"]), _codes(new[one]["codes"])
            found.append(
                _change("item_codes", one, f"The codes of item {one} were {was} in {last}, and are {are} now.")
            )
    return found


def _codes(codes: Sequence[int]) -> str:
    whole = len(codes) > 2 and codes == list(range(codes[0], codes[-1] + 1))
    return f"{codes[0]} to {codes[-1]}" if whole else ", ".join(map(str, codes))


def _schools(old: Mapping[str, Any], new: Mapping[str, Any], last: str, titles: Mapping[str, str]) -> list[Change]:
    """Schools that had answers and have none, or the other way round; a school whose id was rewritten is told first."""
    before, now = set(old["values"].get("school", ())), set(new["values"].get("school", ()))
    pairs = renamed(sorted(before - now), sorted(now - before))
    found = [
        _change("school_renamed", other, f"School {one} of {last} is gone and school {other} is new: it looks renamed.")
        for one, other in pairs.items()
    ]
    listed = None if new["roster"] is None else set(new["roster"]["schools"])
    for school in sorted(before - now - set(pairs)):
        aside = "" if listed is None or school in listed else " It is not on the roster either."
        text = f"{school_label(school, titles.get(school))} had answers in {last} and has none now.{aside}"
        found.append(_change("school_gone", school, text))
    for school in sorted(now - before - set(pairs.values())):
        text = f"{school_label(school, titles.get(school))} has answers now and had none in {last}."
        found.append(_change("school_new", school, text))
    return found


def _values(name: str, old: Mapping[str, Any], new: Mapping[str, Any], last: str) -> list[Change]:
    """Values of a group that were lost or are new; rare ones are only counted."""
    before, now = ({*one["values"].get(name, ()), *one["rare"].get(name, ())} for one in (old, new))
    lost, come = sorted(before - now), sorted(now - before)
    said_old, said_new = set(old["values"].get(name, ())), set(new["values"].get(name, ()))
    pairs = renamed([one for one in lost if one in said_old], [one for one in come if one in said_new])
    if name == "grade":
        pairs = {}
    word = _capital(name)
    found = [
        _change(
            "value_renamed", name, f"{word}: the value {one} of {last} is gone and {other} is new: it looks renamed."
        )
        for one, other in pairs.items()
    ]
    lost, come = [one for one in lost if one not in pairs], [one for one in come if one not in pairs.values()]
    found += _value_sentences("value_gone", name, f"{word} lost", lost, said_old)
    return found + _value_sentences("value_new", name, f"{word} has the new", come, said_new)


def _value_sentences(kind: str, name: str, begins: str, values: Sequence[str], told: Collection[str]) -> list[Change]:
    told_values = [one for one in values if one in told]
    rare = len(values) - len(told_values)
    found = []
    if told_values:
        the = "the " if begins.endswith("lost") else ""
        plural = "" if len(told_values) == 1 else "s"
        listed = ", ".join(told_values[:_SHOWN]) + (", ..." if len(told_values) > _SHOWN else "")
        found.append(_change(kind, name, f"{begins} {the}value{plural} {listed}."))
    if rare:
        what = "lost" if begins.endswith("lost") else "new"
        found.append(_change(kind, name, f"{_capital(name)}: {rare} {what} value{'' if rare == 1 else 's'}, each of so "
                                         "few students that it is not printed."))  # fmt: skip
    return found


def _capital(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
