"""One wave as a Prefect flow: a task per room, paths in and paths out.

What Prefect keeps (its database, logs and artifacts) holds wave totals and links: no school, no row, no answer. So an
error's own words stay out of Prefect; it is told that the wave stopped, and where the analyst reads why.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger, runtime, task
from prefect.artifacts import create_link_artifact, create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from connectedness import pipeline, reporting, store
from connectedness.errors import ConnectednessError
from connectedness.flowrun import RunStopped, tell, tell_reading
from connectedness.serving import tell_of_failure


def quiet_about_data(room: Callable[..., str]) -> Callable[..., str]:
    """Replace an error by one that says nothing of schools, rows or values; the original stays in this process."""

    @wraps(room)
    def told(*args: Any, **kwargs: Any) -> str:
        try:
            return room(*args, **kwargs)
        except Exception as error:
            raise RunStopped(error) from None

    return told


def only_io(_task: object, _run: object, state: Any) -> bool:
    """Try again only when a disk or share failed; data that breaks a rule breaks it the second time too."""
    error = state.result(raise_on_failure=False)
    original = error.original if isinstance(error, RunStopped) else error
    return isinstance(original, OSError) and not isinstance(original, ConnectednessError)


# A scheduled run waits for another to end; a person is told at once that there is one.
_PATIENCE_S = 1800
room = task(cache_policy=NO_CACHE, retries=2, retry_delay_seconds=[2, 10], retry_condition_fn=only_io)


@room
@quiet_about_data
def ingest(project: str, wave: str) -> str:
    """Export files and roster to tables."""
    return str(pipeline.ingest(Path(project), wave, tell_reading))


@room
@quiet_about_data
def validate(project: str, wave: str) -> str:
    """Rows that meet their contracts, and a report."""
    return str(pipeline.validate(Path(project), wave))


@room
@quiet_about_data
def score(project: str, wave: str) -> str:
    """Scale scores."""
    return str(pipeline.score(Path(project), wave))


@room
@quiet_about_data
def examine(project: str, wave: str) -> str:
    """Whether the scales run the right way and hold together."""
    return str(pipeline.examine(Path(project), wave))


@room
@quiet_about_data
def measure(project: str, wave: str) -> str:
    """Estimates of groups."""
    return str(pipeline.measure(Path(project), wave))


@room
@quiet_about_data
def release(project: str, wave: str, reissue: bool = False) -> str:
    """Protected estimates, one release an audience."""
    return str(pipeline.release(Path(project), wave, reissue=reissue)[0].parent)


@room
@quiet_about_data
def publish(project: str, wave: str) -> str:
    """Pages."""
    return str(pipeline.publish(Path(project), wave)[-1])


@flow(name="process-wave", on_failure=[tell_of_failure], on_crashed=[tell_of_failure], persist_result=False)
def process_wave(project: str, wave: str | None = None, reissue: bool = False) -> dict[str, Any]:
    """Take one wave (by default the newest that is open) from its export files to its pages.

    Parameters
    ----------
    project : str
        Folder of the project.
    wave : str, optional
        Id of the wave.
    reissue : bool
        Replace the wave in releases that already hold later waves.
    """
    log = get_run_logger()
    try:
        with store.one_run(Path(project), wait_s=_PATIENCE_S if runtime.deployment.id else 0) as opened:
            wave = wave or opened.open_wave().id
            opened.wave(wave)
            with store.recorded(opened, wave):
                root = str(opened.root)
                for step in (ingest, validate, score, examine, measure):
                    tell(step.name)
                    step(root, wave)
                tell(release.name)
                release(root, wave, reissue)
                tell(publish.name)
                publish(root, wave)
                totals = reporting.summary(opened, wave)
    except (ConnectednessError, RunStopped) as error:
        stopped = RunStopped(error)
        if runtime.deployment.id:  # nobody sits at a terminal; the service's log tells the analyst
            print(stopped.words(), file=sys.stderr, flush=True)
        raise stopped from None
    _artifacts(totals)
    log.info("Wave %s: %s rows accepted of %s read.", wave, totals["rows"]["accepted"], totals["rows"]["read"])
    return totals


def _artifacts(totals: dict[str, Any]) -> None:
    rows = totals["rows"]
    lines = "\n".join(f"| {name} | {rows[name]:,} |" for name in ("read", "accepted", "quarantined", "excluded"))
    create_markdown_artifact(
        key="wave-totals",
        markdown=f"# Wave {totals['wave']}\n\n| rows | number |\n|---|---:|\n{lines}\n",
        description=f"Row totals of wave {totals['wave']}",
    )
    for name, page in totals["pages"].items():
        create_link_artifact(key=f"{name}-page", link=Path(page).as_uri(), link_text=f"The {name} page")
