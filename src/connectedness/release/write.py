"""Writing a release of protected estimates: built out of sight, moved into place, then named as the current one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from connectedness import __version__
from connectedness.declare.project import Project
from connectedness.disclosure.protected import Protected, ProtectedFacts
from connectedness.errors import ConnectednessError, DisclosureError
from connectedness.files import legal_name, written_beside
from connectedness.release.codebook import build_codebook, codebook_table, declared_order, instrument_sha256
from connectedness.release.folder import building, content_hash, file_hashes, settle
from connectedness.release.folder_made_with import declared, made_with
from connectedness.release.formats import (
    INTEGERS,
    NUMBERS,
    csv_bytes,
    typed_estimates,
    write_csv,
    write_json,
    write_parquet,
)
from connectedness.release.open import (
    ESTIMATES,
    Release,
    csv_of,
    current_release,
    files_of,
    open_release,
    parquet_of,
    pointer_of,
)
from connectedness.release.package import (
    codebook_resource,
    estimate_fields,
    resource,
    write_manifest,
    write_package,
)
from connectedness.release.package_citation import write_citation
from connectedness.release.write_facts import facts_files, facts_resources, read_facts, write_facts
from connectedness.tables import ALL, ESTIMATE_KEY, SUPPRESSED, UNIT_TREE_COLUMNS


def write_release(
    store: Path,
    project: Project,
    wave_id: str,
    protected: Protected,
    units: pd.DataFrame,
    *,
    reissue: bool = False,
    facts: ProtectedFacts | None = None,
) -> Path:
    """Write the protected estimates of a wave as a release, with earlier waves byte for byte as released before.

    Parameters
    ----------
    store : Path
        The project's store; the release goes into its `releases` folder.
    project : Project
    wave_id : str
    protected : Protected
        Estimates of the wave, made safe for one audience. Nothing else is accepted.
    units : DataFrame
        Which unit lies in which, one row per unit below the widest: unit_type, unit, parent_type, parent.
    reissue : bool
        Replace the wave in a release that already holds later waves, which are kept byte for byte.
    facts : ProtectedFacts, optional
        Facts and notes of the wave's scales, made safe for the same audience.

    Returns
    -------
    Path
        Folder of the release, which is now the audience's current one. The same inputs give the same folder.

    Raises
    ------
    ConnectednessError
        When `protected` is not a Protected, `facts` are not ProtectedFacts of the same wave and audience, or a
        release that is built upon has been changed.
    DisclosureError
        When later waves have been released and this one would change without `reissue`, or when a hidden cell
        still holds a number.
    """
    frame = _released(protected, wave_id)
    about = facts_files(facts, protected)
    audience = str(protected.audience)
    folder = current_release(store, audience)
    current = None if folder is None else open_release(folder)
    if current is not None and _later(project, wave_id, current):
        if _unchanged(current, wave_id, {csv_of(wave_id): csv_bytes(frame), **about}):
            return current.path
        if not reissue:
            raise _would_change(project, wave_id, current)
    releases = store / "releases"
    label = f"{legal_name(wave_id)}-{audience}"
    with building(releases, label, f"*-{audience}") as built:
        waves = declared_order(project, _carry(current, built, wave_id))
        _write_estimates(built, project, protected, frame)
        write_facts(built, facts, about, _metadata(project, protected))
        release = _write_papers(built, project, waves, protected, units, current)
        settle(built, releases / release)
    write_json(pointer_of(store, audience), {"release": release, "wave": waves[-1]})
    return releases / release


def _released(protected: Protected, wave_id: str) -> pd.DataFrame:
    """The frame that leaves, in one order and one set of types; refused when a hidden cell still tells something."""
    if not isinstance(protected, Protected):
        raise ConnectednessError(
            "only estimates that have passed protect() can be released.",
            found=type(protected).__name__,
            allowed="Protected",
            todo="Call connectedness.disclosure.protect.protect first.",
        )
    if protected.wave != wave_id:
        raise ConnectednessError("these estimates are of another wave.", found=protected.wave, allowed=wave_id)
    frame = typed_estimates(protected.released())
    _must_hide(frame)
    key = list(ESTIMATE_KEY)
    if (frame["wave"] != wave_id).any() or frame[key].isna().any(axis=None) or frame.duplicated(key).any():
        raise ConnectednessError("the estimates to release do not have one row for each cell of this wave.")
    # Row order must tell nothing, and zero has one spelling.
    frame = frame.sort_values(key, ignore_index=True)
    return frame.assign(**{name: frame[name] + 0.0 for name in NUMBERS})


def _must_hide(frame: pd.DataFrame) -> None:
    hidden = frame["status"] == SUPPRESSED
    told = frame["reason"].notna()
    if frame.loc[hidden, [*INTEGERS, *NUMBERS]].notna().any(axis=None):
        raise DisclosureError("a hidden cell still holds a number, so nothing was released.")
    if (told != hidden).any() or (frame.loc[told, "reason"] != SUPPRESSED).any():
        raise DisclosureError("a cell carries another reason than the public one, so nothing was released.")


def _later(project: Project, wave_id: str, current: Release) -> bool:
    return any(wave.id in current.manifest["waves"] for wave in project.later(wave_id))


def _unchanged(current: Release, wave_id: str, files: Mapping[str, bytes]) -> bool:
    """Whether the release holds these very files; of tables the CSV, whose bytes do not hang on a library's version."""
    held = {name for name in files_of(wave_id) if name in current.manifest["files"] and not name.endswith(".parquet")}
    return held == set(files) and all((current.path / name).read_bytes() == content for name, content in files.items())


def _would_change(project: Project, wave_id: str, current: Release) -> DisclosureError:
    later = ", ".join(wave.id for wave in project.later(wave_id) if wave.id in current.manifest["waves"])
    held = wave_id in current.manifest["waves"]
    return DisclosureError(
        "this wave's published numbers would change, though later waves have been published since."
        if held
        else "later waves have been published already, and this wave was not among them.",
        file=current.path,
        found=f"wave {wave_id}; published since: {later}",
        todo="If that is meant, run it again with --reissue; later waves are kept as they were published.",
    )


def _carry(current: Release | None, built: Path, wave_id: str) -> list[str]:
    """Copy the other waves' files from the current release; return all waves of the new one.

    They are copied, not linked: someone who opens a file in a spreadsheet and saves it must not change two releases.
    """
    if current is None:
        return [wave_id]
    waves = [wave for wave in current.manifest["waves"] if wave != wave_id]
    for wave in waves:
        for name in (name for name in files_of(wave) if name in current.manifest["files"]):
            with written_beside(built / name) as beside:
                shutil.copyfile(current.path / name, beside)
    return [*waves, wave_id]


def _write_estimates(built: Path, project: Project, protected: Protected, frame: pd.DataFrame) -> None:
    wave = str(protected.wave)
    write_parquet(built / parquet_of(wave), frame, _metadata(project, protected))
    write_csv(built / csv_of(wave), frame)


def _metadata(project: Project, protected: Protected) -> dict[str, Any]:
    wave = str(protected.wave)
    return {
        "survey": project.survey.id,
        "wave": wave,
        "audience": str(protected.audience),
        "policy": _policy(protected),
        "instruments": {one.pinned: instrument_sha256(one) for one in project.instruments(wave)},
        "engine": __version__,
    }


def _policy(protected: Protected) -> dict[str, Any]:
    policy = protected.policy
    return {"id": policy.id, "version": policy.version, "minimum": int(protected.minimum), "small": policy.small}


def _write_papers(
    built: Path,
    project: Project,
    waves: Sequence[str],
    protected: Protected,
    units: pd.DataFrame,
    current: Release | None,
) -> str:
    """Write codebook, data package, citation and manifest; return the release's name."""
    frames = {wave: pd.read_parquet(built / parquet_of(wave), engine="pyarrow") for wave in waves}
    shown = pd.concat(frames.values(), ignore_index=True)
    facts = read_facts(built, waves)
    audience = str(protected.audience)
    codebook = build_codebook(
        project,
        waves,
        _all_units(project, units, shown, current),
        shown["measure"].unique(),
        audience,
        protected.policy,
        levels={str(one): set(rows["level"]) for one, rows in shown.groupby("breakdown") if one != ALL},
        statistics={str(one) for rows in facts.values() for one in rows["statistic"].unique()},
        earlier=None if current is None else current.codebook,
    )
    table = codebook_table(codebook)
    write_json(built / "codebook.json", codebook)
    write_csv(built / "codebook.csv", table)
    digest = content_hash(file_hashes(built))
    release = f"{legal_name(waves[-1])}-{audience}-{digest}"
    told = f"Protected estimates of student belonging and connection, for the audience: {audience}."
    resources = [
        resource(
            built,
            csv_of(wave),
            f"Estimates of {wave}",
            estimate_fields(codebook, rows),
            ESTIMATE_KEY,
            alternates=[parquet_of(wave)],
        )
        for wave, rows in frames.items()
    ]
    resources += [*facts_resources(built, codebook, facts, waves), codebook_resource(built, table)]
    write_package(built, codebook, version=release, told=told, resources=resources)
    write_citation(built, codebook, version=release, told=told)
    write_manifest(
        built,
        release=release,
        digest=digest,
        kind=ESTIMATES,
        survey=project.survey.id,
        audience=audience,
        policy=_policy(protected),
        wave=waves[-1],
        waves=list(waves),
        protected={wave: _counts(rows) for wave, rows in frames.items()},
        made_with=made_with(),
        declared=declared(project, [protected.wave]),
        carried={wave: _made_before(current, wave) for wave in waves if current and wave != protected.wave},
    )
    return release


def _made_before(current: Release, wave: str) -> dict[str, Any]:
    """With what a carried wave was made, as the release it comes from tells it."""
    before = current.manifest
    carried = before.get("carried", {})
    own = {key: before[key] for key in ("made_with", "declared") if key in before}
    return dict(carried.get(wave, own))


def _counts(frame: pd.DataFrame) -> dict[str, int]:
    hidden = int((frame["status"] == SUPPRESSED).sum())
    return {"cells": len(frame), "suppressed": hidden}


def _all_units(project: Project, units: pd.DataFrame, shown: pd.DataFrame, current: Release | None) -> pd.DataFrame:
    """Units of this wave and those of carried waves that it no longer has, such as a school that has closed."""
    keys = ["unit_type", "unit"]
    tree = units.loc[:, list(UNIT_TREE_COLUMNS)]
    before = pd.DataFrame(
        [] if current is None else current.codebook["units"], columns=list(UNIT_TREE_COLUMNS), dtype="object"
    )
    below = shown.loc[shown["unit_type"] != project.survey.units[0], keys].drop_duplicates()
    known = set(map(tuple, tree[keys].to_numpy()))
    gone = below[[pair not in known for pair in map(tuple, below.to_numpy())]]
    return pd.concat([tree, gone.merge(before, how="left", on=keys)], ignore_index=True)
