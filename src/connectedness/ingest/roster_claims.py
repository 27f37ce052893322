"""Who is enrolled where on the day, by the enrolments of a OneRoster export, or by its roles where it has none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from connectedness.ingest.cells import Export, by_distinct, same
from connectedness.ingest.roster_days import days, on_day
from connectedness.ingest.roster_folder import RosterFolder, usable_rows
from connectedness.ingest.roster_listed import link_problem
from connectedness.ingest.roster_orgs import Orgs

ENROLLMENTS = ("sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role")
ROLES = ("sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId")
_DATED = ("status", "beginDate", "endDate")


@dataclass
class Links:
    """What a file says of which user is a student in which school.

    Attributes
    ----------
    rows : DataFrame
        A row per usable student line that holds on the day: `user` and `org` (positions), and the wanted columns.
    named, unread, misplaced : array of bool, shape (users,)
        Users that any student line names, on whichever day; those with a line whose dates could not be read; those
        with a line of the day whose organisation is no school of this file.
    other : array of bool, shape (users,)
        Users that lines of other roles name.
    problems : list of dict
        Lines that could not be used.
    """

    rows: pd.DataFrame
    named: np.ndarray
    unread: np.ndarray
    misplaced: np.ndarray
    other: np.ndarray
    problems: list[dict[str, Any]] = field(default_factory=list)


def read_links(folder: RosterFolder, name: str, users: pd.Index, orgs: Orgs, day: date, written: str | None) -> Links:
    """Read `enrollments` or `roles`: its student lines, and those of `day`: beginDate <= day < endDate, empty is open.

    Raises
    ------
    ContractError
        When the file does not hold, or lacks a column.
    """
    required = ENROLLMENTS if name == "enrollments" else ROLES
    export = folder.read(name, required, (*required[1:], *_DATED))
    org_column = "schoolSourcedId" if name == "enrollments" else "orgSourcedId"
    return _links(export, folder.file(name), org_column, users, orgs, day, written)


def _links(
    export: Export, file: str, org_column: str, users: pd.Index, orgs: Orgs, day: date, written: str | None
) -> Links:
    cells = export.cells
    usable = usable_rows(export) & (by_distinct(cells["status"], same) != "tobedeleted").to_numpy()
    student = usable & (by_distinct(cells["role"], same) == "student").to_numpy()
    user = users.get_indexer(pd.Index(cells["userSourcedId"]))
    begin, bad_begin = days(cells["beginDate"], written)
    end, bad_end = days(cells["endDate"], written)
    known = student & (user >= 0)
    unread = known & (bad_begin | bad_end)
    now = known & ~unread & on_day(begin, end, day)
    org = orgs.find(cells[org_column])
    unknown_org = now & (org < 0)
    no_school = now & (org >= 0) & ~orgs.is_school[org]
    good = now & ~unknown_org & ~no_school
    problems = link_problem(file, "wrong_number_of_cells", export.row, export.ragged)
    problems += link_problem(file, "unknown_user", export.row, student & (user < 0))
    problems += link_problem(file, "unread_date", export.row, unread)
    problems += link_problem(file, "unknown_org", export.row, unknown_org)
    problems += link_problem(file, "not_a_school", export.row, no_school)
    rows = cells[good].assign(user=user[good], org=org[good])

    def of(lines: np.ndarray) -> np.ndarray:
        found = np.zeros(len(users), dtype=bool)
        found[user[lines & (user >= 0)]] = True
        return found

    return Links(rows, of(known), of(unread), of(unknown_org | no_school), of(usable & ~student), problems)


def class_counts(enrolments: pd.DataFrame) -> pd.DataFrame:
    """Number of classes of each user in each school: `user`, `org`, `classes`."""
    distinct = enrolments.drop_duplicates(["user", "org", "classSourcedId"])
    counted = distinct.groupby(["user", "org"], as_index=False).size()
    return counted.rename(columns={"size": "classes"})[["user", "org", "classes"]]


def listed_orgs(text: pd.Series, orgs: Orgs, where: np.ndarray) -> pd.DataFrame:
    """Schools that the list `orgSourcedIds` names for each user of `where`: `user`, `org`, `classes` (0)."""
    named = text[where].str.split(",").explode().str.strip()
    org = orgs.find(named.fillna("").astype("str"))
    school = (org >= 0) & orgs.is_school[org]
    return pd.DataFrame({"user": named.index[school].to_numpy(np.int64), "org": org[school], "classes": 0})
