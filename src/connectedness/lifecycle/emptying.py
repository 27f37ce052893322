"""Emptying records of a separated text, or of one inside a zip, so that every other byte and row number stays."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from connectedness.ingest.wrong_file import kind_of

Edit = Callable[[list[str]], list[str]]
"""Cells of a record as they shall be."""
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def emptied(raw: bytes, rows: Collection[int], delimiter: str, edits: Mapping[int, Edit] | None = None) -> bytes | None:
    """The bytes of a separated text with the cells of some records emptied, and of some edited.

    In every encoding but the two-byte ones, the marks that part cells and records are single bytes that are part of
    no other character, so the text need not be decoded.

    Parameters
    ----------
    raw : bytes
    rows : collection of int
        Records to empty; the header is record 1.
    delimiter : str
    edits : mapping of int to Edit, optional
        Records to write anew; their texts are seen as Latin-1 where the encoding is of single bytes.

    Returns
    -------
    bytes or None
        None where it is no such text.
    """
    mark = next((mark for mark in _WIDE if raw.startswith(mark)), b"")
    if kind_of(raw) is not None or (b"\0" in raw and not mark):
        return None
    codec, out = _WIDE.get(mark, "latin-1"), []
    try:
        text = raw.removeprefix(mark).decode(codec)
        for number, (whole, cells) in enumerate(_records(text, delimiter), start=1):
            end = whole[len(whole.rstrip("\r\n")) :]
            if number in rows:
                out.append(delimiter * (len(cells) - 1) + end)
            elif edits and number in edits:
                out.append(_written(edits[number](cells), delimiter) + end)
            else:
                out.append(whole)
    except (csv.Error, TypeError, UnicodeError):
        return None
    return mark + "".join(out).encode(codec)


def rewrite_zip(source: Path, target: Path, contents: Mapping[str, bytes]) -> None:
    """Write a zip anew, some of its members with other content; the others hold byte for byte what they held."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        new.comment = old.comment
        for entry in old.infolist():
            same = zipfile.ZipInfo(entry.filename, entry.date_time)
            same.compress_type, same.external_attr, same.comment = (
                zipfile.ZIP_DEFLATED,
                entry.external_attr,
                entry.comment,
            )
            if entry.compress_type == zipfile.ZIP_STORED:
                same.compress_type = zipfile.ZIP_STORED
            new.writestr(same, contents[entry.filename] if entry.filename in contents else old.read(entry))


def _written(cells: list[str], delimiter: str) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow(cells)
    return line.getvalue()


def _records(text: str, delimiter: str) -> Iterator[tuple[str, list[str]]]:
    """Each record as it stands in the text, line ends and all, and its cells."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    for record in csv.reader(lines(), delimiter=delimiter, strict=True):
        yield "".join(taken), record
        taken.clear()
