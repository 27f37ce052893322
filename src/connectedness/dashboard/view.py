"""What one page looks at: a unit, in a language, at the latest wave. Names are given and numbers written here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from connectedness.dashboard.figures import Axis, Dot, Theme
from connectedness.dashboard.parts import TableCell
from connectedness.dashboard.reading import ABSENT, RESPONSE_RATE, Cell, Fact, Note, Released
from connectedness.dashboard.words import Words, as_shown
from connectedness.tables import ALL, UNKNOWN

MeasureFacts = dict[str, Any]
POOR_UNDER, GOOD_FROM = 0.50, 0.70


@dataclass(frozen=True)
class View:
    """A unit seen in one language. All lookups of a page go through here: this unit, and the widest one."""

    released: Released
    words: Words
    theme: Theme
    kind: str
    unit: str

    @property
    def waves(self) -> list[dict[str, Any]]:
        """Waves of the release, the earliest first."""
        return self.released.waves

    @property
    def wave(self) -> dict[str, Any]:
        """The latest wave."""
        return self.waves[-1]

    @property
    def is_widest(self) -> bool:
        """Whether this is the page of the whole district (or country)."""
        return (self.kind, self.unit) == self.released.widest

    @cached_property
    def district(self) -> View:
        """The same view of the widest unit."""
        kind, unit = self.released.widest
        return replace(self, kind=kind, unit=unit)

    def of(self, kind: str, unit: str) -> View:
        """The same view of another unit."""
        return replace(self, kind=kind, unit=unit)

    def cell(self, measure: str, breakdown: str = ALL, level: str = ALL, wave: str | None = None) -> Cell:
        """A cell of this unit; of the latest wave unless another is named."""
        return self.released.cell(self.kind, self.unit, wave or self.wave["id"], measure, breakdown, level)

    @cached_property
    def measures(self) -> dict[str, MeasureFacts]:
        """Measures of the codebook by id, in its order."""
        return {measure["id"]: measure for measure in self.released.codebook["measures"]}

    @cached_property
    def headline(self) -> list[MeasureFacts]:
        """Measures shown as cards: the theme's, else three scales and the first `at least` question."""
        chosen = [self.measures[one] for one in self.theme["headline"] if one in self.measures]
        if chosen:
            return chosen
        means = [m for m in self.measures.values() if m["statistic"] == "mean" and m["kind"] == "mean"]
        return means[:3] + self.at_least[:1]

    @cached_property
    def at_least(self) -> list[MeasureFacts]:
        """Shares of students giving a code or one above it, by code."""
        found = [m for m in self.measures.values() if m["statistic"] == "share_at_least" and m["kind"] == "share"]
        return sorted(found, key=lambda m: (m["item"], m["code"]))

    @cached_property
    def compared(self) -> list[MeasureFacts]:
        """Headline measures whose numbers stand in figures and tables: all but those that are withheld."""
        return [measure for measure in self.headline if not self.is_withheld(measure)]

    @property
    def minimum(self) -> int:
        """Students that must stand behind a number for the release's audience."""
        book = self.released.codebook
        minimum = book["policy"]["minimum"]
        return int(minimum[book["audience"]] if isinstance(minimum, dict) else minimum)

    # ---- what is known of scales

    def fact(self, scale: str, statistic: str, kind: str = "", item: str = "") -> Fact | None:
        """A fact about a scale, or an item of it, at the latest wave; None where the release has none."""
        return self.released.fact(self.wave["id"], scale, statistic, kind, item)

    def notes(self, kind: str, scale: str | None = None) -> list[Note]:
        """What was found about scales, or one scale, at the latest wave."""
        found = self.released.notes.get(self.wave["id"], [])
        return [note for note in found if note["kind"] == kind and scale in (None, note["scale"])]

    def holds_together(self, scale: dict[str, Any]) -> str:
        """Verdict on a scale: withheld, flagged, fine or not_judged; empty where the rule does not apply to it.

        It applies to scales of three or more statements declared to be signs of one thing.
        """
        if scale.get("structure") != "reflective" or len(scale["items"]) < 3:
            return ""
        found = self.notes("headline", scale["id"])
        return str(found[0]["verdict"]) if found else ""

    def verdict_on(self, measure: MeasureFacts) -> str:
        """`holds_together` of the scale that a measure is of."""
        scale = next((one for one in self.released.codebook["scales"] if one["id"] == measure["scale"]), None)
        return self.holds_together(scale) if scale else ""

    def is_withheld(self, measure: MeasureFacts) -> bool:
        """Whether a measure stays off the pages, because its scale does not hold together."""
        return self.verdict_on(measure) == "withheld"

    def poor_means(self, measure: MeasureFacts, kind: str) -> bool:
        """Whether means of this kind of unit differ mostly by chance: ICC(2) under 0.50, or no difference at all."""
        fact = self.fact(measure["scale"], "icc2", kind) if measure["scale"] else None
        if fact is None or fact.hidden or measure["statistic"] not in ("mean", "mean_of_shares"):
            return False
        return fact.value < POOR_UNDER if fact.value is not None else fact.reason == "equal_means"

    def own_reliability(self, measure: MeasureFacts) -> float | None:
        """How far this unit's mean tells it from others, given how many answered; None where that is not told."""
        for note in self.notes("mean_reliability", measure["scale"]) if measure["statistic"] == "mean" else []:
            if note["unit_type"] == self.kind and self.cell(measure["id"]).shown:
                return next((one["value"] for one in note["units"] if one["unit"] == self.unit), None)
        return None

    def fairness(self, breakdown: str) -> list[str]:
        """Cautions on comparing groups, for each headline scale that needs one."""
        said: dict[str, str] = {}
        for measure in self.compared:
            scale = measure["scale"]
            # Which statements differ says more than that the score does; one caution is enough.
            for note in [*self.notes("dif", scale), *self.notes("invariance", scale)] if scale else []:
                if note["breakdown"] == breakdown and note["verdict"] == "caution":
                    said.setdefault(scale, self.caution(note, self.measure_title(measure)))
        return list(said.values())

    def caution(self, note: Note, title: str) -> str:
        """Why groups should be compared with care on one score."""
        if note.get("items"):
            return self.words("groups.caution", title=title, n=len(note["items"]), items=note["of_items"])
        return self.words("groups.caution_model", title=title)

    # ---- names

    def wave_title(self, wave: dict[str, Any] | str) -> str:
        """What a wave is called; its id where it has no title."""
        named = wave if isinstance(wave, str) else wave["id"]
        title = next((one["title"] for one in self.released.codebook["waves"] if one["id"] == named), None)
        return self.words.title(title, named)

    def unit_title(self, unit: dict[str, Any]) -> str:
        """What a unit is called: its title, else its kind and id (a title that only repeats the id is none)."""
        otherwise = self.words("unit.untitled", kind=self.kind_title(unit["unit_type"]), unit=unit["unit"])
        own = self.words.title(unit.get("title"))
        return own if own and own != unit["unit"] else otherwise

    def kind_title(self, kind: str) -> str:
        """What a type of unit is called: School."""
        return self.words(f"unit.{kind}") if self.words.has(f"unit.{kind}") else kind.replace("_", " ").capitalize()

    @cached_property
    def title(self) -> str:
        """What this page's unit is called."""
        found = next((u for u in self.released.units(self.kind) if u["unit"] == self.unit), None)
        survey = self.words.title(self.released.survey["title"], self.unit)
        if self.is_widest:
            return self.words.title(found.get("title") if found else None, survey)
        return self.unit_title(found or {"unit_type": self.kind, "unit": self.unit})

    def measure_title(self, measure: MeasureFacts) -> str:
        """What a measure is called. A scale's mean goes by the scale's name, unless the district gave it its own."""
        own = self.words.title(measure.get("title"), measure["id"])
        if measure["statistic"] != "mean":
            return own
        scale = next((one for one in self.released.codebook["scales"] if one["id"] == measure["scale"]), None)
        name = self.words.title(scale["title"]) if scale else ""
        return name if name and own.startswith((name + ":", name + " :")) else own

    def level_title(self, breakdown: dict[str, Any], level: str) -> str:
        """What a level of a breakdown is called."""
        for one in breakdown["levels"]:
            own = self.words.title(one.get("title"))
            if one["id"] == level and own and own != level:
                return own
        if level == UNKNOWN or self.words.has(f"level.{level}"):
            return self.words(f"level.{level}")
        return level.replace("_", " ").capitalize()

    # ---- numbers

    @property
    def hidden(self) -> str:
        """The one mark of a number that is not shown."""
        return self.words("hidden.mark")

    def decimals(self, *cells: Cell) -> int:
        """Points of a group under the policy's small size have one decimal, as they were released."""
        small = self.released.codebook["policy"]["small"]
        return 1 if any(cell.n is not None and cell.n < small for cell in cells) else 2

    def missing(self, cell: Cell) -> str:
        """Why there is no number: the mark, or what the status says."""
        key = f"status.{cell.status}"
        return self.hidden if cell.hidden else self.words(key if self.words.has(key) else "status.absent")

    def value(self, measure: MeasureFacts, cell: Cell) -> str:
        """The value, or why there is none."""
        if cell.value is None:
            return self.missing(cell)
        return self.words.amount(cell.value, measure["unit"], self.decimals(cell))

    def interval(self, measure: MeasureFacts, cell: Cell) -> str:
        """The interval; empty where there is none."""
        if cell.low is None or cell.high is None:
            return ""
        return self.words.interval(cell.low, cell.high, measure["unit"], self.decimals(cell))

    def table_cell(self, measure: MeasureFacts, cell: Cell) -> TableCell:
        """Value and interval as a table shows them."""
        if cell.hidden:
            return TableCell(hidden=True)
        return TableCell(self.value(measure, cell), self.interval(measure, cell))

    def dot(self, label: str, measure: MeasureFacts, cell: Cell, reference: Cell = ABSENT) -> Dot:
        """A line of a dot plot; every number as it is shown, never with more digits."""
        text = self.value(measure, cell)
        if cell.value is None:
            return Dot(label, text)
        unit, digits = measure["unit"], self.decimals(cell)
        interval = self.interval(measure, cell)
        return Dot(
            label,
            text,
            as_shown(cell.value, unit, digits),
            None if cell.low is None else as_shown(cell.low, unit, digits, -1),
            None if cell.high is None else as_shown(cell.high, unit, digits, 1),
            hover=self.words("figure.hover", label=label, value=text, interval=interval) if interval else text,
            reference=self.shown(measure, reference),
        )

    def shown(self, measure: MeasureFacts, cell: Cell) -> float | None:
        """The value of a cell as it is shown; None where there is none."""
        return None if cell.value is None else as_shown(cell.value, measure["unit"], self.decimals(cell))

    def axis(self, measure: MeasureFacts) -> Axis:
        """The declared range, with whole points or quarters of 100% marked."""
        if measure["unit"] == "share":
            return Axis(0, 1, tuple((at, self.words.amount(at, "share")) for at in (0, 0.25, 0.5, 0.75, 1)))
        low, high = measure["range"]
        step = max(1, round((high - low) / 8))
        marks = range(int(low), int(high) + 1, step)
        return Axis(low, high, tuple((at, self.words.number(at, 0)) for at in marks))

    def scale_note(self, measure: MeasureFacts) -> str:
        """In what a measure is counted: on a scale of 1 to 5, or of students."""
        if measure["unit"] == "share":
            return self.words("unit.of_students")
        low, high = measure["range"]
        return self.words("unit.on_scale", low=self.words.number(low, 0), high=self.words.number(high, 0))

    def answered(self) -> tuple[str, str]:
        """How many answered of how many were asked, and what to make of it."""
        cell, words = self.cell(RESPONSE_RATE), self.words
        if cell.hidden or cell.n is None:
            return (words("answered.hidden") if cell.hidden else words("answered.unknown")), ""
        if cell.eligible is None or cell.value is None:
            return words("answered.no_roster", n=cell.n), ""
        rate = words.amount(cell.value, "share")
        note = "" if cell.value >= 0.7 else words("answered.caution" if cell.value >= 0.5 else "answered.low")
        return words("answered.of", n=cell.n, eligible=words.count(cell.eligible), rate=rate), note
