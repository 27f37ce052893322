"""What operations are told of a wave: counts by file, row, rule and school, and never an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from connectedness.declare.project import Project
from connectedness.tables import UNKNOWN
from connectedness.validation.account import Entry, totals
from connectedness.validation.sentences import schools_hint, words_of
from connectedness.validation.validate import MAX_BAD_SHARE, Validated

_ROWS_SHOWN = 20


def make_report(
    project: Project,
    wave_id: str,
    account: Mapping[str, Any],
    files: Sequence[Entry],
    roster: Entry | None,
    tables: Sequence[Validated],
    responses: pd.DataFrame,
    quarantine: pd.DataFrame,
    stopped: Sequence[str],
    schools: Sequence[str] = (),
) -> dict[str, Any]:
    """`report.json` of a wave, as far as this room knows it."""
    return {
        "survey": project.survey.id,
        "wave": wave_id,
        "status": "stopped" if stopped else "passed",
        "stopped": list(stopped),
        "files": list(files),
        "roster": roster,
        "totals": totals(files),
        "quarantine": _groups(quarantine, tables, schools),
        "bad_items": account.get("bad_items", []),
        "unknown_labels": account.get("unknown_labels", {}),
        "rules": [result.as_dict() for table in tables for result in table.results],
        "for_a_person": [
            {"contract": table.suite.contract, "id": rule.id, "description": rule.description}
            for table in tables
            for rule in table.suite.for_a_person
        ],
        "notes": list(account.get("notes", [])),
        "schools": _schools(responses, quarantine),
    }


def _groups(quarantine: pd.DataFrame, tables: Sequence[Validated], schools: Sequence[str]) -> list[dict[str, Any]]:
    """Quarantine by table, file, rule, school and column: how many rows, the first of them, and what to do."""
    described = {(one.suite.table, rule.id): rule.description for one in tables for rule in one.suite.rules}
    keys = ["table", "file", "rule", "school", "column"]
    found = []
    for key, rows in quarantine.groupby(keys, dropna=False, sort=True)["row"]:
        group = {name: None if pd.isna(value) else str(value) for name, value in zip(keys, key, strict=True)}
        table, rule = str(group["table"]), str(group["rule"])
        words = words_of(rule, table, described.get((table, rule)))
        numbers = sorted(set(rows.tolist()))
        if rule == "unknown_school" and group["school"]:
            words = words._replace(todo=f"{words.todo} {schools_hint({group['school']: len(numbers)}, schools)}")
        found.append(
            group | {"rows": numbers[:_ROWS_SHOWN], "n": len(numbers), "sentence": words.sentence, "todo": words.todo}
        )
    return found


def _schools(responses: pd.DataFrame, quarantine: pd.DataFrame) -> list[dict[str, Any]]:
    """Answers accepted and set aside, school by school; a row without a school counts as unknown."""
    lines = quarantine[quarantine["table"] == "responses"].drop_duplicates(["file", "row"])
    accepted = responses["school"].value_counts() if "school" in responses else pd.Series(dtype="int64")
    aside = lines["school"].replace("", None).fillna(UNKNOWN).value_counts()
    return [
        {"school": str(school), "accepted": int(accepted.get(school, 0)), "quarantined": int(aside.get(school, 0))}
        for school in sorted(set(accepted.index) | set(aside.index))
    ]


def other_roster_sentence(quarantine: pd.DataFrame, read: int) -> list[str]:
    """Say first that the roster may be of another year, where more than half of the students are not on it.

    `read` is the number of rows of answers that were accepted or set aside.
    """
    lines = quarantine[(quarantine["table"] == "responses") & (quarantine["rule"] == "not_on_roster")]
    n = len(lines.drop_duplicates(["file", "row"]))
    if 2 * n <= read:
        return []
    return [
        f"This roster seems to be of another year, or its ids are others: {n:,} of {read:,} students are not on it. "
        "Put the roster of this wave in its place, or say under roster in survey.yaml which of its columns holds the "
        "token that the answers carry."
    ]


def stop_sentences(
    checked: Validated, quarantine: pd.DataFrame, schools: Sequence[str] = (), minimum: int = 1
) -> list[str]:
    """Why a table must stop: file, rule, count, limit and what to do, a sentence or two each.

    Rows that were set aside are the reason of what else does not hold, such as a table without a row, and come first.
    `schools` are those known, to tell which one a value comes near to; `minimum` rows must hold a value to be printed.
    """
    name = checked.suite.table
    lines = quarantine[quarantine["table"] == name]
    stopping = sorted(checked.stopping, key=lambda result: result.id != MAX_BAD_SHARE)
    return [
        _too_many(checked, lines, result.found, schools, minimum)
        if result.id == MAX_BAD_SHARE
        else f"In the {name}, this does not hold: {result.description}{': ' if result.found else ''}{result.found}. "
        f"Look at the column map and at the files; the rule stands in data_contracts/{name}.odcs.yaml ({result.id})."
        for result in stopping
    ]


def _too_many(checked: Validated, lines: pd.DataFrame, found: str, schools: Sequence[str], minimum: int) -> str:
    name, limit = checked.suite.table, 100 * checked.suite.max_bad_share
    text = f"In the {name}, {found}; the contract allows {limit:g} %."
    if lines.empty:
        return text
    rows = lines.drop_duplicates(["file", "row", "rule"])
    most = rows.groupby(["file", "rule"]).size().sort_values(ascending=False, kind="stable")
    file, rule = most.index[0]
    words = words_of(str(rule), name)
    of_file = rows.loc[(rows["file"] == file) & (rows["rule"] == rule), "school"]
    hint = schools_hint(of_file.value_counts().to_dict(), schools, minimum) if rule == "unknown_school" else ""
    most_of_them = f"Most of them, {int(most.iloc[0]):,}, are in {file}: {words.sentence} ({rule})."
    return f"{text} {most_of_them} {words.todo} {hint}".rstrip()
