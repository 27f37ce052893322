"""REDCap: a data dictionary (.csv) with its eighteen columns. Field names are item ids, codes are the instrument's."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from connectedness.errors import DeclarationError
from connectedness.questionnaire.content import CONSENT, Content, Part, Question
from connectedness.questionnaire.escaping import by_reference, never_run

ENDING = ".csv"
HEADER = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)",
    "Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
)  # fmt: skip
RECORD = "record_id"
SURVEY_FORM, RECORD_FORM = "student_survey", "student_record"


def write(content: Content) -> str:
    """Write the dictionary, in the content's first language: REDCap keeps translations elsewhere.

    Where each student has a token, it is the record's id, and the record is made, with the school, before the survey
    opens: a form of its own, which nobody but staff sees. Otherwise a link gives the school to a hidden field.

    Raises
    ------
    DeclarationError
        When a label holds `|`, by which REDCap parts choices.
    """
    out = io.StringIO()
    lines = csv.DictWriter(out, HEADER, restval="", lineterminator="\n")
    lines.writeheader()
    lines.writerows(_fields(content))
    return out.getvalue()


def columns(content: Content) -> dict[str, str]:
    """Name of each question's column in an export: its field, which is its id."""
    consent = [content.consent.id] if content.consent else []
    return {one: one for one in [*(question.id for question in content.questions), *consent]}


def _fields(content: Content) -> Iterator[dict[str, str]]:
    language = content.languages[0]
    first = RECORD_FORM if content.token else SURVEY_FORM
    yield _field(first, RECORD, "text", "Token" if content.token else "Record")
    if content.school:
        hidden = {} if content.token else {"Field Annotation": "@HIDDEN-SURVEY"}
        yield _field(first, content.school, "text", _safe(content.texts["school"][language]), **hidden)
    header = _safe(content.texts["welcome"][language])
    for part in (one for one in content.parts if not one.sensitive):
        yield from _part(content, part, header)
        header = ""
    if content.consent:
        yield _radio(content, content.consent)
        for part in (one for one in content.parts if one.sensitive):
            yield from _part(content, part, "")


def _part(content: Content, part: Part, header: str) -> Iterator[dict[str, str]]:
    if part.grid:
        lines = _safe(content.texts["lines"][content.languages[0]])
        header = f"{header} {lines}".strip()
    for one in part.questions:
        more = {"Section Header": header} if header else {}
        if part.grid:
            more["Matrix Group Name"] = f"part{part.number}"
        if part.sensitive:
            more["Branching Logic (Show field only if...)"] = f"[{CONSENT}] = '1'"
        yield _radio(content, one, **more)
        header = ""


def _radio(content: Content, one: Question, **more: str) -> dict[str, str]:
    language = content.languages[0]
    choices = " | ".join(f"{choice.code}, {_label(one, choice.label[language])}" for choice in one.choices)
    own = {"Choices, Calculations, OR Slider Labels": choices}
    return _field(SURVEY_FORM, one.id, "radio", _safe(one.text[language]), **own, **more)


def _field(form: str, name: str, kind: str, label: str, **more: str) -> dict[str, str]:
    return {
        "Variable / Field Name": name, "Form Name": form, "Field Type": kind, "Field Label": label, **more,
    }  # fmt: skip


def _label(one: Question, label: str) -> str:
    if "|" in label:
        raise DeclarationError(
            "REDCap parts choices by |, so a label cannot hold it.", found=f"{one.id}: {label}", allowed="no |"
        )
    return by_reference(label, "<>[]")


def _safe(text: str) -> str:
    """HTML without letters that REDCap takes for a field's name or a spreadsheet for a formula."""
    return never_run(by_reference(text, "<>[]"))
