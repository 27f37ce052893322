"""A whole wave: every export through the door, joined with the roster, each row accounted for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from connectedness.declare.project import Project
from connectedness.ingest.account import file_account, labels_account
from connectedness.ingest.answers import FINE, OUTSIDE, TEXT, fault_kind
from connectedness.ingest.batch import Batch, read_batch
from connectedness.ingest.consent import last_word_counts
from connectedness.ingest.groups_there import must_have_groups
from connectedness.ingest.inbox import wave_files
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.plan import Plan, make_plan
from connectedness.ingest.roster import RosterRead, read_roster
from connectedness.ingest.roster_consent import answers_refused
from connectedness.ingest.whole_file import mostly_left_out
from connectedness.tables import UNKNOWN


@dataclass(frozen=True)
class Ingested:
    """A wave as it leaves this room; no raw token, name or address is in any part of it.

    Attributes
    ----------
    responses : DataFrame
        Accepted rows, in the order of files and rows.
    roster : DataFrame or None
    rejected : DataFrame
        One line a row that was not accepted, of exports and roster: the columns of the quarantine and `kind`
        ("quarantined" or "excluded").
    account : dict
        JSON-able: `files` (each with its `columns`), `roster`, `bad_items`, `unknown_labels`, `notes`, and `labels`:
        by item id, the label that the files themselves give each code (facts of their structure, not answers).
    labels : DataFrame
        Restricted: each label that nothing explains, with `item` and the number `n` of rows that hold it.
    """

    responses: pd.DataFrame
    roster: pd.DataFrame | None
    rejected: pd.DataFrame
    account: dict[str, Any]
    labels: pd.DataFrame


def ingest_wave(project: Project, wave_id: str, key: bytes) -> Ingested:
    """Read a wave's exports and roster.

    Parameters
    ----------
    project : Project
    wave_id : str
    key : bytes
        The survey's key; ids become pseudonyms as soon as they are read.

    Raises
    ------
    ContractError
        When a file is missing or does not hold. One bad file stops the wave.
    DeclarationError
        When the column map does not say enough.
    ConnectednessError
        When the rows do not add up.
    """
    plan = make_plan(project, wave_id, key)
    files, notes = wave_files(project, wave_id)
    roster = read_roster(project, wave_id, key)
    seen: dict[str, str] = {}
    batches = [read_batch(plan, file, seen) for file in files]
    facts = pd.concat([batch.facts for batch in batches], ignore_index=True)
    listed = None if roster is None else set(roster.frame)
    must_have_groups(plan, set(facts), listed, batches[0].header, files[0].place)
    outcomes = Outcomes.joined([batch.outcomes for batch in batches])
    notes += [note for batch in batches for note in batch.notes]
    _judge(plan, batches, facts, outcomes, roster, notes)
    rejected = outcomes.rejected("responses", facts["source"], facts["source_row"], facts["school"])
    responses = _responses(plan, batches, facts, outcomes)
    bad, labels = _faults(plan, batches, outcomes)
    value_labels = _value_labels(batches, notes)
    counted = _files(batches, responses, rejected)
    notes += mostly_left_out(counted)
    account: dict[str, Any] = {
        "files": counted,
        "roster": roster.account if roster else None,
        "bad_items": bad,
        "unknown_labels": labels_account(labels, project.policy.minimum["internal"]),
        "notes": notes + (roster.notes if roster else []),
        "labels": value_labels,
    }
    if roster:
        rejected = pd.concat([rejected, roster.rejected], ignore_index=True)
    return Ingested(responses, roster.frame if roster else None, rejected, account, _label_table(labels))


def _judge(
    plan: Plan,
    batches: list[Batch],
    facts: pd.DataFrame,
    outcomes: Outcomes,
    roster: RosterRead | None,
    notes: list[str],
) -> None:
    """Say of each row what needs the roster or the other rows, and give each row its school."""
    outcomes.quarantine((facts["respondent"] == "").to_numpy(), "no_id", plan.token)
    school_column = plan.columns.school.column if plan.columns.school else ""
    if plan.columns.school:
        outcomes.quarantine((facts["school"] == "").to_numpy(), "no_school", school_column)
        known = set(plan.project.schools) or (set(roster.frame["school"]) if roster else None)
        if known is not None:
            outcomes.quarantine((~facts["school"].isin(known)).to_numpy(), "unknown_school", school_column)
    if roster and not plan.survey.anonymous:
        answers_refused(roster.refused, facts["respondent"], outcomes, plan.token)
        outcomes.quarantine(
            (~facts["respondent"].isin(roster.frame["student"])).to_numpy(), "not_on_roster", plan.token
        )
        _join(plan, facts, outcomes, roster.frame, notes)
    faults = np.concatenate([batch.faults for batch in batches])
    outcomes.quarantine(faults > plan.survey.max_bad_items, "too_many_bad_items")
    last_word_counts(facts, outcomes)
    outcomes.quarantine(_earlier(facts, outcomes), "duplicate", plan.token or plan.columns.response_id)


def _join(plan: Plan, facts: pd.DataFrame, outcomes: Outcomes, roster: pd.DataFrame, notes: list[str]) -> None:
    """Take school, missing units and an unknown learning mode of each student from the roster."""
    place = pd.Index(roster["student"]).get_indexer(facts["respondent"])
    there = place >= 0

    def on_roster(name: str) -> pd.Series:
        return pd.Series(roster[name].array.take(np.where(there, place, 0)), index=facts.index)

    if not len(roster):
        return
    school = on_roster("school")
    if plan.columns.school:
        differ = int(((facts["school"] != school) & outcomes.open).sum())
        if differ:
            notes.append(
                f"{differ} {'answer names' if differ == 1 else 'answers name'} another school than the roster does; "
                "the roster's school counts."
            )
    facts["school"] = facts["school"].where(~outcomes.open & (facts["school"] != ""), school.where(there, ""))
    for unit in (name for name in plan.survey.units if name != "school" and name in roster and name not in facts):
        facts.insert(facts.columns.get_loc("school") + 1, unit, on_roster(unit).where(there, UNKNOWN))
    facts["learning_mode"] = facts["learning_mode"].where(
        (facts["learning_mode"] != UNKNOWN) | ~there, on_roster("learning_mode")
    )


def _earlier(facts: pd.DataFrame, outcomes: Outcomes) -> np.ndarray:
    """Open rows that a later one of the same student replaces: by time of submission, then by order of rows."""
    rows = facts.loc[outcomes.open, ["submission", "submitted_at"]]
    ordered = rows.sort_values("submitted_at", kind="stable", na_position="first")
    again = np.zeros(len(facts), dtype=bool)
    again[ordered.index[ordered.duplicated("submission", keep="last")]] = True
    return again


def _responses(plan: Plan, batches: list[Batch], facts: pd.DataFrame, outcomes: Outcomes) -> pd.DataFrame:
    """Accepted rows, columns in the order of the table."""
    units = [name for name in plan.survey.units if name in facts and name != "school"]
    last = ["learning_mode", "started_at", "submitted_at", "duration_s", "source", "source_row"]
    first = ["wave", "respondent", "school", *units]
    groups = [name for name in facts if name not in (*first, *last, "submission")]
    items = {one.item.id: np.concatenate([b.answers[one.item.id].codes for b in batches]) for one in plan.items}
    whole = pd.concat([facts[[*first, *groups, *last]], pd.DataFrame(items, index=facts.index)], axis=1)
    return whole[outcomes.open].reset_index(drop=True)


def _files(batches: list[Batch], responses: pd.DataFrame, rejected: pd.DataFrame) -> list[dict[str, Any]]:
    accepted = Counter(responses["source"])
    return [
        file_account(
            batch.name, batch.sha256, batch.format, len(batch.facts), accepted[batch.name],
            rejected[rejected["file"] == batch.name],
        ) | {"columns": list(batch.header)}
        for batch in batches
    ]  # fmt: skip


def _faults(
    plan: Plan, batches: list[Batch], outcomes: Outcomes
) -> tuple[list[dict[str, Any]], Counter[tuple[str, str]]]:
    """Bad answers by file, item and kind, and labels that nothing explains; no row is named."""
    bad: list[dict[str, Any]] = []
    labels: Counter[tuple[str, str]] = Counter()
    start = 0
    for batch in batches:
        counted = outcomes.counted[start : start + len(batch.facts)]
        start += len(batch.facts)
        for one in plan.items:
            answers = batch.answers[one.item.id]
            if not (answers.fault != FINE).any():
                continue
            for fault in (OUTSIDE, TEXT):
                if n := int(((answers.fault == fault) & counted).sum()):
                    kind = fault_kind(fault, one.instrument.codes(one.item.id))
                    bad.append({"file": batch.name, "item": one.item.id, "n": n, "kind": kind})
            for label, n in answers.unknown_labels(counted).items():
                labels[one.item.id, label] += n
    return bad, labels


def _value_labels(batches: list[Batch], notes: list[str]) -> dict[str, dict[str, str]]:
    """Label of each code, by item; the first file that gives one counts, and a file that differs is named."""
    found: dict[str, dict[str, str]] = {}
    for batch in batches:
        for item, labels in batch.labels.items():
            if found.setdefault(item, labels) != labels:
                notes.append(f"{batch.name} gives the codes of {item} other labels than an earlier file does.")
    return found


def _label_table(labels: Counter[tuple[str, str]]) -> pd.DataFrame:
    """Unknown labels, the most frequent first; one that a spreadsheet would run as a formula gets a quote before it."""
    ordered = sorted(labels.items(), key=lambda pair: (-pair[1], pair[0]))
    safe = [(item, f"'{label}" if label[:1] in "=+-@\t\r" else label, n) for (item, label), n in ordered]
    return pd.DataFrame(safe, columns=["item", "label", "n"])
