"""Qualtrics' own definition of a survey (.qsf): what each column of its export asks, and what its codes mean."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from connectedness.errors import ContractError
from connectedness.ingest.cells import tidy
from connectedness.ingest.described import DescribedColumn

_FACTS = (
    "StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished", "RecordedDate",
    "ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "ExternalReference", "LocationLatitude",
    "LocationLongitude", "DistributionChannel", "UserLanguage",
)  # fmt: skip
ROLES = {
    "response_id": "ResponseId", "started_at": "StartDate", "submitted_at": "EndDate",
    "duration_s": "Duration (in seconds)",
}  # fmt: skip
_DEEPEST = 30


def is_qsf(start: bytes) -> bool:
    """Whether a file begins as a .qsf does: JSON with an entry and elements."""
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"Survey' in start[:4000]


def columns_of(raw: bytes, file: str) -> list[DescribedColumn]:
    """Columns that an export of this survey has, as far as the definition tells; questions in the trash have none.

    Raises
    ------
    ContractError
        When it is not such a definition.
    """
    try:
        elements = json.loads(raw.decode("utf-8-sig"))["SurveyElements"]
        payloads = {kind: [one["Payload"] for one in elements if one["Element"] == kind] for kind in ("BL", "SQ", "FL")}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ContractError(
            "this is not a Qualtrics survey definition, or it was cut short.",
            file=file,
            allowed="JSON with SurveyElements, as Tools > Import/Export > Export survey writes it",
            todo="Export the survey again as .qsf.",
        ) from None
    trash = {name for one in payloads["BL"] for name in _in_trash(one)}
    columns = [DescribedColumn(name, kind="fact") for name in _FACTS]
    columns += [DescribedColumn(tidy(name)) for one in payloads["FL"] for name in _embedded(one, 0)]
    for one in payloads["SQ"]:
        if isinstance(one, dict) and one.get("QuestionID") not in trash:
            columns += _question(one, "")
    seen: dict[str, DescribedColumn] = {}
    for column in columns:
        seen.setdefault(column.name, column)
    return list(seen.values())


def _in_trash(blocks: Any) -> Iterator[str]:
    for block in _held(blocks).values():
        if isinstance(block, dict) and block.get("Type") == "Trash":
            for one in _held(block.get("BlockElements")).values():
                if isinstance(one, dict) and "QuestionID" in one:
                    yield str(one["QuestionID"])


def _embedded(flow: Any, depth: int) -> Iterator[str]:
    """Names of embedded data, wherever in the survey's flow they are set."""
    if not isinstance(flow, dict) or depth > _DEEPEST:
        return
    for one in _held(flow.get("EmbeddedData")).values():
        if isinstance(one, dict) and one.get("Field"):
            yield str(one["Field"])
    for one in _held(flow.get("Flow")).values():
        yield from _embedded(one, depth + 1)


def _question(one: Mapping[str, Any], stem: str) -> list[DescribedColumn]:
    tag, qid = tidy(str(one.get("DataExportTag") or "")), str(one.get("QuestionID") or "")
    kind, selector, sub = (str(one.get(key) or "") for key in ("QuestionType", "Selector", "SubSelector"))
    asks = " - ".join(text for text in (stem, _text(one.get("QuestionText"))) if text)
    if kind == "SBS":
        parts = _held(one.get("AdditionalQuestions")).values()
        return [column for part in parts if isinstance(part, dict) for column in _question(part, asks)]
    if not tag or kind in ("DB", "Captcha", "Timing", "Meta"):
        return []
    others = (qid,) if qid and qid != tag else ()
    if kind == "MC" and not selector.startswith("MA") and selector != "MSB":
        return [DescribedColumn(tag, others, asks, _labels(one, "Choices"))]
    if kind in ("Matrix", "Slider"):
        several = sub == "MultipleAnswer" or selector in ("TE", "CS", "RO")
        labels = _labels(one, "Answers") if kind == "Matrix" and not several else {}
        return _rows(one, tag, qid, asks, labels, "multiple" if several else "question")
    return [DescribedColumn(tag, others, asks, kind="text" if kind == "TE" else "multiple")]


def _rows(
    one: Mapping[str, Any], tag: str, qid: str, stem: str, labels: dict[str, str], kind: str
) -> list[DescribedColumn]:
    """A column for each row of a table of questions, named by the row's own tag where it has one."""
    tags = _held(one.get("ChoiceDataExportTags"))
    out = []
    for number, row in _held(one.get("Choices")).items():
        own = tidy(str(tags.get(number) or ""))
        name = f"{tag}_{own or number}"  # older exports write a row's own tag alone
        others = [own] if own and own != name else []
        others += [f"{qid}_{number}", f"{qid}-{number}"] if qid else []
        asks = " - ".join(text for text in (stem, _text(row)) if text)
        out.append(DescribedColumn(name, tuple(others), asks, labels, kind))
    return out


def _labels(one: Mapping[str, Any], where: str) -> dict[str, str]:
    """Label of each code that the export writes: a choice's number, or what it was recoded to."""
    recoded = _held(one.get("RecodeValues"))
    return {tidy(str(recoded.get(number, number))): _text(choice) for number, choice in _held(one.get(where)).items()}


def _held(value: Any) -> dict[str, Any]:
    """What a list or a mapping holds, by key: the tool writes either, and `false` or `[]` for nothing."""
    if isinstance(value, list):
        return {str(at): one for at, one in enumerate(value)}
    return {str(key): one for key, one in value.items()} if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    text = value.get("Display") if isinstance(value, dict) else value
    return without_markup(str(text or ""))


def without_markup(text: str) -> str:
    """A text that a survey tool holds as HTML, in plain words."""
    return tidy(html.unescape(re.sub(r"<[^<>]*>", " ", text)))
