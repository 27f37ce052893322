"""What the flow and the schedule do when a disk fails, a rule is broken, or the process is stopped."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from connectedness.declare.project import open_project
from connectedness.errors import ConnectednessError, ContractError
from connectedness.flowrun import RunStopped, load_flow


@pytest.fixture(scope="module")
def flow_module():
    load_flow(None)
    return next(one for one in sys.modules.values() if hasattr(one, "only_io"))


def failed_with(error):
    return SimpleNamespace(result=lambda raise_on_failure: error)


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (OSError(5, "Input/output error"), True),
        (PermissionError(13, "in use"), True),
        (ContractError("a row breaks a rule"), False),
        (ConnectednessError("the disk is full"), False),
        (KeyError("a mistake of ours"), False),
    ],
)
def test_only_a_disk_that_failed_is_tried_again(flow_module, error, again):
    assert flow_module.only_io(None, None, failed_with(RunStopped(error))) is again


def test_every_room_is_tried_three_times_at_most_and_keeps_no_result(flow_module):
    for name in ("ingest", "validate", "score", "examine", "measure", "release", "publish"):
        room = getattr(flow_module, name)
        assert room.retries == 2 and room.retry_condition_fn is flow_module.only_io
        assert not room.persist_result


def test_what_prefect_is_told_of_an_error_is_its_kind_alone():
    told = RunStopped(ContractError("school 017, row 5: a code outside 1-5", file="export.csv"))
    assert "017" not in str(told) and "export.csv" not in str(told)
    assert told.exit_code == 11 and "row 5" in told.words()
    assert RunStopped(told).original is told.original


def test_serving_does_not_pause_the_schedule_when_it_is_stopped(tmp_path, monkeypatch):
    from connectedness import serving

    (tmp_path / "survey.yaml").write_text(
        "id: tiny\ntitle: {en: Tiny}\nsynthetic: true\ntimezone: America/Edmonton\ninstruments: [pisa-belonging@1]\n"
        "waves:\n  - {id: w1, window: [2026-10-05, 2026-10-23], files: ['inbox/*.csv'], "
        "map: {columns: {school: S}, items: {pisa_st034q01: Q1}}}\nschedule: {cron: '0 6 * * 1-5'}\n",
        encoding="utf-8",
    )
    served = {}
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    monkeypatch.setattr("prefect.serve", lambda *deployments, **how: served.update(how, deployments=deployments))
    monkeypatch.setattr(serving.threading, "Thread", lambda **_: SimpleNamespace(start=lambda: None))
    serving.serve(tmp_path)
    assert served["pause_on_shutdown"] is False
    (deployment,) = served["deployments"]
    assert deployment.schedules[0].schedule.timezone == "America/Edmonton"
    assert deployment.parameters == {"project": str(open_project(tmp_path).root)}
    with (tmp_path / "survey.yaml").open("a", encoding="utf-8") as survey:
        survey.write("intake: {landing: landing/, every_minutes: 7}\n")
    serving.serve(tmp_path)
    _, intake = served["deployments"]
    assert intake.schedules[0].schedule.interval.total_seconds() == 420
    assert intake.parameters == deployment.parameters


def test_an_intake_may_be_served_without_a_schedule_and_stopped_by_a_key(tmp_path, monkeypatch):
    from connectedness import serving

    (tmp_path / "survey.yaml").write_text(
        "id: tiny\ntitle: {en: Tiny}\nsynthetic: true\ninstruments: [pisa-belonging@1]\n"
        "waves:\n  - {id: w1, window: [2026-10-05, 2026-10-23], files: ['inbox/*.csv'], "
        "map: {columns: {school: S}, items: {pisa_st034q01: Q1}}}\nintake: {landing: landing/}\n",
        encoding="utf-8",
    )
    served = []

    def stopped(*deployments, **_):
        served.extend(deployments)
        raise BaseExceptionGroup("stopped", [KeyboardInterrupt()])

    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    monkeypatch.setattr("prefect.serve", stopped)
    monkeypatch.setattr(serving.threading, "Thread", lambda **_: SimpleNamespace(start=lambda: None))
    serving.serve(tmp_path)
    waves, intake = served
    assert not waves.schedules and len(intake.schedules) == 1
