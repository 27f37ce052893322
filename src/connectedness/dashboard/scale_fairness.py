"""For the method page: may groups be compared on a score? What was found of items and of the whole score."""

from __future__ import annotations

from connectedness.dashboard.view import View

Line = tuple[str, str, str]
_SIGNS = {"caution": "fair", "none": "good"}


def fairness_lines(view: View, scale: str, title: str) -> list[Line]:
    """A sign, its word, and a sentence for each comparison of groups; then what nobody has tested."""
    return [*_items(view, scale, title), *_tested(view, scale), *_untested(view, scale)]


def _items(view: View, scale: str, title: str) -> list[Line]:
    lines = []
    for note in view.notes("dif", scale):
        verdict = note["verdict"]
        said = view.caution(note, title) if verdict == "caution" else view.words(f"fairness.{verdict}")
        by = view.words("fairness.by", breakdown=_name(view, note["breakdown"]))
        lines.append((_SIGNS.get(verdict, "none"), by, said))
    return lines


def _tested(view: View, scale: str) -> list[Line]:
    lines = []
    for note in view.notes("invariance", scale):
        verdict = note["verdict"]
        if verdict in ("caution", "none", "not_checked"):
            key = f"caution_{note['model']}" if verdict == "caution" else verdict
            by = view.words("fairness.whole_by", breakdown=_name(view, note["breakdown"]))
            lines.append((_SIGNS.get(verdict, "none"), by, view.words(f"fairness.invariance_{key}")))
    return lines


def _untested(view: View, scale: str) -> list[Line]:
    """One line for all breakdowns that nobody has tested, and one for those whose results do not count."""
    lines = []
    for verdict in ("not_tested", "stale"):
        by = [note["breakdown"] for note in view.notes("invariance", scale) if note["verdict"] == verdict]
        if by:
            names = view.words.listing([view.words("direction.name", name=_name(view, one)) for one in by])
            command = f"connectedness invariance --wave {view.wave['id']}"
            said = view.words(f"fairness.invariance_{verdict}", breakdowns=names, command=command)
            lines.append(("none", view.words("fairness.untested"), said))
    return lines


def _name(view: View, breakdown: str) -> str:
    titles = {one["id"]: one.get("title") for one in view.released.codebook["breakdowns"]}
    return view.words.title(titles.get(breakdown), "") or view.kind_title(breakdown)
