"""A whole wave: every export through the door, joined with the roster, each row accounted for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from connectedness.declare.project import Project
from connectedness.ingest.account import file_account, labels_account
from connectedness.ingest.batch import Batch, read_batch
from connectedness.ingest.chunk import Chunk
from connectedness.ingest.consent import REFUSED
from connectedness.ingest.groups_there import must_have_groups
from connectedness.ingest.inbox import Inbound, wave_files
from connectedness.ingest.kept import Kept, Shelf, keep
from connectedness.ingest.placing import Placing
from connectedness.ingest.plan import Plan, make_plan
from connectedness.ingest.rare import Rare
from connectedness.ingest.roster import RosterRead, read_roster
from connectedness.ingest.settling import Settling
from connectedness.ingest.undeclared import Undeclared, without_names
from connectedness.ingest.whole_file import exported_again, mostly_left_out

Tell = Callable[[int, int], None]
"""Told how many bytes of a wave's files have been read, and how many there are."""


@dataclass(frozen=True)
class Ingested:
    """A wave as it leaves this room; no raw token, name or address is in any part of it.

    Attributes
    ----------
    responses : DataFrame
        Accepted rows, in the order of files and rows.
    roster : DataFrame or None
    rejected : DataFrame
        One line a row that was not accepted, of exports and roster: the columns of the quarantine and `kind`
        ("quarantined" or "excluded").
    account : dict
        JSON-able: `files` (each with its `columns`), `roster`, `bad_items`, `unknown_labels`, `notes`, and `labels`:
        by item id, the label that the files themselves give each code (facts of their structure, not answers).
    labels : DataFrame
        Restricted: each label that nothing explains, with `item` and the number `n` of rows that hold it.
    values : DataFrame
        Restricted: values of schools, grades and groups that nothing declares, by `table`, `file` and `column`, with
        the number `n` of rows that hold each and the `first_row`.
    """

    responses: pd.DataFrame
    roster: pd.DataFrame | None
    rejected: pd.DataFrame
    account: dict[str, Any]
    labels: pd.DataFrame
    values: pd.DataFrame


def ingest_wave(
    project: Project, wave_id: str, key: bytes, tell: Tell | None = None, rows: int | None = None
) -> Ingested:
    """Read a wave's exports and roster.

    Parameters
    ----------
    project : Project
    wave_id : str
    key : bytes
        The survey's key; ids become pseudonyms as soon as they are read.
    tell : callable, optional
        Told, now and then, how many bytes of the files have been read, and how many there are.
    rows : int, optional
        Rows that are read at a time; what comes out does not depend on it.

    Raises
    ------
    ContractError
        When a file is missing or does not hold. One bad file stops the wave.
    DeclarationError
        When the column map does not say enough.
    ConnectednessError
        When the rows do not add up.
    """
    parts: list[pd.DataFrame] = []
    found = ingest_in_parts(project, wave_id, key, parts.append, tell=tell, rows=rows)
    return replace(found, responses=pd.concat(parts, ignore_index=True))


def ingest_in_parts(
    project: Project,
    wave_id: str,
    key: bytes,
    give: Callable[[pd.DataFrame], object],
    folder: Path | None = None,
    tell: Tell | None = None,
    rows: int | None = None,
) -> Ingested:
    """Read as `ingest_wave` does, and give the accepted rows away part by part: `responses` holds none of them.

    What a row tells of others (that it is a student's last) is known only when all have been read. Until then rows
    wait in `folder`, as pseudonyms and codes, so that little memory is taken however many there are; without a folder
    they wait in memory.

    Raises
    ------
    ContractError, DeclarationError, ConnectednessError
        As for `ingest_wave`.
    """
    plan = make_plan(project, wave_id, key)
    files, notes = wave_files(project, wave_id)
    roster = read_roster(project, wave_id, key)
    read = _Reading(plan, roster, Shelf(folder))
    read.files(files, tell or (lambda done, of: None), rows)
    first = read.batches[0]
    must_have_groups(
        plan, set(first.facts), None if roster is None else set(roster.frame), first.header, files[0].place
    )
    rare = Rare(plan, _on_roster(roster, read.values))
    settled = Settling(plan, read.batches, read.values, rare)
    nothing = pd.DataFrame()
    for part in settled.parts(read.kept, read.shelf):
        give(part)
        nothing = part.iloc[:0]
    notes += [note for batch in read.batches for note in batch.notes] + read.placing.notes() + rare.notes()
    value_labels = _value_labels(read.batches, notes)
    counted = [
        file_account(one.name, one.sha256, one.format, one.rows, settled.accepted[i], settled.of_file(i))
        | {"columns": list(one.header)}
        for i, one in enumerate(read.batches)
    ]
    notes += exported_again(counted) + mostly_left_out(counted)
    labels = settled.unknown_labels(list(read.labels))
    account: dict[str, Any] = {
        "files": counted,
        "roster": roster.account if roster else None,
        "bad_items": settled.bad_items(),
        "unknown_labels": labels_account(labels, project.policy.minimum["internal"]),
        "notes": notes + (roster.notes if roster else []),
        "labels": value_labels,
    }
    lines = pd.concat([lines for _, lines in settled.rejected], ignore_index=True)
    lines = _without_names(plan, lines, read.placing.schools | settled.schools, rare.undeclared)
    rejected = pd.concat([lines, *([roster.rejected] if roster else [])], ignore_index=True)
    tables = [*(one.undeclared for one in read.batches), rare.undeclared.table()]
    values = pd.concat([*tables, *([roster.undeclared] if roster else [])], ignore_index=True)
    return Ingested(nothing, roster.frame if roster else None, rejected, account, _label_table(labels), values)


class _Reading:
    """The files of a wave, read one after the other; of their chunks is kept what later rows may change."""

    def __init__(self, plan: Plan, roster: RosterRead | None, shelf: Shelf) -> None:
        self.plan, self.shelf = plan, shelf
        self.placing = Placing(plan, roster)
        self.batches: list[Batch] = []
        self.kept: list[Kept] = []
        self.labels: dict[str, int] = {}
        self.values: dict[str, dict[str, int]] = {name: {} for name in self.placing.undeclared}

    def files(self, files: Sequence[Inbound], tell: Tell, rows: int | None) -> None:
        """Read every file; no two of them twice."""
        seen: dict[str, str] = {}
        sizes = [file.path.stat().st_size for file in files]
        for i, file in enumerate(files):
            told = partial(self._tell, tell, sum(sizes[:i]), sizes[i], sum(sizes))
            self.batches.append(read_batch(self.plan, file, seen, self._take, told, rows))

    @staticmethod
    def _tell(tell: Tell, before: int, size: int, of: int, share: float) -> None:
        tell(before + int(share * size), of)

    def _take(self, chunk: Chunk) -> None:
        self.placing.judge(chunk)
        refused = np.isin(chunk.outcomes.rule, REFUSED)
        kept = keep(self.plan, chunk, len(self.batches), refused, self.labels, self.values, self.shelf)
        self.kept.append(kept)


def _on_roster(roster: RosterRead | None, names: Collection[str]) -> dict[str, set[str]]:
    """By column, values that the roster has kept."""
    return {} if roster is None else {name: set(roster.frame[name]) for name in names if name in roster.frame}


def _without_names(plan: Plan, lines: pd.DataFrame, known: set[str], undeclared: Undeclared) -> pd.DataFrame:
    """Rejected rows of the exports without what may be a name in place of a school; `undeclared` takes it."""
    titles = [text for one in plan.project.schools.values() for text in (one.en, one.fr) if text]
    lines, taken = without_names(lines, known, titles, plan.project.policy.minimum["internal"])
    taken = taken[taken["rule"] == "unknown_school"]
    for (file, column), rows in taken.groupby(["file", "column"], sort=True):
        undeclared.add(("responses", str(file), str(column)), rows["school"], rows["row"].to_numpy())
    return lines


def _value_labels(batches: Sequence[Batch], notes: list[str]) -> dict[str, dict[str, str]]:
    """Label of each code, by item; the first file that gives one counts, and a file that differs is named."""
    found: dict[str, dict[str, str]] = {}
    for batch in batches:
        for item, labels in batch.labels.items():
            if found.setdefault(item, labels) != labels:
                notes.append(f"{batch.name} gives the codes of {item} other labels than an earlier file does.")
    return found


def _label_table(labels: Mapping[tuple[str, str], int]) -> pd.DataFrame:
    """Unknown labels, the most frequent first; one that a spreadsheet would run as a formula gets a quote before it."""
    ordered = sorted(labels.items(), key=lambda pair: (-pair[1], pair[0]))
    safe = [(item, f"'{label}" if label[:1] in "=+-@\t\r" else label, n) for (item, label), n in ordered]
    return pd.DataFrame(safe, columns=["item", "label", "n"])
