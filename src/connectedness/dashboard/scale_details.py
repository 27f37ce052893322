"""For the method page, under a fold: how the statements of a score fit together, and each statement by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectedness.dashboard.parts import Row, Table, TableCell
from connectedness.dashboard.reading import Fact
from connectedness.dashboard.view import GOOD_FROM, POOR_UNDER, View

Judge = Callable[[float], str]


def scale_details(view: View, scale: dict[str, Any], title: str) -> dict[str, Any] | None:
    """What stands under the fold of one scale; None where the release has nothing of it."""
    words = view.words
    head = tuple(words(f"facts.{one}") for one in ("what", "figure", "sign", "meaning"))
    fit, items = tuple(_fit(view, scale["id"])), tuple(_items(view, scale))
    if not fit and not items:
        return None
    item_head = tuple(words(f"facts.{one}") for one in ("item", "item_rest", "item_deleted", "item_missing"))
    return {
        "summary": words("facts.more", title=title),
        "fit": Table(words("facts.fit_caption", title=title), head, fit) if fit else None,
        "statements": Table(words("facts.items_caption", title=title), item_head, items) if items else None,
        "items_are": words("facts.items_are", least=words.number(_REST_FROM, 2)),
    }


def _fit(view: View, scale: str) -> list[Row]:
    rows = [
        fact_row(view, scale, "mean_inter_item_r", _two_decimals, _apart),
        fact_row(view, scale, "cfi", _three_decimals, _index),
        fact_row(view, scale, "tli", _three_decimals, _index),
        fact_row(view, scale, "rmsea", _three_decimals, _up_to(0.06, 0.08)),
        fact_row(view, scale, "srmr", _three_decimals, _up_to(0.08, 0.10)),
    ]
    rows += [
        fact_row(view, scale, "rwg_j_median", _two_decimals, _agreement, kind)
        for kind in view.released.survey["units"][1:]
    ]
    return [row for row in rows if row is not None]


def fact_row(
    view: View,
    scale: str,
    statistic: str,
    write: Callable[[View, Fact], tuple[str, str]],
    judge: Judge | None = None,
    kind: str = "",
    more: Callable[[View, str, str], list[str]] | None = None,
) -> Row | None:
    """A line of a table of facts: figure, sign, and what it means; None where the release has no such fact."""
    fact, words = view.fact(scale, statistic, kind), view.words
    if fact is None:
        return None
    unit = view.kind_title(kind).lower() if kind else ""
    said = [words(f"facts.{statistic}_is", kind=unit), *(more(view, scale, kind) if more else ())]
    head, meaning = words(f"facts.{statistic}", kind=unit), TableCell(" ".join(said))
    if fact.hidden:
        return Row(head, (TableCell(hidden=True), TableCell(), meaning))
    if fact.value is None:
        return Row(head, (TableCell(_why(view, fact)), TableCell(), meaning))
    sign = judge(fact.value) if judge else ""
    shown = TableCell(words(f"facts.sign_{sign}"), sign=sign) if sign else TableCell()
    return Row(head, (TableCell(*write(view, fact)), shown, meaning))


def _why(view: View, fact: Fact) -> str:
    key = f"facts.no_{fact.reason}"
    return view.words(key if view.words.has(key) else "facts.no_value")


def _items(view: View, scale: dict[str, Any]) -> list[Row]:
    titles = {one["id"]: view.words.title(one.get("short"), one["id"]) for one in view.released.codebook["items"]}
    rows = []
    for item in scale["items"]:
        found = [view.fact(scale["id"], one, item=item) for one in ("item_rest_r", "alpha_if_deleted", "missing_share")]
        if any(fact is not None for fact in found):
            writers = (_two_decimals, _two_decimals, _percent)
            cells = tuple(_item_cell(view, fact, write) for fact, write in zip(found, writers, strict=True))
            rows.append(Row(titles.get(item, item), cells))
    return rows


def _item_cell(view: View, fact: Fact | None, write: Callable[[View, Fact], tuple[str, str]]) -> TableCell:
    if fact is None or fact.hidden:
        return TableCell(hidden=fact is not None)
    return TableCell(_why(view, fact)) if fact.value is None else TableCell(*write(view, fact))


def _two_decimals(view: View, fact: Fact) -> tuple[str, str]:
    return _decimals(view, fact, 2)


def _three_decimals(view: View, fact: Fact) -> tuple[str, str]:
    return _decimals(view, fact, 3)


def _decimals(view: View, fact: Fact, digits: int) -> tuple[str, str]:
    text = view.words.number(fact.value or 0.0, digits)
    if fact.low is None or fact.high is None:
        return text, ""
    return text, view.words.interval(fact.low, fact.high, "points", digits)


def _percent(view: View, fact: Fact) -> tuple[str, str]:
    value = fact.value or 0.0
    if 0 < value < 0.01:
        return view.words("facts.under_one", share=view.words.amount(0.01, "share")), ""
    return view.words.amount(value, "share"), ""


# Under 0.30 a statement says little of what the others say: Nunnally & Bernstein (1994), Psychometric theory.
_REST_FROM = 0.30


def _apart(value: float) -> str:
    """From 0.15 to 0.50: Clark & Watson (1995), doi 10.1037/1040-3590.7.3.309."""
    return "good" if 0.15 <= value <= 0.50 else "fair" if value > 0.50 else "poor"


def _index(value: float) -> str:
    """0.95 after Hu & Bentler (1999), doi 10.1080/10705519909540118; under 0.90 is poor."""
    return "good" if value >= 0.95 else "fair" if value >= 0.90 else "poor"


def _up_to(good: float, fair: float) -> Judge:
    """RMSEA .06 and SRMR .08 after Hu & Bentler (1999); fair up to .08 and .10."""
    return lambda value: "good" if value <= good else "fair" if value <= fair else "poor"


def _agreement(value: float) -> str:
    """LeBreton & Senter (2008), doi 10.1177/1094428106296642."""
    return "good" if value >= GOOD_FROM else "fair" if value >= POOR_UNDER else "poor"
