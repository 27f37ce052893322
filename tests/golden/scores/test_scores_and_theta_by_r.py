"""Shares favourable, norms, tables and thetas with their errors, computed by R alone; scores.R made them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from unit.scoring.irt_examples import instrument, parameters

from connectedness.declare.instrument import Instrument
from connectedness.declare.parameters import find_parameters
from connectedness.declare.registry import find_instrument
from connectedness.itemresponse import Model, model_of
from connectedness.scoring.classical import score
from connectedness.scoring.irt import eap, score_irt, wle

HERE = Path(__file__).parent
ANSWERS = pd.read_csv(HERE.parent / "synthetic_answers.csv")
EXPECTED = pd.read_csv(HERE / "favourable_norms_tables.csv")
TABLE = pd.read_csv(HERE / "table.csv").set_index("sum")["scale"].to_dict()
THETA = pd.read_csv(HERE / "theta.csv")


def same(found, expected, tolerance=1e-6):
    np.testing.assert_allclose(found.to_numpy(float), expected.to_numpy(float), rtol=0, atol=tolerance)


def with_conversion(name: str, **conversion: object) -> Instrument:
    """An instrument that ships, with a made-up norm or table on its first scale."""
    declared = find_instrument(name).model_dump(mode="json", exclude_none=True, exclude_unset=True)
    declared["scales"][0] |= conversion
    return Instrument.model_validate(declared)


def norm(mean: float, sd: float, of: str) -> dict[str, object]:
    facts = {"id": "made_up", "version": "1", "population": "nobody", "source": "made up"}
    return {"norms": [facts | {"mean": mean, "sd": sd, "of": of}]}


def test_share_favourable():
    for name, scale in (("healthy-relationships", "hr_belonging"), ("pisa-belonging", "pisa_belong")):
        found = score(ANSWERS, name, ["favourable"])[f"{scale}_favourable"]
        same(found, EXPECTED[f"{scale}_favourable"])
        assert found.nunique() > 8


def test_how_many_answered_and_skipped_each_item():
    counts = pd.read_csv(HERE / "counts.csv").set_index("item")
    for name in ("healthy-relationships", "pisa-belonging"):
        for told in score(ANSWERS, name).attrs["answers"].values():
            expected = counts.loc[told["column"]].to_dict()
            assert {kind: told[kind] for kind in expected} == expected
            assert {told[kind] for kind in ("not_asked", "dont_know", "invalid", "undeclared")} == {0}


@pytest.mark.parametrize(
    ("name", "scale", "short", "declared"),
    [
        ("healthy-relationships", "hr_belonging", "hr", norm(3.21, 0.87, "mean")),
        ("pisa-belonging", "pisa_belong", "pisa", norm(16.4, 3.9, "sum")),
    ],
)
def test_z_and_t_against_a_norm(name, scale, short, declared):
    found = score(ANSWERS, with_conversion(name, **declared), ["z", "t"])
    same(found[f"{scale}_z"], EXPECTED[f"{short}_z"])
    same(found[f"{scale}_t"], EXPECTED[f"{short}_t"])


@pytest.mark.parametrize(("prorate", "column"), [(None, "whole"), ("nearest", "nearest"), ("up", "up")])
def test_scores_by_a_table_of_raw_sums(prorate, column):
    table = {"id": "made_up", "version": "1", "population": "nobody", "source": "made up", "scale": TABLE}
    known = with_conversion("healthy-relationships", table=table | {"counts_from": 0, "prorate": prorate})
    found = score(ANSWERS, known, ["table"])["hr_belonging_table"]
    same(found, EXPECTED[f"table_{column}"])
    assert found.notna().sum() > 60


GPCM = Model("gpcm", np.array([0.6, 1.1, 1.7, 0.9, 2.2]), np.array(
    [[-1.9, -0.4, 0.8, 1.6], [-1.2, -1.4, 0.5, 1.1], [-2.0, -0.7, 0.1, 1.3], [-0.5, 0.0, 0.9, 2.4],
     [-1.0, -0.2, 0.6, 1.5]]
))  # fmt: skip
GRM = Model("grm", np.array([0.7, 1.2, 1.9, 1.0, 2.4]), np.array(
    [[-1.9, -0.4, 0.8, 1.6], [-1.5, -1.1, 0.5, 1.1], [-2.0, -0.7, 0.1, 1.3], [-0.5, 0.0, 0.9, 2.4],
     [-1.0, -0.2, 0.6, 1.5]]
))  # fmt: skip
MODELS = {
    "pcm": (model_of(find_parameters("pirls-bullying-2011")), 0, 1),
    "gpcm": (GPCM, 0.4, 1.3),
    "grm": (GRM, -0.3, 0.9),
}


def patterns_of(name: str) -> tuple[pd.DataFrame, np.ndarray]:
    rows = THETA[THETA["model"] == name]
    return rows, np.array([one.split() for one in rows["answers"]], np.int8)


@pytest.mark.parametrize("name", MODELS)
def test_warm_s_estimate_and_its_error(name):
    rows, categories = patterns_of(name)
    theta, se = wle(categories, MODELS[name][0])
    same(pd.Series(theta), rows["wle"])
    same(pd.Series(se), rows["wle_se"])
    assert (categories < 0).any(axis=1).sum() > 20
    assert len(rows) == 45


@pytest.mark.parametrize("name", MODELS)
def test_mean_and_sd_of_the_posterior(name):
    rows, categories = patterns_of(name)
    theta, sd = eap(categories, *MODELS[name])
    same(pd.Series(theta), rows["eap"])
    same(pd.Series(sd), rows["eap_sd"])


@pytest.mark.parametrize("name", ["gpcm", "grm"])
@pytest.mark.parametrize("method", ["wle", "eap"])
def test_the_same_through_a_table_of_answers(name, method):
    model, mean, sd = MODELS[name]
    rows, categories = patterns_of(name)
    items = [f"i{at}" for at in range(model.n_items)]
    answers = pd.DataFrame(categories, columns=items).replace(-1, 9)
    declared = parameters(model, items, population={"mean": mean, "sd": sd})
    found = score_irt(answers, instrument(items, 4), declared, method)
    same(found[f"s_{method}"], rows[method])
    same(found[f"s_{method}__se"], rows["wle_se" if method == "wle" else "eap_sd"])
