"""The command that drafts a column map."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def columns(
    file: Annotated[Path, typer.Argument(help="An export as received, or a survey definition (.qsf, .lss) alone.")],
    instrument: Annotated[
        list[str] | None,
        typer.Option(help="Id of an instrument, or the path of your own YAML file; again for more."),
    ] = None,
    project: Annotated[Path | None, typer.Option(help="Project whose survey.yaml and instruments count too.")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Where to write; by default maps/export.yaml.")
    ] = None,
    definition: Annotated[
        Path | None, typer.Option(help="The survey tool's definition: .qsf, .lss, or REDCap's data dictionary.")
    ] = None,
    wording: Annotated[
        Path | None, typer.Option(help="Texts of the questions and labels, as the command questionnaire takes them.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Overwrite the output.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Draft the column map of an export: which column is which item, and how sure that is, for you to confirm."""
    from connectedness.proposing import proposal_text, propose_map

    found = propose_map(
        file, instrument or (), project=project, out=out, definition=definition, words=wording, force=force
    )
    print(json.dumps(found, ensure_ascii=False) if as_json else proposal_text(found))


def register(app: typer.Typer) -> None:
    """Give a command this command."""
    app.command("columns")(columns)
