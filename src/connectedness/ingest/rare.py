"""Groups and schools that nothing declares: one that few students are of may be a person's name, and is unknown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from connectedness.declare.levels import declared_values
from connectedness.declare.project import Project
from connectedness.ingest.kept import Kept
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.plan import Plan
from connectedness.ingest.undeclared import WHERE, Undeclared
from connectedness.tables import UNKNOWN


def least_students(project: Project, name: str) -> int:
    """Students that must be of a value of this column for it to be one, where nothing declares its values.

    Breakdowns are named to the widest audience, so its minimum counts; units are many and small.
    """
    return project.policy.minimum["internal" if name in project.survey.units else "public"]


def rare_values(project: Project, wave_id: str, column: pd.Series) -> list[str]:
    """Values of a roster's column, a row a student, that no declaration writes and too few of its rows hold."""
    name = str(column.name)
    counts, least = column.value_counts(), least_students(project, name)
    known = {"", UNKNOWN, *declared_values(project, wave_id, name)}
    return [str(value) for value, n in counts.items() if n < least and value not in known]


def told_rare(project: Project, name: str, rows: int, values: int, who: str) -> str:
    """Say that rare values of a column are unknown; which, is not said."""
    least = least_students(project, name)
    what = f"{values} {'value' if values == 1 else 'values'} of {name}"
    declare = f"they are kept in {WHERE}"
    if name not in project.survey.units:
        declare += "; if they are groups, name them under levels of this breakdown in survey.yaml"
    return (
        f"{who}: {rows:,} {'row is' if rows == 1 else 'rows are'} of {what} that fewer than {least} students have and "
        f"nothing declares, so their {name} is unknown; {declare}."
    )


class Rare:
    """Judges what the rows of a wave's exports say, once all have been read.

    Parameters
    ----------
    plan : Plan
    counted : sequence of str
        Columns whose values nothing declares.
    known : dict
        By column, values that the roster knows.
    """

    def __init__(self, plan: Plan, known: dict[str, set[str]]) -> None:
        self.plan, self.undeclared = plan, Undeclared()
        self._known = known
        self._rare: dict[str, list[str]] = {}
        self._rows: dict[str, int] = {}

    def settle(self, chunks: Sequence[Kept], final: Outcomes, values: dict[str, dict[str, int]]) -> None:
        """Find the rare values among the rows that count, and set aside those whose school is one.

        Parameters
        ----------
        chunks : sequence of Kept
        final : Outcomes
            What became of their rows that were open or refused.
        values : dict
            By column, the number of each value.
        """
        places = np.flatnonzero(np.concatenate([one.outcomes.open for one in chunks]))
        for name in sorted(values, key=lambda one: one != "school"):
            number = np.concatenate([one.groups[name] for one in chunks])
            counts = np.bincount(number[final.at(places).open], minlength=len(values[name]))
            least = least_students(self.plan.project, name)
            known = {"", UNKNOWN, *self._known.get(name, ())}
            known |= declared_values(self.plan.project, self.plan.wave.id, name)
            few = np.array([counts[n] < least and value not in known for value, n in values[name].items()], dtype=bool)
            if name == "school":
                strange = np.zeros(len(final), dtype=bool)
                strange[places] = few[number] if len(few) else False
                column = self.plan.columns.school
                final.quarantine(strange, "unknown_school", column.column if column else "")
            else:
                self._rare[name] = [value for value, n in values[name].items() if few[n] and counts[n]]
                self._rows[name] = int(counts[few].sum())

    def make_unknown(self, rows: pd.DataFrame, file: str) -> pd.DataFrame:
        """Make rare values of a chunk's accepted rows unknown."""
        for name, values in self._rare.items():
            if values:
                rare = rows[name].isin(values)
                place = ("responses", file, self.plan.groups[name].column)
                self.undeclared.add(place, rows.loc[rare, name], rows.loc[rare, "source_row"].to_numpy())
                rows = rows.assign(**{name: rows[name].mask(rare, UNKNOWN)})
        return rows

    def notes(self) -> list[str]:
        """What a person should know."""
        return [
            told_rare(self.plan.project, name, self._rows[name], len(values), "answers")
            for name, values in self._rare.items()
            if values
        ]
