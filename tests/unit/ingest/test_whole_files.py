"""A file does not vanish without a word, and one of another time is not taken for this wave's."""

from __future__ import annotations

import pytest
from unit.ingest.small_survey import ITEMS, answer, reasons

from connectedness.errors import ContractError


def stopped(small) -> ContractError:
    with pytest.raises(ContractError) as raised:
        small.ingest()
    return raised.value


@pytest.mark.parametrize("key", ["complete", "participation_consent", "assent", "opt_out"])
def test_a_file_whose_rows_never_say_the_declared_value_stops_the_wave(small, key):
    small.columns[key] = {"column": "Finished", "agreed": ["True"]}
    small.rows(*(answer(f"s{i}", Finished="1") for i in range(8)))
    error = stopped(small)
    assert (error.file, error.column, error.found, error.allowed) == ("inbox/w2/export.csv", "Finished", "1", "True")
    assert "8 rows" in error.problem and f"{key}: agreed" in error.todo
    small.columns[key]["agreed"] = ["1"]
    assert len(small.ingest().responses) == 8


def test_values_that_few_rows_hold_are_counted_and_never_printed(small):
    small.columns["complete"] = {"column": "name", "agreed": ["True"]}
    small.rows(*(answer(f"s{i}", name="no" if i < 6 else f"Ann {i}") for i in range(9)))
    error = stopped(small)
    assert error.found == "no, and 3 other values" and "Ann" not in str(error)


def test_rows_left_out_already_or_without_an_answer_do_not_stop_the_wave(small):
    small.columns["complete"] = {"column": "Finished", "agreed": ["True"]}
    small.rows(answer("s1", Finished="0", **dict.fromkeys(ITEMS, "")))
    assert reasons(small.ingest(), "excluded") == [(2, "incomplete")]


def test_consent_that_no_row_gives_is_said_when_sensitive_answers_would_be_lost(small):
    small.survey["modules"] = ["private"]
    small.map["items"]["sm_private"] = "sm_private"
    small.columns["consent"] = {"column": "may", "agreed": ["yes"]}
    rows = [answer(f"s{i}", may="oui", sm_private="4") for i in range(6)]
    error = stopped(small.rows(*rows))
    assert (error.column, error.found, error.allowed) == ("may", "oui", "yes")
    rows[0]["may"] = "yes"
    found = small.rows(*rows).ingest()
    assert found.responses["sm_private"].tolist() == [4, -2, -2, -2, -2, -2]


def test_sensitive_items_that_nobody_answered_need_no_consent(small):
    small.survey["modules"] = ["private"]
    small.map["items"]["sm_private"] = "sm_private"
    small.columns["consent"] = {"column": "may", "agreed": ["yes"]}
    assert len(small.rows(answer("s1", may="no", sm_private="")).ingest().responses) == 1


def test_a_file_that_its_tool_calls_unfinished_throughout_stops_the_wave(small):
    small.map["format"] = "qualtrics"
    row = {name: f"{name} text" for name in ("Finished", *answer())}
    ids = {name: '{"ImportId":"' + name + '"}' for name in row}
    answers = [answer(f"s{i}", Finished="False") for i in range(3)]
    error = stopped(small.rows(row, ids, *answers))
    assert error.column == "Finished" and "3 rows" in error.problem and "keep: [incomplete]" in error.todo
    small.map["keep"] = ["incomplete"]
    assert len(small.ingest().responses) == 3


def test_a_reason_that_leaves_out_more_than_half_of_a_file_is_noted(small):
    small.columns["complete"] = {"column": "Finished", "agreed": ["True"]}
    rows = [answer(f"s{i}", Finished="False" if i else "True") for i in range(3)]
    (note,) = small.rows(*rows).ingest().account["notes"]
    assert "export.csv: 2 of 3 rows" in note and "incomplete" in note
    rows[1]["Finished"] = "True"
    assert small.rows(*rows).ingest().account["notes"] == []


def test_a_file_of_another_time_stops_the_wave(small):
    rows = [answer(f"s{i}", submitted="2026-03-06 09:00" if i < 3 else "2026-10-06 09:00") for i in range(5)]
    error = stopped(small.rows(*rows, answer("s9", submitted="")))
    assert "seems to be of another time: 3 of 5 rows were submitted outside" in error.problem
    assert error.column == "submitted" and error.found == "2026-03"
    assert error.allowed == "2026-10-05 to 2026-10-23, and 7 days before and after"


def test_some_rows_of_another_time_are_noted_and_a_week_of_grace_is_not(small):
    times = ["2026-09-28 00:01", "2026-10-30 23:59", "2026-09-27 23:59", "2026-10-31 00:01"]
    found = small.rows(*(answer(f"s{i}", submitted=time) for i, time in enumerate(times))).ingest()
    (note,) = found.account["notes"]
    assert "2 of 4 rows were submitted more than 7 days outside" in note
    assert len(found.responses) == 4


def test_a_wave_column_is_believed_whatever_the_time(small):
    small.columns["wave"] = "term"
    found = small.rows(answer("s1", term="w2", submitted="2024-01-01 10:00")).ingest()
    assert len(found.responses) == 1 and found.account["notes"] == []


def test_two_waves_in_one_file_are_told_apart_by_the_declared_windows(small):
    early = [answer(f"s{i}", sm_a="1", submitted=f"2025-10-0{i % 3 + 6}") for i in range(6)]
    late = [answer(f"s{i}", sm_a="5") for i in range(4)]
    found = small.rows(*early, *late).ingest()
    assert found.account["files"][0]["excluded"] == {"other_wave": 6}
    assert found.responses["sm_a"].tolist() == [5, 5, 5, 5]
    assert "6 of 10 rows" in found.account["notes"][0] and "other wave" in found.account["notes"][0]
