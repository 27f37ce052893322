"""How alike two questions are, for proposing which column is which item; no label is ever matched this way.

difflib is in Python itself and quick enough for a few hundred questions, so no library is added for it.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache

from connectedness.ingest.cells import same

# A question that says "not" where the other does not asks the opposite, however alike the two look.
_NEGATIVE = {
    "not", "no", "never", "nobody", "none", "nothing", "without", "neither", "nor", "hardly", "rarely", "seldom",
    "ne", "n", "pas", "jamais", "aucun", "aucune", "sans", "rien", "ni", "non", "rarement",
}  # fmt: skip
_SHARED = 0.4
_TURNING = ("un", "dis", "in", "im", "mal", "de")
_NUMBERED = re.compile(r"^(?:q(?:uestion)?\s*)?\d{1,3}[a-z]?\s*[.):]\s+")


@lru_cache(maxsize=50_000)
def bare(name: str) -> str:
    """A name's letters and digits, without case and accents: `HR_Bel-Part` is `hrbelpart`."""
    return re.sub(r"[^a-z0-9]+", "", _without_accents(same(name)))


@lru_cache(maxsize=20_000)
def spoken(text: str) -> str:
    """A question's words, without markup, its number, case, accents and punctuation."""
    plain = _NUMBERED.sub("", same(re.sub(r"<[^<>]*>", " ", text)))
    plain = re.sub(r"n't\b", " not", plain).replace("cannot", "can not")
    return " ".join(re.findall(r"[^\W_]+", _without_accents(plain)))


@lru_cache(maxsize=20_000)
def parts(question: str) -> tuple[str, ...]:
    """What a column's question may be: the whole of it, or its last part where a table's stem stands before that."""
    found = [question]
    if match := re.search(r"\[([^\[\]]+)\]\s*$", question):
        found.append(match[1])
    for mark in (" - ", "-", " – ", "? ", ": "):  # noqa: RUF001
        if mark in question:
            found += [question.rpartition(mark)[2], question.partition(mark)[2]]
    words = (spoken(one) for one in found)
    return tuple(dict.fromkeys(one for one in words if one))


def likeness(question: str, wording: str, least: float) -> float:
    """How alike a column's question and an item's wording are, 0 to 1; 0 where that is less than `least`.

    1 means that the words are the same. A text that denies what the other says is never like it.
    """
    wanted = spoken(wording)
    return max((_ratio(one, wanted, least) for one in parts(question)), default=0.0) if wanted else 0.0


def _ratio(one: str, other: str, least: float) -> float:
    if one == other:
        return 1.0
    ours, theirs = _words(one), _words(other)
    if 2 * len(ours & theirs) < _SHARED * (len(ours) + len(theirs)):
        return 0.0  # quick to see, where a file has thousands of columns
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    ratio = matcher.ratio()
    return 0.0 if ratio < least or _opposite(one.split(), other.split()) else min(ratio, 0.99)


@lru_cache(maxsize=20_000)
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _opposite(one: list[str], other: list[str]) -> bool:
    """Whether one text denies what the other says: `not` in one only, or `safe` in one and `unsafe` in the other."""
    if any(word in _NEGATIVE for word in one) != any(word in _NEGATIVE for word in other):
        return True
    ours, theirs = set(one) - set(other), set(other) - set(one)
    return any(
        start + word in those
        for start in _TURNING
        for words, those in ((ours, theirs), (theirs, ours))
        for word in words
    )


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
