"""Survey tools, as far as these tests need them: each imports a questionnaire, shows it to students, and exports.

Written from the tools' documented formats, and knowing nothing of how the questionnaires are made. A student sees texts
only: `answers` maps a question, as shown, to the label chosen, as shown. What a student skips is not in it.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from html.parser import HTMLParser

from openpyxl import Workbook

Answers = dict[str, str]


def shown(text: str) -> str:
    """What a browser shows of a piece of HTML."""
    return " ".join(html.unescape(re.sub(r"<[a-zA-Z/][^<>]*>", " ", text)).split())


def qualtrics(qsf: str, students: list[Answers], *, texts: bool, language: str, given: dict[str, str]) -> bytes:
    """Three header rows; numbers or choice texts in the survey's first language; embedded data at the end."""
    elements = json.loads(qsf)["SurveyElements"]
    first = next(one["Payload"] for one in elements if one["Element"] == "FL")["Flow"]
    embedded = [one["Field"] for part in first if part["Type"] == "EmbeddedData" for one in part["EmbeddedData"]]
    by_id = {one["PrimaryAttribute"]: one["Payload"] for one in elements if one["Element"] == "SQ"}
    blocks = {one["ID"]: one for one in next(one["Payload"] for one in elements if one["Element"] == "BL")}
    asked = [by_id[one] for one in _in_order(first, blocks) if by_id[one]["QuestionType"] == "MC"]
    facts = {
        "StartDate": ("Start Date", {"ImportId": "startDate", "timeZone": "America/Edmonton"}, "2026-10-06 09:00:00"),
        "EndDate": ("End Date", {"ImportId": "endDate", "timeZone": "America/Edmonton"}, "2026-10-06 09:08:00"),
        "Status": ("Response Type", {"ImportId": "status"}, "IP Address" if texts else "0"),
        "IPAddress": ("IP Address", {"ImportId": "ipAddress"}, "192.0.2.1"),
        "Progress": ("Progress", {"ImportId": "progress"}, "100"),
        "Duration (in seconds)": ("Duration (in seconds)", {"ImportId": "duration"}, "480"),
        "Finished": ("Finished", {"ImportId": "finished"}, "True" if texts else "1"),
        "ResponseId": ("Response ID", {"ImportId": "_recordId"}, "R_{n}abcdefgh"),
        "DistributionChannel": ("Distribution Channel", {"ImportId": "distributionChannel"}, "anonymous"),
        "UserLanguage": ("User Language", {"ImportId": "userLanguage"}, language.upper()),
    }
    tags = [*facts, *(one["DataExportTag"] for one in asked), *embedded]
    questions = [*(one[0] for one in facts.values()), *(shown(one["QuestionText"]) for one in asked), *embedded]
    ids = [*(one[1] for one in facts.values()), *({"ImportId": one["QuestionID"]} for one in asked)]
    rows = [tags, questions, [json.dumps(one) for one in [*ids, *({"ImportId": one} for one in embedded)]]]
    for n, answers in enumerate(students, start=1):
        row = [value.replace("{n}", str(n)) for _, _, value in facts.values()]
        row += [_chosen(one, answers, language, texts) for one in asked]
        rows.append([*row, *(given.get(name, "").replace("{n}", str(n)) for name in embedded)])
    return as_csv(rows)


def _in_order(flow: list, blocks: dict) -> list[str]:
    out: list[str] = []
    for part in flow:
        if part["Type"] in ("Block", "Standard"):
            out += [one["QuestionID"] for one in blocks[part["ID"]]["BlockElements"] if one["Type"] == "Question"]
        out += _in_order(part.get("Flow", []), blocks)
    return out


def _chosen(one: dict, answers: Answers, language: str, texts: bool) -> str:
    words = one["Language"].get(language.upper(), one) if isinstance(one["Language"], dict) else one
    label = answers.get(shown(words["QuestionText"]))
    if label is None:
        return ""
    number = next(i for i in one["ChoiceOrder"] if shown(words["Choices"][i]["Display"]) == label)
    return shown(one["Choices"][number]["Display"]) if texts else one["RecodeValues"][number]


def limesurvey(structure: str, students: list[Answers], *, texts: bool, language: str, given: dict[str, str]) -> bytes:
    """Codes as headings, `;`, a byte order mark, every cell quoted, an empty line at the end; codes or full answers."""
    lines = list(csv.DictReader(io.StringIO(structure.removeprefix("\ufeff"), newline=""), delimiter="\t"))
    columns: list[tuple[str, str, dict[str, str]]] = []  # name, text, code of each label
    labels: dict[str, str] = {}
    question = {}
    for line in (one for one in lines if one["language"] == language):
        if line["class"] == "Q":
            question, labels = line, {}
            if line["type/scale"] != "F":
                columns.append((line["name"], shown(line["text"]), labels))
        elif line["class"] == "SQ":
            columns.append((f"{question['name']}[{line['name']}]", shown(line["text"]), labels))
        elif line["class"] == "A":
            labels[shown(line["text"])] = line["name"]
    facts = ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp"]
    rows = [[*facts, *(name for name, _, _ in columns)]]
    for n, answers in enumerate(students, start=1):
        when = "2026-10-06 09:08:00"
        row = [
            str(n),
            when,
            "6",
            language,
            "1",
            given.get("token", "").replace("{n}", str(n)),
            "2026-10-06 09:00:00",
            when,
        ]
        for name, text, codes in columns:
            label = answers.get(text)
            row.append(given.get(name, "") if label is None else label if texts else codes[label])
        rows.append(row)
    return b"\xef\xbb\xbf" + as_csv(rows, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n") + b"\r\n"


def redcap(dictionary: str, students: list[Answers], *, texts: bool, headings: bool = False, given: dict) -> bytes:
    """Raw or labels; field names or labels as headings; each form's `_complete`, and the survey's timestamp."""
    fields = list(csv.DictReader(io.StringIO(dictionary)))
    forms = list(dict.fromkeys(one["Form Name"] for one in fields))
    head: list[str] = []
    for form in forms:
        own = [one for one in fields if one["Form Name"] == form]
        names = [shown(one["Field Label"]) if headings else one["Variable / Field Name"] for one in own]
        if form == "student_survey":
            at = 1 if own[0]["Variable / Field Name"] == "record_id" else 0
            names[at:at] = ["Survey Timestamp" if headings else f"{form}_timestamp"]
        head += [*names, "Complete?" if headings else f"{form}_complete"]
    rows = [head]
    for n, answers in enumerate(students, start=1):
        row = []
        for form in forms:
            own = [one for one in fields if one["Form Name"] == form]
            cells = [_of_field(one, answers, texts, given, n) for one in own]
            if form == "student_survey":
                at = 1 if own[0]["Variable / Field Name"] == "record_id" else 0
                cells[at:at] = ["2026-10-06 09:08:00"]
            row += [*cells, "Complete" if texts else "2"]
        rows.append(row)
    return as_csv(rows)


def _of_field(one: dict[str, str], answers: Answers, texts: bool, given: dict[str, str], n: int) -> str:
    if one["Field Type"] == "text":
        return given.get(one["Variable / Field Name"], str(n)).replace("{n}", str(n))
    label = answers.get(shown(one["Field Label"]))
    choices = [part.strip().partition(", ") for part in one["Choices, Calculations, OR Slider Labels"].split("|")]
    codes = {shown(text): code for code, _, text in choices}
    return "" if label is None else label if texts else codes[label]


class _Page(HTMLParser):
    """Questions of a page (legends), and the labels of each one's answers."""

    def __init__(self) -> None:
        super().__init__()
        self.questions: dict[str, list[str]] = {}
        self._in, self._text = "", ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag in ("legend", "label"):
            self._in, self._text = tag, ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        text = " ".join(self._text.split())
        if tag == "legend":
            self.questions[text] = []
        elif tag == "label":
            self.questions[list(self.questions)[-1]].append(text)


def questions_of_page(page: str) -> dict[str, list[str]]:
    """What somebody copies from a page into a form: the questions, and the answers of each."""
    found = _Page()
    found.feed(page)
    return found.questions


def google_forms(page: str, students: list[Answers], *, french: bool = False, given: dict[str, str]) -> bytes:
    """Questions as headings, labels as answers, the time first."""
    asked = questions_of_page(page)
    rows = [["Horodateur" if french else "Timestamp", *asked]]
    for answers in students:
        for text, label in answers.items():
            assert label in asked[text]
        rows.append(["2026/10/06 9:08:00 AM GMT-6", *(answers.get(one, given.get(one, "")) for one in asked)])
    return as_csv(rows)


def microsoft_forms(page: str, students: list[Answers], *, given: dict[str, str]) -> bytes:
    """A workbook: id and times first, then questions as headings, labels as answers."""
    asked = questions_of_page(page)
    book = Workbook()
    sheet = book.active
    sheet.append(["ID", "Start time", "Completion time", "Email", "Name", *asked])
    for n, answers in enumerate(students, start=1):
        own = [str(n), "2026-10-06 09:00:00", "2026-10-06 09:08:00", "anonymous", ""]
        sheet.append([*own, *(answers.get(one, given.get(one)) for one in asked)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(rows: list[list[str]], **how) -> bytes:
    """Rows as separated text."""
    out = io.StringIO()
    csv.writer(out, **{"lineterminator": "\n", **how}).writerows(rows)
    return out.getvalue().encode()
