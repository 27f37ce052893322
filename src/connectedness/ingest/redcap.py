"""REDCap: fields as headings, a 0/1 column for each choice of a checkbox, a row for each event and repeat.

Where a fact of a student stands on another event's row than the answers, the file is read whole and not in chunks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from connectedness.declare.columns import ColumnMap
from connectedness.ingest.cells import by_distinct, same, tidy
from connectedness.ingest.layout import Column, Head, Layout, Rule, named, not_this_format, width_of
from connectedness.ingest.recognised import Recognised
from connectedness.ingest.redcap_dictionary import Dictionary, dictionary_beside

__all__ = ["dictionary_beside", "layout", "recognise"]

_OWN = {
    "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group",
    "redcap_survey_identifier",
}  # fmt: skip
_OWN_LABELS = {
    "event name": "redcap_event_name", "repeat instrument": "redcap_repeat_instrument",
    "repeat instance": "redcap_repeat_instance", "data access group": "redcap_data_access_group",
    "survey identifier": "redcap_survey_identifier",
}  # fmt: skip
_COMPLETE = re.compile(r"(?:.+_complete|complete\?)", re.IGNORECASE)
_TIME = re.compile(r"(?:.+_timestamp|survey timestamp)", re.IGNORECASE)
_BOX = re.compile(r"(.+?)___(_?[A-Za-z0-9_]+)")
_BOX_LABEL = re.compile(r"(.+) \(choice=(.+)\)")
_NOT_COMPLETED = "[not completed]"


@dataclass(frozen=True)
class _Form:
    """Places of a form's own columns: its fields lie between the last form's `_complete` and its own."""

    complete: int
    time: int | None
    fields: range


def recognise(head: Head) -> Recognised | None:
    """Look for REDCap's own columns, or for `_complete` beside checkboxes or timestamps."""
    names = [tidy(name) for name in head[0]] if head else []
    own = [name for name in names if name in _OWN or name.casefold() in _OWN_LABELS]
    complete = [name for name in names if _COMPLETE.fullmatch(name)]
    boxes = [name for name in names if _BOX.fullmatch(name) or _BOX_LABEL.fullmatch(name)]
    times = [name for name in names if _TIME.fullmatch(name)]
    if complete and any(name in _OWN for name in own):
        return Recognised("redcap", "certain", [f"row 1 holds {own[0]} and {complete[0]}"])
    if complete and (own or boxes or times):
        return Recognised("redcap", "likely", [f"row 1 holds {complete[0]} and {(own + boxes + times)[0]}"])
    return None


def layout(head: Head, file: str, columns: ColumnMap | None = None, dictionary: Dictionary | None = None) -> Layout:
    """Work out the columns, each named by its heading, and, with a dictionary, by its field.

    A box that is not ticked counts as such only where its form was opened: REDCap writes 0 in either case. What a map
    asks for that is not an answer (token, school, grade) is taken from the record's other rows where it stands on
    another event than the answers.

    Raises
    ------
    ContractError
        When the header is not REDCap's.
    """
    if recognise(head) is None:
        raise not_this_format("REDCap", file, "fields in row 1, with each form's _complete")
    width = width_of(head[0])
    names = [tidy(name) for name in head[0][:width]]
    forms = _forms(names)
    told = dictionary or Dictionary()
    fields = [_field(name, names, told) for name in names]
    made = named(names, [told.question_of(one) for one in fields], [_kind(i, name) for i, name in enumerate(names)])
    made = [_boxed(_told(one, fields, told), names, forms) for one in made]
    made = [_dated(one, names) for one in made]
    made += _second_names(made[:width], fields)
    if columns and len(_events(names)):
        made = [_carried(one, columns) for one in made]
    return Layout(
        format="redcap",
        columns=made,
        width=width,
        rules=_rules(made, forms, columns),
        missing={_NOT_COMPLETED: "skipped"},
        choices=lambda question, choice: _choice(made, question, choice),
    )


def _kind(place: int, name: str) -> str:
    own = not place or name in _OWN or name.casefold() in _OWN_LABELS
    return "fact" if own or _COMPLETE.fullmatch(name) or _TIME.fullmatch(name) else "question"


def _forms(names: Sequence[str]) -> list[_Form]:
    forms, start = [], 0
    for i, name in enumerate(names):
        if _COMPLETE.fullmatch(name):
            time = next((j for j in range(start, i) if _TIME.fullmatch(names[j])), None)
            forms.append(_Form(i, time, range(start, i)))
            start = i + 1
    return forms


def _form_of(place: int, forms: Sequence[_Form]) -> _Form | None:
    return next((form for form in forms if place in form.fields), None)


def _events(names: Sequence[str]) -> list[str]:
    rows = ("redcap_event_name", "redcap_repeat_instrument")
    return [name for name in names if name in rows or _OWN_LABELS.get(name.casefold()) in rows]


def _field(name: str, names: Sequence[str], told: Dictionary) -> str:
    """Name of a field, which a heading may be the label of."""
    if name in told.question or "___" in name:
        return name
    label = _BOX_LABEL.fullmatch(name)
    question = label[1] if label else name
    fields = [field for field, text in told.question.items() if text and same(text) == same(question)]
    if len(fields) != 1 or names.count(name) != 1:
        return _OWN_LABELS.get(name.casefold(), name)
    if label is None:
        return fields[0]
    codes = [code for code, text in told.choices.get(fields[0], {}).items() if same(text) == same(label[2])]
    return f"{fields[0]}___{codes[0].replace('-', '_').lower()}" if len(codes) == 1 else name


def _told(one: Column, fields: Sequence[str], told: Dictionary) -> Column:
    labels = told.labels_of(fields[one.places[0]])
    if not labels and (_BOX.fullmatch(one.name) or _BOX_LABEL.fullmatch(one.name)):
        labels = {"1": "Checked", "0": "Unchecked"}
    return replace(one, labels=labels)


def _boxed(one: Column, names: Sequence[str], forms: Sequence[_Form]) -> Column:
    """A box, empty where no box of its question is ticked and its form was never opened."""
    place = one.places[0]
    question, form = _question_of(names[place]), _form_of(place, forms)
    if question is None or form is None:
        return one
    boxes = [i for i in form.fields if _question_of(names[i]) == question]
    own = [form.complete] + ([form.time] if form.time is not None else [])

    def made(cells: list[pd.Series]) -> pd.Series:
        box, others, complete = cells[0], cells[1 : 1 + len(boxes)], cells[1 + len(boxes)]
        ticked = np.any([cell.isin(["1", "Checked"]).to_numpy() for cell in others], axis=0)
        opened = ~complete.isin(["", "0", "Incomplete"]).to_numpy()
        if form.time is not None:
            opened |= (cells[-1] != "").to_numpy()
        return box.where(ticked | opened, "")

    return replace(one, places=(place, *boxes, *own), make=made)


def _question_of(name: str) -> str | None:
    match = _BOX.fullmatch(name) or _BOX_LABEL.fullmatch(name)
    return match[1] if match else None


def _dated(one: Column, names: Sequence[str]) -> Column:
    """A form's time, empty where the form was begun and not sent."""
    if not _TIME.fullmatch(names[one.places[0]]):
        return one
    return replace(one, make=lambda cells: cells[0].where(cells[0] != _NOT_COMPLETED, ""))


def _second_names(made: Sequence[Column], fields: Sequence[str]) -> list[Column]:
    there = {one.name for one in made}
    return [replace(made[i], name=name) for i, name in enumerate(fields) if name not in there]


def _carried(one: Column, columns: ColumnMap) -> Column:
    """A fact of the student, taken from the record's other rows where this row has none."""
    fixed = columns.columns
    facts = {fixed.token, *(each.column for each in (fixed.school, fixed.grade, fixed.learning_mode) if each)}
    facts |= {each.column for each in (fixed.consent, *fixed.others.values()) if each}
    place = one.places[0]
    if one.name not in {tidy(name) for name in facts if name} or one.make is not None or not place:
        return one

    def made(cells: list[pd.Series]) -> pd.Series:
        record, own = cells
        filled = pd.DataFrame({"record": record, "own": own})[(own != "") & (record != "")]
        known = filled.groupby("record")["own"].agg(["first", "nunique"])
        single = known.loc[known["nunique"] == 1, "first"]
        return own.where(own != "", record.map(single).fillna("")).astype("str")

    return replace(one, places=(0, place), make=made, of_all_rows=True)


def _rules(made: Sequence[Column], forms: Sequence[_Form], columns: ColumnMap | None) -> list[Rule]:
    """Rows in which no form with an item is finished, and one is begun."""
    asked = {tidy(one.column.partition("=")[0]) for one in columns.items.values()} if columns else set()
    places = {one.places[0] for one in made if one.name in asked or (_question_of(one.name) or one.name) in asked}
    those = [form for form in forms if any(place in form.fields for place in places)]
    if not those:
        return []
    own = [place for form in those for place in (form.complete, *([form.time] if form.time is not None else []))]

    def begun(cells: list[pd.Series]) -> np.ndarray:
        plain = [by_distinct(cell, same).to_numpy() for cell in cells]
        finished = np.any([np.isin(cell, ["1", "2", "unverified", "complete"]) for cell in plain], axis=0)
        unfinished = np.any([np.isin(cell, ["0", "incomplete", _NOT_COMPLETED]) for cell in plain], axis=0)
        return unfinished & ~finished

    return [Rule("incomplete", tuple(own), begun)]


def _choice(made: Sequence[Column], question: str, choice: str) -> Column | None:
    """`field=1`: the box `field___1`; a code below zero has one more underscore."""
    wanted = {f"{question}___{choice}".lower(), f"{question}___{choice.replace('-', '_')}".lower()}
    boxes = [one for one in made if one.name.lower() in wanted or _labelled(one.name, question, choice)]
    if len(boxes) != 1:
        return None
    make = boxes[0].make

    def plain(cells: list[pd.Series]) -> pd.Series:
        box = make(cells) if make else cells[0]
        return box.replace({"Checked": "1", "Unchecked": "0"})

    return replace(boxes[0], make=plain)


def _labelled(name: str, question: str, choice: str) -> bool:
    match = _BOX_LABEL.fullmatch(name)
    return match is not None and same(match[1]) == same(question) and same(match[2]) == same(choice)
