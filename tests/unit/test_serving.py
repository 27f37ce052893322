"""The schedule's judgement: what is missed, what is told and to whom."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from connectedness import serving
from connectedness.declare.project import open_project
from connectedness.declare.survey import Schedule
from connectedness.errors import ConnectednessError, DeclarationError
from connectedness.serving import missed_run, notify, tell_of_failure, tell_of_missed

WEEKDAYS = Schedule(cron="0 6 * * 1-5", grace_minutes=60)
SURVEY = """
id: tiny
title: {en: Tiny, fr: Petit}
synthetic: true
timezone: America/Edmonton
instruments: [pisa-belonging@1]
waves:
  - {id: w1, window: [2026-10-05, 2026-10-23], files: ["inbox/*.csv"], map: {items: {pisa_st034q01: Q1}}}
schedule: {cron: "0 6 * * 1-5"}
"""


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "now", "missed"),
    [
        ("2026-10-13T12:00:10", "2026-10-13T20:00", None),  # Tuesday's 06:00 in Edmonton is 12:00 UTC: it ran
        ("2026-10-12T12:00:10", "2026-10-13T12:59", None),  # within the grace of an hour
        ("2026-10-12T12:00:10", "2026-10-13T13:01", "2026-10-13T06:00:00-06:00"),
        ("2026-10-16T12:00:10", "2026-10-18T20:00", None),  # Sunday: nothing since Friday is right
        ("2026-10-16T12:00:10", "2026-10-19T14:00", "2026-10-19T06:00:00-06:00"),
        ("2026-11-02T13:00:10", "2026-11-02T20:00", None),  # clocks went back: 06:00 is now 13:00 UTC
    ],
)
def test_a_run_is_missed_when_its_time_and_grace_have_passed(last, now, missed):
    found = missed_run(WEEKDAYS, "America/Edmonton", at(last), at(now))
    assert (found.isoformat() if found else None) == missed


@pytest.fixture
def project(tmp_path):
    (tmp_path / "survey.yaml").write_text(SURVEY + "notify: {webhook_env: TEST_WEBHOOK}\n", encoding="utf-8")
    (tmp_path / "store" / "w1").mkdir(parents=True)
    last = {"wave": "w1", "status": "stopped (11)", "started": "2026-10-12T12:00:10+00:00"}
    (tmp_path / "store" / "last-run.json").write_text(json.dumps(last))
    report = {"totals": {"read": 10, "accepted": 8}, "stopped": ["school 017 has no students"]}
    (tmp_path / "store" / "w1" / "report.json").write_text(json.dumps(report))
    return open_project(tmp_path)


@pytest.fixture
def webhook(monkeypatch):
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("TEST_WEBHOOK", f"http://127.0.0.1:{server.server_port}/")
    yield got
    server.shutdown()


def test_a_scheduled_run_that_failed_is_told_with_counts_and_the_next_step(project, webhook):
    run = SimpleNamespace(parameters={"project": str(project.root)}, deployment_id="some")
    tell_of_failure(None, run, None)
    (message,) = webhook
    assert message["wave"] == "w1" and message["rows"] == {"read": 10, "accepted": 8}
    assert "analyst's page" in message["next_step"]
    assert "017" not in json.dumps(message)


def test_a_run_that_a_person_started_is_told_in_their_terminal_only(project, webhook):
    tell_of_failure(None, SimpleNamespace(parameters={"project": str(project.root)}, deployment_id=None), None)
    assert webhook == []


def test_a_missed_run_is_told_once(project, webhook):
    since = at("2026-10-01T00:00")
    told = tell_of_missed(project.root, since, None, at("2026-10-13T14:00"))
    told = tell_of_missed(project.root, since, told, at("2026-10-13T14:01"))
    assert len(webhook) == 1 and "2026-10-13 06:00" in webhook[0]["problem"]
    tell_of_missed(project.root, since, told, at("2026-10-14T14:01"))
    assert len(webhook) == 2


def test_what_was_due_before_serving_began_is_not_missed(project, webhook):
    (project.store / "last-run.json").unlink()
    assert tell_of_missed(project.root, at("2026-10-13T15:00"), None, at("2026-10-13T16:00")) is None
    assert webhook == []


def test_nothing_is_sent_that_the_survey_does_not_declare(tmp_path, monkeypatch):
    (tmp_path / "survey.yaml").write_text(SURVEY, encoding="utf-8")
    monkeypatch.setattr(serving, "_post", lambda *_: pytest.fail("sent"))
    assert notify(open_project(tmp_path), "problem", {}) == []


def test_an_unset_webhook_is_explained(project, monkeypatch):
    monkeypatch.delenv("TEST_WEBHOOK", raising=False)
    with pytest.raises(DeclarationError, match="TEST_WEBHOOK"):
        notify(project, "problem", {})


def test_a_webhook_that_is_down_is_explained(project, monkeypatch):
    monkeypatch.setenv("TEST_WEBHOOK", "http://127.0.0.1:9/")
    with pytest.raises(ConnectednessError, match="could not be reached"):
        notify(project, "problem", {})


def test_mail_goes_to_whom_the_survey_names(tmp_path, monkeypatch):
    sent = []

    class Server:
        def __init__(self, host, port, timeout):
            self.place = (host, port)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return False

        def login(self, user, password):
            sent.append((user, password))

        def send_message(self, mail):
            sent.append((self.place, mail["To"], mail["Subject"], mail.get_content()))

    monkeypatch.setattr("smtplib.SMTP_SSL", Server)
    monkeypatch.setenv("CONNECTEDNESS_SMTP", "smtps://bot:p%40ss@mail.example:465")
    declared = "notify: {email: {to: [a@example.ca, b@example.ca], sender: s@example.ca}}\n"
    (tmp_path / "survey.yaml").write_text(SURVEY + declared, encoding="utf-8")
    assert notify(open_project(tmp_path), "The run stopped.", {"rows": {"read": 3}}) == ["email"]
    assert sent[0] == ("bot", "p@ss")
    place, to, subject, body = sent[1]
    assert place == ("mail.example", 465) and to == "a@example.ca, b@example.ca"
    assert "Tiny" in subject and "read" in body


def test_a_survey_without_a_schedule_says_what_to_add(tmp_path):
    (tmp_path / "survey.yaml").write_text(SURVEY.replace("schedule:", "#"), encoding="utf-8")
    with pytest.raises(DeclarationError, match="schedule"):
        serving.serve(tmp_path)


INTAKE = "intake: {landing: landing/, every_minutes: 5}\n"


@pytest.fixture
def with_intake(project):
    survey = project.root / "survey.yaml"
    survey.write_text(survey.read_text(encoding="utf-8") + INTAKE, encoding="utf-8")
    return project.root


def looked(root, when):
    (root / "store" / "intake-looks.json").write_text(json.dumps({"looked": f"{when}+00:00", "files": {}}))


def test_a_look_that_failed_is_told_once_until_one_goes_well(with_intake, webhook):
    run = SimpleNamespace(parameters={"project": str(with_intake)}, deployment_id="some")
    for when in ("2026-10-13T06:00:00", "2026-10-13T06:00:00", "2026-10-13T09:00:00"):
        looked(with_intake, when)
        serving.tell_of_intake_failure(None, run, None)
    assert [one["problem"] for one in webhook] == ["The intake stopped."] * 2
    serving.tell_of_intake_failure(None, SimpleNamespace(parameters=run.parameters, deployment_id=None), None)
    assert len(webhook) == 2


def test_an_intake_that_no_longer_looks_is_told_of_once(with_intake, webhook):
    since, told = at("2026-10-13T05:00"), None
    looked(with_intake, "2026-10-13T06:00:00")
    for now in ("2026-10-13T06:30", "2026-10-13T07:01", "2026-10-13T08:00"):
        told = serving.tell_of_no_look(with_intake, since, told, at(now))
    assert len(webhook) == 1 and "2026-10-13 06:00" in webhook[0]["problem"]
    looked(with_intake, "2026-10-13T08:05:00")
    told = serving.tell_of_no_look(with_intake, since, told, at("2026-10-13T08:10"))
    assert len(webhook) == 1
    serving.tell_of_no_look(with_intake, since, told, at("2026-10-13T10:00"))
    assert len(webhook) == 2


def test_files_that_wait_are_told_of_by_number(with_intake, webhook):
    serving.tell_of_kept(str(with_intake), {"set_aside": 1, "waiting": 2, "kept": 3, "taken": 4})
    (message,) = webhook
    assert (message["set_aside"], message["waiting"], message["kept"]) == (1, 2, 3) and "taken" not in message
