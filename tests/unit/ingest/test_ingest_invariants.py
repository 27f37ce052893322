"""What holds of every file, however strange."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from unit.ingest.small_survey import HEADER, ITEMS, SmallSurvey, answer

from connectedness.errors import ConnectednessError
from connectedness.ingest import Ingested

SETTINGS = settings(max_examples=60, deadline=None)
CELL = st.one_of(
    st.sampled_from(["", "1", "5", "6", "9", "NA", "s1", "s2", "001", "7", "2025-10-07 10:00", "2026-10-07 10:00"]),
    st.text(max_size=6),
)
ROW = st.lists(CELL, min_size=len(HEADER) - 1, max_size=len(HEADER) + 1)


def ingest(content: bytes, change=lambda small: None) -> Ingested:
    with tempfile.TemporaryDirectory() as folder:
        small = SmallSurvey(Path(folder))
        change(small)
        small.put("export.csv", content)
        return small.ingest()


def adds_up(found: Ingested) -> bool:
    lines = found.rejected
    for file in found.account["files"]:
        here = lines[(lines["file"] == file["file"]) & (lines["table"] == "responses")]
        accepted = found.responses[found.responses["source"] == file["file"]]
        rows = sorted([*here["row"], *accepted["source_row"]])
        if rows != list(range(2, file["rows"] + 2)):
            return False
        if file["accepted"] + file["quarantined"] + sum(file["excluded"].values()) != file["rows"]:
            return False
    return True


@SETTINGS
@given(st.binary(max_size=300))
@example(b'token,school,grade,submitted,sm_a,sm_b,sm_c,sm_d,sm_e\n"')
def test_any_bytes_give_rows_or_a_plain_error(content):
    head = (",".join(HEADER) + "\n").encode()
    for whole in (content, head + content):
        try:
            found = ingest(whole)
        except ConnectednessError:
            continue
        assert adds_up(found)


@SETTINGS
@given(st.sampled_from(["xlsx", "sav", "parquet"]), st.binary(max_size=200))
def test_any_bytes_called_a_workbook_or_spss_give_a_plain_error(kind, content):
    with tempfile.TemporaryDirectory() as folder:
        small = SmallSurvey(Path(folder))
        small.put(f"export.{kind}", {"xlsx": b"PK\x03\x04", "sav": b"$FL2@(#)", "parquet": b"PAR1"}[kind] + content)
        try:
            small.ingest()
        except ConnectednessError as error:
            assert "export." in str(error)
            return
        raise AssertionError("a damaged file was read")


@SETTINGS
@given(st.lists(ROW, min_size=1, max_size=12), st.booleans(), st.booleans())
def test_every_row_is_accounted_for_once(rows, anonymous, roster):
    text = io.StringIO()
    csv.writer(text).writerows([list(HEADER), *rows])

    def change(small: SmallSurvey) -> None:
        if anonymous:
            del small.survey["identity"]
        if roster:
            small.roster({"token": "s1", "school": "001", "grade": "7"}, {"token": "s2", "school": "002", "grade": "x"})

    try:
        found = ingest(text.getvalue().encode(), change)
    except ConnectednessError:
        return
    assert adds_up(found)
    allowed = {1, 2, 3, 4, 5, -1, -2, -3, -4}
    assert set(found.responses[list(ITEMS)].to_numpy().ravel()) <= allowed
    assert found.responses["respondent"].is_unique
    json.dumps(found.account)


PERSONAL = st.text(alphabet="bcdfghjklmnpqrstvwxz", min_size=8, max_size=12).map(str.upper)


@SETTINGS
@given(st.lists(st.tuples(PERSONAL, PERSONAL, PERSONAL), min_size=2, max_size=6, unique_by=lambda one: one[0]))
def test_no_token_name_or_email_is_anywhere_in_what_leaves_the_room(people):
    with tempfile.TemporaryDirectory() as folder:
        small = SmallSurvey(Path(folder))
        rows = [
            answer(token, name=name, email=f"{mail}@x.ca", ip="10.9.8.7", sm_a=name if i % 2 else "3")
            for i, (token, name, mail) in enumerate(people)
        ]
        rows += [answer(people[0][0], name="n", email="e", ip="i"), answer("", name=people[0][1], email="", ip="")]
        small.rows(*rows).roster(*({"token": t, "school": "001", "grade": "7", "name": n} for t, n, _ in people[1:]))
        found = small.ingest()
    frames = [found.responses, found.roster, found.rejected]
    everything = " ".join([frame.to_csv() + " ".join(frame.columns) for frame in frames]) + json.dumps(found.account)
    everything = everything.upper()
    for person in people:
        assert not any(part in everything for part in person)
    assert "10.9.8.7" not in everything and "@X.CA" not in everything


@SETTINGS
@given(st.permutations(["s1", "s2", "s3", "s4"]))
def test_a_students_pseudonym_does_not_depend_on_the_file(order):
    def one(tokens: list[str]) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            return SmallSurvey(Path(folder)).rows(*map(answer, tokens)).ingest().responses["respondent"].tolist()

    plain = dict(zip(["s1", "s2", "s3", "s4"], one(["s1", "s2", "s3", "s4"]), strict=True))
    assert one(order) == [plain[token] for token in order]
    assert len(set(plain.values())) == 4
