"""A project on disk: its survey and everything that the survey names, read and checked together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from connectedness.declare.columns import ColumnMap
from connectedness.declare.instrument import Instrument, Module
from connectedness.declare.measure import Measure
from connectedness.declare.policy import PRESETS, Policy
from connectedness.declare.registry import find_instrument, require_verified
from connectedness.declare.source import Frozen, NotAllowed, Source, Text, read_source
from connectedness.declare.survey import Survey, Wave
from connectedness.errors import DeclarationError


@dataclass(frozen=True)
class Project:
    """A survey and where it lives. Reads no student data."""

    root: Path
    survey: Survey
    source: Source

    @property
    def store(self) -> Path:
        """Folder of everything computed; only the owner can open it."""
        return self.root / "store"

    @property
    def site(self) -> Path:
        """Folder of the pages."""
        return self.root / "site"

    def wave(self, wave_id: str) -> Wave:
        """The wave with this id.

        Raises
        ------
        DeclarationError
            When the survey has none.
        """
        for wave in self.survey.waves:
            if wave.id == wave_id:
                return wave
        raise self.source.error(
            "this wave is not declared.",
            ("waves",),
            found=wave_id,
            allowed=", ".join(wave.id for wave in self.survey.waves),
        )

    def open_wave(self) -> Wave:
        """The newest wave that is not closed.

        Raises
        ------
        DeclarationError
            When every wave is closed.
        """
        for wave in reversed(self.survey.waves):
            if not wave.closed:
                return wave
        raise self.source.error(
            "every wave is closed, so there is none to run by itself.",
            ("waves",),
            todo="Name the wave on the command line with --wave, or set closed: false on the newest one.",
        )

    def earlier(self, wave_id: str) -> tuple[Wave, ...]:
        """Waves before this one, the nearest last."""
        waves = self.survey.waves
        return waves[: waves.index(self.wave(wave_id))]

    def later(self, wave_id: str) -> tuple[Wave, ...]:
        """Waves after this one, the nearest first."""
        waves = self.survey.waves
        return waves[waves.index(self.wave(wave_id)) + 1 :]

    def instruments(self, wave_id: str) -> tuple[Instrument, ...]:
        """Instruments that the wave pins."""
        wave = self.wave(wave_id)
        place = ("waves", self.survey.waves.index(wave), "instruments") if wave.instruments else ("instruments",)
        found = []
        for i, pin in enumerate(wave.instruments or self.survey.instruments):
            try:
                found.append(find_instrument(pin, self.root))
                require_verified(found[-1], self.survey.accept_unverified)
            except DeclarationError as error:
                if error.file is not None:
                    raise
                raise self.source.error(
                    error.problem, (*place, i), found=error.found, allowed=error.allowed, todo=error.todo
                ) from None
        return tuple(found)

    def column_map(self, wave_id: str) -> ColumnMap:
        """The wave's column map, inline or from the file it names."""
        declared = self.wave(wave_id).map
        if isinstance(declared, ColumnMap):
            return declared
        return read_source(self.root / declared, declared).parse(ColumnMap)

    @cached_property
    def policy(self) -> Policy:
        """The disclosure policy: a preset, a block, or a file."""
        declared = self.survey.policy
        if isinstance(declared, Policy):
            return declared
        if declared in PRESETS:
            return PRESETS[declared]
        return read_source(self.root / declared, declared).parse(Policy)

    @cached_property
    def schools(self) -> dict[str, Text]:
        """Declared schools and their names; empty where the survey declares none."""
        declared = self.survey.schools
        if isinstance(declared, str):
            source = read_source(self.root / declared, declared)
            return dict(source.parse(_Schools).schools)
        return dict(declared or {})

    def modules(self, wave_id: str) -> tuple[Module, ...]:
        """Sensitive modules that the district has named."""
        known = {module.id: module for one in self.instruments(wave_id) for module in one.modules}
        for i, name in enumerate(self.survey.modules):
            if name not in known:
                raise self.source.error(
                    "this module is not known.", ("modules", i), found=name, allowed=", ".join(known) or "none"
                )
        return tuple(known[name] for name in self.survey.modules)

    def undeclared_scales(self, wave_id: str) -> tuple[str, ...]:
        """Scales of a wave of which no instrument says whether their items are signs of one thing, or its parts."""
        scales = (scale for one in self.instruments(wave_id) for scale in one.scales)
        return tuple(scale.id for scale in scales if scale.structure is None and len(scale.items) > 2)

    def measures(self, wave_id: str) -> tuple[Measure, ...]:
        """Measures of a wave: the survey's own first, then each instrument's that the survey does not rename."""
        instruments = self.instruments(wave_id)
        for i, measure in enumerate(self.survey.measures):
            try:
                measure.must_fit(
                    {scale.id for one in instruments for scale in one.scales},
                    {item.id for one in instruments for item in one.active_items(self.survey.modules)},
                )
            except NotAllowed as error:
                raise self.source.error(
                    str(error), ("measures", i), found=error.found, allowed=error.allowed, todo=error.todo
                ) from None
        found = {measure.what: measure for measure in self.survey.measures}
        for instrument in instruments:
            for measure in (*instrument.measures, *default_measures(instrument)):
                found.setdefault(measure.what, measure)
        return tuple(found.values())


def default_measures(instrument: Instrument) -> list[Measure]:
    """Measures that every instrument gets: each scale's mean and share favourable, each practice's share."""
    scales = [
        Measure(id=scale.id + suffix, scale=scale.id, statistic=statistic)
        for scale in instrument.scales
        for suffix, statistic in (("", "mean"), ("_favourable", "mean_of_shares"))
    ]
    practices = [
        Measure(id=item.id, item=item.id, statistic="share_favourable")
        for item in instrument.items
        if item.kind == "practice" and item.id not in instrument.module_of
    ]
    return scales + practices


def open_project(folder: str | Path) -> Project:
    """Read `survey.yaml` in `folder`.

    Raises
    ------
    DeclarationError
        When it is not there or does not hold.
    """
    root = Path(folder).resolve()
    if not (root / "survey.yaml").is_file():
        raise DeclarationError(
            "there is no survey.yaml in this folder.",
            file=root,
            todo="Go to the project's folder, name it on the command line, or make one with: connectedness init DIR",
        )
    source = read_source(root / "survey.yaml", "survey.yaml")
    return Project(root, source.parse(Survey), source)


def check_declarations(project: Project) -> None:
    """Read every declaration the survey names, and check them against one another. No data is touched.

    Raises
    ------
    DeclarationError
        At the first thing that does not hold.
    """
    _ = project.policy, project.schools
    for wave in project.survey.waves:
        columns = project.column_map(wave.id)
        project.modules(wave.id)
        project.measures(wave.id)
        check_map(project, wave.id, columns)
        check_forms(project, wave.id)


def check_forms(project: Project, wave_id: str) -> None:
    """Check that an instrument of the wave has each form that the wave names."""
    wave = project.wave(wave_id)
    known = {form.id for one in project.instruments(wave_id) for form in one.forms}
    for value, form in wave.forms.forms.items() if wave.forms else ():
        if form not in known:
            raise project.source.error(
                "no instrument of this wave has this form.",
                ("waves", project.survey.waves.index(wave), "forms", "forms", value),
                found=form,
                allowed=", ".join(sorted(known)) or "none",
            )


def check_map(project: Project, wave_id: str, columns: ColumnMap) -> None:
    """Check a wave's column map against its instruments: items exist, codes too, and consent where a module asks."""
    wave = project.wave(wave_id)
    file = wave.map if isinstance(wave.map, str) else "survey.yaml"
    items = {item.id: one for one in project.instruments(wave_id) for item in one.items}
    module_items = {item for one in project.instruments(wave_id) for item in one.module_of}
    on = {item for module in project.modules(wave_id) for item in module.items}
    for item_id, column in columns.items.items():
        key = f"items.{item_id}"
        if item_id not in items:
            raise DeclarationError(
                "this is not an item of the wave's instruments.",
                file=file,
                key=key,
                found=item_id,
                allowed=", ".join(items),
            )
        if item_id in module_items - on:
            raise DeclarationError(
                "this item belongs to a sensitive module that is off.",
                file=file,
                key=key,
                todo="Take the item out of the map, or name its module in survey.yaml after asking the legal question.",
            )
        wrong = sorted(set(column.codes.values()) - set(items[item_id].codes(item_id)))
        if wrong:
            raise DeclarationError(
                "a code here is not one of the item's.", file=file, key=f"{key}.codes", found=wrong,
                allowed=", ".join(map(str, items[item_id].codes(item_id))),
            )  # fmt: skip
    if on and columns.columns.consent is None:
        raise DeclarationError(
            "a sensitive module is on, so the map must say which column holds consent.",
            file=file,
            key="columns.consent",
            todo="Add consent: {column: NAME, agreed: [VALUES]} to the map, or take the module out of survey.yaml.",
        )


class _Schools(Frozen):
    """A file of schools: `schools: {"001": {en: ...}}`."""

    schools: dict[str, Text]
