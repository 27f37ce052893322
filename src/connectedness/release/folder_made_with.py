"""With what a release was made: the engine's source, the libraries that compute, and every declaration it followed.

A reader who holds the answers can then tell whether the same program, libraries and rules are at hand before asking
why a number differs. The version alone would not do: two states of the source can bear one version. None of this
decides a release's name, which is made from content, so that the same numbers keep their name under another library.
Nor does it name the machine or its Python: the same lock gives the same manifest everywhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from connectedness import __version__
from connectedness.declare.parameters import parameter_files
from connectedness.declare.project import Project
from connectedness.packaged import find_file, packaged_files
from connectedness.release.codebook import instrument_sha256, instruments_of

LIBRARIES = ("numpy", "pandas", "pingouin", "pyarrow", "scipy")
_PACKAGE = Path(__file__).resolve().parents[1]


def made_with() -> dict[str, Any]:
    """The engine's version, the SHA-256 of its source, and the versions of the libraries that compute and write.

    Returns
    -------
    dict
        `engine`, `engine_source_sha256`, `libraries` (name to version).
    """
    return {
        "engine": __version__,
        "engine_source_sha256": source_sha256(_PACKAGE),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


@cache
def source_sha256(package: Path) -> str:
    """SHA-256 over the sorted names and hashes of a package's .py and .yaml files.

    Line ends count as one kind, since a checkout on Windows may have the other. The reference project that a wheel
    carries inside the package is left out: its contracts are told apart, and its pages make no number.
    """
    paths = (path for path in package.rglob("*") if path.suffix in (".py", ".yaml") and path.is_file())
    files = {path.relative_to(package).as_posix(): path for path in paths}
    listed = sorted(name for name in files if not name.startswith("project/"))
    return _sha256("".join(f"{name}\n{_text_sha256(files[name])}\n" for name in listed))


def declared(project: Project, waves: Sequence[str]) -> dict[str, Any]:
    """SHA-256 of each declaration that decides a number of these waves.

    Parameters
    ----------
    project : Project
    waves : sequence of str
        The waves that this run worked on; not those that are carried from an earlier release.

    Returns
    -------
    dict
        `policy` and `column_maps` (by wave) as canonical JSON, so that layout and comments do not count;
        `instruments` by pinned name; `contracts` and `parameters` by file name, as text with one kind of line end.
    """
    contracts = (
        name for name in packaged_files() if name.startswith("data_contracts/") and name.endswith(".odcs.yaml")
    )
    return {
        "policy": _canonical_sha256(project.policy.model_dump(mode="json")),
        "column_maps": {wave: _canonical_sha256(project.column_map(wave).model_dump(mode="json")) for wave in waves},
        "instruments": {one.pinned: instrument_sha256(one) for one in instruments_of(project, waves)},
        "contracts": {name: _text_sha256(find_file(project.root, name)) for name in sorted(contracts)},
        "parameters": _parameters(project, waves),
    }


def _parameters(project: Project, waves: Iterable[str]) -> dict[str, str]:
    """Parameter files of the forms of waves that say who answered which form; no other wave uses any."""
    used = {
        form.parameters.removesuffix(".yaml")
        for wave in waves
        if project.wave(wave).forms is not None
        for instrument in project.instruments(wave)
        for form in instrument.forms
        if form.parameters
    }
    files = parameter_files(project.root)
    return {files[name].name: _text_sha256(files[name]) for name in sorted(used & set(files))}


def _canonical_sha256(told: object) -> str:
    return _sha256(json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


def _text_sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
