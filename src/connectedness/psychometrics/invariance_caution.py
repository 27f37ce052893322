"""One sentence for a page where scores of groups should be compared with care."""

from __future__ import annotations

import pandas as pd

_ITEMS = {
    "en": "Compare these groups with care: {n} of {all} questions work differently in some of them, so a difference "
    "may lie in how the questions are understood.",
    "fr": "Comparez ces groupes avec prudence : {n} question(s) sur {all} fonctionne(nt) autrement dans certains "
    "d'entre eux, et une différence peut venir de la façon de comprendre les questions.",
}
_MODELS = {
    "en": "Compare these groups with care: the scale does not measure alike in all of them ({models} invariance does "
    "not hold), so a difference may lie in how the questions are understood.",
    "fr": "Comparez ces groupes avec prudence : l'échelle ne mesure pas de la même façon dans chacun d'eux (invariance "
    "{models} non établie), et une différence peut venir de la façon de comprendre les questions.",
}
_UNCHECKED = {
    "en": "Whether the questions work alike in all of these groups could not be checked.",
    "fr": "Il n'a pas été possible de vérifier si les questions fonctionnent de la même façon dans tous ces groupes.",
}
_FRENCH = {"configural": "configurale", "threshold": "des seuils", "metric": "métrique", "scalar": "scalaire"}


def caution(result: pd.DataFrame, *, unchecked: bool = True, language: str = "en") -> str | None:
    """Say for a page what a comparison of groups should carry, if anything.

    Parameters
    ----------
    result : DataFrame
        What `dif` or `read_invariance` gives, for the scale and the groups that the page compares.
    unchecked : bool
        Whether to say so where some group or item could not be checked and nothing else is wrong.
    language : {"en", "fr"}
        Of the sentence.

    Returns
    -------
    str or None
        A sentence where an item shows moderate or large differential functioning, or where a model does not hold;
        None where all is well.
    """
    sentence = _items(result, language) if "size" in result.columns else _models(result, language)
    if sentence is None and unchecked and (result.empty or result["reason"].notna().any()):
        return _UNCHECKED[language]
    return sentence


def _items(table: pd.DataFrame, language: str) -> str | None:
    differing = table.loc[table["size"].isin(["moderate", "large"]), ["scale", "item"]].drop_duplicates()
    if differing.empty:
        return None
    return _ITEMS[language].format(n=len(differing), all=len(table[["scale", "item"]].drop_duplicates()))


def _models(table: pd.DataFrame, language: str) -> str | None:
    failing = table.loc[table["holds"].eq(False).fillna(False), "model"]
    if failing.empty:
        return None
    first = str(failing.iloc[0])
    return _MODELS[language].format(models=_FRENCH[first] if language == "fr" else first)
