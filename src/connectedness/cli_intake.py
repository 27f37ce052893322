"""Commands of the intake: look at the landing folder now, see what waits for a person, accept it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

intake_app = typer.Typer(
    help="Files that land: take them into their wave, and see those that wait for a person.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Folder = Annotated[Path, typer.Argument(help="Folder of the project (the one that holds survey.yaml).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


@intake_app.command("look")
def look_now(project: Folder = Path(), as_json: AsJson = False) -> None:
    """Look at the landing folder once: take what has stopped growing, and run the waves that hold something new."""
    from connectedness.declare.project import open_project
    from connectedness.flowrun import run_flow
    from connectedness.intake import look
    from connectedness.intake.runs import run_here

    found, opened = look(project), open_project(project)
    if not as_json:
        for line in _lines_of(found, opened):
            print(line)
    runs, stopped = [], None
    for wave in found.to_run:
        if not as_json:
            print(f"Wave {wave}: running ...", file=sys.stderr)
        try:
            done = run_here(opened, wave, lambda one: run_flow(opened.root, one))
        except Exception as error:  # the other waves are run all the same
            stopped = stopped or error
            continue
        runs.append(done or {"wave": wave, "status": "another run is working; the next look tries again"})
    if as_json:
        print(json.dumps({**found.totals(), "waits": found.waits, "runs": runs}, ensure_ascii=False))
    for one in [] if as_json else runs:
        rows = one.get("rows")
        print(f"Wave {one['wave']}: " + (f"{rows['accepted']:,} of {rows['read']:,} rows" if rows else one["status"]))
    if stopped is not None:
        raise stopped


@intake_app.command("waiting")
def waiting(project: Folder = Path(), as_json: AsJson = False) -> None:
    """List the files that were set aside, or came late, and say why and what to do."""
    from connectedness.declare.project import open_project
    from connectedness.intake import kept_for_a_person

    kept = kept_for_a_person(open_project(project))
    if as_json:
        shown = ("what", "shown", "sha256", "wave", "bytes", "note", "when")
        print(json.dumps([{name: one[name] for name in shown} for one in kept], ensure_ascii=False))
        return
    for one in kept:
        print(f"{one['sha256'][:12]}  {one['what']}, {one['when'][:16].replace('T', ' ')} UTC: {one['shown']}")
        for sentence in one["note"]:
            print(f"  {sentence}")
    if kept:
        print("To take one after all: connectedness intake accept FINGERPRINT [--wave ID]. Else delete it.")
    else:
        print("Nothing waits.")


@intake_app.command("accept")
def accept_file(
    fingerprint: Annotated[str, typer.Argument(help="The first letters of its fingerprint, as waiting shows them.")],
    project: Folder = Path(),
    wave: Annotated[str | None, typer.Option("--wave", help="Id of the wave, where the note does not say.")] = None,
    as_json: AsJson = False,
) -> None:
    """Put a file that was set aside, or came late, into the inbox. Nothing is run or published by it."""
    from connectedness.intake import accept

    done = accept(project, fingerprint, wave)
    if as_json:
        print(json.dumps(done, ensure_ascii=False))
        return
    print(f"{done['shown']} is now in the inbox of wave {done['wave']}. Nothing has been run.")
    more = " --reissue" if done["reissue"] else ""
    print(f"Your next step: connectedness run --wave {done['wave']}{more}")
    if done["reissue"]:
        print("(--reissue, since later waves are published: what was published of this one is then replaced.)")
    elif not done["closed"]:
        print("The next look runs it too, since the wave is open.")


def _lines_of(found: Any, project: Any) -> list[str]:
    counts, lines = found.counts, list(found.lines)
    settle = project.survey.intake.settle_minutes
    for name, words in (
        ("settling", f"new, or still growing; look again in {settle} {'minute' if settle == 1 else 'minutes'}"),
        ("put_off", "left for the next look"),
        ("not_reached", "could not be opened; the next look tries again"),
        ("not_legal", "left alone: their names are not legal on every system, so rename them"),
    ):
        if counts[name]:
            lines.append(f"{counts[name]} {'file' if counts[name] == 1 else 'files'}: {words}.")
    lines += [f"Wave {wave} holds something new, and waits for {what}." for wave, what in found.waits.items()]
    if found.kept:
        lines.append(f"Kept for a person: {found.kept}. See: connectedness intake waiting")
    return lines or ["Nothing new has landed."]


def register(app: typer.Typer) -> None:
    """Give a command these commands."""
    app.add_typer(intake_app, name="intake")
