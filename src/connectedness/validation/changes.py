"""What is new, gone, renamed or of another kind since the last wave, in sentences."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from connectedness.declare.survey import GRADES
from connectedness.validation.wavefacts import school_label

Change = dict[str, str]
_SHOWN = 20
_PAIRS = 40_000  # beyond, columns are not compared for likeness: a file of ten thousand of them is another file


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
    """Columns that came, went or were renamed; a file is named where its fellows did not change alike."""
    pairs = _same_files(old.get("headers", ()), new["headers"])
    where: dict[tuple[str, str, str], list[str]] = {}
    for file, before, after in pairs:
        for change in _columns_of_file(before, after):
            where.setdefault(change, []).append(file)
    found = []
    for kind, say in _COLUMN_WORDS.items():
        changes = [(one, other, files) for (of, one, other), files in where.items() if of == kind]
        for one, other, files in changes[:_SHOWN]:
            where_of = _in_files(files, len(pairs))
            found.append(_change(kind, other or one, say.format(where_of, one=one, other=other, last=last, now=now)))
        more = len(changes) - _SHOWN
        found += [_change(kind, "", f"{more:,} more columns like that.")] if more > 0 else []
    return found


_COLUMN_WORDS = {
    "column_renamed": "Column {one} of {last} is gone{0} and column {other} is new: it looks renamed.",
    "column_new": "Column {one} is new in {now}{0}.",
    "column_gone": "Column {one} of {last} is gone{0}.",
}


def _columns_of_file(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str, str]]:
    there, here = set(before), set(after)
    gone, come = [one for one in before if one not in here], [one for one in after if one not in there]
    pairs = renamed(gone, come)
    return [
        *(("column_renamed", one, other) for one, other in pairs.items()),
        *(("column_new", one, "") for one in come if one not in pairs.values()),
        *(("column_gone", one, "") for one in gone if one not in pairs),
    ]


def _same_files(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[str, list[str], list[str]]]:
    """Files of the same name in both waves, with their columns; all others of each wave count as one file."""
    before = {name: one["columns"] for one in old for name in one["files"]}
    after = {name: one["columns"] for one in new for name in one["files"]}
    both = [(name, before[name], after[name]) for name in after if name in before]
    rest_old, rest_new = _union(before, after), _union(after, before)
    return [*both, ("other files", rest_old, rest_new)] if rest_old and rest_new else both


def _union(files: Mapping[str, list[str]], less: Mapping[str, list[str]]) -> list[str]:
    """Columns of files that are not among others, each once."""
    return list(dict.fromkeys(column for name, columns in files.items() if name not in less for column in columns))


def _in_files(files: Sequence[str], of: int) -> str:
    return "" if len(files) == of else f" in {', '.join(files[:3])}" + (", ..." if len(files) > 3 else "")


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
    return re.sub(r"(?<!\d)0+(?=\d)|[^\w]|_", "", "".join(one for one in parts if not unicodedata.combining(one)))


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
    before, now = (set(one["values"].get(name, ())) for one in (old, new))
    few_then, few_now = (_rare(one, name) for one in (old, new))
    lost, come = (sorted(one, key=_place) for one in (before - now, now - before))
    pairs = renamed(lost, come)
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
    or_few, or_had = (
        ", or too few students are of it to tell" * bool(few_now),
        ", or enough students are newly of it" * bool(few_then),
    )
    found += _value_sentences("value_gone", name, f"{word} lost the", lost, or_few)
    found += _value_sentences("value_new", name, f"{word} has the new", come, or_had)
    if few_then != few_now:
        text = f"{word}: {_few(few_now)} not printed for want of students; it was {few_then} in {last}."
        found.append(_change("value_few", name, text))
    return found


def _rare(shape: Mapping[str, Any], name: str) -> int:
    """How many values were of too few students to be kept; a shape of an earlier version has them listed."""
    rare = shape["rare"].get(name, 0)
    return rare if isinstance(rare, int) else len(rare)


def _few(n: int) -> str:
    return f"{n} value{' is' if n == 1 else 's are'}"


def _place(value: str) -> tuple[int, str]:
    """Grades in their order, other values by name."""
    return (GRADES.index(value) if value in GRADES else -1, value)


def _value_sentences(kind: str, name: str, begins: str, values: Sequence[str], else_: str) -> list[Change]:
    if not values:
        return []
    plural = "" if len(values) == 1 else "s"
    listed = ", ".join(values[:_SHOWN]) + (", ..." if len(values) > _SHOWN else "")
    return [_change(kind, name, f"{begins} value{plural} {listed}{else_}.")]


def _capital(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
