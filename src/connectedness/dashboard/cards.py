"""The cards at the top of a page: each headline number, its interval in words, and what changed."""

from __future__ import annotations

from dataclasses import dataclass

from connectedness.dashboard.reading import ABSENT, Cell
from connectedness.dashboard.view import POOR_UNDER, MeasureFacts, View
from connectedness.dashboard.words import as_shown


@dataclass(frozen=True)
class Verdict:
    """What may be said of a change: `kind` is rise, fall, unsure, hidden, withheld or none."""

    kind: str
    label: str
    sentence: str

    @property
    def told(self) -> bool:
        """Whether the verdict is read off a change."""
        return self.kind in ("rise", "fall", "unsure")


@dataclass(frozen=True)
class Card:
    """One headline number, or, `withheld`, why there is none; `notes` say how far to trust it."""

    title: str
    value: str
    unit: str
    interval: str
    reference: str
    also: str
    verdict: Verdict
    hidden: bool
    withheld: str = ""
    notes: tuple[str, ...] = ()


def cards(view: View) -> list[Card]:
    """The headline measures of a unit."""
    return [_card(view, measure) for measure in view.headline]


def summary(view: View) -> list[str]:
    """The page in a sentence or two: what clearly rose, what clearly fell, what cannot be told."""
    found: dict[str, list[str]] = {}
    for measure in view.headline:
        found.setdefault(verdict(view, measure).kind, []).append(view.measure_title(measure).lower())
    wave = view.wave_title(view.wave.get("compared_with") or "")
    return [
        view.words(f"summary.{kind}", measures=view.words.listing(found[kind]), wave=wave)
        for kind in ("rise", "fall", "unsure", "hidden", "withheld")
        if kind in found
    ]


def careless_rule(view: View) -> str:
    """Where cards say whether a verdict rests on careless answers, in a sentence that is alike for every school.

    Empty where no verdict is shown that it could be said of.
    """
    if not any(view.cell(_bit(one)).status != ABSENT.status and verdict(view, one).told for one in view.headline):
        return ""
    return view.words("card.careless_rule", minimum=view.minimum)


def _bit(measure: MeasureFacts) -> str:
    return f"careless:{measure['id']}"


def _card(view: View, measure: MeasureFacts) -> Card:
    cell, words = view.cell(measure["id"]), view.words
    if view.is_withheld(measure):
        return _withheld(view, measure)
    unit, digits = measure["unit"], view.decimals(cell)
    interval = ""
    if cell.low is not None and cell.high is not None:
        low, high = words.amount(cell.low, unit, digits, -1), words.amount(cell.high, unit, digits, 1)
        interval = words("card.interval", low=low, high=high)
    return Card(
        title=view.measure_title(measure),
        value=view.value(measure, cell),
        unit=view.scale_note(measure) if cell.shown else "",
        interval=interval,
        reference="" if view.is_widest or cell.hidden else _beside_district(view, measure, cell),
        also="" if cell.hidden else _also(view, measure),
        verdict=verdict(view, measure),
        hidden=cell.hidden,
        notes=() if cell.hidden else _trust(view, measure),
    )


def _withheld(view: View, measure: MeasureFacts) -> Card:
    told = verdict(view, measure)
    return Card(view.measure_title(measure), "", "", "", "", "", told, hidden=False, withheld=told.sentence)


def _trust(view: View, measure: MeasureFacts) -> tuple[str, ...]:
    """How far the number can be trusted, where that needs saying."""
    bit, said = view.cell(_bit(measure)), []
    if bit.shown and verdict(view, measure).told:
        said.append(view.words("card.careless_other" if bit.value else "card.careless_same"))
    said += [view.words("card.flagged")] if view.verdict_on(measure) == "flagged" else []
    if not view.is_widest and view.poor_means(measure, view.kind):
        said.append(view.words("card.poor_mean"))
    elif not view.is_widest and (own := view.own_reliability(measure)) is not None and own < POOR_UNDER:
        said.append(view.words("card.poor_own", value=view.words.number(own, 2)))
    return tuple(said)


def _beside_district(view: View, measure: MeasureFacts, cell: Cell) -> str:
    """Where the unit stands: above or below only where the district's number lies outside its whole range."""
    district = view.district.cell(measure["id"])
    name, value = view.kind_title(view.district.kind), view.value(measure, district)
    if not district.shown or cell.low is None or cell.high is None or district.value is None:
        return view.words("card.reference", kind=name, value=value)
    digits = view.decimals(cell)
    if district.value < as_shown(cell.low, measure["unit"], digits, -1):
        place = "above"
    elif district.value > as_shown(cell.high, measure["unit"], digits, 1):
        place = "below"
    else:
        place = "within"
    # A school of its kind's name alone would read badly in French, where "of the" bends with the word.
    of = f"card.the.{view.district.kind}"
    the = view.words(of if view.words.has(of) else "card.the.other", kind=name)
    return view.words(f"card.reference_{place}", the=the, value=value)


def _also(view: View, measure: MeasureFacts) -> str:
    """Beside a scale's mean, the favourable share of its answers; beside a first "at least", the next ones."""
    if measure["statistic"] == "mean":
        for other in view.measures.values():
            if other["statistic"] == "mean_of_shares" and other["scale"] == measure["scale"]:
                cell = view.cell(other["id"])
                if cell.shown:
                    return view.words("card.favourable", value=view.value(other, cell))
    parts = [
        view.words("card.also", title=view.measure_title(other), value=view.value(other, view.cell(other["id"])))
        for other in view.at_least
        if measure["statistic"] == "share_at_least" and other["item"] == measure["item"] and other is not measure
    ]
    return " ".join(parts[:1])


def verdict(view: View, measure: MeasureFacts) -> Verdict:
    """What the released change and its interval, as shown, allow to be said."""
    cell, words = view.cell(f"change:{measure['id']}"), view.words
    if view.is_withheld(measure):
        return Verdict("withheld", words("verdict.withheld"), words("verdict.withheld_sentence"))
    before = view.wave.get("compared_with")
    wave = view.wave_title(before) if before else ""
    if before is None:
        return Verdict("none", words("verdict.none"), words("verdict.none_sentence"))
    if cell.hidden or view.cell(measure["id"]).hidden:
        return Verdict("hidden", words("verdict.hidden"), words("verdict.hidden_sentence", wave=wave))
    if cell.value is None or cell.low is None or cell.high is None:
        return Verdict("none", words("verdict.none"), words("verdict.absent_sentence", wave=wave))
    unit, digits = measure["unit"], view.decimals(view.cell(measure["id"]), view.cell(measure["id"], wave=before))
    low, high = as_shown(cell.low, unit, digits, -1), as_shown(cell.high, unit, digits, 1)
    kind = "rise" if low > 0 else "fall" if high < 0 else "unsure"
    signed = kind == "unsure"
    value, ends = cell.value if signed else abs(cell.value), (low, high) if kind != "fall" else (-high, -low)
    sentence = words(
        f"verdict.{kind}_sentence",
        wave=wave,
        value=words.amount(value, unit, digits, signed=True).removeprefix("" if signed else "+"),
        interval=words.interval(*ends, unit, digits, signed=True) if signed else _unsigned(view, ends, unit, digits),
        unit=_counted_in(view, as_shown(value, unit, digits), unit),
    )
    return Verdict(kind, words(f"verdict.{kind}"), sentence)


def _counted_in(view: View, value: float, unit: str) -> str:
    """Points or percentage points, one or several."""
    if unit == "share":
        return view.words("unit.percentage_points", n=round(abs(100 * value)))
    return view.words("unit.points", n=abs(value))


def _unsigned(view: View, ends: tuple[float, float], unit: str, digits: int) -> str:
    return view.words.interval(*ends, unit, digits, signed=True).replace("+", "")
