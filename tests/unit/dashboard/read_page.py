"""Read a page as a test needs it: its elements, its visible text, the data of its figures."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """`elements` holds (tag, attributes, path of open tags); `text` what a reader sees; `figures` the JSON."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.source = path.read_text(encoding="utf-8")
        self.elements: list[tuple[str, dict[str, str], tuple[str, ...]]] = []
        self.figures: dict[str, Any] = {}
        self._open: list[str] = []
        self._words: list[str] = []
        self._chart: str | None = None
        self.feed(self.source)
        self.text = " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found, tuple(self._open)))
        if tag not in VOID:
            self._open.append(tag)
        self._chart = found.get("data-chart") if tag == "script" else self._chart

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open[-1] == tag, f"</{tag}> closes {self._open[-1:]}"
        self._open.pop()
        if tag == "script":
            self._chart = None

    def handle_data(self, data: str) -> None:
        if self._chart:
            self.figures[self._chart] = json.loads(data)
        elif self._open and self._open[-1] not in ("script", "style", "title"):
            self._words.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes, _ in self.elements if name == tag]
