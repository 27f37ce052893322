"""Organisations of a OneRoster export: schools, what they are called, and what they lie in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from connectedness.errors import ContractError
from connectedness.ingest.cells import by_distinct, same
from connectedness.ingest.roster_folder import RosterFolder, usable_rows
from connectedness.tables import UNKNOWN

ORG_TYPES = ("department", "school", "district", "local", "state", "national")
_DEEPEST = 12


@dataclass(frozen=True)
class Orgs:
    """Active organisations, one element each.

    Attributes
    ----------
    ids : Index of str
        Their sourcedId, each once.
    is_school : array of bool
    label : array of object
        What the survey calls each of them; empty where the declared column is.
    within : dict
        For each wider unit, the label of the one that each lies in; "unknown" where it lies in none.
    """

    ids: pd.Index
    is_school: np.ndarray
    label: np.ndarray
    within: dict[str, np.ndarray]

    def find(self, ids: pd.Series) -> np.ndarray:
        """Position of each id; -1 where there is none."""
        return self.ids.get_indexer(pd.Index(ids)).astype(np.int64)


def read_orgs(folder: RosterFolder, called: str, units: Sequence[str]) -> Orgs:
    """Read schools and the units that they lie in.

    Parameters
    ----------
    folder : RosterFolder
    called : {"sourcedId", "identifier"}
        Column of an org that the survey knows schools by.
    units : sequence of str
        Units of the survey; those that are called as a type of org is are looked for.

    Raises
    ------
    ContractError
        When the file does not hold, or two schools have one name.
    """
    required = ("sourcedId", "name", "type")
    wanted = ("sourcedId", "type", "status", "identifier", "parentSourcedId")
    folder.must_have("orgs")
    export = folder.read("orgs", required, wanted)
    there = usable_rows(export) & (by_distinct(export.cells["status"], same) != "tobedeleted").to_numpy()
    table = export.cells[there & (export.cells["sourcedId"] != "").to_numpy()].drop_duplicates("sourcedId")
    ids = pd.Index(table["sourcedId"])
    kind = by_distinct(table["type"], same).to_numpy(dtype=object)
    label = table[called].to_numpy(dtype=object)
    is_school = kind == "school"
    if not is_school.any():
        raise ContractError(
            "there is no school among the organisations.",
            file=folder.file("orgs"),
            column="type",
            allowed="school",
            todo="Ask for an export with the organisations of the type school.",
        )
    _must_differ(label[is_school], called, folder)
    parent = ids.get_indexer(pd.Index(table["parentSourcedId"]))
    within = {unit: _within(kind == unit, label, parent) for unit in units if unit in ORG_TYPES and unit != "school"}
    return Orgs(ids, is_school, label, within)


def _must_differ(labels: np.ndarray, called: str, folder: RosterFolder) -> None:
    named = pd.Series(labels[labels != ""], dtype="str")
    if named.duplicated().any():
        raise ContractError(
            f"two schools have one {called}, so their students could not be told apart.",
            file=folder.file("orgs"),
            column=called,
            found=named[named.duplicated()].iloc[0],
            todo="Write school: sourcedId under roster in survey.yaml, or have the organisations mended.",
        )


def _within(wanted: np.ndarray, label: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Label of the nearest organisation above (or at) each that is of the wanted type."""
    found = np.full(len(label), UNKNOWN, dtype=object)
    at = np.arange(len(label))
    open_ = np.ones(len(label), dtype=bool)
    for _ in range(_DEEPEST):  # organisations may name one another in a circle
        hit = open_ & wanted[at]
        found[hit] = np.where(label[at[hit]] == "", UNKNOWN, label[at[hit]])
        above = parent[at]
        open_ &= ~hit & (above >= 0)
        if not open_.any():
            break
        at = np.where(open_, above, at)
    return found
