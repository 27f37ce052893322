"""Every figure, as the JSON that the page's script hands to plotly. The only place that knows plotly.

Axes run over the declared range, never over the data, so that no axis can tell where a hidden number lies. Values
are plain lists (plotly would pack arrays as base64), so what a page holds can be read in its source.
"""

from __future__ import annotations

import html
import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

Theme = dict[str, Any]
_SIZE = 13
_VALUE_COLUMN = 58  # room at the right for the numbers


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
    figure = go.Figure()
    marked = [row for row in rows if dots[row].reference is not None]
    if marked:
        figure.add_trace(_marks([dots[row].reference for row in marked], marked, theme))
    figure.add_trace(_points([dot.value for dot in dots], rows, dots, theme, "x"))
    shown = [row for row in rows if dots[row].value is not None]
    figure.add_trace(
        _texts([high] * len(shown), shown, [dots[row].text for row in shown], theme["colour.ink"], weight=700)
    )
    absent = [row for row in rows if dots[row].value is None]
    if absent:
        figure.add_trace(
            _texts([low] * len(absent), absent, [_plain(dots[row].text) for row in absent], theme["colour.quiet"],
                   style="italic")
        )  # fmt: skip
    names = _texts([low] * len(dots), [row - 0.38 for row in rows], [_plain(dot.label) for dot in dots],
                   theme["colour.ink"])  # fmt: skip
    drawn = _figure(figure)
    wrap = max(19, narrow_below // 19)
    drawn["layout"] = _dot_layout(dots, axis, theme, reference, wrap)
    drawn["narrow"] = {
        "below": narrow_below,
        "data": _figure(go.Figure(names))["data"],
        "layout": _dot_layout(dots, axis, theme, reference, None),
    }
    return _json(drawn)


def _dot_layout(
    dots: Sequence[Dot], axis: Axis, theme: Theme, reference: Reference | None, wrap: int | None
) -> dict[str, Any]:
    """Layout of a dot plot; `wrap` is the length of a line of a name, None where names stand above."""
    above = wrap is None
    names = [] if wrap is None else [_wrapped(dot.label, wrap) for dot in dots]
    step = 48 if above else max(30, 17 * max(name.count("<br>") + 1 for name in names) + 10)
    top = 24 if reference else 6
    figure = go.Figure(layout=_layout(theme, height=step * len(dots) + top + 30, top=top, right=_VALUE_COLUMN))
    if reference and reference.values[0] is not None:
        _reference_line(figure, reference, theme)
    _value_axis(figure, "x", axis, theme)
    figure.update_yaxes(
        range=[len(dots) - 0.5, -0.65 if above else -0.5],
        tickvals=list(range(len(names))), ticktext=names,
        showgrid=False, zeroline=False, automargin=True, fixedrange=True, ticklabelstandoff=6,
    )  # fmt: skip
    layout: dict[str, Any] = _figure(figure)["layout"]
    return layout


def trend(dots: Sequence[Dot], axis: Axis, theme: Theme, reference: Reference | None = None) -> str:
    """One measure over the waves, with its intervals; the line breaks where a wave is hidden."""
    figure = go.Figure(layout=_layout(theme, height=240, top=16, left=42, right=_VALUE_COLUMN if reference else 14))
    waves = list(range(len(dots)))
    if reference:
        figure.add_trace(
            go.Scatter(
                x=waves, y=list(reference.values), mode="lines+markers", hoverinfo="skip", showlegend=False,
                line={"color": theme["colour.reference"], "width": 1.5, "dash": "dot"},
                marker={"symbol": "circle-open", "size": 6, "color": theme["colour.reference"]},
            )
        )  # fmt: skip
        if reference.values[-1] is not None:
            _note(figure, _plain(reference.label), theme["colour.reference"], x=1, xref="paper", y=reference.values[-1],
                  xanchor="left", xshift=4)  # fmt: skip
    points = _points(waves, [dot.value for dot in dots], dots, theme, "y")
    points.update(mode="lines+markers", line={"color": theme["colour.accent"], "width": 2}, connectgaps=False)
    figure.add_trace(points)
    for wave, dot in enumerate(dots):
        if dot.value is None:
            _note(figure, _wrapped(dot.text, 12), theme["colour.quiet"], style="italic", x=wave, y=axis.low,
                  yanchor="bottom", yshift=4)  # fmt: skip
        else:
            _trend_label(figure, wave, dot, reference, theme)
    _value_axis(figure, "y", axis, theme)
    figure.update_xaxes(
        range=[-0.45, len(dots) - 0.55], tickvals=waves, ticktext=[_wrapped(dot.label, 12) for dot in dots],
        showgrid=False, zeroline=False, fixedrange=True, automargin=True,
    )  # fmt: skip
    return _json(_figure(figure))


def _trend_label(figure: go.Figure, wave: int, dot: Dot, reference: Reference | None, theme: Theme) -> None:
    """The number above its interval; below it where the reference runs above."""
    beside = reference.values[wave] if reference else None
    below = beside is not None and dot.value is not None and beside > dot.value
    end = dot.low if below else dot.high
    _note(figure, dot.text, theme["colour.ink"], weight=700, x=wave, y=dot.value if end is None else end,
          yanchor="top" if below else "bottom", yshift=-3 if below else 3)  # fmt: skip


def strip(bars: Sequence[tuple[str, Sequence[Dot]]], theme: Theme) -> str:
    """Shares of the answers to one question: one bar a unit, its parts in the order of the answers."""
    fills, inks = theme["answers.fill"], theme["answers.ink"]
    figure = go.Figure(layout=_layout(theme, height=68 * len(bars) + 8, top=2, left=2, right=2, bottom=2))
    figure.update_layout(barmode="stack", bargap=0.5)
    answers = max(len(parts) for _, parts in bars)
    for answer in range(answers):
        colour = pick(answer, answers, len(fills))
        parts = [parts[answer] for _, parts in bars]
        figure.add_trace(
            go.Bar(
                x=[part.value for part in parts], y=list(range(len(bars))), orientation="h", showlegend=False,
                marker={"color": fills[colour], "line": {"color": theme["colour.card"], "width": 2}},
                text=[part.text if (part.value or 0) >= 0.07 else "" for part in parts],
                textposition="inside", insidetextanchor="middle", textangle=0, constraintext="none",
                textfont={"color": inks[colour], "size": 14},
                hovertext=[part.hover for part in parts], hoverinfo="text",
            )
        )  # fmt: skip
    for row, (label, _) in enumerate(bars):
        _note(figure, _plain(label), theme["colour.ink"], x=0, xref="paper", y=row, yshift=28, xanchor="left")
    figure.update_xaxes(range=[0, 1], visible=False, fixedrange=True)
    figure.update_yaxes(range=[len(bars) - 0.62, -0.72], visible=False, fixedrange=True)
    return _json(_figure(figure))


def pick(answer: int, answers: int, colours: int) -> int:
    """Which of the declared colours an answer takes: spread over them, the first and last always used."""
    return round(answer * (colours - 1) / max(answers - 1, 1))


def _marks(x: list[Any], y: list[int], theme: Theme) -> go.Scatter:
    colour = theme["colour.reference"]
    return go.Scatter(
        x=x, y=y, mode="markers", hoverinfo="skip", showlegend=False,
        marker={"symbol": "line-ns-open", "size": 11, "color": colour, "line": {"color": colour, "width": 2}},
    )  # fmt: skip


def _texts(
    x: list[float], y: Sequence[float], text: list[str], colour: str, weight: int = 400, style: str = "normal"
) -> go.Scatter:
    """Words beside the dots, as a trace: far shorter in the page than a note for each."""
    return go.Scatter(
        x=x, y=list(y), text=text, mode="text", textposition="middle right", cliponaxis=False, hoverinfo="skip",
        showlegend=False, textfont={"color": colour, "size": _SIZE, "weight": weight, "style": style},
    )  # fmt: skip


def _ends(axis: Axis) -> tuple[float, float]:
    room = (axis.high - axis.low) * 0.03  # so that a dot at the very end is whole
    return axis.low - room, axis.high + room


def _points(x: list[Any], y: list[Any], dots: Sequence[Dot], theme: Theme, along: str) -> go.Scatter:
    bars = {
        "type": "data",
        "symmetric": False,
        "array": [_gap(dot.high, dot.value) for dot in dots],
        "arrayminus": [_gap(dot.value, dot.low) for dot in dots],
        "color": theme["colour.interval"],
        "thickness": 5,
        "width": 0,
    }
    return go.Scatter(
        x=x, y=y, mode="markers", showlegend=False, marker={"color": theme["colour.accent"], "size": 9},
        hovertext=[dot.hover for dot in dots], hoverinfo="text", **{f"error_{along}": bars},
    )  # fmt: skip


def _gap(upper: float | None, lower: float | None) -> float | None:
    return None if upper is None or lower is None else round(upper - lower, 6)


def _reference_line(figure: go.Figure, reference: Reference, theme: Theme) -> None:
    x, colour = reference.values[0], theme["colour.reference"]
    figure.add_shape(type="line", x0=x, x1=x, y0=0, y1=1, yref="paper", layer="below",
                     line={"color": colour, "width": 1.5, "dash": "dot"})  # fmt: skip
    _note(figure, _plain(reference.label), colour, x=x, y=1, yref="paper", yanchor="bottom", yshift=2)


def _value_axis(figure: go.Figure, along: str, axis: Axis, theme: Theme) -> None:
    figure.update_layout({
        f"{along}axis": {
            "range": list(_ends(axis)),
            "tickvals": [at for at, _ in axis.marks],
            "ticktext": [text for _, text in axis.marks],
            "gridcolor": theme["colour.line"],
            "tickfont": {"color": theme["colour.quiet"]},
            "zeroline": False,
            "fixedrange": True,
        }
    })  # fmt: skip


def _note(figure: go.Figure, text: str, colour: str, *, weight: int = 400, style: str = "normal", **place: Any) -> None:
    # Never <b> or <i> in a text: plotly writes those as inline styles, which the page's policy refuses.
    font = {"color": colour, "size": _SIZE, "weight": weight, "style": style}
    figure.add_annotation(text=text, showarrow=False, font=font, **place)


def _layout(theme: Theme, *, height: int, top: int, right: int, left: int = 8, bottom: int = 30) -> go.Layout:
    return go.Layout(
        template=go.layout.Template(),
        height=height,
        margin={"l": left, "r": right, "t": top, "b": bottom, "pad": 4},
        font={"family": theme["font"], "size": _SIZE, "color": theme["colour.ink"]},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hoverlabel={"bgcolor": theme["colour.ink"], "font": {"color": theme["colour.card"], "family": theme["font"]}},
        hovermode="closest",
        dragmode=False,
    )


def _wrapped(text: str, width: int = 19) -> str:
    return "<br>".join(_plain(line) for line in textwrap.wrap(text, width, max_lines=3, placeholder="…"))


def _plain(text: str) -> str:
    """Text that plotly shows as it is: it reads <b>, <a> and the like in a name as its own markup."""
    return html.escape(text, quote=False)


def _figure(figure: go.Figure) -> dict[str, Any]:
    """A figure as plotly writes it, checked, without its empty template."""
    drawn: dict[str, Any] = json.loads(figure.to_json())
    drawn["layout"].pop("template", None)
    return drawn


def _json(drawn: dict[str, Any]) -> str:
    return json.dumps(drawn, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
