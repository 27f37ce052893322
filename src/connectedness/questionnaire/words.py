"""Words for every question and answer: the instrument's own, or those that the user brings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectedness.declare.instrument import Instrument, Item
from connectedness.declare.source import Text
from connectedness.declare.wording import LANGUAGES, Said, Wording
from connectedness.errors import DeclarationError

Words = dict[str, str]
"""A text by language."""


@dataclass(frozen=True)
class Spoken:
    """Texts of items by id, labels by option set and code, and the languages in which all of them are there."""

    texts: dict[str, Words]
    labels: dict[str, dict[int, Words]]
    languages: tuple[str, ...]


def spoken(instrument: Instrument, items: Sequence[Item], wording: Wording | None, language: str | None) -> Spoken:
    """Find the words of `items` and of their answers.

    Raises
    ------
    DeclarationError
        When words are missing, or brought words differ from the instrument's own, are for nothing that it has, or
        cannot be told apart in an export.
    """
    brought = wording or Wording.model_construct(items={}, options={})
    _must_be_of(instrument, brought)
    # Labels of an instrument without questions only say what its codes mean; whoever has its wording has its labels.
    fixed = any(item.text for item in instrument.items)
    texts = {item.id: _joined(item.id, item.text, brought.items.get(item.id), fixed) for item in items}
    labels: dict[str, dict[int, Words]] = {}
    for name in dict.fromkeys(item.options for item in items):
        theirs = brought.options.get(name, {})
        labels[name] = {
            option.code: _joined(f"{name} {option.code}", option.label, theirs.get(option.code), fixed)
            for option in instrument.option_sets[name].options
        }
        _must_be_told_apart(name, labels[name])
    everything = [*texts.values(), *(words for by_code in labels.values() for words in by_code.values())]
    languages = tuple(one for one in LANGUAGES if all(one in words for words in everything))
    if (language and language not in languages) or not languages:
        raise _no_words(instrument, texts, labels, language or "en", wording is not None)
    return Spoken(texts, labels, (language,) if language else languages)


def _joined(what: str, own: Text | None, brought: Said | None, fixed: bool) -> Words:
    """Words of one thing: the brought ones, and the instrument's own, which are `fixed` where it asks by itself."""
    words: Words = {} if own is None else {one: text for one in LANGUAGES if (text := getattr(own, one))}
    given = brought.words() if brought else {}
    if fixed and any(words.get(one, text) != text for one, text in given.items()):
        raise DeclarationError(
            "the instrument has words of its own here, and a changed word is a changed question.",
            found=what,
            todo="Take it out of the file of texts, or make an instrument of your own with another id.",
        )
    return words | given


def _must_be_of(instrument: Instrument, brought: Wording) -> None:
    strange = [f"item {one}" for one in brought.items if one not in instrument.item_by_id]
    for name, by_code in brought.options.items():
        if name not in instrument.option_sets:
            strange.append(f"option set {name}")
        else:
            codes = instrument.option_sets[name].codes
            strange += [f"code {code} of {name}" for code in by_code if code not in codes]
    if strange:
        sets = "; ".join(f"{name} with {_listed(one.codes)}" for name, one in instrument.option_sets.items())
        raise DeclarationError(
            f"the file of texts is about what {instrument.pinned} does not have.",
            found=_listed(strange),
            allowed=f"items {_listed(instrument.item_by_id)}; option sets {sets}",
        )


def _must_be_told_apart(name: str, labels: dict[int, Words]) -> None:
    """An export may hold labels, in either language: each must mean one code, and a number only its own."""
    means: dict[str, int] = {}
    for code, words in labels.items():
        for text in words.values():
            plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
            if means.setdefault(plain, code) != code or (re.fullmatch(r"[+-]?[\d.,]+", plain) and plain != str(code)):
                raise DeclarationError(
                    "this label cannot be told from another answer in an export.",
                    found=f"{name}, code {code}: {text}",
                    allowed="for each code a label of its own, and no number but the code",
                )


def _no_words(
    instrument: Instrument, texts: dict[str, Words], labels: dict[str, dict[int, Words]], language: str, brought: bool
) -> DeclarationError:
    items = [one for one, words in texts.items() if language not in words]
    sets = [name for name, by_code in labels.items() if any(language not in words for words in by_code.values())]
    wanted = ([f"texts of {_listed(items)}"] if items else []) + ([f"labels of {_listed(sets)}"] if sets else [])
    if not brought and not any(texts.values()):
        problem = (
            f"the wording of {instrument.pinned} is not ours to give. {' '.join(instrument.licence.terms.split())}"
        )
    else:
        problem = f"not everything has words in {'French' if language == 'fr' else 'English'}."
    example = _example(instrument, items, sets, language)
    return DeclarationError(
        problem,
        found=f"no {', and no '.join(wanted)}",
        todo=f"If you may use its wording, write it into a file and add --wording FILE:\n{example}",
    )


def _example(instrument: Instrument, items: list[str], sets: list[str], language: str) -> str:
    lines = []
    if items:
        lines += ["    items:", f"      {items[0]}: {{{language}: The first question, word for word.}}"]
    if sets:
        codes = instrument.option_sets[sets[0]].codes
        lines += ["    options:", f"      {sets[0]}: {{{min(codes)}: {{{language}: The label of {min(codes)}}}}}"]
    return "\n".join(lines) + "\n  A CSV with the columns item, code, en and fr will do as well."


def _listed(names: Iterable[object]) -> str:
    shown = [str(one) for one in names]
    return ", ".join(shown[:20]) + (f" and {len(shown) - 20} more" if len(shown) > 20 else "")
