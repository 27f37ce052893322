"""What people call things: measures, grade bands, learning modes, levels, in English and French."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connectedness.declare.instrument import Instrument, Item
from connectedness.declare.measure import Measure
from connectedness.declare.source import Text
from connectedness.declare.survey import Survey
from connectedness.tables import UNKNOWN

LEVELS: Mapping[str, Text] = {
    UNKNOWN: Text(en="Not known", fr="Inconnu"),
    "in_person": Text(en="In person", fr="En présentiel"),
    "digital": Text(en="Digital", fr="En ligne"),
    "blended": Text(en="Blended", fr="Hybride"),
}
BREAKDOWNS: Mapping[str, Text] = {
    "grade_band": Text(en="Grade band", fr="Groupe d'années d'études"),
    "grade": Text(en="Grade", fr="Année d'études"),
    "learning_mode": Text(en="Learning mode", fr="Mode d'apprentissage"),
    "group": Text(en="Group", fr="Groupe"),
}
RESPONSE_RATE = Text(en="Response rate", fr="Taux de réponse")
_OF_SCALE: Mapping[str, tuple[str, str]] = {
    "mean": ("{}: mean", "{} : moyenne"),
    "sd": ("{}: standard deviation", "{} : écart-type"),
    "mean_of_shares": ("{}: share of favourable answers", "{} : part des réponses favorables"),
}


def both(pattern: tuple[str, str], *texts: Text) -> Text:
    """Fill an English and a French pattern; no French where one of the texts has none."""
    french = [text.fr for text in texts]
    fr = None if any(one is None for one in french) else pattern[1].format(*french)
    return Text(en=pattern[0].format(*(text.en for text in texts)), fr=fr)


def measure_title(measure: Measure, instrument: Instrument) -> Text:
    """Title of a declared or default measure: its own, else made from its scale or item and the statistic."""
    if measure.title is not None:
        return measure.title
    if measure.scale is not None:
        return both(_OF_SCALE[measure.statistic], instrument.scale_by_id[measure.scale].title)
    item = instrument.item_by_id[measure.item or ""]
    if measure.statistic == "share_favourable":
        practice = item.kind == "practice"
        return item_title(item) if practice else both(_OF_SCALE["mean_of_shares"], item_title(item))
    if measure.statistic == "share_at_least" and measure.code != instrument.codes(item.id)[-1]:
        pattern = ("{}: at least {}", "{} : au moins {}")
        return both(pattern, item_title(item), _within_a_sentence(option_title(instrument, item, measure.code)))
    return share_title(instrument, item, measure.code)


def share_title(instrument: Instrument, item: Item, code: int | None) -> Text:
    """Title of the share of students who gave one answer."""
    return both(("{}: {}", "{} : {}"), item_title(item), option_title(instrument, item, code))


def item_title(item: Item) -> Text:
    """An item's short name, else its text, else its id."""
    return item.short or item.text or Text(en=item.id, fr=item.id)


def option_title(instrument: Instrument, item: Item, code: int | None) -> Text:
    """The words of one answer, else "code 3"."""
    labels = {option.code: option.label for option in instrument.option_sets[item.options].options}
    return labels.get(code if code is not None else -1) or Text(en=f"code {code}", fr=f"code {code}")


def _within_a_sentence(text: Text) -> Text:
    first: Callable[[str], str] = lambda words: words[:1].lower() + words[1:]  # noqa: E731
    return Text(en=first(text.en), fr=None if text.fr is None else first(text.fr))


def sd_title(of: Text) -> Text:
    """Title of a standard deviation of a scale, or of a measure that has a title of its own."""
    return both(_OF_SCALE["sd"], of)


def change_title(base: Text) -> Text:
    """Title of a change of a measure."""
    return both(("{}, change since the wave before", "{}, changement depuis la vague précédente"), base)


def careless_title(base: Text) -> Text:
    """Title of the bit that says whether a verdict rests on careless answers."""
    pattern = (
        "{}, whether the verdict on its change would be another without answers that look careless",
        "{}, si le constat sur son changement serait autre sans les réponses qui semblent données sans attention",
    )
    return both(pattern, base)


def breakdown_title(survey: Survey, breakdown: str) -> Text:
    """Declared title of a breakdown, else ours, else its id in words."""
    declared = {one.id: one.title for one in survey.breakdowns}
    return declared.get(breakdown) or BREAKDOWNS.get(breakdown) or Text(en=breakdown.replace("_", " ").capitalize())


def level_titles(survey: Survey, breakdown: str) -> dict[str, Text]:
    """Titles of a breakdown's levels, in the order to show them; `unknown` is last."""
    declared = {one.id: dict(one.levels) for one in survey.breakdowns}.get(breakdown, {})
    ours: dict[str, Text] = {}
    if breakdown == "grade_band":
        ours = {band: band_title(grades) for band, grades in survey.grade_bands.items()}
    elif breakdown == "grade":
        ours = {grade: band_title((grade,)) for grades in survey.grade_bands.values() for grade in grades}
    elif breakdown == "learning_mode":
        ours = {level: title for level, title in LEVELS.items() if level != UNKNOWN}
    found = {**ours, **declared}
    unknown = found.pop(UNKNOWN, LEVELS[UNKNOWN])
    return {**found, UNKNOWN: unknown}


def band_title(grades: tuple[str, ...]) -> Text:
    """Title of a grade band, as "Grades 4 to 6"; grades run in the order declared."""
    first, last = grades[0], grades[-1]
    if len(grades) == 1:
        return Text(en="Kindergarten", fr="Maternelle") if first == "K" else Text(en=f"Grade {first}", fr=_annee(first))
    if first == "K":
        return Text(en=f"Kindergarten to grade {last}", fr=f"De la maternelle à la {_annee(last)}")
    return Text(en=f"Grades {first} to {last}", fr=f"De la {_ordinal(first)} à la {_annee(last)}")


def _ordinal(grade: str) -> str:
    return "1re" if grade == "1" else f"{grade}e"


def _annee(grade: str) -> str:
    return f"{_ordinal(grade)} année"
