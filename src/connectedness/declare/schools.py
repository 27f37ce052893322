"""Which declared school a value is meant for, and whether it may be printed."""

from __future__ import annotations

import re
from collections.abc import Collection


def near_school(school: str, known: Collection[str]) -> str | None:
    """The one known school whose id is this one but for leading zeros, or the `.0` that a spreadsheet adds."""
    bare = re.sub(r"\.0+$", "", school.strip()).lstrip("0")
    alike = [one for one in known if one != school and one.lstrip("0") == bare]
    return alike[0] if bare and len(alike) == 1 else None


def means_a_school(value: str, known: Collection[str], titles: Collection[str] = ()) -> bool:
    """Whether a value is a known school's id or title, perhaps written otherwise; what is not may be a person's name.

    Parameters
    ----------
    value
        A cell.
    known, titles
        Ids and titles of the schools that the survey or its roster has.
    """
    plain = {_plain(one) for one in (*known, *titles)}
    return value in known or _plain(value) in plain or near_school(value, known) is not None


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
