"""Zips: one export in it is read in memory; anything that would do harm is told, not opened."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from unit.ingest.exports import EXAMPLES, same_survey
from unit.ingest.small_survey import answer, as_csv

from connectedness.errors import ContractError
from connectedness.ingest import zipped
from connectedness.ingest.detect import detect
from connectedness.ingest.export import read_columns

CSV = as_csv([answer("s1"), answer("s2")])


def packed(tmp_path, **members: str | bytes):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refused(path, *words: str) -> ContractError:
    with pytest.raises(ContractError) as caught:
        detect(path)
    for word in words:
        assert word in str(caught.value), str(caught.value)
    assert "export.zip" in str(caught.value)
    return caught.value


def test_one_export_in_a_zip_is_read(small):
    path = packed(
        small.root, **{"answers/export.csv": CSV, "__MACOSX/._export.csv": "x", "answers/": "", "read me.pdf": "x"}
    )
    small.put("export.zip", path.read_bytes())
    found = small.ingest()
    assert len(found.responses) == 2 and found.account["files"][0]["file"] == "export.zip"


@pytest.mark.parametrize(
    "name",
    ["qualtrics_words.tsv", "microsoft_forms.xlsx", "labelled.sav", "labelled.dta", "surveymonkey_condensed.csv"],
)
def test_every_format_is_read_from_a_zip(tmp_path, name):
    path = packed(tmp_path, **{name: (EXAMPLES / name).read_bytes()})
    assert detect(path).format == detect(EXAMPLES / name).format
    assert "zip" in detect(path).why[0]
    header = {"labelled.sav": "home", "labelled.dta": "home", "qualtrics_words.tsv": "QID4_1"}.get(name, "Your school")
    expected = read_columns(EXAMPLES / name, name, None, [header]).cells
    assert read_columns(path, "export.zip", None, [header]).cells.equals(expected)


def test_a_dictionary_in_the_zip_explains_the_export_in_it(small):
    content = {name: (EXAMPLES / "redcap" / f"{name}.csv").read_bytes() for name in ("labels", "dictionary")}
    path = packed(small.root, **{f"{name}.csv": raw for name, raw in content.items()})
    small.put("export.zip", path.read_bytes())
    small.columns = {"token": "student", "school": "school"}
    small.map = {"items": {"sm_a": "home"}}
    assert small.ingest().responses["sm_a"].tolist() == [4, 2]


def test_nothing_stays_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    path = packed(tmp_path, **{"a.sav": (EXAMPLES / "labelled.sav").read_bytes()})
    read_columns(path, "export.zip", None, ["home"])
    assert list((tmp_path / "temp").iterdir()) == [] and {one.name for one in tmp_path.iterdir()} == {
        "temp",
        "export.zip",
    }


def test_two_exports_are_not_chosen_between(tmp_path):
    refused(packed(tmp_path, **{"a.csv": CSV, "b.csv": CSV}), "more than one file", "Found: 2 .csv files", "Unpack it")


def test_a_zip_with_nothing_in_it(tmp_path):
    refused(packed(tmp_path), "no export in this zip")
    refused(packed(tmp_path, **{"notes.pdf": "x"}), "no export in this zip")


@pytest.mark.parametrize("name", ["../../up.csv", "/etc/up.csv", "..\\up.csv", "C:/up.csv", "a/../../up.csv"])
def test_a_name_that_points_outside_is_refused(tmp_path, name):
    refused(packed(tmp_path, **{name: CSV}), "points outside")
    assert not (tmp_path.parent / "up.csv").exists()


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(zipped, "RATIO_COUNTS_FROM", 1_000_000)
    refused(packed(tmp_path, **{"a.csv": b"0" * 5_000_000}), "far more than its size")


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(tmp_path, monkeypatch):
    path = packed(tmp_path, **{"a.csv": b"0" * 5_000_000})
    raw = path.read_bytes().replace(struct.pack("<I", 5_000_000), struct.pack("<I", 50_000))
    path.write_bytes(raw)
    with pytest.raises(ContractError):
        detect(path)


def test_too_many_or_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(zipped, "MOST_MEMBERS", 3)
    refused(packed(tmp_path, **{f"{i}.csv": "a" for i in range(4)}), "far more than its size")
    monkeypatch.setattr(zipped, "MOST_BYTES", 10)
    refused(packed(tmp_path, **{"a.csv": CSV}), "far more than its size")


def test_a_locked_zip(tmp_path):
    path = packed(tmp_path, **{"a.csv": CSV})
    raw = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + at] |= 1
    path.write_bytes(bytes(raw))
    refused(path, "locked with a password")


def test_a_zip_in_a_zip(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", CSV)
    refused(packed(tmp_path, **{"inner.zip": inner.getvalue()}), "another zip in this zip")


def test_a_damaged_zip(tmp_path):
    path = packed(tmp_path, **{"a.csv": CSV * 50})
    raw = bytearray(path.read_bytes())
    raw[60:90] = bytes(30)
    path.write_bytes(bytes(raw))
    refused(path, "damaged")


def test_a_workbook_that_is_a_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(zipped, "RATIO_COUNTS_FROM", 1_000_000)
    path = packed(tmp_path, **{"[Content_Types].xml": "<x/>", "xl/workbook.xml": b" " * 5_000_000})
    refused(path, "far more than its size")


def test_a_wave_of_a_zip(small):
    small.survey.pop("identity")
    items = {"sm_a": "How is it here? [I feel at home]"}
    found = same_survey(small, "google_forms.csv.zip", {"school": "Your school"}, items)
    assert found.account["files"][0]["format"] == "google_forms"
