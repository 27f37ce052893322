"""Text is decoded and parted as it streams: what stands on the border of two pieces, and what is broken late."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from connectedness.errors import ContractError
from connectedness.ingest import encodings, text_file
from connectedness.ingest.csv_file import csv_chunks, read_csv


@pytest.fixture(params=[1, 2, 3, 7])
def pieces(request, monkeypatch):
    """Read a few bytes at a time."""
    monkeypatch.setattr(encodings, "PIECE", 64)
    start = encodings._text_start

    def small(path, file):
        found = start(path, file)
        monkeypatch.setattr(encodings, "PIECE", request.param)
        return found

    monkeypatch.setattr(encodings, "_text_start", small)


def read(tmp_path, content: bytes, encoding: str | None = "utf-8") -> list[list[str]]:
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    return read_csv(
        path, "export.csv", lambda header: {n: i for i, n in enumerate(header)}, encoding
    ).cells.values.tolist()


def stopped(tmp_path, content: bytes, encoding: str | None = "utf-8") -> ContractError:
    with pytest.raises(ContractError) as raised:
        read(tmp_path, content, encoding)
    assert raised.value.file == "export.csv"
    return raised.value


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_on_a_border(tmp_path, pieces, end):
    text = end.join(["a,b", f'"é{end}1",2', "3,4", ""])
    assert read(tmp_path, text.encode()) == [[f"é{end}1", "2"], ["3", "4"]]


@pytest.mark.parametrize(
    ("codec", "declared"),
    [("utf-8", "utf-8"), ("utf-8-sig", "cp1252"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16"), ("utf-16", None),
     ("utf-8-sig", None), ("utf-8", None), ("cp1252", None), ("cp1252", "cp1252"), ("utf-32", "utf-32")],
)  # fmt: skip
def test_letters_of_several_bytes_on_a_border(tmp_path, pieces, codec, declared):
    rows = [["à l’école", "œ"], ["élève", "ça"]]
    text = "a,b\r\n" + "".join(",".join(row) + "\r\n" for row in rows)
    assert read(tmp_path, text.encode(codec), declared) == rows


def test_a_quoted_line_break_on_the_border_of_two_chunks(tmp_path):
    (tmp_path / "e.csv").write_bytes(b'a,b\n1,"x\ny"\n2,"\n\n"\n3,z\n\n4,\n\n\n')
    for rows in (1, 2, 7):
        chunks = list(csv_chunks(tmp_path / "e.csv", "e.csv", lambda header: {"a": 0, "b": 1}, rows=rows))
        cells = [cell for one in chunks for cell in one.text("b")]
        assert cells == ["x\ny", "", "z", "", ""]
        assert [row for one in chunks for row in one.row.tolist()] == [2, 3, 4, 5, 6]
        assert [place for one in chunks for place in one.row[one.empty].tolist()] == [5]
        assert chunks[-1].share == 1.0 and max(map(len, chunks)) == min(rows, 5)


def test_a_row_cut_short_is_told_of_by_the_last_chunk_only(tmp_path):
    (tmp_path / "e.csv").write_text("a,b\n1\n2,3\n4\n")
    chunks = list(csv_chunks(tmp_path / "e.csv", "e.csv", lambda header: {"a": 0}, rows=1))
    assert [one.note is not None for one in chunks] == [False, False, True]
    assert [bool(one.ragged[0]) for one in chunks] == [True, False, True]


LINES = 200_000
GOOD = b"".join(b"%d,word\n" % i for i in range(LINES))


@pytest.mark.parametrize(
    ("late", "said"),
    [(b"1,\xff\n", "encoding utf-8"), (b"1,x\0y\n", "zero bytes"), (b'1,"x"y\n', "quote marks"), (b'1,"x\n', "quote")],
)
def test_what_is_broken_late_in_a_file_is_told_with_its_line(tmp_path, late, said):
    error = stopped(tmp_path, b"a,b\n" + GOOD + late)
    assert said in error.problem and error.line == LINES + 2


def test_bytes_that_no_encoding_fits_are_told_without_one(tmp_path):
    assert "which encoding" in stopped(tmp_path, b"a,b\n" + GOOD + b"1,\x81\x9d\xff\n", None).problem


def peak(read_it) -> int:
    tracemalloc.start()
    try:
        read_it()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("start", [b'"', b""])
@pytest.mark.parametrize("filling", [b"x", b"x\n"])
def test_a_cell_of_100_mb_stops_in_little_memory(tmp_path, start, filling):
    if not start and b"\n" in filling:
        pytest.skip("these are rows")
    path = tmp_path / "export.csv"
    path.write_bytes(b"a,b\n1,2\n3," + start + filling * (100_000_000 // len(filling)) + b"\n")

    def fails() -> None:
        with pytest.raises(ContractError, match="longer than any answer is") as raised:
            for _ in csv_chunks(path, "export.csv", lambda header: {"a": 0}):
                pass
        assert raised.value.line is not None and raised.value.line >= 3

    assert peak(fails) < 60_000_000


def test_ten_thousand_columns_are_read_in_little_memory(tmp_path):
    wide = ",".join(f"c{i}" for i in range(10_000)).encode() + b"\n"
    path = tmp_path / "export.csv"
    path.write_bytes(wide + (b"1," * 9_999 + b"2\n") * 1_000)
    found: list[str] = []

    def reads() -> None:
        for one in csv_chunks(path, "export.csv", lambda header: {"last": 9_999}):
            found.extend(one.text("last"))

    # A million cells at a time, not ten.
    assert peak(reads) < 60_000_000
    assert found == ["2"] * 1_000


def test_lines_are_those_of_python_whatever_the_pieces(monkeypatch):
    text = "a\r\nb\rc\n\n\r\r\nd\x0b\u2028e\n\rf"
    file = text_file.TextFile.__new__(text_file.TextFile)
    expected = list(io.StringIO(text, newline=""))
    for size in range(1, len(text) + 1):
        cut = [text[i : i + size] for i in range(0, len(text), size)]
        monkeypatch.setattr(text_file.TextFile, "_pieces", lambda self, cut=cut: iter(cut))
        assert list(file.lines()) == expected
