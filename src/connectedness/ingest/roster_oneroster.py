"""A roster in OneRoster 1.1 or 1.2: who was a student, in which one school, on the day."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from connectedness.declare.project import Project
from connectedness.declare.survey import Roster
from connectedness.errors import ContractError
from connectedness.ingest.cells import Export, by_distinct, same
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.roster_claims import Links, class_counts, listed_orgs, read_links
from connectedness.ingest.roster_consent import consent_columns
from connectedness.ingest.roster_days import days
from connectedness.ingest.roster_demographics import demographics
from connectedness.ingest.roster_folder import RosterFolder, open_folder, usable_rows
from connectedness.ingest.roster_listed import Listed, groups_wanted, must_not_tell_who, told_problem
from connectedness.ingest.roster_orgs import ORG_TYPES, read_orgs
from connectedness.ingest.roster_primary import choose_one, set_others_aside, told_choice
from connectedness.ingest.roster_text import TextForm
from connectedness.tables import UNKNOWN

_TOKENS = ("sourcedId", "identifier", "username", "userMasterIdentifier")
_USERS = ("sourcedId", "enabledUser", "username", "givenName", "familyName")
_ORDER = (("by_role", "their primary role"), ("by_user", "primaryOrgSourcedId"), ("classes", "the most classes"))


def read_oneroster(project: Project, declared: Roster, path: Path, place: str, day: date) -> Listed:
    """Read a OneRoster export.

    A student is eligible who has an enrolment of `day` in a class of a school (`beginDate <= day < endDate`, an empty
    date is open); where the export has no enrolments, a student role of that day, or, in 1.1, a school in
    `orgSourcedIds`. `enabledUser` says nothing of enrolment. A student of several schools is placed in one: that of
    the primary role, else of `primaryOrgSourcedId`, else of the most classes, else of the smallest id.

    Raises
    ------
    ContractError
        When the export does not hold, or holds more than one district.
    DeclarationError
        When a declared column cannot be had.
    """
    return _Reading(project, declared, open_folder(path, place, TextForm.of(declared)), day).listed(path.name)


def tokens_of(users: pd.DataFrame, header: str) -> pd.Series:
    """The id that `header` names, of each row of users.csv: a column, or `userIds:TYPE`."""
    if not header.startswith("userIds:"):
        return users[header]
    kind = re.escape(header.removeprefix("userIds:").strip())
    found = users["userIds"].str.extract(rf"\{{\s*{kind}\s*:\s*([^{{}}]*?)\s*\}}", expand=False)
    return found.fillna("").astype("str")


def token_source(header: str) -> str:
    """Column of users.csv that holds the id which `header` names."""
    return "userIds" if header.startswith("userIds:") else header


class _Reading:
    def __init__(self, project: Project, declared: Roster, folder: RosterFolder, day: date) -> None:
        self.project, self.declared, self.folder, self.day = project, declared, folder, day
        self.notes: list[str] = []
        survey = project.survey
        elsewhere = declared.groups.columns if declared.groups else {}
        self.groups = [name for name in groups_wanted(survey) if name not in elsewhere]
        self.orgs = read_orgs(folder, declared.school or "sourcedId", [*survey.units, "district"])
        self.users = self._users()
        self.outcomes = Outcomes(len(self.users))

    def listed(self, name: str) -> Listed:
        cells, outcomes = self.users.cells, self.outcomes
        first = ~cells["sourcedId"].duplicated()
        ids = pd.Index(cells["sourcedId"].where(first, [f"\0{i}" for i in range(len(cells))]))
        links = self._links(ids)
        self._judge(links, first.to_numpy())
        claims = self._claims(links)
        token = self._token()
        person = self._persons(token, claims)
        claims["person"] = person[claims["record"].to_numpy(np.int64)]
        claims = claims[outcomes.open[claims["record"].to_numpy(np.int64)]]
        per_school = claims.groupby(["person", "school"])["classes"].transform("sum") if len(claims) else 0
        chosen, why = choose_one(claims.assign(classes=per_school), _ORDER)
        set_others_aside(outcomes, person, claims, chosen, self.token_header)
        self.notes += told_choice(self.folder.place, why)
        org = np.full(len(cells), -1, dtype=np.int64)
        org[chosen["record"].to_numpy(np.int64)] = chosen["org"].to_numpy(np.int64)
        facts = self._facts(token, org)
        self._one_district(org)
        self._school_year()
        if self.users.note:
            self.notes.append(self.users.note)
        problems = [problem for one in links.values() for problem in one.problems]
        self.notes += [told_problem(one) for one in problems]
        headers = {"token": self.token_header, "school": self.declared.school or "sourcedId", "grade": "grades"}
        headers |= self.declared.columns
        file = f"{name}/users.csv"
        return Listed(
            "oneroster", file, self.folder.sha256, self.users.row, outcomes, facts, headers, self.notes, problems
        )

    @property
    def token_header(self) -> str:
        return self.declared.token or "sourcedId"

    @property
    def old(self) -> bool:
        return self.folder.version == "1.1"

    def _users(self) -> Export:
        self.folder.must_have("users")
        self.given = {name: header for name, header in self.declared.columns.items() if name != "token"}
        for name, header in self.given.items():
            if name not in ("learning_mode", *self.groups):
                raise self.project.source.error(
                    "this is not read from a column of OneRoster.",
                    ("roster", "columns", name),
                    allowed=", ".join(("learning_mode", *self.groups)),
                    todo="Take this line out: schools and grades are found by themselves, the id by token.",
                )
            must_not_tell_who(header, name)
        self.given |= consent_columns(self.declared)
        required = (*_USERS, "orgSourcedIds", "role") if self.old else _USERS
        columns = ["sourcedId", "status", "role", "orgSourcedIds", "grades", "primaryOrgSourcedId"]
        source = token_source(self.token_header)
        if source != "userIds" and source not in _TOKENS and not source.startswith("metadata."):
            raise self.project.source.error(
                "this is not an id of OneRoster users.",
                ("roster", "token"),
                found=source,
                allowed=", ".join((*_TOKENS, "userIds:TYPE", "metadata.NAME")),
            )
        export = self.folder.read("users", (*required, source), [*columns, source], self.given.values())
        self.in_users = {name: header for name, header in self.given.items() if header in export.cells}
        return export

    def _links(self, ids: pd.Index) -> dict[str, Links]:
        names = ["enrollments"] + ([] if self.old else ["roles"])
        there = [name for name in names if self.folder.has(name)]
        if "enrollments" not in there:
            if not self.old:
                self.folder.must_have("roles")
            self.notes.append(
                f"{self.folder.place}: there are no enrolments, so every student counts whom "
                + ("users.csv names, whenever enrolled." if self.old else f"roles.csv has in a school on {self.day}.")
            )
        return {name: read_links(self.folder, name, ids, self.orgs, self.day, self.declared.dates) for name in there}

    def _judge(self, links: dict[str, Links], first: np.ndarray) -> None:
        """Say of each user record whether it is of a student, and of one enrolled on the day."""
        cells, outcomes = self.users.cells, self.outcomes
        status = by_distinct(cells["status"], same)
        outcomes.quarantine(self.users.ragged, "wrong_number_of_cells")
        outcomes.exclude(self.users.empty, "blank")
        outcomes.quarantine((cells["sourcedId"] == "").to_numpy(), "no_id", "sourcedId")
        outcomes.exclude((status == "tobedeleted").to_numpy(), "deleted")
        outcomes.quarantine((~status.isin(["", "active"])).to_numpy(), "unknown_status", "status")
        outcomes.exclude(~self._is_student(links), "not_a_student")
        outcomes.quarantine(~first, "duplicate", "sourcedId")
        counting = links.get("enrollments") or links.get("roles")
        if counting is None:
            self.counted = listed_orgs(cells["orgSourcedIds"], self.orgs, outcomes.open)
            placed = np.isin(np.arange(len(cells)), self.counted["user"])
            outcomes.quarantine(~placed, "unknown_org", "orgSourcedIds")
            return
        by_class = "enrollments" in links
        self.counted = class_counts(counting.rows) if by_class else _distinct(counting.rows)
        placed = np.isin(np.arange(len(cells)), self.counted["user"])
        outcomes.exclude(~counting.named, "no_enrolment")
        outcomes.quarantine(~placed & counting.unread, "unread_date")
        outcomes.quarantine(~placed & counting.misplaced, "unknown_org")
        outcomes.exclude(~placed, "not_enrolled")

    def _is_student(self, links: dict[str, Links]) -> np.ndarray:
        if self.old:
            return (by_distinct(self.users.cells["role"], same) == "student").to_numpy()
        nobody = np.zeros(len(self.users), dtype=bool)
        roles, enrolled = links.get("roles"), links.get("enrollments")
        named = enrolled.named if enrolled else nobody
        if roles is None:
            return named
        # Who has roles, and none as a student, is none, even if some class says so.
        return roles.named | (named & ~roles.other)

    def _claims(self, links: dict[str, Links]) -> pd.DataFrame:
        """A row per user and school that may be the student's one school, with what speaks for it."""
        cells = self.users.cells
        rows = links["roles"].rows if "roles" in links else pd.DataFrame({"user": [], "org": [], "roleType": []})
        main = rows[by_distinct(rows["roleType"].astype("str"), same) == "primary"][["user", "org"]].drop_duplicates()
        org = self.orgs.find(cells["primaryOrgSourcedId"])
        named = np.flatnonzero((org >= 0) & self.orgs.is_school[org])
        home = pd.DataFrame({"user": named, "org": org[named]})
        parts = [self.counted, main.assign(by_role=True), home.assign(by_user=True)]
        claims = pd.concat(parts, ignore_index=True).reindex(columns=["user", "org", "classes", "by_role", "by_user"])
        claims = claims.astype({"user": "int64", "org": "int64", "classes": "float64"})
        claims["by_role"], claims["by_user"] = claims["by_role"].eq(True), claims["by_user"].eq(True)
        claims = claims.fillna({"classes": 0.0}).groupby(["user", "org"], as_index=False).max()
        enrolled = np.isin(claims["user"], self.counted["user"])
        claims = claims[enrolled & self.outcomes.open[claims["user"].to_numpy()]]
        label = self.orgs.label[claims["org"].to_numpy()]
        return claims.rename(columns={"user": "record"}).assign(
            school=pd.Series(label, index=claims.index, dtype="str")
        )

    def _token(self) -> pd.Series:
        """The id that the answers carry, of each user."""
        token = tokens_of(self.users.cells, self.token_header)
        eligible = token[self.outcomes.open]
        if self.token_header.startswith("userIds:") and len(eligible) and (eligible == "").all():
            raise ContractError(
                "no student has an id of this type.",
                file=self.folder.file("users"),
                column="userIds",
                found=", ".join(self._id_types()) or "ids without a type",
                allowed=self.token_header,
                todo="Write one of the types found as token: userIds:TYPE under roster in survey.yaml.",
            )
        return token

    def _id_types(self) -> list[str]:
        """Types of id that at least half of the students have."""
        held = self.users.cells["userIds"][self.outcomes.open]
        types = held.str.extractall(r"\{\s*([A-Za-z][\w .-]{0,30}?)\s*:")[0].value_counts()
        return [str(kind) for kind, n in types.items() if 2 * n >= len(held)][:8]

    def _persons(self, token: pd.Series, claims: pd.DataFrame) -> np.ndarray:
        """One number a student; records with one token are one student's."""
        alone = [f"\0{i}" for i in range(len(token))]
        return pd.factorize(token.where(token != "", alone))[0]

    def _facts(self, token: pd.Series, org: np.ndarray) -> pd.DataFrame:
        cells = self.users.cells

        def of(labels: np.ndarray, otherwise: str) -> pd.Series:
            return pd.Series(np.where(org >= 0, labels[org], otherwise), index=cells.index, dtype="str")

        facts = pd.DataFrame({"token": token, "school": of(self.orgs.label, ""), "grade": cells["grades"]})
        # The widest unit is the survey itself, of which there is one.
        for unit in self.project.survey.units[1:]:
            if unit in ORG_TYPES and unit != "school":
                facts[unit] = of(self.orgs.within[unit], UNKNOWN)
        for name, header in self.in_users.items():
            facts[name] = cells[header]
        given = {name: header for name, header in self.given.items() if name not in self.in_users}
        wanted = [name for name in ("sex", "race") if name in self.groups and name not in self.given]
        for name, text in demographics(self.folder, cells["sourcedId"], given, wanted, self.notes).items():
            facts[name] = text
        return facts

    def _one_district(self, org: np.ndarray) -> None:
        """Keep the students of the survey's own district; which one that is, nobody guesses."""
        of = np.where(org >= 0, self.orgs.within["district"][org], UNKNOWN)
        here = sorted(set(of[self.outcomes.open]) - {UNKNOWN})
        ours = self.declared.district
        if ours is not None:
            if ours not in here:
                raise self.project.source.error(
                    "no student of the roster is in this district.", ("roster", "district"), found=ours,
                    allowed=", ".join(here[:8]) or "none has a district",
                )  # fmt: skip
            self.outcomes.exclude(of != ours, "other_district")
        elif len(here) > 1 and self.project.survey.units[0] == "district":
            raise ContractError(
                "this roster holds students of more than one district, and the survey is of one.",
                file=self.folder.file("orgs"),
                found=", ".join(here[:8]) + (f" and {len(here) - 8} more" if len(here) > 8 else ""),
                allowed="one district",
                todo=f"Write district: {here[0]} (or another) under roster in survey.yaml; or, if the survey is of "
                "all, name a wider unit first, as in units: [state, district, school].",
            )

    def _school_year(self) -> None:
        """Say when the day lies in no school year of the export: it is then perhaps last year's."""
        if not self.folder.has("academicSessions"):
            return
        required = ("sourcedId", "title", "type", "startDate", "endDate", "schoolYear")
        export = self.folder.read("academicSessions", required, ("type", "startDate", "endDate"))
        start, bad_start = days(export.cells["startDate"], self.declared.dates)
        end, bad_end = days(export.cells["endDate"], self.declared.dates)
        read = usable_rows(export) & ~bad_start & ~bad_end & (start != "").to_numpy() & (end != "").to_numpy()
        that = self.day.isoformat()
        if read.any() and not ((start <= that) & (end > that))[read].any():
            self.notes.append(
                f"{self.folder.file('academicSessions')}: {that} lies in no session of this export "
                f"({min(start[read])} to {max(end[read])}); it may be another year's."
            )


def _distinct(roles: pd.DataFrame) -> pd.DataFrame:
    return roles[["user", "org"]].drop_duplicates().assign(classes=0)
