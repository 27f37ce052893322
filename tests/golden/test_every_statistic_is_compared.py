"""No number leaves a function for researchers without R beside it: each is named here with the test that compares it.

A new column, statistic, table or attribute fails this test until it has a golden comparison and a line below.
"""

from __future__ import annotations

import ast
from dataclasses import fields
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from golden.careless.test_careless_by_r import questionnaire
from golden.scale_facts.test_scale_facts_by_r import climate
from golden.scores.test_scores_and_theta_by_r import TABLE, norm, with_conversion
from unit.scoring.irt_examples import instrument, parameters

import connectedness
from connectedness.itemresponse import Model
from connectedness.psychometrics.omega_hierarchical import omega_hierarchical
from connectedness.psychometrics.reliability import item_reliability
from connectedness.scoring.irt import score_irt

HERE = Path(__file__).parent
NINE = ("score", "reliability", "omega", "item_analysis", "icc", "rwg", "dif", "calibrate", "careless")
# Names, and why a number is not there: words that no other program can be asked for.
WORDS = {
    "scale",
    "item",
    "group",
    "statistic",
    "reference",
    "focal",
    "reversed",
    "identification",
    "parameter",
    "status",
}

SCORES = "scores/test_scores_and_theta_by_r.py::"
PSYCH = "test_scores_and_alpha_by_r.py::"
EACH = "scale_facts/test_each_function_by_r.py::"
CARELESS = "careless/test_careless_by_r.py::"
CALIBRATION = "calibration/test_calibration_by_r.py::"
DIF = "fairness/test_purified_dif_by_r.py::test_made_up_answers"


def every(names: str, test: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), test)


COMPARED = {
    "score": every("mean sum pomp n", PSYCH + "test_scores_with_missing_answers")
    | every("favourable", SCORES + "test_share_favourable")
    | every("t z", SCORES + "test_z_and_t_against_a_norm")
    | every("table", SCORES + "test_scores_by_a_table_of_raw_sums")
    | every("wle", SCORES + "test_warm_s_estimate_and_its_error")
    | every("eap", SCORES + "test_mean_and_sd_of_the_posterior")
    | every("se", SCORES + "test_the_same_through_a_table_of_answers")
    | every(
        "answers.answered answers.skipped answers.not_asked answers.dont_know answers.invalid answers.undeclared",
        SCORES + "test_how_many_answered_and_skipped_each_item",
    ),
    "reliability": every(
        "n_items n n_complete alpha_listwise alpha_low alpha_high mean_inter_item_r alpha_pairwise",
        EACH + "test_every_column_of_a_scale",
    )
    | every("item.n item.n_complete item.mean item.sd", PSYCH + "test_items_of_a_scale")
    | every("item.item_rest_r", EACH + "test_items_of_complete_respondents_are_those_of_item_analysis"),
    "omega": every(
        "n_items n omega_total omega_low omega_high chi_square df cfi tli rmsea rmsea_low rmsea_high srmr",
        EACH + "test_every_column_of_a_scale",
    )
    | every(
        "general.n_items general.n general.omega_hierarchical general.omega_hierarchical_low "
        "general.omega_hierarchical_high general.omega_total general.omega_total_low general.omega_total_high "
        "general.chi_square general.df general.cfi general.tli general.rmsea general.rmsea_low general.rmsea_high "
        "general.srmr",
        EACH + "test_every_column_of_a_scale",
    ),
    "item_analysis": every(
        "missing_share not_asked_share floor_share ceiling_share mean sd item_rest_r alpha_if_deleted loading "
        "loading_standardized value low high n",
        EACH + "test_every_number_of_every_item",
    ),
    "icc": every("n n_groups icc1_mean_size", EACH + "test_every_column_of_a_scale")
    | every("group_size", "groups/test_groups_by_r.py::test_groups_of_unlike_size_by_expected_mean_squares")
    | every(
        "icc1 icc1_low icc1_high icc2 icc2_low icc2_high n_for_70 n_for_70_low n_for_70_high n_for_80 n_for_80_low "
        "n_for_80_high",
        "groups/test_groups_by_r.py::test_groups_of_one_size_are_those_of_shrout_and_fleiss",
    ),
    "rwg": every("n rwg_j", EACH + "test_every_group"),
    "dif": every(
        "n_reference n_focal n_strata log_likelihood_null log_likelihood_score log_likelihood_group "
        "log_likelihood_interaction slope_score slope_group slope_interaction uniform_chi2 uniform_p nonuniform_chi2 "
        "nonuniform_p total_chi2 total_p uniform_mcfadden nonuniform_mcfadden total_mcfadden uniform_nagelkerke "
        "nonuniform_nagelkerke total_nagelkerke mantel_chi2 mantel_p smd smd_sd size matched_on",
        DIF,
    ),
    "calibrate": every(
        "parameters items.value items.se items.slope items.step_1 items.step_2 items.step_3",
        CALIBRATION + "test_slopes_and_steps_and_their_errors",
    )
    | every(
        "items.centred items.centred_se population.mean population.mean_se population.sd population.sd_se",
        CALIBRATION + "test_thresholds_of_mean_nought_and_the_population",
    )
    | every("item_fit.n item_fit.infit item_fit.outfit", CALIBRATION + "test_fit_of_every_item")
    | every(
        "person_fit.n person_fit.theta person_fit.sd person_fit.infit person_fit.outfit person_fit.lz",
        CALIBRATION + "test_every_person",
    )
    | every(
        "information.theta information.information information.se reliability log_likelihood n",
        CALIBRATION + "test_likelihood_reliability_and_information",
    ),
    "careless": every(
        "longstring longstring_mixed longstring_flag mahalanobis mahalanobis_flag attention_missed attention_flag "
        "seconds_per_item speed_flag duplicates duplicates_flag any_flag",
        CARELESS + "test_every_sign_of_every_respondent",
    )
    | every("checks.threshold checks.checked checks.flagged", CARELESS + "test_what_each_check_was_held_to"),
}
# How often a search went round is no statistic: another program goes round otherwise.
NO_STATISTIC = {"calibrate": {"iterations"}}


def columns(table: pd.DataFrame, prefix: str = "") -> set[str]:
    """Columns but for words; a column `reason`, or one that ends so, is one."""
    numbers = (one for one in table.columns if one not in WORDS and not one.endswith("reason"))
    return {prefix + one for one in numbers if not one.startswith("reason")}


def of_score() -> set[str]:
    answers = pd.read_csv(HERE / "synthetic_answers.csv")
    table = {"id": "made_up", "version": "1", "population": "nobody", "source": "made up", "counts_from": 0}
    known = with_conversion("healthy-relationships", **norm(3, 1, "mean"), table={**table, "scale": TABLE})
    methods = ["mean", "sum", "pomp", "favourable", "t", "z", "table"]
    found = connectedness.score(answers, known, methods, keep=["respondent"])
    ours = [one for one in found.columns if one.startswith("hr_belonging")]
    named = {one.removeprefix("hr_belonging").strip("_") or "mean" for one in ours}
    kinds = {f"answers.{kind}" for told in found.attrs["answers"].values() for kind in told}
    items = ["i1", "i2"]
    model = Model("gpcm", [1.0, 2.0], [[-1.0, 1.0], [0.0, 0.5]])
    thetas = [
        score_irt(pd.DataFrame({"i1": [0, 2], "i2": [1, 2]}), instrument(items, 2), parameters(model, items), method)
        for method in ("wle", "eap")
    ]
    named |= {one.removeprefix("s_").split("__")[-1] for theta in thetas for one in theta.columns}
    return (named | kinds) - WORDS - {"answers.column"}


def of_facts(name: str) -> set[str]:
    answers = pd.read_csv(HERE / "scale_facts" / "answers.csv")
    more = {"groups": "school"} if name in ("icc", "rwg") else {}
    found = getattr(connectedness, name)(answers, climate(), **more)
    told = columns(found)
    if name == "reliability":
        told |= columns(item_reliability(answers, climate()), "item.")
    if name == "omega":
        told |= columns(omega_hierarchical(answers, climate()), "general.")
    return told | (set(found["statistic"]) if "statistic" in found else set())


def of_dif() -> set[str]:
    answers = pd.read_csv(HERE / "fairness" / "purified_answers.csv")
    return columns(connectedness.dif(answers, "healthy-relationships", "learning_mode", "hr_belonging"))


def of_calibrate() -> set[str]:
    answers = pd.read_csv(HERE / "calibration" / "answers.csv")
    found = [connectedness.calibrate(answers, instrument([f"i{at}" for at in range(1, 6)], 3), model=model)
             for model in ("pcm", "gpcm")]  # fmt: skip
    told = set()
    for one in found:
        for field in fields(one):
            value = getattr(one, field.name)
            told |= columns(value, f"{field.name}.") if isinstance(value, pd.DataFrame) else {field.name}
        told |= {f"items.{name}" for name in one.items["parameter"]}
    return told


def of_careless() -> set[str]:
    answers = pd.read_csv(HERE / "careless" / "answers.csv")
    found = connectedness.careless(answers, questionnaire(), "seconds")
    told = {name for check in found.attrs["checks"].values() for name in check} - {"reason"}
    return columns(found) | {f"checks.{name}" for name in told}


RETURNED = {name: (lambda name=name: of_facts(name)) for name in NINE} | {
    "score": of_score, "dif": of_dif, "calibrate": of_calibrate, "careless": of_careless,
}  # fmt: skip


@pytest.mark.parametrize("name", NINE)
def test_everything_returned_has_a_golden_comparison(name):
    returned = RETURNED[name]() - NO_STATISTIC.get(name, set())
    assert returned == set(COMPARED[name]), "compare each with R, then name the test that does in COMPARED"


@cache
def functions_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_is_named_exists_and_runs_always():
    for file, test in {tuple(one.split("::")) for told in COMPARED.values() for one in told.values()}:
        assert test in functions_in(HERE / file), (file, test)


def test_every_golden_file_has_its_script_and_versions_beside():
    for folder in [HERE, *(one for one in HERE.iterdir() if list(one.glob("*.csv")))]:
        made = [*folder.glob("*.R"), *folder.glob("*.py")]
        assert list(folder.glob("*.R")), folder
        texts = " ".join(one.read_text(encoding="utf-8") for one in made)
        assert all(file.name in texts for file in folder.glob("*.csv")), folder
        told = list(folder.glob("*versions.txt"))
        assert told or all("R version" in file.read_text() for file in folder.glob("*_r.csv")), folder
