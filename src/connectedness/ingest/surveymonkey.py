"""SurveyMonkey: two rows of header, a question's text over its first column only and its choices under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectedness.declare.columns import ColumnMap
from connectedness.ingest.cells import same, tidy
from connectedness.ingest.layout import (
    Column,
    Head,
    Layout,
    Rule,
    cells_that,
    first_filled,
    named,
    not_this_format,
    one_of_columns,
    padded,
    width_of,
)
from connectedness.ingest.recognised import Recognised

_FACTS = {
    "respondent id": "Respondent ID", "collector id": "Collector ID", "start date": "Start Date",
    "end date": "End Date", "ip address": "IP Address", "email address": "Email Address", "first name": "First Name",
    "last name": "Last Name", "custom data 1": "Custom Data 1", "custom data": "Custom Data 1",
    "respondent_id": "Respondent ID", "collector_id": "Collector ID", "date_created": "Start Date",
    "date_modified": "End Date", "ip_address": "IP Address", "email_address": "Email Address",
    "first_name": "First Name", "last_name": "Last Name", "custom_1": "Custom Data 1",
    "response status": "Response Status", "response_status": "Response Status", "survey_id": "Survey ID",
}  # fmt: skip
_WHOLE = {"response", "open-ended response", "réponse", "réponse ouverte", ""}
_OTHER = ("other", "autre", "open-ended response", "réponse ouverte", "comment", "commentaire")


def recognise(head: Head) -> Recognised | None:
    """Look for SurveyMonkey's own columns with an empty second row, or for "Response" throughout the second row."""
    if len(head) < 2:
        return None
    width = width_of(*head[:2])
    top, under = padded(head[0], width), [tidy(cell).casefold() for cell in padded(head[1], width)]
    facts = [i for i, name in enumerate(top) if _fact(name)]
    own = {_fact(top[i]) for i in facts}
    whole = sum(cell in _WHOLE and cell != "" for cell in under)
    if {"Respondent ID", "Collector ID"} <= own and not any(under[i] for i in facts) and _are_choices(top, under):
        return Recognised("surveymonkey", "certain", ["row 1 names SurveyMonkey's columns, row 2 the choices"])
    if width > 2 and whole > 2 and whole * 3 > width and not any(cell.isdecimal() for cell in under):
        return Recognised("surveymonkey", "likely", ['row 2 says "Response" under most questions'])
    return None


def layout(head: Head, file: str, columns: ColumnMap | None = None) -> Layout:
    """Work out the columns, named by their question, or `Question [Choice]` where row 2 names a choice or a row.

    A question that has a column for each choice, as in the expanded form, can be named whole: its answer is what
    stands in the one column that is filled. So can a row of a matrix in that form.

    Raises
    ------
    ContractError
        When the header is not SurveyMonkey's.
    """
    if recognise(head) is None:
        raise not_this_format("SurveyMonkey", file, "questions in row 1, choices in row 2")
    width = width_of(*head[:2])
    top = _filled(padded(head[0], width), padded(head[1], width))
    under = [tidy(cell) for cell in padded(head[1], width)]
    kinds = [
        "fact" if _fact(name) else "text" if _is_text(sub) else "question" for name, sub in zip(top, under, strict=True)
    ]
    names = [name if same(sub) in _WHOLE else f"{name} [{sub}]" for name, sub in zip(top, under, strict=True)]
    made = named(names, names, kinds)
    there = {one.name for one in made}
    made += [replace(made[i], name=fact) for i, name in enumerate(top) if (fact := _fact(name)) and fact not in there]
    made += _gathered(top, under, kinds, {one.name for one in made})
    status = next((one.places for one in made if one.name == "Response Status"), None)
    left = Rule(
        "incomplete", status or (0,), cells_that(lambda text: same(text) in ("partial", "incomplete", "partiel"))
    )
    return Layout(
        format="surveymonkey",
        columns=made,
        width=width,
        header_rows=2,
        rules=[left] if status else [],
        choices=lambda question, choice: _choice(top, under, kinds, question, choice),
    )


def _are_choices(top: Sequence[str], under: Sequence[str]) -> bool:
    """Whether most of row 2 says "Response" or names choices; where it was taken out, a student's answers stand there.

    Choices and rows of a matrix stand under one question, over several columns, and no two of them are the same.
    """
    groups: dict[int, list[str]] = {}
    at = 0
    for i, (name, sub) in enumerate(zip(top, under, strict=True)):
        at = i if name.strip() and (not i or tidy(name) != tidy(top[i - 1])) else at
        groups.setdefault(at, []).append(sub)
    filled = [[cell for cell in those if cell] for those in groups.values()]
    choices = sum(_choices_of(those) for those in filled)
    return 2 * choices > sum(map(len, filled))


def _choices_of(cells: Sequence[str]) -> int:
    told = sum(cell in _WHOLE for cell in cells)
    labels = [cell for cell in cells if any(letter.isalpha() for letter in cell)]
    return len(labels) if len(labels) > 1 and len(set(labels)) == len(labels) == len(cells) else told


def _fact(name: str) -> str | None:
    return _FACTS.get(tidy(name).casefold())


def _is_text(sub: str) -> bool:
    return same(sub).startswith(_OTHER) and same(sub) not in _WHOLE


def _filled(top: Sequence[str], under: Sequence[str]) -> list[str]:
    """Row 1 with each question's text over all its columns: only its first has it, where the cells were merged."""
    filled: list[str] = []
    for name, sub in zip(top, under, strict=True):
        last = filled[-1] if filled and not _fact(filled[-1]) else ""
        filled.append(tidy(name) or (last if sub.strip() else ""))
    return filled


def _gathered(top: Sequence[str], under: Sequence[str], kinds: Sequence[str], there: set[str]) -> list[Column]:
    """Questions, and rows of matrices, whose choices have a column each."""
    groups: dict[str, list[int]] = {}
    for i, (name, sub) in enumerate(zip(top, under, strict=True)):
        if name and kinds[i] == "question" and same(sub) not in _WHOLE:
            groups.setdefault(name, []).append(i)
            row, dash, _ = sub.rpartition(" - ")
            if dash:
                groups.setdefault(f"{name} [{row}]", []).append(i)
    return [
        Column(name, tuple(places), first_filled, question=name, kind="gathered")
        for name, places in groups.items()
        if len(places) > 1 and name not in there
    ]


def _choice(
    top: Sequence[str], under: Sequence[str], kinds: Sequence[str], question: str, choice: str
) -> Column | None:
    """`Question=Choice`: whether the choice's column is filled."""
    places = [i for i, name in enumerate(top) if name == question and kinds[i] == "question"]
    chosen = [at for at, place in enumerate(places) if same(under[place]) == same(choice)]
    return Column("", tuple(places), one_of_columns(chosen[0])) if len(chosen) == 1 else None
