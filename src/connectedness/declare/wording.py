"""The words of an instrument whose publisher holds them, brought by whoever may use them."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from connectedness.declare.instrument import SnakeId
from connectedness.declare.source import Frozen, NotAllowed, Source, read_source
from connectedness.errors import DeclarationError

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = ("en", "fr")
_TEXT_HEADINGS = {"text": "en", "en": "en", "fr": "fr"}


class Said(Frozen):
    """One text, in English, in French, or in both; blanks and line breaks within it are single spaces."""

    en: str | None = None
    fr: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _tidied(cls, value: Any) -> Any:
        given = {"en": value} if isinstance(value, str | int | float) else value
        if not isinstance(given, dict):
            return given
        return {key: " ".join(str(text).split()) or None for key, text in given.items() if text is not None}

    @model_validator(mode="after")
    def _says_something(self) -> Said:
        texts = [text for text in (self.en, self.fr) if text]
        if not texts:
            raise ValueError("a text is empty.")
        if any(re.search(r"\{\{|\{%|\$\{", text) for text in texts):
            raise NotAllowed("a text holds marks that programs read as instructions.", found="{{, {% or ${")
        return self

    def words(self) -> dict[str, str]:
        """The text by language, as far as it is given."""
        return {language: text for language in LANGUAGES if (text := getattr(self, language))}


class Wording(Frozen):
    """Texts of items by their id, and labels of codes by option set; without labels, the texts may stand alone."""

    items: Annotated[dict[SnakeId, Said], Field(min_length=1)]
    options: dict[str, dict[int, Said]] = {}

    @model_validator(mode="before")
    @classmethod
    def _texts_alone(cls, data: Any) -> Any:
        return data if not isinstance(data, dict) or {"items", "options"} & data.keys() else {"items": data}


def read_wording(file: Path) -> Wording:
    """Read the words of an instrument from YAML, or from CSV with the columns `item`, `code`, `en` and `fr`.

    A text without a language is English. In CSV a row with a code is a label: `item` then names an option set.

    Raises
    ------
    DeclarationError
        When the file is not there, is not UTF-8, or does not hold.
    """
    if file.suffix.lower() in (".yaml", ".yml"):
        return read_source(file).parse(Wording)
    if file.suffix.lower() not in (".csv", ".tsv", ".txt"):
        raise DeclarationError(
            "it is not known how to read this file of texts.", file=file, found=file.suffix or "no ending",
            allowed=".yaml or .csv",
        )  # fmt: skip
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DeclarationError("this file is not there.", file=file, todo="Check the name and the folder.") from None
    except UnicodeDecodeError:
        raise DeclarationError(
            "this file is not UTF-8 text.", file=file, todo="Save it again as 'CSV UTF-8'."
        ) from None
    return _from_rows(text, file)


def _from_rows(text: str, file: Path) -> Wording:
    first = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        names = {name: (name or "").strip().lower() for name in rows.fieldnames or ()}
        said = {name: _TEXT_HEADINGS[plain] for name, plain in names.items() if plain in _TEXT_HEADINGS}
        if "item" not in names.values() or not said:
            raise DeclarationError(
                "this file of texts has other columns.", file=file, line=1, found=", ".join(filter(None, names)),
                allowed="item, and en or fr (or text); code too, for the labels of an option set",
            )  # fmt: skip
        data: dict[str, dict[Any, Any]] = {"items": {}, "options": {}}
        lines: dict[tuple[str | int, ...], int] = {}
        for row in rows:
            plain = {names[name]: (cell or "").strip() for name, cell in row.items() if name in names}
            if not any(plain.values()):
                continue
            words = {said[name]: row[name] for name in said if (row[name] or "").strip()}
            lines[_put(data, plain["item"], plain.get("code", ""), words, file, rows.line_num)] = rows.line_num
    except csv.Error:
        raise DeclarationError(
            "the quote marks around a cell do not fit, so the cells cannot be told apart.", file=file,
            line=rows.line_num, todo="Save the file again from your spreadsheet as 'CSV UTF-8'.",
        ) from None  # fmt: skip
    source = Source(file, "{}")
    source.data, source.lines = data, {(): 1, ("items",): 1, **lines}
    return source.parse(Wording)


def _put(
    data: dict[str, dict[Any, Any]], item: str, code: str, words: dict[str, str], file: Path, line: int
) -> tuple[str | int, ...]:
    if code and not re.fullmatch(r"\d{1,5}", code):
        raise DeclarationError("a code is a whole number.", file=file, line=line, key="code", found=code)
    group = data["options"].setdefault(item, {}) if code else data["items"]
    key: Any = int(code) if code else item
    if key in group:
        raise DeclarationError("this text stands twice.", file=file, line=line, found=f"{item} {code}".strip())
    group[key] = words
    return ("options", item, key) if code else ("items", item)
