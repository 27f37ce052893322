"""The index BELONG that the OECD published for Italy, Mexico and France in 2018, student by student."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from connectedness.declare.parameters import find_parameters
from connectedness.scoring.irt import score_irt

NEAR = 0.0025
FORMS = {"ITA": "international", "MEX": "international", "FRA": "fra"}


@pytest.fixture(scope="module")
def pisa(real_data):
    return pd.read_csv(real_data / "pisa2018_fra_ita_mex" / "pisa2018_fra_ita_mex.csv")


@pytest.fixture(scope="module")
def scores(pisa):
    by_country = {country: find_parameters(f"pisa-belonging-2018-{form}") for country, form in FORMS.items()}
    return score_irt(pisa, "pisa-belonging", by_country, forms=pisa["CNT"])


@pytest.mark.parametrize(("country", "students"), [("ITA", 593), ("MEX", 365), ("FRA", 311)])
def test_every_student_is_within_the_promised_distance(pisa, scores, country, students):
    rows = pisa["CNT"] == country
    published = pisa.loc[rows, "BELONG"].where(pisa["BELONG"] < 90)
    found = scores.loc[rows, "pisa_belong_wle"]
    assert rows.sum() == students
    assert (found.isna() == published.isna()).all()
    assert (found - published).abs().max() <= NEAR
    assert (found - published).abs().mean() < 0.0002


def test_students_with_missing_answers_too(pisa, scores):
    part = scores["pisa_belong_wle__n"].between(3, 5)
    assert part.sum() == 72
    assert (scores.loc[part, "pisa_belong_wle"] - pisa.loc[part, "BELONG"]).abs().max() <= NEAR


def test_absent_exactly_where_fewer_than_three_are_answered(pisa, scores):
    assert ((scores["pisa_belong_wle__status"] == "ok") == (scores["pisa_belong_wle__n"] >= 3)).all()
    assert (scores["pisa_belong_wle"].notna() == (pisa["BELONG"] < 90)).all()


def test_the_other_form_would_not_do(pisa):
    french = pisa[pisa["CNT"] == "FRA"]
    wrong = score_irt(french, "pisa-belonging", "pisa-belonging-2018-international")["pisa_belong_wle"]
    assert (wrong - french["BELONG"].where(french["BELONG"] < 90)).abs().max() > 0.1


def test_no_standard_error_is_shown(scores):
    assert scores.attrs["scoring_equivalent"]
    assert np.isnan(scores["pisa_belong_wle__se"]).all()
