"""The papers of a release: a Data Package description, a citation, and the manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from connectedness import __version__
from connectedness.files import sha256_of, write_text
from connectedness.release.fact_variables import FACT_VARIABLES
from connectedness.release.folder import CITATION, MANIFEST, PACKAGE, file_hashes
from connectedness.release.formats import write_json
from connectedness.release.variables import ESTIMATE_VARIABLES, METHODS, STATUSES
from connectedness.tables import ALL, ESTIMATE_KEY, SUPPRESSED

_SCHEMA = "https://datapackage.org/profiles/2.0/datapackage.json"


def write_package(folder: Path, codebook: Mapping[str, Any], *, version: str, told: str, resources: list[Any]) -> None:
    """Write `datapackage.json` (Data Package v2) for the CSV files of a release.

    Parameters
    ----------
    folder : Path
        The release, holding its CSV files.
    codebook : mapping
    version : str
        The release's name.
    told : str
        What the data are, in a sentence.
    resources : list of dict
        As `resource` makes them.
    """
    survey = codebook["survey"]
    package = {
        "$schema": _SCHEMA,
        "name": version.lower(),
        "title": survey["title"]["en"],
        "description": told + (" All students in it are synthetic." if survey["synthetic"] else ""),
        "version": version,
        "resources": resources,
    }
    write_json(folder / PACKAGE, package)


def resource(
    folder: Path, path: str, title: str, fields: Sequence[Mapping[str, Any]], key: Sequence[str] = ()
) -> dict[str, Any]:
    """Describe one CSV file of the release: its size, hash and columns."""
    schema: dict[str, Any] = {"fields": list(fields), "missingValues": [""]}
    if key:
        schema["primaryKey"] = list(key)
    return {
        "name": path.removesuffix(".csv").replace("/", "-").lower(),
        "title": title,
        "path": path,
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": (folder / path).stat().st_size,
        "hash": f"sha256:{sha256_of(folder / path)}",
        "schema": schema,
    }


def field(
    name: str,
    kind: str,
    description: str,
    *,
    allowed: Mapping[Any, str] | None = None,
    required: bool = False,
    **constraints: Any,
) -> dict[str, Any]:
    """One column. A closed set of values stands both as categories, which carry labels, and as an enum.

    Readers that know only the first version of the standard check the enum and pass over the categories.
    """
    told: dict[str, Any] = {"name": name, "type": kind, "description": description}
    if allowed:
        told["categories"] = [{"value": value, "label": label} for value, label in allowed.items()]
        constraints["enum"] = list(allowed)
    if required:
        constraints["required"] = True
    return told | ({"constraints": constraints} if constraints else {})


def estimate_fields(codebook: Mapping[str, Any], frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Columns of the estimates of one wave."""
    closed = {
        "wave": {wave["id"]: wave["title"]["en"] for wave in codebook["waves"]},
        "unit_type": {unit: unit for unit in codebook["survey"]["units"]},
        "breakdown": {ALL: "All students"} | {one["id"]: one["title"]["en"] for one in codebook["breakdowns"]},
        "measure": {one["id"]: one["title"]["en"] for one in codebook["measures"]},
        "method": {**METHODS, **_others(frame["method"], METHODS)},
        "status": {**STATUSES, **_others(frame["status"], STATUSES)},
        "reason": {SUPPRESSED: STATUSES[SUPPRESSED]},
    }
    least: dict[str, dict[str, Any]] = {"n": {"minimum": 0}, "eligible": {"minimum": 0}, "se": {"minimum": 0}}
    return [
        field(
            name,
            told["type"],
            told["description"]["en"],
            allowed=closed.get(name),
            required=name in ESTIMATE_KEY or name == "status",
            **least.get(name, {}),
        )
        for name, told in ESTIMATE_VARIABLES.items()
    ]


def fact_fields(codebook: Mapping[str, Any], frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Columns of the facts of scales of one wave."""
    titles = {one["id"]: one["title"]["en"] for one in codebook["scales"]}
    closed = {
        "wave": {wave["id"]: wave["title"]["en"] for wave in codebook["waves"]},
        "scale": titles | _others(frame["scale"], titles),
        "statistic": {one["id"]: one["title"]["en"] for one in codebook.get("statistics", ())},
    }
    return [
        field(
            name,
            told["type"],
            told["description"]["en"],
            allowed=closed.get(name),
            required=name in closed,
            **({"minimum": 0} if name == "n" else {}),
        )
        for name, told in FACT_VARIABLES.items()
    ]


def notes_resource(folder: Path, path: str, title: str) -> dict[str, Any]:
    """Describe one file of notes about scales."""
    return {
        "name": path.removesuffix(".json").replace("/", "-").lower(),
        "title": title,
        "path": path,
        "format": "json",
        "mediatype": "application/json",
        "encoding": "utf-8",
        "bytes": (folder / path).stat().st_size,
        "hash": f"sha256:{sha256_of(folder / path)}",
    }


def codebook_resource(folder: Path, table: pd.DataFrame) -> dict[str, Any]:
    """The codebook's own CSV, so that every CSV of the package is described."""
    fields = [
        field(name, "number" if name in ("low", "high") else "string", name.replace("_", " ")) for name in table.columns
    ]
    return resource(folder, "codebook.csv", "Codebook", fields)


def _others(values: Iterable[object], known: Mapping[str, str]) -> dict[str, str]:
    return {one: one for one in sorted({str(one) for one in values if isinstance(one, str)} - set(known))}


def write_citation(folder: Path, codebook: Mapping[str, Any], *, version: str, told: str) -> None:
    """Write `CITATION.cff`: how to cite the data, and the software that made them.

    The only dates are the waves' windows: a date of making would change the bytes of the same data.
    """
    windows = "; ".join(f"{one['id']} ({one['window'][0]} to {one['window'][1]})" for one in codebook["waves"])
    name = codebook["survey"]["title"]["en"]
    citation = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite them, and the software that made them.",
        "type": "dataset",
        "title": name,
        "version": version,
        "authors": [{"name": name}],
        "abstract": f"{told} Waves: {windows}.",
        "references": [
            {
                "type": "software",
                "title": "connectedness",
                "version": codebook["engine"],
                "license": "GPL-3.0-or-later",
                "authors": [{"name": "The connectedness maintainers"}],
            }
        ],
    }
    write_text(folder / CITATION, yaml.safe_dump(citation, sort_keys=False, allow_unicode=True, width=1000))


def write_manifest(folder: Path, *, release: str, digest: str, **told: Any) -> None:
    """Write `manifest.json`, the last file: what the release is, and the SHA-256 of every other file."""
    manifest = {"release": release, "hash": digest, "engine": __version__, **told, "files": file_hashes(folder)}
    write_json(folder / MANIFEST, manifest)
