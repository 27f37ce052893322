"""Measurement invariance: what is written for lavaan, and what is read back."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from connectedness.errors import ContractError, DeclarationError
from connectedness.psychometrics.dif import dif
from connectedness.psychometrics.invariance import MODELS, read_invariance, write_invariance
from connectedness.psychometrics.invariance_caution import caution

ITEMS = ["hr_peer_respect", "hr_peer_kind", "hr_peer_include", "hr_peer_stand_up", "hr_peer_get_along"]
SCALE = "hr_respectful_peers"
HR = "healthy-relationships"


def answers(n: int = 600, seed: int = 2, harder: float = 0.0, weaker: float = 1.0) -> pd.DataFrame:
    """Two groups that differ in trait; in b two items are harder, or one goes less with the trait."""
    rng = np.random.default_rng(seed)
    group = np.repeat(["a", "b"], n)
    trait = rng.normal(size=2 * n) * np.where(group == "b", 1.2, 1) - 0.3 * (group == "b")
    made = {"respondent": [f"r{number}" for number in range(2 * n)], "group": group}
    for rank, name in enumerate(ITEMS):
        slope = np.where((group == "b") & (rank == 0), weaker, 1.0) * 1.2
        latent = slope * trait + rng.normal(size=2 * n) - harder * ((group == "b") & (rank < 2))
        made[name] = 1 + np.searchsorted(np.array([-1.8, -0.8, 0.3, 1.4]) + 0.1 * rank, latent)
    return pd.DataFrame(made)


def test_the_data_hold_points_and_group_alone_and_no_order(tmp_path):
    frame = answers()
    written = write_invariance(frame, HR, "group", tmp_path, scale=SCALE)
    assert [one.name for one in written] == ["invariance.R", "answers.csv", "scales.csv", "made.json", "README.txt"]
    data = pd.read_csv(tmp_path / "answers.csv")
    assert list(data.columns) == ["group", *ITEMS]
    assert not (data["group"].to_numpy() == frame["group"].to_numpy()).all()
    columns = ["group", *ITEMS]
    ordered = [one.sort_values(columns).to_numpy().tolist() for one in (data, frame[columns])]
    assert ordered[0] == ordered[1]
    again = write_invariance(frame, HR, "group", tmp_path, scale=SCALE)[1].read_text(encoding="utf-8")
    assert again != data.to_csv(index=False)


def test_points_are_written_not_codes_and_blanks_stay_blank(tmp_path):
    codes = {f"ST034Q0{number}TA": [1] * 200 + [4] * 200 + [9] for number in range(1, 7)}
    group = ["a", "b"] * 200 + ["a"]
    write_invariance(pd.DataFrame(codes), "pisa-belonging", group, tmp_path)
    data = pd.read_csv(tmp_path / "answers.csv")
    assert len(data) == 400  # nobody without an answer
    assert (data["pisa_st034q01"] + data["pisa_st034q02"] == 5).all()


def test_small_groups_and_short_scales_are_left_out_and_named(tmp_path):
    frame = pd.concat([answers(), answers(40).assign(group="c")], ignore_index=True)
    write_invariance(frame, HR, "group", tmp_path)
    assert set(pd.read_csv(tmp_path / "answers.csv")["group"]) == {"a", "b"}
    readme = (tmp_path / "README.txt").read_text(encoding="utf-8")
    assert "left out: c" in readme and "hr_belonging, not all of its items" in readme
    assert "no Python library" in readme


def test_what_cannot_be_tested_is_refused(tmp_path):
    with pytest.raises(ContractError, match="two groups"):
        write_invariance(answers(100), HR, "group", tmp_path)
    with pytest.raises(ContractError, match="no scale can be tested"):
        write_invariance(answers()[["group", *ITEMS[:2]]], HR, "group", tmp_path)
    with pytest.raises(DeclarationError, match="no such scale"):
        write_invariance(answers(), HR, "group", tmp_path, scale="peers")
    assert list(tmp_path.iterdir()) == []


def test_results_that_are_not_there_or_not_whole_are_refused(tmp_path):
    with pytest.raises(ContractError, match="Rscript invariance.R"):
        read_invariance(tmp_path)
    (tmp_path / "invariance.csv").write_text("scale,model\ns,scalar\n", encoding="utf-8")
    with pytest.raises(ContractError, match="not the table"):
        read_invariance(tmp_path)
    write_invariance(answers(), HR, "group", tmp_path, scale=SCALE)
    assert not (tmp_path / "invariance.csv").exists()


@pytest.fixture(scope="module")
def lavaan():
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is not installed")
    asked = subprocess.run([rscript, "-e", "library(lavaan)"], capture_output=True)
    if asked.returncode:
        pytest.skip("R's package lavaan is not installed")
    return rscript


def run(rscript, frame, folder) -> pd.DataFrame:
    write_invariance(frame, HR, "group", folder, scale=SCALE)
    subprocess.run([rscript, "invariance.R"], cwd=folder, check=True, capture_output=True)
    return read_invariance(folder).set_index("model")


def test_alike_groups_hold_to_the_last_model(lavaan, tmp_path):
    found = run(lavaan, answers(), tmp_path)
    assert list(found.index) == list(MODELS)
    assert found["holds"].all() and found["reason"].isna().all()
    # 5 items, 5 answers, 2 groups: 2 x 5 from two one-factor models; equal thresholds give 20 and free 10; equal
    # loadings give 5 and free a variance; equal intercepts give 5 and free a mean.
    assert list(found["df"]) == [10, 20, 24, 28]
    assert caution(found.reset_index()) is None
    assert "lavaan" in (tmp_path / "versions.txt").read_text(encoding="utf-8")


def test_two_harder_items_fail_the_scalar_model_alone(lavaan, tmp_path):
    found = run(lavaan, answers(harder=0.8), tmp_path)
    assert list(found["holds"]) == [True, True, True, False]
    assert "scalar" in caution(found.reset_index())
    assert "scalaire" in caution(found.reset_index(), language="fr")


def test_a_weaker_item_fails_the_metric_model(lavaan, tmp_path):
    found = run(lavaan, answers(900, weaker=0.25), tmp_path)
    assert found["holds"]["threshold"] and not found["holds"]["metric"]


def test_rare_answers_are_joined_and_a_constant_item_gives_a_reason(lavaan, tmp_path):
    frame = answers()
    rare = frame.assign(hr_peer_kind=frame["hr_peer_kind"].where(frame["hr_peer_kind"] != 1, 2))
    rare.loc[3, "hr_peer_kind"] = 1
    assert run(lavaan, rare, tmp_path / "rare")["reason"].isna().all()
    constant = run(lavaan, frame.assign(hr_peer_kind=4), tmp_path / "constant")
    assert set(constant["reason"]) == {"constant_item"} and constant["cfi"].isna().all()
    assert constant["holds"].isna().all() and "could not be checked" in caution(constant.reset_index())


def test_a_caution_from_item_functioning():
    frame = answers()
    assert caution(dif(frame, HR, "group", SCALE)) is None
    planted = dif(answers(harder=1.5), HR, "group", SCALE)
    number = int(planted["size"].isin(["moderate", "large"]).sum())
    assert number >= 1
    assert f"{number} of 5 questions" in caution(planted)
    assert f"{number} question(s) sur 5" in caution(planted, language="fr")
    small = dif(answers(50), HR, "group", SCALE)
    assert "could not be checked" in caution(small)
    assert caution(small, unchecked=False) is None


def test_a_group_of_very_few_whose_name_may_be_a_students_is_counted_and_not_named(tmp_path):
    frame = answers()
    group = frame["group"].copy()
    group.iloc[:30], group.iloc[30:32] = "a small school", "Emma Ravensworth"
    write_invariance(frame, HR, group, tmp_path, scale=SCALE)
    readme = (tmp_path / "README.txt").read_text(encoding="utf-8")
    assert "left out: a small school, 1 of fewer than 6." in readme
    assert not [one for one in tmp_path.iterdir() if "Ravensworth" in one.read_text(encoding="utf-8")]
