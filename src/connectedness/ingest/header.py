"""Finding the columns of a file by name, and telling a person which are not there."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence

from connectedness.errors import ContractError
from connectedness.ingest.cells import tidy

_SHOWN = 8


def find_columns(header: Sequence[str], wanted: Sequence[str], file: str) -> dict[str, int]:
    """Position of each wanted column.

    Raises
    ------
    ContractError
        When one is missing, with the name that comes nearest, or stands twice.
    """
    names = [tidy(name) for name in header]
    where: dict[str, list[int]] = {}
    for i, one in enumerate(names):
        where.setdefault(one, []).append(i)
    found: dict[str, int] = {}
    missing = []
    for name in dict.fromkeys(wanted):
        places = where.get(tidy(name), [])
        if not places:
            missing.append(name)
        elif len(places) > 1:
            raise _twice(name, places, file)
        else:
            found[name] = places[0]
    if missing:
        raise _missing(missing, found, names, file)
    return found


def near_name(name: str, others: Sequence[str]) -> tuple[str | None, bool]:
    """The name among `others` that comes nearest, and whether it differs in case, blanks and marks only."""
    bare = {_bare(other): other for other in others}
    if _bare(name) in bare:
        return bare[_bare(name)], True
    near = difflib.get_close_matches(_bare(name), list(bare), n=1, cutoff=0.75)
    return (bare[near[0]], False) if near else (None, False)


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold()) or name


def _twice(name: str, places: list[int], file: str) -> ContractError:
    return ContractError(
        "this column stands more than once, so it is not known which one counts.",
        file=file,
        column=name,
        found="columns " + " and ".join(str(place + 1) for place in places),
        allowed="one column of this name",
        todo="Take one of them out of the file, or give it another name, and run again.",
    )


def _missing(missing: list[str], found: dict[str, int], names: list[str], file: str) -> ContractError:
    free = [name for i, name in enumerate(names) if name and i not in found.values()]
    near = {name: near_name(name, free) for name in missing[:_SHOWN]}
    # Without one column that is surely known, row 1 may be a student's, and nothing of it is shown.
    known = bool(found) or any(surely for _, surely in near.values())
    renamed = {name: other for name, (other, _) in near.items() if other and known}
    first = missing[0]
    if first in renamed:
        problem = f"this column is not in the file; it has {renamed[first]}, which looks like the same one renamed."
        todo = f"Write {renamed[first]} in the column map."
        if not near[first][1]:
            todo = f"If {renamed[first]} holds the same, write that name in the column map; else export again."
    else:
        problem = "this column is missing from the file."
        todo = "Export again with this column, or take it out of the column map."
    if len(missing) > 1:
        problem += f" Also missing: {_others(missing[1:], renamed)}."
    if separator := _other_separator(names):
        todo = f"The header looks separated by {separator[0]}: write delimiter: {separator[1]} in the column map."
    elif not known:
        todo = "Row 1 has no column that is known. See that it names the columns and that this is the right file."
    return ContractError(problem, file=file, column=first, found=_listed(free or names) if known else None, todo=todo)


def _others(missing: list[str], renamed: dict[str, str]) -> str:
    shown = [f"{name} (perhaps {renamed[name]})" if name in renamed else name for name in missing[: _SHOWN - 1]]
    rest = len(missing) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _other_separator(names: list[str]) -> tuple[str, str] | None:
    """Another separator that holds a whole header of one cell together."""
    if len(names) != 1:
        return None
    return next((shown for mark, shown in _SEPARATORS.items() if names[0].count(mark) >= 2), None)


_SEPARATORS = {";": ("semicolons", '";"'), ",": ("commas", '","'), "|": ("bars", '"|"')}


def _listed(names: list[str]) -> str:
    shown = ", ".join(name if len(name) <= 40 else name[:37] + "..." for name in names[:20])
    return shown + (f" and {len(names) - 20} more" if len(names) > 20 else "")
