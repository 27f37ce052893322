"""One export file: read chunk by chunk, and judged as a whole when its last row has been read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

import pandas as pd

from connectedness.declare.instrument import MISSING_CODES
from connectedness.files import sha256_of
from connectedness.ingest.cells import Export
from connectedness.ingest.chunk import Chunk, read_chunk
from connectedness.ingest.consent import stop_if_held
from connectedness.ingest.export import column_chunks
from connectedness.ingest.file_so_far import FileSoFar
from connectedness.ingest.inbox import Inbound
from connectedness.ingest.plan import Plan


@dataclass
class Batch:
    """A file as read.

    Attributes
    ----------
    name, sha256, format
        Its name in the account, its hash, and what it was read as.
    rows : int
        Rows read.
    blank : int
        Code of an empty cell of an item, where only the whole file could tell.
    facts : list of str
        Columns that were made of it.
    notes : list of str
    labels : dict
        By item, the label that the file itself gives each code.
    header : tuple of str
        Names of all its columns.
    no_time : str
        What to do about its times of submission, where it has some and none could be read.
    undeclared : DataFrame
        Restricted: values of breakdowns that are no declared level.
    """

    name: str
    sha256: str
    format: str
    rows: int = 0
    blank: int = 0
    facts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    no_time: str = ""
    undeclared: pd.DataFrame = field(default_factory=pd.DataFrame)


def read_batch(
    plan: Plan,
    file: Inbound,
    seen: dict[str, str],
    take: Callable[[Chunk], None],
    tell: Callable[[float], None],
    rows: int | None = None,
) -> Batch:
    """Read one file of a wave, and give its chunks away one by one.

    Parameters
    ----------
    plan : Plan
    file : Inbound
    seen : dict
        Name of each file read before, by its hash.
    take : callable
        Given each chunk; nothing else holds it afterwards.
    tell : callable
        Told how much of the file has been read, 0 to 1.
    rows : int, optional
        Length of a chunk.

    Raises
    ------
    ContractError
        When the file does not hold, or was answered with another instrument than the wave pins.
    """
    read = partial(column_chunks, file.path, file.place, plan.map)
    exports = read(plan.wanted, rows=rows)
    first = next(exports)  # a file that cannot be opened is told of before it is looked at any closer
    sha256 = sha256_of(file.path)
    stop_if_held(plan.project, sha256, file.place)
    so_far = FileSoFar(plan, file, sha256, seen.get(sha256), lambda column: read([column], rows=rows))
    batch = Batch(file.name, sha256, first.format, labels=_labels(plan, first), header=first.header)
    beside, note = False, None
    for export in chain([first], exports):
        chunk = read_chunk(plan, export, so_far)
        batch.rows += len(export)
        batch.facts = list(chunk.facts)
        beside, note = beside or bool(export.blank_beside), export.note
        take(chunk)
        tell(export.share)
    batch.notes = so_far.notes(note)
    batch.no_time = so_far.dates if so_far.untimed and not so_far.timed else ""
    batch.undeclared = so_far.undeclared.table()
    batch.blank = MISSING_CODES["not_asked" if beside else plan.map.blank]
    seen.setdefault(sha256, file.name)
    return batch


def _labels(plan: Plan, export: Export) -> dict[str, dict[str, str]]:
    stored = {one.item.id for one in plan.items}
    return {
        item: export.labels[column.column]
        for item, column in plan.map.items.items()
        if item in stored and column.column in export.labels
    }
