"""Finding the columns of a file by name, and telling a person which are not there."""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from connectedness.errors import ContractError
from connectedness.ingest.cells import tidy

_SHOWN = 8


@dataclass(frozen=True)
class Words:
    """What is said of a missing column: it depends on where a person named it.

    `renamed` and `perhaps` have a place for the name that comes nearest, `separator` for the separator and how it is
    written. `other_kind` is the next step where most columns are missing, if the file may be another one altogether.
    """

    missing: str = "this column is missing from the file."
    renamed: str = "Write {0} in the column map."
    perhaps: str = "If {0} holds the same, write that name in the column map; else export again."
    absent: str = "Export again with this column, or take it out of the column map."
    separator: str = "The header looks separated by {0}: write delimiter: {1} in the column map."
    other_kind: str | None = "narrow files: in survey.yaml, so that it matches the exports of the wave only."


EXPORT = Words()
ROSTER = Words(
    missing="this column is missing from the roster.",
    renamed="Rename {0} in the file, or say under roster.columns in survey.yaml that it is called {0} there.",
    perhaps="If {0} holds the same, rename it in the file, or say its name under roster.columns in survey.yaml.",
    absent="Add it to the roster, or say under roster.columns in survey.yaml what it is called there.",
    separator="The header looks separated by {0}: write delimiter: {1} under roster in survey.yaml.",
    other_kind=None,
)
GROUPS = Words(
    missing="this column is missing from the file of groups.",
    renamed="Write {0} under roster.groups in survey.yaml.",
    perhaps="If {0} holds the same, write that name under roster.groups in survey.yaml.",
    absent="Add it to the file, or take it out of roster.groups in survey.yaml.",
    separator="The header looks separated by {0}: write delimiter: {1} under roster.groups in survey.yaml.",
    other_kind=None,
)
KEPT = Words(
    missing="the file has no such column.",
    renamed="Write {0}, as the file has it.",
    perhaps="If you mean {0}, write that.",
    absent="Name a column that the file has.",
    separator=EXPORT.separator,
    other_kind=None,
)


def find_columns(header: Sequence[str], wanted: Sequence[str], file: str, words: Words = EXPORT) -> dict[str, int]:
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
        raise _missing(missing, found, names, file, words)
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


def is_header(row: Sequence[str], wanted: int, matching: int) -> bool:
    """Whether row 1 surely names columns, so that it may be shown: in a file without a header it is a student's.

    Parameters
    ----------
    row : sequence of str
        All cells of row 1.
    wanted, matching : int
        Names looked for, and how many of them row 1 has; one answer may say "School", so one alone proves nothing.
    """
    return 2 * matching >= wanted and matching >= min(wanted, 3) and not any(map(looks_like_data, row))


def looks_like_data(cell: str) -> bool:
    """Whether a cell is rather a value than a name: a number, a date, an address, a coordinate, a token."""
    return any(form.search(cell.strip()) for form in _DATA) and not _SGQA.fullmatch(cell.strip())


# LimeSurvey's own code of a question, which begins with the survey's number.
_SGQA = re.compile(r"\d+X\d+X\d+\w*")
_DATA = [
    re.compile(form)
    for form in (
        r"^[+-]?[\d\s.,:/]*\d\s?%?$",  # numbers, dates, times, addresses of machines
        r"^\(?[+-]?\d+[.,]?\d*°?\s?[NSEWO]?\s*[,;/ ]\s*[+-]?\d+[.,]?\d*°?\s?[NSEWO]?\)?$",  # a place on the map
        r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?!\d)",
        r"^\d{1,2}[:h]\d{2}\b",
        r"^[^\W\d]{3,9}\.? \d{1,2},? \d{4}\b",  # May 3, 2026
        r"^\d{1,2}(er|st|nd|rd|th)?\.? [^\W\d]{3,9}\.?,? \d{4}\b",  # 3 May 2026
        r"\S@\S+\.\S",
        r"^(?=.*\w)[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}$",
        r"\d{5}",
        r"\d{3}[-. ]\d{4}\b",  # a telephone
        r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-",
        r"^R_\w{8,}$",  # as Qualtrics numbers answers
        r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d[a-zA-Z]+\d)[A-Za-z0-9]{8,}$",
        r"^(?:[A-Za-z]*\d+[A-Za-z]+){3,}\d*$(?<=\w{8})",
    )
]


def _missing(missing: list[str], found: dict[str, int], names: list[str], file: str, words: Words) -> ContractError:
    free = [name for i, name in enumerate(names) if name and i not in found.values()]
    near = {name: near_name(name, free) for name in missing}
    matching = len(found) + sum(surely for _, surely in near.values())
    wanted = len(missing) + len(found)
    known, shown = matching > 0, is_header(names, wanted, matching)
    # A word that is only alike may be a student's own, such as a family name, so more must be known than one name.
    likely = matching > 1 and 2 * matching >= wanted
    renamed = {
        name: other
        for name, (other, surely) in near.items()
        if other and (surely or shown or (likely and not looks_like_data(other)))
    }
    first = missing[0]
    if first in renamed:
        problem = f"{words.missing.rstrip('.')}; it has {renamed[first]}, which looks like the same one renamed."
        todo = (words.renamed if near[first][1] else words.perhaps).format(renamed[first])
    else:
        problem, todo = words.missing, words.absent
    if len(missing) > 1:
        problem += f" Also missing: {_others(missing[1:], renamed)}."
    strange, of = len(missing) - len(renamed), len(missing) + len(found)
    if separator := _other_separator(names):
        todo = words.separator.format(*separator)
    elif not known:
        todo = "Row 1 has no column that is known. See that it names the columns and that this is the right file."
    elif words.other_kind and strange > 2 and 2 * strange > of:
        problem = f"this seems to be another kind of file ({len(missing)} of {of} mapped columns are missing)."
        todo = f"If it is no export: {words.other_kind} If it is one, export again, with all columns of the map."
        todo = todo if shown else f"See that row 1 names the columns. {todo}"
    return ContractError(problem, file=file, column=first, found=listed(free or names, shown=shown), todo=todo)


def _others(missing: list[str], renamed: dict[str, str]) -> str:
    shown = [f"{name} (perhaps {renamed[name]})" if name in renamed else name for name in missing[: _SHOWN - 1]]
    rest = len(missing) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _other_separator(names: list[str]) -> tuple[str, str] | None:
    """Another separator that holds a whole header of one cell together."""
    if len(names) != 1:
        return None
    return next((shown for mark, shown in _SEPARATORS.items() if names[0].count(mark) >= 2), None)


def separator_of(line: str, declared: str) -> tuple[str, str] | None:
    """Name another separator by which a header line falls into more cells than by the declared one.

    Returns
    -------
    tuple of str, or None
        Its name, and how it is written in YAML.
    """
    cells = {mark: _cells(line, mark) for mark in (*_SEPARATORS, declared)}
    best = max(_SEPARATORS, key=lambda mark: cells[mark])
    return _SEPARATORS[best] if cells[best] > cells[declared] else None


def _cells(line: str, mark: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=mark), []))
    except csv.Error:
        return 0


_SEPARATORS = {
    ";": ("semicolons", '";"'),
    ",": ("commas", '","'),
    "|": ("bars", '"|"'),
    "\t": ("tabs", '"\\t"'),
}


def listed(names: Sequence[str], *, shown: bool = True) -> str:
    """Names of columns for an error: the first twenty, long ones cut; only their number where they may be values."""
    if not shown or any(map(looks_like_data, names)):
        return (
            f"{len(names)} {'column' if len(names) == 1 else 'columns'} (row 1 may be a student's, so it is not shown)"
        )
    told = ", ".join(name if len(name) <= 40 else name[:37] + "..." for name in names[:20])
    return told + (f" and {len(names) - 20} more" if len(names) > 20 else "")
