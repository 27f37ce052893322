"""What has already left the building with a student in it, so that a person can decide what to do about it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from connectedness.declare.policy import AUDIENCES
from connectedness.declare.project import Project
from connectedness.errors import ConnectednessError
from connectedness.identity import pseudonyms
from connectedness.release.folder import verified_manifest
from connectedness.release.open import ESTIMATES, ROWS, current_release


@dataclass(frozen=True)
class Standing:
    """One release that stands.

    Attributes
    ----------
    release : str
        Its folder in `store/releases`.
    recipient : str
        The audience, or the research project.
    waves : tuple of str
        Waves of it that the student was in; of rows, all its waves.
    current : bool
        Whether pages are drawn from it now.
    """

    release: str
    recipient: str
    waves: tuple[str, ...]
    current: bool


def estimates_standing(project: Project, waves: Collection[str]) -> list[Standing]:
    """Releases that hold numbers of groups of any of these waves."""
    current = {path.name for audience in AUDIENCES if (path := current_release(project.store, audience)) is not None}
    found = []
    for folder, manifest in _releases(project, ESTIMATES):
        held = tuple(wave for wave in manifest["waves"] if wave in waves)
        if held:
            found.append(Standing(folder.name, str(manifest.get("audience", "")), held, folder.name in current))
    return found


def rows_standing(project: Project, gone: Collection[str], key: bytes) -> list[Standing]:
    """Restricted-use rows that hold one of these students, under the pseudonym of the research project."""
    found = []
    for folder, manifest in _releases(project, ROWS):
        name = str(manifest["project"])
        theirs = pseudonyms(sorted(gone), key, project.survey.id, purpose=f"project:{name}")
        people = pd.read_parquet(folder / "rows.parquet", columns=["respondent"])["respondent"]
        if people.isin(theirs).any():
            found.append(Standing(folder.name, name, tuple(manifest["waves"]), False))
    return found


def _releases(project: Project, kind: str) -> list[tuple[Path, dict[str, Any]]]:
    """Whole releases of one kind; a folder that a killed run left half-built has left the building nowhere."""
    found = []
    for folder in sorted((project.store / "releases").glob("[!.]*")):
        if not folder.is_dir():
            continue
        try:
            manifest = verified_manifest(folder)
        except ConnectednessError:
            continue
        if manifest["kind"] == kind:
            found.append((folder, manifest))
    return found
