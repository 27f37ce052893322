"""The schedule: one long-lived process that runs the open wave on the survey's cron, and tells when it did not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from connectedness.declare.intake import Intake
from connectedness.declare.project import Project, check_declarations, open_project
from connectedness.declare.survey import Schedule
from connectedness.errors import ConnectednessError, DeclarationError
from connectedness.files import write_text
from connectedness.flowrun import load_flow, quiet_prefect

_NEXT_STEP = "Open the analyst's page on the machine that runs the survey (site/analyst/index.html), then run again."


def serve(root: str | Path) -> None:
    """Serve `process_wave` on the cron and in the timezone of `survey.yaml`, and the intake, until stopped.

    Where `PREFECT_API_URL` names no server, one is started on this machine, reachable from this machine only.

    Raises
    ------
    DeclarationError
        When the survey declares neither a schedule nor an intake, or something in it does not hold.
    """
    project = open_project(root)
    check_declarations(project)
    if project.survey.schedule is None and project.survey.intake is None:
        raise project.source.error(
            "the survey declares no schedule and no intake, so there is nothing to serve.",
            todo='Add to survey.yaml:  schedule: {cron: "0 6 * * 1-5"}',
        )
    quiet_prefect("CRITICAL")
    with prefect_server():
        from prefect import serve as serve_deployments

        watcher = threading.Thread(target=_watch, args=(project.root,), daemon=True)
        watcher.start()
        # Pausing the schedule at shutdown, Prefect's default, would leave it paused after a restart of the machine.
        try:
            serve_deployments(*deployments(project), pause_on_shutdown=False, print_starting_message=False)
        except* KeyboardInterrupt:
            pass  # a person pressed Ctrl+C, as they were told to


def deployments(project: Project) -> list[Any]:
    """What is served of a project: its waves, and its intake where it declares one."""
    served = [deployment(project, project.survey.schedule)]
    return served if project.survey.intake is None else [*served, intake_deployment(project, project.survey.intake)]


def deployment(project: Project, schedule: Schedule | None) -> Any:
    """The served deployment of a project's waves; without a schedule it runs only when the intake asks for it."""
    from prefect.schedules import Cron

    return load_flow(project.root).to_deployment(
        name=project.survey.id,
        schedule=Cron(schedule.cron, timezone=project.survey.timezone) if schedule else None,
        parameters={"project": str(project.root)},
        concurrency_limit=1,
        description=f"Runs the open wave of {project.survey.title.en}",
    )


def intake_deployment(project: Project, declared: Intake) -> Any:
    """The served deployment of a project's intake."""
    from prefect.schedules import Interval

    # No limit of Prefect's own: a look that finds another at work ends at once, and one that died blocks nobody.
    return load_flow(project.root, "intake").to_deployment(
        name=project.survey.id,
        schedule=Interval(timedelta(minutes=declared.every_minutes), timezone=project.survey.timezone),
        parameters={"project": str(project.root)},
        description=f"Looks at the landing folder of {project.survey.title.en}",
    )


def start_served(project: Project, wave: str) -> bool:
    """Ask the served deployment for a run of a wave, and do not wait for it; False where none is served."""
    from prefect.client.orchestration import get_client
    from prefect.deployments import run_deployment
    from prefect.exceptions import ObjectNotFound

    name = f"process-wave/{project.survey.id}"
    with get_client(sync_client=True) as client:
        try:
            client.read_deployment_by_name(name)
        except ObjectNotFound:
            return False
    run_deployment(name, parameters={"project": str(project.root), "wave": wave}, timeout=0, as_subflow=False)
    return True


@contextmanager
def prefect_server(port: int = 4242) -> Iterator[str]:
    """The Prefect server that `PREFECT_API_URL` names, else one of our own on this machine for as long as the block."""
    given = os.environ.get("PREFECT_API_URL")
    if given:
        yield given
        return
    command = [
        sys.executable,
        "-m",
        "prefect",
        "server",
        "start",
        "--no-ui",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/api"
    try:
        _wait_until_healthy(url, server)
        os.environ["PREFECT_API_URL"] = url
        yield url
    finally:
        os.environ.pop("PREFECT_API_URL", None)
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=20)


def missed_run(schedule: Schedule, timezone: str, last_started: datetime, now: datetime) -> datetime | None:
    """The scheduled time that passed, with its grace, without a run; None when all is well.

    Parameters
    ----------
    schedule : Schedule
        Cron and grace.
    timezone : str
        The survey's.
    last_started : datetime
        When a run last began, aware.
    now : datetime
        Aware.

    Returns
    -------
    datetime or None
        The missed time, in the survey's timezone.
    """
    from croniter import croniter

    here = now.astimezone(ZoneInfo(timezone)) - timedelta(minutes=schedule.grace_minutes)
    due: datetime = croniter(schedule.cron, here).get_prev(datetime)
    return due if last_started < due - timedelta(minutes=1) else None


def tell_of_failure(flow: Any, flow_run: Any, state: Any) -> None:
    """Prefect's hook: tell of a scheduled run that failed. A run that a person started tells in their terminal."""
    root = (flow_run.parameters or {}).get("project")
    if flow_run.deployment_id is None or root is None:
        return
    project = open_project(root)
    notify(project, "The scheduled run stopped.", _counts(project))


def tell_of_intake_failure(flow: Any, flow_run: Any, state: Any) -> None:
    """Prefect's hook: tell of a look that failed, once until a look has gone well again."""
    root = (flow_run.parameters or {}).get("project")
    if flow_run.deployment_id is None or root is None:
        return
    project = open_project(root)
    told, looked = project.store / "intake-told.txt", _last_look(project)
    if told.is_file() and told.read_text(encoding="utf-8") == looked:
        return
    notify(project, "The intake stopped.", {})
    write_text(told, looked)


def tell_of_kept(root: str, counts: dict[str, Any]) -> None:
    """Tell that files of the landing folder wait for a person: how many, and no name."""
    project = open_project(root)
    kept = {name: counts[name] for name in ("set_aside", "waiting", "kept")}
    notify(project, "Files that landed wait for a person. See: connectedness intake waiting", kept)


def notify(project: Project, problem: str, counts: dict[str, Any]) -> list[str]:
    """Send what went wrong to the webhook and e-mail that the survey declares; return where it was sent.

    What is sent holds the survey, the wave, row totals and the next step: no school, no row.

    Raises
    ------
    ConnectednessError
        When the declared place cannot be reached.
    """
    declared = project.survey.notify
    if declared is None:
        return []
    message = {"survey": project.survey.id, "problem": problem, **counts, "next_step": _NEXT_STEP}
    sent = []
    if declared.webhook_env:
        _post(_from_environment(project, declared.webhook_env), message)
        sent.append("webhook")
    if declared.email is not None:
        body = "\n".join(f"{name}: {value}" for name, value in message.items())
        mail = EmailMessage()
        mail["Subject"], mail["From"] = f"{project.survey.title.en}: {problem}", declared.email.sender
        mail["To"] = ", ".join(declared.email.to)
        mail.set_content(body)
        _mail(_from_environment(project, declared.email.smtp_env), mail)
        sent.append("email")
    return sent


def _watch(root: Path, every_s: float = 60) -> None:
    """Look every minute for a run that should have begun and did not; tell once for each."""
    since, told, told_look = datetime.now(UTC), None, None
    while True:
        try:
            told = tell_of_missed(root, since, told, datetime.now(UTC))
            told_look = tell_of_no_look(root, since, told_look, datetime.now(UTC))
        except (ConnectednessError, OSError) as error:
            print(error, file=sys.stderr)  # the log of the service; the schedule itself goes on
        time.sleep(every_s)


def tell_of_missed(root: Path, since: datetime, told: datetime | None, now: datetime) -> datetime | None:
    """Tell of a missed run unless it is the one told of before; return the one last told of.

    `since` is when serving began: what was due before the first run ever and before that is not missed.
    """
    project = open_project(root)
    schedule = project.survey.schedule
    if schedule is None:
        return told
    last = _last_run(project).get("started")
    started = since if last is None else datetime.fromisoformat(last)
    missed = missed_run(schedule, project.survey.timezone, started, now)
    if missed is None or missed == told:
        return told
    notify(project, f"The run of {missed:%Y-%m-%d %H:%M} did not take place.", _counts(project))
    return missed


def tell_of_no_look(root: Path, since: datetime, told: str | None, now: datetime) -> str | None:
    """Tell that the intake has not looked for an hour, or three times its interval; once until it looks again."""
    project = open_project(root)
    declared = project.survey.intake
    if declared is None:
        return told
    last = _last_look(project)
    looked = max(since, datetime.fromisoformat(last)) if last else since
    if last == told or now - looked < timedelta(minutes=max(60, 3 * declared.every_minutes)):
        return told
    notify(project, f"The intake has not looked since {looked:%Y-%m-%d %H:%M} UTC.", {})
    return last


def _last_look(project: Project) -> str:
    """When the intake last looked; empty where it never did."""
    file = project.store / "intake-looks.json"
    return str(json.loads(file.read_text(encoding="utf-8")).get("looked", "")) if file.is_file() else ""


def _last_run(project: Project) -> dict[str, Any]:
    file = project.store / "last-run.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _counts(project: Project) -> dict[str, Any]:
    """Wave, status and row totals of the last run."""
    last = _last_run(project)
    counts: dict[str, Any] = {"wave": last.get("wave"), "status": last.get("status")}
    if last.get("wave"):
        from connectedness.store import report_file

        report = report_file(project, last["wave"])
        if report.is_file():
            counts["rows"] = json.loads(report.read_text(encoding="utf-8")).get("totals", {})
    return counts


def _from_environment(project: Project, name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise DeclarationError(
            "the place to send notices to is not set.",
            file=project.root / "survey.yaml",
            key="notify",
            found=f"no environment variable {name}",
            todo=f"Set {name} for the account that runs connectedness serve.",
        )
    return value


def _post(url: str, message: dict[str, Any]) -> None:
    from urllib.request import Request, urlopen

    if urlsplit(url).scheme not in ("http", "https"):
        raise ConnectednessError("the webhook is not a web address.", allowed="an address that begins with https://")
    request = Request(url, json.dumps(message).encode(), {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=30):
            return
    except OSError as error:
        raise ConnectednessError("the webhook could not be reached.", todo="Check its address.") from error


def _mail(place: str, mail: EmailMessage) -> None:
    import smtplib

    parts = urlsplit(place)
    connect = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    try:
        with connect(parts.hostname or "localhost", parts.port or 0, timeout=30) as server:
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(mail)
    except OSError as error:
        raise ConnectednessError("the e-mail could not be sent.", todo="Check the mail server's address.") from error


def _wait_until_healthy(url: str, server: subprocess.Popen[bytes], seconds: float = 90) -> None:
    from urllib.request import urlopen

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        with suppress(OSError), urlopen(f"{url}/health", timeout=2):
            return
        time.sleep(0.5)
    raise ConnectednessError(
        "the schedule's own server did not start.",
        todo="See whether another connectedness serve is running, or name a Prefect server in PREFECT_API_URL.",
    )
