"""Files made to do harm, as exports and as rosters: a plain error or plain text, in little time and memory."""

from __future__ import annotations

import io
import socket
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.ingest.exports import EXAMPLES
from unit.ingest.roster_examples import RosterProject, files_of, levels, zipped

from connectedness.errors import ConnectednessError, ContractError
from connectedness.ingest.detect import detect
from connectedness.ingest.export import read_columns

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "'
    + "ha" * 50
    + '">'
    + "".join(
        f'<!ENTITY {after} "{("&" + before + ";") * 10}">' for before, after in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


def workbook(**changed: bytes) -> bytes:
    """A workbook of one row under a header, with parts replaced: `sheet1`, `workbook` or `styles`."""
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append(["x", "1"])
    plain, out = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            stem = Path(name).stem
            new.writestr(name, changed.get(stem, old.read(name)))
    return out.getvalue()


def with_entities(part: str, text: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        name = next(one for one in archive.namelist() if Path(one).stem == part)
        content = archive.read(name).decode()
    content = content[content.index("?>") + 2 :] if content.startswith("<?xml") else content
    return (text + content).encode()


@pytest.mark.parametrize("part", ["sheet1", "workbook", "styles"])
def test_entities_that_grow_to_gigabytes_are_not_expanded(tmp_path, part):
    path = tmp_path / "e.xlsx"
    content = with_entities(part, BOMB).decode()
    inside = {"sheet1": "<sheetData>", "workbook": "<sheets>", "styles": "<fonts"}[part]
    place = (
        content.index(inside) + len(inside) if inside.endswith(">") else content.index(">", content.index(inside)) + 1
    )
    path.write_bytes(workbook(**{part: (content[:place] + "&i;" + content[place:]).encode()}))
    tracemalloc.start()
    try:
        with pytest.raises(ContractError, match="cannot be read|damaged"):
            read_columns(path, "e.xlsx", None, ["a", "b"])
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def test_an_entity_that_names_a_file_is_not_opened(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("student 17")
    outside = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'
    plain = with_entities("sheet1", outside).decode()
    assert "<t>x</t>" in plain
    content = plain.replace("<t>x</t>", "<t>&a;</t>")
    path = tmp_path / "e.xlsx"
    path.write_bytes(workbook(sheet1=content.encode()))
    try:
        cells = read_columns(path, "e.xlsx", None, ["a", "b"]).cells
    except ContractError as error:
        assert "student 17" not in str(error)
    else:
        assert "student 17" not in cells.to_string()


def test_a_workbook_with_macros_and_links_asks_nobody_for_anything(monkeypatch):
    def nobody(*_, **__):
        raise AssertionError("a connection was asked for")

    monkeypatch.setattr(socket.socket, "connect", nobody)
    monkeypatch.setattr(socket, "create_connection", nobody)
    assert detect(EXAMPLES / "plain.xlsm").format == "xlsx"
    found = read_columns(EXAMPLES / "plain.xlsm", "plain.xlsm", None, ["token", "link"])
    assert found.cells["link"].tolist() == ["a formula without a value", "a formula without a value", ""]


@pytest.mark.parametrize("rows", ["1048576", "99999999999999999999"])
def test_a_sheet_that_says_it_has_a_million_rows_has_those_it_has(tmp_path, rows):
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    far = sheet.replace('ref="A1:B2"', f'ref="A1:XFD{rows}"')
    path = tmp_path / "e.xlsx"
    path.write_bytes(workbook(sheet1=far.encode()))
    assert read_columns(path, "e.xlsx", None, ["a"]).cells["a"].tolist() == ["x"]


# Rosters


@pytest.fixture
def roster(tmp_path):
    made = RosterProject(tmp_path)
    made.roster = {"file": "inbox/{wave}/roster.csv"}
    return made


def test_ten_thousand_columns_of_a_roster(roster):
    header = ",".join(["token", "school", "grade", *(f"c{i}" for i in range(10_000))])
    roster.put("roster.csv", f"{header}\ns1,001,7{',=1' * 10_000}\n".encode())
    found = roster.read()
    assert len(found.frame) == 1 and set(found.frame) == {"wave", "student", "school", "grade", "learning_mode"}


def test_one_field_of_a_hundred_megabytes_in_a_roster(roster):
    roster.put("roster.csv", b'token,school,grade\ns1,001,"' + b"7" * 100_000_000 + b'"\n')
    with pytest.raises(ContractError, match="longer than any answer"):
        roster.read()


def test_zero_bytes_in_a_roster(roster):
    roster.put("roster.csv", b"token,school,grade\ns1,001,7\n\0\0\0\n")
    with pytest.raises(ContractError):
        roster.read()


def test_formulas_in_a_roster_are_texts(roster):
    roster.survey["breakdowns"] = [{"id": "team", "levels": levels("@SUM(A1)", "+a")}]
    roster.put("roster.csv", b"token,school,grade,team\n=1+1,001,7,@SUM(A1)\n-2,001,7,+a\n")
    assert roster.read().frame["team"].tolist() == ["@SUM(A1)", "+a"]


@pytest.mark.parametrize("name", ["../users.csv", "/users.csv", "a/../../users.csv", "C:/users.csv", "..\\users.csv"])
def test_a_oneroster_zip_that_points_outside_writes_nothing_there(roster, name, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    roster.oneroster(changed={name: b"sourcedId\n"})
    with pytest.raises(ContractError, match="points outside"):
        roster.read()
    there = sorted(path for path in tmp_path.rglob("*") if path.suffix == ".csv")
    assert not [path for path in there if path not in before]


def test_a_oneroster_zip_with_a_bomb_in_a_file_that_is_not_even_read(roster):
    packed = zipped({**files_of("1.2"), "results.csv": b"0" * 120_000_000})
    roster.oneroster()
    roster.put("oneroster.zip", packed)
    with pytest.raises(ContractError, match="unpacks to far more"):
        roster.read()


MARKS = st.sampled_from([",", ";", "\t", "|"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"])
# Letters that one encoding has and no other takes for something as likely.
CELLS = st.text("abcXYZ 0123456789é=+-@'\"\n,;|", max_size=12)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6), mark=MARKS, encoding=ENCODINGS, quote=st.booleans()
)
def test_no_separator_encoding_or_quoting_changes_what_a_roster_says(tmp_path_factory, rows, mark, encoding, quote):
    import csv

    made = RosterProject(tmp_path_factory.mktemp("any"))
    made.roster = {"file": "inbox/{wave}/roster.csv"}
    made.survey["breakdowns"], made.schools = ["team"], ()
    out = io.StringIO(newline="")
    lines = csv.writer(out, delimiter=mark, quoting=csv.QUOTE_ALL if quote else csv.QUOTE_MINIMAL)
    lines.writerow(["token", "school", "grade", "team"])
    rows = rows * 10  # what few hold is unknown
    lines.writerows([f"s{i}", school.strip() or "x", "7", team] for i, (school, team) in enumerate(rows))
    made.put("roster.csv", out.getvalue().encode(encoding))
    try:
        found = made.read()
    except ConnectednessError as error:
        # Only that which of two older encodings it is cannot be known.
        assert encoding == "cp1252" and "encoding" in str(error)
        return
    assert found.frame["school"].tolist() == [school.strip() or "x" for school, _ in rows]
    assert found.frame["team"].tolist() == [team.strip() or "unknown" for _, team in rows]
