"""A chunk of an export: its rows as facts and answers, and what can be said of each row by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from connectedness.declare.columns import ValueColumn
from connectedness.identity import pseudonyms
from connectedness.ingest import facts as read
from connectedness.ingest.answers import FINE, Answers, code_key, not_asked, read_answers
from connectedness.ingest.cells import Export
from connectedness.ingest.clock import iso_times
from connectedness.ingest.consent import leave_out_who_takes_no_part
from connectedness.ingest.file_so_far import FileSoFar
from connectedness.ingest.marks import marks_that_count
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.plan import ItemPlan, Plan
from connectedness.ingest.whole_file import Door
from connectedness.ingest.windows import in_another_window
from connectedness.tables import UNKNOWN


@dataclass
class Chunk:
    """Rows as read: facts and answers of every row, and what became of it so far. No raw text is in it.

    `again` is a number that two rows of one student share where they are the same submission, exported twice.
    """

    facts: pd.DataFrame
    answers: dict[str, Answers]
    outcomes: Outcomes
    again: np.ndarray

    @property
    def faults(self) -> np.ndarray:
        """Number of bad answers of each row."""
        return np.stack([one.fault != FINE for one in self.answers.values()]).sum(axis=0)


def read_chunk(plan: Plan, export: Export, file: FileSoFar) -> Chunk:
    """Read a chunk of one file; what only the whole file can tell is noted in `file`."""
    facts = _facts(plan, export, file)
    said = _answers(plan, export, file)
    answers = _hide_refused(plan, export, said)
    outcomes = Outcomes(len(export))
    if file.same_as:
        outcomes.exclude(np.ones(len(export), bool), "same_file")
    door = Door(export.cells, _answered(answers), outcomes, file.questions)
    _judge(plan, export, facts, door)
    _some_must_consent(plan, export, said, door)
    file.elsewhen.add(facts["submitted_at"], outcomes)
    file.look_at_instrument(export, outcomes)
    return Chunk(facts, answers, outcomes, _again(plan, export, facts, answers))


def _facts(plan: Plan, export: Export, file: FileSoFar) -> pd.DataFrame:
    columns, rows = plan.columns, pd.RangeIndex(len(export))
    facts = pd.DataFrame(index=rows)
    facts["wave"] = pd.Series(plan.wave.id, index=rows, dtype="str")
    facts["respondent"] = _respondents(plan, export, file.sha256)
    nobody = pd.Series("", index=rows, dtype="str")
    facts["school"] = (
        read.renamed(export.text(columns.school.column), columns.school.values) if columns.school else nobody
    )
    for name, column in plan.groups.items():
        facts[name] = _group(plan, export, name, column, file)
    if columns.grade:
        facts["grade"], unread = read.grades(read.renamed(export.text(columns.grade.column), columns.grade.values))
        file.count(unread, "a grade that is not one of ours, counted as unknown")
        if "grade_band" not in facts and any(one.id == "grade_band" for one in plan.survey.breakdowns):
            facts["grade_band"] = read.grade_band(facts["grade"], plan.survey)
    facts["learning_mode"], unread = _learning_mode(plan, export, file)
    file.count(unread, "a learning mode that is not one of ours, counted as unknown")
    for name, moment in (("started_at", columns.started_at), ("submitted_at", columns.submitted_at)):
        times = iso_times(export.text(moment), file.day_order(moment, export)) if moment else nobody
        facts[name], unread = read.moments(times, export.timezone or plan.survey.timezone)
        file.count(
            unread, f"a time in {moment} that is not written as 2026-10-05 14:30, and was not read: {file.dates}"
        )
        if name == "submitted_at":
            file.timed = file.timed or bool(facts[name].notna().any())
            file.untimed = file.untimed or bool(unread.any())
    elapsed = facts["submitted_at"] - facts["started_at"]
    facts["duration_s"] = (
        read.seconds(export.text(columns.duration_s))
        if columns.duration_s
        else elapsed.dt.total_seconds().where(elapsed >= pd.Timedelta(0))
    )
    facts["source"] = pd.Series(file.inbound.name, index=rows, dtype="str")
    facts["source_row"] = export.row
    # Only to tell submissions apart; it goes no further than this room.
    facts["submission"] = _submissions(plan, export, facts["respondent"])
    return facts


def _group(plan: Plan, export: Export, name: str, column: ValueColumn, file: FileSoFar) -> pd.Series:
    """Unit or level of each row; what is no level, where levels are declared, is unknown."""
    text = read.renamed(export.text(column.column), column.values)
    declared = plan.survey.levels_of(name)
    if declared is None:
        return read.or_unknown(text)
    level, outside = read.levels(text, declared)
    file.look_at_levels(name, column.column, text[outside], export.row[outside])
    return level


def _respondents(plan: Plan, export: Export, sha256: str) -> pd.Series:
    """Pseudonyms; "" where the token is missing. Without tokens each row of each file is somebody."""
    if plan.token is None:
        rows = (f"{sha256}:{row}" for row in export.row.tolist())
        return pd.Series(pseudonyms(rows, plan.key, plan.survey.id, "row"), dtype="str")
    return hidden(export.text(plan.token), plan, "student")


def hidden(tokens: pd.Series, plan: Plan, purpose: str) -> pd.Series:
    """Turn raw ids into pseudonyms; an empty one stays empty."""
    names = pd.Series(pseudonyms(tokens.tolist(), plan.key, plan.survey.id, purpose), index=tokens.index, dtype="str")
    return names.where(tokens != "", "")


def _submissions(plan: Plan, export: Export, respondents: pd.Series) -> pd.Series:
    if plan.token is not None or plan.columns.response_id is None:
        return respondents
    ids = hidden(export.text(plan.columns.response_id), plan, "response")
    return ids.where(ids != "", respondents)


def _again(plan: Plan, export: Export, facts: pd.DataFrame, answers: dict[str, Answers]) -> np.ndarray:
    """A number of each submission: by the tool's own id of it, or else by its time and answers."""
    said = pd.DataFrame({item: one.codes for item, one in answers.items()}, index=facts.index)
    number = pd.util.hash_pandas_object(said.assign(when=facts["submitted_at"]), index=False).to_numpy()
    if plan.columns.response_id is None:
        return number
    ids = export.text(plan.columns.response_id)
    by_id = pd.util.hash_pandas_object(ids, index=False, categorize=False).to_numpy()
    return np.where(ids == "", number, by_id)


def _learning_mode(plan: Plan, export: Export, file: FileSoFar) -> tuple[pd.Series, np.ndarray]:
    column = plan.columns.learning_mode
    if column:
        return read.learning_modes(read.renamed(export.text(column.column), column.values))
    if plan.mode_item is None:
        n = len(export)
        return pd.Series(UNKNOWN, index=pd.RangeIndex(n), dtype="str"), np.zeros(n, bool)
    answers = _item_answers(plan, export, plan.mode_item, file)
    options = plan.mode_item.instrument.option_sets[plan.mode_item.item.options].options
    levels = {option.code: option.level or "" for option in options}
    words = pd.Series(answers.codes).map(levels).fillna("").astype("str")
    return read.or_unknown(words), answers.fault != FINE


def _item_answers(plan: Plan, export: Export, one: ItemPlan, file: FileSoFar) -> Answers:
    column = plan.map.items.get(one.item.id)
    if column is None:
        return not_asked(len(export))
    if one.item.id not in file.keys:
        words = export.words(column.column)
        file.keys[one.item.id] = code_key(one.item.id, one.instrument, column, plan.map, words)
    return read_answers(export.cells[column.column], file.keys[one.item.id])


def _answers(plan: Plan, export: Export, file: FileSoFar) -> dict[str, Answers]:
    return {one.item.id: _item_answers(plan, export, one, file) for one in plan.items}


def _hide_refused(plan: Plan, export: Export, answers: dict[str, Answers]) -> dict[str, Answers]:
    """Sensitive items of students without consent become "not asked"."""
    consent, sensitive = plan.columns.consent, _sensitive(plan)
    if not sensitive or consent is None:
        return answers
    refused = ~read.holds(export.cells[consent.column], consent.agreed)
    return answers | {item: answers[item].without(refused) for item in sensitive}


def _some_must_consent(plan: Plan, export: Export, answers: dict[str, Answers], door: Door) -> None:
    """Note whether sensitive items were answered and every answer would be hidden for want of consent."""
    consent, sensitive = plan.columns.consent, _sensitive(plan)
    if sensitive and consent is not None:
        refused = ~read.holds(export.cells[consent.column], consent.agreed)
        asked = _answered({item: answers[item] for item in sensitive})
        door.note(refused, consent.column, "consent", consent.agreed, asked)


def _sensitive(plan: Plan) -> list[str]:
    return [one.item.id for one in plan.items if one.sensitive]


def _answered(answers: dict[str, Answers]) -> np.ndarray:
    """Rows with an answer to any of the items."""
    return np.any([one.given for one in answers.values()], axis=0)


def _judge(plan: Plan, export: Export, facts: pd.DataFrame, door: Door) -> None:
    """Say of each row what it says by itself, the plainest reason first."""
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
        named = read.renamed(export.text(columns.wave.column), columns.wave.values)
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
