"""Times that cannot be read: a note says what to do, and the wave stops where one of them had to decide."""

from __future__ import annotations

import pytest
from unit.ingest.small_survey import answer

from connectedness.errors import ContractError

FIRST, LAST = "10/06/2026 09:00", "10/07/2026 09:00"


def test_the_note_says_what_to_do(small):
    found = small.rows(answer("s1", submitted=FIRST), answer("s2", submitted=LAST)).ingest()
    assert found.account["notes"] == [
        "export.csv: 2 rows have a time in submitted that is not written as 2026-10-05 14:30, and was not read: write "
        "dates: month_first or day_first in the column map."
    ]
    small.map["dates"] = "month_first"
    assert small.ingest().account["notes"] == []


def test_a_time_that_had_to_decide_stops_the_wave_and_a_declared_order_mends_it(small):
    small.rows(answer("s1", submitted=LAST, sm_a="1"), answer("s1", submitted=FIRST, sm_a="2"), answer("s2"))
    small.ingest()  # one time of the file was read, so its dates are no matter of order alone
    small.rows(answer("s1", submitted=LAST, sm_a="1"), answer("s1", submitted=FIRST, sm_a="2"))
    with pytest.raises(ContractError) as stopped:
        small.ingest()
    assert "1 student who answered more than once" in stopped.value.found
    assert stopped.value.todo.startswith("Write dates: month_first or day_first in the column map")
    small.map["dates"] = "month_first"
    assert small.ingest().responses["sm_a"].tolist() == [1]


def test_between_two_files_too_but_not_for_the_same_submission_again(small):
    small.rows(answer("s1", submitted=FIRST), name="a.csv")
    assert len(small.rows(answer("s1", submitted=FIRST), answer("s2"), name="b.csv").ingest().responses) == 2
    small.rows(answer("s1", sm_a="1"), name="b.csv")
    with pytest.raises(ContractError, match=r"a\.csv"):
        small.ingest()


def test_without_any_time_the_order_of_rows_counts_as_before(small):
    found = small.rows(answer("s1", submitted="", sm_a="1"), answer("s1", submitted="", sm_a="2")).ingest()
    assert found.responses["sm_a"].tolist() == [2]
