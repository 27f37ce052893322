"""Emptying rows of a text changes nothing else, whatever is quoted, in whatever encoding and line ends."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectedness.lifecycle.emptying import emptied

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6)
TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=6)
)


@given(
    TABLES,
    st.sets(st.integers(1, 6)),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_only_these_records_areemptied(table, rows, delimiter, end, quoting):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(table)
    raw = text.getvalue().encode()
    written = emptied(raw, rows, delimiter)
    if written is None:  # the writer's text began as some other kind of file does
        return
    again = list(csv.reader(io.StringIO(written.decode(), newline=""), delimiter=delimiter, strict=True))
    width = len(table[0])
    assert again == [[""] * width if n in rows else row for n, row in enumerate(table, start=1)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "mac_roman"])
def test_other_rows_keep_their_bytes(encoding):
    raw = 'id,nom\r\n1,"Élodie, dite ""É"""\r\n2,Noël\r\n3,"deux\r\nlignes"\r\n'.encode(encoding)
    wanted = raw.replace("2,Noël".encode(encoding.removesuffix("-sig")), b",")
    assert emptied(raw, {3}, ",") == wanted


@pytest.mark.parametrize("raw", ["id,n\n1,2\n".encode("utf-16-le"), b"PK\x03\x04 a zip", b'id,n\n1,"cut'])
def test_what_is_no_such_text_is_left_alone(raw):
    assert emptied(raw, {2}, ",") is None
