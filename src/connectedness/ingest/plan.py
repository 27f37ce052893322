"""What a wave's column map, survey and instruments together say about its exports, worked out once."""

from __future__ import annotations

from dataclasses import dataclass

from connectedness.declare.columns import ColumnMap, FixedColumns, ValueColumn
from connectedness.declare.instrument import Instrument, Item
from connectedness.declare.project import Project
from connectedness.declare.survey import Survey, Wave


@dataclass(frozen=True)
class ItemPlan:
    """An item, its instrument, and whether it is asked only of students with consent."""

    item: Item
    instrument: Instrument
    sensitive: bool


@dataclass(frozen=True)
class Plan:
    """Everything needed to read one file of a wave."""

    project: Project
    wave: Wave
    map: ColumnMap
    key: bytes
    items: tuple[ItemPlan, ...]
    mode_item: ItemPlan | None

    @property
    def survey(self) -> Survey:
        """The survey."""
        return self.project.survey

    @property
    def columns(self) -> FixedColumns:
        """Columns that are not answers."""
        return self.map.columns

    @property
    def token(self) -> str | None:
        """Column of the export that holds the token; none where the survey is anonymous."""
        identity = self.survey.identity
        return None if identity is None else self.columns.token or identity.token

    @property
    def groups(self) -> dict[str, ValueColumn]:
        """Units and breakdowns that the export holds, widest unit first. Nothing undeclared is read."""
        ids = [unit for unit in self.survey.units if unit != "school"]
        ids += [one.id for one in self.survey.breakdowns if one.id not in ("grade", "learning_mode")]
        return {name: self.columns.others[name] for name in ids if name in self.columns.others}

    @property
    def wanted(self) -> list[str]:
        """Every column that is read from the export."""
        fixed = self.columns
        named = [fixed.wave, fixed.school, fixed.grade, fixed.learning_mode, fixed.complete, *self.groups.values()]
        sensitive = any(one.sensitive for one in self.items)
        named += [fixed.consent] if sensitive else []
        plain = [
            self.token,
            fixed.response_id,
            fixed.started_at,
            fixed.submitted_at,
            fixed.duration_s,
            fixed.instrument,
        ]
        stored = [*self.items, *([self.mode_item] if self.mode_item else [])]
        answers = [self.map.items[one.item.id].column for one in stored if one.item.id in self.map.items]
        excluding = [one.column for one in self.map.exclude]
        part = [one.column for one in fixed.participation.values()]
        columns = [*plain, *(one.column for one in named if one), *part, *excluding, *answers]
        return list(dict.fromkeys(column for column in columns if column))


def make_plan(project: Project, wave_id: str, key: bytes) -> Plan:
    """Work out how to read a wave.

    Raises
    ------
    DeclarationError
        When nothing says which school a student belongs to, or a sensitive item has no consent column.
    """
    instruments, modules = project.instruments(wave_id), project.survey.modules
    items = tuple(
        ItemPlan(item, one, item.id in one.module_of) for one in instruments for item in one.active_items(modules)
    )
    mode = next(
        (ItemPlan(item, one, False) for one in instruments for item in one.items if item.fills == "learning_mode"), None
    )
    columns = project.column_map(wave_id)
    if mode is not None and (mode.item.id not in columns.items or columns.columns.learning_mode):
        mode = None
    plan = Plan(project, project.wave(wave_id), columns, key, items, mode)
    _must_know_school(plan)
    _must_have_consent(plan)
    return plan


def _must_know_school(plan: Plan) -> None:
    if plan.columns.school is None and (plan.survey.roster is None or plan.survey.anonymous):
        raise plan.project.source.error(
            "nothing says which school a student belongs to.",
            ("waves", plan.survey.waves.index(plan.wave), "map"),
            todo="Add columns: {school: NAME} to the column map, or declare both identity and roster.",
        )


def _must_have_consent(plan: Plan) -> None:
    asked = [one.item.id for one in plan.items if one.sensitive and one.item.id in plan.map.items]
    if asked and plan.columns.consent is None:
        raise plan.project.source.error(
            "a sensitive module is on, so the map must say which column holds consent.",
            ("waves", plan.survey.waves.index(plan.wave), "map"),
            found=", ".join(asked),
            todo="Add consent: {column: NAME, agreed: [VALUES]} to the map, or take the module out of survey.yaml.",
        )
