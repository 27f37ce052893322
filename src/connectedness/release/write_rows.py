"""Writing restricted-use rows as a release: parquet, CSV and SPSS, with their codebook and papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from connectedness import __version__
from connectedness.declare.policy import FLOOR
from connectedness.declare.project import Project
from connectedness.errors import ConnectednessError, DisclosureError
from connectedness.files import make_private
from connectedness.release.codebook import (
    breakdown_entries,
    codebook_table,
    declared_order,
    instruments_of,
    instruments_part,
    survey_part,
    wave_entry,
)
from connectedness.release.folder import building, content_hash, file_hashes, settle
from connectedness.release.folder_made_with import declared, made_with
from connectedness.release.formats import write_csv, write_json, write_parquet
from connectedness.release.open import ROWS
from connectedness.release.package import (
    codebook_resource,
    field,
    resource,
    write_manifest,
    write_package,
)
from connectedness.release.package_citation import write_citation
from connectedness.release.row_variables import MISSING_TEXTS, STATUS_LABELS, missing_codes, row_variables
from connectedness.release.rows import NEVER, SafeRows, check_project_name, module_items
from connectedness.release.sav import write_sav


def write_rows(
    store: Path, project: Project, project_name: str, safe: SafeRows, *, waves: Sequence[str] | None = None
) -> Path:
    """Write rows that have been made safe as a restricted-use release for one research project.

    Parameters
    ----------
    store : Path
        The project's store; the release goes into its `releases` folder, which only its owner can open.
    project : Project
    project_name : str
        The research project's name, part of the folder's name.
    safe : SafeRows
        What `assemble_rows` gave, after protection.
    waves : sequence of str, optional
        Waves the rows are of; those that occur in them by default.

    Returns
    -------
    Path
        Folder of the release. The same inputs give the same folder.

    Raises
    ------
    ConnectednessError
        When the rows have not been made safe, or the name cannot name a folder.
    DisclosureError
        When a column is there that can never leave.
    """
    check_project_name(project_name)
    frame = _safe_frame(safe)
    present = frame["wave"].dropna().unique() if "wave" in frame else []
    ordered = declared_order(project, waves if waves is not None else [str(wave) for wave in present])
    _refuse_barred(project, ordered, frame)
    releases = store / "releases"
    label = f"rows-{project_name}"
    with building(releases, label, "rows-*") as built:
        codebook = _codebook(project, project_name, ordered, safe)
        _write_tables(built, codebook, frame)
        digest = content_hash(file_hashes(built))
        release = f"{label}-{digest}"
        _write_papers(built, codebook, frame, release)
        write_manifest(
            built,
            release=release,
            digest=digest,
            kind=ROWS,
            survey=project.survey.id,
            project=project_name,
            policy=codebook["policy"],
            waves=ordered,
            blanked={name: int(count) for name, count in sorted(safe.blanked.items())},
            dropped=sorted(safe.dropped),
            made_with=made_with(),
            declared=declared(project, ordered),
        )
        make_private(settle(built, releases / release))
    return releases / release


def _safe_frame(safe: SafeRows) -> pd.DataFrame:
    if isinstance(safe, pd.DataFrame) or not all(hasattr(safe, name) for name in ("frame", "blanked", "dropped", "k")):
        raise ConnectednessError(
            "only rows that have been made safe can be released.",
            found=type(safe).__name__,
            allowed="the result of protecting rows",
        )
    if safe.k < FLOOR:
        raise DisclosureError("rows were protected for too few people.", found=safe.k, allowed=f"{FLOOR} or more")
    return safe.frame.reset_index(drop=True)


def _refuse_barred(project: Project, waves: Sequence[str], frame: pd.DataFrame) -> None:
    modules = module_items(project, waves)
    barred = NEVER | modules | {f"{item}{ending}" for item in modules for ending in ("_r", "__missing")}
    dates = {name for name in frame.columns if pd.api.types.is_datetime64_any_dtype(frame[name].dtype)}
    found = sorted((barred & set(frame.columns)) | dates)
    if found:
        raise DisclosureError("a column is among the rows that can never leave.", found=", ".join(found))


def _codebook(project: Project, project_name: str, waves: Sequence[str], safe: SafeRows) -> dict[str, Any]:
    policy = project.policy
    return {
        **survey_part(project),
        "project": project_name,
        "policy": {"id": policy.id, "version": policy.version, "k": int(safe.k)},
        "engine": __version__,
        "waves": [wave_entry(project, wave, waves) for wave in waves],
        "breakdowns": breakdown_entries(project, _levels(project, safe.frame)),
        "measures": [],
        **instruments_part(instruments_of(project, waves)),
        "missing": missing_codes(),
        "variables": row_variables(project, waves, safe.frame),
    }


def _levels(project: Project, frame: pd.DataFrame) -> dict[str, list[str]]:
    names = {"grade", "grade_band", "learning_mode", *(one.id for one in project.survey.breakdowns)}
    return {name: list(frame[name].dropna().unique()) for name in sorted(names & set(frame.columns))}


def _write_tables(built: Path, codebook: Mapping[str, Any], frame: pd.DataFrame) -> None:
    metadata = {
        "survey": codebook["survey"]["id"],
        "project": codebook["project"],
        "waves": [wave["id"] for wave in codebook["waves"]],
        "policy": codebook["policy"],
        "instruments": {one["pinned"]: one["sha256"] for one in codebook["instruments"]},
        "engine": codebook["engine"],
    }
    write_parquet(built / "rows.parquet", frame, metadata)
    write_csv(built / "rows.csv", frame)
    language = codebook["survey"]["languages"][0]
    write_sav(built / "rows.sav", frame, codebook["variables"], codebook["survey"]["title"]["en"], language)
    write_json(built / "codebook.json", codebook)
    write_csv(built / "codebook.csv", codebook_table(codebook))


def _write_papers(built: Path, codebook: Mapping[str, Any], frame: pd.DataFrame, release: str) -> None:
    told = (
        f"Restricted-use rows on student belonging and connection, made for the research project "
        f"{codebook['project']} under agreement. Not to be passed on."
    )
    key = [name for name in ("wave", "respondent") if name in frame]
    resources = [
        resource(
            built,
            "rows.csv",
            "Rows, one per respondent and wave",
            [_field(one) for one in codebook["variables"]],
            key,
            alternates=["rows.parquet", "rows.sav"],
        ),
        codebook_resource(built, codebook_table(codebook)),
    ]
    write_package(built, codebook, version=release, told=told, resources=resources)
    write_citation(built, codebook, version=release, told=told)


def _field(variable: Mapping[str, Any]) -> dict[str, Any]:
    allowed: dict[Any, str] = {
        one["code"]: (one["label"] or {}).get("en") or str(one["code"]) for one in variable["codes"]
    }
    if variable["role"] == "missing":
        allowed = {kind: text.en for kind, text in MISSING_TEXTS.items()}
    elif variable["name"].endswith("__status"):
        allowed = dict(STATUS_LABELS)
    required = variable["role"] == "key"
    return field(
        variable["name"], variable["type"], variable["description"]["en"], allowed=allowed or None, required=required
    )
