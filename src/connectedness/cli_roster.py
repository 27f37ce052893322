"""Commands on rosters: a check before the survey opens, participation while it is open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

roster_app = typer.Typer(help="Look at a wave's roster.", no_args_is_help=True, rich_markup_mode=None)

Folder = Annotated[Path, typer.Argument(help="Folder of the project (the one that holds survey.yaml).")]
WaveId = Annotated[str | None, typer.Option("--wave", help="Id of the wave; by default the newest that is open.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


@roster_app.command("check")
def roster_check(project: Folder = Path(), wave: WaveId = None, as_json: AsJson = False) -> None:
    """Say before a survey opens how many students are where, which rows were set aside, and what will be hidden."""
    from connectedness.ingest.roster_check import check_roster
    from connectedness.ingest.roster_words import check_text

    found = check_roster(project, _wave(project, wave))
    print(json.dumps(found, ensure_ascii=False) if as_json else check_text(found))


def participation(project: Folder = Path(), wave: WaveId = None, as_json: AsJson = False) -> None:
    """Say while a wave is open how many have answered, by school and by grade; counts only, small ones together."""
    from connectedness.participation import participation as count
    from connectedness.participation import participation_text

    found = count(project, _wave(project, wave))
    print(json.dumps(found, ensure_ascii=False) if as_json else participation_text(found))


def register(app: typer.Typer) -> None:
    """Give a command these commands."""
    app.add_typer(roster_app, name="roster")
    app.command("participation")(participation)


def _wave(project: Path, wave: str | None) -> str:
    from connectedness.declare.project import open_project

    opened = open_project(project)
    return wave or opened.open_wave().id
