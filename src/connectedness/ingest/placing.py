"""Where each row belongs: its student on the roster, its school, and whether it may count at all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectedness.ingest.chunk import Chunk
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.plan import Plan
from connectedness.ingest.roster import RosterRead
from connectedness.ingest.roster_consent import answers_refused
from connectedness.tables import UNKNOWN


class Placing:
    """Judges the rows of a wave's chunks by the roster."""

    def __init__(self, plan: Plan, roster: RosterRead | None) -> None:
        self.plan, self.roster = plan, roster
        self._students = None if roster is None else pd.Index(roster.frame["student"])
        self._schools = set(plan.project.schools) or (set(roster.frame["school"]) if roster else None)
        self._differ = 0

    def judge(self, chunk: Chunk) -> None:
        """Say of each row what needs the roster, and give each row its school."""
        plan, facts, outcomes = self.plan, chunk.facts, chunk.outcomes
        outcomes.quarantine((facts["respondent"] == "").to_numpy(), "no_id", plan.token)
        if plan.columns.school:
            column = plan.columns.school.column
            outcomes.quarantine((facts["school"] == "").to_numpy(), "no_school", column)
            if self._schools is not None:
                outcomes.quarantine((~facts["school"].isin(self._schools)).to_numpy(), "unknown_school", column)
        if self.roster and not plan.survey.anonymous:
            answers_refused(self.roster.refused, facts["respondent"], outcomes, plan.token)
            self._join(facts, outcomes, self.roster.frame)
        outcomes.quarantine(chunk.faults > plan.survey.max_bad_items, "too_many_bad_items")

    def _join(self, facts: pd.DataFrame, outcomes: Outcomes, roster: pd.DataFrame) -> None:
        """Take school, missing units and an unknown learning mode of each student from the roster."""
        place = (
            self._students.get_indexer(facts["respondent"]) if self._students is not None else np.full(len(facts), -1)
        )
        there = place >= 0
        outcomes.quarantine(~there, "not_on_roster", self.plan.token)
        if not len(roster):
            return

        def on_roster(name: str) -> pd.Series:
            return pd.Series(roster[name].array.take(np.where(there, place, 0)), index=facts.index)

        school = on_roster("school")
        if self.plan.columns.school:
            self._differ += int(((facts["school"] != school) & outcomes.open).sum())
        facts["school"] = facts["school"].where(~outcomes.open & (facts["school"] != ""), school.where(there, ""))
        units = self.plan.survey.units
        for unit in (name for name in units if name != "school" and name in roster and name not in facts):
            facts.insert(facts.columns.get_loc("school") + 1, unit, on_roster(unit).where(there, UNKNOWN))
        facts["learning_mode"] = facts["learning_mode"].where(
            (facts["learning_mode"] != UNKNOWN) | ~there, on_roster("learning_mode")
        )

    @property
    def undeclared(self) -> list[str]:
        """Columns of the answers whose values nothing declares."""
        survey = self.plan.survey
        groups = [name for name in self.plan.groups if survey.levels_of(name) is None]
        return groups if self._schools is not None or self.plan.columns.school is None else ["school", *groups]

    @property
    def schools(self) -> set[str]:
        """Schools that are declared, or on the roster."""
        return self._schools or set()

    def notes(self) -> list[str]:
        """What a person should know, once all rows have been judged."""
        if not self._differ:
            return []
        return [
            f"{self._differ} {'answer names' if self._differ == 1 else 'answers name'} another school than the roster "
            "does; the roster's school counts."
        ]
