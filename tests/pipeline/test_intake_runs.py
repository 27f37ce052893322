"""From the landing folder to the pages: by the command, through Prefect, and served."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from connectedness.declare.project import open_project
from connectedness.intake import look
from connectedness.intake.record import records
from connectedness.lifecycle.quarantine import list_quarantine, open_requeues, show_quarantine
from connectedness.pipeline import run_wave
from connectedness.serving import prefect_server

pytestmark = pytest.mark.long
FIRST, LAST = "2025-fall", "2026-fall"
NAME = "Emma Ravensworth"


def landed(root, ago=10):
    """Let the open wave's files land, and a first look have seen them some minutes ago."""
    survey = root / "survey.yaml"
    survey.write_text(survey.read_text(encoding="utf-8") + "intake: {landing: landing/, every_minutes: 1}\n")
    (root / "landing").mkdir()
    for file in (root / "inbox" / LAST).glob("*.csv"):
        shutil.move(file, root / "landing" / file.name)
    (root / "landing" / f"{NAME}.docx").write_bytes(b"a plan")
    look(root, datetime.now(UTC) - timedelta(minutes=ago))


def numbers(tree):
    """All but what tells of `survey.yaml` itself, which here declares an intake."""
    return {name: content for name, content in tree.items() if not name.endswith(("manifest.json", "README.md"))}


@pytest.fixture(scope="module")
def command(command_env):
    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "connectedness.cli", *arguments],
            capture_output=True, text=True, env=command_env, timeout=300,
        )  # fmt: skip

    return run


@pytest.fixture
def waiting(made, district, tmp_path):
    """A project whose first wave has been run, and whose second has landed."""
    root = Path(shutil.copytree(made, tmp_path / "project"))
    run_wave(root, FIRST)
    landed(root)
    return root


def test_what_lands_is_published_as_if_a_person_had_put_it_into_the_inbox(waiting, district, read_tree, command):
    done = command("intake", "look", str(waiting))
    assert done.returncode == 0, done.stderr
    assert "taken into wave 2026-fall" in done.stdout and "rows" in done.stdout
    assert NAME not in done.stdout + done.stderr
    for folder in ("store/releases", "site/internal", "site/public"):
        assert numbers(read_tree(waiting / folder)) == numbers(read_tree(district / folder))
    again = json.loads(command("intake", "look", str(waiting), "--json").stdout)
    assert again["runs"] == [] and again["taken"] == 0

    # A corrected file is put in place of one with quarantined rows; the next look has it read, and closes the entry.
    project = open_project(waiting)
    before = sum(one["rows"] for one in list_quarantine(project, LAST))
    line = next(one for one in list_quarantine(project, LAST) if one["rule"] == "not_on_roster")
    corrected = waiting.parent / line["files"][0]
    bad = {one["row"] for one in show_quarantine(project, LAST, rule="not_on_roster", file=corrected.name)}
    rows = (waiting / "inbox" / LAST / corrected.name).read_text(encoding="utf-8").splitlines(keepends=True)
    corrected.write_text("".join(row for n, row in enumerate(rows, start=1) if n not in bad), encoding="utf-8")
    assert command("quarantine", "requeue", str(corrected), str(waiting), "--wave", LAST).returncode == 0
    assert "no finished run has read it" in command("quarantine", "list", str(waiting)).stdout
    done = json.loads(command("intake", "look", str(waiting), "--json").stdout)
    assert [one["wave"] for one in done["runs"]] == [LAST]
    assert open_requeues(project) == [] and sum(one["rows"] for one in list_quarantine(project, LAST)) < before
    assert json.loads((waiting / "store" / "requeues.jsonl").read_text().splitlines()[-1])["how"] == "read"
    assert json.loads(command("intake", "look", str(waiting), "--json").stdout)["runs"] == []


def test_a_wave_that_stops_says_why_and_is_not_run_again_by_the_next_look(waiting, command):
    nobody = "student_token,school,grade,learning_mode,group\nnobody,001,5,in_person,newcomer\n"
    (waiting / "landing" / "roster.csv").write_text(nobody)
    look(waiting, datetime.now(UTC) - timedelta(minutes=8))
    done = command("intake", "look", str(waiting))
    assert done.returncode == 11 and "stopped" in done.stderr and "Traceback" not in done.stderr
    assert command("intake", "look", str(waiting)).returncode == 0


@pytest.fixture(scope="module")
def server(command_env):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    patch = pytest.MonkeyPatch()
    patch.delenv("PREFECT_API_URL", raising=False)
    patch.setenv("PREFECT_HOME", command_env["PREFECT_HOME"])
    with prefect_server(port) as url:
        yield url
    patch.undo()


def ask(server, path):
    kind = {"Content-Type": "application/json"}
    request = Request(f"{server}/{path}/filter", json.dumps({"limit": 200}).encode(), kind)
    with urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def told(server):
    return json.dumps([ask(server, what) for what in ("flow_runs", "task_runs", "logs", "artifacts")])


def test_the_flow_tells_prefect_counts_and_no_name(waiting, server, command_env):
    code = (
        "import sys; from connectedness.flowrun import load_flow\n"
        "totals = load_flow(None, 'intake')(sys.argv[1]); print(totals['taken'], totals['to_run'])"
    )
    environment = {**command_env, "PREFECT_API_URL": server}
    done = subprocess.run(
        [sys.executable, "-c", code, str(waiting)], capture_output=True, text=True, env=environment, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["3", f"['{LAST}']"]
    held = told(server)
    assert "intake-totals" in held and "wave-totals" in held
    for name in ("export-digital", "export-in-person", "roster.csv", NAME, "docx"):
        assert name not in held
    given = {name for one in ask(server, "flow_runs") for name in one["parameters"]}
    assert given == {"project", "wave", "reissue"}
    assert records(open_project(waiting))[-1]["status"] == "finished"


def test_serving_looks_and_runs_through_the_served_deployment(waiting, server, command_env):
    environment = {**command_env, "PREFECT_API_URL": server}
    flags = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {"start_new_session": True}
    command = [sys.executable, "-m", "connectedness.cli", "serve", str(waiting)]
    serving = subprocess.Popen(command, env=environment, **flags)
    try:
        end = time.monotonic() + 240
        while time.monotonic() < end and not any(one["what"] == "ran" for one in records(open_project(waiting))):
            time.sleep(2)
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.wait(timeout=60)
    lines = records(open_project(waiting))
    assert [one["what"] for one in lines].count("asked") == 1
    assert [one["status"] for one in lines if one["what"] == "ran"] == ["finished"]
    assert (waiting / "site" / "public" / "index.html").is_file()
    assert NAME not in told(server)
