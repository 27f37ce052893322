"""Files, written beside and moved into place, on every system an analyst uses.

Nothing here calls what only POSIX has: a rename is retried while Windows lets another program hold the file,
names are legal on every system, and a permission that cannot be set is a warning, not a failure.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from connectedness.errors import ConnectednessError

_RESERVED = {"con", "prn", "aux", "nul", *(f"com{i}" for i in range(10)), *(f"lpt{i}" for i in range(10))}
_ATTEMPTS = 8


def move_into_place(source: Path, target: Path) -> None:
    """Rename `source` to `target`, replacing it; try again while another program holds the file.

    Raises
    ------
    ConnectednessError
        When the file is still held after about six seconds.
    """
    for attempt in range(_ATTEMPTS):
        try:
            os.replace(source, target)
            return
        except PermissionError as error:
            if attempt == _ATTEMPTS - 1:
                raise ConnectednessError(
                    "this file is open in another program, so the new one could not be put in its place.",
                    file=target,
                    todo="Close the program that has it open (often Excel), then run again.",
                ) from error
            time.sleep(0.05 * 2**attempt)


@contextmanager
def written_beside(target: Path) -> Iterator[Path]:
    """Give a temporary path in the folder of `target`; move it into place when the block ends well.

    When the block raises, the temporary file is removed and `target` is as it was.

    Raises
    ------
    ConnectednessError
        When the disk is full.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with full_disk_explained(target):
            yield beside
            move_into_place(beside, target)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def full_disk_explained(target: Path) -> Iterator[None]:
    """Turn "no space left" into an error that says what is safe and what to do."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL and "No space left" not in str(error):
            raise
        raise ConnectednessError(
            "the disk is full. Nothing that was there before has been changed.",
            file=target,
            todo="Free some space, then run the same command again: it goes on from the last good state.",
        ) from error


_FULL = {28, 122}  # ENOSPC, EDQUOT; Windows reports a full disk as ENOSPC too


def write_text(target: Path, text: str) -> None:
    """Write UTF-8 text with line feeds as line ends, atomically."""
    write_bytes(target, text.encode("utf-8"))


def write_bytes(target: Path, content: bytes) -> None:
    """Write bytes, atomically."""
    with written_beside(target) as beside:
        beside.write_bytes(content)


def replace_folder(built: Path, target: Path) -> None:
    """Put the folder `built` where `target` is. A death half-way is mended by `recover_folder`."""
    old = _old(target)
    recover_folder(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        move_into_place(target, old)
    move_into_place(built, target)
    shutil.rmtree(old, ignore_errors=True)


def recover_folder(target: Path) -> None:
    """Undo a `replace_folder` that died between its two renames; remove what a finished one left."""
    old = _old(target)
    if old.exists() and not target.exists():
        move_into_place(old, target)
    elif old.exists():
        shutil.rmtree(old, ignore_errors=True)


def _old(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def make_private(path: Path) -> Path:
    """Let only the owner in (0700 a folder, 0600 a file); where the system has no such thing, warn once.

    Returns
    -------
    Path
        The same path.
    """
    wanted = 0o700 if path.is_dir() else 0o600
    try:
        path.chmod(wanted)
        held = os.name != "posix" or (path.stat().st_mode & 0o077) == 0
    except (OSError, NotImplementedError):
        held = False
    if not held or os.name != "posix":
        warnings.warn(
            f"{path.name}: this system could not be told to let only you in. Keep the project in a folder "
            "that only the people who may see student data can open.",
            stacklevel=2,
        )
    return path


def private_folder(path: Path) -> Path:
    """Make a folder that only the owner can open; return it."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        make_private(path)
    return path


def legal_name(text: str) -> str:
    """Return a file name, legal on Windows, macOS and Linux, made from an id; distinct ids give distinct names.

    Letters, digits, `-` and `_` stay; anything else, and upper case (Windows does not tell it from lower), is
    replaced and a short hash of the id is added.
    """
    plain = re.sub(r"[^a-z0-9_-]", "-", text.lower())[:60].strip("-")
    if plain and plain == text and plain not in _RESERVED:
        return plain
    return f"{plain or 'x'}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` hold the bytes of `source`: a hard link where the disk allows, else a copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    link: Callable[[Path, Path], None] = os.link
    try:
        link(source, target)
    except OSError:
        shutil.copyfile(source, target)
