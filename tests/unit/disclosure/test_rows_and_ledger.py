"""Rows for research: every combination is held by k people. The ledger: added to, never changed."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectedness.declare.policy import Policy
from connectedness.disclosure import ledger
from connectedness.disclosure.rows import protect_rows
from connectedness.errors import DisclosureError

CLASSES = {
    "school": "quasi-identifier",
    "grade": "quasi-identifier",
    "group": "quasi-identifier",
    "item": "restricted-use",
}
QUASI = ("school", "grade", "group")


def people(seed=0, n=200):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "school": rng.choice(["1", "2", "3"], n, p=[0.6, 0.35, 0.05]),
            "grade": rng.choice([7, 8, 9], n),
            "group": pd.Categorical(rng.choice(["a", "b", "rare"], n, p=[0.6, 0.37, 0.03])),
            "item": rng.integers(1, 6, n),
            "name": "never",
            "secret": "x",
        },
        index=rng.permutation(n) + 1000,
    )


def smallest(frame, names=QUASI):
    return frame.groupby(list(names), dropna=False, observed=True).size().min()


def test_columns_that_may_not_leave_are_dropped():
    safe = protect_rows(people(), CLASSES | {"secret": "internal"}, QUASI, 5)
    assert list(safe.frame) == ["school", "grade", "group", "item"]
    assert safe.dropped == ["name", "secret"]
    assert safe.frame.index.tolist() == list(range(200))


def test_a_quasi_identifier_that_nobody_looks_after_is_dropped():
    safe = protect_rows(people(), CLASSES, ("school", "grade"), 5)
    assert safe.dropped == ["group", "name", "secret"]


def test_the_finest_is_blanked_first_and_counted():
    frame = pd.DataFrame({"school": ["1"] * 9, "grade": [7] * 9, "group": ["a"] * 6 + ["b"] * 3, "item": 1})
    frame = pd.concat([frame, frame.assign(group="a")], ignore_index=True)
    safe = protect_rows(frame, CLASSES, QUASI, 5)
    # Three of group b are too few; blanked they still are, so their grade goes, then their school; and company comes.
    assert smallest(safe.frame) >= 5
    assert safe.blanked["group"] >= safe.blanked["grade"] >= safe.blanked["school"]
    assert safe.frame["group"].isna().sum() == safe.blanked["group"]


def test_numbers_stay_whole_and_no_category_tells_a_blanked_value():
    frame = people()
    safe = protect_rows(frame, CLASSES, QUASI, 12)
    assert safe.blanked["group"] > 0
    assert "rare" not in set(safe.frame["group"].dropna())
    assert "rare" not in safe.frame["group"].cat.categories
    assert str(safe.frame["grade"].dtype) in ("Int64", "int64")
    assert (safe.frame["item"].to_numpy() == frame["item"].to_numpy()).all()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(5, 120), k=st.integers(5, 20))
def test_no_combination_is_held_by_fewer_than_k(seed, n, k):
    frame = people(seed, n)
    frame.loc[frame.sample(frac=0.1, random_state=seed).index, "school"] = None
    if n < k:
        with pytest.raises(DisclosureError, match="too few people"):
            protect_rows(frame, CLASSES, QUASI, k)
        return
    safe = protect_rows(frame, CLASSES, QUASI, k)
    assert smallest(safe.frame) >= k
    # What stays is as it was, and a finer value never outlives a coarser one.
    for name in QUASI:
        kept = safe.frame[name].notna().to_numpy()
        assert (safe.frame[name][kept].astype(str).to_numpy() == frame[name].astype(str).to_numpy()[kept]).all()
        assert safe.blanked[name] == frame[name].notna().sum() - kept.sum()


def over_waves(seed: int, n: int):
    """Rows of `n` people in up to three waves; they go up a grade, some change school, some come once."""
    rng = np.random.default_rng(seed)
    first = people(seed, n).reset_index(drop=True)
    first["respondent"] = [f"p{i:04d}" for i in rng.permutation(n)]
    parts = []
    for number, wave in enumerate(("w1", "w2", "w3")):
        part = first[rng.random(n) < (0.9, 0.7, 0.25)[number]].assign(wave=wave)
        moved = rng.random(len(part)) < 0.1
        part["school"] = np.where(moved, rng.choice(["1", "2", "3"], len(part)), part["school"])
        parts.append(part.assign(grade=part["grade"] + number))
    return pd.concat(parts, ignore_index=True).sample(frac=1, random_state=seed)


WAVE_CLASSES = CLASSES | {"wave": "quasi-identifier", "respondent": "restricted-use"}


def told_of_people(frame, names):
    """All that the rows say of each person in all waves."""
    text = frame[["wave", *names]].astype(object).where(frame[["wave", *names]].notna(), None)
    rows = pd.Series(list(text.astype(str).itertuples(index=False, name=None)), index=frame.index)
    return rows.groupby(frame["respondent"]).agg(lambda mine: tuple(sorted(mine)))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(30, 150), k=st.integers(5, 12))
def test_all_waves_of_a_person_together_are_those_of_k_people(seed, n, k):
    frame = over_waves(seed, n)
    safe = protect_rows(frame, WAVE_CLASSES, ("wave", *QUASI), k)
    told = told_of_people(safe.frame, QUASI)
    held, waves = told.map(told.value_counts()), told_of_people(safe.frame, ())
    common = waves.map(waves.value_counts()) >= k
    assert (held[common] >= k).all()
    nothing = safe.frame.groupby("respondent")[list(QUASI)].count().sum(axis=1) == 0
    assert nothing[~common].all()
    assert (safe.frame["wave"].to_numpy() == frame["wave"].to_numpy()).all()
    assert safe.blanked["wave"] == 0
    # What is blanked in one wave is blanked in all of them.
    for name in QUASI:
        kept = safe.frame[name].notna().groupby(safe.frame["respondent"])
        assert (kept.all() == kept.any()).all()


def test_the_other_wave_does_not_tell_what_one_wave_blanks():
    stay = pd.DataFrame(
        {"respondent": [f"a{i}" for i in range(20)], "school": "1", "grade": 7, "group": "a", "item": 1}
    )
    mover = pd.DataFrame({"respondent": ["m"], "school": "1", "grade": 7, "group": "a", "item": 1})
    then, now = pd.concat([stay, mover]), pd.concat([stay, mover.assign(school="2")])
    more = stay.assign(respondent=[f"b{i}" for i in range(20)], school="2")
    once = stay.head(3).assign(respondent=["x", "y", "z"])
    frame = pd.concat([pd.concat([then, more, once]).assign(wave="w1"), pd.concat([now, more]).assign(wave="w2")])
    safe = protect_rows(frame, WAVE_CLASSES, ("wave", *QUASI), 5).frame
    mine = safe[safe["respondent"] == "m"]
    assert len(mine) == 2
    assert mine[list(QUASI)].isna().all(axis=None)
    # Three are in the first wave alone: nothing but that is told of them.
    assert safe.loc[safe["respondent"].isin(["x", "y", "z"]), list(QUASI)].isna().all(axis=None)
    assert set(safe.loc[safe["respondent"].eq("x"), "wave"]) == {"w1"}
    assert safe.loc[safe["respondent"].str.startswith("b"), "school"].notna().all()


def test_a_row_of_nobody_is_refused_and_people_are_counted_once():
    frame = over_waves(1, 40)
    with pytest.raises(DisclosureError, match="whose it is"):
        protect_rows(frame.assign(respondent=None), WAVE_CLASSES, ("wave", *QUASI), 5)
    four = frame[frame["respondent"].isin(frame["respondent"].unique()[:4])]
    with pytest.raises(DisclosureError, match="too few people"):
        protect_rows(pd.concat([four.assign(wave=f"w{i}") for i in range(3)]), WAVE_CLASSES, ("wave", *QUASI), 5)


@pytest.mark.parametrize(
    ("classes", "quasi", "k", "words"),
    [
        (CLASSES, QUASI, 4, "below what the engine allows"),
        (CLASSES, QUASI, True, "below what the engine allows"),
        (CLASSES, ("schol",), 5, "not a column"),
        (CLASSES, ("school", "school"), 5, "stands twice"),
        (CLASSES | {"item": "open"}, QUASI, 5, "not known"),
    ],
)
def test_what_cannot_be_made_safe_is_refused(classes, quasi, k, words):
    with pytest.raises(DisclosureError, match=words):
        protect_rows(people(), classes, quasi, k)


def test_the_ledger_keeps_every_line(tmp_path):
    safe = protect_rows(people(), CLASSES, QUASI, 5)
    assert ledger.read(tmp_path) == []
    first = ledger.record_rows(tmp_path, "rows-1", "peer-study", safe, Policy(), "ab" * 32)
    before = (tmp_path / "ledger.jsonl").read_bytes()
    second = ledger.record_rows(tmp_path, "rows-2", "peer-study", safe, Policy(), "cd" * 32)
    assert (tmp_path / "ledger.jsonl").read_bytes().startswith(before)
    assert ledger.read(tmp_path) == [first, second]
    assert (first.kind, first.recipient, first.minimum, first.shown) == ("restricted-use", "peer-study", 5, 200)
    assert not list(tmp_path.glob(".*part"))


@pytest.mark.parametrize("broken", ['{"release": "a"', '{"release": "a"}\n', "[]\n", "\n"])
def test_a_broken_line_is_told_and_never_written_over(tmp_path, broken):
    safe = protect_rows(people(), CLASSES, QUASI, 5)
    ledger.record_rows(tmp_path, "rows-1", "peer-study", safe, Policy(), "ab" * 32)
    with (tmp_path / "ledger.jsonl").open("a", encoding="utf-8") as file:
        file.write(broken)
    content = (tmp_path / "ledger.jsonl").read_bytes()
    with pytest.raises(DisclosureError, match="line 2"):
        ledger.record_rows(tmp_path, "rows-2", "peer-study", safe, Policy(), "cd" * 32)
    assert (tmp_path / "ledger.jsonl").read_bytes() == content


def test_a_line_holds_no_number_of_a_hidden_cell(tmp_path):
    safe = protect_rows(people(), CLASSES, QUASI, 5)
    ledger.record_rows(tmp_path, "rows-1", "peer-study", safe, Policy(), "ab" * 32)
    line = json.loads((tmp_path / "ledger.jsonl").read_text(encoding="utf-8"))
    assert set(line) == {
        "release", "kind", "recipient", "wave", "policy", "policy_version", "minimum", "content_sha256",
        "pattern_sha256", "shown", "hidden", "when",
    }  # fmt: skip
