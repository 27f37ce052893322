"""connectedness invariance: script and data of one file, or of a wave, into the wave's own folder of the store."""

from __future__ import annotations

import hashlib
import json
import os
import shutil

import pandas as pd
import pytest
from typer.testing import CliRunner
from unit.psychometrics.test_invariance_script import HR, ITEMS, SCALE, answers

from connectedness import pipeline
from connectedness.cli import app
from connectedness.comparable import invariance_sentences, read_back
from connectedness.declare.project import open_project
from connectedness.errors import ConnectednessError
from connectedness.files import private_folder
from connectedness.psychometrics.invariance import MODELS
from connectedness.store import invariance_folder, wave_folder, work_folder
from connectedness.synth import make_district
from connectedness.tables import read_table

WAVE = "2026-fall"


def run(*arguments: object):
    return CliRunner().invoke(app, ["invariance", *map(str, arguments)])


def results(folder, failing: str | None = None) -> None:
    """What the script would write of the answers that are there."""
    data = hashlib.md5((folder / "answers.csv").read_bytes()).hexdigest()
    blank = dict.fromkeys(("n", "chi2", "df", "p", "cfi", "rmsea", "srmr", "cfi_change", "rmsea_change", "reason"))
    rows = [
        blank | {"scale": scale, "model": model, "holds": model != failing, "data": data}
        for scale in pd.read_csv(folder / "scales.csv")["scale"].unique()
        for model in MODELS
    ]
    pd.DataFrame(rows).to_csv(folder / "invariance.csv", index=False)


# ---- one file


@pytest.fixture
def file(tmp_path):
    frame = answers(260).rename(columns={"group": "School board"})
    frame.loc[0, "School board"] = ""
    frame.to_csv(tmp_path / "answers of all.csv", index=False)
    return tmp_path / "answers of all.csv"


def test_of_one_file_a_person_is_told_what_was_written_what_to_run_and_where_results_land(file, tmp_path):
    done = run(HR, file, "--by", "School board", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    for words in ("519 students in 2 groups", SCALE, "not hr_belonging: not all of its items are in the file",
                  "Rscript invariance.R", "invariance.csv", "pass it on to nobody"):  # fmt: skip
        assert words in done.output, words
    data = pd.read_csv(tmp_path / "out" / "answers.csv")
    assert list(data.columns) == ["group", *ITEMS] and len(data) == 519
    assert (tmp_path / "out" / "invariance.R").is_file()


def test_the_summary_for_programs_says_the_same(file, tmp_path):
    found = json.loads(run(HR, file, "--by", "School board", "--out", tmp_path / "out", "--json").output)
    (one,) = found["written"]
    assert (one["n"], one["groups"], one["scales"], one["state"]) == (519, 2, [SCALE], "written")
    assert found["run"] == "Rscript invariance.R" and found["results"] == "invariance.csv"


def test_results_are_not_lost_by_doing_it_again(file, tmp_path):
    arguments = (HR, file, "--by", "School board", "--out", tmp_path / "out")
    assert run(*arguments).exit_code == 0
    results(tmp_path / "out")
    again = run(*arguments)
    assert isinstance(again.exception, ConnectednessError) and "--force" in str(again.exception)
    assert (tmp_path / "out" / "invariance.csv").is_file()
    assert run(*arguments, "--force").exit_code == 0
    assert not (tmp_path / "out" / "invariance.csv").exists(), "results of other data must not be taken for these"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((HR,), "one file needs"),
        ((HR, "f.csv", "--by", "g"), "--out DIR"),
        ((HR, "f.csv", "--by", "g", "--by", "h", "--out", "o"), "one --by"),
        ((HR, "f.csv", "--by", "g", "--out", "o", "--wave", "w"), "--wave is for a wave"),
        (("--out", "o"), "stay in its store"),
    ],
)
def test_wrong_usage_says_which_shape_is_meant(arguments, said):
    done = run(*arguments)
    assert done.exit_code == 2 and said in " ".join(done.output.replace("│", " ").split())


# ---- a wave


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    """A district whose wave has answers in the store; nothing was released."""
    root = make_district(tmp_path_factory.mktemp("groups") / "made", students=1300, schools=5, waves=1, seed=3)
    pipeline.ingest(root, WAVE)
    pipeline.validate(root, WAVE)
    project = open_project(root)
    private_folder(wave_folder(project, WAVE))
    for name in ("responses", "roster"):
        shutil.copy(work_folder(project, WAVE) / f"{name}.parquet", wave_folder(project, WAVE) / f"{name}.parquet")
    return root


@pytest.fixture
def copy(district, tmp_path):
    return shutil.copytree(district, tmp_path / "project")


def stored(root):
    folder = wave_folder(open_project(root), WAVE)
    return read_table(folder / "responses.parquet"), read_table(folder / "roster.parquet")


def known(root, responses=None):
    own, roster = stored(root)
    return read_back(open_project(root), WAVE, own if responses is None else responses, roster)


def of(table, breakdown):
    return table[table["breakdown"] == breakdown].reset_index(drop=True)


def test_a_waves_answers_stay_in_its_folder_which_only_the_owner_opens(copy):
    done = run("--project", copy, "--wave", WAVE)
    assert done.exit_code == 0, done.output
    folder = invariance_folder(open_project(copy), WAVE) / "learning_mode" / HR
    assert str(folder) in done.output and "Not by grade_band" in done.output
    assert f"connectedness run --wave {WAVE}" in done.output
    assert [path.name for path in folder.parent.parent.iterdir()] == ["learning_mode"]
    if os.name == "posix":
        for place in (folder, folder.parent, folder.parent.parent):
            assert place.stat().st_mode & 0o077 == 0
    data, responses = pd.read_csv(folder / "answers.csv", dtype="str"), stored(copy)[0]
    assert len(data) > 500 and set(data.columns) <= {"group", *responses.columns}
    assert "respondent" not in data and not data.isin(set(responses["respondent"])).any(axis=None)


def test_only_breakdowns_of_the_survey_are_groups(copy):
    refused = run("--project", copy, "--wave", WAVE, "--by", "school")
    assert refused.exception.exit_code == 10 and "grade_band" in str(refused.exception)
    nothing = run("--project", copy, "--wave", WAVE, "--by", "group")
    assert nothing.exit_code == 1 and "nothing of this wave can be tested" in str(nothing.exception)
    assert not invariance_folder(open_project(copy), WAVE).exists()


def test_a_wave_that_was_never_run_is_refused(copy):
    shutil.rmtree(wave_folder(open_project(copy), WAVE))
    refused = run("--project", copy, "--wave", WAVE)
    assert refused.exit_code == 1 and f"connectedness run --wave {WAVE}" in str(refused.exception)


def test_results_are_read_back_kept_and_said_to_the_analyst(copy):
    assert set(of(known(copy), "learning_mode")["state"]) == {"not_written"}
    run("--project", copy, "--wave", WAVE)
    assert set(of(known(copy), "learning_mode")["state"]) == {"not_run"}
    assert set(of(known(copy), "group")["state"]) == {"impossible"}
    folder = invariance_folder(open_project(copy), WAVE) / "learning_mode" / HR
    results(folder, failing="metric")
    found = known(copy)
    assert set(of(found, "learning_mode")["state"]) == {"tested"}
    assert invariance_sentences(found, WAVE)[0] == (
        "Invariance by learning_mode: of hr_belonging, the metric model does not hold."
    )
    again = run("--project", copy, "--wave", WAVE)
    assert "tested already" in again.output and (folder / "invariance.csv").is_file()


def test_results_of_answers_that_changed_do_not_count_and_the_old_answers_are_removed(copy):
    run("--project", copy, "--wave", WAVE)
    folder = invariance_folder(open_project(copy), WAVE) / "learning_mode" / HR
    results(folder, failing="metric")
    fewer = known(copy, stored(copy)[0].iloc[1:].reset_index(drop=True))
    assert set(of(fewer, "learning_mode")["state"]) == {"stale"}
    assert not (folder / "answers.csv").exists(), "a student who left the wave may be in it"
    (said,) = invariance_sentences(fewer, WAVE)
    assert "other answers" in said and f"connectedness invariance --wave {WAVE} --by learning_mode" in said
