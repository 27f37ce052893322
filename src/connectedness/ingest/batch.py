"""One export file: its rows as facts, answers and what can be said of each row by this file alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from connectedness.errors import ContractError
from connectedness.files import sha256_of
from connectedness.identity import pseudonyms
from connectedness.ingest import facts as read
from connectedness.ingest.answers import FINE, NOT_ASKED, SKIPPED, Answers, code_key, not_asked, read_answers
from connectedness.ingest.cells import Export
from connectedness.ingest.clock import iso_times
from connectedness.ingest.consent import leave_out_who_takes_no_part, stop_if_held
from connectedness.ingest.export import read_columns
from connectedness.ingest.inbox import Inbound
from connectedness.ingest.marks import marks_that_count
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.plan import ItemPlan, Plan
from connectedness.ingest.whole_file import Door
from connectedness.ingest.windows import in_another_window, told_of_another_time
from connectedness.tables import UNKNOWN


@dataclass
class Batch:
    """A file as read. `facts` and `answers` hold every row; `outcomes` what became of it so far.

    `labels` holds, by item, the label that the file itself gives each code; `header` the names of all its columns.
    """

    name: str
    sha256: str
    format: str
    facts: pd.DataFrame
    answers: dict[str, Answers]
    outcomes: Outcomes
    notes: list[str] = field(default_factory=list)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    header: tuple[str, ...] = ()

    @property
    def faults(self) -> np.ndarray:
        """Number of bad answers of each row."""
        return np.stack([one.fault != FINE for one in self.answers.values()]).sum(axis=0)


def read_batch(plan: Plan, file: Inbound, seen: dict[str, str]) -> Batch:
    """Read one file of a wave. `seen` holds the name of each file read before, by its hash.

    Raises
    ------
    ContractError
        When the file does not hold, or was answered with another instrument than the wave pins.
    """
    export = read_columns(file.path, file.place, plan.map, plan.wanted)
    sha256 = sha256_of(file.path)
    stop_if_held(plan.project, sha256, file.place)
    notes = [export.note] if export.note else []
    facts = _facts(plan, export, file, sha256, notes)
    said = _answers(plan, export)
    answers = _hide_refused(plan, export, said)
    outcomes = Outcomes(len(export))
    if sha256 in seen:
        outcomes.exclude(np.ones(len(export), bool), "same_file")
        notes.append(f"{file.name} is the same file as {seen[sha256]}, so it was left out.")
    door = Door(file.place, export.cells, _answered(answers), outcomes, plan.project.policy.minimum["internal"])
    _judge(plan, export, facts, door)
    _some_must_consent(plan, export, said, door)
    notes += told_of_another_time(plan, facts["submitted_at"], outcomes, file)
    _instrument_must_fit(plan, export, outcomes, file.place)
    seen.setdefault(sha256, file.name)
    labels = _labels(plan, export)
    return Batch(file.name, sha256, export.format, facts, answers, outcomes, notes, labels, export.header)


def _labels(plan: Plan, export: Export) -> dict[str, dict[str, str]]:
    stored = {one.item.id for one in plan.items}
    return {
        item: export.labels[column.column]
        for item, column in plan.map.items.items()
        if item in stored and column.column in export.labels
    }


def _facts(plan: Plan, export: Export, file: Inbound, sha256: str, notes: list[str]) -> pd.DataFrame:
    columns, cells, rows = plan.columns, export.cells, pd.RangeIndex(len(export))
    facts = pd.DataFrame(index=rows)
    facts["wave"] = pd.Series(plan.wave.id, index=rows, dtype="str")
    facts["respondent"] = _respondents(plan, export, sha256)
    nobody = pd.Series("", index=rows, dtype="str")
    facts["school"] = read.renamed(cells[columns.school.column], columns.school.values) if columns.school else nobody
    for name, column in plan.groups.items():
        facts[name] = read.or_unknown(read.renamed(cells[column.column], column.values))
    if columns.grade:
        facts["grade"], unread = read.grades(read.renamed(cells[columns.grade.column], columns.grade.values))
        _note(notes, file, unread, "a grade that is not one of ours, counted as unknown")
        if "grade_band" not in facts and any(one.id == "grade_band" for one in plan.survey.breakdowns):
            facts["grade_band"] = read.grade_band(facts["grade"], plan.survey)
    facts["learning_mode"], unread = _learning_mode(plan, export)
    _note(notes, file, unread, "a learning mode that is not one of ours, counted as unknown")
    for name, moment in (("started_at", columns.started_at), ("submitted_at", columns.submitted_at)):
        times = iso_times(cells[moment], plan.map.dates, export.tool) if moment else nobody
        facts[name], unread = read.moments(times, export.timezone or plan.survey.timezone)
        _note(notes, file, unread, f"a time in {moment} that is not written as 2026-10-05 14:30, and was not read")
    elapsed = facts["submitted_at"] - facts["started_at"]
    facts["duration_s"] = (
        read.seconds(cells[columns.duration_s])
        if columns.duration_s
        else elapsed.dt.total_seconds().where(elapsed >= pd.Timedelta(0))
    )
    facts["source"] = pd.Series(file.name, index=rows, dtype="str")
    facts["source_row"] = export.row
    # Only to tell submissions apart; it goes no further than this room.
    facts["submission"] = _submissions(plan, export, facts["respondent"])
    return facts


def _note(notes: list[str], file: Inbound, where: np.ndarray, what: str) -> None:
    if n := int(where.sum()):
        notes.append(f"{file.name}: {n} {'row has' if n == 1 else 'rows have'} {what}.")


def _respondents(plan: Plan, export: Export, sha256: str) -> pd.Series:
    """Pseudonyms; "" where the token is missing. Without tokens each row of each file is somebody."""
    if plan.token is None:
        rows = (f"{sha256}:{row}" for row in export.row.tolist())
        return pd.Series(pseudonyms(rows, plan.key, plan.survey.id, "row"), dtype="str")
    return hidden(export.cells[plan.token], plan, "student")


def hidden(tokens: pd.Series, plan: Plan, purpose: str) -> pd.Series:
    """Turn raw ids into pseudonyms; an empty one stays empty."""
    names = pd.Series(pseudonyms(tokens.tolist(), plan.key, plan.survey.id, purpose), index=tokens.index, dtype="str")
    return names.where(tokens != "", "")


def _submissions(plan: Plan, export: Export, respondents: pd.Series) -> pd.Series:
    if plan.token is not None or plan.columns.response_id is None:
        return respondents
    ids = hidden(export.cells[plan.columns.response_id], plan, "response")
    return ids.where(ids != "", respondents)


def _learning_mode(plan: Plan, export: Export) -> tuple[pd.Series, np.ndarray]:
    column = plan.columns.learning_mode
    if column:
        return read.learning_modes(read.renamed(export.cells[column.column], column.values))
    if plan.mode_item is None:
        n = len(export)
        return pd.Series(UNKNOWN, index=pd.RangeIndex(n), dtype="str"), np.zeros(n, bool)
    answers = _item_answers(plan, export, plan.mode_item)
    options = plan.mode_item.instrument.option_sets[plan.mode_item.item.options].options
    levels = {option.code: option.level or "" for option in options}
    words = pd.Series(answers.codes).map(levels).fillna("").astype("str")
    return read.or_unknown(words), answers.fault != FINE


def _item_answers(plan: Plan, export: Export, one: ItemPlan) -> Answers:
    column = plan.map.items.get(one.item.id)
    if column is None:
        return not_asked(len(export))
    return read_answers(
        export.cells[column.column],
        code_key(one.item.id, one.instrument, column, plan.map, export.words(column.column)),
    )


def _answers(plan: Plan, export: Export) -> dict[str, Answers]:
    return {one.item.id: _item_answers(plan, export, one) for one in plan.items}


def _hide_refused(plan: Plan, export: Export, answers: dict[str, Answers]) -> dict[str, Answers]:
    """Sensitive items of students without consent become "not asked"."""
    consent, sensitive = plan.columns.consent, _sensitive(plan)
    if not sensitive or consent is None:
        return answers
    refused = ~read.holds(export.cells[consent.column], consent.agreed)
    return answers | {item: answers[item].without(refused) for item in sensitive}


def _some_must_consent(plan: Plan, export: Export, answers: dict[str, Answers], door: Door) -> None:
    """Stop when sensitive items were answered and every answer would be hidden for want of consent."""
    consent, sensitive = plan.columns.consent, _sensitive(plan)
    if sensitive and consent is not None:
        refused = ~read.holds(export.cells[consent.column], consent.agreed)
        asked = _answered({item: answers[item] for item in sensitive})
        door.must_keep_some(refused, consent.column, "consent", consent.agreed, asked)


def _sensitive(plan: Plan) -> list[str]:
    return [one.item.id for one in plan.items if one.sensitive]


def _answered(answers: dict[str, Answers]) -> np.ndarray:
    """Rows with an answer to any of the items."""
    return np.any([(one.codes != SKIPPED) & (one.codes != NOT_ASKED) for one in answers.values()], axis=0)


def _judge(plan: Plan, export: Export, facts: pd.DataFrame, door: Door) -> None:
    """Say of each row what this file alone can say, the plainest reason first."""
    cells, columns, outcomes = export.cells, plan.columns, door.outcomes
    outcomes.quarantine(export.ragged, "wrong_number_of_cells")
    outcomes.exclude(export.empty, "blank")
    for one in plan.map.exclude:
        outcomes.exclude(read.holds(cells[one.column], one.values), one.reason, one.column)
    for mark in marks_that_count(export, plan.map):
        if mark.reason == "incomplete":
            door.leave_out(mark.where, mark.reason, mark.column, "complete")
        else:
            outcomes.exclude(mark.where, mark.reason, mark.column)
    if columns.wave:
        named = read.renamed(cells[columns.wave.column], columns.wave.values)
        declared = [wave.id for wave in plan.survey.waves]
        outcomes.exclude((named.isin(declared) & (named != plan.wave.id)).to_numpy(), "other_wave", columns.wave.column)
        outcomes.quarantine((named != plan.wave.id).to_numpy(), "unknown_wave", columns.wave.column)
    elif columns.submitted_at:
        outcomes.exclude(in_another_window(plan, facts["submitted_at"]), "other_wave", columns.submitted_at)
    if done := columns.complete:
        unfinished = ~read.holds(cells[done.column], done.agreed)
        door.leave_out(unfinished, "incomplete", done.column, "complete", done.agreed)
    leave_out_who_takes_no_part(plan, cells, facts["respondent"], door)
    outcomes.exclude(~door.answered, "blank")


def _instrument_must_fit(plan: Plan, export: Export, outcomes: Outcomes, place: str) -> None:
    column = plan.columns.instrument
    if column is None:
        return
    pins = plan.wave.instruments or plan.survey.instruments
    said = export.cells[column][outcomes.open]
    wrong = said[(said != "") & ~said.isin(pins)]
    if len(wrong):
        # Only what is written like a version is printed: the map may name a column of something else.
        versions = sorted({value for value in wrong.unique() if re.fullmatch(r"[a-z][a-z0-9-]{0,47}@\d{1,4}", value)})
        raise ContractError(
            "these answers were given to another instrument, or another version of it, than the wave pins.",
            file=place,
            column=column,
            row=int(export.row[outcomes.open][np.flatnonzero((said != "") & ~said.isin(pins))[0]]),
            found=", ".join(versions) or "something that is no instrument@version",
            allowed=", ".join(pins),
            todo="Give this file a wave that pins its instrument, or mend instruments: in survey.yaml.",
        )
