"""What operations are told of a wave: counts by file, row, rule and school, and never an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from connectedness.declare.project import Project
from connectedness.tables import UNKNOWN
from connectedness.validation.account import TWICE, Entry, totals
from connectedness.validation.result import Finding, Result
from connectedness.validation.rules import TextRule
from connectedness.validation.sentences import schools_hint, words_of
from connectedness.validation.validate import MAX_BAD_SHARE, Validated
from connectedness.validation.wavefacts import WaveFacts

_ROWS_SHOWN = 20
_FINDINGS_SHOWN = 5


def make_report(
    project: Project,
    wave_id: str,
    account: Mapping[str, Any],
    files: Sequence[Entry],
    roster: Entry | None,
    tables: Sequence[Validated],
    facts: WaveFacts,
    quarantine: pd.DataFrame,
    stopped: Sequence[str],
    schools: Sequence[str] = (),
    texts: Sequence[tuple[str, TextRule]] = (),
    changed: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """`report.json` of a wave, as far as this room knows it.

    `texts` are rules for a person, with the contract that each stands in; `changed` what is other than in the last
    wave.
    """
    warned = [one.warned.assign(severity=_severities(one)) for one in tables]
    last = None if facts.previous is None else facts.previous["wave"]
    return {
        "survey": project.survey.id,
        "wave": wave_id,
        "status": "stopped" if stopped else "passed",
        "stopped": list(stopped),
        "files": [{name: value for name, value in one.items() if name != "columns"} for one in files],
        "roster": roster,
        "totals": totals(files),
        "quarantine": _groups(quarantine, tables, schools),
        "warnings": _groups(pd.concat(warned, ignore_index=True), tables, schools, "severity"),
        "findings": [_finding(table, result, one) for table, result, one in _found(tables)],
        "changes": {"since": last, "found": list(changed)},
        "bad_items": account.get("bad_items", []),
        "unknown_labels": account.get("unknown_labels", {}),
        "rules": [result.as_dict() for table in tables for result in table.results],
        "for_a_person": [{"contract": name, "id": one.id, "description": one.description} for name, one in texts],
        "contacts": [{"contract": one.suite.contract, "ask": one.suite.ask} for one in tables if one.suite.ask],
        "notes": list(account.get("notes", [])),
        "schools": _schools(facts, quarantine),
    }


def _severities(checked: Validated) -> pd.Series:
    """Severity of each line of a table's warnings."""
    known = {rule.id: rule.severity for rule in checked.suite.rules}
    return checked.warned["rule"].map(known).astype("str")


def _found(tables: Sequence[Validated]) -> list[tuple[Validated, Result, Finding]]:
    return [(table, result, one) for table in tables for result in table.results for one in result.findings]


def _finding(table: Validated, result: Result, one: Finding) -> dict[str, Any]:
    return {
        "contract": table.suite.contract,
        "rule": result.id,
        "severity": result.severity,
        "school": one.school,
        "sentence": one.sentence,
    }


def _groups(
    quarantine: pd.DataFrame, tables: Sequence[Validated], schools: Sequence[str], *more: str
) -> list[dict[str, Any]]:
    """Rows by table, file, rule, school and column (and `more`): how many, the first of them, and what to do."""
    described = {(one.suite.table, rule.id): rule.description for one in tables for rule in one.suite.rules}
    keys = ["table", "file", "rule", "school", "column", *more]
    found = []
    for key, rows in quarantine.groupby(keys, dropna=False, sort=True)["row"]:
        group = {name: None if pd.isna(value) else str(value) for name, value in zip(keys, key, strict=True)}
        table, rule = str(group["table"]), str(group["rule"])
        words = words_of(rule, table, described.get((table, rule)))
        numbers = sorted(set(rows.tolist()))
        if rule == "unknown_school":
            hint = schools_hint({group["school"] or "": len(numbers)}, schools)
            words = words._replace(todo=f"{words.todo} {hint}")
        found.append(
            group | {"rows": numbers[:_ROWS_SHOWN], "n": len(numbers), "sentence": words.sentence, "todo": words.todo}
        )
    return found


def _schools(facts: WaveFacts, quarantine: pd.DataFrame) -> list[dict[str, Any]]:
    """Answers accepted and set aside, and eligible students, school by school; without a school counts as unknown."""
    lines = quarantine[quarantine["table"] == "responses"].drop_duplicates(["file", "row"])
    none = pd.Series(dtype="int64")
    accepted = facts.responses["school"].value_counts() if "school" in facts.responses else none
    aside = lines["school"].replace("", None).fillna(UNKNOWN).value_counts()
    listed = none if facts.roster is None else facts.roster["school"].value_counts()
    return [
        {
            "school": str(school),
            "label": "No known school" if school == UNKNOWN else facts.label(str(school)),
            "eligible": None if facts.roster is None else int(listed.get(school, 0)),
            "accepted": int(accepted.get(school, 0)),
            "quarantined": int(aside.get(school, 0)),
        }
        for school in sorted(set(accepted.index) | set(aside.index) | set(listed.index))
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
    Where the contract names somebody, the last sentence says whom to ask. `schools` are those known, to tell which one
    a value comes near to; `minimum` rows must hold a value to be printed.
    """
    name = checked.suite.table
    lines = quarantine[quarantine["table"] == name]
    stopping = sorted(checked.stopping, key=lambda result: result.id != MAX_BAD_SHARE)
    told: list[str] = []
    for result in stopping:
        if result.findings:
            told += [one.sentence for one in result.findings[:_FINDINGS_SHOWN]]
            more = len(result.findings) - _FINDINGS_SHOWN
            told += [f"{more:,} more like it are in the report ({result.id})."] if more > 0 else []
        elif result.id == MAX_BAD_SHARE:
            told.append(_too_many(checked, lines, result.found, schools, minimum))
        else:
            told.append(_broken(name, result))
    return [*told, checked.suite.ask] if told and checked.suite.ask else told


def _broken(name: str, result: Result) -> str:
    found = f": {result.found}" if result.found else ""
    return (
        f"In the {name}, this does not hold: {result.description}{found}. Look at the column map and at the files; the "
        f"rule stands in data_contracts/{name}.odcs.yaml ({result.id})."
    )


def _too_many(checked: Validated, lines: pd.DataFrame, found: str, schools: Sequence[str], minimum: int) -> str:
    name, limit = checked.suite.table, 100 * checked.suite.max_bad_share
    text = f"In the {name}, {found}; the contract allows {limit:g} %."
    rows = lines.drop_duplicates(["file", "row", "rule"])
    rows = rows[(rows["rule"] != TWICE) | (name == "roster")]  # as many as there are, they stop nothing
    if rows.empty:
        return text
    most = rows.groupby(["file", "rule"]).size().sort_values(ascending=False, kind="stable")
    file, rule = most.index[0]
    words = words_of(str(rule), name)
    of_file = rows.loc[(rows["file"] == file) & (rows["rule"] == rule), "school"]
    hint = schools_hint(of_file.value_counts().to_dict(), schools, minimum) if rule == "unknown_school" else ""
    most_of_them = f"Most of them, {int(most.iloc[0]):,}, are in {file}: {words.sentence} ({rule})."
    return f"{text} {most_of_them} {words.todo} {hint}".rstrip()
