"""A label that an SPSS or Stata file gives a code is told only where enough rows hold the code."""

from __future__ import annotations

import pandas as pd
import pyreadstat
import pytest

from connectedness.declare.registry import find_instrument
from connectedness.ingest.propose import propose
from connectedness.ingest.propose_yaml import proposal_yaml

OURS = find_instrument("healthy-relationships@1")
ITEM = "hr_bel_part"
OWN = {1: "Strongly disagree", 2: "Disagree", 4: "Agree", 5: "Strongly agree"}
HIDDEN = "what Ravensworth wrote"


def drafted(tmp_path, kind: str, labels: dict[int, str], codes: list[int]):
    frame = pd.DataFrame({ITEM: codes, "school": "001", "grade": "7"}).astype({ITEM: float})
    path = tmp_path / f"e.{kind}"
    write = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta}[kind]
    write(frame, str(path), variable_value_labels={ITEM: labels})
    made = propose(path, [OURS])
    return made, proposal_yaml(made)


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_a_label_of_one_row_is_counted_and_a_label_of_many_is_shown(tmp_path, kind):
    made, text = drafted(
        tmp_path, kind, OWN | {6: HIDDEN, 7: "Never thought of it", 8: "of no row"}, [1, 4] + [7] * 9 + [6]
    )
    assert made.labels_unknown == {ITEM: {"Never thought of it": 9}} and made.not_shown == {ITEM: 1}
    assert HIDDEN not in str(made.labels_unknown) + text and "of no row" not in text
    assert "1 row holds labels that are too rare" in text


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_nor_is_it_where_not_one_label_is_known(tmp_path, kind):
    made, text = drafted(tmp_path, kind, {1: "Now and then", 2: HIDDEN}, [1] * 9 + [2])
    assert made.map["items"] == {} and "{1: ?, 2: ?}" in text.replace('"', "")
    assert made.labels_unknown == {ITEM: {"Now and then": 9}} and made.not_shown == {ITEM: 1} and HIDDEN not in text
