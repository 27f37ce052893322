"""Which encoding a text is in: the one that is declared, or, for a survey tool's file, the one that fits and no other.

A file is looked through in pieces and never held whole.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator

from connectedness.errors import ContractError, DeclarationError
from connectedness.ingest.wrong_file import empty_file, kind_of, read_bytes
from connectedness.ingest.zipped import Content, stream

PIECE = 1 << 20
"""Bytes that are read at a time."""
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Letters and marks of English and French. Bytes of one encoding read as the other give few of these.
_USUAL = set("àâäçèéêëîïôöùûüÿœæÉÀÇÔÊÎŒ’‘“”–—…«»\u00a0•°€")  # noqa: RUF001
_ASCII = set(map(chr, range(128)))
_IN_NATIVE_ORDER = ("utf-16", "utf-32")


def codec_of(path: Content, file: str, encoding: str) -> str:
    """The codec that reads a file of a declared encoding; a UTF-8 mark at its start counts before that.

    Raises
    ------
    ContractError
        When the file is empty, or is no text.
    DeclarationError
        When there is no such encoding.
    """
    start = _text_start(path, file)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    try:
        name = codecs.lookup(encoding).name
        b"x".decode(name, errors="ignore")  # some codecs are no encodings of text
    except LookupError:
        raise DeclarationError(
            "this encoding is not known.", key="encoding", found=encoding, allowed="utf-8, cp1252, …"
        ) from None
    except UnicodeError:
        pass
    marked = start.startswith((*WIDE, codecs.BOM_UTF32_BE))
    return name if marked or name not in _IN_NATIVE_ORDER else f"{name}-{sys.byteorder[0]}e"


def codec_by_tool(path: Content, file: str) -> str:
    """The codec of a survey tool's file whose encoding nobody declared.

    A mark at its start says UTF-8 or UTF-16. Else it is UTF-8, or the one of Windows' and the old Mac's encodings in
    which every character is one that English or French text has. The whole file is looked through once for that.

    Raises
    ------
    ContractError
        When neither or both could be meant, or the file is no text.
    """
    if _text_start(path, file).startswith(WIDE):
        return "utf-16"
    return "utf-8-sig" if _fits(path, "utf-8-sig") else _older(path, file)


def _older(path: Content, file: str) -> str:
    fitting = [one for one in ("cp1252", "mac_roman") if _fits(path, one, _USUAL)]
    if len(fitting) == 1:
        return fitting[0]
    raise ContractError(
        "this file is not in UTF-8, and its accents fit more than one other encoding."
        if fitting
        else "this file is not in UTF-8, and it is not plain which encoding it is in.",
        file=file,
        allowed="utf-8, cp1252 (Windows), mac_roman (older Macs), …",
        todo="Write encoding: NAME in the column map, or save the file again as 'CSV UTF-8'.",
    )


def _fits(path: Content, codec: str, usual: set[str] | None = None) -> bool:
    """Whether a file can be read so, with none but ASCII and the `usual` letters, where these are named."""
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        for raw in raw_pieces(path):
            text = decoder.decode(raw, final=not raw)
            if usual is not None and not text.isascii() and not set(text) <= usual | _ASCII:
                return False
    except UnicodeError:
        return False
    return True


def raw_pieces(path: Content) -> Iterator[bytes]:
    """Bytes of a file in pieces; the last one is empty."""
    with stream(path) as opened:
        while raw := opened.read(PIECE):
            yield raw
    yield b""


def _text_start(path: Content, file: str) -> bytes:
    start = read_bytes(path, file, PIECE)
    if not start.removeprefix(codecs.BOM_UTF8).strip():
        raise empty_file(file)
    if other := kind_of(start):
        raise ContractError(
            f"this is not a text file but {other}.",
            file=file,
            todo="Export it as CSV, or change format in the column map.",
        )
    return start


def wrong_encoding(path: Content, file: str, encoding: str, line: int) -> ContractError:
    """Say at which line a file turns out to be in another encoding, and which one it may be."""
    return ContractError(
        f"this file is not in the encoding {encoding}.",
        file=file,
        line=line,
        todo=f"Write encoding: {_likely(path, file)} in the column map (for a roster: under roster in survey.yaml), or "
        "save the file again as 'CSV UTF-8'.",
    )


def _likely(path: Content, file: str) -> str:
    if read_bytes(path, file, 2).startswith(WIDE):
        return "utf-16"
    return next((one for one in ("utf-8", "cp1252") if _fits(path, one)), "latin-1")


def zero_bytes(path: Content, file: str, line: int) -> ContractError:
    """Say at which line a text holds a zero byte, and whether a two-byte encoding is the likely reason."""
    start = read_bytes(path, file, 200)
    wide = start.startswith(WIDE) or start.count(b"\0") > len(start) // 3
    return ContractError(
        "this file holds zero bytes, which no text has: it was damaged on its way, or is in a two-byte encoding.",
        file=file,
        line=line,
        todo="Write encoding: utf-16 in the column map." if wide else "Export or copy the file again.",
    )
