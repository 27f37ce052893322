"""Google Forms: the questions' texts as headings, a time first; CSV from Forms itself or from Sheets."""

from __future__ import annotations

import re

from connectedness.declare.columns import ColumnMap
from connectedness.ingest.cells import tidy
from connectedness.ingest.layout import Column, Head, Layout, in_list, named, not_this_format, width_of
from connectedness.ingest.recognised import Recognised

_TIMESTAMP = {"timestamp", "horodateur", "zeitstempel", "marca temporal", "informazioni cronologiche"}
_WITH_ZONE = re.compile(
    r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}:\d{2} [AaPp]\.?\s?[Mm]\.? [A-Z]{2,5}(?:[+-]\d{1,2}(?::\d{2})?)?"
)
_LOCAL = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[ ,T]+\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?\s?[Mm]\.?)?(?:\.\d+)?"
)
_FACTS = {
    "username", "email address", "score", "nom d'utilisateur", "adresse e-mail", "adresse courriel",
}  # fmt: skip
_JOINED = (";", ", ")


def recognise(head: Head) -> Recognised | None:
    """Look for the heading of the time, with a time under it as Google writes it."""
    if len(head) < 2 or len(head[0]) < 2 or not head[1] or tidy(head[0][0]).casefold() not in _TIMESTAMP:
        return None
    first = tidy(head[1][0])
    if _WITH_ZONE.fullmatch(first):
        return Recognised("google_forms", "certain", ["the first column is Timestamp, written as Google Forms does"])
    if _LOCAL.fullmatch(first):
        return Recognised("google_forms", "likely", ["the first column is Timestamp, and holds times without a zone"])
    return None


def layout(head: Head, file: str, columns: ColumnMap | None = None) -> Layout:
    """Work out the columns, each named by its question; a grid's by `Question [Row]`.

    Raises
    ------
    ContractError
        When the header is not Google's.
    """
    if not head or tidy(head[0][0]).casefold() not in _TIMESTAMP:
        raise not_this_format("Google Forms", file, "Timestamp as the first heading")
    width = width_of(head[0])
    names = [tidy(name) for name in head[0][:width]]
    kinds = ["fact" if not i or name.casefold() in _FACTS else "question" for i, name in enumerate(names)]
    made = named(names, [name if kind == "question" else "" for name, kind in zip(names, kinds, strict=True)], kinds)
    if names[0] != "Timestamp" and "Timestamp" not in names:
        made.append(Column("Timestamp", (0,), kind="fact"))
    return Layout(
        format="google_forms",
        columns=made,
        width=width,
        choices=lambda question, choice: _choice(made, question, choice),
    )


def _choice(made: list[Column], question: str, choice: str) -> Column | None:
    """`Question=Choice`: whether the choice is among those ticked."""
    place = next((one.places[0] for one in made if one.name == question), None)
    return None if place is None else Column("", (place,), in_list(choice, _JOINED))
