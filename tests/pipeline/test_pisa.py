"""The same commands on real rows: PISA 2018, three countries, no roster."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from connectedness import reliability
from connectedness.declare.project import open_project
from connectedness.pipeline import run_wave
from connectedness.store import report_file

ITEMS = [f"ST034Q0{i}TA" for i in range(1, 7)]
SURVEY = """
id: pisa_2018
title: {{en: "PISA 2018, three countries", fr: "PISA 2018, trois pays"}}
synthetic: true
units: [country, school]
instruments: [pisa-belonging@1]
schools: {{{schools}}}
waves:
  - id: "2018"
    window: [2018-03-01, 2018-12-31]
    files: ["inbox/2018/*.{suffix}"]
    closed: true
    map:
      format: {suffix}
      columns: {{school: CNTSCHID, response_id: CNTSTUID, others: {{country: CNT}}}}
      items: {{{items}}}
"""


@pytest.fixture(scope="module", params=["csv", "sav"])
def run(request, real_data, tmp_path_factory):
    root = tmp_path_factory.mktemp("pisa")
    source = real_data / "pisa2018_fra_ita_mex" / f"pisa2018_fra_ita_mex.{request.param}"
    (root / "inbox" / "2018").mkdir(parents=True)
    (root / "inbox" / "2018" / source.name).write_bytes(source.read_bytes())
    items = ", ".join(f"pisa_{name[:8].lower()}: {name}" for name in ITEMS)
    # Without a roster, and in schools of so few rows, the survey must say which schools there are.
    ids = pd.read_csv(source.with_suffix(".csv"), usecols=["CNTSCHID"])["CNTSCHID"].unique()
    schools = ", ".join(f'"{one}": {{en: "{one}"}}' for one in ids)
    survey = SURVEY.format(suffix=request.param, items=items, schools=schools)
    (root / "survey.yaml").write_text(survey, encoding="utf-8")
    run_wave(root, "2018")
    return root


@pytest.fixture(scope="module")
def published(real_data):
    return pd.read_csv(real_data / "pisa2018_fra_ita_mex" / "pisa2018_fra_ita_mex.csv")


def table(root, name):
    return pd.read_parquet(root / "store" / "2018" / f"{name}.parquet")


def theirs(root, published):
    """The file's own rows beside our accepted ones, in our order."""
    return published.iloc[table(root, "responses")["source_row"] - 2].reset_index(drop=True)


def test_every_row_is_accounted_for(run, published):
    found = json.loads(report_file(open_project(run), "2018").read_text(encoding="utf-8"))
    unanswered = int((published[ITEMS].isin([5, 7, 9]) | published[ITEMS].isna()).all(axis=1).sum())
    assert found["totals"] == {"read": 1269, "accepted": 1269 - unanswered, "quarantined": 0, "excluded": unanswered}
    assert found["files"][0]["excluded"] == {"blank": unanswered}


def test_user_missing_codes_stay_apart(run, published):
    responses, file = table(run, "responses"), theirs(run, published)
    for i, name in enumerate(ITEMS, start=1):
        ours, raw = responses[f"pisa_st034q0{i}"], file[name]
        assert (ours == -2).tolist() == raw.isin([5, 7]).tolist()
        assert (ours == -4).tolist() == (raw == 8).tolist()
        assert (ours == -1).tolist() == ((raw == 9) | raw.isna()).tolist()
        assert ours[ours > 0].tolist() == raw[raw.between(1, 4)].astype(int).tolist()


def test_the_score_goes_with_the_publisher_s_own_index(run, published):
    scores, file = table(run, "scores")["pisa_belong"], theirs(run, published)
    index = file["BELONG"].where(file["BELONG"] < 90)
    assert (scores.notna() == index.notna()).all()
    assert index.notna().sum() == (published["BELONG"] < 90).sum()
    for country in (None, "ITA", "MEX"):
        rows = index.notna() & ((file["CNT"] == country) if country else True)
        assert scores[rows].corr(index[rows]) > 0.9


def test_alpha_is_that_of_r(run, published, real_data):
    oracle = json.loads((real_data / "pisa2018_fra_ita_mex" / "oracle_reliability.json").read_text())
    responses = table(run, "responses")
    for country in ("all", "FRA", "ITA", "MEX"):
        rows = responses if country == "all" else responses[responses["country"] == country]
        found = reliability(rows, "pisa-belonging").set_index("scale").loc["pisa_belong", "alpha_listwise"]
        assert found == pytest.approx(oracle[country]["alpha_listwise"], abs=1e-6)


def test_countries_are_the_widest_unit_and_no_one_knows_how_many_were_asked(run):
    estimates = table(run, "estimates")
    assert set(estimates.loc[estimates["unit_type"] == "country", "unit"]) == {"FRA", "ITA", "MEX"}
    rate = estimates[estimates["measure"] == "response_rate"]
    assert rate["value"].isna().all() and set(rate["status"]) == {"no_roster"}
