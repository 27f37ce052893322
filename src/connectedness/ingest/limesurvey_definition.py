"""LimeSurvey's own definition of a survey (.lss, or .txt by tabs): what each column asks, and what its codes mean."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from connectedness.errors import ContractError
from connectedness.ingest.cells import tidy
from connectedness.ingest.described import DescribedColumn
from connectedness.ingest.qualtrics_definition import without_markup

ROLES = {
    "response_id": "id", "token": "token", "started_at": "startdate", "submitted_at": "submitdate",
    "duration_s": "interviewtime",
}  # fmt: skip
_FACTS = ("id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp", "interviewtime")
_NO_COLUMN, _TEXT, _SEVERAL = "X*|I", "STUQ;", "MPKR:"
_FIXED = {
    "Y": {"Y": "Yes", "N": "No"},
    "C": {"Y": "Yes", "N": "No", "U": "Uncertain"},
    "E": {"I": "Increase", "S": "Same", "D": "Decrease"},
    "5": {str(code): str(code) for code in range(1, 6)},
    "A": {str(code): str(code) for code in range(1, 6)},
    "B": {str(code): str(code) for code in range(1, 11)},
}
Rows = dict[str, list[dict[str, str]]]


@dataclass
class _Question:
    code: str
    kind: str
    text: str = ""
    rows: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


def is_lss(start: bytes) -> bool:
    """Whether a file begins as LimeSurvey's XML does."""
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and b"<LimeSurveyDocType" in start[:4000]


def is_tabbed(start: bytes) -> bool:
    """Whether a file begins as LimeSurvey's structure by tabs does."""
    first = start.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].replace(b'"', b"")
    return {b"class", b"type/scale", b"name", b"text"} <= set(first.strip().split(b"\t"))


def columns_of(raw: bytes, file: str) -> list[DescribedColumn]:
    """Columns that an export of this survey has.

    Raises
    ------
    ContractError
        When it is not such a definition, or declares entities, which are never followed.
    """
    questions = _of_tabs(raw) if is_tabbed(raw[:4000]) else _of_xml(_read(raw, file))
    columns = [DescribedColumn(name, kind="fact") for name in _FACTS]
    return columns + [column for one in questions for column in _columns(one)]


def _columns(one: _Question) -> Iterator[DescribedColumn]:
    kind = "text" if one.kind in _TEXT else "multiple" if one.kind in _SEVERAL else "question"
    labels = one.answers or _FIXED.get(one.kind, {})
    if one.kind in _NO_COLUMN:
        return
    if not one.rows:
        yield DescribedColumn(one.code, (), one.text, labels if kind == "question" else {}, kind)
    for code, text in one.rows.items():
        asks = f"{one.text} [{text}]" if one.text else text
        yield DescribedColumn(
            f"{one.code}[{code}]", (f"{one.code}_{code}",), asks, labels if kind == "question" else {}, kind
        )


def _of_tabs(raw: bytes) -> list[_Question]:
    """Rows stand below the question they belong to; of several languages, the first counts."""
    text = raw.decode("utf-8-sig", errors="replace")
    found: dict[str, _Question] = {}
    now: _Question | None = None
    for line in csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"):
        what, code = (line.get("class") or "").strip().upper(), tidy(line.get("name") or "")
        said = without_markup(line.get("text") or "")
        if what == "Q":
            now = found.setdefault(code, _Question(code, (line.get("type/scale") or "").strip(), said))
        elif now is not None and what == "SQ":
            now.rows.setdefault(code, said)
        elif now is not None and what == "A":
            now.answers.setdefault(code, said)
    return list(found.values())


def _of_xml(rows: Rows) -> list[_Question]:
    """Older files hold texts beside the codes, newer ones in a table by language; the first language counts."""
    asked = _first(rows["question_l10ns"], "qid", "question")
    said = _first(rows["answer_l10ns"], "aid", "answer")
    found: dict[str, _Question] = {}
    for row in rows["questions"]:
        qid = row.get("qid", "")
        if row.get("parent_qid", "0") in ("0", "") and row.get("title"):
            text = row.get("question") or asked.get(qid, "")
            found.setdefault(qid, _Question(tidy(row["title"]), row.get("type", ""), without_markup(text)))
    for row in [*rows["subquestions"], *rows["questions"]]:
        parent = found.get(row.get("parent_qid", ""))
        if parent is not None and row.get("title") and row.get("scale_id", "0") in ("0", ""):
            text = row.get("question") or asked.get(row.get("qid", ""), "")
            parent.rows.setdefault(tidy(row["title"]), without_markup(text))
    for row in rows["answers"]:
        question = found.get(row.get("qid", ""))
        if question is not None and row.get("code") and row.get("scale_id", "0") in ("0", ""):
            text = row.get("answer") or said.get(row.get("aid", ""), "")
            question.answers.setdefault(tidy(row["code"]), without_markup(text))
    return list(found.values())


def _first(rows: list[dict[str, str]], key: str, text: str) -> dict[str, str]:
    out: dict[str, str] = {}
    for row in rows:
        out.setdefault(row.get(key, ""), row.get(text, ""))
    return out


def _read(raw: bytes, file: str) -> Rows:
    """Rows of each table of the file. A document type, without which there are no entities, is refused unread."""
    rows: Rows = defaultdict(list)
    path: list[str] = []

    def start(name: str, _: object) -> None:
        path.append(name)
        if path[2:] == ["rows", "row"]:
            rows[path[1]].append({})

    def end(_: str) -> None:
        path.pop()

    def text(said: str) -> None:
        if len(path) == 5 and path[2:4] == ["rows", "row"]:
            row = rows[path[1]][-1]
            row[path[4]] = row.get(path[4], "") + said

    def doctype(*_: object) -> None:
        raise _not_read(file, "it declares a document type, and what that names is never followed")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, doctype
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, ValueError):
        raise _not_read(file, "its XML is broken, or it was cut short") from None
    return rows


def _not_read(file: str, why: str) -> ContractError:
    return ContractError(
        f"this LimeSurvey structure cannot be read: {why}.",
        file=file,
        todo="Export it again from LimeSurvey: Display/Export > Survey structure (.lss).",
    )
