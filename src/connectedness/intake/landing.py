"""The landing folder, wherever it is: what lies in it, and how it is read. The only speaker of fsspec."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from connectedness.declare.intake import KEPT_FOR_A_PERSON, is_url
from connectedness.declare.project import Project
from connectedness.errors import ConnectednessError, DeclarationError
from connectedness.files import full_disk_explained, make_private, private_folder

_PIECE = 1 << 20
_DEEPEST = 6
_UNFINISHED = (".part", ".partial", ".filepart", ".crdownload", ".download", ".tmp", ".temp", ".swp", ".lock")
_OF_THE_SYSTEM = {"thumbs.db", "desktop.ini"}
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_NOT_EVERYWHERE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
# What drivers call the time and the version of a file; whichever they give tells that it changed.
_CHANGES_WITH_CONTENT = (
    "mtime",
    "created",
    "LastModified",
    "last_modified",
    "updated",
    "modified",
    "ETag",
    "etag",
    "md5",
)


@dataclass(frozen=True)
class Landed:
    """A file of the landing folder: its name below it, its size in bytes, and what changes when its content does."""

    name: str
    size: int
    mark: str

    @property
    def basename(self) -> str:
        """Its name without the folder."""
        return PurePosixPath(self.name).name


class Landing:
    """A landing folder on any file system that fsspec knows."""

    def __init__(self, fs: Any, base: str, shown: str, local: Path | None) -> None:
        self.fs, self.base, self.shown, self.local = fs, base.rstrip("/"), shown, local

    def files(self) -> tuple[list[Landed], int]:
        """Whole files in order of names, and the number of those whose names are not legal on every system.

        Left out are links, hidden and unfinished files, and what is kept for a person.
        """
        with self._reached():
            found = list(self._below(self.base, 0))
        lawful = [one for one in found if is_lawful(one.name)]
        return sorted(lawful, key=lambda one: one.name), len(found) - len(lawful)

    def kept(self) -> list[Landed]:
        """Files that are kept for a person, and the notes beside them."""
        with self._reached():
            return [one for folder in KEPT_FOR_A_PERSON for one in self._below(f"{self.base}/{folder}", 1)]

    def now(self, name: str) -> Landed | None:
        """A file as it is at this moment; None where it is not there, or no plain file."""
        with self._reached():
            try:
                self.fs.invalidate_cache()
                info = self.fs.info(self._path(name))
            except FileNotFoundError:
                return None
        return _landed(name, info) if _is_plain(info) else None

    def fetch(self, name: str, target: Path) -> str:
        """Copy a file, piece by piece; return its SHA-256."""
        found = hashlib.sha256()
        with target.open("wb") as into:
            make_private(target)
            with self._reached(), self.fs.open(self._path(name), "rb") as stream:
                while piece := stream.read(_PIECE):
                    found.update(piece)
                    with full_disk_explained(target):
                        into.write(piece)
        return found.hexdigest()

    def move(self, name: str, to: str) -> None:
        """Move a file inside the landing folder, over what is there."""
        with self._reached():
            self._make_folder(to)
            if self.fs.exists(self._path(to)):
                self.fs.rm_file(self._path(to))
            self.fs.mv(self._path(name), self._path(to))

    def write(self, name: str, text: str) -> None:
        """Write a small text."""
        with self._reached():
            self._make_folder(name)
            self.fs.pipe_file(self._path(name), text.encode("utf-8"))

    def remove(self, name: str) -> None:
        """Delete a file; it may be gone already."""
        with self._reached():
            if self.fs.exists(self._path(name)):
                self.fs.rm_file(self._path(name))

    def _below(self, folder: str, depth: int) -> Iterator[Landed]:
        try:
            self.fs.invalidate_cache()
            entries = self.fs.ls(folder or "/", detail=True)
        except FileNotFoundError:  # a store of objects has no folder before the first file
            return
        for info in entries:
            path = str(self.fs._strip_protocol(info["name"])).rstrip("/")
            name = path.removeprefix(f"{self.base}/")
            if name == path and self.base:
                continue  # not below the landing folder
            last = PurePosixPath(name).name
            if info["type"] == "directory" and not info.get("islink"):
                if depth < _DEEPEST and not last.startswith(".") and not (depth == 0 and _is_kept(last)):
                    yield from self._below(path, depth + 1)
            elif _is_plain(info) and not is_unfinished(last):
                yield _landed(name.lstrip("/"), info)

    def _path(self, name: str) -> str:
        return f"{self.base}/{name}"

    def _make_folder(self, name: str) -> None:
        folder = self._path(str(PurePosixPath(name).parent))
        if self.local is not None:
            private_folder(Path(folder))
        else:
            self.fs.makedirs(folder, exist_ok=True)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Turn what a driver raises, which may be anything, into one plain error."""
        try:
            yield
        except (ConnectednessError, FileNotFoundError, MemoryError):
            raise
        except Exception as error:
            raise Unreachable(
                "the landing folder, or a file in it, cannot be reached or changed.",
                file=self.shown,
                found=type(error).__name__,
                todo="See that it is there and that this account may read it. The next look tries again.",
            ) from error


class Unreachable(ConnectednessError):
    """The landing folder or a file in it could not be reached; another look may."""


def open_landing(project: Project) -> Landing:
    """The landing folder that the survey declares.

    Raises
    ------
    DeclarationError
        When none is declared, or its driver is not installed.
    Unreachable
        When a folder outside the project is not there.
    """
    declared = project.survey.intake
    if declared is None:
        raise project.source.error(
            "the survey declares no landing folder, so there is nothing to look at.",
            todo="Add to survey.yaml:  intake: {landing: landing/}",
        )
    if not is_url(declared.landing):
        return _local(project, project.root / declared.landing)
    from fsspec.core import url_to_fs

    try:
        fs, base = url_to_fs(declared.landing)
    except (ValueError, ImportError) as error:
        raise project.source.error(
            "no driver is installed for this kind of address.",
            ("intake", "landing"),
            found=declared.landing,
            todo=f"Install the one that fsspec names ({error}) beside connectedness.",
        ) from None
    if "file" in ((fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol):
        return _local(project, Path(base))
    return Landing(fs, base, declared.landing, None)


def _local(project: Project, folder: Path) -> Landing:
    from fsspec.implementations.local import LocalFileSystem

    inside = Path(os.path.abspath(folder)).is_relative_to(project.root)  # noqa: PTH100  (resolve() would follow a link)
    if inside and not folder.exists():
        private_folder(folder)
    if not folder.is_dir():
        raise Unreachable(
            "the landing folder is not there.",
            file=folder,
            todo="See whether the share is connected, or mend intake.landing in survey.yaml.",
        )
    real = folder.resolve()
    ours = (project.root / "inbox", project.store, project.site)
    if project.root.is_relative_to(real) or any(real.is_relative_to(one) for one in ours):
        raise DeclarationError(
            "the landing folder holds the project, or lies in a folder of it that is not for what lands.",
            file=project.root / "survey.yaml",
            key="intake.landing",
            todo="Give it a folder of its own, such as landing/.",
        )
    return Landing(LocalFileSystem(), real.as_posix(), str(folder), real)


def is_unfinished(basename: str) -> bool:
    """Whether a name is that of a hidden file, a copy still under way, or a program's own."""
    low = basename.lower()
    return low.startswith((".", "~")) or low.endswith(_UNFINISHED) or low in _OF_THE_SYSTEM


def is_lawful(name: str) -> bool:
    """Whether a name below the landing folder is legal on every system, and leads nowhere else."""
    parts = name.split("/")
    return all(
        part not in ("", ".", "..")
        and not _NOT_EVERYWHERE.search(part)
        and not _RESERVED.match(part)
        and part[-1] not in ". "
        and len(part.encode()) <= 180
        for part in parts
    )


def _is_kept(folder: str) -> bool:
    return folder.casefold() in KEPT_FOR_A_PERSON


def _is_plain(info: dict[str, Any]) -> bool:
    return info["type"] == "file" and not info.get("islink")


def _landed(name: str, info: dict[str, Any]) -> Landed:
    size = int(info.get("size") or 0)
    told = "|".join(f"{one}={info[one]}" for one in _CHANGES_WITH_CONTENT if info.get(one) is not None)
    return Landed(name, size, hashlib.sha256(f"{size}|{told}".encode()).hexdigest()[:16])
