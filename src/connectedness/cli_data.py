"""Commands about the life of student data: what was set aside, what is deleted, who withdrew, what is held and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

Folder = Annotated[Path, typer.Argument(help="Folder of the project (the one that holds survey.yaml).")]
OneWave = Annotated[str | None, typer.Option("--wave", help="Id of a wave.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")]

quarantine_app = typer.Typer(
    help="Rows that were set aside: where they are and why, never what is in them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(app: typer.Typer) -> None:
    """Add these commands to the command's own."""
    app.add_typer(quarantine_app, name="quarantine")
    for command in (purge, forget, reissue, pia):
        app.command()(command)


@quarantine_app.command("list")
def list_rows(project: Folder = Path(), wave: OneWave = None, as_json: AsJson = False) -> None:
    """Count the rows set aside by wave and rule, and say what to do."""
    from connectedness.declare.project import open_project
    from connectedness.lifecycle.quarantine import list_quarantine, open_requeues

    opened = open_project(project)
    groups = list_quarantine(opened, wave)
    if as_json:
        print(json.dumps(groups, ensure_ascii=False))
        return
    if not groups:
        print("Nothing is set aside.")
    for one in groups:
        print(f"{one['wave']:12} {one['rows']:>7,}  {one['table']}, {one['rule']}: {one['sentence']}")
        print(f"{'':21} in {', '.join(one['files'])}. {one['todo']}")
    for one in open_requeues(opened, wave):
        print(
            f"{one['wave']:12} {one['file']} was corrected on {one['when'][:10]}, and no finished run has read it yet."
        )


@quarantine_app.command("show")
def show(
    wave: Annotated[str, typer.Argument(help="Id of the wave.")],
    project: Folder = Path(),
    rule: Annotated[str | None, typer.Option(help="This rule only.")] = None,
    file: Annotated[str | None, typer.Option(help="This file only.")] = None,
    school: Annotated[str | None, typer.Option(help="This school only.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show each row set aside: rule, file, row, column and school. Rows count as in a spreadsheet."""
    from connectedness.declare.project import open_project
    from connectedness.lifecycle.quarantine import show_quarantine

    lines = show_quarantine(open_project(project), wave, rule=rule, file=file, school=school)
    if as_json:
        print(json.dumps(lines, ensure_ascii=False))
        return
    for one in lines:
        place = f"{one['file']}, row {one['row']}" + (f", column {one['column']}" if one["column"] else "")
        print(f"{one['rule']:24} {place}" + (f" (school {one['school']})" if one["school"] else ""))
    print(f"{len(lines):,} lines.")


@quarantine_app.command("requeue")
def requeue(
    file: Annotated[Path, typer.Argument(help="The corrected export or roster, named as the one that it replaces.")],
    project: Folder = Path(),
    wave: OneWave = None,
    run: Annotated[bool, typer.Option("--run", help="Run the wave at once.")] = False,
    reissue: Annotated[bool, typer.Option(help="With --run: as in connectedness run.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a corrected file in the place of the one of that name in the inbox."""
    from connectedness.lifecycle.quarantine import close_requeues
    from connectedness.lifecycle.quarantine import requeue as replace

    done: dict[str, Any] = replace(project, file, wave)
    if run:
        from connectedness.declare.project import open_project
        from connectedness.flowrun import run_flow

        done |= {"run": run_flow(project.resolve(), done["wave"], reissue=reissue)}
        close_requeues(open_project(project))
    if as_json:
        print(json.dumps(done, ensure_ascii=False))
        return
    if done["changed"]:
        print(f"{done['file']} is replaced; the old one is kept as {done['kept_as']} until the wave is purged.")
        print(f"Its fingerprint (SHA-256): {done['sha256']}")
        print(f"{file} holds identifiers: delete it if you do not need it.")
    else:
        print(f"{done['file']} is that same file already; nothing was replaced.")
    if run:
        rows = done["run"]["rows"]
        print(
            f"Wave {done['wave']}: {rows['read']:,} rows read = {rows['accepted']:,} accepted"
            f" + {rows['quarantined']:,} quarantined + {rows['excluded']:,} excluded"
        )
    else:
        print(f"Run the wave when you are ready: connectedness run --wave {done['wave']}")


def purge(
    project: Folder = Path(),
    wave: OneWave = None,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it, what is due is only listed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Empty the inbox of closed waves whose retention_days have passed; list first, delete with --yes."""
    from connectedness.declare.project import open_project
    from connectedness.lifecycle.retention import purge as delete
    from connectedness.lifecycle.retention import purge_plan

    plan = delete(project, wave=wave) if yes else purge_plan(open_project(project), wave=wave)
    if as_json:
        print(json.dumps({**plan.as_dict(), "deleted": yes}, ensure_ascii=False))
        return
    for one, files in plan.files.items():
        print(f"Wave {one}: {len(files)} {'file' if len(files) == 1 else 'files'} {'deleted' if yes else 'due'}")
        for file in files:
            print(f"  {file.file}  {file.bytes:,} bytes  SHA-256 {file.sha256[:12]}")
    for one, why in plan.kept.items():
        print(f"Wave {one}: files stay; {why}")
    for file in plan.landing:
        print(f"Landing folder: {file.file} {'deleted' if yes else 'is due'}  SHA-256 {file.sha256[:12]}")
    for name in plan.elsewhere:
        print(f"Not deleted, since another wave has it too or it is not in the inbox: {name}. Delete it yourself.")
    for name in plan.strays:
        print(f"Not deleted, since it belongs to no wave: {name}. Put it into a wave's folder, or delete it yourself.")
    if plan.work:
        print(f"Left by runs that did not finish: {', '.join(plan.work)}{' (deleted)' if yes else ''}")
    if not (plan.files or plan.work or plan.landing):
        print("Nothing is due.")
    elif yes:
        print("Recorded in store/purges.jsonl. Backups of the inbox are yours to delete.")
    else:
        print("Nothing has been deleted yet. To delete: connectedness purge --yes")


def forget(
    token_file: Annotated[Path, typer.Option("--token-file", help="Tokens of the students, one a line.")],
    project: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Take students out of every table and file, keep them out, and say which releases stand."""
    from connectedness.lifecycle.withdrawal import forget as take_out

    done = take_out(project, token_file)
    if as_json:
        print(json.dumps(done.as_dict(), ensure_ascii=False))
    else:
        _tell_forgotten(done)
    if done.by_hand:
        raise typer.Exit(1)


def _tell_forgotten(done: Any) -> None:
    asked = f"{done.students} student{'' if done.students == 1 else 's'}"
    print(f"{done.found} of {asked} found, and taken out. None of them is read again.")
    if done.found < done.students:
        print("If you expected more: the file must hold one token a line, written as in the export, and nothing else.")
    for wave, counts in done.removed.items():
        rows = ", ".join(f"{n} of {name}" for name, n in counts.items())
        print(f"Wave {wave}: removed {rows}")
    if done.recomputed:
        print(f"Estimates made anew, and not released: {', '.join(done.recomputed)}")
    for one in done.files:
        rows = ", ".join(map(str, one.rows)) or "it could not be read"
        word = "row" if len(one.rows) == 1 else "rows"
        print(f"{one.file}: {word} {rows} emptied" if one.rewritten else f"BY HAND: {one.file} ({rows}). {one.todo}")
    for one in done.releases:
        state = "the pages are drawn from it" if one.current else "an earlier one"
        print(f"Stands: {one.release} for {one.recipient} ({', '.join(one.waves)}; {state}). It holds groups only.")
    if done.releases:
        print(
            "What was published stays as it is; only the open wave is published anew, by its next run. To publish the "
            "new numbers of an earlier one is a decision: connectedness reissue --wave ID. Whoever has both the old "
            "and the new numbers can subtract one from the other, and learn something of the student who left. Where "
            "few left, wait for the next wave instead."
        )
    for one in done.research:
        print(f"TELL THE RECIPIENT: {one.release}, for {one.recipient}, holds rows of a student who withdrew.")
    print("Now delete the file of tokens, and see to backups and to the survey tool itself.")


def reissue(
    wave: Annotated[str, typer.Option("--wave", help="Id of the wave.")],
    project: Folder = Path(),
    as_json: AsJson = False,
) -> None:
    """Publish a wave again from its stored tables, in place of what releases hold of it; its files may be purged."""
    from connectedness.lifecycle.recompute import reissue_stored

    names = [folder.name for folder in reissue_stored(project, wave)]
    print(json.dumps(names) if as_json else "\n".join(f"store/releases/{name}" for name in names))


def pia(
    project: Folder = Path(),
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Markdown file to write; a JSON file goes beside it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the privacy inventory: every field, why it is held, where, how long, and how it is protected."""
    from connectedness.declare.project import open_project
    from connectedness.lifecycle.inventory import inventory, inventory_text

    found = inventory(open_project(project))
    if out is not None:
        from connectedness.files import write_text

        write_text(out, inventory_text(found))
        beside = out.with_suffix(".json")
        write_text(beside, json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
        print(f"Written: {out} and {beside}")
    elif as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print(inventory_text(found))
