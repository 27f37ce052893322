"""Columns and statistics of the facts of scales, described once for the codebook and the data package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TOLD = {
    "wave": ("string", None, "Wave: one administration of the survey", "Vague : une passation du sondage"),
    "scale": ("string", None, "Id of the scale", "Identifiant de l'échelle"),
    "unit_type": (
        "string", None, "Kind of unit that the statistic compares, such as school; empty for the scale itself",
        "Type d'unité que la statistique compare, comme school; vide pour l'échelle elle-même",
    ),
    "statistic": ("string", None, "Which fact it is", "De quel fait il s'agit"),
    "item": (
        "string", None, "Id of the item; empty for the scale as a whole", "Identifiant de l'item; vide pour l'échelle",
    ),
    "value": (
        "number", None, "The fact, over the whole district; numbers of students in whole tens, rounded down",
        "Le fait, pour tout le district; les nombres d'élèves en dizaines entières, arrondis vers le bas",
    ),
    "low": (
        "number", None, "Lower end of the 95 % confidence interval, rounded down",
        "Borne inférieure de l'intervalle de confiance à 95 %, arrondie vers le bas",
    ),
    "high": (
        "number", None, "Upper end of the 95 % confidence interval, rounded up",
        "Borne supérieure de l'intervalle de confiance à 95 %, arrondie vers le haut",
    ),
    "interval": ("string", None, "How the interval is made", "Méthode de l'intervalle"),
    "n": (
        "integer", "students", "Students behind the fact, in whole tens, rounded down",
        "Élèves sur lesquels porte le fait, en dizaines entières, arrondis vers le bas",
    ),
    "reason": (
        "string", None, "suppressed where hidden to protect students; else why there is no value, or no interval",
        "suppressed si masqué pour protéger les élèves; sinon pourquoi il n'y a pas de valeur, ou pas d'intervalle",
    ),
}  # fmt: skip

FACT_VARIABLES: Mapping[str, dict[str, Any]] = {
    name: {"type": kind, "unit": unit, "description": {"en": en, "fr": fr}}
    for name, (kind, unit, en, fr) in _TOLD.items()
}

_STATISTICS = {
    "n_items": ("Items of the scale", "Items de l'échelle"),
    "n_answered": ("Students who answered any item", "Élèves ayant répondu à au moins un item"),
    "n_scored": ("Students with a score", "Élèves ayant un score"),
    "n_complete": ("Students who answered every item", "Élèves ayant répondu à tous les items"),
    "missing_share": ("Share without an answer, of the answers asked for", "Part sans réponse, parmi celles demandées"),
    "not_asked_share": ("Share that was not asked, of all", "Part non demandée, parmi toutes"),
    "floor_share": ("Share at the lowest possible score or answer", "Part au score ou à la réponse les plus bas"),
    "ceiling_share": ("Share at the highest possible score or answer", "Part au score ou à la réponse les plus hauts"),
    "alpha": ("Cronbach's alpha, complete answers, Feldt's interval", "Alpha de Cronbach, réponses complètes"),
    "alpha_standardized": ("Alpha from correlations", "Alpha à partir des corrélations"),
    "alpha_pairwise": ("Alpha from pairs of answers", "Alpha à partir des paires de réponses"),
    "lambda6": ("Guttman's lambda 6", "Lambda 6 de Guttman"),
    "mean_inter_item_r": ("Mean correlation between two items", "Corrélation moyenne entre deux items"),
    "ordinal_alpha": ("Alpha from polychoric correlations", "Alpha à partir des corrélations polychoriques"),
    "omega_total": ("McDonald's omega total, one factor", "Oméga total de McDonald, un facteur"),
    "omega_hierarchical": ("Omega hierarchical, second-order model", "Oméga hiérarchique, modèle de second ordre"),
    "chi_square": ("Chi-square of the model", "Khi-deux du modèle"),
    "df": ("Degrees of freedom of the model", "Degrés de liberté du modèle"),
    "cfi": ("Comparative fit index", "Indice d'ajustement comparatif (CFI)"),
    "tli": ("Tucker-Lewis index", "Indice de Tucker-Lewis"),
    "rmsea": ("Root mean square error of approximation", "Erreur d'approximation (RMSEA)"),
    "srmr": ("Standardized root mean square residual", "Résidu quadratique moyen standardisé (SRMR)"),
    "mean": ("Mean points of the item", "Points moyens de l'item"),
    "sd": ("Standard deviation of the item's points", "Écart-type des points de l'item"),
    "item_rest_r": ("Correlation with the sum of the other items", "Corrélation avec la somme des autres items"),
    "alpha_if_deleted": ("Alpha of the other items", "Alpha des autres items"),
    "loading": ("Loading on the factor", "Saturation du facteur"),
    "loading_standardized": ("Standardized loading on the factor", "Saturation standardisée du facteur"),
    "icc1": ("ICC(1): share of the scores' variance between units", "CCI(1) : part de la variance entre les unités"),
    "icc2": ("ICC(2): reliability of a unit's mean", "CCI(2) : fidélité de la moyenne d'une unité"),
    "n_for_70": ("Students for a reliability of the mean of 0.70", "Élèves pour une fidélité de la moyenne de 0,70"),
    "n_for_80": ("Students for a reliability of the mean of 0.80", "Élèves pour une fidélité de la moyenne de 0,80"),
    "rwg_j_median": ("Median agreement within units, rwg(j)", "Accord médian au sein des unités, rwg(j)"),
}
STATISTICS: Mapping[str, dict[str, str]] = {name: {"en": en, "fr": fr} for name, (en, fr) in _STATISTICS.items()}
