"""The command that tells what was found: by file, by school, and of the wave as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(help="Folder of the project (the one that holds survey.yaml).")]


def report(
    project: Folder = Path(),
    wave: Annotated[
        str | None, typer.Option("--wave", help="Id of the wave; by default the newest that was run.")
    ] = None,
    school: Annotated[str | None, typer.Option("--school", help="Id or name of a school: its part alone.")] = None,
    file: Annotated[str | None, typer.Option("--file", help="Name of a file: its part alone.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Say in sentences what the last run found, by file and by school; one school can be sent its own part."""
    from connectedness.wavereport import report_text, wave_report

    found = wave_report(project, wave, school=school, file=file)
    print(json.dumps(found, ensure_ascii=False) if as_json else report_text(found))


def register(app: typer.Typer) -> None:
    """Give a command this command."""
    app.command("report")(report)
