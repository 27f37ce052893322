"""A drafted column map, and everything that a person should know of it before confirming it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connectedness.declare.columns import ColumnMap
from connectedness.ingest.propose_items import Match


@dataclass
class Proposal:
    """A drafted column map and what is to be said of it.

    Attributes
    ----------
    map : dict
        The map in the shape of its YAML, with `confirmed: false`.
    format, title, confidence : str
        What the file was recognised as, as `Recognised` says it.
    why : list of str
        The signs by which it was.
    reasons : dict
        Why each line of the map is as it is, by its key path (`items.hr_bel_part`, `columns.school`).
    matches : dict
        Column, reason and likeness of each item that was found.
    unsure : list of str
        What was not chosen between, or must be looked at, in sentences.
    asides : dict
        Lines of YAML that a person can complete, by the key path they belong under.
    items_missing : list of str
        Items for which no column was found.
    wording : dict
        Text of each missing item, the instrument's own or the person's, where there is one.
    columns_unused : list of str
        Columns that the map does not name.
    labels_unknown : dict
        By item, the labels that are no code of it, as far as they may be shown, and their rows (None: not counted).
    not_shown : dict
        By item, the rows that hold a label that too few rows hold to be shown.
    to_agree : list of str
        Columns that may say who takes part, of which a person must say which value is a yes.
    """

    map: dict[str, Any]
    format: str
    title: str
    confidence: str
    why: list[str]
    reasons: dict[str, str] = field(default_factory=dict)
    matches: dict[str, Match] = field(default_factory=dict)
    unsure: list[str] = field(default_factory=list)
    asides: dict[str, list[str]] = field(default_factory=dict)
    items_missing: list[str] = field(default_factory=list)
    columns_unused: list[str] = field(default_factory=list)
    labels_unknown: dict[str, dict[str, int | None]] = field(default_factory=dict)
    not_shown: dict[str, int] = field(default_factory=dict)
    wording: dict[str, str] = field(default_factory=dict)
    to_agree: list[str] = field(default_factory=list)

    def confirmed(self) -> ColumnMap:
        """The map, as it is once a person has confirmed it as it stands."""
        return ColumnMap.model_validate({**self.map, "confirmed": True})
