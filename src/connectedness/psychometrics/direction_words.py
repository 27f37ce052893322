"""Words for answers that surveys in English and French use, from least to most of what they express."""

from __future__ import annotations

import re
import unicodedata

# Words on one line say the same. A file's labels are ranked only when all that are known stand in one table.
_TABLES: dict[str, tuple[tuple[str, ...], ...]] = {
    "agreement": (
        ("strongly disagree", "disagree a lot", "disagree strongly", "totally disagree", "completely disagree",
         "pas du tout d'accord", "tout a fait en desaccord", "fortement en desaccord", "totalement en desaccord"),
        ("disagree", "disagree a little", "somewhat disagree", "slightly disagree", "tend to disagree",
         "pas d'accord", "plutot pas d'accord", "en desaccord", "plutot en desaccord", "un peu en desaccord"),
        ("neither agree nor disagree", "neither", "neutral", "in between", "not sure", "unsure", "undecided",
         "ni d'accord ni en desaccord", "ni d'accord ni pas d'accord", "neutre", "entre les deux", "indecis"),
        ("agree", "agree a little", "somewhat agree", "slightly agree", "tend to agree",
         "d'accord", "plutot d'accord", "plutot en accord", "un peu d'accord", "en accord"),
        ("strongly agree", "agree a lot", "agree strongly", "totally agree", "completely agree",
         "tout a fait d'accord", "fortement d'accord", "tout a fait en accord", "totalement d'accord"),
    ),
    "frequency": (
        ("never", "never or almost never", "almost never", "none of the time", "in no lessons",
         "never or hardly ever", "jamais", "jamais ou presque jamais", "presque jamais"),
        ("rarely", "seldom", "hardly ever", "a few times a year", "once or twice", "rarement",
         "quelques fois par an", "quelques fois par annee", "une ou deux fois"),
        ("sometimes", "some of the time", "occasionally", "a few times a month", "some lessons", "in some lessons",
         "once or twice a month", "parfois", "quelquefois", "de temps en temps", "quelques fois par mois",
         "une ou deux fois par mois", "pendant certains cours"),
        ("often", "frequently", "most lessons", "in most lessons", "most of the time", "souvent",
         "la plupart du temps", "pendant la plupart des cours"),
        ("always", "every lesson", "in every lesson", "all of the time", "once a week or more",
         "at least once a week", "toujours", "tout le temps", "a chaque cours", "au moins une fois par semaine",
         "une fois par semaine ou plus"),
    ),
    "truth": (
        ("not at all true", "not true at all", "pas du tout vrai"),
        ("a little true", "slightly true", "not very true", "un peu vrai"),
        ("somewhat true", "assez vrai"),
        ("pretty much true", "mostly true", "plutot vrai"),
        ("very much true", "completely true", "very true", "tout a fait vrai", "tres vrai"),
    ),
    "yes_no": (("no", "non"), ("yes", "oui")),
}  # fmt: skip


def plain(label: str) -> str:
    """A label without capitals, accents, typographic quotes, punctuation or a leading number."""
    words = unicodedata.normalize("NFKD", str(label)).casefold()
    words = "".join(letter for letter in words if not unicodedata.combining(letter))
    words = re.sub(r"[‘’‛`´ʼ]", "'", words)
    words = re.sub(r"^\s*\d+\s*[=.):\-–]\s*", "", words)
    return " ".join(re.sub(r"[^\w' ]+", " ", words).split())


_RANKS = {
    table: {plain(word): rank for rank, words in enumerate(lines) for word in words} for table, lines in _TABLES.items()
}


def rank_words(labels: dict[int, str]) -> dict[int, int]:
    """Rank of each code whose label is known, by the table that knows most of them; empty if fewer than two."""
    best: dict[int, int] = {}
    for ranks in _RANKS.values():
        found = {code: ranks[plain(label)] for code, label in labels.items() if plain(label) in ranks}
        if len(found) > len(best):
            best = found
    return best if len(set(best.values())) > 1 else {}
