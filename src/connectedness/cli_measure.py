"""The command that prepares a test of measurement invariance: may groups be compared on a score?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from connectedness.errors import ConnectednessError

_STATES = {"written": "written", "not_run": "ready from before, not run yet", "tested": "tested already"}


def invariance(
    instrument: Annotated[
        str | None, typer.Argument(help="Of one file: an instrument's id, or the path of your own YAML file.")
    ] = None,
    file: Annotated[Path | None, typer.Argument(help="CSV, TSV, XLSX, SAV or parquet, one row a student.")] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Column of the file with the groups; of a wave, a breakdown (again; by default all)."),
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Of one file: folder for script and data.")] = None,
    map_file: Annotated[Path | None, typer.Option("--map", help="Column map, where columns have other names.")] = None,
    force: Annotated[bool, typer.Option(help="Of one file: overwrite files of an earlier time.")] = False,
    project: Annotated[Path, typer.Option(help="Of a wave: folder of the project.")] = Path(),
    wave: Annotated[str | None, typer.Option(help="Id of a wave; by default the newest that is open.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
) -> None:
    """Write a script for R, with its data, that tests whether a score measures alike in several groups.

    Of one file: connectedness invariance INSTRUMENT FILE --by COLUMN --out DIR. Of a wave that has been run:
    connectedness invariance --wave ID; its answers stay in the project's store, and the next run reads the results.
    """
    if instrument is None:
        if out is not None or map_file is not None or force:
            raise _usage("--out, --map and --force are for one file; a wave's answers stay in its store")
        found = _of_wave(project, wave, by or [])
    else:
        if file is None or out is None or not by or len(by) > 1:
            raise _usage("one file needs INSTRUMENT, FILE, one --by COLUMN, and --out DIR")
        if wave is not None:
            raise _usage("--wave is for a wave of a project; leave out INSTRUMENT and FILE")
        from connectedness.comparable import invariance_of_file

        found = invariance_of_file(instrument, file, by[0], out, map_file=map_file, force=force)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        _say(found, instrument is None)


def register(app: typer.Typer) -> None:
    """Give a command this command."""
    app.command("invariance")(invariance)


def _usage(problem: str) -> typer.BadParameter:
    return typer.BadParameter(problem + ".")


def _of_wave(project: Path, wave: str | None, by: list[str]) -> dict[str, Any]:
    from connectedness.comparable import invariance_of_wave
    from connectedness.declare.project import open_project

    wanted = wave or open_project(project).open_wave().id
    found = invariance_of_wave(project, wanted, by)
    if not found["written"]:
        why = "; ".join(f"{one['by']}, {one['instrument']}: {one['why']}" for one in found["refused"])
        raise ConnectednessError("nothing of this wave can be tested for invariance.", found=why or "no breakdown")
    return {**found, "wave": wanted}


def _say(found: dict[str, Any], of_wave: bool) -> None:
    for one in found["written"]:
        print(f"{one['folder']}: {_STATES[one['state']]}")
        small = f"; {one['small']} with too few students left out" if one["small"] else ""
        print(f"  by {one['by']}: {one['n']:,} students in {one['groups']} groups{small}; {', '.join(one['scales'])}")
        for scale, why in one["left_out"].items():
            print(f"  not {scale}: {why}")
    for one in found["refused"]:
        print(f"Not by {one['by']}, {one['instrument']}: {one['why']}")
    todo = [one for one in found["written"] if one["state"] != "tested"]
    if todo:
        print(f"Now, in {'that folder' if len(todo) == 1 else 'each of those folders'}, where R and its package lavaan")
        print(f"are installed: {found['run']}")
        print(f"The results land beside the script, in {found['results']}; README.txt says how to read them.")
        print("answers.csv holds answers of single students, without identity: pass it on to nobody.")
    if of_wave:
        print(f"Then run the wave again, and its pages say what was found: connectedness run --wave {found['wave']}")
        print("(where its files have been purged, or later waves are published: connectedness reissue)")
