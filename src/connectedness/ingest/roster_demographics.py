"""Groups of students by OneRoster's demographics: sex, race, and columns that are declared. Nothing else is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from connectedness.errors import DeclarationError
from connectedness.ingest.cells import by_distinct, same
from connectedness.ingest.roster_consent import key_of
from connectedness.ingest.roster_folder import RosterFolder, usable_rows
from connectedness.tables import UNKNOWN

HISPANIC, SEVERAL = "hispanicOrLatinoEthnicity", "demographicRaceTwoOrMoreRaces"
RACES = {
    "americanIndianOrAlaskaNative": "american_indian_alaska_native",
    "asian": "asian",
    "blackOrAfricanAmerican": "black",
    "nativeHawaiianOrOtherPacificIslander": "pacific_islander",
    "white": "white",
}
FLAGS = (HISPANIC, *RACES, SEVERAL)
_YES, _NO = {"true", "yes", "1"}, {"false", "no", "0"}


def demographics(
    folder: RosterFolder, users: pd.Series, given: Mapping[str, str], wanted: Sequence[str], notes: list[str]
) -> dict[str, pd.Series]:
    """Read groups of each user; an empty text where the file does not say.

    Parameters
    ----------
    folder : RosterFolder
    users : Series of str
        `sourcedId` of each user, which is the file's too.
    given : mapping
        Column of the file by the name of our group.
    wanted : sequence
        Of "sex" and "race", those that are declared breakdowns.
    notes : list of str
        What a person should know is added.

    Raises
    ------
    DeclarationError
        When a column of `given` is not there.
    """
    if not given and not wanted:
        return {}
    if not folder.has("demographics"):
        if given:
            raise _no_column(folder, *next(iter(given.items())))
        notes.append(f"{folder.place}: there are no demographics, so nobody knows: {', '.join(wanted)}.")
        return {}
    export = folder.read("demographics", ("sourcedId",), ["sourcedId", "status", "sex", *FLAGS], given.values())
    for name, header in given.items():
        if header not in export.cells:
            raise _no_column(folder, name, header)
    usable = usable_rows(export) & (by_distinct(export.cells["status"], same) != "tobedeleted").to_numpy()
    table = export.cells[usable].drop_duplicates("sourcedId")
    found = {name: table[header] for name, header in given.items()}
    if "sex" in wanted:
        found["sex"] = by_distinct(table["sex"], lambda text: "" if same(text) == "unspecified" else same(text))
    if "race" in wanted:
        found["race"], unread = race(table[list(FLAGS)])
        if unread:
            notes.append(f"{folder.file('demographics')}: flags of race that are neither true nor false: {unread}.")
    place = pd.Index(table["sourcedId"]).get_indexer(pd.Index(users))

    def of_users(text: pd.Series) -> pd.Series:
        return pd.Series(text.array.take(place, allow_fill=True, fill_value=""), index=users.index, dtype="str")

    return {name: of_users(text) for name, text in found.items()}


def race(flags: pd.DataFrame) -> tuple[pd.Series, int]:
    """Roll flags up to one category.

    Hispanic or Latino of any race comes first, then two or more races, then the one race flagged; "unknown" where
    nothing is flagged. The seven categories are those of the U.S. Department of Education's guidance of 2007
    (72 FR 59266).

    Parameters
    ----------
    flags : DataFrame
        Text, any of `FLAGS`; a flag that is no column counts as not said.

    Returns
    -------
    race : Series of str
    unread : int
        Cells that say neither yes nor no.
    """
    said = {name: by_distinct(flags[name], _flag) for name in FLAGS if name in flags}
    unread = sum(int((one == "?").sum()) for one in said.values())
    yes = {name: (one == "1").to_numpy() for name, one in said.items()}
    nobody = np.zeros(len(flags), dtype=bool)
    flagged = np.array([yes.get(name, nobody) for name in RACES])
    several = yes.get(SEVERAL, nobody) | (flagged.sum(axis=0) > 1)
    found = np.select(
        [yes.get(HISPANIC, nobody), several, *flagged], ["hispanic", "two_or_more", *RACES.values()], default=UNKNOWN
    )
    return pd.Series(found, index=flags.index, dtype="str"), unread


def _flag(text: str) -> str:
    plain = same(text)
    return "1" if plain in _YES else "0" if plain in _NO else "" if not plain else "?"


def _no_column(folder: RosterFolder, name: str, header: str) -> DeclarationError:
    return DeclarationError(
        "this column is neither in users.csv nor in demographics.csv.",
        file="survey.yaml",
        key=key_of(name),
        found=header,
        allowed=f"a column of one of them, in {folder.place}",
    )
