"""What comes out of a wave does not depend on how many rows are read at a time."""

from __future__ import annotations

import sys
import tempfile
import tracemalloc
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from unit.ingest.exports import EXAMPLES
from unit.ingest.small_survey import HEADER, ITEMS, KEY, SmallSurvey, answer, reasons

from connectedness.declare.project import open_project
from connectedness.errors import ConnectednessError
from connectedness.ingest import Ingested, describe, ingest_in_parts, ingest_wave
from connectedness.synth import make_district

SIZES = (1, 2, 7)
NAMES = sorted(
    path.relative_to(EXAMPLES).as_posix()
    for path in EXAMPLES.rglob("*.*")
    if path.suffix in (".csv", ".tsv", ".xlsx", ".sav", ".dta", ".zip") and "dictionary" not in path.name
)


def assert_same(one: Ingested, other: Ingested) -> None:
    assert one.account == other.account
    for name in ("responses", "roster", "rejected", "labels"):
        this, that = getattr(one, name), getattr(other, name)
        assert (this is None) == (that is None)
        if this is not None:
            assert_frame_equal(this, that)


def everywhere(project, wave: str, key: bytes, sizes=SIZES) -> Ingested:
    """Read with every size; all must give the same, or the same error."""
    try:
        whole = ingest_wave(project, wave, key)
    except ConnectednessError as error:
        for rows in sizes:
            with pytest.raises(ConnectednessError) as raised:
                ingest_wave(project, wave, key, rows=rows)
            assert str(raised.value) == str(error)
        raise
    for rows in sizes:
        assert_same(whole, ingest_wave(project, wave, key, rows=rows))
    return whole


def prepared(small: SmallSurvey):
    """The project of a small survey, declared but not read."""
    with suppress(ConnectednessError):
        small.ingest()
    return open_project(small.root)


@pytest.mark.parametrize("part", [0, 3])
@pytest.mark.parametrize("name", NAMES)
def test_every_example(small, name, part):
    path = EXAMPLES / name
    try:
        found = describe(path)
    except ConnectednessError:
        pytest.skip("this example needs a map to be read at all")
    names = [one.name for one in found.columns]
    once = [one for one in names if names.count(one) == 1]
    questions = [one.name for one in found.columns if one.kind == "question" and one.name in once] or once
    small.put(path.name, path.read_bytes())
    small.columns = {"school": next((one for one in once if "chool" in one), once[-1])}
    small.columns |= {role: one for role, one in found.roles.items() if role in ("submitted_at", "started_at")}
    small.survey["identity"] = {"token": next((one for one in once if "oken" in one or "tudent" in one), once[0])}
    small.map = {"items": dict(zip(ITEMS, (questions[part:] + questions)[:5], strict=False))}
    try:
        everywhere(prepared(small), "w2", KEY)
    except ConnectednessError:
        return  # the same error, whatever the size


def test_a_made_district(tmp_path):
    project = open_project(make_district(tmp_path / "d", students=600, schools=6, waves=1))
    found = everywhere(project, project.survey.waves[0].id, b"k" * 32, (17, 100))
    assert len(found.responses) > 300 and found.rejected["rule"].nunique() > 2


CELL = st.sampled_from(["", "1", "5", "6", "no", "s1", "s2", "001", "7", "2025-10-07 10:00", "2026-10-07 10:00"])
ROW = st.lists(CELL, min_size=len(HEADER) - 1, max_size=len(HEADER) + 1)


@settings(max_examples=12, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=9), st.lists(ROW, max_size=4), st.booleans())
@pytest.mark.long
def test_any_rows_in_two_files(rows, more, twice):
    with tempfile.TemporaryDirectory() as folder:
        small = SmallSurvey(Path(folder))
        lines = [",".join(one) for one in (HEADER, *rows)]
        small.put("a.csv", "\n".join(lines))
        small.put("b.csv", "\n".join(lines if twice else [",".join(one) for one in (HEADER, *more)]))
        try:
            everywhere(prepared(small), "w2", KEY)
        except ConnectednessError:
            return


def test_parts_from_a_folder_are_the_wave_and_leave_nothing_behind(small, tmp_path):
    rows = [answer(f"s{i % 9}", sm_a=str(i % 7), submitted=f"2026-10-{5 + i % 12:02} 09:00") for i in range(40)]
    whole = small.rows(*rows).ingest()
    parts: list[pd.DataFrame] = []
    found = ingest_in_parts(open_project(small.root), "w2", KEY, parts.append, tmp_path, rows=6)
    assert_frame_equal(pd.concat(parts, ignore_index=True), whole.responses)
    assert len(parts) == 7 and found.responses.empty and list(found.responses) == list(whole.responses)
    assert found.account == whole.account and not any(tmp_path.glob("*.parquet"))


def test_an_empty_cell_is_not_asked_where_the_last_row_tells_so(small):
    small.map["format"] = "qualtrics"
    head = {name: name for name in answer()}
    ids = {name: '{"ImportId":"' + name + '"}' for name in head}
    rows = [answer(f"s{i}", sm_a="") for i in range(5)]
    assert small.rows(head, ids, *rows).ingest().responses["sm_a"].tolist() == [-1] * 5
    small.rows(head, ids, *rows, answer("s9", sm_b="-99"))
    found = everywhere(prepared(small), "w2", KEY)
    assert found.responses["sm_a"].tolist() == [-2] * 5 + [4]


def test_the_order_of_day_and_month_is_told_by_any_row(small):
    small.map["format"] = "google_forms"
    small.columns["submitted_at"] = "Timestamp"
    rows = [answer(f"s{i}", Timestamp=f"10/{day}/2026 9:00:00") for i, day in enumerate([6, 7, 8, 20])]
    for row in rows:
        del row["submitted"]
    names = ("Timestamp", *(name for name in rows[0] if name != "Timestamp"))
    small.rows(*({name: row[name] for name in names} for row in rows))
    found = everywhere(prepared(small), "w2", KEY)
    assert found.responses["submitted_at"].dt.strftime("%m-%d").tolist() == ["10-06", "10-07", "10-08", "10-20"]


def test_a_refusal_in_the_last_chunk_reaches_back_to_the_first(small):
    small.columns["participation_consent"] = {"column": "may", "agreed": ["yes"]}
    times = iter(f"2026-10-06 09:{i:02}" for i in range(20))
    rows = [answer(f"s{i}", may="yes", submitted=next(times)) for i in range(8)]
    small.rows(*rows, answer("s0", may="no", submitted=next(times)))
    found = everywhere(prepared(small), "w2", KEY)
    assert reasons(found, "excluded") == [(2, "no_consent"), (10, "no_consent")] and len(found.responses) == 7


def test_the_teller_hears_of_every_byte(small):
    small.rows(*(answer(f"s{i}") for i in range(20)), name="a.csv").rows(answer("t"), name="b.csv")
    told: list[tuple[int, int]] = []
    project = prepared(small)
    ingest_wave(project, "w2", KEY, tell=lambda done, of: told.append((done, of)), rows=3)
    size = sum(path.stat().st_size for path in (small.root / "inbox" / "w2").iterdir())
    assert told == sorted(told) and told[-1] == (size, size) and {of for _, of in told} == {size}


def test_no_raw_text_is_in_what_is_kept(small, monkeypatch):
    from connectedness.ingest import wave

    seen = []
    keep = wave.keep
    monkeypatch.setattr(wave, "keep", lambda *given: seen.append(keep(*given)) or seen[-1])
    small.rows(*(answer(f"RAWTOKEN{i}", sm_a="4" if i else "RAWANSWER") for i in range(5)))
    small.ingest()
    assert seen and not any("RAWTOKEN" in str(astuple(one)) for one in seen)


@pytest.mark.long
def test_memory_grows_with_the_keys_of_rows_and_not_with_their_text(small, tmp_path, monkeypatch):
    # The first look at a file takes the same of any large one.
    monkeypatch.setattr(sys.modules["connectedness.ingest.detect"], "_HEAD_BYTES", 100_000)

    def peak(rows: int) -> int:
        lines = [",".join(answer(f"student-{i:07}", sm_a=str(i % 5 + 1)).values()) for i in range(rows)]
        small.put("export.csv", "\n".join([",".join(answer()), *lines]))
        project = prepared(small)
        del lines
        tracemalloc.start()
        try:
            ingest_in_parts(project, "w2", KEY, lambda part: None, tmp_path, rows=2_000)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = peak(20_000), peak(200_000)
    # Two words of its pseudonym, a time and an outcome are kept of a row, and sorted at the end; the nine texts of a
    # row in this file would take more than 500 bytes.
    assert many - few < 180_000 * 130
