"""The command that writes a questionnaire for a survey tool."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Tool(StrEnum):
    """Survey tools for which a questionnaire can be written."""

    qualtrics = "qualtrics"
    limesurvey = "limesurvey"
    redcap = "redcap"
    plain = "plain"


class Language(StrEnum):
    """Languages of questionnaires."""

    en = "en"
    fr = "fr"


def questionnaire(
    instrument: Annotated[str, typer.Argument(help="Id of an instrument, or the path of your own YAML file.")],
    tool: Annotated[
        Tool, typer.Option("--for", help="The tool that will import it; plain is a page to print or copy.")
    ],
    lang: Annotated[
        Language | None, typer.Option(help="One language; by default both, where a file can hold both.")
    ] = None,
    modules: Annotated[str, typer.Option(help="Sensitive modules to ask, with commas between. None by default.")] = "",
    wording: Annotated[
        Path | None, typer.Option(help="YAML or CSV with the texts of an instrument whose wording you may use.")
    ] = None,
    project: Annotated[
        Path | None, typer.Option(help="Project whose own instruments count too, and whose survey names the token.")
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Where to write the questionnaire.")] = None,
    map_file: Annotated[
        Path | None, typer.Option("--map", help="Where to write the column map; by default beside the questionnaire.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Overwrite files that are there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Write a questionnaire that a survey tool imports, so that the export that comes back maps itself."""
    from connectedness.questionnaire import write_questionnaire

    made = write_questionnaire(
        instrument,
        tool.value,
        language=lang.value if lang else None,
        modules=tuple(one.strip() for one in modules.split(",") if one.strip()),
        wording=wording,
        project=project,
        out=out,
        map_file=map_file,
        force=force,
    )
    if as_json:
        told = {"file": str(made.file), "map": str(made.map_file), "languages": made.languages}
        print(json.dumps({**told, "columns": made.columns, "notes": made.notes}, ensure_ascii=False))
        return
    print(f"Questionnaire: {made.file}  ({len(made.columns)} questions)")
    print(f"Column map:    {made.map_file}")
    for note in made.notes:
        print(f"- {note}")


def register(app: typer.Typer) -> None:
    """Give a command this command."""
    app.command("questionnaire")(questionnaire)
