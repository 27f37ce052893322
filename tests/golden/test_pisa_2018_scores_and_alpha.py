"""Real PISA 2018 answers: alpha and item figures by R's psych, and the publisher's own BELONG index."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from connectedness.psychometrics.reliability import item_reliability, reliability
from connectedness.scoring.classical import METHODS, score

COUNTRIES = ("all", "FRA", "ITA", "MEX")


@pytest.fixture(scope="module")
def pisa(real_data):
    return pd.read_csv(real_data / "pisa2018_fra_ita_mex" / "pisa2018_fra_ita_mex.csv")


@pytest.fixture(scope="module")
def oracle(real_data):
    return json.loads((real_data / "pisa2018_fra_ita_mex" / "oracle_reliability.json").read_text(encoding="utf-8"))


def rows_of(pisa: pd.DataFrame, country: str) -> pd.DataFrame:
    return pisa if country == "all" else pisa[pisa["CNT"] == country]


@pytest.mark.parametrize("country", COUNTRIES)
def test_alpha(pisa, oracle, country):
    found, expected = reliability(rows_of(pisa, country), "pisa-belonging").iloc[0], oracle[country]
    assert found["n_complete"] == expected["n_complete"]
    assert found["alpha_listwise"] == pytest.approx(expected["alpha_listwise"], abs=1e-6)
    assert found["alpha_pairwise"] == pytest.approx(expected["alpha_pairwise_psych"], abs=1e-6)
    assert found["mean_inter_item_r"] == pytest.approx(expected["avg_interitem_r"], abs=1e-8)


@pytest.mark.parametrize("country", COUNTRIES)
def test_items(pisa, oracle, country):
    found, expected = item_reliability(rows_of(pisa, country), "pisa-belonging"), oracle[country]
    # The figures are printed to six decimals.
    for column, name in (("item_rest_r", "item_rest_r"), ("mean", "item_mean"), ("sd", "item_sd")):
        np.testing.assert_allclose(found[column], expected[name], atol=5.1e-7, rtol=0)


def test_every_row_is_scored_where_the_publisher_has_an_index_and_nowhere_else(pisa):
    scores = score(pisa, "pisa-belonging", METHODS)
    assert len(scores) == len(pisa) == 1269
    assert (scores["pisa_belong"].notna() == (pisa["BELONG"] < 90)).all()
    kinds = scores.attrs["answers"]["pisa_st034q01"]
    assert kinds["undeclared"] == 0
    assert kinds["answered"] == pisa["ST034Q01TA"].between(1, 4).sum()
    assert kinds["skipped"] == (pisa["ST034Q01TA"] == 9).sum() + pisa["ST034Q01TA"].isna().sum()


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_score_goes_with_the_published_index(pisa, country):
    rows = rows_of(pisa, country)
    published = rows["BELONG"].where(rows["BELONG"] < 90)
    assert score(rows, "pisa-belonging")["pisa_belong"].corr(published) > 0.9
