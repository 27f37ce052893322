"""What a questionnaire asks, before any tool's form: questions in parts, their answers, in one language or in two."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path

from connectedness.declare.instrument import Instrument, Item
from connectedness.declare.source import Text, read_source
from connectedness.declare.wording import Wording
from connectedness.errors import DeclarationError
from connectedness.questionnaire.words import Spoken, Words, spoken

CONSENT = "sensitive_consent"
"""Id of the question that stands before sensitive modules."""


@dataclass(frozen=True)
class Choice:
    """One answer: the code that is stored, and its label by language."""

    code: int
    label: Words


@dataclass(frozen=True)
class Question:
    """One question. `foreign` says that the instrument's own file does not hold its labels."""

    id: str
    text: Words
    choices: tuple[Choice, ...]
    foreign: bool = False

    @property
    def answers(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """Codes and labels, to see whether two questions have the same answers."""
        return tuple((one.code, tuple(one.label.values())) for one in self.choices)


@dataclass(frozen=True)
class Part:
    """Questions that stand together, on one page; `sensitive` ones are asked of those who agreed."""

    number: int
    questions: tuple[Question, ...]
    sensitive: bool = False

    @property
    def grid(self) -> bool:
        """Whether the questions have the same answers, so that they can be the lines of one table."""
        return len(self.questions) > 1 and len({one.answers for one in self.questions}) == 1


@dataclass(frozen=True)
class Content:
    """A whole questionnaire. `token` and `school` name the columns that say who answers where; None where not asked."""

    instrument: Instrument
    languages: tuple[str, ...]
    title: Words
    parts: tuple[Part, ...]
    texts: dict[str, Words]
    consent: Question | None = None
    token: str | None = None
    school: str | None = None
    schools: tuple[tuple[str, Words], ...] = ()

    @property
    def questions(self) -> list[Question]:
        """Every question that has an item, in order."""
        return [question for part in self.parts for question in part.questions]

    def in_one(self, language: str) -> Content:
        """The same in one language only."""
        return replace(self, languages=(language,))


def content_of(
    instrument: Instrument,
    *,
    language: str | None = None,
    modules: Sequence[str] = (),
    wording: Wording | None = None,
    token: str | None = None,
    school: str | None = None,
) -> Content:
    """Gather what is asked.

    Without a language, each one in which every question and every answer has words. Answers stand in the order of
    their codes. Items that count for scales come in the instrument's order, a part for each scale; a line that checks
    reading stands among those with the same answers; modules come last, after a question of consent.

    Raises
    ------
    DeclarationError
        When a module is not known, or a question or an answer has no words in a language.
    """
    known = {module.id for module in instrument.modules}
    for name in modules:
        if name not in known:
            raise DeclarationError(
                "this module is not known.", found=name, allowed=", ".join(sorted(known)) or "none"
            )  # fmt: skip
    items = [item for item in instrument.items if instrument.module_of.get(item.id) in (None, *modules)]
    said = spoken(instrument, items, wording, language)
    texts = own_texts()
    asked = {item.id: _question(item, instrument, said) for item in items}
    parts = _parts(instrument, items, asked)
    sensitive = any(part.sensitive for part in parts)
    return Content(
        instrument=instrument,
        languages=said.languages,
        title={one: instrument.title.in_language(one) for one in said.languages},
        parts=tuple(parts),
        texts=texts,
        consent=_consent(texts) if sensitive else None,
        token=token,
        school=school,
    )


@cache
def own_texts() -> dict[str, Words]:
    """Our own words around the questions, by name and language."""
    data = read_source(Path(__file__).with_name("texts.yaml")).data
    return {name: dict(words) for name, words in data.items()}


def plain(text: str) -> str:
    """What two headings share when a tool, or a person, cannot tell them apart."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _question(item: Item, instrument: Instrument, said: Spoken) -> Question:
    options = sorted(instrument.option_sets[item.options].options, key=lambda option: option.code)
    labels = said.labels[item.options]
    return Question(
        item.id,
        said.texts[item.id],
        tuple(Choice(option.code, labels[option.code]) for option in options),
        foreign=any(set(labels[one.code].values()) - _own(one.label) for one in options),
    )


def _own(label: Text | None) -> set[str]:
    return {text for text in (label.en, label.fr) if text} if label else set()


def _consent(texts: dict[str, Words]) -> Question:
    return Question(CONSENT, texts["consent"], (Choice(0, texts["no"]), Choice(1, texts["yes"])))


def _parts(instrument: Instrument, items: list[Item], asked: dict[str, Question]) -> list[Part]:
    scale = {item: one.id for one in instrument.scales for item in one.items}

    def place(item: Item) -> tuple[bool, str, str, str]:
        kind = "" if item.kind == "scale" else item.kind
        return item.id in instrument.module_of, scale.get(item.id, ""), kind, item.options

    checks = [item for item in items if item.kind == "attention"]
    rest = [item for item in items if item.kind != "attention"]
    rest.sort(key=lambda item: item.id in instrument.module_of)  # stable: only modules move, to the end
    runs = [(key[0], [asked[item.id] for item in those]) for key, those in groupby(rest, key=place)]
    for item in checks:
        _put_among(runs, asked[item.id])
    return [Part(i, tuple(those), sensitive) for i, (sensitive, those) in enumerate(runs, start=1)]


def _put_among(runs: list[tuple[bool, list[Question]]], check: Question) -> None:
    """Put a reading check into the middle of the last table whose lines have the same answers."""
    for sensitive, those in reversed(runs):
        if not sensitive and len(those) > 1 and those[0].answers == check.answers:
            those.insert((len(those) + 1) // 2, check)
            return
    ordinary = [i for i, (sensitive, _) in enumerate(runs) if not sensitive]
    runs.insert(ordinary[-1] + 1 if ordinary else 0, (False, [check]))
