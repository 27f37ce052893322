"""Every figure, as the JSON that the page's script hands to plotly. The only place that knows plotly.

Axes run over the declared range, never over the data, so that no axis can tell where a hidden number lies. Values
are plain lists (plotly would pack arrays as base64), so what a page holds can be read in its source. Figures are put
together as dicts and checked whole by plotly: its piecewise updates take ten times as long.
"""

from __future__ import annotations

import html
import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import plotly.graph_objects as go

Theme = dict[str, Any]
Trace = dict[str, Any]
_SIZE = 13
_VALUE_COLUMN = 58  # room at the right for the numbers
_PLAIN_AXIS = {"showgrid": False, "zeroline": False, "automargin": True, "fixedrange": True}
_VARYING = {"x", "y", "x0", "x1", "text", "hovertext", "array", "arrayminus", "tickvals", "ticktext"}
_SILENT = {"hoverinfo": "skip", "showlegend": False}


@dataclass(frozen=True)
class Axis:
    """A declared range and its marks: position and text."""

    low: float
    high: float
    marks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Dot:
    """One line of a dot plot, or one wave of a trend. `text` is the number in words, or the mark if hidden."""

    label: str
    text: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    hover: str = ""
    reference: float | None = None


@dataclass(frozen=True)
class Reference:
    """What the others are seen against: a name, and one value or one a wave."""

    label: str
    values: tuple[float | None, ...]


def dot_plot(
    dots: Sequence[Dot], axis: Axis, theme: Theme, reference: Reference | None = None, narrow_below: int = 430
) -> str:
    """Dots with their intervals, one line each, in the order given.

    Parameters
    ----------
    dots
        Lines, from the top. A line without a value shows its text in place of a dot.
    reference
        One value for all lines, drawn as a vertical line; a line's own reference is drawn as an upright mark.
    narrow_below
        Width in pixels under which names stand above their lines instead of beside them.

    Returns
    -------
    str
        JSON with `data`, `layout`, and `narrow`: `below`, and the `layout` and further `data` of a narrow place.
    """
    rows = list(range(len(dots)))
    low, high = _ends(axis)
    shown = [row for row in rows if dots[row].value is not None]
    absent = [row for row in rows if dots[row].value is None]
    marked = [row for row in rows if dots[row].reference is not None]
    ink, quiet = theme["colour.ink"], theme["colour.quiet"]
    data = [_marks([dots[row].reference for row in marked], marked, theme)] if marked else []
    data.append(_points([dot.value for dot in dots], rows, dots, theme, "x"))
    data.append(_texts([high] * len(shown), shown, [dots[row].text for row in shown], ink, weight=700))
    if absent:
        marks = [_plain(dots[row].text) for row in absent]
        data.append(_texts([axis.low] * len(absent), absent, marks, quiet, style="italic"))
    names = _texts([low] * len(dots), [row - 0.38 for row in rows], [_plain(dot.label) for dot in dots], ink)
    wide = _dot_layout(dots, axis, theme, reference, wrap=max(19, narrow_below // 19))
    narrow = _dot_layout(dots, axis, theme, reference, wrap=None)
    _check(data, wide)
    _check([names], narrow)
    return _json(data, wide, narrow={"below": narrow_below, "data": [names], "layout": narrow})


def _dot_layout(
    dots: Sequence[Dot], axis: Axis, theme: Theme, reference: Reference | None, wrap: int | None
) -> dict[str, Any]:
    """Layout of a dot plot; `wrap` is the length of a line of a name, None where names stand above."""
    names = [] if wrap is None else [_wrapped(dot.label, wrap) for dot in dots]
    step = 48 if wrap is None else max(30, 17 * max(name.count("<br>") + 1 for name in names) + 10)
    top = 24 if reference else 6
    layout = _layout(theme, height=step * len(dots) + top + 30, top=top, right=_VALUE_COLUMN)
    layout["xaxis"] = _value_axis(axis, theme)
    layout["yaxis"] = {
        **_PLAIN_AXIS,
        "range": [len(dots) - 0.5, -0.65 if wrap is None else -0.5],
        "tickvals": list(range(len(names))),
        "ticktext": names,
        "ticklabelstandoff": 6,
    }
    if reference and reference.values[0] is not None:
        x, colour = reference.values[0], theme["colour.reference"]
        line = {"color": colour, "width": 1.5, "dash": "dot"}
        layout["shapes"] = [
            {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "layer": "below", "line": line}
        ]
        layout["annotations"] = [
            _note(_plain(reference.label), colour, x=x, y=1, yref="paper", yanchor="bottom", yshift=2)
        ]
    return layout


def trend(dots: Sequence[Dot], axis: Axis, theme: Theme, reference: Reference | None = None) -> str:
    """One measure over the waves, with its intervals; the line breaks where a wave is hidden."""
    waves = list(range(len(dots)))
    layout = _layout(theme, height=240, top=16, left=42, right=_VALUE_COLUMN if reference else 14)
    layout["yaxis"] = _value_axis(axis, theme)
    layout["xaxis"] = {
        **_PLAIN_AXIS,
        "range": [-0.45, len(dots) - 0.55],
        "tickvals": waves,
        "ticktext": [_wrapped(dot.label, 12) for dot in dots],
    }
    notes = [_trend_note(wave, dot, axis, reference, theme) for wave, dot in enumerate(dots)]
    data = []
    if reference:
        data.append(_reference_line(waves, reference, theme))
        if reference.values[-1] is not None:
            place: dict[str, Any] = {"x": 1, "xref": "paper", "y": reference.values[-1], "xanchor": "left", "xshift": 4}
            notes.append(_note(_plain(reference.label), theme["colour.reference"], **place))
    points = _points(waves, [dot.value for dot in dots], dots, theme, "y")
    line = {"color": theme["colour.accent"], "width": 2}
    data.append({**points, "mode": "lines+markers", "line": line, "connectgaps": False})
    layout["annotations"] = notes
    _check(data, layout)
    return _json(data, layout)


def _trend_note(wave: int, dot: Dot, axis: Axis, reference: Reference | None, theme: Theme) -> dict[str, Any]:
    """The number above its interval, or below it where the reference runs above; the mark if there is none."""
    if dot.value is None:
        words = _wrapped(dot.text, 12)
        return _note(words, theme["colour.quiet"], style="italic", x=wave, y=axis.low, yanchor="bottom", yshift=4)
    beside = reference.values[wave] if reference else None
    below = beside is not None and beside > dot.value
    end = dot.low if below else dot.high
    place: dict[str, Any] = {"yanchor": "top", "yshift": -3} if below else {"yanchor": "bottom", "yshift": 3}
    return _note(dot.text, theme["colour.ink"], weight=700, x=wave, y=dot.value if end is None else end, **place)


def _reference_line(waves: list[int], reference: Reference, theme: Theme) -> Trace:
    colour = theme["colour.reference"]
    return {
        "type": "scatter",
        "x": waves,
        "y": list(reference.values),
        "mode": "lines+markers",
        "line": {"color": colour, "width": 1.5, "dash": "dot"},
        "marker": {"symbol": "circle-open", "size": 6, "color": colour},
        **_SILENT,
    }


def strip(bars: Sequence[tuple[str, Sequence[Dot]]], theme: Theme) -> str:
    """Shares of the answers to one question: one bar a unit, its parts in the order of the answers."""
    layout = _layout(theme, height=68 * len(bars) + 8, top=2, left=2, right=2, bottom=2)
    layout |= {
        "barmode": "stack",
        "bargap": 0.5,
        "xaxis": {"range": [0, 1], "visible": False, "fixedrange": True},
        "yaxis": {"range": [len(bars) - 0.62, -0.72], "visible": False, "fixedrange": True},
        "annotations": [
            _note(_plain(label), theme["colour.ink"], x=0, xref="paper", y=row, yshift=28, xanchor="left")
            for row, (label, _) in enumerate(bars)
        ],
    }
    answers = max(len(parts) for _, parts in bars)
    data = [_answer([parts[i] for _, parts in bars], i, answers, theme) for i in range(answers)]
    _check(data, layout)
    return _json(data, layout)


def _answer(parts: Sequence[Dot], answer: int, answers: int, theme: Theme) -> Trace:
    """One answer's part of every bar, with its share in it where there is room."""
    colour = pick(answer, answers, len(theme["answers.fill"]))
    return {
        "type": "bar",
        "orientation": "h",
        "x": [part.value for part in parts],
        "y": list(range(len(parts))),
        "marker": {"color": theme["answers.fill"][colour], "line": {"color": theme["colour.card"], "width": 2}},
        "text": [part.text if (part.value or 0) >= 0.07 else "" for part in parts],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "textfont": {"color": theme["answers.ink"][colour], "size": _SIZE},
        "hovertext": [part.hover for part in parts],
        "hoverinfo": "text",
        "showlegend": False,
    }


def pick(answer: int, answers: int, colours: int) -> int:
    """Which of the declared colours an answer takes: spread over them, the first and last always used."""
    return round(answer * (colours - 1) / max(answers - 1, 1))


def _marks(x: list[Any], y: list[int], theme: Theme) -> Trace:
    colour = theme["colour.reference"]
    marker = {"symbol": "line-ns-open", "size": 11, "color": colour, "line": {"color": colour, "width": 2}}
    return {"type": "scatter", "x": x, "y": y, "mode": "markers", "marker": marker, **_SILENT}


def _texts(
    x: list[float], y: Sequence[float], text: list[str], colour: str, weight: int = 400, style: str = "normal"
) -> Trace:
    """Words beside the dots, as a trace: far shorter in the page than a note for each."""
    return {
        "type": "scatter",
        "x": x,
        "y": list(y),
        "text": text,
        "mode": "text",
        "textposition": "middle right",
        "cliponaxis": False,
        "textfont": {"color": colour, "size": _SIZE, "weight": weight, "style": style},
        **_SILENT,
    }


def _points(x: list[Any], y: list[Any], dots: Sequence[Dot], theme: Theme, along: str) -> Trace:
    """The dots and, along one axis, their intervals."""
    bars = {
        "type": "data",
        "symmetric": False,
        "array": [_gap(dot.high, dot.value) for dot in dots],
        "arrayminus": [_gap(dot.value, dot.low) for dot in dots],
        "color": theme["colour.interval"],
        "thickness": 5,
        "width": 0,
    }
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "mode": "markers",
        "marker": {"color": theme["colour.accent"], "size": 9},
        "hovertext": [_plain(dot.hover) for dot in dots],
        "hoverinfo": "text",
        "showlegend": False,
        f"error_{along}": bars,
    }


def _gap(upper: float | None, lower: float | None) -> float | None:
    return None if upper is None or lower is None else round(upper - lower, 6)


def _ends(axis: Axis) -> tuple[float, float]:
    room = (axis.high - axis.low) * 0.03  # so that a dot at the very end is whole
    return axis.low - room, axis.high + room


def _value_axis(axis: Axis, theme: Theme) -> dict[str, Any]:
    return {
        "range": list(_ends(axis)),
        "tickvals": [at for at, _ in axis.marks],
        "ticktext": [text for _, text in axis.marks],
        "gridcolor": theme["colour.line"],
        "tickfont": {"color": theme["colour.quiet"]},
        "zeroline": False,
        "fixedrange": True,
    }


def _note(text: str, colour: str, *, weight: int = 400, style: str = "normal", **place: Any) -> dict[str, Any]:
    # Never <b> or <i> in a text: plotly writes those as inline styles, which the page's policy refuses.
    font = {"color": colour, "size": _SIZE, "weight": weight, "style": style}
    return {"text": text, "showarrow": False, "font": font, **place}


def _layout(theme: Theme, *, height: int, top: int, right: int, left: int = 8, bottom: int = 30) -> dict[str, Any]:
    return {
        "height": height,
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 4},
        "font": {"family": theme["font"], "size": _SIZE, "color": theme["colour.ink"]},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {
            "bgcolor": theme["colour.ink"],
            "font": {"color": theme["colour.card"], "family": theme["font"]},
        },
        "hovermode": "closest",
        "dragmode": False,
    }


def _wrapped(text: str, width: int = 19) -> str:
    lines = textwrap.wrap(text, width, max_lines=3, placeholder="…", break_on_hyphens=False)
    return "<br>".join(_plain(line) for line in lines)


def _plain(text: str) -> str:
    """Text that plotly shows as it is: it reads <b>, <a> and the like in a name as its own markup."""
    return html.escape(text, quote=False)


def _check(data: list[Trace], layout: dict[str, Any]) -> None:
    """Let plotly read the figure, without the numbers and words in it: it raises on what it does not know.

    Most figures of a site differ in those alone, and plotly needs milliseconds for each, so each form is read once.
    """
    _read_by_plotly(json.dumps({"data": _form(data), "layout": _form(layout)}, sort_keys=True))


@lru_cache(maxsize=1024)
def _read_by_plotly(form: str) -> None:
    go.Figure(json.loads(form))


def _form(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _form(value) for key, value in part.items() if key not in _VARYING}
    return [_form(one) for one in part] if isinstance(part, list) else part


def _json(data: list[Trace], layout: dict[str, Any], **more: Any) -> str:
    drawn = {"data": data, "layout": layout, **more}
    return json.dumps(drawn, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
