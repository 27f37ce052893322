"""The sections of a page: trend, adults, practices, groups, schools. Each is words, figures and a table."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from connectedness.dashboard import figures
from connectedness.dashboard.cards import verdict
from connectedness.dashboard.reading import RESPONSE_RATE, Cell
from connectedness.dashboard.view import Block, MeasureFacts, Panel, Row, Table, TableCell, View, all_hidden, hidden_row
from connectedness.files import legal_name


def trend_block(view: View) -> Block | None:
    """Each headline measure over the waves of the release."""
    if len(view.waves) < 2:
        return None
    panels = tuple(_trend_panel(view, i, measure) for i, measure in enumerate(view.headline))
    words = view.words
    head = (words("table.measure"), *(view.wave_title(wave) for wave in view.waves), words("table.change"))
    rows = []
    for measure in view.headline:
        cells = [view.table_cell(measure, view.cell(measure["id"], wave=wave["id"])) for wave in view.waves]
        said = verdict(view, measure)
        cells.append(TableCell(hidden=True) if said.kind == "hidden" else TableCell(said.label))
        title = view.measure_title(measure)
        rows.append(hidden_row(title, len(cells)) if all_hidden(cells) else Row(title, tuple(cells)))
    sentences = [words("trend.how")]
    if not view.is_widest:
        sentences.append(words("trend.reference", kind=view.kind_title(view.district.kind).lower()))
    table = Table(words("trend.caption", unit=view.title), head, tuple(rows))
    return Block("trend", words("trend.title"), tuple(sentences), panels, table, notes=_events(view))


def _trend_panel(view: View, i: int, measure: MeasureFacts) -> Panel:
    words, title = view.words, view.measure_title(measure)
    cells = [view.cell(measure["id"], wave=wave["id"]) for wave in view.waves]
    dots = [view.dot(view.wave_title(wave), measure, cell) for wave, cell in zip(view.waves, cells, strict=True)]
    reference = None
    if not view.is_widest:
        values = tuple(view.shown(measure, view.district.cell(measure["id"], wave=wave["id"])) for wave in view.waves)
        reference = figures.Reference(view.kind_title(view.district.kind), values)
    said = words.listing([words("trend.point", value=dot.text, wave=dot.label) for dot in dots])
    alt = f"{title}: {said}. {verdict(view, measure).sentence}"
    return Panel(f"trend-{i}", title, figures.trend(dots, view.axis(measure), view.theme, reference), alt)


def _events(view: View) -> tuple[str, ...]:
    events = [e for e in view.released.codebook["events"] if e["school"] is None or _is_school(view, e["school"])]
    lines = [
        view.words("event.line", date=view.words.day(event["date"]), note=view.words.title(event["note"]))
        for event in sorted(events, key=lambda event: event["date"])
    ]
    return (view.words("event.caution"), *lines) if lines else ()


def _is_school(view: View, school: str) -> bool:
    return (view.kind, view.unit) == ("school", school)


def adults_blocks(view: View) -> list[Block]:
    """For each single question with a declared order of answers: the share giving each answer."""
    blocks = []
    for item in view.released.codebook["items"]:
        measures = [view.measures.get(f"share:{item['id']}:{code['code']}") for code in item["codes"]]
        if item["kind"] == "indicator" and all(measures):
            blocks.append(_answers_block(view, item, [m for m in measures if m]))
    return blocks


def _answers_block(view: View, item: dict[str, Any], measures: list[MeasureFacts]) -> Block:
    words, views = view.words, [view] if view.is_widest else [view, view.district]
    labels = [words.title(code.get("label"), str(code["code"])) for code in item["codes"]]
    bars, rows = [], []
    for one in views:
        cells = [one.cell(measure["id"]) for measure in measures]
        dots = [one.dot(label, m, cell) for label, m, cell in zip(labels, measures, cells, strict=True)]
        if all(cell.shown for cell in cells):
            bars.append((one.title, dots))
        shown = [one.table_cell(m, cell) for m, cell in zip(measures, cells, strict=True)]
        rows.append(hidden_row(one.title, len(shown)) if all_hidden(shown) else Row(one.title, tuple(shown)))
    title = words.title(item.get("short"), words.title(item.get("text"), item["id"]))
    own = [view.cell(m["id"]) for m in measures]
    said = [words("answers.part", value=view.value(m, c), label=label.lower())
            for m, c, label in zip(measures, own, labels, strict=True)]  # fmt: skip
    sentence = words("answers.hidden") if own[0].hidden else words("answers.sentence", parts=words.listing(said))
    question = words.title(item.get("text"))
    colours = len(view.theme["answers.fill"])
    key = tuple((figures.pick(i, len(labels), colours), label) for i, label in enumerate(labels))
    panel = Panel(f"{item['id']}-bars", "", figures.strip(bars, view.theme), sentence) if bars else None
    lines = (words("answers.question", text=question),) if question else ()
    table = Table(words("answers.caption", title=title), (words("table.unit"), *labels), tuple(rows))
    return Block(f"answers-{item['id']}", title, (sentence, *lines, *_at_least(view, item["id"])),
                 (panel,) if panel else (), table, key=key if panel else (), wide=True)  # fmt: skip


def _at_least(view: View, item: str) -> list[str]:
    said = []
    for measure in view.at_least:
        cell = view.cell(measure["id"])
        if measure["item"] == item and cell.shown:
            title, interval = view.measure_title(measure), view.interval(measure, cell)
            said.append(view.words("answers.at_least", title=title, value=view.value(measure, cell), interval=interval))
    return said


def practices_block(view: View) -> Block | None:
    """What students said they experienced, the most common first, the hidden ones last."""
    items = {item["id"]: item for item in view.released.codebook["items"] if item["kind"] == "practice"}
    measures = [m for m in view.measures.values() if m["statistic"] == "share_favourable" and m["item"] in items]
    measures = [m for m in measures if m["kind"] == "share"]
    if not measures:
        return None
    words = view.words

    def name(measure: MeasureFacts) -> str:
        return words.title(items[measure["item"]].get("short"), view.measure_title(measure))

    ordered = sorted(measures, key=lambda m: (-(view.shown(m, view.cell(m["id"])) or -1), name(m)))
    dots, rows = [], []
    for measure in ordered:
        cell, district = view.cell(measure["id"]), view.district.cell(measure["id"])
        dots.append(view.dot(name(measure), measure, cell, cell if view.is_widest else district))
        cells = [view.table_cell(measure, cell)]
        cells += [] if view.is_widest else [view.district.table_cell(measure, district)]
        rows.append(Row(name(measure), tuple(cells)))
    if view.is_widest:
        dots = [figures.Dot(d.label, d.text, d.value, d.low, d.high, d.hover) for d in dots]
    head = [words("table.practice"), view.title] + ([] if view.is_widest else [view.district.title])
    shown = [dot for dot in dots if dot.value is not None]
    sentence = words("practices.hidden")
    if shown:
        first, last = shown[0], shown[-1]
        sentence = words("practices.sentence", most=first.label, most_value=first.text, least=last.label,
                         least_value=last.text)  # fmt: skip
    sentences = [sentence, words("practices.how")]
    if not view.is_widest:
        sentences.append(words("practices.reference", kind=view.kind_title(view.district.kind).lower()))
    data = figures.dot_plot(dots, view.axis(ordered[0]), view.theme, narrow_below=640)
    table = Table(words("practices.caption", unit=view.title), tuple(head), tuple(rows))
    return Block("practices", words("practices.title"), tuple(sentences),
                 (Panel("practices-dots", "", data, sentence),), table, wide=True)  # fmt: skip


def breakdown_blocks(view: View) -> list[Block]:
    """Each declared breakdown: the headline measures of its levels."""
    blocks = [_breakdown_block(view, breakdown) for breakdown in view.released.codebook["breakdowns"]]
    return [block for block in blocks if block is not None]


def _breakdown_block(view: View, breakdown: dict[str, Any]) -> Block | None:
    words, by = view.words, breakdown["id"]
    there = view.released.levels(view.kind, view.unit, by)
    declared = [level["id"] for level in breakdown["levels"] if level["id"] in there]
    levels = declared + sorted(there - set(declared))
    levels = [one for one in levels if any(view.cell(m["id"], by, one).status != "absent" for m in view.headline)]
    if not levels:
        return None
    names = {level: view.level_title(breakdown, level) for level in levels}
    title = words.title(breakdown.get("title"), words(f"breakdown.{by}") if words.has(f"breakdown.{by}") else by)
    rows, hidden = [], 0
    for level in levels:
        cells = [_answered_cell(view, by, level)]
        cells += [view.table_cell(m, view.cell(m["id"], by, level)) for m in view.headline]
        hidden += all_hidden(cells)
        rows.append(hidden_row(names[level], len(cells)) if all_hidden(cells) else Row(names[level], tuple(cells)))
    alone = len(levels) == 1 and not hidden
    key = "groups.all_hidden" if hidden == len(levels) else "groups.one" if alone else "groups.sentence"
    sentence = words(key, level=names[levels[0]])
    sentences = [sentence] + ([words("groups.some_hidden", n=hidden)] if 0 < hidden < len(levels) else [])
    panels = () if hidden == len(levels) else tuple(
        _level_panel(view, by, i, measure, levels, names) for i, measure in enumerate(view.headline)
    )  # fmt: skip
    head = (title, words("table.answered"), *(view.measure_title(m) for m in view.headline))
    table = Table(words("groups.caption", breakdown=title.lower(), unit=view.title), head, tuple(rows))
    if alone:  # its numbers are those of the whole unit, which stand above
        return Block(f"by-{legal_name(by)}", words("groups.title", breakdown=title.lower()), (sentence,), (), None)
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
        cells = [_answered_cell(one, "all", "all"), *(one.table_cell(m, one.cell(m["id"])) for m in view.headline)]
        page = kind == "school" and view.released.anything_shown(kind, unit["unit"])
        href = f"schools/{legal_name(unit['unit'])}/{page_name('index', words.language)}" if page else None
        absent = not any(cell.hidden or cell.text for cell in cells)
        nothing = all_hidden(cells) or (absent and not page)
        rows.append(hidden_row(name, len(cells), href) if nothing else Row(name, tuple(cells), href))
        views.append((name, one))
    panels = []
    for i, measure in enumerate(view.headline):
        dots = [one.dot(name, measure, one.cell(measure["id"])) for name, one in views]
        total = view.shown(measure, view.cell(measure["id"]))
        reference = figures.Reference(view.kind_title(view.kind), (total,)) if total is not None else None
        data = figures.dot_plot(dots, view.axis(measure), view.theme, reference)
        panels.append(Panel(f"{kind}-{i}", view.measure_title(measure), data, words("units.alt",
                      measure=view.measure_title(measure), n=len(dots))))  # fmt: skip
    hidden = sum(all_hidden(row.cells) for row in rows)
    sentences = [words("units.sentence")] + ([words("units.some_hidden", n=hidden)] if hidden else [])
    head = (view.kind_title(kind), words("table.answered"), *(view.measure_title(m) for m in view.headline))
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
