"""The sections that set units or groups side by side: breakdowns, and the schools of a district."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from connectedness.dashboard import figures
from connectedness.dashboard.parts import Block, Panel, Row, Table, TableCell, all_hidden, hidden_row
from connectedness.dashboard.reading import RESPONSE_RATE, Cell
from connectedness.dashboard.view import MeasureFacts, View
from connectedness.files import legal_name
from connectedness.tables import UNKNOWN

_STRUCTURAL = ("grade", "grade_band", "learning_mode")


def breakdown_blocks(view: View) -> list[Block]:
    """Each declared breakdown: the headline measures of its levels. None where all students are in one of them.

    The numbers of such a level are those of the whole unit, which stand above.
    """
    blocks = [_breakdown_block(view, breakdown) for breakdown in view.released.codebook["breakdowns"]]
    return [block for block in blocks if block is not None]


def everyone(view: View) -> str:
    """In one sentence, the grades and the way of learning that all students here share; empty where there are none."""
    found: dict[str, str] = {}
    for breakdown in view.released.codebook["breakdowns"]:
        levels = _levels(view, breakdown)
        if breakdown["id"] in _STRUCTURAL and _alone(view, breakdown["id"], levels) and levels[0] != UNKNOWN:
            found[breakdown["id"]] = _inside(view.level_title(breakdown, levels[0]))
    if "grade" in found:
        found.pop("grade_band", None)
    return view.words("groups.everyone", levels=", ".join(found.values())) if found else ""


def _inside(title: str) -> str:
    """A title inside a sentence: In person becomes in person, K to 3 stays."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _levels(view: View, breakdown: dict[str, Any]) -> list[str]:
    """Levels that the unit has at the latest wave, the declared ones first."""
    there = view.released.levels(view.kind, view.unit, breakdown["id"])
    declared = [level["id"] for level in breakdown["levels"] if level["id"] in there]
    levels = declared + sorted(there - set(declared))
    shown = [RESPONSE_RATE, *(measure["id"] for measure in view.compared)]
    return [one for one in levels if any(view.cell(m, breakdown["id"], one).status != "absent" for m in shown)]


def _alone(view: View, by: str, levels: list[str]) -> bool:
    """Whether one level holds all students, and is shown."""
    if len(levels) != 1:
        return False
    cells = [view.cell(one, by, levels[0]) for one in (RESPONSE_RATE, *(m["id"] for m in view.compared))]
    return not all(cell.hidden for cell in cells)


def _breakdown_block(view: View, breakdown: dict[str, Any]) -> Block | None:
    words, by = view.words, breakdown["id"]
    levels = _levels(view, breakdown)
    if not levels or _alone(view, by, levels):
        return None
    names = {level: view.level_title(breakdown, level) for level in levels}
    title = words.title(breakdown.get("title"), words(f"breakdown.{by}") if words.has(f"breakdown.{by}") else by)
    rows, hidden = [], 0
    for level in levels:
        cells = [_answered_cell(view, by, level)]
        cells += [view.table_cell(m, view.cell(m["id"], by, level)) for m in view.compared]
        hidden += all_hidden(cells)
        rows.append(hidden_row(names[level], len(cells)) if all_hidden(cells) else Row(names[level], tuple(cells)))
    sentences = [words("groups.all_hidden" if hidden == len(levels) else "groups.sentence")]
    sentences += [words("groups.some_hidden", n=hidden)] if 0 < hidden < len(levels) else []
    sentences += view.fairness(by) if hidden < len(levels) else []
    panels = () if hidden == len(levels) else tuple(
        _level_panel(view, by, i, measure, levels, names) for i, measure in enumerate(view.compared)
    )  # fmt: skip
    head = (title, words("table.answered"), *(view.measure_title(m) for m in view.compared))
    table = Table(words("groups.caption", breakdown=title.lower(), unit=view.title), head, tuple(rows))
    return Block(
        f"by-{legal_name(by)}", words("groups.title", breakdown=title.lower()), tuple(sentences), panels, table
    )


def _level_panel(view: View, by: str, i: int, measure: MeasureFacts, levels: list[str], names: dict[str, str]) -> Panel:
    cells = [view.cell(measure["id"], by, level) for level in levels]
    dots = [view.dot(names[level], measure, cell) for level, cell in zip(levels, cells, strict=True)]
    total = view.shown(measure, view.cell(measure["id"]))
    reference = figures.Reference(view.words("groups.total"), (total,)) if total is not None else None
    data = figures.dot_plot(dots, view.axis(measure), view.theme, reference)
    return Panel(f"{legal_name(by)}-{i}", view.measure_title(measure), data, _lines(view, measure, dots))


def _lines(view: View, measure: MeasureFacts, dots: list[figures.Dot]) -> str:
    said = [view.words("figure.line", label=dot.label, value=dot.text) for dot in dots]
    return f"{view.measure_title(measure)}: {'; '.join(said)}."


def _answered_cell(view: View, by: str, level: str) -> TableCell:
    cell = view.cell(RESPONSE_RATE, by, level)
    if cell.hidden:
        return TableCell(hidden=True)
    return TableCell("" if cell.n is None else view.words.count(cell.n), _rate(view, cell))


def _rate(view: View, cell: Cell) -> str:
    return "" if cell.value is None else view.words.amount(cell.value, "share")


def units_blocks(view: View) -> list[Block]:
    """For the district page: each type of unit below it, down to schools, in the order of their names."""
    kinds = view.released.survey["units"]
    wanted = kinds[1 : kinds.index("school") + 1] if "school" in kinds else kinds[1:]
    return [_units_block(view, kind) for kind in wanted if view.released.units(kind)]


def _units_block(view: View, kind: str) -> Block:
    words = view.words
    units = sorted(view.released.units(kind), key=lambda unit: natural(view.unit_title(unit)))
    rows, views = [], []
    for unit in units:
        one, name = view.of(kind, unit["unit"]), view.unit_title(unit)
        cells = [_answered_cell(one, "all", "all"), *(one.table_cell(m, one.cell(m["id"])) for m in view.compared)]
        page = kind == "school" and view.released.anything_shown(kind, unit["unit"])
        href = f"schools/{legal_name(unit['unit'])}/{page_name('index', words.language)}" if page else None
        absent = not any(cell.hidden or cell.text for cell in cells)
        nothing = all_hidden(cells) or (absent and not page)
        rows.append(hidden_row(name, len(cells), href) if nothing else Row(name, tuple(cells), href))
        views.append((name, one))
    panels = []
    for i, measure in enumerate(view.compared):
        dots = [one.dot(name, measure, one.cell(measure["id"])) for name, one in views]
        total = view.shown(measure, view.cell(measure["id"]))
        reference = figures.Reference(view.kind_title(view.kind), (total,)) if total is not None else None
        data = figures.dot_plot(dots, view.axis(measure), view.theme, reference)
        panels.append(Panel(f"{kind}-{i}", view.measure_title(measure), data, words("units.alt",
                      measure=view.measure_title(measure), n=len(dots))))  # fmt: skip
    hidden = sum(all_hidden(row.cells) for row in rows)
    sentences = [words("units.sentence")] + ([words("units.some_hidden", n=hidden)] if hidden else [])
    chance = [view.measure_title(m).lower() for m in view.compared if view.poor_means(m, kind)]
    sentences += [words("units.poor_means", measures=words.listing(chance))] if chance else []
    sentences += view.fairness(kind)
    head = (view.kind_title(kind), words("table.answered"), *(view.measure_title(m) for m in view.compared))
    title = words(f"units.{kind}") if words.has(f"units.{kind}") else view.kind_title(kind)
    table = Table(words("units.caption", unit=view.title), head, tuple(rows))
    return Block(kind, title, tuple(sentences), tuple(panels), table, open=True)


def natural(text: str) -> list[tuple[int, int | str]]:
    """Sorting key in which School 2 comes before School 10, and É beside E."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    parts = re.split(r"(\d+)", plain)
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts]


def page_name(name: str, language: str) -> str:
    """File name of a page: index.html, index.fr.html."""
    return f"{name}.html" if language == "en" else f"{name}.{language}.html"
