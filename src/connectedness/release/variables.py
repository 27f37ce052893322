"""Columns of the estimates, described once for the codebook and the data package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TOLD = {
    "wave": ("string", None, "Wave: one administration of the survey", "Vague : une passation du sondage"),
    "unit_type": ("string", None, "Kind of unit, such as district or school", "Type d'unité, comme district ou school"),
    "unit": ("string", None, "Id of the unit", "Identifiant de l'unité"),
    "breakdown": (
        "string", None, "Way of dividing students into groups; all for totals",
        "Façon de répartir les élèves en groupes; all pour les totaux",
    ),
    "level": ("string", None, "Group within the breakdown; all for totals", "Groupe; all pour les totaux"),
    "measure": ("string", None, "Id of the measure", "Identifiant de la mesure"),
    "n": ("integer", "students", "Students behind the number", "Élèves sur lesquels porte le nombre"),
    "eligible": (
        "integer", "students", "Students on the roster of this cell; empty where not known",
        "Élèves inscrits dans cette case; vide si ce nombre n'est pas connu",
    ),
    "value": (
        "number", "points or share", "The estimate: points on the scale's range, or a share from 0 to 1",
        "L'estimation : points sur l'étendue de l'échelle, ou part de 0 à 1",
    ),
    "se": (
        "number", "points or share", "Standard error of the estimate; empty where few students stand behind it",
        "Erreur-type de l'estimation; vide si peu d'élèves y répondent",
    ),
    "low": (
        "number", "points or share", "Lower end of the 95 % confidence interval",
        "Borne inférieure de l'intervalle de confiance à 95 %",
    ),
    "high": (
        "number", "points or share", "Upper end of the 95 % confidence interval",
        "Borne supérieure de l'intervalle de confiance à 95 %",
    ),
    "method": ("string", None, "How the estimate and its interval are made", "Méthode d'estimation"),
    "status": ("string", None, "ok, or why there is no number", "ok, ou la raison de l'absence de nombre"),
    "reason": (
        "string", None, "suppressed where the number is hidden to protect students",
        "suppressed quand le nombre est masqué pour protéger les élèves",
    ),
}  # fmt: skip

ESTIMATE_VARIABLES: Mapping[str, dict[str, Any]] = {
    name: {"type": kind, "unit": unit, "description": {"en": en, "fr": fr}}
    for name, (kind, unit, en, fr) in _TOLD.items()
}
METHODS: Mapping[str, str] = {
    "t": "Mean, with Student's t interval",
    "wilson": "Share of students, with Wilson's interval",
    "sd": "Standard deviation",
    "ratio": "Respondents over eligible students",
    "welch": "Difference of two means, with Welch's interval",
    "newcombe": "Difference of two shares, with Newcombe's interval",
    "verdicts": "1 where the verdict on a change would be another without careless answers, else 0",
}
STATUSES: Mapping[str, str] = {
    "ok": "There is a number",
    "suppressed": "Hidden to protect students",
    "no_roster": "Not known how many were asked",
    "no_answers": "Nobody answered",
    "one_answer": "One answer, so no interval",
}
