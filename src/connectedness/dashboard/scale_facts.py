"""For the method page: how well each score works in the latest wave, from what the release says of its scale."""

from __future__ import annotations

from typing import Any

from connectedness.dashboard.parts import Row, Table
from connectedness.dashboard.reading import Fact, Note
from connectedness.dashboard.scale_details import fact_row, scale_details
from connectedness.dashboard.scale_fairness import fairness_lines
from connectedness.dashboard.view import GOOD_FROM, POOR_UNDER, View

CHECKS = ("labels", "one_item", "whole_scale", "last_wave")
_SIGNS = {"ok": "good", "caution": "fair", "overridden": "fair", "not_checked": "none"}
_LOOSE_UNDER = 0.60
# More than 15 in 100 students at an end: Terwee et al. (2007), doi 10.1016/j.jclinepi.2006.03.012.
_MANY_AT_END = 0.15


def scale_facts(view: View, scale: dict[str, Any]) -> dict[str, Any] | None:
    """What the method page says of how a scale works; None where the release has no facts of it."""
    if view.fact(scale["id"], "n_items") is None:
        return None
    words = view.words
    title = words.title(scale["title"], scale["id"])
    held = view.holds_together(scale)
    sentences = [words(f"facts.held_{held}")] if held else []
    sentences += _careless(view, scale["id"])
    head = tuple(words(f"facts.{one}") for one in ("what", "figure", "sign", "meaning"))
    return {
        "title": words("facts.title", wave=view.wave_title(view.wave)),
        "sentences": sentences,
        "table": Table(words("facts.caption", title=title), head, tuple(_rows(view, scale["id"]))),
        "more": scale_details(view, scale, title),
        "direction": _direction(view, scale["id"]),
        "fairness": fairness_lines(view, scale["id"], title),
    }


def _rows(view: View, scale: str) -> list[Row]:
    rows = [
        fact_row(view, scale, "n_scored", _at_least),
        fact_row(view, scale, "n_complete", _at_least),
        fact_row(view, scale, "missing_share", _share),
        fact_row(view, scale, "floor_share", _share, _end),
        fact_row(view, scale, "ceiling_share", _share, _end),
        fact_row(view, scale, "alpha", _two_decimals, _consistency),
        fact_row(view, scale, "omega_total", _two_decimals, _consistency),
        fact_row(view, scale, "omega_hierarchical", _two_decimals),
        fact_row(view, scale, "ordinal_alpha", _two_decimals, _consistency),
    ]
    for kind in view.released.survey["units"][1:]:
        rows += [
            fact_row(view, scale, "icc1", _share, kind=kind),
            fact_row(view, scale, "icc2", _two_decimals, _mean, kind, _needed),
        ]
    return [row for row in rows if row is not None]


def _at_least(view: View, fact: Fact) -> tuple[str, str]:
    return view.words("facts.at_least", count=view.words.count(int(fact.value or 0))), ""


def _needed(view: View, scale: str, kind: str) -> list[str]:
    """How many students' answers a trustworthy mean needs, where that could be told."""
    facts = [view.fact(scale, statistic, kind) for statistic in ("n_for_70", "n_for_80")]
    if any(fact is not None and fact.reason == "no_difference_between_groups" for fact in facts):
        return [view.words("facts.never_enough")]
    fair, good = (None if fact is None or fact.value is None else view.words.count(int(fact.value)) for fact in facts)
    return [] if fair is None or good is None else [view.words("facts.needed", fair=fair, good=good)]


def _share(view: View, fact: Fact) -> tuple[str, str]:
    value = fact.value or 0.0
    text = view.words.amount(value, "share")
    if 0 < value < 0.01:
        text = view.words("facts.under_one", share=view.words.amount(0.01, "share"))
    return text, _interval(view, fact, "share")


def _two_decimals(view: View, fact: Fact) -> tuple[str, str]:
    return view.words.number(fact.value or 0.0, 2), _interval(view, fact, "points")


def _interval(view: View, fact: Fact, unit: str) -> str:
    return "" if fact.low is None or fact.high is None else view.words.interval(fact.low, fact.high, unit)


def _consistency(value: float) -> str:
    return "good" if value >= GOOD_FROM else "fair" if value >= _LOOSE_UNDER else "poor"


def _mean(value: float) -> str:
    return "good" if value >= GOOD_FROM else "fair" if value >= POOR_UNDER else "poor"


def _end(value: float) -> str:
    return "fair" if value > _MANY_AT_END else "good"


def _careless(view: View, scale: str) -> list[str]:
    said = []
    for note in view.notes("careless", scale):
        difference, words = note["difference"], view.words
        if difference is None:
            said.append(words("facts.careless_not_told"))
        elif difference == 0:
            said.append(words("facts.careless_none", half=words.number(0.05, 2)))
        else:
            way = "higher" if difference > 0 else "lower"
            said.append(words(f"facts.careless_{way}", size=words.number(abs(difference), 1)))
    return said


def _direction(view: View, scale: str) -> list[tuple[str, str, str]]:
    """A sign, its word, and a sentence for each check of direction."""
    notes = {note["check"]: note for note in view.notes("direction", scale)}
    lines = []
    for check in CHECKS:
        if check in notes:
            note = notes[check]
            verdict = note["verdict"]
            said = " ".join([_finding(view, note), *_decisions(view, note), *_unchecked(view, note)])
            lines.append((_SIGNS[verdict], view.words(f"direction.{verdict}"), said))
    return lines


def _finding(view: View, note: Note) -> str:
    names = _names(view, note["items"] or note["against"])
    return view.words(f"direction.{note['check']}_{note['verdict']}", names=names)


def _decisions(view: View, note: Note) -> list[str]:
    return [
        view.words("direction.statement", date=view.words.day(one["date"]), reason=one["reason"])
        for one in note.get("statements", ())
    ]


def _unchecked(view: View, note: Note) -> list[str]:
    """What the survey asked and could not be held against; what it never asked is no news to a reader."""
    asked = [one for one in note["unchecked"] if one in _titles(view)]
    if note["verdict"] == "not_checked" or not asked:
        return []
    return [view.words("direction.unchecked", names=_names(view, asked))]


def _titles(view: View) -> dict[str, str]:
    book, words = view.released.codebook, view.words
    titles = {one["id"]: words.title(one.get("short"), one["id"]) for one in book["items"]}
    return titles | {one["id"]: words.title(one["title"], one["id"]) for one in book["scales"]}


def _names(view: View, ids: list[str]) -> str:
    """What items, scales and anchors are called; an id stands for itself where the release has no title of it."""
    words, titles = view.words, _titles(view)
    each = [one for joined in ids for one in joined.split(", ")]
    return words.listing([words("direction.name", name=titles.get(one, one)) for one in each])
