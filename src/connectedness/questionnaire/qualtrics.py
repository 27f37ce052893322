"""Qualtrics: a survey file (.qsf), JSON, with tags, recode values and translations.

Every item is a question of its own. The lines of a Qualtrics matrix have tags too, but an export shows them alone or
after the matrix's tag, by the version; the tag of a question is shown as it is in each one.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from connectedness.questionnaire.content import Content, Part, Question
from connectedness.questionnaire.escaping import as_html, by_reference
from connectedness.questionnaire.words import Words

ENDING = ".qsf"
_CODES = {"en": "EN", "fr": "FR"}
_NEVER = "0000-00-00 00:00:00"
_SHOWN = 99


def write(content: Content) -> str:
    """Write the survey file. What the same questionnaire gives is the same, byte for byte."""
    survey = _id("SV", content, "survey")
    elements = [
        _element(survey, "BL", "Survey Blocks", _blocks(content)),
        _element(survey, "FL", "Survey Flow", _flow(content)),
        _element(survey, "PROJ", "CORE", {"ProjectCategory": "CORE", "SchemaVersion": "1.1.0"}, tertiary="1.1.0"),
        _element(survey, "QC", "Survey Question Count", None, secondary=str(len(_numbered(content)) + 1)),
        _element(survey, "RS", _id("RS", content, "answers"), None, secondary="Default Response Set"),
        _element(survey, "SCO", "Scoring", _SCORING),
        _element(survey, "SO", "Survey Options", _options(content)),
        _element(survey, "SQ", "QID1", _welcome(content), secondary=_short(_first(content, content.texts["welcome"]))),
        *(
            _element(survey, "SQ", qid, _question(content, one, qid), secondary=_short(_first(content, one.text)))
            for qid, one in _numbered(content).items()
        ),
        _element(survey, "STAT", "Survey Statistics", {"MobileCompatible": True, "ID": "Survey Statistics"}),
    ]
    whole = {"SurveyEntry": _entry(content, survey), "SurveyElements": elements}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def columns(content: Content) -> dict[str, str]:
    """Name of each question's column in an export: its tag, which is its id."""
    return {one.id: one.id for one in _numbered(content).values()}


def _numbered(content: Content) -> dict[str, Question]:
    """Questions by Qualtrics' own number; the first is the welcome."""
    sensitive = [one for part in content.parts if part.sensitive for one in part.questions]
    asked = [one for part in content.parts if not part.sensitive for one in part.questions]
    consent = [content.consent] if content.consent else []
    return {f"QID{i}": one for i, one in enumerate([*asked, *consent, *sensitive], start=2)}


def _id(kind: str, content: Content, what: str) -> str:
    """An id in Qualtrics' form; the tool gives its own when it imports."""
    return f"{kind}_{hashlib.sha256(f'{content.instrument.pinned} {what}'.encode()).hexdigest()[:15]}"


def _element(
    survey: str, kind: str, primary: str, payload: Any, *, secondary: str | None = None, tertiary: str | None = None
) -> dict[str, Any]:
    return {
        "SurveyID": survey, "Element": kind, "PrimaryAttribute": primary, "SecondaryAttribute": secondary,
        "TertiaryAttribute": tertiary, "Payload": payload,
    }  # fmt: skip


def _entry(content: Content, survey: str) -> dict[str, Any]:
    owner = _id("UR", content, "owner")
    return {
        "SurveyID": survey, "SurveyName": _first(content, content.title),
        "SurveyDescription": content.instrument.pinned, "SurveyOwnerID": owner, "SurveyBrandID": "", "DivisionID": None,
        "SurveyLanguage": _CODES[content.languages[0]], "SurveyActiveResponseSet": _id("RS", content, "answers"),
        "SurveyStatus": "Inactive", "SurveyStartDate": _NEVER, "SurveyExpirationDate": _NEVER,
        "SurveyCreationDate": _NEVER, "CreatorID": owner, "LastModified": _NEVER, "LastAccessed": _NEVER,
        "LastActivated": _NEVER, "Deleted": None,
    }  # fmt: skip


def _blocks(content: Content) -> list[dict[str, Any]]:
    """A block, and so a page, for each part; the question of consent has one too."""
    qid = {one.id: number for number, one in _numbered(content).items()}
    blocks = [_block(content, "Default", "welcome", ["QID1"])]
    for part in _ordered(content):
        if part is not None:
            blocks.append(_block(content, "Standard", f"part {part.number}", [qid[one.id] for one in part.questions]))
        elif content.consent:
            blocks.append(_block(content, "Standard", "consent", [qid[content.consent.id]]))
    trash = {"Type": "Trash", "Description": "Trash / Unused Questions", "ID": _id("BL", content, "trash")}
    return [*blocks, trash]


def _ordered(content: Content) -> list[Part | None]:
    """Parts in the order of the flow; None is the question of consent."""
    ordinary: list[Part | None] = [part for part in content.parts if not part.sensitive]
    return [*ordinary, *([None] if content.consent else []), *(part for part in content.parts if part.sensitive)]


def _block(content: Content, kind: str, what: str, qids: list[str]) -> dict[str, Any]:
    asked = [{"Type": "Question", "QuestionID": one} for one in qids]
    return {"Type": kind, "Description": what, "ID": _id("BL", content, what), "BlockElements": asked}


def _flow(content: Content) -> dict[str, Any]:
    """Token and school first, which the link or the contact list gives; sensitive parts behind a branch."""
    numbers = iter(range(2, 10_000))

    def block(what: str) -> dict[str, Any]:
        return {"Type": "Block", "ID": _id("BL", content, what), "FlowID": f"FL_{next(numbers)}", "Autofill": []}

    fields = [_field(name) for name in (content.token, content.school) if name]
    flow: list[dict[str, Any]] = []
    if fields:
        flow.append({"Type": "EmbeddedData", "FlowID": f"FL_{next(numbers)}", "EmbeddedData": fields})
    flow.append(block("welcome"))
    flow += [block(f"part {part.number}") for part in content.parts if not part.sensitive]
    if content.consent:
        flow.append(block("consent"))
        branch = {
            "Type": "Branch",
            "FlowID": f"FL_{next(numbers)}",
            "Description": "agreed",
            "BranchLogic": _agreed(content),
        }
        flow.append({**branch, "Flow": [block(f"part {part.number}") for part in content.parts if part.sensitive]})
    return {"Flow": flow, "Properties": {"Count": next(numbers) - 1}, "FlowID": "FL_1", "Type": "Root"}


def _field(name: str) -> dict[str, Any]:
    return {
        "Description": name, "Type": "Recipient", "Field": name, "VariableType": "String", "DataVisibility": [],
        "AnalyzeText": False,
    }  # fmt: skip


def _agreed(content: Content) -> dict[str, Any]:
    qid = next(number for number, one in _numbered(content).items() if one is content.consent)
    place = f"q://{qid}/SelectableChoice/2"
    expression = {
        "LogicType": "Question", "QuestionID": qid, "QuestionIsInLoop": "no", "ChoiceLocator": place,
        "Operator": "Selected", "QuestionIDFromLocator": qid, "LeftOperand": place, "Type": "Expression",
        "Description": "agreed",
    }  # fmt: skip
    return {"0": {"0": expression, "Type": "If"}, "Type": "BooleanExpression"}


def _options(content: Content) -> dict[str, Any]:
    several = {
        "AvailableLanguages": {_CODES[one]: [] for one in content.languages},
        "HiddenLanguages": [], "CustomLanguages": [], "MetaDataTranslations": {},
    }  # fmt: skip
    return {
        "BackButton": "true", "SaveAndContinue": "true", "SurveyProtection": "PublicSurvey",
        "BallotBoxStuffingPrevention": "false", "NoIndex": "Yes", "SecureResponseFiles": "true",
        "SurveyExpiration": "None", "SurveyTermination": "DefaultMessage", "Header": "", "Footer": "",
        "ProgressBarDisplay": "Text", "PartialData": "+1 week", "ValidationMessage": "", "PreviousButton": "",
        "NextButton": "", "SurveyTitle": _first(content, content.title), "SkinLibrary": "qualtrics",
        "SkinType": "templated", "Skin": {"brandingId": None, "templateId": "*base", "overrides": None},
        "NewScoring": 1, "SurveyMetaDescription": "", "CollectGeoLocation": "false",
        **(several if len(content.languages) > 1 else {}),
    }  # fmt: skip


def _welcome(content: Content) -> dict[str, Any]:
    text = content.texts["welcome"]
    return {
        "QuestionText": _safe(_first(content, text)), "DefaultChoices": False, "DataExportTag": "welcome",
        "QuestionType": "DB", "Selector": "TB", "Configuration": {"QuestionDescriptionOption": "UseText"},
        "QuestionDescription": _short(_first(content, text)), "ChoiceOrder": [],
        "Validation": {"Settings": {"Type": "None"}}, "GradingData": [],
        "Language": {_CODES[one]: {"QuestionText": _safe(text[one])} for one in content.languages[1:]} or [],
        "NextChoiceId": 1, "NextAnswerId": 1, "QuestionID": "QID1",
    }  # fmt: skip


def _question(content: Content, one: Question, qid: str) -> dict[str, Any]:
    order = [str(i) for i in range(1, len(one.choices) + 1)]
    by_number = dict(zip(order, one.choices, strict=True))
    others = {
        _CODES[language]: {
            "QuestionText": _safe(one.text[language]),
            "Choices": {i: {"Display": _safe(choice.label[language])} for i, choice in by_number.items()},
        }
        for language in content.languages[1:]
    }
    return {
        "QuestionText": _safe(_first(content, one.text)), "DataExportTag": one.id, "QuestionType": "MC",
        "Selector": "SAVR", "SubSelector": "TX", "DataVisibility": {"Private": False, "Hidden": False},
        "Configuration": {"QuestionDescriptionOption": "UseText"},
        "QuestionDescription": _short(_first(content, one.text)),
        "Choices": {i: {"Display": _safe(_first(content, choice.label))} for i, choice in by_number.items()},
        "ChoiceOrder": order, "Validation": {"Settings": {"ForceResponse": "OFF", "Type": "None"}},
        "Language": others or [], "NextChoiceId": len(order) + 1, "NextAnswerId": 1, "QuestionID": qid,
        "RecodeValues": {i: str(choice.code) for i, choice in by_number.items()},
        "VariableNaming": {i: _first(content, choice.label) for i, choice in by_number.items()},
    }  # fmt: skip


def _first(content: Content, words: Words) -> str:
    return words[content.languages[0]]


def _safe(text: str) -> str:
    """HTML; a dollar sign would begin a piped text."""
    return by_reference(as_html(text), "$")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


_SCORING: dict[str, Any] = {
    "ScoringCategories": [], "ScoringCategoryGroups": [], "ScoringSummaryCategory": None,
    "ScoringSummaryAfterQuestions": 0, "ScoringSummaryAfterSurvey": 0, "DefaultScoringCategory": None,
    "AutoScoringCategory": None,
}  # fmt: skip
