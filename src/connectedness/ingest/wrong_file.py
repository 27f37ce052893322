"""What is said of a file that is not what it was taken for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connectedness.errors import ConnectednessError, ContractError
from connectedness.ingest.zipped import Content, stream

_KINDS = {
    b"PK\x03\x04": "an Excel workbook or another zip archive",
    b"$FL2@(#)": "an SPSS file",
    b"$FL3@(#)": "a compressed SPSS file",
    b"PAR1\x15": "a parquet file",
    b"<stata_dta>": "a Stata file",
    b"\xd0\xcf\x11\xe0": "an old (.xls) or password-protected Excel file",
}


def kind_of(start: bytes) -> str | None:
    """What a file's first bytes say it is, where that is one of the formats people take for another."""
    if _is_older_stata(start):
        return "a Stata file"
    return next((kind for mark, kind in _KINDS.items() if start.startswith(mark)), None)


def _is_older_stata(start: bytes) -> bool:
    """Stata before release 13: its release, its byte order, and a one."""
    return len(start) > 3 and 104 <= start[0] <= 115 and start[1] in (1, 2) and start[2] == 1


def read_bytes(path: Content, file: str, size: int = -1) -> bytes:
    """Read the first `size` bytes of a file, or all.

    Raises
    ------
    ContractError
        When the system will not open it.
    """
    try:
        with stream(path) as opened:
            return opened.read(size)
    except FileNotFoundError:
        raise ContractError("this file is not there.", file=file, todo="Check the name and the folder.") from None
    except OSError as error:
        raise ContractError(
            "this file cannot be opened.",
            file=file,
            found=error.strerror,
            todo="Close the program that has it open (often Excel) and see that you may read it.",
        ) from None


def empty_file(file: str) -> ContractError:
    """Describe a file without a byte of content."""
    return ContractError("this file is empty.", file=file, todo="Export again; this download seems to have failed.")


def header_only(file: str) -> ContractError:
    """Describe a file without a single row of answers."""
    return ContractError("this file has a header and no rows.", file=file, todo="Export again, with all responses.")


@contextmanager
def read_as(kind: str, path: Content, file: str) -> Iterator[None]:
    """Read a binary format; whatever its library says of a bad file becomes one plain error.

    Raises
    ------
    ContractError
        When the file is empty or is not of this kind.
    """
    start = read_bytes(path, file, 16)
    if not start:
        raise empty_file(file)
    try:
        yield
    except (ConnectednessError, MemoryError):
        raise
    except Exception as error:  # a damaged file makes these libraries raise nearly anything
        raise not_of_this_kind(kind, start, file) from error


def not_of_this_kind(kind: str, start: bytes, file: str) -> ContractError:
    """Describe a file that its name, or the map, takes for a kind it is not."""
    text = "text, or a damaged file" if b"\0" not in start else "a damaged file, or another format"
    return ContractError(
        f"this file cannot be read as {kind}.",
        file=file,
        found=kind_of(start) or text,
        todo=f"Export it again as {kind}, or change format in the column map.",
    )
