"""`connectedness score` on one file: every method, and what the scores were made with beside them."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from connectedness import score, score_irt
from connectedness.cli import app
from connectedness.errors import ConnectednessError, DeclarationError
from connectedness.onefile import score_file
from connectedness.tables import read_table

ITEMS = ["q1", "q2", "q3"]
NORM = {"id": "grade7", "version": "2026", "population": "Grade 7", "mean": 3.2, "sd": 0.8, "source": "A report"}
TABLE = {
    "id": "manual", "version": "2", "population": "Grade 8", "source": "A manual",
    "scale": {raw: 20.0 + 2.5 * raw for raw in range(3, 16)},
}  # fmt: skip
PISA = [f"ST034Q0{i}TA" for i in range(1, 7)]


@pytest.fixture
def instrument(tmp_path):
    text = {"en": "x"}
    declared = {
        "id": "made", "version": 1, "title": text, "standing": text, "source": ["x"],
        "licence": {"tier": "B", "terms": "x"},
        "option_sets": {"five": {"expresses": "agreement", "options": [{"code": i} for i in range(1, 6)]}},
        "items": [{"id": q, "options": "five", "polarity": "positive"} for q in ITEMS],
        "scales": [
            {"id": "made_s", "title": text, "description": text, "items": ITEMS, "min_answered": 2, "norms": [NORM],
             "table": TABLE}
        ],
    }  # fmt: skip
    file = tmp_path / "made.yaml"
    file.write_text(json.dumps(declared), encoding="utf-8")
    return str(file)


@pytest.fixture
def answers(tmp_path):
    file = tmp_path / "answers.csv"
    pd.DataFrame([[4, 4, 2], [5, 5, 5], [1, 2, 3]], columns=ITEMS).to_csv(file, index=False)
    return file


@pytest.fixture
def pisa(tmp_path):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.integers(1, 5, (80, 6)), columns=PISA)
    frame["CNT"] = ["ITA", "FRA", "MEX", "DEU"] * 20
    frame.to_csv(tmp_path / "pisa.csv", index=False)
    return tmp_path / "pisa.csv"


@pytest.mark.parametrize("method", ["mean", "sum", "pomp", "t", "z", "table"])
@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_the_norm_and_the_table_travel_with_every_written_score_table(instrument, answers, tmp_path, method, ending):
    out = tmp_path / f"scores{ending}"
    told = score_file(instrument, answers, out, methods=[method])
    beside = json.loads((tmp_path / f"scores{ending}.json").read_text(encoding="utf-8"))
    assert beside == told["made_with"]
    assert beside["instruments"] == ["made@1"] and beside["methods"] == [method]
    if method in ("t", "z"):
        assert beside["norms"]["made_s"] == {**NORM, "of": "mean"}
    if method == "table":
        assert beside["tables"]["made_s"]["version"] == "2"
    if ending == ".parquet":
        assert read_table(out).attrs == beside
    assert told["scales"][0]["method"] == method and told["scales"][0]["scored"] == 3


def test_a_method_other_than_the_mean_is_summed_up_on_its_own_range(instrument, answers, tmp_path):
    told = score_file(instrument, answers, tmp_path / "t.csv", methods=["t"])["scales"]
    means = [10 / 3, 5.0, 2.0]
    assert told == [
        {"id": "made_s", "method": "t", "scored": 3, "range": None,
         "mean": pytest.approx(np.mean([50 + 10 * (m - 3.2) / 0.8 for m in means]))}
    ]  # fmt: skip
    assert score_file(instrument, answers, tmp_path / "s.csv", methods=["sum"])["scales"][0]["range"] == "3 to 15"


def test_item_response_scores_by_the_country_in_a_column(pisa, tmp_path):
    out = tmp_path / "wle.csv"
    told = score_file("pisa-belonging", pisa, out, keep=["CNT"], methods=["wle", "mean"], form_column="CNT")
    written, frame = pd.read_csv(out), pd.read_csv(pisa)
    here = frame["CNT"].isin(["ITA", "MEX"])
    expected = score_irt(frame[here], "pisa-belonging", "pisa-belonging-2018-international", "wle")["pisa_belong_wle"]
    np.testing.assert_allclose(written.loc[here, "pisa_belong_wle"], expected, rtol=1e-12)
    france = score_irt(frame[frame["CNT"] == "FRA"], "pisa-belonging", "pisa-belonging-2018-fra", "wle")
    np.testing.assert_allclose(
        written.loc[frame["CNT"] == "FRA", "pisa_belong_wle"], france["pisa_belong_wle"], rtol=1e-12
    )
    assert set(written.loc[frame["CNT"] == "DEU", "pisa_belong_wle__status"]) == {"no_parameters"}
    np.testing.assert_allclose(written["pisa_belong"], score(frame, "pisa-belonging")["pisa_belong"])
    assert len(told["made_with"]["parameters"]) == 2 and told["scales"][0]["method"] == "wle"


def test_a_form_is_never_assumed(pisa, tmp_path):
    with pytest.raises(DeclarationError, match="belong to a form"):
        score_file("pisa-belonging", pisa, tmp_path / "o.csv", methods=["wle"])
    with pytest.raises(DeclarationError, match="no parameters"):
        score_file("pisa-belonging", pisa, tmp_path / "o.csv", methods=["wle"], form="deu")
    assert not (tmp_path / "o.csv").exists()


def test_parameters_of_ones_own_come_from_a_file(pisa, tmp_path):
    made = CliRunner().invoke(
        app, ["calibrate", "pisa-belonging", str(pisa), "-o", str(tmp_path / "own.yaml"), "--model", "pcm", "--json"]
    )
    assert made.exit_code == 0, made.output
    fit = json.loads(made.stdout)
    assert fit["theta"] == "normal" and fit["person_fit"]["judged"] == 80 and len(fit["information"]) > 10
    told = score_file("pisa-belonging", pisa, tmp_path / "o.parquet", methods=["eap"], form=str(tmp_path / "own.yaml"))
    assert told["scales"][0]["scored"] == 80
    assert pd.read_parquet(tmp_path / "o.parquet")["pisa_belong_eap__se"].gt(0).all()


def test_an_unverified_instrument_scores_only_where_that_is_accepted():
    frame = pd.DataFrame({f"pisa22_st267q0{i}": [1, 2, 3] for i in range(1, 9)})
    with pytest.raises(DeclarationError, match="verified"):
        score(frame, "pisa-student-teacher-2022")
    assert score(frame, "pisa-student-teacher-2022", accept_unverified=True)["pisa22_relatst"].notna().all()


@pytest.mark.parametrize("function", ["score", "reliability", "omega", "item_analysis", "careless"])
def test_an_instrument_bound_by_a_licence_says_so(function):
    import connectedness

    with pytest.raises(DeclarationError, match="licence"):
        getattr(connectedness, function)(pd.DataFrame({"a": [1]}), "sdq")
    with pytest.raises(DeclarationError, match="no instrument"):
        getattr(connectedness, function)(pd.DataFrame({"a": [1]}), None)
    with pytest.raises(ConnectednessError, match="no table"):
        getattr(connectedness, function)([1, 2], "pisa-belonging")
