"""An instrument: its items, their answer options, its scales. Reversal is derived here and nowhere else."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from connectedness.declare.form import Form
from connectedness.declare.measure import Measure
from connectedness.declare.norms import Cut, Norm, ScoreTable
from connectedness.declare.source import Frozen, Text
from connectedness.declare.verification import Fact, Permission

MissingKind = Literal["skipped", "not_asked", "dont_know", "invalid"]
MISSING_CODES: dict[str, int] = {"skipped": -1, "not_asked": -2, "dont_know": -3, "invalid": -4}


def _snake(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", value) or len(value.encode()) > 32:
        raise ValueError("an id is lower-case letters, digits and _, starts with a letter, and has at most 32.")
    return value


def _kebab(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]*", value) or len(value) > 48:
        raise ValueError("an instrument's id is lower-case letters, digits and -, and starts with a letter.")
    return value


SnakeId = Annotated[str, AfterValidator(_snake)]
InstrumentId = Annotated[str, AfterValidator(_kebab)]


class Option(Frozen):
    """One answer a student can choose: the code stored, and the words shown (where we own them)."""

    code: Annotated[int, Field(ge=0, le=32767)]
    label: Text | None = None
    level: SnakeId | None = None


class OptionSet(Frozen):
    """The answers of an item, listed from least to most of what they express (agreement, frequency, number).

    `favourable` holds the codes that are favourable for a positive item; for a negative item the mirror image.
    """

    expresses: str
    options: Annotated[tuple[Option, ...], Field(min_length=2)]
    favourable: tuple[int, ...] = ()

    @property
    def codes(self) -> tuple[int, ...]:
        """Codes, least to most."""
        return tuple(option.code for option in self.options)

    @model_validator(mode="after")
    def _holds(self) -> OptionSet:
        if len(set(self.codes)) != len(self.codes):
            raise ValueError("a code stands twice in this option set.")
        if set(self.favourable) - set(self.codes):
            raise ValueError("a favourable code is not among the codes of this option set.")
        return self


class Item(Frozen):
    """A question. `polarity` is toward its scale: does agreeing mean more of the scale, or less?"""

    id: SnakeId
    options: str
    polarity: Literal["positive", "negative"] = "positive"
    kind: Literal["scale", "indicator", "practice", "attention", "context"] = "scale"
    text: Text | None = None
    short: Text | None = None
    variable: str | None = None
    correct: int | None = None
    fills: Literal["learning_mode"] | None = None

    @model_validator(mode="after")
    def _holds(self) -> Item:
        if (self.kind == "attention") != (self.correct is not None):
            raise ValueError("an attention item, and no other, says which code is correct.")
        if (self.kind == "context") != (self.fills is not None):
            raise ValueError("a context item, and no other, says which column it fills.")
        return self


class Scale(Frozen):
    """Items that together measure one thing, and how many must be answered for a score.

    `structure` says what the items are to the scale: its signs (`reflective`, so they should hang together) or its
    parts (`formative`, so they need not). `expected_sign` tells the sign of the correlation with another scale, or
    with an anchor, a column of the file such as the publisher's own index. `higher_is` tells whether more of the scale
    is better or worse for a student.
    """

    id: SnakeId
    title: Text
    description: Text
    items: Annotated[tuple[str, ...], Field(min_length=1)]
    min_answered: Annotated[int, Field(ge=1)]
    structure: Literal["reflective", "formative"] | None = None
    higher_is: Literal["better", "worse"] = "better"
    expected_sign: dict[str, Literal["+", "-"]] = {}
    norms: tuple[Norm, ...] = ()
    table: ScoreTable | None = None
    cuts: tuple[Cut, ...] = ()

    def norm(self, norm_id: str | None = None) -> Norm | None:
        """The norm of this id, or the first where none is named; None where there is none."""
        return next((norm for norm in self.norms if norm_id in (None, norm.id)), None)


class General(Frozen):
    """A general score that lies over three or more subscales."""

    id: SnakeId
    title: Text
    scales: Annotated[tuple[str, ...], Field(min_length=3)]


class Module(Frozen):
    """Sensitive items, off until a district names the module; asked only of students with consent."""

    id: SnakeId
    title: Text
    legal_question: Text
    items: Annotated[tuple[str, ...], Field(min_length=1)]


class Licence(Frozen):
    """What may be done with the instrument. Tier A ships words; tier B a key only; tier C neither."""

    tier: Literal["A", "B", "C"]
    terms: str


class Instrument(Frozen):
    """A whole instrument, as declared in one YAML file.

    An instrument of licence tier C may be an entry without a key: whoever may use it brings a file with the key and
    the `permission`. `cycles` are the administrations of a large study that share these variables and codes.
    """

    id: InstrumentId
    version: Annotated[int, Field(ge=1)]
    title: Text
    standing: Text
    source: tuple[str, ...]
    licence: Licence
    languages: tuple[Literal["en", "fr"], ...] = ()
    population: Text | None = None
    cycles: tuple[str, ...] = ()
    verification: tuple[Fact, ...] = ()
    permission: Permission | None = None
    forms: tuple[Form, ...] = ()
    option_sets: dict[str, OptionSet] = {}
    items: tuple[Item, ...] = ()
    scales: tuple[Scale, ...] = ()
    general: General | None = None
    measures: tuple[Measure, ...] = ()
    modules: tuple[Module, ...] = ()
    missing: dict[int, MissingKind] = {}

    @property
    def pinned(self) -> str:
        """The name a wave pins: `id@version`."""
        return f"{self.id}@{self.version}"

    @property
    def has_key(self) -> bool:
        """Whether anything can be scored: an entry that a licence binds holds no items."""
        return bool(self.items)

    @property
    def unverified_facts(self) -> tuple[Fact, ...]:
        """Codes and polarities that nobody has confirmed."""
        return tuple(fact for fact in self.verification if fact.decisive and fact.how == "unverified")

    @property
    def unverified(self) -> bool:
        """Whether a polarity or a set of codes is not confirmed, so that a score may run the wrong way."""
        return bool(self.unverified_facts)

    @property
    def default_form(self) -> Form | None:
        """The form of a student whose form is not known: the one marked so, or the only one."""
        marked = [form for form in self.forms if form.default]
        return marked[0] if marked else self.forms[0] if len(self.forms) == 1 else None

    @cached_property
    def form_by_id(self) -> dict[str, Form]:
        """Forms by their id."""
        return {form.id: form for form in self.forms}

    @cached_property
    def item_by_id(self) -> dict[str, Item]:
        """Items by their id."""
        return {item.id: item for item in self.items}

    @cached_property
    def scale_by_id(self) -> dict[str, Scale]:
        """Scales by their id."""
        return {scale.id: scale for scale in self.scales}

    @cached_property
    def module_of(self) -> dict[str, str]:
        """Module id of each item that belongs to one."""
        return {item: module.id for module in self.modules for item in module.items}

    def codes(self, item_id: str) -> tuple[int, ...]:
        """Codes of an item, from least to most of what its options express."""
        return self.option_sets[self.item_by_id[item_id].options].codes

    def points(self, item_id: str) -> dict[int, int]:
        """Points each code earns toward the item's scale, on the declared range.

        The options' order says how much each code expresses; the polarity says whether that is more or less of
        the scale. The lowest points are the smallest code, and each step is one point.
        """
        codes = self.codes(item_id)
        ordered = codes if self.item_by_id[item_id].polarity == "positive" else codes[::-1]
        return {code: min(codes) + rank for rank, code in enumerate(ordered)}

    def is_reversed(self, item_id: str) -> bool:
        """Whether a high code earns few points."""
        points = self.points(item_id)
        return points[max(points)] < points[min(points)]

    def favourable_codes(self, item_id: str) -> tuple[int, ...]:
        """Codes that speak well of the school: mirrored for a negative item."""
        item = self.item_by_id[item_id]
        options = self.option_sets[item.options]
        if item.polarity == "positive":
            return options.favourable
        mirror = dict(zip(options.codes, options.codes[::-1], strict=True))
        return tuple(mirror[code] for code in options.favourable)

    def scale_range(self, scale_id: str) -> tuple[int, int]:
        """Lowest and highest points an item of the scale can earn."""
        points = self.points(self.scale_by_id[scale_id].items[0])
        return min(points.values()), max(points.values())

    def active_items(self, modules: tuple[str, ...] = ()) -> tuple[Item, ...]:
        """Items stored as columns, in order: no context item, and no module item unless its module is named."""
        return tuple(
            item
            for item in self.items
            if item.kind != "context" and self.module_of.get(item.id, None) in (None, *modules)
        )

    @model_validator(mode="after")
    def _holds(self) -> Instrument:
        _once("item", [item.id for item in self.items])
        _once("scale", [scale.id for scale in self.scales])
        _once("measure", [measure.id for measure in self.measures])
        for item in self.items:
            if item.options not in self.option_sets:
                raise ValueError(f"item {item.id} names the option set {item.options}, which is not declared.")
            codes = self.option_sets[item.options].codes
            if sorted(codes) != list(range(min(codes), max(codes) + 1)) and item.kind == "scale":
                raise ValueError(f"the codes of item {item.id} have gaps, so its points are not declared.")
            if set(codes) & set(self.missing):
                raise ValueError(f"a code of item {item.id} is also declared as missing.")
        for scale in self.scales:
            self._scale_holds(scale)
        for module in self.modules:
            self._known(f"module {module.id}", module.items)
        for measure in self.measures:
            measure.must_fit(self.scale_by_id.keys(), self.item_by_id.keys())
        self._missing_holds()
        self._papers_hold()
        return self

    def _missing_holds(self) -> None:
        own = {code: kind for kind, code in MISSING_CODES.items()}
        for code, kind in self.missing.items():
            if own.get(code, kind) != kind:
                raise ValueError(f"the missing code {code} always means {own[code]}, so it cannot mean {kind}.")

    def _papers_hold(self) -> None:
        """What is said about the key: licence, forms, general score, and how far each fact is verified."""
        if not self.items and self.licence.tier != "C":
            raise ValueError("there are no items; only an entry of licence tier C may have none.")
        if self.items and self.licence.tier == "C" and self.permission is None:
            raise ValueError("a licence of tier C binds these items: record the permission to use them.")
        _once("form", [form.id for form in self.forms])
        if sum(form.default for form in self.forms) > 1:
            raise ValueError("only one form can be the default.")
        if self.general is not None:
            unknown = [scale for scale in self.general.scales if scale not in self.scale_by_id]
            if unknown or self.general.id in self.scale_by_id:
                raise ValueError(f"{self.general.id} lies over scales of this instrument, under an id of its own.")
        known = {*self.item_by_id, *self.option_sets, *self.scale_by_id}
        for fact in self.verification:
            unknown = [one for one in fact.of if one not in known]
            if unknown:
                raise ValueError(f"a verified fact is about {', '.join(unknown)}, which this instrument does not have.")

    def _scale_holds(self, scale: Scale) -> None:
        self._known(f"scale {scale.id}", scale.items)
        _once(f"item of {scale.id}", list(scale.items))
        if scale.min_answered > len(scale.items):
            raise ValueError(f"scale {scale.id} asks for more answers than it has items.")
        if set(scale.items) & set(self.module_of):
            raise ValueError(f"scale {scale.id} has an item of a module; no module item counts in a score.")
        if len({(min(self.codes(item)), max(self.codes(item))) for item in scale.items}) > 1:
            raise ValueError(f"the items of scale {scale.id} are not on one range.")
        if scale.id in scale.expected_sign:
            raise ValueError(f"scale {scale.id} expects a sign with itself.")
        _once(f"norm of {scale.id}", [norm.id for norm in scale.norms])
        _once(f"cut of {scale.id}", [cut.id for cut in scale.cuts])
        if scale.table is not None:
            self._table_holds(scale, scale.table)

    def _table_holds(self, scale: Scale, table: ScoreTable) -> None:
        low, high = self.scale_range(scale.id)
        k, first = len(scale.items), low if table.counts_from is None else table.counts_from
        wanted = set(range(k * first, k * (first + high - low) + 1))
        if set(table.scale) != wanted:
            raise ValueError(f"the table of {scale.id} must hold each raw sum from {min(wanted)} to {max(wanted)}.")

    def _known(self, who: str, items: tuple[str, ...]) -> None:
        unknown = [item for item in items if item not in self.item_by_id]
        if unknown:
            raise ValueError(f"{who} names {', '.join(unknown)}, which is not an item.")


def _once(what: str, ids: list[str]) -> None:
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise ValueError(f"{what} {', '.join(twice)} stands twice.")
