"""The sections about one unit: trend, adults, practices. Each is words, figures and a table."""

from __future__ import annotations

from typing import Any

from connectedness.dashboard import figures
from connectedness.dashboard.cards import verdict
from connectedness.dashboard.parts import Block, Panel, Row, Table, TableCell, all_hidden, hidden_row
from connectedness.dashboard.view import MeasureFacts, View


def trend_block(view: View) -> Block | None:
    """Each headline measure over the waves of the release."""
    if len(view.waves) < 2 or not view.compared:
        return None
    panels = tuple(_trend_panel(view, i, measure) for i, measure in enumerate(view.compared))
    words = view.words
    head = (words("table.measure"), *(view.wave_title(wave) for wave in view.waves), words("table.change"))
    rows = []
    for measure in view.compared:
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
