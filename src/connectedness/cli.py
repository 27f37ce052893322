"""The command: arguments, printing, exit codes. What it does is done elsewhere, and imported when it is needed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from connectedness import cli_columns, cli_data, cli_intake, cli_measure, cli_questionnaire, cli_report, cli_roster
from connectedness.cli_progress import shown_progress
from connectedness.errors import ConnectednessError, unexpected

app = typer.Typer(
    name="connectedness",
    help="Measure belonging in schools: from the survey tool's export to the page that a principal reads.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
release_app = typer.Typer(help="Make releases for one named purpose.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(release_app, name="release")

Folder = Annotated[Path, typer.Argument(help="Folder of the project (the one that holds survey.yaml).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")]


def main() -> None:
    """Run the command; turn our errors into plain words and exit codes.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 10 a declaration does not hold, 11 data does not meet its contract,
    12 publishing would disclose.
    """
    # Our matrices are small: threads that wait for one another cost more than they bring, on a busy machine many times.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a Windows console may lack a letter; that must not stop a run
    try:
        app()
    except ConnectednessError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except Exception as error:
        if os.environ.get("CONNECTEDNESS_TRACEBACK"):
            raise
        print(unexpected(error), file=sys.stderr)
        raise SystemExit(1) from None


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="New folder for the project.")],
    survey_id: Annotated[
        str | None, typer.Option("--id", help="Id of the survey; by default the folder's name.")
    ] = None,
) -> None:
    """Start a project: survey.yaml, a schedule, a README, and the secret key kept outside it."""
    from connectedness.newproject import init_project

    print(init_project(folder, survey_id))


@app.command()
def customise(
    name: Annotated[str, typer.Argument(help="A packaged file, such as data_contracts/responses.odcs.yaml.")],
    project: Folder = Path(),
) -> None:
    """Copy one packaged file into the project, to edit; `check` says when the packaged one has changed since."""
    from connectedness.newproject import customise as copy_out

    print(f"Copied to {copy_out(project, name)}. Edit it there; the project's copy is used from now on.")


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to make it; a demo that is there is made anew.")] = Path("demo"),
    students: Annotated[int, typer.Option(min=1, help="Students in the district.")] = 9000,
    schools: Annotated[int, typer.Option(min=1, help="Schools.")] = 24,
    waves: Annotated[int, typer.Option(min=1, max=8, help="Waves.")] = 3,
    seed: Annotated[int, typer.Option(help="Seed: the same seed gives the same district.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Make a synthetic district and take all its waves from export files to pages."""
    from connectedness.declare.project import open_project
    from connectedness.synth import make_district

    _say(as_json, f"Making a synthetic district of {students:,} students in {schools} schools ...")
    root = make_district(folder, students=students, schools=schools, waves=waves, seed=seed)
    totals = [_run_one(root, wave.id, False, as_json) for wave in open_project(root).survey.waves]
    _print_runs(totals, as_json)


@app.command()
def check(project: Folder = Path(), as_json: AsJson = False) -> None:
    """Read every YAML file of a project and check them against one another. No student data is touched."""
    from connectedness.checking import check_project
    from connectedness.newproject import changed_since

    checked = check_project(project)
    changed = changed_since(project)
    if as_json:
        print(json.dumps({**checked, "changed_since_customised": changed}, ensure_ascii=False))
        return
    print(
        "All is well. " + "; ".join(f"{what}: {checked[what]}" for what in ("waves", "instruments", "contracts")) + "."
    )
    for line in (
        *checked["notes"],
        *(f"{name}: the packaged file has changed since you copied it." for name in changed),
    ):
        print(f"Note: {line}")


@app.command()
def run(
    project: Folder = Path(),
    wave: Annotated[str | None, typer.Option(help="Id of the wave; by default the newest that is open.")] = None,
    reissue: Annotated[bool, typer.Option(help="Replace a wave in releases that already hold later waves.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take one wave from its export files to its pages."""
    from connectedness.declare.project import open_project

    opened = open_project(project)
    wanted = wave or opened.open_wave().id
    opened.wave(wanted)
    _print_runs([_run_one(opened.root, wanted, reissue, as_json)], as_json)


@app.command()
def serve(project: Folder = Path()) -> None:
    """Run the open wave on the schedule in survey.yaml, until stopped; tell when a run failed or was missed."""
    from connectedness.serving import serve as serve_project

    print("Serving. Stop with Ctrl+C; the schedule goes on when you serve again.")
    serve_project(project)


@release_app.command("rows")
def release_rows(
    name: Annotated[str, typer.Option("--project", help="Name of the one research project that the rows are for.")],
    folder: Folder = Path(),
    wave: Annotated[list[str] | None, typer.Option(help="Id of a wave; may be given again. By default all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make restricted-use rows for one named research project, under agreement."""
    from connectedness.research import release_rows as make_rows

    made = make_rows(folder, name, wave)
    if as_json:
        print(json.dumps(made, ensure_ascii=False))
        return
    print(f"{made['rows']:,} rows for {name}: {made['folder']}")
    for column, count in made["blanked"].items():
        print(f"  {column}: blanked in {count:,} rows, so that each combination is shared by {made['k']} or more")
    print("Give them only under a signed agreement. What was released, and to whom, is in store/ledger.jsonl.")


@app.command()
def score(
    instrument: Annotated[str, typer.Argument(help="Id of an instrument, or the path of your own YAML file.")],
    file: Annotated[Path, typer.Argument(help="CSV, TSV, XLSX, SAV or parquet, one row a student.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Where to write; the ending says the format.")],
    map_file: Annotated[Path | None, typer.Option("--map", help="Column map, where columns have other names.")] = None,
    keep: Annotated[str, typer.Option(help="Id columns to keep, with commas between.")] = "",
    method: Annotated[
        list[str] | None, typer.Option(help="mean, sum, pomp, favourable, t, z, table, wle or eap; may be given again.")
    ] = None,
    form: Annotated[
        str | None, typer.Option(help="For wle and eap: the form answered, or the path of a parameter file.")
    ] = None,
    form_column: Annotated[
        str | None, typer.Option(help="For wle and eap: the column that says who answered which form.")
    ] = None,
    accept_unverified: Annotated[bool, typer.Option(help="Score by a key that nobody has verified.")] = False,
    force: Annotated[bool, typer.Option(help="Overwrite the output.")] = False,
    as_json: AsJson = False,
) -> None:
    """Score one file, outside any project."""
    from connectedness.onefile import score_file

    totals = score_file(
        instrument,
        file,
        out,
        map_file=map_file,
        keep=_listed(keep),
        methods=method or ("mean",),
        form=form,
        form_column=form_column,
        accept_unverified=accept_unverified,
        force=force,
    )
    if as_json:
        print(json.dumps(totals, ensure_ascii=False))
        return
    print(f"{totals['rows']:,} rows written to {out}, and what they were made with to {out}.json")
    for scale in totals["scales"]:
        bounds = f" on {scale['range']}" if scale["range"] else ""
        print(f"  {scale['id']} ({scale['method']}): {scale['scored']:,} scored; mean {_number(scale['mean'])}{bounds}")
    for kind, count in totals["not_read"].items():
        print(f"  not counted: {kind}: {count:,}")
    if totals["absent"]:
        print(f"  NOT IN THE FILE, so counted as not asked: {', '.join(totals['absent'])}")
        print("  If they are there under other names, say which with a column map: --map MAP.yaml")


@app.command()
def reliability(
    instrument: Annotated[str, typer.Argument(help="Id of an instrument, or the path of your own YAML file.")],
    file: Annotated[Path, typer.Argument(help="CSV, TSV, XLSX, SAV or parquet, one row a student.")],
    map_file: Annotated[Path | None, typer.Option("--map", help="Column map, where columns have other names.")] = None,
    by: Annotated[str, typer.Option(help="Columns that say who is in which school or class, with commas.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say how well each scale holds together on one file: alpha, omega, item-rest correlations, ICC, with intervals."""
    from connectedness.onefile import file_reliability

    facts = file_reliability(instrument, file, map_file=map_file, by=_listed(by))
    if as_json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    for fact in facts:
        place = " ".join(one for one in (fact["item"], fact["unit_type"]) if one)
        between = "" if fact["low"] is None else f"  ({_number(fact['low'], 3)} to {_number(fact['high'], 3)})"
        why = f"  {fact['reason'].replace('_', ' ')}" if fact["reason"] else ""
        print(f"{fact['scale']:24} {fact['statistic']:20} {place:24} {_number(fact['value'], 3):>9}{between}{why}")


@app.command()
def calibrate(
    instrument: Annotated[str, typer.Argument(help="Id of an instrument, or the path of your own YAML file.")],
    file: Annotated[Path, typer.Argument(help="CSV, TSV, XLSX, SAV or parquet, one row a student.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Parameter file to write, ending in .yaml.")],
    scale: Annotated[str | None, typer.Option(help="Id of the scale, where the instrument has several.")] = None,
    model: Annotated[str, typer.Option(help="gpcm, pcm or grm.")] = "gpcm",
    weights: Annotated[str | None, typer.Option(help="Column of survey weights.")] = None,
    theta: Annotated[str, typer.Option(help="Shape of theta's distribution: normal, or free.")] = "normal",
    map_file: Annotated[Path | None, typer.Option("--map", help="Column map, where columns have other names.")] = None,
    force: Annotated[bool, typer.Option(help="Overwrite the output.")] = False,
    as_json: AsJson = False,
) -> None:
    """Estimate a scale's item response parameters, and write a parameter file that a form can pin."""
    from connectedness.onefile import calibrate_file

    found = calibrate_file(
        instrument, file, out, scale=scale, model=model, weights=weights, theta=theta, map_file=map_file, force=force
    )
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    print(f"Parameters of {found['n']:,} respondents written to {out} after {found['iterations']} rounds.")
    fit = found["person_fit"]
    print(f"  reliability {_number(found['reliability'], 3)}; theta is {theta}")
    print(f"  {fit['unlikely']:,} of {fit['judged']:,} respondents answered in a way that the model finds unlikely")
    for item in found["items"]:
        print(
            f"  {item['item']:24} {item['parameter']:8} {_number(item['value'], 3):>8}  (SE {_number(item['se'], 3)})"
        )


@app.command()
def instruments(
    project: Annotated[Path | None, typer.Option(help="Project whose own instruments count too.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the instruments: licence tier, items, and how far each key is verified."""
    from connectedness.declare.registry import instruments_table

    table = instruments_table(project)
    if as_json:
        print(json.dumps(table, ensure_ascii=False))
        return
    for one in table:
        scales = ", ".join(one["scales"]) or "no key: bring your own file and record your permission"
        print(f"{one['pinned']:32} tier {one['tier']}  {one['n_items']:>2} items  {scales}")
        print(f"{'':32} {one['title']['en']}. {_STANDING[one['verification']['standing']]}")


@app.command()
def explain(
    what: Annotated[str, typer.Argument(metavar="INSTRUMENT[:SCALE]", help="An instrument or its file; one scale.")],
    project: Annotated[Path | None, typer.Option(help="Project whose own instruments count too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say how a score is made: items, which are reversed and why, range, minimum answered, source."""
    from connectedness.declare.registry import instrument_and_scale
    from connectedness.scoring.explain import explain as explain_scale
    from connectedness.scoring.explain import explanation_text

    facts = explain_scale(*instrument_and_scale(what, project))
    print(json.dumps(facts, ensure_ascii=False) if as_json else explanation_text(facts))


# Commands stand in the order of their use: after those of a run come those of rosters and of the life of data.
cli_questionnaire.register(app)
cli_columns.register(app)
cli_measure.register(app)
cli_roster.register(app)
cli_report.register(app)
cli_data.register(app)
cli_intake.register(app)


def _run_one(root: Path, wave: str, reissue: bool, as_json: bool) -> dict[str, Any]:
    from connectedness.flowrun import run_flow

    with shown_progress(wave, silent=as_json) as (tell, reading):
        return run_flow(root, wave, reissue=reissue, tell=tell, reading=reading)


def _print_runs(runs: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(runs if len(runs) > 1 else runs[0], ensure_ascii=False))
        return
    for one in runs:
        rows = one["rows"]
        print(
            f"Wave {one['wave']}: {rows['read']:,} rows read = {rows['accepted']:,} accepted"
            f" + {rows['quarantined']:,} quarantined + {rows['excluded']:,} excluded"
        )
    print("\nPages to open in a browser:")
    for audience, page in runs[-1]["pages"].items():
        print(f"  {audience:9} {page}")
    print("Releases:")
    for audience, name in runs[-1]["releases"].items():
        print(f"  {audience:9} store/releases/{name}")


def _say(as_json: bool, text: str) -> None:
    if not as_json:
        print(text)


def _number(value: float | None, digits: int = 2) -> str:
    return "none" if value is None else f"{value:.{digits}f}"


_STANDING = {
    "own": "Codes and directions are its authors' own.",
    "published": "Codes and directions read in published sources.",
    "code": "Codes or directions seen in public analysis code only.",
    "unverified": "Codes or directions are NOT verified: scores only where you accept that.",
    "not stated": "Its file does not say how far its codes and directions are verified.",
    "no key": "",
}


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


if __name__ == "__main__":
    main()
