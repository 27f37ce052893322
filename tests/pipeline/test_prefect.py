"""The same wave through Prefect: the same bytes, nothing told to Prefect that it must not hold, and a schedule."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from urllib.request import Request, urlopen

import pytest

from connectedness.declare.project import open_project
from connectedness.serving import prefect_server

pytestmark = pytest.mark.long
WAVES = ("2025-fall", "2026-fall")


@pytest.fixture(scope="module")
def server(command_env):
    """A Prefect server of our own on this machine, as `connectedness serve` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    patch = pytest.MonkeyPatch()
    patch.delenv("PREFECT_API_URL", raising=False)
    patch.setenv("PREFECT_HOME", command_env["PREFECT_HOME"])
    with prefect_server(port) as url:
        yield url
    patch.undo()


@pytest.fixture(scope="module")
def run(server, command_env):
    def command(*arguments, **more):
        environment = {**command_env, "PREFECT_API_URL": server}
        return subprocess.run(
            [sys.executable, "-m", *arguments], capture_output=True, text=True, env=environment, timeout=300, **more
        )

    return command


def ask(server, path, **what):
    request = Request(f"{server}/{path}", json.dumps(what).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


@pytest.fixture(scope="module")
def through_prefect(made, run, tmp_path_factory):
    root = tmp_path_factory.mktemp("prefect") / "project"
    shutil.copytree(made, root)
    for wave in WAVES:
        done = run("connectedness.cli", "run", str(root), "--wave", wave)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr and "ERROR" not in done.stderr
        assert "rows read" in done.stdout and "analyst" in done.stdout
    return root


def test_releases_and_pages_are_the_same_byte_for_byte_without_prefect(through_prefect, district, read_tree):
    for folder in ("store/releases", "site/internal", "site/public"):
        assert read_tree(through_prefect / folder) == read_tree(district / folder)


def told(server):
    """All that Prefect holds of runs: their parameters and states, logs and artifacts."""
    return json.dumps(
        [ask(server, f"{what}/filter", limit=200) for what in ("flow_runs", "task_runs", "logs", "artifacts")]
    )


def test_prefect_is_told_totals_and_links_and_no_school_or_row(through_prefect, server):
    held = told(server)
    assert "wave-totals" in held and "index.html" in held
    schools = open_project(through_prefect).schools
    for text in schools.values():
        assert text.en not in held
    assert not re.search(r"export-(in-person|digital)", held)
    kinds = {one["key"] for one in ask(server, "artifacts/filter", limit=200)}
    assert kinds == {"wave-totals", "internal-page", "public-page", "analyst-page"}


def test_a_task_a_room(through_prefect, server):
    names = {re.sub(r"-[0-9a-f]+$", "", one["name"]) for one in ask(server, "task_runs/filter", limit=200)}
    assert names == {"ingest", "validate", "score", "examine", "measure", "release", "publish"}


def test_a_stopped_run_tells_the_person_all_and_prefect_nothing(through_prefect, server, run, tmp_path):
    root = shutil.copytree(through_prefect, tmp_path / "broken")
    (root / "inbox" / WAVES[1] / "export-digital.csv").write_bytes(b"")
    done = run("connectedness.cli", "run", str(root), "--wave", WAVES[1])
    assert done.returncode == 11
    assert "export-digital.csv" in done.stderr and "Traceback" not in done.stderr
    held = told(server)
    assert "exit code 11" in held and "export-digital" not in held
    stopped = [one for one in ask(server, "task_runs/filter", limit=200) if one["state_type"] == "FAILED"]
    assert {one["run_count"] for one in stopped} == {1}, "what breaks a rule is not tried again"


def test_serving_plans_runs_on_the_cron_in_the_survey_s_timezone(through_prefect, server, command_env):
    code = (
        "import sys; from connectedness.declare.project import open_project\n"
        "from connectedness.serving import deployment\n"
        "project = open_project(sys.argv[1]); deployment(project, project.survey.schedule).apply()"
    )
    applied = subprocess.run(
        [sys.executable, "-c", code, str(through_prefect)],
        capture_output=True,
        text=True,
        env={**command_env, "PREFECT_API_URL": server},
    )
    assert applied.returncode == 0, applied.stderr
    planned = []
    for _ in range(60):
        planned = [one for one in ask(server, "flow_runs/filter", limit=200) if one["state_type"] == "SCHEDULED"]
        if planned:
            break
        time.sleep(1)
    # 06:00 in Edmonton is 12:00 or 13:00 in universal time.
    assert planned and {one["expected_start_time"][11:16] for one in planned} <= {"12:00", "13:00"}


def test_the_same_flow_deploys_to_a_work_pool(through_prefect, server, run, command_env):
    assert run("prefect", "work-pool", "create", "connectedness", "--type", "process").returncode == 0
    from connectedness.packaged import find_file

    (through_prefect / "flows").mkdir(exist_ok=True)
    shutil.copy(find_file(None, "flows/prefect.yaml"), through_prefect / "flows" / "prefect.yaml")
    done = run("prefect", "--no-prompt", "deploy", "--prefect-file", "flows/prefect.yaml", "--all", cwd=through_prefect)
    assert done.returncode == 0, done.stdout + done.stderr
    deployed = [one for one in ask(server, "deployments/filter") if one["name"] == "process-wave"]
    assert deployed and deployed[0]["work_pool_name"] == "connectedness"
    assert deployed[0]["schedules"][0]["schedule"]["timezone"] == "America/Edmonton"
