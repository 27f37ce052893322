"""A release's folder: built out of sight, named by its content, moved into place once, and never changed after.

The name carries a hash of every file except the three that carry the name themselves (manifest, data package,
citation). Those three say nothing of the data that the hashed files do not, so the hash still stands for the whole.
The manifest also tells with what the release was first made, which is no part of its content: made again with another
library, the same numbers find their folder standing and leave it as it is.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from connectedness.errors import ConnectednessError
from connectedness.files import full_disk_explained, move_into_place, sha256_of

MANIFEST = "manifest.json"
PACKAGE = "datapackage.json"
CITATION = "CITATION.cff"
_BEAR_THE_NAME = (MANIFEST, PACKAGE, CITATION)
_MEND = "Get the folder again from where it was published, or from a backup. A release is never edited."


def file_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in a folder but the manifest, by name with `/`, in order of name."""
    names = sorted(name for name in _files_in(folder) if name != MANIFEST)
    return {name: sha256_of(folder / name) for name in names}


def content_hash(hashes: Mapping[str, str]) -> str:
    """First 12 hexadecimal digits of the SHA-256 over the sorted names and hashes of what decides the name."""
    decides = sorted((name, digest) for name, digest in hashes.items() if name not in _BEAR_THE_NAME)
    listed = "".join(f"{name}\n{digest}\n" for name, digest in decides)
    return hashlib.sha256(listed.encode("utf-8")).hexdigest()[:12]


@contextmanager
def building(releases: Path, label: str, leftovers: str) -> Iterator[Path]:
    """Give an empty hidden folder `.building-LABEL` beside the releases; it is gone when the block ends.

    `leftovers` is the pattern of labels whose folders a killed run may have left; they are removed first.
    """
    releases.mkdir(parents=True, exist_ok=True)
    for left in sorted(releases.glob(f".building-{leftovers}")):
        shutil.rmtree(left, ignore_errors=True)
    folder = releases / f".building-{label}"
    if folder.exists():
        raise ConnectednessError(
            "this folder of an interrupted run could not be removed.",
            file=folder,
            todo="Close the programs that have its files open, then run again.",
        )
    try:
        with full_disk_explained(folder):
            folder.mkdir()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def settle(built: Path, target: Path) -> Path:
    """Move a built release to its place; where one of that name stands already, verify it and keep it.

    Raises
    ------
    ConnectednessError
        When the one that stands there has been changed.
    """
    if target.exists():
        verified_manifest(target)
    else:
        move_into_place(built, target)
    return target


def verified_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a release, once every file has been found to be what it says.

    Raises
    ------
    ConnectednessError
        When the manifest is missing or does not hold, names a file outside the folder, or when a file is
        missing, changed or not in the manifest.
    """
    manifest = _read_manifest(folder)
    listed: dict[str, str] = manifest["files"]
    for name in listed:
        _refuse_outside(name, folder)
    present = {name for name in _files_in(folder) if name != MANIFEST}
    for names, problem in (
        (sorted(set(listed) - present), "a file of this release is missing."),
        (sorted(present - set(listed)), "there is a file here that is not part of this release."),
    ):
        if names:
            raise ConnectednessError(problem, file=folder, found=", ".join(names), todo=_MEND)
    changed = [name for name, digest in listed.items() if sha256_of(folder / name) != digest]
    if changed:
        raise ConnectednessError(
            "a file of this release has been changed since it was published.",
            file=folder / changed[0],
            allowed="the SHA-256 that manifest.json holds",
            todo=_MEND,
        )
    if content_hash(listed) != manifest["hash"] or not manifest["release"].endswith(f"-{manifest['hash']}"):
        raise ConnectednessError(
            "the manifest of this release does not fit its files.", file=folder / MANIFEST, todo=_MEND
        )
    return manifest


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise ConnectednessError(
            "this is not a release: it holds no manifest.json.",
            file=folder,
            todo="Name the folder of one release, such as store/releases/2026-fall-public-0123456789ab.",
        )
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise ConnectednessError("this manifest is not JSON.", file=path, todo=_MEND) from None
    if not _well_formed(manifest):
        raise ConnectednessError("this manifest does not have the parts of a release.", file=path, todo=_MEND)
    return manifest


def _well_formed(manifest: object) -> bool:
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        return False
    texts = [manifest.get("kind"), manifest.get("release"), manifest.get("hash")]
    texts += [*manifest["files"], *manifest["files"].values()]
    return all(isinstance(text, str) and text for text in texts) and isinstance(manifest.get("waves"), list)


def _refuse_outside(name: str, folder: Path) -> None:
    path = PurePosixPath(name)
    outside = path.is_absolute() or ".." in path.parts or re.search(r"[\\:\x00]", name) or str(path) != name
    if outside or not (folder / name).resolve().is_relative_to(folder.resolve()):
        raise ConnectednessError(
            "the manifest names a file outside the release.", file=folder / MANIFEST, found=name, todo=_MEND
        )


def _files_in(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()]
