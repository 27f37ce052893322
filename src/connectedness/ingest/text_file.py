"""A text file, read a piece at a time: its lines, and how far the reading has come."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from connectedness.ingest.encodings import codec_by_tool, codec_of, raw_pieces, wrong_encoding, zero_bytes
from connectedness.ingest.zipped import Content, size_of

_LONGEST_LINE = 10_000_000


@dataclass
class TextFile:
    """A text file that is read once, from its start to its end.

    Attributes
    ----------
    content, file
        The file, and the name that errors print.
    encoding : str or None
        As declared; None where it is to be found out.
    read, size : int
        Bytes read so far, of how many.
    """

    content: Content
    file: str
    encoding: str | None
    read: int = 0
    size: int = field(init=False)

    def __post_init__(self) -> None:
        declared = self.encoding
        found = codec_of(self.content, self.file, declared) if declared else codec_by_tool(self.content, self.file)
        self._codec, self._said = found, declared or found
        self.size = size_of(self.content)

    @property
    def share(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return min(self.read / self.size, 1.0) if self.size else 1.0

    def lines(self) -> Generator[str]:
        """Lines with their ends, as they stand: a line feed, a carriage return, or both.

        Raises
        ------
        ContractError
            When the file is in another encoding, or holds zero bytes.
        csv.Error
            When a line is longer than any row can be.
        """
        rest = ""
        for piece in self._pieces():
            text = rest + piece
            # A carriage return that ends the piece may belong to a line feed that follows.
            cut = max(text.rfind("\n"), text.rfind("\r", 0, max(len(text) - 1, 0))) + 1
            yield from io.StringIO(text[:cut], newline="")
            rest = text[cut:]
            if len(rest) > _LONGEST_LINE:
                yield rest
                raise csv.Error("field larger than field limit")
        yield from io.StringIO(rest, newline="")

    def _pieces(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self._codec)()
        ends = 0
        for raw in raw_pieces(self.content):
            self.read += len(raw)
            try:
                text = decoder.decode(raw, final=not raw)
                text.encode("utf-8")  # some encodings give halves of characters, which no table can hold
            except UnicodeError as error:
                raise wrong_encoding(self.content, self.file, self._said, ends + _ends_before(error) + 1) from None
            if "\0" in text:
                raise zero_bytes(self.content, self.file, ends + _ends(text[: text.index("\0")]) + 1)
            ends += _ends(text)
            yield text


def _ends(text: str) -> int:
    return text.count("\n") or text.count("\r")


def _ends_before(error: UnicodeError) -> int:
    """Line ends before a fault, in the piece that has it."""
    if isinstance(error, UnicodeDecodeError):
        return _ends(error.object[: error.start].decode("latin-1"))
    return _ends(error.object[: error.start]) if isinstance(error, UnicodeEncodeError) else 0
