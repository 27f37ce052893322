"""A file is recognised by its content alone, and whatever it holds gives rows or one plain error."""

from __future__ import annotations

import codecs
import csv
import io
import shutil
import tempfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.ingest.exports import EXAMPLES
from unit.ingest.small_survey import answer, as_csv

from connectedness.declare.columns import ColumnMap
from connectedness.errors import ConnectednessError, ContractError
from connectedness.ingest import common_texts, describe
from connectedness.ingest.detect import TOOLS, detect
from connectedness.ingest.export import read_columns, read_export

SETTINGS = settings(max_examples=60, deadline=None)
# A table that no tool wrote is told by its name, since its content says nothing of where it is from.
FILES = [
    path
    for path in sorted(EXAMPLES.rglob("*"))
    if path.suffix in (".csv", ".tsv", ".xlsx", ".sav", ".dta", ".zip") and not path.name.startswith("plain")
]
TEXTS = [path for path in FILES if path.suffix in (".csv", ".tsv")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".bin"])
def test_the_name_of_a_file_says_nothing(tmp_path, path, ending):
    renamed = tmp_path / f"export{ending}"
    shutil.copy(path, renamed)
    assert detect(renamed).format == detect(path).format


def test_a_plain_table_is_no_tools(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(as_csv([answer()]), encoding="utf-8")
    assert (detect(path).format, detect(path).confidence) == ("csv", "plain")
    pd.DataFrame([answer()]).to_parquet(tmp_path / "e.parquet")
    assert detect(tmp_path / "e.parquet").format == "parquet"
    assert [one.name for one in describe(tmp_path / "e.parquet").columns] == list(answer())
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([1, 2])
    book.save(tmp_path / "e.xlsx")
    assert detect(tmp_path / "e.xlsx").format == "xlsx"


def test_signs_of_two_tools_make_a_plain_table(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text(
        "id,submitdate,lastpage,startlanguage,redcap_event_name,a_complete\n1,,1,en,x,2\n", encoding="utf-8"
    )
    found = detect(path)
    assert (found.format, found.confidence) == ("csv", "plain")
    assert "LimeSurvey and REDCap" in found.why[0]


def test_a_map_that_names_the_format_is_believed(tmp_path):
    columns = ColumnMap.model_validate({"format": "csv", "items": {"a": "Q1_1"}})
    path = EXAMPLES / "qualtrics_numbers.csv"
    plain = read_columns(path, path.name, columns, ["Q1_1"])
    assert plain.format == "csv" and plain.row[0] == 2 and not plain.marks
    tool = columns.model_copy(update={"format": "qualtrics"})
    assert read_columns(path, path.name, tool, ["Q1_1"]).row[0] == 4


def test_macros_and_links_of_a_workbook_are_not_followed(tmp_path):
    book = openpyxl.Workbook()
    for row in (["a", "b"], ["=[1]Sheet1!A1", '=WEBSERVICE("http://127.0.0.1:9/x")'], ["x", 1]):
        book.active.append(row)
    book.save(tmp_path / "e.xlsm")
    read = read_columns(tmp_path / "e.xlsm", "e.xlsm", None, ["a", "b"])
    assert read.cells.values.tolist() == [["a formula without a value"] * 2, ["x", "1"]]


def test_what_a_spreadsheet_would_run_is_text(tmp_path):
    path = tmp_path / "e.csv"
    bad = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"]
    path.write_text("a\n" + "\n".join(bad) + "\n", encoding="utf-8")
    assert read_columns(path, "e.csv", None, ["a"]).cells["a"].tolist() == bad


def test_ten_thousand_columns(tmp_path):
    path = tmp_path / "e.csv"
    names = [f"Q{i}" for i in range(10_000)]
    ids = [f'{{"ImportId":"QID{i}"}}' for i in range(10_000)]
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([names, names, ids, *([str(i % 5) for i in range(10_000)] for _ in range(3))])
    read = read_columns(path, "e.csv", None, ["QID9999", "Q3"])
    assert read.format == "qualtrics" and read.cells["QID9999"].tolist() == ["4"] * 3
    with pytest.raises(ContractError, match="missing"):
        read_columns(path, "e.csv", None, ["nothing like it"])


@pytest.mark.long
def test_one_field_of_a_hundred_megabytes(tmp_path):
    path = tmp_path / "e.csv"
    path.write_bytes(b'a,b\n1,"' + b"x" * 100_000_000 + b'"\n')
    with pytest.raises(ContractError, match="longer than any answer"):
        read_columns(path, "e.csv", None, ["a"])


def test_texts_that_few_hold_are_not_given(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text("a,b\n" + "".join(f"{'yes' if i < 12 else 'I am Ann'},{i}\n" for i in range(13)), encoding="utf-8")
    assert common_texts(path, ["a", "b"], at_least=10, most=12) == {"a": {"yes": 12}}


def tried(content: bytes, name: str = "export.csv", columns: ColumnMap | None = None) -> None:
    """Recognise, describe and read every column: each gives an answer or one plain error."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            found = detect(path)
        except ConnectednessError as error:
            assert name in str(error)
            return
        try:
            described = describe(path, columns)
            names = [one.name for one in described.columns]
            if found.format == "csv" and columns is None and described.delimiter != "\t":
                columns = ColumnMap.model_validate({"items": {"a": "a"}, "delimiter": described.delimiter})
            export = read_export(
                path, name, columns, lambda header: {one: list(header).index(one) for one in names}, ["a=b"]
            )
        except ConnectednessError as error:
            assert name in str(error)
            return
        assert found.format == export.format or columns is not None
        assert len(export.cells) == len(export.row) == len(export.ragged) == len(export.empty)
        assert not export.cells.isna().any(axis=None)
        assert all(len(mark.where) == len(export) for mark in export.marks)
        assert (export.cells[export.ragged] == "").all(axis=None) or not export.ragged.any()


@SETTINGS
@given(st.binary(max_size=400), st.sampled_from(["export.csv", "export.zip", "export.xlsx", "export.dta", "export"]))
def test_any_bytes(content, name):
    tried(content, name)


@SETTINGS
@given(
    st.sampled_from(
        [b"PK\x03\x04", b"PK\x05\x06", b"$FL2@(#)", b"PAR1\x15", b"<stata_dta>", b"q\x02\x01", b"\xff\xfe"]
    ),
    st.binary(max_size=300),
)
def test_any_bytes_behind_the_mark_of_a_format(mark, content):
    tried(mark + content)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FILES), st.data())
def test_any_example_damaged_anywhere(path, data):
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        change = data.draw(st.binary(max_size=3))
        raw[at : at + data.draw(st.integers(0, 3))] = change
    cut = data.draw(st.one_of(st.none(), st.integers(1, max(1, len(raw)))))
    tried(bytes(raw[:cut]), f"export{path.suffix}")


@SETTINGS
@given(
    st.sampled_from(TEXTS),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman", "latin-1"]),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_no_encoding_separator_or_quoting_changes_what_is_read(path, encoding, delimiter, quoting, end):
    """Read anew in any form, the export gives the same cells, or an error that says why not."""
    form = {"qualtrics_words.tsv": ("utf-16", "\t"), "surveymonkey_condensed.csv": ("mac_roman", ","),
            "surveymonkey_windows.csv": ("cp1252", ",")}.get(path.name)  # fmt: skip
    quoting = csv.QUOTE_ALL if end == "\r" else quoting  # else python leaves a line feed in a cell bare
    old, mark = form or ("utf-8-sig", ";" if path.read_bytes().count(b'";"') > 5 else ",")
    rows = [row for row in csv.reader(io.StringIO(path.read_text(encoding=old), newline=""), delimiter=mark) if row]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "export.csv"
        other.write_bytes(out.getvalue().encode(encoding, errors="replace"))
        if detect(path).format not in TOOLS:
            return
        assert detect(other).format == detect(path).format
        names = [one.name for one in describe(path).columns if one.name.isascii() and one.kind != "text"]
        expected = read_columns(path, path.name, None, names).cells
        try:
            found = read_columns(other, "export.csv", None, names).cells
        except ConnectednessError:
            assert encoding in ("cp1252", "mac_roman", "latin-1")
            return
    plain = expected.map(lambda text: text if text.isascii() else "")
    assert found.where(expected.map(str.isascii), "").equals(plain)


HEADERS = st.sampled_from(
    [
        ["Timestamp", "a"],
        ["id", "submitdate", "lastpage", "startlanguage", "Q[SQ1]", "Q[SQ2]"],
        ["ID", "Start time", "Completion time", "a", "a"],
        ["record_id", "redcap_event_name", "f___1", "f___2", "f_complete"],
        ["Respondent ID", "Collector ID", "Start Date", "q", "", ""],
        ["StartDate", "EndDate", "Status", "Finished", "ResponseId", "RecordedDate", "Q1"],
        ["Record ID", "Event Name", "F? (choice=A)", "F? (choice=B)", "Complete?"],
    ]
)
CELL = st.one_of(
    st.sampled_from(["", "Response", "0", "1", "A;B;", "1,3", "-99", "R_abcdefgh", '{"ImportId":"QID1"}', "N/A",
                     "'=1", "2026/10/06 9:00:41 AM GMT-3", "13/10/2026 09:00", "99/99/9999 99:99", "[not completed]"]),
    st.text(max_size=5),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(HEADERS, st.lists(st.lists(CELL, max_size=8), max_size=6), st.sampled_from(TOOLS))
def test_any_cells_under_the_header_of_any_tool(header, rows, tool):
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    content = out.getvalue().encode("utf-8", errors="replace")
    tried(content)
    tried(
        codecs.BOM_UTF8 + content, columns=ColumnMap.model_validate({"format": tool, "items": {"a": "a", "b": "f___1"}})
    )


def test_a_declared_order_of_day_and_month_holds_for_any_table(small):
    small.rows(answer("s1", submitted="06/10/2026 09:00"))
    assert small.ingest().responses["submitted_at"].isna().all()
    small.map["dates"] = "day_first"
    assert small.ingest().responses["submitted_at"].dt.strftime("%m-%d").tolist() == ["10-06"]


def test_which_dash_or_quotation_mark_was_drawn_does_not_count(small):
    small.map["items"] = {"sm_a": {"column": "sm_a", "codes": {"Don't know - really": 3}}}
    small.rows(answer("s1", sm_a="Don\u2019t know \u2013 really"), answer("s2", sm_a="don\u02bct  KNOW \u2014 really"))
    assert small.ingest().responses["sm_a"].tolist() == [3, 3]


def test_files_that_label_the_codes_of_an_item_in_two_ways_are_named(small):
    import pyreadstat

    for name, label in (("a.sav", "Never"), ("b.sav", "Always")):
        frame = pd.DataFrame(
            {"token": [name], "school": ["001"], "grade": ["7"], "submitted": ["2026-10-06"], "sm_a": [1]}
        )
        path = small.put(name, b"")
        pyreadstat.write_sav(frame, path, variable_value_labels={"sm_a": {1: label}})
    small.map["items"] = {"sm_a": "sm_a"}
    found = small.ingest()
    assert found.account["labels"] == {"sm_a": {"1": "Never"}}
    assert any("b.sav gives the codes of sm_a other labels" in note for note in found.account["notes"])
