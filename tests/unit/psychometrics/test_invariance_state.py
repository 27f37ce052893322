"""Results of the invariance script count for the answers that they were made on, and for no others."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest
from unit.psychometrics.test_invariance_script import HR, ITEMS, SCALE, answers

from connectedness.declare.registry import find_instrument
from connectedness.psychometrics.invariance import MODELS, prepare, write_invariance
from connectedness.psychometrics.invariance_state import invariance_state

INSTRUMENT = find_instrument(HR)


def results(folder: Path, holds=(True, True, True, True), scale: str = SCALE, **more) -> None:
    """What the script would write of the answers that are there."""
    data = hashlib.md5((folder / "answers.csv").read_bytes()).hexdigest()
    blank = dict.fromkeys(("n", "chi2", "df", "p", "cfi", "rmsea", "srmr", "cfi_change", "rmsea_change"), 1)
    rows = [{"scale": scale, "model": model} | blank | {"holds": held, "reason": None, "data": data} | more
            for model, held in zip(MODELS, holds, strict=True)]  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "invariance.csv", index=False)


def state(frame: pd.DataFrame, folder: Path) -> pd.DataFrame:
    found = invariance_state(frame, INSTRUMENT, "group", folder)
    return found[found["scale"] == SCALE].reset_index(drop=True)


@pytest.fixture
def written(tmp_path):
    frame = answers(300)
    write_invariance(frame, INSTRUMENT, "group", tmp_path)
    return frame, tmp_path


def test_the_road_from_nothing_to_a_result(tmp_path):
    frame = answers(300)
    assert state(frame, tmp_path)["state"].tolist() == ["not_written"]
    write_invariance(frame, INSTRUMENT, "group", tmp_path)
    assert state(frame, tmp_path)["state"].tolist() == ["not_run"]
    results(tmp_path, (True, True, False, True))
    found = state(frame, tmp_path)
    assert found["state"].tolist() == ["tested"] * 4 and found["model"].tolist() == list(MODELS)
    assert found["holds"].tolist() == [True, True, False, True]


def test_the_order_of_rows_is_no_change(written):
    frame, folder = written
    results(folder)
    assert set(state(frame.sample(frac=1, random_state=1).reset_index(drop=True), folder)["state"]) == {"tested"}


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.iloc[1:].reset_index(drop=True),
        lambda frame: frame.assign(hr_peer_kind=frame["hr_peer_kind"].where(frame.index != 7, 5)),
        lambda frame: frame.assign(group=frame["group"].where(frame.index != 0, "b")),
    ],
    ids=["a student less", "another answer", "another group"],
)  # fmt: skip
def test_results_of_other_answers_do_not_count(written, change):
    frame, folder = written
    frame.loc[7, "hr_peer_kind"] = 1
    write_invariance(frame, INSTRUMENT, "group", folder)
    results(folder)
    assert set(state(change(frame), folder)["state"]) == {"stale"}


def test_results_brought_from_an_earlier_writing_do_not_count(written):
    frame, folder = written
    results(folder)
    kept = (folder / "invariance.csv").read_bytes()
    write_invariance(frame, INSTRUMENT, "group", folder)
    assert state(frame, folder)["state"].tolist() == ["not_run"]
    (folder / "invariance.csv").write_bytes(kept)
    assert state(frame, folder)["state"].tolist() == ["stale"], "the same answers, in the order of another file"


def test_a_hash_that_looks_like_a_number_is_read_as_it_is(written):
    frame, folder = written
    results(folder)
    looks = "1" * 12 + "e" + "2" * 19
    for name in ("made.json", "invariance.csv"):
        old = hashlib.md5((folder / "answers.csv").read_bytes()).hexdigest()
        text = (folder / name).read_text(encoding="utf-8").replace(old, looks)
        (folder / name).write_text(text, encoding="utf-8")
    assert set(state(frame, folder)["state"]) == {"tested"}


def test_what_is_not_the_scripts_table_is_said(written):
    frame, folder = written
    results(folder, model="strict")
    assert state(frame, folder)["state"].tolist() == ["unreadable"]
    (folder / "invariance.csv").write_bytes(b"\x00\xff")
    assert state(frame, folder)["state"].tolist() == ["unreadable"]
    results(folder, scale="other")
    assert state(frame, folder)["state"].tolist() == ["unreadable"]


def test_what_cannot_be_tested_is_told_as_that(tmp_path):
    assert state(answers(150), tmp_path)["state"].tolist() == ["impossible"]
    short = invariance_state(answers(300)[["group", *ITEMS]], INSTRUMENT, "group", tmp_path).set_index("scale")["state"]
    assert short["hr_belonging"] == "impossible" and short[SCALE] == "not_written"


def test_small_groups_are_not_named_in_an_error():
    from connectedness.errors import ContractError

    frame = pd.concat([answers(300).query("group == 'a'"), answers(300).head(3).assign(group="rare")])
    with pytest.raises(ContractError) as caught:
        prepare(frame, INSTRUMENT, "group")
    assert "rare" not in str(caught.value) and "a: 300" in str(caught.value)
