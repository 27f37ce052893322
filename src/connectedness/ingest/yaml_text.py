"""Texts as YAML writes them, so that what a file calls its columns can neither break a map nor run in it."""

from __future__ import annotations

import re
from typing import Any

import yaml

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def comment(text: str) -> str:
    """A text that can stand in a comment: on one line, of letters that can be seen, and never like a template."""
    seen = "".join(one if one.isprintable() else " " for one in text)
    return seen.replace("{{", "{ {").replace("{%", "{ %").rstrip()


def value(held: Any) -> str:
    """A text, a number or a mapping of these, on one line."""
    if isinstance(held, dict):
        return "{" + ", ".join(f"{value(key)}: {value(one)}" for key, one in held.items()) + "}"
    if isinstance(held, bool):
        return "true" if held else "false"
    if isinstance(held, int):
        return str(held)
    text = str(held)
    return text if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS else quoted(text)


def quoted(text: str) -> str:
    """A text in double quotes; what would look like a template is written by its number."""
    written = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf")).strip()
    return written.replace("{{", "\\x7b{").replace("{%", "\\x7b%")
