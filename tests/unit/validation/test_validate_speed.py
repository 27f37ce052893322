"""A large wave is checked in seconds."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from unit.validation import wave_examples as make
from unit.validation.contract_examples import contract

from connectedness.identity import pseudonyms
from connectedness.validation.validate import validate


@pytest.mark.long
def test_a_hundred_thousand_answers_to_forty_items_take_seconds():
    n, rng = 100_000, np.random.default_rng(1)
    table = make.answers(1).drop(columns=list(make.ITEMS)).loc[[0] * n].reset_index(drop=True)
    table["respondent"] = pd.Series(pseudonyms(map(str, range(n)), b"k" * 32, "speed"), dtype="str")
    table["source_row"] = np.arange(n) + 2
    codes = {f"q{i}": (-4, -3, -2, -1, 1, 2, 3, 4, 5) for i in range(40)}
    answers = {item: rng.integers(1, 6, n).astype("int16") for item in codes}
    table = pd.concat([table, pd.DataFrame(answers)], axis=1)
    table.loc[rng.choice(n, 3_000, replace=False), "q7"] = 77
    start = time.perf_counter()
    checked = validate(table, contract("responses"), name="responses", codes=codes, allowed={"school": ["a"]})
    elapsed = time.perf_counter() - start
    assert len(checked.quarantine) == 3_000 and len(checked.rows) == 97_000
    assert elapsed < 6
