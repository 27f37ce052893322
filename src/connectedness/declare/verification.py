"""How far each fact of an instrument has been verified, and the permission to use one that is bound by a licence."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from connectedness.declare.source import Frozen

Standing = Literal["own", "published", "code", "unverified"]
WEAKEST_FIRST: tuple[Standing, ...] = ("unverified", "code", "published", "own")
# A score runs the wrong way, or counts the wrong answers, if one of these is wrong.
DECISIVE = ("codes", "polarity")


class Fact(Frozen):
    """One fact of an instrument and how far it is verified.

    `published`: read in a published source, or in the labels of the publisher's own file. `code`: seen in public
    analysis programs or in the data, which is secondary evidence. `unverified`: not confirmed. `own`: decided by the
    authors of the instrument, whose file this is. `of` names the items, option sets or scales that it is about; empty
    means all of them.
    """

    what: Literal["variables", "codes", "polarity", "missing", "rule", "norms", "table", "cuts", "parameters"]
    how: Standing
    note: Annotated[str, Field(min_length=1)]
    of: tuple[str, ...] = ()

    @property
    def decisive(self) -> bool:
        """Whether a score could run the wrong way if this is wrong."""
        return self.what in DECISIVE

    @property
    def words(self) -> str:
        """The fact in one phrase: `polarity of a, b: the note`."""
        return f"{self.what}{' of ' + ', '.join(self.of) if self.of else ''}: {self.note}"


class Permission(Frozen):
    """Who has allowed the use of an instrument that a licence binds, when, and where that is written."""

    holder: Annotated[str, Field(min_length=1)]
    reference: Annotated[str, Field(min_length=1)]
    date: date
    note: str | None = None
