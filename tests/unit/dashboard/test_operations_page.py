from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from unit.dashboard.read_page import Page

from connectedness.dashboard import build_operations
from connectedness.errors import ConnectednessError


def report(wave: str = "2026-fall", **changes: Any) -> dict[str, Any]:
    return {
        "survey": "maple_fork",
        "wave": wave,
        "status": "passed",
        "stopped": [],
        "files": [
            {"file": "export.csv", "sha256": "0" * 64, "format": "csv", "rows": 9214, "accepted": 9102,
             "quarantined": 40, "excluded": {"preview": 30, "blank": 42}}
        ],
        "roster": {"file": "roster.csv", "rows": 10120, "accepted": 10120, "quarantined": 0, "excluded": {}},
        "totals": {"read": 9214, "accepted": 9102, "quarantined": 40, "excluded": 72},
        "quarantine": [
            {"table": "responses", "file": "export.csv", "rule": "unknown_school", "school": "999", "column": "school",
             "rows": [14, 22, 31], "n": 3, "sentence": "the school is not one that is declared",
             "todo": "Correct the school in the export."},
            {"table": "responses", "file": "export.csv", "rule": "odd_rule", "school": "017", "column": None,
             "rows": list(range(20)), "n": 36},
        ],
        "bad_items": [{"file": "export.csv", "item": "hr_bel_part", "n": 12, "kind": "a code outside 1-5"}],
        "unknown_labels": {"n": 34, "labels": [{"item": "hr_adults", "label": "lots", "n": 14}],
                           "unprinted": {"labels": 16, "n": 20}},
        "rules": [{"contract": "responses", "version": "1.0.0", "id": "odd_rule", "level": "row", "severity": "error",
                   "description": "The row is not odd", "success": False, "n_bad": 36}],
        "for_a_person": ["Compare the window with the calendar."],
        "notes": [],
        "schools": [{"school": "017", "accepted": 410, "quarantined": 36}],
        **changes,
    }  # fmt: skip


def page_of(tmp_path: Path, *reports: dict[str, Any]) -> Page:
    paths = []
    for i, one in enumerate(reports):
        paths.append(tmp_path / f"{i}.json")
        paths[-1].write_text(json.dumps(one), encoding="utf-8")
    return Page(build_operations(paths, tmp_path / "analyst"))


def test_the_account_is_shown_as_a_sum(tmp_path: Path):
    page = page_of(tmp_path, report())
    assert "9,214 rows read = 9,102 accepted + 40 set aside + 72 left out" in page.text
    assert "export.csv 9,214 9,102 40 72 empty rows: 42; preview rows: 30" in page.text


def test_an_account_that_does_not_add_up_is_an_alarm(tmp_path: Path):
    totals = {"read": 9214, "accepted": 9101, "quarantined": 40, "excluded": 72}
    assert "These do not add up" in page_of(tmp_path, report(totals=totals)).text


def test_each_quarantine_rule_is_a_sentence_with_file_school_rows_and_what_to_do(tmp_path: Path):
    text = page_of(tmp_path, report()).text
    assert "3 rows: the school is not one that is declared." in text
    assert "export.csv, school 999, column school: rows 14, 22, 31" in text
    assert "What to do: Correct the school in the export" in text


def test_a_rule_without_a_sentence_uses_its_contracts_description(tmp_path: Path):
    text = page_of(tmp_path, report()).text
    assert "36 rows: The row is not odd." in text
    assert "18, 19, and more: 36 in all" in text and "What to do: Look at these rows in the file" in text


def test_the_places_of_one_rule_stand_together(tmp_path: Path):
    place = {"table": "responses", "file": "export.csv", "rule": "duplicate", "sentence": "twice", "column": None}
    two = [place | {"school": "020", "rows": [9], "n": 1}, place | {"school": "017", "rows": [4, 5], "n": 2}]
    text = page_of(tmp_path, report(quarantine=two)).text
    assert "3 rows: twice." in text
    assert "export.csv, school 017: rows 4, 5 export.csv, school 020: row 9" in text


def test_bad_answers_are_counted_by_item_and_kind(tmp_path: Path):
    assert "hr_bel_part a code outside 1-5 export.csv 12" in page_of(tmp_path, report()).text


def test_labels_too_rare_to_print_are_counted(tmp_path: Path):
    text = page_of(tmp_path, report()).text
    assert "lots hr_adults 14" in text
    assert "20 answers are 16 different labels, each too rare to print here" in text
    assert "store/quarantine/2026-fall/unknown_labels.csv" in text


@pytest.mark.parametrize(
    ("n", "labels", "said"),
    [
        (1, 1, "1 answer is a label too rare to print here. It is in store/quarantine/"),
        (3, 1, "3 answers are one label too rare to print here. See store/quarantine/"),
    ],
)
def test_one_answer_and_one_label_are_singular(tmp_path: Path, n: int, labels: int, said: str):
    unknown = {"n": n, "labels": [], "unprinted": {"labels": labels, "n": n}}
    assert said in page_of(tmp_path, report(unknown_labels=unknown)).text


def test_one_row_read_is_singular(tmp_path: Path):
    totals = {"read": 1, "accepted": 1, "quarantined": 0, "excluded": 0}
    assert "1 row read = 1 accepted" in page_of(tmp_path, report(totals=totals)).text


@pytest.mark.parametrize("title", ["Maple Fork School Division", {"en": "Maple Fork School Division", "fr": None}])
def test_it_bears_the_surveys_title_and_says_when_the_run_ended(tmp_path: Path, title: object):
    page = page_of(tmp_path, report(title=title, ended="2026-10-24 06:03-06:00"))
    assert "Maple Fork School Division Operations" in page.text
    assert "The last run ended on 24 October 2026 at 06:03." in page.text


def test_a_report_without_title_or_end_shows_the_id(tmp_path: Path):
    page = page_of(tmp_path, report())
    assert "maple_fork Operations" in page.text and "The last run" not in page.text


FINDING = {
    "contract": "responses",
    "rule": "newest",
    "severity": "warning",
    "school": None,
    "sentence": "Nine days old.",
}


def test_severities_stand_apart_the_gravest_first(tmp_path: Path):
    rule = report()["rules"][0]
    rules = [rule | {"id": name, "severity": severity, "description": f"rule {name}"}
             for name, severity in (("a", "info"), ("b", "critical"), ("newest", "warning"))]  # fmt: skip
    text = page_of(tmp_path, report(rules=rules, findings=[FINDING])).text
    places = [
        text.index(word)
        for word in ("What stops a wave", "rule b", "Warnings", "Nine days old.", "For information", "rule a")
    ]
    assert places == sorted(places)
    assert "rule newest" not in text  # its sentence says it


def test_rows_that_were_kept_with_a_warning_are_told_apart(tmp_path: Path):
    warned = report()["quarantine"][0] | {"rule": "slow", "sentence": "too slow", "severity": "warning", "n": 1}
    text = page_of(tmp_path, report(warnings=[warned])).text
    assert text.index("Rows set aside") < text.index("Rows with a warning") < text.index("1 row: too slow.")
    assert "Rows with a warning" not in page_of(tmp_path, report()).text


def test_each_file_and_each_school_has_its_own_part(tmp_path: Path):
    line = {"severity": "critical", "sentence": "Row 14: no token."}
    files = [report()["files"][0] | {"told": [line]}]
    schools = [{"school": "017", "label": "Lakeside School (017)", "eligible": 480, "accepted": 410, "quarantined": 36,
                "told": [line | {"severity": "warning"}, line]}]  # fmt: skip
    text = page_of(tmp_path, report(files=files, schools=schools)).text
    assert "export.csv: 1 line Set aside: Row 14: no token." in text
    assert "Lakeside School (017): 2 lines Warning: Row 14: no token. Set aside: Row 14: no token." in text
    assert "Lakeside School (017) 410 36 480" in text and "Eligible" in text


def test_changes_since_the_last_wave_and_whom_to_ask(tmp_path: Path):
    changes = {"since": "2025-fall", "found": [{"kind": "column_new", "what": "Q9", "sentence": "Column Q9 is new."}]}
    contacts = [{"contract": "responses", "ask": "Ask: Data office (owner of the responses)."}]
    text = page_of(tmp_path, report(changes=changes, contacts=contacts)).text
    assert "Changed since 2025-fall Column Q9 is new." in text
    assert "Whom to ask Ask: Data office (owner of the responses)." in text
    assert "Columns, items and groups are the same." in page_of(tmp_path, report(changes=changes | {"found": []})).text
    assert "Changed since" not in page_of(tmp_path, report(changes={"since": None, "found": []})).text


def test_a_stopped_wave_stands_above_all_with_its_reasons(tmp_path: Path):
    stopped = report("2025-fall", status="stopped", stopped=["The column hr_bel_part is missing."])
    text = page_of(tmp_path, stopped, report()).text
    assert text.index("2025-fall Stopped") < text.index("2026-fall Passed")
    assert "Stopped before anything was published The column hr_bel_part is missing." in text


def test_without_reports_it_says_so(tmp_path: Path):
    assert "There is no report yet." in page_of(tmp_path).text


def test_it_draws_nothing_and_holds_the_same_policy(tmp_path: Path):
    page = page_of(tmp_path, report())
    assert not page.figures
    assert "default-src 'none'" in page.source.replace("&#39;", "'")


def test_the_same_reports_give_the_same_bytes(tmp_path: Path):
    assert page_of(tmp_path, report()).source == page_of(tmp_path, report()).source


def test_a_report_that_cannot_be_read_is_named(tmp_path: Path):
    (tmp_path / "report.json").write_text("{")
    with pytest.raises(ConnectednessError, match=r"report\.json"):
        build_operations([tmp_path / "report.json"], tmp_path / "analyst")
