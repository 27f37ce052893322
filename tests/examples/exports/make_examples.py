# ruff: noqa: E501, UP031
"""Writes the examples beside it: one export a survey tool, each with the traps that its real exports hold.

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
import pyreadstat

HERE = Path(__file__).parent
AGREE = ["Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"]


def text(rows, delimiter=",", end="\r\n", quoting=csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


def put(name: str, content: str, encoding: str = "utf-8") -> None:
    (HERE / name).write_bytes(content.encode(encoding))


def qualtrics() -> None:
    tags = [
        "StartDate",
        "EndDate",
        "Status",
        "IPAddress",
        "Progress",
        "Duration (in seconds)",
        "Finished",
        "RecordedDate",
        "ResponseId",
        "RecipientEmail",
        "DistributionChannel",
        "UserLanguage",
        "Token",
        "School",
        "Q1_1",
        "Q1_2",
        "Q2",
        "Q3_1",
        "Q3_2",
        "Q3_3_TEXT",
        "Q1_DO_1",
        "Q9",
        "",
    ]
    said = [
        "Date de début",
        "Date de fin",
        "Type de réponse",
        "Adresse IP",
        "Progression",
        "Durée (en secondes)",
        "Terminé",
        "Date d'enregistrement",
        "ID de réponse",
        "E-mail",
        "Canal",
        "Langue",
        "Token",
        "School",
        "How is it here? - I feel\nat home",
        "How is it here? - I belong, mostly",
        "Which of these?",
        "Which, each? - Art",
        "Which, each? - Music",
        "Which, each? - Other - Text",
        "Order",
        "Free",
        "",
    ]
    zone = '{"ImportId":"%s","timeZone":"America/Halifax"}'
    ids = [
        zone % "startDate",
        zone % "endDate",
        *('{"ImportId":"%s"}' % one for one in ("status", "ipAddress", "progress", "duration", "finished")),
    ]
    ids += [
        zone % "recordedDate",
        *(
            '{"ImportId":"%s"}' % one
            for one in (
                "_recordId",
                "recipientEmail",
                "distributionChannel",
                "userLanguage",
                "token",
                "school",
                "QID4_1",
                "QID4_2",
                "QID7",
                "QID8_1",
                "QID8_2",
                "QID8_3_TEXT",
                "QID4_DO_1",
                "QID9_TEXT",
            )
        ),
        "",
    ]

    def row(
        n, status="0", done="1", channel="anonymous", progress="100", q=("4", "5"), q2="1,3", q3=("1", ""), text=""
    ):
        return [
            "2026-10-06 09:00:00",
            f"2026-10-06 09:0{n}:30",
            status,
            "192.0.2.1",
            progress,
            "90",
            done,
            f"2026-10-06 09:0{n}:31",
            f"R_made0up{n}",
            "someone@example.org",
            channel,
            "EN",
            f"t{n}",
            "001",
            *q,
            q2,
            *q3,
            text,
            "2",
            "=1+1",
            "",
        ]

    rows = [
        row(1),
        row(2, q=("5", "-99"), q2="-99", q3=("-99", "-99")),
        row(3, status="1"),
        row(4, status="8"),
        row(5, channel="preview"),
        row(6, done="0", progress="60", q=("3", "")),
        row(7, status="16", q=("1", "2"), q2="13"),
        row(8, status="12"),
        row(9, q=("2", ""), q2="", q3=("", "1"), text="a, b\nc"),
    ]
    put("qualtrics_numbers.csv", text([tags, said, ids, *rows], end="\n"), "utf-8-sig")
    words = [
        [
            "IP Address" if one[2] in ("0", "16") else "Survey Preview" if one[2] == "1" else "Spam",
            *one[3:6],
            "True" if one[6] == "1" else "False",
            *one[7:14],
            *(
                AGREE[int(code) - 1].replace("Strongly", "  STRONGLY\u00a0") if code.isdecimal() else code
                for code in one[14:16]
            ),
            "Art,Music, all of it" if one[16] == "1,3" else one[16],
            *one[17:],
        ]
        for one in rows
    ]
    words = [[*one[:2], *rest] for one, rest in zip(rows, words, strict=True)]
    put("qualtrics_words.tsv", text([tags, said, ids, *words], "\t", "\n"), "utf-16")
    v = [f"V{i}" for i in range(1, 11)]
    facts = [
        "ResponseID",
        "ResponseSet",
        "Name",
        "ExternalDataReference",
        "EmailAddress",
        "IPAddress",
        "Status",
        "StartDate",
        "EndDate",
        "Finished",
    ]
    old = [
        [
            f"R_old{n}abcde",
            "Default Response Set",
            "Anonymous",
            f"t{n}",
            "",
            "",
            status,
            "2026-10-06 08:00:00",
            "2026-10-06 08:05:00",
            done,
            "4",
            code,
            "001",
            "",
        ]
        for n, status, done, code in ((1, "0", "1", "5"), (2, "1", "1", "5"), (3, "0", "0", ""), (4, "0", "1", "1"))
    ]
    header = [[*v, "Q1_1", "Q1_2", "School", ""], [*facts, "Stem-at home", "Stem-belong", "School", ""]]
    put("qualtrics_older.csv", text([*header, *old], end="\n"), "utf-8-sig")


def google() -> None:
    header = [
        "Timestamp",
        "Username",
        "Your school",
        "How is it here? [I feel at home]",
        "How is it here? [I\u00a0belong]",
        "Which of these, if any?\n(tick all)",
        "Anything else?",
        "Anything else?",
    ]
    rows = [
        [
            "2026/10/06 9:00:41 AM GMT-3",
            "a@example.org",
            "001",
            "Agree",
            "Strongly agree",
            "Art;Music, all of it",
            "",
            "",
        ],
        ["2026/10/06 12:00:41 PM GMT-3", "b@example.org", "001", "agree ", "STRONGLY DISAGREE", "Art", "-", ""],
        ["2026/10/06 10:39:41 PM AST", "c@example.org", "002", "", "Strong agree", "", "@x", "=1"],
    ]
    put("google_forms.csv", text([header, *rows], end="\n", quoting=csv.QUOTE_ALL))
    with zipfile.ZipFile(HERE / "google_forms.csv.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("Our survey.csv"), text([header, *rows], end="\n", quoting=csv.QUOTE_ALL))
        archive.writestr(zipfile.ZipInfo("__MACOSX/._Our survey.csv"), b"\0\0")
    sheets = [
        ["10/6/2026 9:00:41", *rows[0][1:5], "Art, Music, all of it", "", ""],
        ["10/13/2026 21:00:41", *rows[1][1:5], "Art", "", ""],
    ]
    put("google_sheets.csv", text([header, *sheets]))


def microsoft() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    sheet.append(
        [
            "ID",
            "Start time",
            "Completion time",
            "Email",
            "Name",
            "Last modified time",
            "Your school",
            "I feel\u00a0at\nhome",
            "I belong",
            "Which of these?",
            "Why?",
            "Why?2",
        ]
    )
    at = dt.datetime(2026, 10, 6, 9, 0)
    answers = [
        ("Agree", "Strongly agree", "Art;Music;"),
        ("Strongly disagree", "Agree", "Music;"),
        (None, "Agree", None),
    ]
    for n, (home, belong, which) in enumerate(answers, 1):
        sheet.append(
            [
                n,
                at,
                at + dt.timedelta(minutes=n),
                "anonymous",
                None,
                None,
                "001",
                home,
                belong,
                which,
                '=HYPERLINK("http://example.org")',
                None,
            ]
        )
    book.save(HERE / "microsoft_forms.xlsx")


def limesurvey() -> None:
    facts = ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp"]
    header = [
        *facts,
        "school",
        "Q2[SQ001]",
        "Q2[SQ002]",
        "Q4[SQ001]",
        "Q4[SQ002]",
        "Q4[other]",
        "Q5",
        "interviewtime",
        "Q2Time",
    ]
    rows = [
        [
            "1",
            "2026-10-06 09:05:00",
            "3",
            "en",
            "11",
            "t1",
            "2026-10-06 09:00:00",
            "2026-10-06 09:05:00",
            "001",
            "4",
            "5",
            "Y",
            "",
            "",
            "'=1+1",
            "300.1",
            "12",
        ],
        [
            "2",
            "",
            "1",
            "fr",
            "12",
            "t2",
            "2026-10-06 09:00:00",
            "2026-10-06 09:01:00",
            "001",
            "4",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
        ],
        [
            "3",
            "1980-01-01 00:00:00",
            "3",
            "fr",
            "13",
            "t3",
            "1980-01-01 00:00:00",
            "1980-01-01 00:00:00",
            "002",
            "1",
            "-oth-",
            "",
            "Y",
            "un\ndeux",
            "",
            "100",
            "9",
        ],
        [
            "4",
            "2026-10-07 10:00:00",
            "3",
            "en",
            "14",
            "t4",
            "2026-10-07 09:58:00",
            "2026-10-07 10:00:00",
            "002",
            "2",
            "N/A",
            "",
            "",
            "",
            "",
            "90",
            "8",
        ],
    ]
    put("limesurvey.csv", text([header, *rows], ";", "\r\n", csv.QUOTE_ALL) + "\r\n", "utf-8-sig")
    flat = [one.replace("[", "_").replace("]", "") for one in header]
    put("limesurvey_commas.csv", text([flat, *rows], ",", "\r\n", csv.QUOTE_ALL) + "\r\n", "utf-8-sig")
    full = [
        "Response ID",
        "Date submitted",
        "Last page",
        "Start language",
        "Seed",
        "Access code",
        "Date started",
        "Date last action",
        "school. Your school",
        "Q2[SQ001]. How is it here? [I feel at home]",
        "Q2[SQ002]. How is it here? [I belong]",
        *header[11:],
    ]
    put("limesurvey_texts.csv", text([full, *rows], ";", "\r\n", csv.QUOTE_ALL), "utf-8-sig")


def redcap() -> None:
    (HERE / "redcap").mkdir(exist_ok=True)
    header = [
        "record_id",
        "redcap_event_name",
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
        "redcap_survey_identifier",
        "student",
        "school",
        "entry_complete",
        "climate_timestamp",
        "home",
        "belong",
        "which___1",
        "which___2",
        "which____9",
        "climate_complete",
    ]
    rows = [
        ["1", "start_arm_1", "", "", "", "t1", "001", "2", "", "", "", "0", "0", "0", "0"],
        ["1", "fall_arm_1", "", "", "", "", "", "", "2026-10-06 09:00:00", "4", "5", "1", "0", "0", "2"],
        ["2", "start_arm_1", "", "", "", "t2", "001", "2", "", "", "", "0", "0", "0", "0"],
        ["2", "fall_arm_1", "climate", "1", "", "", "", "", "[not completed]", "3", "", "0", "0", "0", "0"],
        ["3", "start_arm_1", "", "", "", "t3", "002", "2", "", "", "", "0", "0", "0", "0"],
        ["3", "fall_arm_1", "climate", "1", "", "", "", "", "2026-10-06 10:00:00", "1", "2", "0", "0", "0", "2"],
        ["3", "fall_arm_1", "climate", "2", "", "", "", "", "2026-10-07 10:00:00", "2", "2", "0", "0", "1", "2"],
    ]
    put("redcap/raw.csv", text([header, *rows], end="\n"))
    words = {"1": "Strongly disagree", "2": "Disagree", "3": "Neither", "4": "Agree", "5": "Strongly agree"}
    ticked = {"1": "Checked", "0": "Unchecked"}
    labelled = [
        [
            *one[:7],
            {"2": "Complete"}.get(one[7], one[7]),
            one[8],
            words.get(one[9], ""),
            words.get(one[10], ""),
            *(ticked[box] for box in one[11:14]),
            {"2": "Complete", "0": "Incomplete"}[one[14]],
        ]
        for one in rows
    ]
    names = [
        "Record ID",
        "Event Name",
        "Repeat Instrument",
        "Repeat Instance",
        "Survey Identifier",
        "Your number",
        "Your school",
        "Complete?",
        "Survey Timestamp",
        "I feel at home",
        "I belong here",
        "Which of these? (choice=Art)",
        "Which of these? (choice=Music)",
        "Which of these? (choice=None, really)",
        "Complete?",
    ]
    put("redcap/labels.csv", text([names, *labelled], end="\n"))
    columns = [
        "Variable / Field Name",
        "Form Name",
        "Section Header",
        "Field Type",
        "Field Label",
        "Choices, Calculations, OR Slider Labels",
    ]
    agree = " | ".join(f"{code}, {label}" for code, label in words.items())
    dictionary = [
        ["record_id", "entry", "", "text", "Record ID", ""],
        ["student", "entry", "", "text", "Your number", ""],
        ["school", "entry", "", "text", "Your school", ""],
        ["home", "climate", "", "radio", "<b>I feel</b> at home", agree],
        ["belong", "climate", "", "radio", "I belong here", agree],
        ["which", "climate", "", "checkbox", "Which of these?", "1, Art | 2, Music | -9, None, really"],
    ]
    put("redcap/dictionary.csv", text([columns, *dictionary], end="\n", quoting=csv.QUOTE_ALL))


def surveymonkey() -> None:
    facts = [
        "Respondent ID",
        "Collector ID",
        "Start Date",
        "End Date",
        "IP Address",
        "Email Address",
        "First Name",
        "Last Name",
        "Custom Data 1",
    ]

    def fact(n):
        return [
            f"11{n}",
            "7",
            f"10/{12 + n}/2026 09:00:00 AM",
            f"10/{12 + n}/2026 01:05:00 PM",
            "192.0.2.1",
            "",
            "",
            "",
            f"t{n}",
        ]

    stem = "How is it \u2013 here, at “école”?"
    top = [*facts, "Your school", stem, "", "Which of these?", "", "", "Anything else?"]
    under = [
        *[""] * 9,
        "Response",
        "I feel at home",
        "I belong",
        "Art",
        "Music",
        "Other (please specify)",
        "Open-Ended Response",
    ]
    rows = [
        [*fact(1), "001", "Agree", "Strongly agree", "Art", "Music", "", "a, b"],
        [*fact(2), "001", "Strongly disagree", "Agree", "", "", "drôle", ""],
        [*fact(3), "002", "", "", "", "Music", "", "l’été"],
    ]
    put("surveymonkey_condensed.csv", text([top, under, *rows], end="\n"), "mac_roman")
    put("surveymonkey_windows.csv", text([top, under, *rows], end="\r\n"), "cp1252")
    wide_top = [*facts, "Your school", "I belong", "", "", "", "", stem, *[""] * 3]
    wide_under = [
        *[""] * 9,
        "Response",
        *AGREE,
        *(f"{row} - {option}" for row in ("At home", "In class") for option in ("No", "Yes")),
    ]
    wide = [
        [*fact(1), "001", "", "", "", "", "Strongly agree", "", "Yes", "No", ""],
        [*fact(2), "001", "Strongly disagree", "", "", "", "", "No", "", "", "Yes"],
        [*fact(3), "002", "", "Disagree", "", "Agree", "", "", "", "", ""],
    ]
    put("surveymonkey_expanded.csv", text([wide_top, wide_under, *wide], end="\n"), "utf-8-sig")
    book = openpyxl.Workbook()
    for row in ([*facts, *top[9:]], under, *rows):
        book.active.append([cell if cell != "" else None for cell in row])
    book.active.merge_cells(start_row=1, end_row=1, start_column=11, end_column=12)
    book.save(HERE / "surveymonkey_condensed.xlsx")


def labelled() -> None:
    frame = pd.DataFrame({"token": ["t1", "t2", "t3"], "school": ["001", "001", "002"], "home": [4.0, 5.0, 9.0]})
    labels = {"home": dict(enumerate(AGREE, 1)) | {9: "No answer"}}
    texts = ["Your number", "Your school", "I feel at home"]
    pyreadstat.write_sav(
        frame, HERE / "labelled.sav", column_labels=texts, variable_value_labels=labels, missing_ranges={"home": [9]}
    )
    stata = frame.assign(home=pd.Series([4, 5, "a"], dtype="object"))
    pyreadstat.write_dta(
        stata,
        HERE / "labelled.dta",
        column_labels=texts,
        missing_user_values={"home": ["a"]},
        variable_value_labels={"home": dict(enumerate(AGREE, 1))},
    )


if __name__ == "__main__":
    for make in (qualtrics, google, microsoft, limesurvey, redcap, surveymonkey, labelled):
        make()
