"""Rows for one named research project, made on request and never by a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectedness.declare.contract import read_contract
from connectedness.declare.project import Project
from connectedness.errors import ConnectednessError
from connectedness.files import sha256_of
from connectedness.identity import load_key
from connectedness.packaged import find_file
from connectedness.store import one_run, read_if_there, wave_folder

if TYPE_CHECKING:
    import pandas as pd


_PARTS = ("responses", "scores", "roster", "flags")


def release_rows(root: Path, name: str, waves: list[str] | None = None) -> dict[str, Any]:
    """Make restricted-use rows of stored waves for one named research project.

    Parameters
    ----------
    root : path
        Folder of the project.
    name : str
        Name of the research project; it keys the pseudonyms.
    waves : list of str, optional
        Ids of waves; by default all that have been run.

    Returns
    -------
    dict
        `folder`, number of `rows`, `k`, and how many cells of each quasi-identifier were `blanked`.

    Raises
    ------
    DeclarationError, DisclosureError
        When a wave is not there, or the rows cannot be made safe.
    """
    from connectedness.disclosure.ledger import record_rows
    from connectedness.disclosure.rows import protect_rows
    from connectedness.release.rows import assemble_rows
    from connectedness.release.write_rows import write_rows

    with one_run(root) as project:
        tables = _stored_rows(project, waves)
        key = load_key(project.survey, project.root)
        responses, scores, roster, flags = (_stacked(tables, one) for one in _PARTS)
        if responses is None or scores is None:
            raise ConnectednessError("no wave has been run yet.", file=project.root, todo="Run one: connectedness run")
        if flags is not None:
            # `attention_missed` is already among the columns of rows.
            numbers = (
                flags.drop(columns="attention_flag", errors="ignore").set_index(["wave", "respondent"]).astype("Int8")
            )
            scores = scores.merge(numbers.reset_index(), on=["wave", "respondent"], how="left", validate="one_to_one")
        rows = assemble_rows(project, list(tables), responses, scores, roster, key, name, _classes(project))
        safe = protect_rows(
            rows.frame, rows.classification, rows.quasi_identifiers, project.policy.rows.k, person="respondent"
        )
        folder = write_rows(project.store, project, name, safe, waves=list(tables))
        record_rows(project.store, folder.name, name, safe, project.policy, sha256_of(folder / "manifest.json"))
    return {"folder": str(folder), "rows": len(safe.frame), "k": safe.k, "blanked": safe.blanked}


def _stored_rows(project: Project, waves: list[str] | None) -> dict[str, dict[str, pd.DataFrame | None]]:
    """Responses, scores and roster of the named waves, or of all that have been run."""
    wanted = [project.wave(one).id for one in waves] if waves else [one.id for one in project.survey.waves]
    found = {}
    for wave in wanted:
        folder = wave_folder(project, wave)
        if (folder / "scores.parquet").is_file():
            found[wave] = {name: read_if_there(folder / f"{name}.parquet") for name in _PARTS}
        elif waves:
            raise ConnectednessError(
                "this wave has not been run yet.", found=wave, todo=f"connectedness run --wave {wave}"
            )
    return found


def _stacked(tables: dict[str, dict[str, pd.DataFrame | None]], name: str) -> pd.DataFrame | None:
    """One table of all waves, one wave under another; None where no wave has it."""
    import pandas as pd

    parts = [found[name] for found in tables.values() if found[name] is not None]
    return pd.concat(parts, ignore_index=True) if parts else None


def _classes(project: Project) -> dict[str, str]:
    """What the contracts say of each column: whether it may leave, and whether it may tell who someone is."""
    found: dict[str, str] = {}
    for name in ("roster", "responses", "scores"):
        found |= read_contract(find_file(project.root, f"data_contracts/{name}.odcs.yaml")).classes
    return found
