"""Differential item functioning with and without a purified score, on made-up and real answers; purified.R made it.

Mantel's test is there the score test of an exact conditional logistic regression, another way to the same number.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from connectedness.psychometrics.dif import COLUMNS, dif

HERE = Path(__file__).parent
ANSWERS = pd.read_csv(HERE / "purified_answers.csv")
NAMES = ("scale", "item", "reference", "focal", "reason", "mantel_reason")


def compare(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Hold every column to R's, item by item and group by group."""
    keys = ["item", "reference", "focal"]
    tables = [table.assign(**{key: table[key].astype("str") for key in keys}) for table in (found, expected)]
    both = tables[0].merge(tables[1], on=keys, suffixes=("", "_r"), validate="1:1")
    assert len(both) == len(found) == len(expected)
    assert both["reason"].isna().all()
    assert both["mantel_reason"].isna().all()
    for column in (one for one in COLUMNS if one not in NAMES):
        if column == "size":
            assert both["size"].tolist() == both["size_r"].tolist()
            continue
        # polr stops climbing where a step no longer gains, so its slopes are true to five or six digits.
        tolerance = 5e-5 if column.startswith("slope") else 1e-6
        ours, theirs = both[column].astype(float), both[f"{column}_r"].astype(float)
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=1e-6, err_msg=column)


@pytest.mark.parametrize("purify", [False, True])
def test_made_up_answers(purify):
    expected = pd.read_csv(HERE / "purified.csv").query("purify == @purify")
    found = dif(ANSWERS, "healthy-relationships", "learning_mode", "hr_belonging", reference="in_person", purify=purify)
    compare(found, expected)
    # Three items seem to differ; once the worst is left out of the score, it alone does.
    assert (found["size"] != "negligible").sum() == (1 if purify else 3)
    assert expected["rounds"].max() == (3 if purify else 1)


@pytest.mark.parametrize(("group", "reference"), [("CNT", "ITA"), ("ST004D01T", 2)])
@pytest.mark.parametrize("purify", [False, True])
def test_countries_and_genders_of_pisa(real_data, group, reference, purify):
    expected = pd.read_csv(HERE / "real_dif.csv").query("purify == @purify and groups == @group")
    expected = expected.assign(item=expected["item"].map(lambda one: f"pisa_{one[:8].lower()}"))
    pisa = pd.read_csv(real_data / "pisa2018_fra_ita_mex" / "pisa2018_fra_ita_mex.csv")
    compare(dif(pisa, "pisa-belonging", group, reference=reference, purify=purify), expected)
