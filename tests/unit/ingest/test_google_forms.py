"""Google Forms, by its own CSV or by Sheets: questions as headings, grids, joined choices, times in many forms."""

from __future__ import annotations

import pandas as pd
import pytest
from unit.ingest.exports import EXAMPLES, cells, same_survey

from connectedness.declare.columns import ColumnMap
from connectedness.declare.registry import find_instrument
from connectedness.ingest import describe, read_items
from connectedness.ingest.clock import iso_times
from connectedness.ingest.detect import detect

WORDS = {"Strongly disagree": 1, "Disagree": 2, "Agree": 4, "Strongly agree": 5}
HOME, BELONG = "How is it here? [I feel at home]", "How is it here? [I belong]"
ITEMS = {"sm_a": {"column": HOME, "codes": WORDS}, "sm_b": {"column": BELONG, "codes": WORDS}}


@pytest.mark.parametrize(
    ("name", "confidence"),
    [("google_forms.csv", "certain"), ("google_forms.csv.zip", "certain"), ("google_sheets.csv", "likely")],
)
def test_recognised_by_its_first_column(name, confidence):
    found = detect(EXAMPLES / name)
    assert (found.format, found.confidence) == ("google_forms", confidence)


def test_a_zip_with_one_export_gives_what_the_export_gives():
    assert cells("google_forms.csv.zip", HOME, BELONG) == cells("google_forms.csv", HOME, BELONG)


@pytest.mark.parametrize("name", ["google_forms.csv", "google_sheets.csv"])
def test_ticked_choices_are_told_apart_whichever_way_they_are_joined(name):
    question = "Which of these, if any? (tick all)"
    both = cells(name, f"{question}=Music, all of it", f"{question}=Art", f"{question}=Dance")
    assert [one[:2] for one in both] == [["1", "0"], ["1", "1"], ["0", "0"]]


def test_headings_that_stand_twice_are_told_apart_by_number():
    names = [one.name for one in describe(EXAMPLES / "google_forms.csv").columns]
    assert names[-2:] == ["Anything else? #1", "Anything else? #2"]
    assert cells("google_forms.csv", "Anything else? #2") == [["", "", "=1"]]  # text, whatever it looks like


def test_times_with_a_zone_are_read_and_the_order_of_day_and_month_is_seen_from_the_column(small):
    small.survey.pop("identity")
    columns = {"school": "Your school", "submitted_at": "Timestamp"}
    found = same_survey(small, "google_forms.csv", columns, ITEMS)
    assert found.responses["submitted_at"].tolist() == [
        pd.Timestamp("2026-10-06 12:00:41", tz="UTC"), pd.Timestamp("2026-10-06 15:00:41", tz="UTC"),
        pd.Timestamp("2026-10-07 02:39:41", tz="UTC"),
    ]  # fmt: skip
    (small.root / "inbox/w2/google_forms.csv").unlink()
    found = same_survey(small, "google_sheets.csv", columns, ITEMS)
    assert found.responses["submitted_at"].dt.day.tolist() == [6, 14]  # 10/13 shows that the month comes first
    assert found.account["notes"] == []


def test_a_label_that_nothing_declares_is_counted_and_never_a_code(small):
    small.survey.pop("identity")
    found = same_survey(small, "google_forms.csv", {"school": "Your school"}, ITEMS)
    assert found.responses[["sm_a", "sm_b"]].values.tolist() == [[4, 5], [4, 1], [-1, -4]]
    assert found.account["bad_items"] == [
        {"file": "google_forms.csv", "item": "sm_b", "n": 1, "kind": "text where a code belongs"}
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Strongly agree", 5), ("  strongly\u00a0AGREE ", 5), ("Tout à fait d\u2019accord", 5),
        ("TOUT A\u0300 FAIT D'ACCORD", 5), ("Strong agree", -4), ("Strongly agree.", -4), ("agree strongly", -4),
        ("5", 5),
    ],
)  # fmt: skip
def test_an_instruments_own_labels_count_in_english_and_french_by_equality_only(tmp_path, text, code):
    path = tmp_path / "e.csv"
    path.write_text(f"Timestamp,I am accepted\n2026/10/06 9:00:41 AM GMT-3,{text}\n", encoding="utf-8")
    columns = ColumnMap.model_validate({"items": {"hr_bel_accepted": "I am accepted"}})
    read = read_items(path, find_instrument("healthy-relationships@1"), columns)
    assert read.items["hr_bel_accepted"].tolist() == [code]


@pytest.mark.parametrize(
    ("texts", "order", "first"),
    [
        (["2026/10/06 9:00:41 PM GMT+1"], None, "2026-10-06 21:00:41+01:00"),
        (["2026-10-06 12:05:00 a.m. EDT"], None, "2026-10-06 00:05:00-04:00"),
        (["2026/10/06 9:00:41 AM NST"], None, "2026-10-06 09:00:41-03:30"),
        (["06.10.2026 09:00"], None, "2026-10-06 09:00:00"),
        (["06/10/2026 09:00", "13/10/2026 09:00"], None, "2026-10-06 09:00:00"),
        (["06/10/26 09:00", "06/13/26 09:00"], None, "2026-06-10 09:00:00"),
        (["06/10/2026 09:00"], None, "06/10/2026 09:00"),
        (["06/10/2026 09:00", "13/10/2026 09:00", "10/13/2026 09:00"], None, "06/10/2026 09:00"),
        (["06/10/2026"], "day_first", "2026-10-06"),
        (["06/10/2026"], "month_first", "2026-06-10"),
        (["2026/10/06 9:00:41 AM XYZ"], None, "2026/10/06 9:00:41 AM XYZ"),
        (["next Tuesday"], None, "next Tuesday"),
    ],
)  # fmt: skip
def test_times_are_brought_into_iso_form_where_that_takes_no_guess(texts, order, first):
    assert iso_times(pd.Series(texts, dtype="str"), order, deduce=True)[0] == first
