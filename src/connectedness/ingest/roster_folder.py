"""The files of a OneRoster export, in a zip or a folder: which there are, what the manifest says, their rows."""

from __future__ import annotations

import codecs
import hashlib
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from connectedness.errors import ContractError
from connectedness.files import sha256_of
from connectedness.ingest import zipped
from connectedness.ingest.cells import Export
from connectedness.ingest.roster_listed import exact_columns
from connectedness.ingest.roster_text import TextForm, read_text
from connectedness.ingest.zipped import Content, Held

READ = ("manifest", "orgs", "users", "roles", "enrollments", "academicSessions", "demographics")
"""Files that are looked into. The others (classes, courses, results …) are left where they are."""
_VERSIONS = ("1.1", "1.2")


@dataclass(frozen=True)
class RosterFolder:
    """An opened OneRoster export.

    Attributes
    ----------
    place : str
        What errors call it.
    contents : dict
        Content of each file, by its name without ending.
    sha256 : str
    form : TextForm
    version : {"1.1", "1.2"}
    modes : dict
        What the manifest says of each file: `bulk`, `delta` or `absent`.
    """

    place: str
    contents: dict[str, Content]
    sha256: str
    form: TextForm
    version: str = ""
    modes: dict[str, str] | None = None

    @property
    def title(self) -> str:
        """The format's name, as people call it."""
        return f"OneRoster {self.version}".strip()

    def file(self, name: str) -> str:
        """What errors call one of the files."""
        return f"{self.place}/{name}.csv"

    def has(self, name: str) -> bool:
        """Whether a file is there, by the manifest, with at least one row.

        Raises
        ------
        ContractError
            When the manifest says that it is there and it is not, or that it holds changes only.
        """
        mode = (self.modes or {}).get(name, "absent")
        if mode == "delta":
            raise ContractError(
                "this file holds only what has changed since an earlier one, so it does not say who is enrolled.",
                file=self.file(name),
                found=f"file.{name}: delta in manifest.csv",
                allowed="bulk",
                todo="Ask for a full (bulk) OneRoster export of the day.",
            )
        if mode != "bulk":
            return False
        if name not in self.contents:
            raise ContractError(
                "the manifest says that this file is there, and it is not.",
                file=self.file(name),
                todo="Export again, and put the whole zip or folder here.",
            )
        return not _header_only(self.contents[name])

    def must_have(self, name: str) -> None:
        """Raise ContractError when a file without which nothing can be counted is not there, or is empty."""
        if not self.has(name):
            raise ContractError(
                "this file has no row, or the manifest says that it is absent; without it nobody can be counted.",
                file=self.file(name),
                todo=f"Ask for a {self.title} export with {name}.csv.",
            )

    def read(self, name: str, required: Sequence[str], wanted: Sequence[str], maybe: Iterable[str] = ()) -> Export:
        """Read columns of a file; one of `wanted` that is not there is empty, one of `maybe` is left out.

        Raises
        ------
        ContractError
            When a required column is missing, or the file does not hold.
        """
        choose = exact_columns(required, [*wanted, *maybe], self.file(name), self.title)
        export = read_text(self.contents[name], self.file(name), choose, self.form, required)
        for column in wanted:
            if column not in export.cells:
                export.cells[column] = pd.Series("", index=export.cells.index, dtype="str")
        return export


def open_folder(path: Path, place: str, form: TextForm) -> RosterFolder:
    """Open a zip or a folder of OneRoster files, and read its manifest.

    Raises
    ------
    ContractError
        When it is neither, is damaged or made to do harm, or has no manifest of a version that is known.
    """
    contents, sha256 = _of_folder(path) if path.is_dir() else _of_zip(path, place)
    found = RosterFolder(place, contents, sha256, form)
    if "manifest" not in contents:
        raise ContractError(
            "there is no manifest.csv, without which this is no OneRoster export.",
            file=place,
            found=", ".join(f"{name}.csv" for name in contents) or "none of OneRoster's files",
            todo="Put the whole export here as one zip or folder, as it was made.",
        )
    said = found.read("manifest", ("propertyName", "value"), ("propertyName", "value")).cells
    values = dict(zip(said["propertyName"], said["value"], strict=True))
    version = values.get("oneroster.version", "")
    if version not in _VERSIONS:
        raise ContractError(
            "this version of OneRoster is not read.",
            file=found.file("manifest"),
            found=version if version[:1].isdigit() and len(version) <= 8 else "no oneroster.version",
            allowed=" or ".join(_VERSIONS),
            todo="Ask for an export in one of these versions.",
        )
    modes = {name: values.get(f"file.{name}", "absent").lower() for name in READ}
    return RosterFolder(place, contents, sha256, form, version, modes)


def _of_folder(path: Path) -> tuple[dict[str, Content], str]:
    found: dict[str, Content] = {name: path / f"{name}.csv" for name in READ if (path / f"{name}.csv").is_file()}
    lines = [f"{name} {sha256_of(one)}\n" for name, one in sorted(found.items()) if isinstance(one, Path)]
    return found, hashlib.sha256("".join(lines).encode()).hexdigest()


def _of_zip(path: Path, place: str) -> tuple[dict[str, Content], str]:
    """Content of the files that are read, by name; a folder around them all is no matter."""
    try:
        with path.open("rb") as opened, zipfile.ZipFile(opened) as archive:
            entries = archive.infolist()
            zipped._must_be_harmless(entries, place)
            chosen: dict[str, Content] = {}
            for one in entries:
                inside = PurePosixPath(one.filename)
                if inside.suffix != ".csv" or inside.stem not in READ or inside.parts[0] == "__MACOSX":
                    continue
                if inside.stem in chosen:
                    raise ContractError(
                        "this file is in the zip more than once, so it is not known which one counts.",
                        file=f"{place}/{inside.name}",
                        todo="Put one export into a zip of its own.",
                    )
                chosen[inside.stem] = Held(inside.name, zipped._content(archive, one, place))
    except ContractError:
        raise
    except zipped._BROKEN as error:
        raise ContractError(
            "this is neither a folder nor a zip that can be opened.",
            file=place,
            todo="Put the OneRoster export here as it was made, or export it again.",
        ) from error
    return chosen, sha256_of(path)


def _header_only(content: Content) -> bool:
    """Whether a file ends with its header: no export may be so, and some are."""
    with zipped.stream(content) as opened:
        start = opened.read(1 << 16)
    lines = start.removeprefix(codecs.BOM_UTF8).strip().splitlines()
    return len(start) < 1 << 16 and len(lines) == 1


def usable_rows(export: Export) -> np.ndarray:
    """Rows with the right number of cells and anything in them."""
    return ~(export.ragged | export.empty)
