"""A survey tool's own definition of a survey: it tells questions and labels that an export may not hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from connectedness.errors import ContractError
from connectedness.ingest import limesurvey_definition, qualtrics_definition
from connectedness.ingest.cells import tidy
from connectedness.ingest.described import Described, DescribedColumn
from connectedness.ingest.recognised import Recognised
from connectedness.ingest.redcap_dictionary import columns_of as columns_of_dictionary
from connectedness.ingest.wrong_file import read_bytes
from connectedness.ingest.zipped import is_dictionary

_START, _MOST = 4000, 100_000_000


def read_definition(path: Path) -> Described | None:
    """Read a definition as if it were the header of an export; None where the file is none.

    Raises
    ------
    ContractError
        When the file is not there, or is a definition that does not hold.
    """
    start = read_bytes(path, path.name, _START)
    if qualtrics_definition.is_qsf(start):
        why = "JSON with the elements of a Qualtrics survey (.qsf)"
        columns, tool, roles = qualtrics_definition.columns_of, "qualtrics", qualtrics_definition.ROLES
    elif limesurvey_definition.is_lss(start) or limesurvey_definition.is_tabbed(start):
        why = "a LimeSurvey structure (" + (".lss" if limesurvey_definition.is_lss(start) else ".txt, by tabs") + ")"
        columns, tool, roles = limesurvey_definition.columns_of, "limesurvey", limesurvey_definition.ROLES
    elif is_dictionary(start[:40]):
        why, columns, tool, roles = "REDCap's data dictionary", columns_of_dictionary, "redcap", {}
    else:
        return None
    found = columns(read_bytes(path, path.name, _MOST), path.name)
    return Described(Recognised(tool, "certain", [f"{why}; no answers were read"]), tuple(found), roles)


def with_definition(seen: Described, path: Path) -> Described:
    """Add to an export's columns what its definition says of them.

    Raises
    ------
    ContractError
        When `path` is no definition, or none of its columns is in the export.
    """
    told = read_definition(path)
    if told is None:
        raise ContractError(
            "this is not a survey definition that is known.",
            file=path.name,
            allowed="a Qualtrics .qsf, a REDCap data dictionary (.csv), a LimeSurvey .lss or .txt structure",
        )
    by_name = {tidy(name): one for one in reversed(told.columns) for name in (*one.other_names, one.name)}
    columns = [_told(one, by_name) for one in seen.columns]
    shared = sum(new is not old for new, old in zip(columns, seen.columns, strict=True))
    if not shared:
        raise ContractError(
            "this definition and the export have no question in common.",
            file=path.name,
            todo="Give the definition of the survey that the export is from.",
        )
    why = [*seen.recognised.why, f"{path.name} tells {shared} of its columns"]
    return replace(seen, columns=tuple(columns), recognised=replace(seen.recognised, why=why))


def _told(column: DescribedColumn, by_name: dict[str, DescribedColumn]) -> DescribedColumn:
    found = [by_name[tidy(name)] for name in (column.name, *column.other_names) if tidy(name) in by_name]
    if not found or column.kind == "fact":
        return column
    one = found[0]
    return replace(column, question=one.question or column.question, labels=column.labels or one.labels)
