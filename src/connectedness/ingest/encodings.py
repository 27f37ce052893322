"""Bytes to text: in the encoding that is declared, or, for a survey tool's file, the one that fits and no other."""

from __future__ import annotations

import codecs

from connectedness.errors import ContractError, DeclarationError
from connectedness.ingest.wrong_file import empty_file, kind_of, read_bytes
from connectedness.ingest.zipped import Content

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Letters and marks of English and French. Bytes of one encoding read as the other give few of these.
_USUAL = set("àâäçèéêëîïôöùûüÿœæÉÀÇÔÊÎŒ’‘“”–—…«»\u00a0•°€")  # noqa: RUF001


def decoded(path: Content, file: str, encoding: str) -> str:
    """Decode a file in a declared encoding; a UTF-8 mark at its start counts before that.

    Raises
    ------
    ContractError
        When the file is empty, is no text, or is in another encoding.
    DeclarationError
        When there is no such encoding.
    """
    raw = _text_bytes(path, file)
    try:
        codec = "utf-8-sig" if raw.startswith(codecs.BOM_UTF8) else codecs.lookup(encoding).name
        text = raw.decode(codec)
        text.encode("utf-8")  # some encodings give halves of characters, which no table can hold
    except LookupError:
        raise DeclarationError(
            "this encoding is not known.", key="encoding", found=encoding, allowed="utf-8, cp1252, …"
        ) from None
    except UnicodeError:
        raise _wrong_encoding(raw, file, encoding) from None
    return _without_zero_bytes(text, raw, file)


def decoded_by_tool(path: Content, file: str) -> str:
    """Decode the file of a survey tool whose encoding nobody declared.

    A mark at its start says UTF-8 or UTF-16. Else it is UTF-8, or the one of Windows' and the old Mac's encodings in
    which every character is one that English or French text has.

    Raises
    ------
    ContractError
        When neither or both could be meant, or the file is no text.
    """
    raw = _text_bytes(path, file)
    if raw.startswith(_WIDE):
        try:
            return _without_zero_bytes(raw.decode("utf-16"), raw, file)
        except UnicodeError:
            raise _wrong_encoding(raw, file, "utf-16") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeError:
        text = _older(raw, file)
    return _without_zero_bytes(text, raw, file)


def _older(raw: bytes, file: str) -> str:
    fitting = {}
    for encoding in ("cp1252", "mac_roman"):
        try:
            text = raw.decode(encoding)
        except UnicodeError:
            continue
        if {letter for letter in text if letter > "\x7f"} <= _USUAL:
            fitting[encoding] = text
    if len(fitting) == 1:
        return next(iter(fitting.values()))
    raise ContractError(
        "this file is not in UTF-8, and its accents fit more than one other encoding."
        if fitting
        else "this file is not in UTF-8, and it is not plain which encoding it is in.",
        file=file,
        allowed="utf-8, cp1252 (Windows), mac_roman (older Macs), …",
        todo="Write encoding: NAME in the column map, or save the file again as 'CSV UTF-8'.",
    )


def _text_bytes(path: Content, file: str) -> bytes:
    raw = read_bytes(path, file)
    if not raw.removeprefix(codecs.BOM_UTF8).strip():
        raise empty_file(file)
    if other := kind_of(raw):
        raise ContractError(
            f"this is not a text file but {other}.",
            file=file,
            todo="Export it as CSV, or change format in the column map.",
        )
    return raw


def _wrong_encoding(raw: bytes, file: str, encoding: str) -> ContractError:
    return ContractError(
        f"this file is not in the encoding {encoding}.",
        file=file,
        todo=f"Write encoding: {_likely(raw)} in the column map (for a roster: under roster in survey.yaml), or save "
        "the file again as 'CSV UTF-8'.",
    )


def _likely(raw: bytes) -> str:
    if raw.startswith(_WIDE):
        return "utf-16"
    for encoding in ("utf-8", "cp1252"):
        try:
            raw.decode(encoding)
        except UnicodeError:
            continue
        return encoding
    return "latin-1"


def _without_zero_bytes(text: str, raw: bytes, file: str) -> str:
    if "\0" not in text:
        return text
    at = raw.index(b"\0")
    wide = raw.startswith(_WIDE) or raw[:200].count(b"\0") > len(raw[:200]) // 3
    raise ContractError(
        "this file holds zero bytes, which no text has: it was damaged on its way, or is in a two-byte encoding.",
        file=file,
        line=raw.count(b"\n", 0, at) + 1,
        todo="Write encoding: utf-16 in the column map." if wide else "Export or copy the file again.",
    )
