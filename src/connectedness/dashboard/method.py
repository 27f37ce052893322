"""The method page: how each score is made and how well it works; no number of any student or school."""

from __future__ import annotations

from typing import Any

from connectedness.dashboard.parts import Row, Table, TableCell
from connectedness.dashboard.scale_facts import scale_facts
from connectedness.dashboard.view import View


def method(view: View) -> dict[str, Any]:
    """What the method page says, from the codebook and from facts of the whole district."""
    book, words = view.released.codebook, view.words
    policy = book["policy"]
    singles = [item for item in book["items"] if item["kind"] in ("indicator", "practice")]
    return {
        "scales": [_scale(view, scale) for scale in book["scales"]],
        "singles": _singles(view, singles) if singles else None,
        "hiding": [
            words("method.hide_minimum", minimum=view.minimum),
            words("method.hide_more"),
            words("method.hide_change"),
            words("method.hide_small", small=policy["small"]),
            words("method.hide_careless", minimum=view.minimum),
            words("method.hide_mark", mark=view.hidden),
        ],
        "policy": words("method.policy", policy=policy["id"], version=policy["version"],
                        audience=words(f"audience.{book['audience']}")),
        "instruments": [_instrument(view, one) for one in book["instruments"]],
        "waves": _waves(view),
    }  # fmt: skip


def _scale(view: View, scale: dict[str, Any]) -> dict[str, Any]:
    words = view.words
    items = {item["id"]: item for item in view.released.codebook["items"]}
    own = [items[one] for one in scale["items"] if one in items]
    low, high = (words.number(end, 0) for end in scale["range"])
    turned = [item for item in own if item["reversed"]]
    facts = [
        words("method.scale_mean", low=low, high=high),
        words("method.scale_minimum", n=scale["min_answered"], items=len(scale["items"])),
        words("method.scale_turned", n=len(turned)) if turned else words("method.scale_none_turned"),
    ]
    rows = tuple(Row(_item_text(view, item), (TableCell(_direction(view, item)), TableCell(_points(view, item))))
                 for item in own)  # fmt: skip
    head = (words("method.item"), words("method.direction"), words("method.points"))
    title = words.title(scale["title"], scale["id"])
    return {
        "id": scale["id"],
        "title": title,
        "description": words.title(scale["description"]),
        "facts": facts,
        "table": Table(words("method.scale_caption", title=title), head, rows),
        "works": scale_facts(view, scale),
    }


def _item_text(view: View, item: dict[str, Any]) -> str:
    text = view.words.title(item.get("text"))
    return text or view.words("method.no_words", item=view.words.title(item.get("short"), item["id"]))


def _direction(view: View, item: dict[str, Any]) -> str:
    """Why a high code earns many points, or few: the statement's direction and the order of the codes."""
    return view.words(f"method.{item['polarity']}_{'turned' if item['reversed'] else 'as_is'}")


def _points(view: View, item: dict[str, Any]) -> str:
    words = view.words
    parts = []
    for code in item["codes"]:
        if code.get("points") is not None:
            label = words.title(code.get("label"), words("method.code", code=code["code"]))
            favourable = words("method.is_favourable") if code["code"] in (item["favourable"] or ()) else ""
            parts.append(f"{label}: {words.number(code['points'], 0)}{favourable}")
    return "; ".join(parts)


def _singles(view: View, items: list[dict[str, Any]]) -> Table:
    words = view.words
    rows = []
    for item in items:
        labels = [words.title(code.get("label"), str(code["code"])) for code in item["codes"]]
        rows.append(Row(_item_text(view, item), (TableCell("; ".join(labels)),)))
    return Table(words("method.singles_caption"), (words("method.item"), words("method.answers")), tuple(rows))


def _instrument(view: View, one: dict[str, Any]) -> dict[str, Any]:
    words = view.words
    sources = one["source"] if isinstance(one["source"], list) else [one["source"]]
    return {
        "title": words.title(one["title"], one["pinned"]),
        "pinned": one["pinned"],
        "standing": words.title(one["standing"]) if isinstance(one["standing"], dict) else one["standing"],
        "source": sources,
        "terms": one["licence"]["terms"],
        "hash": one["sha256"],
    }


def _waves(view: View) -> Table:
    words, rows = view.words, []
    for wave in view.waves:
        start, end = (words.day(str(day)) for day in wave["window"])
        before = wave.get("compared_with")
        rows.append(
            Row(
                view.wave_title(wave),
                (
                    TableCell(words("method.window", start=start, end=end)),
                    TableCell(", ".join(wave["instruments"])),
                    TableCell(view.wave_title(before) if before else words("method.compared_none")),
                    TableCell(words("method.closed" if wave["closed"] else "method.open")),
                ),
            )
        )
    head = tuple(words(f"method.{one}") for one in ("wave", "asked", "with", "compared", "state"))
    return Table(words("method.waves_caption"), head, tuple(rows))
