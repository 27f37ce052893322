"""Real answers: every field that R's psych, lavaan and multilevel filled, at its printed precision."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from golden.scale_facts.beside_r import beside, same_figures, same_rows

from connectedness.declare.instrument import Instrument
from connectedness.psychometrics.facts import scale_facts

# Fields of an oracle, the statistic that answers to each, and how far the file prints it.
OF_SCALE = {
    "n_complete": ("n_complete", 0),
    "alpha_listwise": ("alpha", 1e-8),
    "alpha_std_listwise": ("alpha_standardized", 1e-8),
    "alpha_pairwise_psych": ("alpha_pairwise", 1e-8),
    "avg_interitem_r": ("mean_inter_item_r", 1e-8),
    "lambda6_smc": ("lambda6", 1e-8),
    "omega": ("omega_total", 2e-7),  # lavaan stops climbing at about this
    "alpha_ordinal_polychoric": ("ordinal_alpha", 6e-6),  # psych seeks each correlation to about 1e-4 of its range
    "icc1_of_mean": ("icc1_mean_size", 1e-8),  # multilevel takes the plain mean size
    "icc2_of_mean": ("icc2", 1e-8),
    "rwgj_uniform_mean": ("rwg_j_mean", 1e-8),
    "rwgj_uniform_median": ("rwg_j_median", 1e-8),
    "n_groups": ("n_groups", 0),
}
OF_ITEMS = {
    "item_rest_r": ("item_rest_r", 5.1e-7),
    "alpha_if_dropped": ("alpha_if_deleted", 5.1e-7),
    "item_mean": ("mean", 5.1e-7),
    "item_sd": ("sd", 5.1e-7),
    "loadings_unstd": ("loading", 2e-6),
    "loadings_std": ("loading_standardized", 2e-6),
}
OF_FIT = {"cfi": 6e-6, "tli": 6e-6, "rmsea": 6e-6, "srmr": 6e-6}
# What is no figure, or a setting that the figures show to be ours too.
SETTINGS = {"dataset", "items", "n_rows", "rwgj_expected_variance"}
BACKWARDS = {"ST034Q02TA", "ST034Q03TA", "ST034Q05TA"}


def key(items: list[str], codes: range) -> Instrument:
    """A key to the file; the three positive items of PISA belonging are those whose low code means much."""
    text = {"en": "x"}
    options = [{"code": code} for code in codes]
    return Instrument.model_validate(
        {
            "id": "a-key", "version": 1, "title": text, "standing": text, "source": [],
            "licence": {"tier": "B", "terms": "a key only"},
            "option_sets": {"all": {"expresses": "x", "options": options}},
            "items": [
                {"id": item.lower(), "variable": item, "options": "all",
                 "polarity": "negative" if item in BACKWARDS else "positive"} for item in items
            ],
            "scales": [{"id": "scale", "title": text, "description": text, "min_answered": 1,
                        "structure": "reflective", "items": [item.lower() for item in items]}],
        }
    )  # fmt: skip


def compare(answers: pd.DataFrame, oracle: dict, codes: range, group: str | None) -> set[str]:
    """Hold every field of one oracle to our figure; return the fields compared."""
    known = key(oracle["items"], codes)
    facts = scale_facts(answers, known, {"class": group} if group else None)
    whole = facts[facts["item"].isna() & facts["unit"].isna()].set_index("statistic")["value"]
    # The files speak of complete respondents only, for means and spreads too.
    complete = answers[answers[oracle["items"]].isin(list(codes)).all(axis=1)]
    items = scale_facts(complete, known)
    compared = set()
    for field, (statistic, tolerance) in OF_SCALE.items():
        if field in oracle:
            assert whole[statistic] == pytest.approx(oracle[field], abs=tolerance, rel=0), field
            compared.add(field)
    for field, (statistic, tolerance) in OF_ITEMS.items():
        found = items[items["statistic"] == statistic]
        assert found["item"].tolist() == [item.lower() for item in oracle["items"]]
        assert found["value"].to_numpy() == pytest.approx(oracle[field], abs=tolerance, rel=0), field
        compared.add(field)
    for name, tolerance in OF_FIT.items():
        assert whole[name] == pytest.approx(oracle["fit"][name], abs=tolerance, rel=0), name
    assert oracle["n_rows"] == len(answers)
    return compared | {"fit"}


def check(answers: pd.DataFrame, oracle: dict, codes: range, group: str | None = None) -> None:
    assert compare(answers, oracle, codes, group) == set(oracle) - SETTINGS


@pytest.mark.parametrize(
    ("file", "part"),
    [
        ("SWMDK.csv", "teachers"),
        ("SWMDK.csv", "classmates"),
        ("SWMD.csv", "SWMD_teachers"),
        ("autonomySupport.csv", "autonomySupport"),
    ],
)
def test_pupils_in_classes(real_data, file, part):
    folder = real_data / "class_wellbeing_mokken"
    oracle = json.loads((folder / "oracle_reliability_icc_rwg.json").read_text(encoding="utf-8"))[part]
    answers = pd.read_csv(folder / file)
    assert oracle["rwgj_expected_variance"] == 2  # of five options
    check(answers, oracle, range(1, 6), answers.columns[0])


@pytest.mark.parametrize("part", ["belonging", "bullying"])
def test_timss_2015(real_data, part):
    folder = real_data / "timss2015_grade8_edmdata"
    oracle = json.loads((folder / "oracle_reliability.json").read_text(encoding="utf-8"))[part]
    check(pd.read_csv(folder / "timss2015_g8_belonging_bullying_items.csv"), oracle, range(4))


@pytest.mark.parametrize("part", ["all", "FRA", "ITA", "MEX"])
def test_pisa_2018(real_data, part):
    folder = real_data / "pisa2018_fra_ita_mex"
    oracle = json.loads((folder / "oracle_reliability.json").read_text(encoding="utf-8"))[part]
    answers = pd.read_csv(folder / "pisa2018_fra_ita_mex.csv")
    check(answers if part == "all" else answers[answers["CNT"] == part], oracle, range(1, 5))


HERE = Path(__file__).parent
BELONG = [f"ST034Q0{i}TA" for i in range(1, 7)]
TIMSS = "timss2015_grade8_edmdata/timss2015_g8_belonging_bullying_items.csv"
CASES = {
    "teachers": ("class_wellbeing_mokken/SWMDK.csv", [f"Item{i}" for i in range(1, 8)], range(1, 6), "classId"),
    "classmates": ("class_wellbeing_mokken/SWMDK.csv", [f"Item{i}" for i in range(8, 14)], range(1, 6), "classId"),
    "timss": (TIMSS, [f"BSBG15{letter}" for letter in "ABCDEFG"], range(4), None),
    "timss_bullying": (TIMSS, [f"BSBG16{letter}" for letter in "ABCDEFGHI"], range(4), None),
    "pisa": ("pisa2018_fra_ita_mex/pisa2018_fra_ita_mex.csv", BELONG, range(1, 5), "CNT"),
}


def figures_of_r(folder: Path, case: str) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """What real_answers.R wrote of a case: facts of the scale and its items, and of each group where there are any."""
    facts = pd.read_csv(folder / f"{case}_facts.csv").replace({"unit_type": {"school": "class"}})
    facts["item"] = facts["item"].str.lower()
    groups = folder / f"{case}_groups.csv"
    return facts, pd.read_csv(groups, dtype={"unit": "str"}) if groups.is_file() else None


@pytest.mark.parametrize("case", CASES)
def test_every_figure_and_every_limit_of_real_answers(real_data, case):
    """The folder `real` holds R's figures: of whole files and of groups, and no row of anybody's answers."""
    file, names, codes, group = CASES[case]
    answers, known = pd.read_csv(real_data / file), key(names, codes)
    found = scale_facts(answers, known, {"class": answers[group].astype("str")} if group else None)
    both = beside(found, *figures_of_r(HERE / "real", case), "class")
    same_rows(both)
    assert len(both) > 90
    for column in ("value", "low", "high"):
        same_figures(both, column, climbed=1e-6)


@pytest.mark.long
def test_r_still_makes_the_committed_figures(real_data, tmp_path):
    """R computes all of it again from the real files, and comes to what is committed."""
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    command = ["Rscript", "real_answers.R", str(real_data), str(tmp_path), *CASES]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    if "there is no package called" in done.stderr:
        pytest.skip("R lacks psych, lavaan or multilevel")
    assert done.returncode == 0, done.stderr[-2000:]
    for case in CASES:
        for again, committed in zip(figures_of_r(tmp_path, case), figures_of_r(HERE / "real", case), strict=True):
            if committed is not None:
                pd.testing.assert_frame_equal(again, committed, rtol=1e-6)
