"""The papers of a release: a Data Package description, and the manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from connectedness import __version__
from connectedness.files import sha256_of
from connectedness.release.fact_variables import FACT_VARIABLES
from connectedness.release.folder import MANIFEST, PACKAGE, file_hashes
from connectedness.release.formats import write_json
from connectedness.release.package_people import contributors, licences, newest_end, sources
from connectedness.release.variables import ESTIMATE_VARIABLES, METHODS, STATUSES
from connectedness.tables import ALL, ESTIMATE_KEY, SUPPRESSED

_SCHEMA = "https://datapackage.org/profiles/2.0/datapackage.json"
_MEDIA_TYPES = {"parquet": "application/vnd.apache.parquet", "sav": "application/x-spss-sav"}


def write_package(folder: Path, codebook: Mapping[str, Any], *, version: str, told: str, resources: list[Any]) -> None:
    """Write `datapackage.json` (Data Package v2) for the files of a release.

    `created` is the last day of the newest wave: a day read off a clock would change the bytes of the same data.

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
    survey, published = codebook["survey"], codebook["publication"]
    package = {
        "$schema": _SCHEMA,
        "name": version.lower(),
        "id": f"https://doi.org/{published['doi']}" if "doi" in published else None,
        "title": survey["title"]["en"],
        "description": told + (" All students in it are synthetic." if survey["synthetic"] else ""),
        "homepage": published.get("url"),
        "version": version,
        "created": f"{newest_end(codebook)}T00:00:00Z",
        "keywords": published.get("keywords"),
        "licenses": licences(codebook),
        "contributors": contributors(codebook),
        "sources": sources(codebook),
        "resources": resources,
    }
    write_json(folder / PACKAGE, {name: one for name, one in package.items() if one})


def resource(
    folder: Path,
    path: str,
    title: str,
    fields: Sequence[Mapping[str, Any]],
    key: Sequence[str] = (),
    *,
    alternates: Sequence[str] = (),
) -> dict[str, Any]:
    """Describe one CSV file of the release: its size, hash and columns.

    `alternates` are files that hold the same table in another format. They stand inside the resource, and are none of
    their own, because readers of the standard refuse a resource whose format they cannot read.
    """
    schema: dict[str, Any] = {"fields": list(fields), "missingValues": [""]}
    if key:
        schema["primaryKey"] = list(key)
    told = {
        "name": path.removesuffix(".csv").replace("/", "-").lower(),
        "title": title,
        "path": path,
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **_size_and_hash(folder / path),
        "schema": schema,
    }
    return told | ({"alternates": [_alternate(folder, one) for one in alternates]} if alternates else {})


def _alternate(folder: Path, path: str) -> dict[str, Any]:
    kind = path.rpartition(".")[2]
    return {"path": path, "format": kind, "mediatype": _MEDIA_TYPES[kind], **_size_and_hash(folder / path)}


def _size_and_hash(file: Path) -> dict[str, Any]:
    return {"bytes": file.stat().st_size, "hash": f"sha256:{sha256_of(file)}"}


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
        **_size_and_hash(folder / path),
    }


def codebook_resource(folder: Path, table: pd.DataFrame) -> dict[str, Any]:
    """The codebook's own CSV, so that every CSV of the package is described."""
    fields = [
        field(name, "number" if name in ("low", "high") else "string", name.replace("_", " ")) for name in table.columns
    ]
    return resource(folder, "codebook.csv", "Codebook", fields)


def _others(values: Iterable[object], known: Mapping[str, str]) -> dict[str, str]:
    return {one: one for one in sorted({str(one) for one in values if isinstance(one, str)} - set(known))}


def write_manifest(folder: Path, *, release: str, digest: str, **told: Any) -> None:
    """Write `manifest.json`, the last file: what the release is, with what it was made, and each other file's SHA-256.

    `made_with` and `declared` are what `folder_made_with` tells of the run that wrote the newest numbers; `carried`
    tells the same of each wave whose files come byte for byte from an earlier release.
    """
    manifest = {"release": release, "hash": digest, "engine": __version__, **told, "files": file_hashes(folder)}
    write_json(folder / MANIFEST, manifest)
