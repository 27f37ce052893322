"""The road of a test between groups: prepare, lavaan, run again; a result that fails; a student who leaves."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess

import pandas as pd
import pytest
from typer.testing import CliRunner

from connectedness.cli import app
from connectedness.declare.project import open_project
from connectedness.lifecycle.recompute import reissue_stored
from connectedness.lifecycle.withdrawal import forget
from connectedness.pipeline import run_wave
from connectedness.release.open import current_release
from connectedness.store import invariance_folder, report_file
from connectedness.synth import make_district

pytestmark = pytest.mark.long
WAVE, BY = "2026-fall", "learning_mode"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    made = make_district(tmp_path_factory.mktemp("groups") / "made", students=1300, schools=5, waves=1, seed=3)
    run_wave(made, WAVE)
    return made


@pytest.fixture(scope="module")
def rscript():
    found = shutil.which("Rscript")
    if found is None or subprocess.run([found, "-e", "library(lavaan)"], capture_output=True).returncode:
        pytest.skip("R or its package lavaan is not installed")
    return found


def notes(root, audience="internal"):
    folder = current_release(open_project(root).store, audience)
    found = json.loads((folder / "notes" / f"{WAVE}.json").read_text(encoding="utf-8"))
    return {one["scale"]: one for one in found if one["kind"] == "invariance" and one["breakdown"] == BY}


def page(root, name="method.html", audience="internal"):
    return (root / "site" / audience / name).read_text(encoding="utf-8")


def test_from_a_wave_that_nobody_tested_to_one_whose_pages_say_what_was_found(root, rscript):
    assert {one["verdict"] for one in notes(root).values()} == {"not_tested"}
    assert f"connectedness invariance --wave {WAVE}" in page(root)
    done = CliRunner().invoke(app, ["invariance", "--project", str(root), "--wave", WAVE, "--by", BY])
    assert done.exit_code == 0, done.output
    (folder,) = [path.parent for path in invariance_folder(open_project(root), WAVE).rglob("invariance.R")]
    subprocess.run([rscript, "invariance.R"], cwd=folder, check=True, capture_output=True)
    run_wave(root, WAVE)
    for audience in ("internal", "public"):
        found = notes(root, audience)
        assert len(found) == 3 and {one["verdict"] for one in found.values()} <= {"none", "caution"}, found
        assert "was not tested here" not in page(root, audience=audience)
    release = current_release(open_project(root).store, "internal")
    assert not [path for path in release.rglob("*") if path.name in ("answers.csv", "invariance.csv", "invariance.R")]
    fail(root, folder)
    forget_one(root)


def fail(root, folder):
    """A result that fails reaches the pages from stored tables too: the method page, and the comparison of groups."""
    table = pd.read_csv(folder / "invariance.csv", dtype={"data": "str"})
    table.assign(holds=table["model"] != "scalar").to_csv(folder / "invariance.csv", index=False)
    reissue_stored(root, WAVE)
    assert notes(root)["hr_belonging"] == {
        "kind": "invariance", "scale": "hr_belonging", "breakdown": BY, "verdict": "caution", "model": "scalar",
    }  # fmt: skip
    assert "scalar invariance does not hold" in page(root)
    assert "compare these groups with care" in page(root, "index.html")
    report = json.loads(report_file(open_project(root), WAVE).read_text(encoding="utf-8"))
    assert len([one for one in report["notes"] if one.startswith("Invariance by")]) == 3


def forget_one(root):
    """The answers of a student who withdraws lie in the folder without a name, so the folder goes."""
    with (root / "inbox" / WAVE / "export-in-person.csv").open(encoding="utf-8", newline="") as stream:
        token = next(row["student_token"] for row in csv.DictReader(stream) if row["Finished"] == "True")
    tokens = root / "tokens.txt"
    tokens.write_text(token + "\n", encoding="utf-8")
    assert forget(root, tokens).found == 1
    assert not invariance_folder(open_project(root), WAVE).exists()
    reissue_stored(root, WAVE)
    assert {one["verdict"] for one in notes(root).values()} == {"not_tested"}
    report = json.loads(report_file(open_project(root), WAVE).read_text(encoding="utf-8"))
    assert not [one for one in report["notes"] if one.startswith("Invariance by")]
