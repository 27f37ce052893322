"""No text that is written is computed by a spreadsheet, and nothing else is changed."""

from __future__ import annotations

import io
import zipfile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from connectedness.spreadsheets import csv_text, write_workbook

HOSTILE = ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", "+abc", "-"]
PLAIN = ["-1", "+3.5", "-1,5", "1e3", "-1E-3", "a=b", "12 - 4", "", "'=1", "–3 years", "K"]


def cells(text: str) -> list[str]:
    return pd.read_csv(io.StringIO(text), dtype="str", keep_default_na=False)["a"].tolist()


@pytest.mark.parametrize("kind", ["str", "object", "category"])
def test_what_would_be_computed_gets_an_apostrophe_and_nothing_else_does(kind):
    frame = pd.DataFrame({"a": pd.Series([*HOSTILE, *PLAIN], dtype=kind), "n": -1.5})
    read = cells(csv_text(frame))
    assert read == [*(f"'{one}".replace("\r", "\n") for one in HOSTILE), *PLAIN]
    assert csv_text(frame).splitlines()[-1].endswith(",-1.5")


def test_a_carriage_return_begins_no_row_of_its_own():
    text = csv_text(pd.DataFrame({"a": ["x\r=1+1", "y\r\n=2"]}))
    assert "\r" not in text and cells(text) == ["x\n=1+1", "y\n=2"]


def test_names_of_columns_and_rows_in_another_order_too():
    frame = pd.DataFrame({"=a": ["x", "=y"], "b": [None, 2.0]}, index=[7, 7])
    assert csv_text(frame, "\t") == "'=a\tb\nx\t\n'=y\t2.0\n"
    assert frame.columns[0] == "=a" and frame["=a"].tolist() == ["x", "=y"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=5), min_size=1, max_size=8))
def test_texts_come_back_with_at_most_an_apostrophe(texts):
    read = pd.read_csv(io.StringIO(csv_text(pd.DataFrame({"a": texts}))), dtype="str", keep_default_na=False,
                       skip_blank_lines=False)["a"].tolist()  # fmt: skip
    for before, after in zip(texts, read, strict=True):
        assert after in (before, f"'{before}")
        assert not after.lstrip().startswith(("=", "@", "\uff1d", "\uff20"))


def test_a_workbook_holds_texts_and_no_formula(tmp_path):
    path = tmp_path / "out.xlsx"
    clean = [one for one in [*HOSTILE, *PLAIN] if one and one != "\r=1"]
    write_workbook(pd.DataFrame({"=a": clean, "n": range(len(clean))}), path)
    sheet = load_workbook(path).active
    assert [cell.value for cell in sheet["A"]] == ["=a", *clean]
    assert all(cell.data_type == "s" for cell in sheet["A"])
    assert sheet["A2"].quotePrefix and not sheet["A15"].quotePrefix
    with zipfile.ZipFile(path) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
