"""How schools write grades: numbers, English and French words, and Québec's secondary years."""

from __future__ import annotations

import re

from connectedness.declare.survey import GRADES

_NUMBER = re.compile(
    r"(?:grade|gr\.?|year|année|niveau)?\s*0*(\d{1,2})(?:st|nd|rd|th|e|er|re|ère|ème)?(?:\s*(?:grade|année))?"
)
_KINDERGARTEN = {
    *("k", "kg", "kindergarten", "grade k", "gr. k", "maternelle", "maternelle 5 ans", "senior kindergarten", "sk"),
    *("grade kindergarten", "grade primary"),
}
_ENGLISH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
            "twelfth")  # fmt: skip
_FRENCH = ("première", "deuxième", "troisième", "quatrième", "cinquième", "sixième", "septième", "huitième",
           "neuvième", "dixième", "onzième", "douzième")  # fmt: skip
_WORDS = {f"{word} grade": str(i) for i, word in enumerate(_ENGLISH, 1)}
_WORDS |= {f"{word} année": str(i) for i, word in enumerate(_FRENCH, 1)}
# Québec's secondary school follows six years of primary: its first year is grade 7, its fifth grade 11.
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}
_SECONDARY = re.compile(r"sec(?:ondary|ondaire|\.)?\s*([1-5]|i{1,3}|iv|v)")
_OF_SECONDARY = re.compile(r"([1-5])(?:re|ère|er|e|ème)(?: année)? (?:du |de )?sec(?:ondaire|\.)")


def spelled_grade(plain: str) -> str:
    """The grade that a text says, without its case: "K", "1" ... "12"; empty where it says none."""
    text = plain.replace("annee", "année").replace("ieme", "ième")
    if text in _KINDERGARTEN:
        return "K"
    if text in _WORDS:
        return _WORDS[text]
    if match := _SECONDARY.fullmatch(text) or _OF_SECONDARY.fullmatch(text):
        year = match[1]
        return str(6 + (_ROMAN.get(year) or int(year)))
    match = _NUMBER.fullmatch(text)
    return match[1] if match and match[1] in GRADES else ""
