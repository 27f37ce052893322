"""A whole wave against its contracts: what goes on, what is set aside, and whether the wave must stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from connectedness.declare.contract import Contract, read_contract
from connectedness.declare.project import Project
from connectedness.errors import ContractError
from connectedness.packaged import find_file
from connectedness.tables import QUARANTINE_COLUMNS
from connectedness.validation.account import after_validation, bad_rows_aside, check_entry, check_files, rows_aside
from connectedness.validation.between import check_between
from connectedness.validation.changes import changes
from connectedness.validation.compile import compile_contract
from connectedness.validation.generated import item_codes, with_scores
from connectedness.validation.levels import check_levels
from connectedness.validation.report import make_report, other_roster_sentence, stop_sentences
from connectedness.validation.rules import TextRule
from connectedness.validation.shape import shape_of
from connectedness.validation.validate import MAX_BAD_SHARE, Validated, bad_share, lines_of, validate
from connectedness.validation.wavefacts import WaveFacts, wave_facts


@dataclass(frozen=True)
class WaveValidation:
    """What a wave's tables came to.

    Attributes
    ----------
    responses, roster : DataFrame
        The rows that hold, unchanged and in their order; `roster` is null where there is none.
    quarantine : DataFrame
        One line for each row set aside and rule, of ingest and of this room.
    report : dict
        JSON-able; the store's `report.json`.
    stopped : list of str
        Why the wave must stop, a sentence each, and whom to ask; empty when it may go on.
    shape : dict
        Columns, items and groups, for the next wave to be compared with (see `shape_of`).
    """

    responses: pd.DataFrame
    roster: pd.DataFrame | None
    quarantine: pd.DataFrame
    report: dict[str, Any]
    stopped: list[str]
    shape: dict[str, Any]


def validate_wave(
    project: Project,
    wave_id: str,
    responses: pd.DataFrame,
    roster: pd.DataFrame | None,
    rejected: pd.DataFrame,
    account: Mapping[str, Any],
    previous: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> WaveValidation:
    """Check a wave's responses and roster, each alone and against each other, and close the account of its rows.

    Parameters
    ----------
    project, wave_id
        The wave; its instruments say which codes each item column may hold.
    responses, roster, rejected, account
        As ingest made them.
    previous
        The shape of the last wave; null where there is none.
    now
        The moment at which service levels are judged, with a time zone; by default the clock's.

    Returns
    -------
    WaveValidation
        Bad rows are those quarantined here and by ingest; excluded rows are not bad, nor are a student's earlier
        answers among the responses, though they are set aside.

    Raises
    ------
    DeclarationError
        When a contract does not hold or does not compile.
    ConnectednessError
        When the rows do not add up, or the rule engine fails.
    """
    aside = _aside(rejected)
    of_roster = aside["table"] == "roster"
    check_files(account["files"], responses, aside[~of_roster])
    checked_roster = None
    if roster is not None:
        check_entry(account["roster"], len(roster), int(rows_aside(aside[of_roster]).sum()))
        checked_roster = _validate_roster(project, wave_id, roster, rejected, aside[of_roster], account["roster"])
    kept_roster = None if checked_roster is None else checked_roster.rows
    checked = _validate_responses(project, wave_id, responses, kept_roster, aside[~of_roster])
    parts = [aside, checked.quarantine] + ([] if checked_roster is None else [checked_roster.quarantine])
    quarantine = pd.concat(parts, ignore_index=True)
    moved = rows_aside(checked.quarantine)
    files = [after_validation(one, int(moved.get(one["file"], 0))) for one in account["files"]]
    check_files(files, checked.rows, quarantine[quarantine["table"] != "roster"])
    roster_entry = None
    if checked_roster is not None:
        roster_entry = after_validation(account["roster"], len(roster) - len(checked_roster.rows))  # type: ignore[arg-type]
    facts = wave_facts(
        project, wave_id, checked.rows, kept_roster, quarantine, previous, now or datetime.now(ZoneInfo("UTC"))
    )
    tables, texts = _beyond([checked] + ([] if checked_roster is None else [checked_roster]), facts)
    texts += _of_later_tables(project)
    schools = _known_schools(project, kept_roster)
    minimum = project.policy.minimum["internal"]
    stopped = [sentence for one in tables for sentence in stop_sentences(one, quarantine, schools, minimum)]
    if stopped and kept_roster is not None:
        read = sum(one["accepted"] + one["quarantined"] for one in files)
        stopped = other_roster_sentence(quarantine, read) + stopped
    shape = shape_of(project, wave_id, checked.rows, kept_roster, files)
    report = make_report(
        project,
        wave_id,
        account,
        files,
        roster_entry,
        tables,
        facts,
        quarantine,
        stopped,
        schools,
        texts,
        changes(previous, shape, facts.titles),
    )
    return WaveValidation(checked.rows, kept_roster, quarantine, report, stopped, shape)


def _beyond(tables: list[Validated], facts: WaveFacts) -> tuple[list[Validated], list[tuple[str, TextRule]]]:
    """Each table with the results of its service levels and of its checks against the other tables.

    Where a table stops for its form, it may lack the columns that these need, and its own reason is the one to tell.
    Where too many rows were set aside they are run: a roster that is half gone is the likely reason.
    Returned too are the rules that are for a person.
    """
    texts = [(one.suite.contract, text) for one in tables for text in one.suite.for_a_person]
    if any(result.id != MAX_BAD_SHARE for one in tables for result in one.stopping):
        return tables, texts
    whole = []
    for one in tables:
        levels, told = check_levels(one.suite, one.rows, facts)
        texts += [(one.suite.contract, text) for text in told]
        whole.append(replace(one, results=(*one.results, *levels, *check_between(one.suite, facts))))
    return whole, texts


def _of_later_tables(project: Project) -> list[tuple[str, TextRule]]:
    """Rules for a person in the contracts of tables that are made later."""
    suites = [compile_contract(contract_of(project, name)) for name in ("scores", "estimates")]
    return [(one.contract, text) for one in suites for text in one.for_a_person]


def contract_of(project: Project, name: str) -> Contract:
    """A table's contract: the project's own where it has one, else the packaged one."""
    file = f"data_contracts/{name}.odcs.yaml"
    return read_contract(find_file(project.root, file), file)


def _aside(rejected: pd.DataFrame) -> pd.DataFrame:
    """Lines of what ingest quarantined; what it excluded for a stated reason is not bad."""
    lines = rejected[rejected["kind"] == "quarantined"] if "kind" in rejected else rejected
    return lines[list(QUARANTINE_COLUMNS)].reset_index(drop=True)


def _validate_roster(
    project: Project,
    wave_id: str,
    roster: pd.DataFrame,
    rejected: pd.DataFrame,
    aside: pd.DataFrame,
    entry: Mapping[str, Any],
) -> Validated:
    rows = _rows_of_the_file(entry, rejected[rejected["table"] == "roster"], len(roster))
    placed = roster.assign(source=entry["file"], source_row=rows)
    allowed = {"wave": [wave_id]} | ({"school": list(project.schools)} if project.schools else {})
    checked = validate(
        placed, contract_of(project, "roster"), name="roster", allowed=allowed, bad_before=int(rows_aside(aside).sum())
    )
    return replace(checked, rows=checked.rows[list(roster.columns)])


def _rows_of_the_file(entry: Mapping[str, Any], rejected: pd.DataFrame, n: int) -> np.ndarray:
    """Row numbers of a roster's rows in its file: all that were read, less those that ingest left out."""
    read = np.arange(2, entry["rows"] + 2)
    left = read[~np.isin(read, rejected["row"])]
    return left if len(left) == n else np.arange(2, n + 2)


def _known_schools(project: Project, roster: pd.DataFrame | None) -> list[str]:
    """Schools that are declared, or else those of the roster."""
    return list(project.schools) or ([] if roster is None else list(roster["school"].dropna().unique()))


def _validate_responses(
    project: Project, wave_id: str, responses: pd.DataFrame, roster: pd.DataFrame | None, aside: pd.DataFrame
) -> Validated:
    schools = _known_schools(project, roster)
    before = bad_rows_aside(aside)
    checked = validate(
        responses,
        contract_of(project, "responses"),
        name="responses",
        codes=item_codes(project.instruments(wave_id), project.survey.modules),
        allowed={"wave": [wave_id]} | ({"school": schools} if project.schools or roster is not None else {}),
        bad_before=before,
    )
    if roster is None or project.survey.anonymous or checked.stopping:
        return checked
    return _on_the_roster(checked, roster, before, len(responses))


def _on_the_roster(checked: Validated, roster: pd.DataFrame, before: int, n: int) -> Validated:
    """Set aside answers of students whose roster row was set aside here; ingest has seen to the others."""
    strange = ~checked.rows["respondent"].isin(roster["student"]).to_numpy()
    if not strange.any():
        return checked
    lines = lines_of(checked.rows, np.flatnonzero(strange), "respondent", "not_on_roster", "responses")
    bad = n - len(checked.rows) + int(strange.sum()) + before
    share = bad_share(checked.suite, "responses", bad, n + before)
    return replace(
        checked,
        rows=checked.rows[~strange].reset_index(drop=True),
        quarantine=pd.concat([checked.quarantine, lines], ignore_index=True),
        results=(*checked.results[:-1], share),
    )


def validate_scores(project: Project, scores: pd.DataFrame) -> None:
    """Check a wave's scores against their contract and the scales of the wave's instruments.

    Raises
    ------
    ContractError
        When anything critical does not hold: the program, not the data, is then at fault.
    """
    contract = contract_of(project, "scores")
    if "wave" in scores and len(scores):
        instruments = {one.id: one for wave in scores["wave"].unique() for one in project.instruments(wave)}
        contract = with_scores(contract, instruments.values())
    _must_hold(validate(scores, contract, name="scores"))


def validate_estimates(project: Project, estimates: pd.DataFrame) -> None:
    """Check a wave's estimates against their contract; raises as `validate_scores` does."""
    _must_hold(validate(estimates, contract_of(project, "estimates"), name="estimates"))


def _must_hold(checked: Validated) -> None:
    broken = [
        one for one in checked.results if one.severity == "critical" and not one.success and one.id != MAX_BAD_SHARE
    ]
    if broken:
        raise ContractError(
            f"the {checked.suite.table} do not meet their contract, so they go no further.",
            found="; ".join(f"{one.description} ({one.found or 'not checked'})" for one in broken[:5]),
            todo="Nothing was published. If you changed the contract, look at these rules; if not, please report it.",
        )
