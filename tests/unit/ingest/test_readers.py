"""The same rows in every format give the same tables."""

from __future__ import annotations

import datetime as dt

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from pandas.testing import assert_frame_equal
from unit.ingest.small_survey import ITEMS, answer, as_csv

from connectedness.ingest.cells import column_text
from connectedness.ingest.csv_file import read_csv
from connectedness.ingest.header import find_columns
from connectedness.ingest.xlsx_file import read_xlsx

ROWS = [answer("s1", sm_a="1"), answer("s2", sm_b=""), answer("s3", sm_c="9"), answer("s4", submitted="")]


def csv_cells(tmp_path, content: str, *wanted: str):
    path = tmp_path / "export.csv"
    path.write_bytes(content.encode())
    return read_csv(path, "export.csv", lambda header: find_columns(header, wanted, "export.csv"))


def as_xlsx(path):
    book = openpyxl.Workbook()
    book.active.append(list(ROWS[0]))
    for row in ROWS:
        typed = {item: int(row[item]) if row[item] else None for item in ITEMS}
        time = dt.datetime.fromisoformat(row["submitted"]) if row["submitted"] else None
        book.active.append(list({**row, **typed, "submitted": time}.values()))
    book.save(path)


def typed_frame() -> pd.DataFrame:
    frame = pd.DataFrame(ROWS)
    frame[list(ITEMS)] = frame[list(ITEMS)].apply(pd.to_numeric)
    frame["submitted"] = pd.to_datetime(frame["submitted"].where(frame["submitted"] != ""))
    return frame


@pytest.mark.parametrize("kind", ["xlsx", "sav", "parquet", "tsv"])
def test_every_format_gives_what_csv_gives(small, kind):
    expected = small.rows(*ROWS).ingest().responses
    (small.root / "inbox/w2/export.csv").unlink()
    path = small.root / "inbox/w2" / f"export.{kind}"
    if kind == "xlsx":
        as_xlsx(path)
    elif kind == "sav":
        pyreadstat.write_sav(typed_frame(), path, missing_ranges={"sm_c": [9]})
    elif kind == "parquet":
        typed_frame().astype({"school": "category"}).to_parquet(path)
    else:
        path.write_text(as_csv(ROWS).replace(",", "\t"), encoding="utf-8")
    found = small.ingest()
    assert_frame_equal(found.responses.drop(columns="source"), expected.drop(columns="source"))
    assert found.account["files"][0]["format"] == ("csv" if kind == "tsv" else kind)


def test_a_row_is_a_record_whatever_lines_its_cells_have(tmp_path):
    export = csv_cells(tmp_path, 'a,b\n"1\n2",x\n\n3,y\n\n\n', "a", "b")
    assert export.row.tolist() == [2, 3, 4]
    assert export.cells["a"].tolist() == ["1\n2", "", "3"]
    assert export.empty.tolist() == [False, True, False]
    assert not export.ragged.any()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(tmp_path, end):
    export = csv_cells(tmp_path, end.join(["a,b", "1,2", "3,4"]), "b")
    assert export.cells["b"].tolist() == ["2", "4"]


def test_na_stays_a_text_and_blanks_are_trimmed(tmp_path):
    export = csv_cells(tmp_path, "a,b\nNA, 1 \nnull,\u00a02\nNaN,\n", "a", "b")
    assert export.cells["a"].tolist() == ["NA", "null", "NaN"]
    assert export.cells["b"].tolist() == ["1", "2", ""]


def test_only_the_columns_asked_for_are_there(tmp_path):
    export = csv_cells(tmp_path, "name,a\nAnn,1\nBob,2\n", "a")
    assert export.cells.columns.tolist() == ["a"]


def test_header_names_with_line_breaks_and_double_blanks_are_found(tmp_path):
    export = csv_cells(tmp_path, '"I  feel\nat\u00a0home",b\n1,2\n', "I feel at home")
    assert export.cells["I feel at home"].tolist() == ["1"]


def test_ragged_rows_are_found_across_blocks(tmp_path):
    lines = ["1,2"] * 50_000
    lines[20_000] = "1"
    lines[45_000] = "1,2,3"
    export = csv_cells(tmp_path, "a,b\n" + "\n".join(lines), "b")
    assert export.row[export.ragged].tolist() == [20_002, 45_002]
    assert len(export) == 50_000 and (export.cells["b"] == "2").sum() == 49_998


def test_a_formula_is_not_run_and_a_named_sheet_is_read(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["other"])
    sheet = book.create_sheet("Data")
    for row in (["a", "b", "c"], [True, 1.5, "=1+1"], [None, None, None], [3.0, "x", 10**15]):
        sheet.append(row)
    book.save(tmp_path / "b.xlsx")
    export = read_xlsx(tmp_path / "b.xlsx", "b.xlsx", lambda header: {"a": 0, "b": 1, "c": 2}, "Data")
    assert export.cells.values.tolist() == [
        ["TRUE", "1.5", "a formula without a value"],
        ["", "", ""],
        ["3", "x", "1" + "0" * 15],
    ]
    assert export.row.tolist() == [2, 3, 4] and export.empty.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pd.Series([1.0, np.nan, 2.5]), ["1", "", "2.5"]),
        (pd.Series([1, None], dtype="Int16"), ["1", ""]),
        (pd.Series([True, False]), ["TRUE", "FALSE"]),
        (pd.Series([dt.date(2026, 10, 5), None]), ["2026-10-05", ""]),
        (pd.Series(pd.to_datetime(["2026-10-05 08:30", None])), ["2026-10-05T08:30:00", ""]),
        (pd.Series([" x ", None], dtype="str"), ["x", ""]),
        (pd.Series(["a", None], dtype="category"), ["a", ""]),
    ],
)
def test_typed_columns_become_plain_text(column, text):
    assert column_text(column).tolist() == text
