"""A file's columns, their questions, codes and uses: what its header, or the survey tool's own definition, tells."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectedness.ingest.recognised import Recognised


@dataclass(frozen=True)
class DescribedColumn:
    """A column: the name to map it by, its other names, its question, its codes' labels, and what it is for.

    `kind` is `question`, `gathered` (a question whose choices have a column each), `fact` (the tool's own), `text`
    (free writing), `multiple` (several choices in one answer), `order` or `timing`.
    """

    name: str
    other_names: tuple[str, ...] = ()
    question: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    kind: str = "question"


@dataclass(frozen=True)
class Described:
    """A file, described.

    `roles` holds, by the map's name (`submitted_at`), the tool's own column for it. `delimiter` is what parts the cells
    of a text file; a plain table that is not parted by commas needs it in the map.
    """

    recognised: Recognised
    columns: tuple[DescribedColumn, ...]
    roles: dict[str, str] = field(default_factory=dict)
    timezone: str | None = None
    delimiter: str | None = None
