"""An export that grows under new names: each submission counts once, and none of its copies is bad."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from unit.ingest.small_survey import KEY, SmallSurvey, answer, reasons

from connectedness.declare.project import open_project
from connectedness.errors import ConnectednessError
from connectedness.ingest import ingest_wave


def week(first, last, **more):
    return [answer(f"s{i}", rid=f"R_{i}", **more) for i in range(first, last)]


def of(found, name):
    one = next(one for one in found.account["files"] if one["file"] == name)
    return one["accepted"], one["quarantined"], one["excluded"]


def test_the_second_week_holds_the_first_again(small):
    small.columns["response_id"] = "rid"
    found = small.rows(*week(0, 40), name="a.csv").rows(*week(0, 80), name="b.csv").ingest()
    assert of(found, "a.csv") == (0, 0, {"exported_again": 40}) and of(found, "b.csv") == (80, 0, {})
    assert found.account["notes"] == [
        "a.csv: 40 of 40 rows are submissions that a later export, or a later row, holds again; each counts once, as "
        "it stands last."
    ]


def test_without_a_response_id_time_and_answers_tell(small):
    later = {"submitted": "2026-10-07 09:00"}
    small.rows(answer("s1"), answer("s2"), answer("s3"), name="a.csv")
    found = small.rows(answer("s1"), answer("s2", sm_a="1"), answer("s3", **later), name="b.csv").ingest()
    assert of(found, "a.csv") == (0, 2, {"exported_again": 1}) and of(found, "b.csv") == (3, 0, {})
    assert reasons(found) == [(3, "duplicate"), (4, "duplicate")]


def test_a_true_second_answer_is_a_duplicate_however_often_it_is_exported(small):
    small.columns["response_id"] = "rid"
    first = answer("s1", rid="R_1", sm_a="1")
    second = answer("s1", rid="R_2", sm_a="2", submitted="2026-10-08 09:00")
    small.rows(first, second, name="a.csv")
    found = small.rows(first, second, *week(5, 6), name="b.csv").ingest()
    assert of(found, "a.csv") == (0, 0, {"exported_again": 2}) and of(found, "b.csv") == (2, 1, {})
    assert reasons(found) == [(2, "duplicate")] and found.responses["sm_a"].tolist() == [2, 4]


def test_the_latest_state_of_a_submission_counts(small):
    small.columns["response_id"] = "rid"
    found = (
        small.rows(answer(rid="R_1", sm_a=""), name="a.csv").rows(answer(rid="R_1", sm_a="5"), name="b.csv").ingest()
    )
    assert found.responses["sm_a"].tolist() == [5] and of(found, "a.csv")[2] == {"exported_again": 1}


def test_a_bad_row_is_bad_once_and_a_good_one_is_not_lost_to_it(small):
    small.columns["response_id"] = "rid"
    bad = dict.fromkeys(("sm_a", "sm_b", "sm_c", "sm_d"), "6")
    always, spoilt = answer("s1", rid="R_1", **bad), answer("s2", rid="R_2")
    small.rows(always, spoilt, name="a.csv").rows(always, spoilt | bad, *week(5, 7), name="b.csv")
    found = small.ingest()
    assert of(found, "a.csv") == (1, 0, {"exported_again": 1}) and of(found, "b.csv") == (2, 2, {})
    assert {rule for _, rule in reasons(found)} == {"too_many_bad_items"}
    assert len(found.rejected) == 3


ROWS = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.sampled_from(["", "R1", "R2"]), st.sampled_from("126"), st.sampled_from("678")
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=15, deadline=None)
@given(ROWS, st.integers(0, 8), st.booleans())
def test_a_growing_export_comes_to_the_same_as_its_last_state(rows, cut, with_ids):
    """Whatever the chunks; and every row is accounted for, or reading would have stopped."""
    whole = [
        answer(token, rid=token + rid if rid else "", sm_a=code, sm_b=code, sm_c=code, sm_d=code,
               submitted=f"2026-10-0{day} 09:00")
        for token, rid, code, day in rows
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        grown, last = SmallSurvey(Path(one)), SmallSurvey(Path(two))
        for small in (grown, last):
            if with_ids:
                small.columns["response_id"] = "rid"
            small.rows(*whole, name="b.csv")
        if whole[:cut]:
            grown.rows(*whole[:cut], name="a.csv")
        found = grown.ingest()
        columns = ["respondent", "sm_a", "sm_b", "submitted_at"]
        assert_frame_equal(
            found.responses.sort_values(columns)[columns].reset_index(drop=True),
            last.ingest().responses.sort_values(columns)[columns].reset_index(drop=True),
        )
        for size in (1, 3):
            with suppress(ConnectednessError):
                again = ingest_wave(open_project(grown.root), "w2", KEY, rows=size)
                assert_frame_equal(again.responses, found.responses)
                assert_frame_equal(again.rejected, found.rejected)
                assert again.account == found.account
