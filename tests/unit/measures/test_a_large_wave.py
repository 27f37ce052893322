"""A hundred thousand students at once."""

import time

import numpy as np
import pytest
from unit.measures.small_survey import answers_of, make_project, make_roster, one

from connectedness.measures import estimate_wave


@pytest.mark.long
def test_a_hundred_thousand_students_in_two_hundred_schools_take_seconds(tmp_path):
    rng = np.random.default_rng(7)
    roster = make_roster(rng, 100_000, schools=200)
    responses, scores = answers_of(rng, roster)
    project = make_project(tmp_path)
    before = estimate_wave(project, "w1", responses, scores, roster)
    start = time.perf_counter()
    table = estimate_wave(project, "w2", responses, scores, roster, before)
    assert time.perf_counter() - start < 10  # a third of a second on two quiet cores
    assert one(table, unit_type="district", measure="response_rate")["eligible"] == 100_000
