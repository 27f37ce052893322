"""Texts made safe for where they go: pages, and tables that somebody may open in a spreadsheet."""

from __future__ import annotations

import html

_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def as_html(text: str) -> str:
    """A text as HTML. Quotation marks stay: it does not stand in an attribute."""
    return html.escape(text, quote=False)


def never_run(text: str) -> str:
    """HTML whose first letter no spreadsheet takes for the start of a formula; a browser shows the same."""
    return f"&#{ord(text[0])};{text[1:]}" if text.startswith(_RUN_BY_SPREADSHEETS) else text


def by_reference(text: str, letters: str) -> str:
    """HTML in which these letters are written as references, so that a program does not act on them."""
    return "".join(f"&#{ord(letter)};" if letter in letters else letter for letter in text)
