"""Qualtrics: three rows of header (tags, questions, import ids), or two in the older form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from connectedness.declare.columns import ColumnMap
from connectedness.ingest.cells import same, tidy
from connectedness.ingest.layout import (
    Column,
    Head,
    Layout,
    Rule,
    cells_that,
    holding,
    in_list,
    named,
    not_this_format,
    one_of_columns,
    padded,
    width_of,
)  # fmt: skip
from connectedness.ingest.recognised import Recognised

_IMPORT_ID = re.compile(r"""['"]ImportId['"]\s*:\s*(?:"([^"]+)"|'([^']+)')""")
_ZONE = re.compile(r"""['"]timeZone['"]\s*:\s*['"]([A-Za-z0-9_+/-]{1,40})['"]""")
_RESPONSE = re.compile(r"R_[A-Za-z0-9]{5,}")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b")
_FACTS = {
    "startdate", "enddate", "status", "ipaddress", "progress", "duration (in seconds)", "duration", "finished",
    "recorddate", "recordeddate", "responseid", "responseset", "recipientlastname", "recipientfirstname",
    "recipientemail", "externalreference", "externaldatareference", "locationlatitude", "locationlongitude",
    "locationaccuracy", "distributionchannel", "userlanguage", "name", "emailaddress",
}  # fmt: skip
_SURELY = ("responseid", "status", "startdate", "enddate", "finished")


def recognise(head: Head) -> Recognised | None:
    """Look for import ids in row 3, or for Qualtrics' own columns in row 1 or 2."""
    if len(head) > 2 and _import_ids(head[2]):
        return Recognised("qualtrics", "certain", ["row 3 holds Qualtrics' import ids, under tags and questions"])
    rows = [{tidy(cell).casefold() for cell in row} for row in head[:2]]
    if len(rows) == 2 and set(_SURELY) <= rows[1]:
        return Recognised("qualtrics", "certain", ["two rows of header, as Qualtrics' older exports have"])
    if rows and set(_SURELY) <= rows[0] and {"recordeddate", "distributionchannel"} & rows[0]:
        return Recognised("qualtrics", "likely", ["row 1 names the columns that Qualtrics always writes"])
    return None


def layout(head: Head, file: str, columns: ColumnMap | None = None) -> Layout:
    """Work out the columns: each is named by its tag and by its import id.

    Raises
    ------
    ContractError
        When the header is not Qualtrics'.
    """
    if recognise(head) is None:
        raise not_this_format("Qualtrics", file, "tags in row 1, questions in row 2, import ids in row 3")
    ids = _import_ids(head[2]) if len(head) > 2 else {}
    rows = 3 if ids else _header_rows(head)
    width = width_of(*head[:rows])
    tags, texts = padded(head[0], width), padded(head[1] if rows > 1 and len(head) > 1 else [], width)
    kinds = [_kind(tags[i], texts[i] if not ids else "", ids.get(i, "")) for i in range(width)]
    made = named(tags, texts, kinds)
    places = _facts(made, ids)
    made += _second_names(made, ids, texts, rows)
    return Layout(
        format="qualtrics",
        columns=made,
        width=width,
        header_rows=rows,
        rules=_rules(places),
        timezone=_timezone(head[2]) if ids else None,
        missing={"-99": "skipped"},
        blank_beside="-99",
        choices=lambda question, choice: _choice(made, question, choice),
    )


def _import_ids(row: Sequence[str]) -> dict[int, str]:
    found = {i: m[1] or m[2] for i, cell in enumerate(row) if (m := _IMPORT_ID.search(cell))}
    filled = sum(bool(cell.strip()) for cell in row)
    return found if found and len(found) * 2 > filled else {}


def _header_rows(head: Head) -> int:
    """Two, unless row 2 holds somebody's answers already, because the rows under the tags were taken out."""
    under = [tidy(cell) for cell in head[1]] if len(head) > 1 else []
    if any(cell.casefold() in _FACTS for cell in under):
        return 2
    return 1 if any(_RESPONSE.fullmatch(cell) or _DATE.match(cell) for cell in under) else 2


def _kind(tag: str, text: str, import_id: str) -> str:
    names = {tidy(one).casefold() for one in (tag, text, import_id)}
    if names & _FACTS or import_id == "_recordId" or import_id.startswith(("panel-", "Location-", "recipient")):
        return "fact"
    if "_DO" in tag or re.search(r"_DO(?:_|$)", import_id):
        return "order"
    if tag.endswith("_TEXT") or import_id.endswith(("_TEXT", "-TEXT")) or "_TEXT_" in import_id:
        return "text"
    return "timing" if re.search(r"(?:First|Last) Click|Page Submit|Click Count", tag) else "question"


def _facts(made: Sequence[Column], ids: dict[int, str]) -> dict[str, int]:
    """Place of each of Qualtrics' own columns, by a name in lower case."""
    places = {one.question.casefold(): one.places[0] for one in made if one.question.casefold() in _FACTS}
    places |= {one.name.casefold(): one.places[0] for one in made if one.name.casefold() in _FACTS}
    return places | {text.casefold(): i for i, text in ids.items() if text.casefold() in _FACTS}


def _second_names(made: Sequence[Column], ids: dict[int, str], texts: Sequence[str], rows: int) -> list[Column]:
    """Import ids; in the older form, what row 2 calls V1 to V10."""
    there = {(one.name, one.places) for one in made}
    by_place = {one.places[0]: one for one in reversed(made)}
    more = ids if ids else {i: text for i, text in enumerate(texts) if rows == 2 and tidy(text).casefold() in _FACTS}
    return [
        replace(by_place[i], name=tidy(name))
        for i, name in more.items()
        if i in by_place and (tidy(name), (i,)) not in there
    ]


def _rules(places: dict[str, int]) -> list[Rule]:
    rules = []
    if (status := places.get("status")) is not None:
        rules += [
            Rule("preview", (status,), cells_that(lambda text: _status(text, 1, "preview"))),
            Rule("test", (status,), cells_that(lambda text: _status(text, 2, "test"))),
            Rule("spam", (status,), cells_that(lambda text: _status(text, 8, "spam"))),
        ]
    if (channel := places.get("distributionchannel")) is not None:
        rules.append(Rule("preview", (channel,), cells_that(lambda text: same(text) == "preview")))
    if (finished := places.get("finished")) is not None:
        rules.append(Rule("incomplete", (finished,), cells_that(lambda text: same(text) in ("0", "false"))))
    if (progress := places.get("progress")) is not None:
        rules.append(Rule("incomplete", (progress,), cells_that(_begun)))
    return rules


def _status(text: str, bit: int, word: str) -> bool:
    """The number is a sum of 1 (preview), 2 (test), 4 (imported), 8 (spam) and 16 (offline); the text says it."""
    plain = same(text)
    if plain.isdecimal() and len(plain) < 5:
        return bool(int(plain) & bit)
    return word in plain.replace("survey ", "").split()


def _begun(text: str) -> bool:
    plain = same(text)
    return plain.isdecimal() and len(plain) < 4 and int(plain) < 100


def _timezone(row: Sequence[str]) -> str | None:
    zones = {m[1] for cell in row if (m := _ZONE.search(cell))}
    if len(zones) != 1:
        return None
    zone = "UTC" if (found := zones.pop()) in ("Z", "GMT") else found
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return None
    return zone


def _choice(made: Sequence[Column], question: str, choice: str) -> Column | None:
    """`Q5=3`: whether 3 is in the list of Q5, or whether Q5_3 is ticked where each choice has its column."""
    places = {one.name: one.places[0] for one in reversed(made)}
    if question in places:
        return Column("", (places[question],), in_list(choice, (",",)))
    chosen = holding(places, [f"{question}_{choice}", f"{question}-{choice}"])
    if chosen is None:
        return None
    family = re.compile(rf"{re.escape(question)}[_-]-?\d+")
    siblings = sorted({place for name, place in places.items() if family.fullmatch(name)})
    return Column("", tuple(siblings), one_of_columns(siblings.index(chosen))) if chosen in siblings else None
