"""Words and numbers as a reader of one language expects them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from connectedness.errors import DeclarationError
from connectedness.packaged import find_file, packaged_root

_SPACE = "\u00a0"  # keeps a number and its unit on one line
_NARROW = "\u202f"  # between the thousands of a French number
_MINUS = "\u2212"
_SLACK = 1e-9  # 0.29 * 100 is 28.999999999999996: not a reason to round outward to 28


class Words:
    """The texts of one language, and its way of writing numbers and dates.

    Parameters
    ----------
    language : str
        `en` or `fr`.
    texts : mapping
        Dotted key to text, as `read_texts` gives.
    """

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts
        self._comma = language == "fr"

    def __call__(self, key: str, /, **values: object) -> str:
        """The text `key` with its places filled; `n` chooses `key.one` or `key.other` where they exist.

        One is 1 in English; in French, all under 2.
        """
        if key not in self._texts and "n" in values:
            n = values["n"]
            one = isinstance(n, int | float) and (n == 1 or (self._comma and abs(n) < 2))
            key += ".one" if one else ".other"
            values["n"] = self.count(n) if isinstance(n, int) else n
        return self._texts[key].format(**values)

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self._texts

    def title(self, text: Mapping[str, str | None] | None, otherwise: str = "") -> str:
        """A title of the codebook in this language, else in English, else `otherwise`."""
        return (text or {}).get(self.language) or (text or {}).get("en") or otherwise

    def count(self, n: int) -> str:
        """A whole number, its thousands apart: 9,102; in French, 9 102."""
        return f"{n:,}".replace(",", _NARROW) if self._comma else f"{n:,}"

    def number(self, value: float, decimals: int) -> str:
        """A number with a true minus sign and this language's decimal mark."""
        text = f"{value:.{decimals}f}"
        text = text.removeprefix("-") if float(text) == 0 else text.replace("-", _MINUS)
        return text.replace(".", ",") if self._comma else text

    def amount(self, value: float, unit: str, decimals: int = 2, way: int = 0, signed: bool = False) -> str:
        """A value of a measure: points with `decimals`, a share as a whole percent.

        `way` is -1 to round down, +1 to round up (intervals are rounded outward), 0 to round to the nearest.
        """
        value = as_shown(value, unit, decimals, way)
        text = self.number(100 * value if unit == "share" else value, 0 if unit == "share" else decimals)
        if signed and value > 0 and any(digit in text for digit in "123456789"):
            text = "+" + text
        return text + (f"{_SPACE}%" if self._comma else "%") if unit == "share" and not signed else text

    def interval(self, low: float, high: float, unit: str, decimals: int = 2, signed: bool = False) -> str:
        """An interval, rounded outward: 3.71 to 3.95."""
        return self(
            "number.interval",
            low=self.amount(low, unit, decimals, -1, signed),
            high=self.amount(high, unit, decimals, 1, signed),
        )

    def day(self, iso: str) -> str:
        """A date: 15 January 2026; in French, 1er janvier 2026."""
        day = date.fromisoformat(iso)
        first = "1er" if self._comma and day.day == 1 else str(day.day)
        return f"{first} {self(f'month.{day.month}')} {day.year}"

    def listing(self, parts: list[str]) -> str:
        """Join words as a sentence does: a, b and c."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self('number.and')} {parts[-1]}"


def as_shown(value: float, unit: str, decimals: int, way: int = 0) -> float:
    """The value as a page shows it: rounded to the nearest (`way` 0), down (-1) or up (1)."""
    scale = 100 if unit == "share" else 10**decimals
    if way < 0:
        return math.floor(value * scale + _SLACK) / scale
    if way > 0:
        return math.ceil(value * scale - _SLACK) / scale
    return round(value * scale) / scale


def read_words(language: str, project_root: Path | None) -> Words:
    """The words of a language; the project's own `dashboards/texts.<language>.yaml` wins key by key."""
    return Words(language, {key: str(text) for key, text in _layered(f"texts.{language}", project_root).items()})


def read_theme(project_root: Path | None) -> dict[str, Any]:
    """Colours and choices, dotted key to value; the project's own `dashboards/theme.yaml` wins key by key."""
    return _layered("theme", project_root)


def _layered(name: str, project_root: Path | None) -> dict[str, Any]:
    name = f"dashboards/{name}.yaml"
    ours = flat(_read(packaged_root() / name))
    path = find_file(project_root, name)
    theirs = flat(_read(path))
    unknown = sorted(set(theirs) - set(ours))
    if unknown:
        raise DeclarationError(
            "no page uses this key.",
            file=path,
            key=unknown[0],
            todo="Look for the key you meant in the packaged file: connectedness customise " + name,
        )
    return {**ours, **theirs}


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DeclarationError("this file is not YAML that can be read.", file=path, found=error) from error
    if not isinstance(content, dict):
        raise DeclarationError("this file must hold keys and texts.", file=path)
    return content


def flat(tree: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Nested keys as dotted ones: {"card": {"title": x}} is {"card.title": x}."""
    found: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found.update(flat(value, f"{before}{key}."))
        else:
            found[f"{before}{key}"] = value
    return found
