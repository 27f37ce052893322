"""Files inside a zip: found and measured. Text is read out of the zip as it stands, anything else held in memory.

Nothing is unpacked into a folder, but for a library that reads nothing else.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO

from connectedness.errors import ContractError

# Answers repeat, so an export packs well: about 20 to 1, rarely 100 to 1. A bomb is made of 1000 to 1.
MOST_BYTES = 2_000_000_000
MOST_RATIO, RATIO_COUNTS_FROM = 200, 50_000_000
MOST_MEMBERS = 2_000
_PIECE = 1 << 20
_TEXT = (".csv", ".tsv", ".txt", ".tab")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError, KeyError)


@dataclass(frozen=True)
class Held:
    """A file's content in memory, and the name it has in its zip."""

    name: str
    content: bytes
    beside: tuple[tuple[str, bytes], ...] = ()

    @property
    def suffix(self) -> str:
        """Ending of its name."""
        return PurePosixPath(self.name).suffix


@dataclass(frozen=True)
class Packed:
    """A text file that stays in its zip, and is unpacked as it is read: its name, the zip, its name there, its size."""

    name: str
    archive: Path
    member: str
    size: int
    beside: tuple[tuple[str, bytes], ...] = ()

    @property
    def suffix(self) -> str:
        """Ending of its name."""
        return PurePosixPath(self.name).suffix


Content = Path | Held | Packed


def stream(content: Content) -> IO[bytes]:
    """Open a file, on disk, in memory or in a zip, for reading."""
    if isinstance(content, Packed):
        with zipfile.ZipFile(content.archive) as archive:
            return archive.open(content.member)  # which keeps the zip open as long as it is
    return io.BytesIO(content.content) if isinstance(content, Held) else content.open("rb")


def size_of(content: Content) -> int:
    """Bytes of a file, on disk, in memory or in a zip."""
    if isinstance(content, Packed):
        return content.size
    return len(content.content) if isinstance(content, Held) else content.stat().st_size


@contextmanager
def on_disk(content: Content) -> Iterator[Path]:
    """Give a path, for a library that reads nothing else; a file of a zip lies in a private folder meanwhile."""
    if isinstance(content, Path):
        yield content
        return
    with tempfile.TemporaryDirectory(prefix="connectedness-") as folder:
        path = Path(folder) / "export"
        with stream(content) as packed, path.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
        yield path


def unzipped(path: Path, file: str) -> Content:
    """The file itself, or, where it is a zip that holds one export, that export.

    What a survey tool packs beside it (a data dictionary, a definition of the survey) comes along by name.

    Raises
    ------
    ContractError
        When the zip is damaged, locked or made to do harm, or holds no export or more than one.
    """
    if not path.is_file() or not zipfile.is_zipfile(path):
        return path
    try:
        with path.open("rb") as opened, zipfile.ZipFile(opened) as archive:
            entries = archive.infolist()
            _must_be_harmless(entries, file)
            if any(one.filename == "[Content_Types].xml" for one in entries):
                return path  # a workbook, or some other Office file
            found = [_looked_through(archive, path, one, file) for one in entries if _may_be_export(one)]
    except ContractError:
        raise
    except _BROKEN as error:
        raise ContractError(
            "this zip cannot be opened: it is damaged, or was cut short.",
            file=file,
            todo="Export or copy the file again.",
        ) from error
    return _the_one(found, file)


def kind_by_ending(suffix: str) -> str:
    """What may be said of a file whose name may be a student's: "a .csv file"."""
    ending = suffix.lower()
    return f"a {ending} file" if re.fullmatch(r"\.[a-z0-9]{1,7}", ending) else "a file"


def is_dictionary(start: bytes) -> bool:
    """Whether a file begins as REDCap's data dictionary does."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip(b'"').startswith(b"Variable / Field Name")


def _looked_through(archive: zipfile.ZipFile, path: Path, entry: zipfile.ZipInfo, file: str) -> Held | Packed:
    name = PurePosixPath(entry.filename).name
    with archive.open(entry) as opened:
        start = opened.read(40)
    if start.startswith(b"PK") or _explains(name, start) or PurePosixPath(name).suffix.lower() not in _TEXT:
        return Held(name, _content(archive, entry, file))
    for _ in _pieces(archive, entry, file):  # a damaged one is told of before anything is read
        pass
    return Packed(name, path, entry.filename, entry.file_size)


def _the_one(found: list[Held | Packed], file: str) -> Content:
    beside = [(one.name, one.content) for one in found if isinstance(one, Held) and _explains(one.name, one.content)]
    exports = [one for one in found if not (isinstance(one, Held) and _explains(one.name, one.content))]
    if len(exports) == 1:
        return replace(exports[0], beside=tuple(beside))
    # A name in a zip may be a student's, so only how many there are of each kind is told.
    kinds = Counter(kind_by_ending(one.suffix).removeprefix("a ") for one in exports)
    raise ContractError(
        "this zip holds more than one file, so it is not known which is the export."
        if exports
        else "there is no export in this zip.",
        file=file,
        found=", ".join(f"{n} {kind}{'s' * (n > 1)}" for kind, n in kinds.most_common(8))
        or "nothing that could be one",
        allowed="one export in a zip",
        todo="Unpack it, and put the files that are exports of this wave into the folder.",
    )


def _explains(name: str, content: bytes) -> bool:
    return name.lower().endswith((".qsf", ".lss", ".json")) or is_dictionary(content[:40])


def _may_be_export(entry: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(entry.filename)
    leftover = path.name.startswith((".", "~$")) or path.parts[0] == "__MACOSX"
    picture = path.suffix.lower() in (".pdf", ".png", ".jpg", ".jpeg", ".docx", ".html", ".md")
    return not (entry.is_dir() or leftover or picture)


def _is_workbook(entries: list[zipfile.ZipInfo]) -> bool:
    names = {one.filename for one in entries}
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


def _must_be_harmless(entries: list[zipfile.ZipInfo], file: str) -> None:
    for one in entries:
        parts = one.filename.replace("\\", "/").split("/")
        if ".." in parts or one.filename.startswith(("/", "\\")) or ":" in parts[0]:
            raise ContractError(
                "a name in this zip points outside of it, as no survey tool writes one; it was not opened.",
                file=file,
                todo="Ask where this file comes from, and export again from the survey tool.",
            )
        if one.flag_bits & 0x1:
            raise ContractError(
                "this zip is locked with a password.", file=file, todo="Unpack it, and put the export itself here."
            )
        if one.file_size > RATIO_COUNTS_FROM and one.file_size > MOST_RATIO * max(one.compress_size, 1):
            raise _too_big(file)
    if len(entries) > MOST_MEMBERS or sum(one.file_size for one in entries) > MOST_BYTES:
        raise _too_big(file)


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: str) -> Iterator[bytes]:
    """Content of an entry; a zip may say a smaller size than it has, so the bytes themselves are counted."""
    size = 0
    with archive.open(entry) as opened:
        while piece := opened.read(_PIECE):
            size += len(piece)
            if size > entry.file_size:
                raise _too_big(file)
            yield piece


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: str) -> bytes:
    content = b"".join(_pieces(archive, entry, file))
    if content.startswith(b"PK\x03\x04") and not is_workbook(io.BytesIO(content), file):
        raise ContractError("there is another zip in this zip.", file=file, todo="Unpack it, and put the export here.")
    return content


def is_workbook(opened: IO[bytes], file: str) -> bool:
    """Whether this is an Excel workbook.

    Raises
    ------
    ContractError
        When it is one made to do harm.
    """
    try:
        with zipfile.ZipFile(opened) as archive:
            entries = archive.infolist()
    except _BROKEN:
        return False
    _must_be_harmless(entries, file)
    return _is_workbook(entries)


def _too_big(file: str) -> ContractError:
    return ContractError(
        "this zip unpacks to far more than its size, as no export does; it was not opened.",
        file=file,
        allowed=f"{MOST_BYTES // 1_000_000:,} MB, and {MOST_RATIO} times the packed size",
        todo="Ask where this file comes from, and export again from the survey tool.",
    )
