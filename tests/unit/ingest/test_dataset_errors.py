"""A file that does not hold stops the wave, in words that say what to do."""

from __future__ import annotations

import pytest
from unit.ingest.small_survey import HEADER, ITEMS, answer, as_csv

from connectedness.errors import ContractError, DeclarationError

GOOD = as_csv([answer("s1"), answer("s2")])


def stopped(small, *parts: str) -> ContractError:
    with pytest.raises(ContractError) as raised:
        small.ingest()
    said = str(raised.value)
    for part in parts:
        assert part in said, said
    assert raised.value.exit_code == 11
    return raised.value


def test_no_file(small):
    stopped(small, "no file matches", "inbox/w2/*")


def test_a_roster_that_is_not_there(small):
    small.survey["roster"] = {"file": "inbox/{wave}/list.csv"}
    small.rows(answer())
    stopped(small, "inbox/w2/list.csv", "roster of wave w2 is not there")


@pytest.mark.parametrize("content", ["", "\ufeff", " \n\n"])
def test_an_empty_file(small, content):
    small.put("export.csv", content)
    stopped(small, "inbox/w2/export.csv", "empty")


@pytest.mark.parametrize("more", ["", "\n", "\n\n\n"])
def test_a_header_only(small, more):
    small.put("export.csv", ",".join(HEADER) + more)
    stopped(small, "export.csv", "a header and no rows")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_another_encoding_is_named_and_then_works(small, encoding):
    small.put("export.csv", as_csv([answer("sé1"), answer("s2")]).encode(encoding))
    stopped(small, "export.csv", f"encoding: {encoding}")
    small.map["encoding"] = encoding
    assert len(small.ingest().responses) == 2


def test_utf8_with_a_mark_is_utf8_whatever_the_map_says(small):
    small.map["encoding"] = "cp1252"
    small.put("export.csv", GOOD.encode("utf-8-sig"))
    assert len(small.ingest().responses) == 2


def test_an_encoding_or_delimiter_that_does_not_exist(small):
    small.rows(answer())
    small.map["encoding"] = "klingon"
    with pytest.raises(DeclarationError, match="encoding is not known"):
        small.ingest()
    small.map.update(encoding="utf-8", delimiter=";;")
    with pytest.raises(DeclarationError, match="one character"):
        small.ingest()


def test_zero_bytes(small):
    small.put("export.csv", GOOD.encode() + b"s3,00\x001,7,,4,4,4,4,4\n")
    error = stopped(small, "zero bytes", "again")
    assert error.line == 4


def test_a_missing_column(small):
    small.rows({name: value for name, value in answer().items() if name != "sm_c"})
    assert stopped(small, "missing from the file").column == "sm_c"


def test_a_renamed_column_is_told_from_a_missing_one(small):
    small.put("export.csv", GOOD.replace("sm_c", "SM C").replace("school", "schools"))
    stopped(small, "schools, which looks like the same one renamed", "sm_c (perhaps SM C)")


def test_a_file_with_another_separator(small):
    small.put("export.csv", GOOD.replace(",", ";"))
    stopped(small, "delimiter:", "semicolons")
    small.map["delimiter"] = ";"
    assert len(small.ingest().responses) == 2


def test_a_column_that_stands_twice(small):
    small.put("export.csv", GOOD.replace("sm_c", "sm_b"))
    error = stopped(small, "more than once")
    assert (error.column, error.found) == ("sm_b", "columns 6 and 7")


def test_columns_that_nobody_asked_for_may_stand_twice(small):
    small.put("export.csv", "x,x,,," + GOOD.replace("\n", "\n,,,,", 2).rstrip(","))
    assert len(small.ingest().responses) == 2


@pytest.mark.parametrize("tail", ['"s3,001,7', '"s3","001","7","2026', '"s3"x,001\n'])
def test_truncated_or_broken_quoting(small, tail):
    small.put("export.csv", GOOD + tail)
    assert stopped(small, "export.csv", "quote").line == 4


def test_a_file_cut_in_a_row_without_quotes_is_noted(small):
    small.put("export.csv", GOOD + "s3,00")
    found = small.ingest()
    assert "may have been cut short" in found.account["notes"][0]
    assert found.account["files"][0]["quarantined"] == 1


def test_answers_to_another_version_of_the_instrument(small):
    small.columns["instrument"] = "version"
    small.rows(answer("s1", version="small-survey@1"), answer("s2", version="small-survey@2"))
    error = stopped(small, "small-survey@2", "Allowed: small-survey@1")
    assert (error.row, error.column) == (3, "version")


def test_a_wrong_version_column_does_not_print_what_it_holds(small):
    small.columns["instrument"] = "name"
    small.rows(answer("s1", name="Ann Example"))
    assert "Ann" not in str(stopped(small, "another instrument"))


@pytest.mark.parametrize("kind", ["xlsx", "sav", "parquet"])
def test_text_that_is_called_something_else(small, kind):
    small.put(f"export.{kind}", GOOD)
    stopped(small, f"inbox/w2/export.{kind}", "cannot be read as", "text, or a damaged file")


def test_a_workbook_that_is_called_csv(small):
    small.put("export.csv", b"PK\x03\x04 and so on")
    stopped(small, "not a text file but an Excel workbook")


def test_an_old_or_locked_workbook(small):
    small.put("export.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    stopped(small, "old (.xls) or password-protected")


def test_an_ending_that_is_not_known(small):
    small.put("export.docx", b"PK\x03\x04")
    stopped(small, "this ending", ".docx")


def test_one_bad_file_stops_the_wave_and_is_named(small):
    small.rows(answer(), name="a.csv").put("b.csv", ",".join(HEADER))
    stopped(small, "inbox/w2/b.csv")


def test_without_school_column_and_roster_nothing_can_be_placed(small):
    del small.columns["school"]
    small.rows(answer())
    with pytest.raises(DeclarationError, match="which school"):
        small.ingest()


def test_texts_that_say_the_same_cannot_mean_two_codes(small):
    small.map["items"]["sm_a"] = {"column": "sm_a", "codes": {"Agree": 4, "agree ": 5}}
    small.rows(answer())
    with pytest.raises(DeclarationError, match="two codes"):
        small.ingest()


def test_an_error_never_shows_an_answer(small):
    small.put("export.csv", as_csv([answer("RAWTOKEN", sm_a="SECRET")]) + '"RAWTOKEN,SECRET')
    said = str(stopped(small, "quote"))
    assert "SECRET" not in said and "RAWTOKEN" not in said
    assert all(item not in said for item in ITEMS)


def test_a_file_without_a_header_does_not_show_its_first_student(small):
    small.put("export.csv", "RAWTOKEN,001,7,,4,4,4,4,4\nT2,001,7,,4,4,4,4,4\n")
    said = str(stopped(small, "Row 1 has no column that is known"))
    assert "RAWTOKEN" not in said
