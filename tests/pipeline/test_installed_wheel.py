"""All of it from an installed wheel, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def command(tmp_path_factory, command_env):
    """The command of a wheel in a virtual environment of its own; the libraries it needs are lent by this one."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    wheel = next(folder.glob("*.whl"))
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    theirs = subprocess.run([python, "-c", where], capture_output=True, text=True, check=True).stdout.strip()
    # A .pth file lends the libraries; those of the lender are not read, so this checkout's own code is not seen.
    Path(theirs, "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def run(*arguments, cwd):
        program = python.parent / "connectedness"
        return subprocess.run(
            [program, *map(str, arguments)], cwd=cwd, env=command_env, capture_output=True, text=True, timeout=400
        )

    run.python = python
    return run


def test_the_wheel_s_own_code_runs(command, tmp_path):
    where = "import connectedness; print(connectedness.__file__)"
    out = subprocess.run([command.python, "-c", where], capture_output=True, text=True, cwd=tmp_path).stdout
    assert str(command.python.parents[1]) in out


def test_every_command_in_an_empty_folder(command, tmp_path):
    demo = command("demo", "--students", 400, "--schools", 4, "--waves", 2, cwd=tmp_path)
    assert demo.returncode == 0, demo.stderr
    assert "Traceback" not in demo.stderr
    root = tmp_path / "demo"
    for page in ("internal/index.html", "public/index.html", "analyst/index.html", "internal/method.html"):
        assert (root / "site" / page).is_file()
    assert command("check", cwd=root).returncode == 0
    again = command("run", "--wave", "2026-fall", "--json", cwd=root)
    assert again.returncode == 0, again.stderr
    assert '"accepted"' in again.stdout
    rows = command("release", "rows", "--project", "attachment-study", cwd=root)
    assert rows.returncode == 0, rows.stderr
    kept = command("customise", "data_contracts/responses.odcs.yaml", cwd=root)
    assert kept.returncode == 0 and (root / "data_contracts" / "responses.odcs.yaml").is_file()
    assert command("run", "--wave", "2026-fall", cwd=root).returncode == 0
    told = command("explain", "pisa-belonging:pisa_belong", cwd=tmp_path)
    assert told.returncode == 0 and "ST034Q03TA" in told.stdout


def test_starting_a_project_and_scoring_a_file(command, tmp_path):
    started = command("init", "north", cwd=tmp_path)
    assert started.returncode == 0, started.stderr
    assert {one.name for one in (tmp_path / "north").iterdir()} == {"survey.yaml", "flows", ".gitignore", "README.md"}
    told = command("check", "north", cwd=tmp_path)
    assert told.returncode == 10 and "nobody has confirmed it" in told.stderr
    survey = tmp_path / "north" / "survey.yaml"
    survey.write_text(survey.read_text(encoding="utf-8").replace("confirmed: false", "confirmed: true"), "utf-8")
    assert command("check", "north", cwd=tmp_path).returncode == 0
    (tmp_path / "a.csv").write_text(
        "id,ST034Q01TA,ST034Q02TA,ST034Q03TA,ST034Q04TA,ST034Q05TA,ST034Q06TA\ns1,4,1,1,4,1,4\ns2,1,4,4,1,4,1\ns3,9,9,9,9,1,4\n"
    )
    scored = command("score", "pisa-belonging", "a.csv", "-o", "out.csv", "--keep", "id", cwd=tmp_path)
    assert scored.returncode == 0, scored.stderr
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[1].startswith("s1,4.0,6") and lines[2].startswith("s2,1.0,6") and lines[3].startswith("s3,,2")
    refused = command("score", "pisa-belonging", "a.csv", "-o", "out.csv", cwd=tmp_path)
    assert refused.returncode == 1 and "--force" in refused.stderr
    assert command("score", "no-such-instrument", "a.csv", "-o", "b.csv", cwd=tmp_path).returncode == 10
    assert command("run", "--wave", cwd=tmp_path).returncode == 2
