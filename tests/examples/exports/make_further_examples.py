# ruff: noqa: E501
"""Writes further examples beside it: rarer forms of the survey tools' exports, and tables that no tool wrote.

Nobody in them exists: schools 001 and 002 and all answers are invented. Run it with python to write them anew.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd

HERE = Path(__file__).parent


def text(rows, delimiter=",", end="\n", quoting=csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


def put(name: str, content: str, encoding: str = "utf-8") -> None:
    (HERE / name).write_bytes(content.encode(encoding))


def qualtrics_loop() -> None:
    """Loop and merge, TRUE in capitals, tests, imported rows, preview spam, HTML in questions, recodes with gaps."""
    tags = ["StartDate", "EndDate", "Status", "Finished", "ResponseId", "Token", "School", "1_Q7", "2_Q7", "Q8"]
    said = [
        "Start Date", "End Date", "Response Type", "Finished", "Response ID", "Token", "School",
        "<b>How is</b>&nbsp;it in Art?", "How is it in Music?", "Rate <i>this</i>",
    ]  # fmt: skip
    names = ("startDate", "endDate", "status", "finished", "_recordId", "token", "school", "1_QID7", "2_QID7", "QID8")
    rows = [("0", "TRUE", "1", "2", "7"), ("2", "TRUE", "1", "1", "1"), ("4", "TRUE", "2", "", "4"),
            ("9", "TRUE", "1", "1", "1"), ("0", "FALSE", "1", "", "")]  # fmt: skip
    whole = [
        ["2026-10-06 09:00:00", "2026-10-06 09:05:00", status, done, f"R_loop{n}", f"t{n}", "001", *answers]
        for n, (status, done, *answers) in enumerate(rows, 1)
    ]
    put("qualtrics_loop.csv", text([tags, said, [f'{{"ImportId":"{one}"}}' for one in names], *whole]), "utf-8-sig")


def microsoft_quiz() -> None:
    """A quiz: `Id`, points and feedback beside every question; and the CSV, whose years have two digits."""
    book = openpyxl.Workbook()
    at = dt.datetime(2026, 10, 6, 9, 0)
    book.active.append([
        "Id", "Start time", "Completion time", "Email", "Name", "Total points", "Quiz feedback", "Your school",
        "Points - Your school", "Feedback - Your school", "I belong", "Points - I belong", "Feedback - I belong",
    ])  # fmt: skip
    book.active.append(
        [1, at, at + dt.timedelta(minutes=5), "a@example.org", "A", 3, None, "001", None, None, "Agree", 1]
    )
    book.save(HERE / "microsoft_quiz.xlsx")
    header = ["ID", "Start time", "Completion time", "Email", "Name", "Your school", "I belong"]
    rows = [
        [n, f"10/{6 + 10 * n}/26 9:00:00", f"10/{6 + 10 * n}/26 9:05:00", "anonymous", "", "001", "Agree"]
        for n in (0, 1)
    ]
    put("microsoft_forms.csv", text([header, *rows]), "utf-8-sig")


def limesurvey_long() -> None:
    """Long answers in the language of each student, comments beside choices, N/A where a question was not shown."""
    header = [
        "id",
        "submitdate",
        "lastpage",
        "startlanguage",
        "token",
        "school",
        "Q2[SQ001]",
        "Q4[SQ001]",
        "Q4[SQ001comment]",
        "Q4[other]",
    ]
    rows = [
        ["1", "2026-10-06 09:05:00", "3", "fr", "t1", "001", "Tout à fait d’accord", "Oui", "parce que", "N/A"],
        ["2", "2026-10-06 09:06:00", "3", "en", "t2", "001", "Strongly agree", "Yes", "", ""],
        ["3", "2026-10-06 09:07:00", "3", "en", "t3", "001", "N/A", "No", "", ""],
    ]
    put("limesurvey_long.csv", text([header, *rows], ";", "\r\n", csv.QUOTE_ALL) + "\r\n", "utf-8-sig")


def redcap_letters() -> None:
    """Boxes named by letters, the data access group, and the project's own codes for what is missing."""
    header = [
        "record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance",
        "redcap_data_access_group", "redcap_survey_identifier", "student", "school", "home", "which___a", "which___b",
        "climate_timestamp", "climate_complete",
    ]  # fmt: skip
    rows = [
        ("north", "t1", "4", "1", "0", "2"),
        ("north", "t2", "-999", "0", "0", "2"),
        ("south", "t3", "UNK", "0", "1", "1"),
    ]
    whole = [
        [str(n), "fall_arm_1", "", "", group, "", token, "001", home, a, b, "2026-10-06 09:00:00", done]
        for n, (group, token, home, a, b, done) in enumerate(rows, 1)
    ]
    put("redcap/letters.csv", text([header, *whole]))


def surveymonkey_numbers() -> None:
    """The newer names of its columns, and numbers in place of answers."""
    facts = [
        "respondent_id",
        "collector_id",
        "date_created",
        "date_modified",
        "ip_address",
        "email_address",
        "first_name",
        "last_name",
        "custom_1",
    ]
    under = [*[""] * 9, "Response", "I feel at home", "I belong"]
    row = ["111", "7", "2026-10-06 09:00:00", "2026-10-06 09:05:00", "192.0.2.1", "", "", "", "t1", "001", "4", "5"]
    put("surveymonkey_numbers.csv", text([[*facts, "Your school", "How is it?", ""], under, row]))


PLAIN = {
    "token": ["t1", "t2", "t3"],
    "school": ["001", "001", "002"],
    "home": ["4", "NA", "5"],
    "said": ["=1+1", "a, b\nc", "−2 “él”"],  # noqa: RUF001
}


def plain() -> None:
    """One table that no tool wrote, in every plain format; a workbook with a macro, links to elsewhere and formulas."""
    frame = pd.DataFrame(PLAIN)
    put("plain.csv", frame.to_csv(index=False, lineterminator="\r\n"), "utf-8-sig")
    french = [
        ["token", "school", "home", "said"],
        ["t1", "001", "4", "élève"],
        ["t2", "001", "NA", "Noël"],
        ["t3", "002", "5", "ça"],
    ]
    put("plain_semicolons.csv", text(french, ";", "\r\n"), "cp1252")
    frame.to_parquet(HERE / "plain.parquet", index=False)
    book = openpyxl.Workbook()
    book.active.append(list(PLAIN))
    for row in zip(*PLAIN.values(), strict=True):
        book.active.append(list(row))
    for cell in book.active["D"]:
        cell.data_type = "s" if cell.value else cell.data_type
    book.save(HERE / "plain.xlsx")
    book.active["E1"], book.active["E2"], book.active["E3"] = "link", "=[1]Sheet1!$A$1", "=cmd|'/C calc'!A0"
    inside = io.BytesIO()
    book.save(inside)
    with zipfile.ZipFile(inside) as old, zipfile.ZipFile(HERE / "plain.xlsm", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "[Content_Types].xml":
                content = content.replace(
                    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                )
                content = content.replace(
                    b"</Types>",
                    b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/><Override PartName="/xl/externalLinks/externalLink1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"/></Types>',
                )
            if name == "xl/_rels/workbook.xml.rels":
                content = content.replace(
                    b"</Relationships>",
                    b'<Relationship Id="rIdVba" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/><Relationship Id="rIdExt" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink" Target="externalLinks/externalLink1.xml"/></Relationships>',
                )
            new.writestr(zipfile.ZipInfo(name), content)
        new.writestr(zipfile.ZipInfo("xl/vbaProject.bin"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not a real macro")
        new.writestr(
            zipfile.ZipInfo("xl/externalLinks/externalLink1.xml"),
            b'<?xml version="1.0"?><externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"/></externalLink>',
        )
        new.writestr(
            zipfile.ZipInfo("xl/externalLinks/_rels/externalLink1.xml.rels"),
            b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" Target="http://elsewhere.invalid/book.xlsx" TargetMode="External"/></Relationships>',
        )


if __name__ == "__main__":
    for make in (qualtrics_loop, microsoft_quiz, limesurvey_long, redcap_letters, surveymonkey_numbers, plain):
        make()
