"""What each column of restricted-use rows is: its type, its words, its codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from connectedness.declare.instrument import MISSING_CODES, Instrument, Item, Scale
from connectedness.declare.project import Project
from connectedness.declare.source import Text
from connectedness.release.codebook import instruments_of
from connectedness.release.rows import DURATION, FLAG
from connectedness.release.titles import breakdown_title, item_title

Entry = dict[str, Any]
MISSING_TEXTS = {
    "skipped": Text(en="Skipped", fr="Sans réponse"),
    "not_asked": Text(en="Not asked", fr="Question non posée"),
    "dont_know": Text(en="Don't know", fr="Ne sait pas"),
    "invalid": Text(en="Invalid in the source", fr="Invalide à la source"),
}
_OF_ESTIMATE = {
    "__se": Text(en="{}: standard error of the estimate", fr="{} : erreur-type de l'estimation"),
    "__n": Text(en="{}: items answered, of the estimate", fr="{} : réponses, pour l'estimation"),
    "__status": Text(en="{}: why there is an estimate or none", fr="{} : raison de l'estimation ou de son absence"),
}
_SCORES = {
    "": Text(en="{}: mean points of answered items", fr="{} : moyenne des points des réponses"),
    "_sum": Text(en="{}: sum of points, prorated", fr="{} : somme des points, au prorata"),
    "_pomp": Text(en="{}: percent of the maximum possible", fr="{} : pourcentage du maximum possible"),
    "_favourable": Text(en="{}: share of favourable answers, 0 to 1", fr="{} : part des réponses favorables, de 0 à 1"),
    "_t": Text(en="{}: T score by the declared norm", fr="{} : score T selon la norme déclarée"),
    "_z": Text(en="{}: z score by the declared norm", fr="{} : score z selon la norme déclarée"),
    "_table": Text(en="{}: from the raw sum, by the declared table", fr="{} : de la somme, selon la table déclarée"),
    "_wle": Text(
        en="{}: Warm's weighted likelihood estimate, by the parameters of the form answered",
        fr="{} : estimation pondérée de Warm, selon les paramètres de la version répondue",
    ),
    "_eap": Text(
        en="{}: mean of the posterior (EAP), by the parameters of the form answered",
        fr="{} : moyenne a posteriori (EAP), selon les paramètres de la version répondue",
    ),
    **{f"_{method}{ending}": text for method in ("wle", "eap") for ending, text in _OF_ESTIMATE.items()},
    "__n": Text(en="{}: number of items answered", fr="{} : nombre de réponses"),
    "__se": Text(en="{}: standard error of the score", fr="{} : erreur-type du score"),
    "__status": Text(en="{}: why there is a score or none", fr="{} : raison de la présence ou de l'absence du score"),
}
_FLAGS = {
    "longstring_flag": Text(
        en="One answer throughout, where that contradicts itself", fr="Une seule réponse partout, ce qui se contredit"
    ),
    "mahalanobis_flag": Text(en="Answers far from all others", fr="Réponses très éloignées de toutes les autres"),
    "speed_flag": Text(en="Less than two seconds a question", fr="Moins de deux secondes par question"),
    "duplicates_flag": Text(en="All answers as another respondent's", fr="Toutes les réponses d'un autre répondant"),
    "any_flag": Text(en="Any sign of careless answering", fr="Un signe de réponse négligente ou plus"),
}
STATUS_LABELS = {"ok": "Scored", "too_few_answered": "Too few items answered", "not_asked": "Not asked"}


def row_variables(project: Project, waves: Sequence[str], frame: pd.DataFrame) -> list[Entry]:
    """Describe each column: name, type, unit, role, description {en, fr}, item, scale, and codes where it has them.

    The roles are `key`, `group`, `time`, `flag`, `item` (the code answered), `missing` (why there is none),
    `points` (the code as points toward the scale) and `score`.
    """
    told = _told(project, waves)
    return [
        {"name": name, "type": _type(frame[name]), "unit": None, **_BLANK, **told.get(name, _unknown(name))}
        for name in frame.columns
    ]


_BLANK: Entry = {"role": "group", "description": None, "item": None, "scale": None, "codes": []}


def _type(column: pd.Series) -> str:
    if pd.api.types.is_integer_dtype(column.dtype):
        return "integer"
    return "number" if pd.api.types.is_float_dtype(column.dtype) else "string"


def _unknown(name: str) -> Entry:
    return {"description": {"en": name.replace("_", " "), "fr": None}}


def _told(project: Project, waves: Sequence[str]) -> dict[str, Entry]:
    survey = project.survey
    told = {name: _entry("group", breakdown_title(survey, name)) for name in (*survey.units, "grade", "learning_mode")}
    told |= {one.id: _entry("group", breakdown_title(survey, one.id)) for one in survey.breakdowns}
    told["wave"] = _entry("key", Text(en="Wave: one administration of the survey", fr="Vague du sondage"))
    told["respondent"] = _entry(
        "key",
        Text(
            en="Pseudonym for this project alone; the same in every wave where answers carry tokens",
            fr="Pseudonyme du répondant, propre à ce projet; le même à chaque vague d'un sondage avec jetons",
        ),
    )
    told[DURATION] = _entry("time", Text(en="Time taken to answer", fr="Durée de la réponse"), unit="seconds")
    told[FLAG] = _entry(
        "flag",
        Text(en="Missed an attention question", fr="A manqué une question d'attention"),
        codes=_YES_NO,
    )
    told |= {name: _entry("flag", text, codes=_YES_NO) for name, text in _FLAGS.items()}
    for instrument in instruments_of(project, waves):
        for item in instrument.active_items():
            told |= _item(instrument, item)
        for scale in instrument.scales:
            made_by = _made_by(instrument, scale)
            told |= {
                f"{scale.id}{ending}": _score(scale, ending, text, made_by.get(ending))
                for ending, text in _SCORES.items()
            }
    return told


def _entry(role: str, text: Text, **more: Any) -> Entry:
    return {"role": role, "description": {"en": text.en, "fr": text.fr}, **more}


def _code(code: int, label: Text | None) -> Entry:
    return {"code": code, "label": None if label is None else {"en": label.en, "fr": label.fr}}


def _item(instrument: Instrument, item: Item) -> dict[str, Entry]:
    text = item.text or item_title(item)
    options = instrument.option_sets[item.options].options
    missing = _in_words("{}: why there is no answer", "{} : raison de l'absence de réponse")(text)
    found = {
        item.id: _entry("item", text, item=item.id, codes=[_code(one.code, one.label) for one in options]),
        f"{item.id}__missing": _entry("missing", missing, item=item.id),
    }
    if item.kind == "scale":
        points = instrument.points(item.id)
        words = _in_words("{} (points toward the scale)", "{} (points vers l'échelle)")(text)
        codes = sorted((_code(points[one.code], one.label) for one in options), key=lambda one: one["code"])
        found[f"{item.id}_r"] = _entry("points", words, item=item.id, unit="points", codes=codes)
    return found


def _in_words(en: str, fr: str) -> Callable[[Text], Text]:
    return lambda text: Text(en=en.format(text.en), fr=None if text.fr is None else fr.format(text.fr))


def _score(scale: Scale, ending: str, text: Text, made_by: str | None) -> Entry:
    unit = {"": "points", "_sum": "points", "_pomp": "percent", "_favourable": "share"}.get(ending)
    words = _in_words(text.en, text.fr or text.en)(scale.title)
    if made_by is not None:
        words = _in_words(f"{{}} ({made_by})", f"{{}} ({made_by})")(words)
    return _entry("score", words, scale=scale.id, unit=unit)


def _made_by(instrument: Instrument, scale: Scale) -> dict[str, str]:
    """What a score rests on beside the answers, by its ending: a norm, a table or parameters, with their versions."""
    found: dict[str, str] = {}
    if (norm := scale.norm()) is not None:
        found |= dict.fromkeys(("_t", "_z"), f"{norm.id}, version {norm.version}: {norm.population}")
    if scale.table is not None:
        found["_table"] = f"{scale.table.id}, version {scale.table.version}: {scale.table.population}"
    if pinned := [form.parameters for form in instrument.forms if form.parameters]:
        found |= dict.fromkeys(("_wle", "_eap"), ", ".join(pinned))
    return found


_YES_NO = [_code(0, Text(en="No", fr="Non")), _code(1, Text(en="Yes", fr="Oui"))]


def missing_codes() -> list[Entry]:
    """The four missing codes with their words, -1 first."""
    return [_code(code, MISSING_TEXTS[kind]) for kind, code in MISSING_CODES.items()]
