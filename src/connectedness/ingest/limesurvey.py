"""LimeSurvey: codes as headings, answers as codes, an empty `submitdate` where nobody pressed the last button."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from connectedness.declare.columns import ColumnMap
from connectedness.ingest.cells import by_distinct, tidy
from connectedness.ingest.layout import (
    Column,
    Head,
    Layout,
    Rule,
    cells_that,
    named,
    not_this_format,
    one_of_columns,
    width_of,
)
from connectedness.ingest.recognised import Recognised

_FACTS = {
    "id": "id", "submitdate": "submitdate", "lastpage": "lastpage", "startlanguage": "startlanguage", "seed": "seed",
    "token": "token", "startdate": "startdate", "datestamp": "datestamp", "ipaddr": "ipaddr", "refurl": "refurl",
    "response id": "id", "date submitted": "submitdate", "last page": "lastpage", "start language": "startlanguage",
    "access code": "token", "date started": "startdate", "date last action": "datestamp", "ip address": "ipaddr",
    "referrer url": "refurl",
    "id de la réponse": "id", "date de soumission": "submitdate", "dernière page": "lastpage",
    "langue de départ": "startlanguage", "date de lancement": "startdate", "date de la dernière action": "datestamp",
}  # fmt: skip
_HEADING = re.compile(r"([A-Za-z]\w{0,63}(?:\[[^\]\s]{1,64}\]){0,2})\. +\S.*")
_SUB = re.compile(r"([A-Za-z]\w*)\[([^\]]+)\]")
_FLAT_SUB = re.compile(r"([A-Za-z][A-Za-z0-9]*)_([A-Za-z0-9]+)")
_NOT_TICKED = ("", "N", "No", "Non", "0", "N/A")
_TIMING = re.compile(r"interviewtime|groupTime\d+|\w+Time")
_GIVEN_NO_DATE = "1980-01-01"


def recognise(head: Head) -> Recognised | None:
    """Look for LimeSurvey's own columns, or for headings "code. question [choice]"."""
    names = [tidy(name) for name in head[0]] if head else []
    facts = {_FACTS.get(name.casefold()) for name in names}
    if {"id", "submitdate", "lastpage", "startlanguage"} <= facts:
        return Recognised("limesurvey", "certain", ["row 1 holds id, submitdate, lastpage and startlanguage"])
    coded = sum(_HEADING.fullmatch(name) is not None for name in names)
    if coded > 4 and coded * 5 >= len(names) * 4:
        return Recognised("limesurvey", "likely", ["headings are a question's code, a full stop and its text"])
    return None


def layout(head: Head, file: str, columns: ColumnMap | None = None) -> Layout:
    """Work out the columns: each is named by its heading and by its code, `Q2[SQ001]` or `Q2_SQ001`.

    Raises
    ------
    ContractError
        When the header is not LimeSurvey's.
    """
    if recognise(head) is None:
        raise not_this_format("LimeSurvey", file, "id, submitdate, lastpage and startlanguage among the headings")
    width = width_of(head[0])
    headings = [tidy(name) for name in head[0][:width]]
    codes = [match[1] if (match := _HEADING.fullmatch(name)) else name for name in headings]
    questions = [_text(name, code) for name, code in zip(headings, codes, strict=True)]
    made = named(headings, questions, [_kind(name, code) for name, code in zip(headings, codes, strict=True)])
    made = [_dated(one) for one in made]
    made += _second_names(made[:width], codes)
    submitted = next((i for i, name in enumerate(headings) if _FACTS.get(name.casefold()) == "submitdate"), None)
    never = Rule("incomplete", (submitted or 0,), cells_that(lambda text: text == ""))
    return Layout(
        format="limesurvey",
        columns=made,
        width=width,
        rules=[never] if submitted is not None else [],
        missing={"n/a": "not_asked"},
        clean=_clean,
        choices=lambda question, choice: _choice(made, question, choice),
    )


def _text(heading: str, code: str) -> str:
    return "" if heading == code else heading[len(code) + 1 :].strip()


def _kind(heading: str, code: str) -> str:
    if heading.casefold() in _FACTS:
        return "fact"
    if _TIMING.fullmatch(code):
        return "timing"
    return "text" if code.endswith(("[other]", "_other", "comment]", "comment")) else "question"


def _second_names(made: list[Column], codes: list[str]) -> list[Column]:
    there = {one.name for one in made}
    more = []
    for one, code in zip(made, codes, strict=True):
        fact = _FACTS.get(one.name.casefold())
        names = {code, fact or "", _flat(code)} - {"", one.name} - there
        more += [replace(one, name=name) for name in sorted(names)]
    return more


def _flat(code: str) -> str:
    return re.sub(r"\]", "", code.replace("[", "_")) if "[" in code else ""


def _clean(cells: pd.Series) -> pd.Series:
    """Cells without the quote that is put before what a spreadsheet would run."""
    return by_distinct(cells, lambda text: text[1:] if text.startswith(("'=", "'+", "'-", "'@")) else text)


def _dated(one: Column) -> Column:
    """A column of times: where answers are anonymous, each one sent is dated 1980, and its time is not known."""
    if _FACTS.get(one.name.casefold()) not in ("submitdate", "startdate", "datestamp"):
        return one
    return replace(one, make=lambda cells: cells[0].where(~cells[0].str.startswith(_GIVEN_NO_DATE), ""))


def _choice(made: list[Column], question: str, choice: str) -> Column | None:
    """`Q4=SQ001`: whether SQ001 is ticked among the choices Q4[...], or Q4_... where brackets are not written."""
    places: dict[str, int] = {}
    for one in made:
        match = _SUB.fullmatch(one.name) or _FLAT_SUB.fullmatch(one.name)
        if match and match[1] == question and one.kind == "question":
            places.setdefault(match[2], one.places[0])
    if choice not in places:
        return None
    siblings = sorted(set(places.values()))
    return Column("", tuple(siblings), one_of_columns(siblings.index(places[choice]), _NOT_TICKED))
