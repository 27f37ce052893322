"""The intake as a Prefect flow: one look at the landing folder, then the runs of waves that hold something new.

What Prefect keeps holds counts of files and the ids of waves: no file's name, no school, no row.
"""

from __future__ import annotations

import sys
from typing import Any

from prefect import flow, get_run_logger, runtime, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from connectedness.declare.project import open_project
from connectedness.flowrun import RunStopped, load_flow
from connectedness.intake import look
from connectedness.intake.landing import Unreachable
from connectedness.intake.runs import asked, run_here
from connectedness.serving import start_served, tell_of_intake_failure, tell_of_kept
from connectedness.store import RunUnderWay


def only_out_of_reach(_task: object, _run: object, state: Any) -> bool:
    """Try again only when a disk, a share or a server could not be reached."""
    error = state.result(raise_on_failure=False)
    return isinstance(error.original if isinstance(error, RunStopped) else error, Unreachable | OSError)


@task(cache_policy=NO_CACHE, retries=2, retry_delay_seconds=[2, 10], retry_condition_fn=only_out_of_reach)
def look_once(project: str) -> dict[str, Any]:
    """Take what has landed, or keep it for a person; the counts, and the waves to run."""
    try:
        found = look(project)
    except RunUnderWay:
        return {"busy": True, "to_run": []}
    except Exception as error:
        raise RunStopped(error) from None
    if runtime.deployment.id:  # nobody sits at a terminal; the service's log tells the analyst
        print(*found.lines, sep="\n", end="\n" * bool(found.lines), file=sys.stderr, flush=True)
    return found.totals()


@flow(name="intake", on_failure=[tell_of_intake_failure], on_crashed=[tell_of_intake_failure], persist_result=False)
def intake(project: str) -> dict[str, Any]:
    """Look at the landing folder once, and run the waves that hold something new.

    Parameters
    ----------
    project : str
        Folder of the project.
    """
    totals, stopped = look_once(project), []
    for wave in totals["to_run"]:
        try:
            start(project, wave)
        except Exception as error:  # the other waves are run all the same
            stopped.append(RunStopped(error))
    _artifact(totals)
    if runtime.deployment.id and totals.get("set_aside", 0) + totals.get("waiting", 0):
        tell_of_kept(project, totals)
    get_run_logger().info(
        "Looked: %s files taken, %s kept for a person.", totals.get("taken", 0), totals.get("kept", 0)
    )
    if stopped:
        if runtime.deployment.id:
            print(*(one.words() for one in stopped), sep="\n", file=sys.stderr, flush=True)
        raise stopped[0] from None
    return totals


def start(project: str, wave: str) -> None:
    """Run a wave through the served deployment where this look is served too; else in this process."""
    opened = open_project(project)
    if runtime.deployment.id and start_served(opened, wave):
        asked(opened, wave)
        return

    def run(one: str) -> None:
        try:
            load_flow(opened.root)(str(opened.root), one)
        except RunStopped as stopped:
            raise stopped.original from None

    run_here(opened, wave, run)


def _artifact(totals: dict[str, Any]) -> None:
    counts = {name: totals.get(name, 0) for name in ("taken", "set_aside", "waiting", "put_off", "not_reached")}
    if not any(counts.values()):
        return
    lines = "\n".join(f"| {name.replace('_', ' ')} | {n:,} |" for name, n in counts.items())
    waves = "\n".join(f"| taken into {wave} | {n:,} |" for wave, n in totals.get("by_wave", {}).items())
    create_markdown_artifact(
        key="intake-totals",
        markdown=f"# Intake\n\n| files | number |\n|---|---:|\n{lines}\n{waves}\n",
        description="Files of the landing folder, by what became of them",
    )
