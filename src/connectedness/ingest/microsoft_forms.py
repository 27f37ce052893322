"""Microsoft Forms: a workbook whose first columns are ID, start and completion time, e-mail and name."""

from __future__ import annotations

import re

from connectedness.declare.columns import ColumnMap
from connectedness.ingest.cells import tidy
from connectedness.ingest.layout import Column, Head, Layout, in_list, named, not_this_format, width_of
from connectedness.ingest.recognised import Recognised

_STARTS = [
    ("id", "start time", "completion time"),
    ("id", "heure de début", "heure de fin"),
    ("id", "startzeit", "fertigstellungszeit"),
    ("id", "hora de inicio", "hora de finalización"),
]
_ENGLISH = ("ID", "Start time", "Completion time", "Email", "Name")
_FACTS = {
    "id", "email", "name", "adresse de messagerie", "e-mail", "nom", "last modified time", "total points",
    "quiz feedback", "language", "langue", "heure de la dernière modification", "grade posted time",
}  # fmt: skip
_QUIZ = re.compile(r"(?:points|feedback) - .+", re.IGNORECASE)


def recognise(head: Head) -> Recognised | None:
    """Look for the first three headings, in one of four languages."""
    first = tuple(tidy(name).casefold() for name in head[0][:3]) if head else ()
    if first in _STARTS:
        return Recognised("microsoft_forms", "certain", ["the first headings are ID, Start time and Completion time"])
    return None


def layout(head: Head, file: str, columns: ColumnMap | None = None) -> Layout:
    """Work out the columns, each named by its heading without line breaks and no-break spaces.

    A question's text that stands again has 2, 3, … after it, as the tool writes it. Of a Likert question, each
    statement is a column, headed by the statement alone.

    Raises
    ------
    ContractError
        When the header is not Microsoft's.
    """
    if recognise(head) is None:
        raise not_this_format("Microsoft Forms", file, "ID, Start time, Completion time as the first headings")
    width = width_of(head[0])
    names = [tidy(name) for name in head[0][:width]]
    kinds = [_kind(i, name) for i, name in enumerate(names)]
    made = named(names, _questions(names, kinds), kinds)
    there = set(names)
    made += [Column(name, (i,), kind="fact") for i, name in enumerate(_ENGLISH[:width]) if i < 3 and name not in there]
    return Layout(
        format="microsoft_forms",
        columns=made,
        width=width,
        choices=lambda question, choice: _choice(made, question, choice),
    )


def _kind(place: int, name: str) -> str:
    own = place < 3 or (place < 8 and name.casefold() in _FACTS)
    return "fact" if own or _QUIZ.fullmatch(name) else "question"


def _questions(names: list[str], kinds: list[str]) -> list[str]:
    """Text of each question: without the number, where the same text stands before without one."""
    texts = []
    for i, name in enumerate(names):
        match = re.fullmatch(r"(.+?)(\d{1,3})", name)
        again = match is not None and int(match[2]) > 1 and match[1] in names[:i]
        texts.append("" if kinds[i] == "fact" else match[1] if match and again else name)
    return texts


def _choice(made: list[Column], question: str, choice: str) -> Column | None:
    """`Question=Choice`: whether the choice is among those ticked, which are written `A;B;`."""
    place = next((one.places[0] for one in made if one.name == question), None)
    return None if place is None else Column("", (place,), in_list(choice, (";",)))
