"""LimeSurvey: a survey structure as tab-separated values (.txt), which its import lists beside .lss and .lsa.

Of the two, this form is documented for people to write, numbers nothing by itself (LimeSurvey numbers on import) and
does not depend on the version of the tool's database, as .lss does.

A code of a question is letters and digits, begins with a letter, and has at most 20 characters, so an item's code is
its id without the underscores (`hr_bel_part` is `hrbelpart`); one that would be too long, or that another id gives
too, ends in a short hash of the id.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator

from connectedness.questionnaire.content import Content, Part, Question
from connectedness.questionnaire.escaping import as_html, by_reference, never_run

ENDING = ".txt"
HEADER = (
    "id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation",
    "mandatory", "encrypted", "other", "default", "same_default", "same_script", "hidden",
)  # fmt: skip
_LONGEST = 20
_RESERVED = {"lang", "sid", "savedid", "token", "qid", "gid", "sgq", "self", "that", "this", "time", "other", "id"}
_GRID, _LIST, _TEXT = "F", "L", "S"


def write(content: Content) -> str:
    """Write the structure: the survey's settings, then every language's parts, questions, lines and answers."""
    out = io.StringIO()
    lines = csv.DictWriter(out, HEADER, restval="", delimiter="\t", lineterminator="\r\n")
    lines.writeheader()
    lines.writerows(_settings(content))
    for language in content.languages:
        lines.writerows(_said_around(content, language))
    for language in content.languages:
        for row in _asked(content, language):
            lines.writerow({**row, "language": language})
    return "\ufeff" + out.getvalue()


def columns(content: Content) -> dict[str, str]:
    """Name of each question's column in an export with codes as headings: `CODE`, or `GRID[CODE]` of a grid's line."""
    code = codes(content)
    named = {one.id: f"{_grid(part)}[{code[one.id]}]" if part.grid else code[one.id] for part in content.parts
             for one in part.questions}  # fmt: skip
    consent = {content.consent.id: code[content.consent.id]} if content.consent else {}
    return named | consent


def codes(content: Content) -> dict[str, str]:
    """Code of each question, and of the one that holds the school, by id."""
    ids = [one.id for one in content.questions]
    ids += [content.consent.id] if content.consent else []
    ids += [content.school] if content.school else []
    bare = {one: one.replace("_", "") for one in ids}
    times = [text.lower() for text in bare.values()] + [_grid(part) for part in content.parts if part.grid]
    return {
        one: text if len(text) <= _LONGEST and times.count(text.lower()) == 1 and text.lower() not in _RESERVED
        else f"{text[: _LONGEST - 7]}x{hashlib.sha256(one.encode()).hexdigest()[:6]}"
        for one, text in bare.items()
    }  # fmt: skip


def _grid(part: Part) -> str:
    return f"part{part.number}"


def _settings(content: Content) -> Iterator[dict[str, str]]:
    settings = {
        "language": content.languages[0], "additional_languages": " ".join(content.languages[1:]), "format": "G",
        "anonymized": "N" if content.token else "Y", "datestamp": "Y", "ipaddr": "N", "refurl": "N",
        "allowprev": "Y", "shownoanswer": "Y", "showwelcome": "Y", "showgroupinfo": "X", "showxquestions": "N",
    }  # fmt: skip
    for name, value in settings.items():
        yield {"class": "S", "name": name, "text": value}


def _said_around(content: Content, language: str) -> Iterator[dict[str, str]]:
    texts = {
        "surveyls_language": language,
        "surveyls_title": _safe(content.title[language]),
        "surveyls_description": _safe(content.instrument.pinned),
        "surveyls_welcometext": _safe(content.texts["welcome"][language]),
        "surveyls_endtext": _safe(content.texts["thanks"][language]),
    }
    for name, text in texts.items():
        yield {"class": "SL", "name": name, "text": text, "language": language}


def _asked(content: Content, language: str) -> Iterator[dict[str, str]]:
    code = codes(content)
    ordinary = [part for part in content.parts if not part.sensitive]
    for i, part in enumerate(ordinary):
        yield from _group(content, part.number, language)
        if content.school and not i:  # a page of hidden questions alone would be an empty page
            yield _row("Q", _TEXT, code[content.school], content.texts["school"][language], hidden="1")
        yield from _part(content, part, language)
    if content.consent:
        agreed = f"{code[content.consent.id]}.NAOK == 1"
        yield from _group(content, len(ordinary) + 1, language)
        yield from _list(content.consent, code, language)
        for part in (one for one in content.parts if one.sensitive):
            yield from _group(content, part.number + 1, language, agreed)
            yield from _part(content, part, language)


def _group(content: Content, number: int, language: str, when: str = "1") -> Iterable[dict[str, str]]:
    """One page; its number is the same in every language, so that LimeSurvey takes it for the same."""
    name = content.texts["part"][language].replace("{n}", str(number))
    yield {"class": "G", "type/scale": f"G{number}", "name": _safe(name), "relevance": when}


def _part(content: Content, part: Part, language: str) -> Iterator[dict[str, str]]:
    code = codes(content)
    if not part.grid:
        for one in part.questions:
            yield from _list(one, code, language)
        return
    yield _row("Q", _GRID, _grid(part), content.texts["lines"][language])
    for one in part.questions:
        yield _row("SQ", "0", code[one.id], one.text[language])
    yield from _answers(part.questions[0], language)


def _list(one: Question, code: dict[str, str], language: str) -> Iterator[dict[str, str]]:
    yield _row("Q", _LIST, code[one.id], one.text[language])
    yield from _answers(one, language)


def _answers(one: Question, language: str) -> Iterator[dict[str, str]]:
    for choice in one.choices:
        yield {"class": "A", "type/scale": "0", "name": str(choice.code), "text": _safe(choice.label[language])}


def _row(kind: str, form: str, name: str, text: str, **more: str) -> dict[str, str]:
    own = {"mandatory": "N", "other": "N"} if kind == "Q" else {}
    return {"class": kind, "type/scale": form, "name": name, "relevance": "1", "text": _safe(text), **own, **more}


def _safe(text: str) -> str:
    """HTML without letters that the import, LimeSurvey's expressions or a spreadsheet would act on."""
    return never_run(by_reference(as_html(text), '{}"\\'))
