"""Keys that ship, on the real rows they were made for: high is what it says, and signs are as expected."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from connectedness.declare.registry import find_instrument
from connectedness.psychometrics.reliability import item_reliability, reliability
from connectedness.scoring.classical import score

INDICES = ["BELONG", "BEINGBULLIED", "TEACHSUP"]
SIGN = {"+": 1, "-": -1}


def sign_of(one: pd.Series, other: pd.Series) -> int:
    both = one.notna() & other.notna()
    return int(np.sign(np.corrcoef(one[both], other[both])[0, 1]))


def oracle(folder) -> dict:
    return json.loads(next(folder.glob("oracle_*.json")).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def timss(real_data):
    folder = real_data / "timss2015_grade8_edmdata"
    return pd.read_csv(next(folder.glob("*.csv"))), oracle(folder)


@pytest.fixture(scope="module")
def classes(real_data):
    folder = real_data / "class_wellbeing_mokken"
    return pd.read_csv(folder / "SWMDK.csv"), oracle(folder)


@pytest.fixture(scope="module")
def pisa(real_data):
    frame = pd.read_csv(real_data / "pisa2018_fra_ita_mex" / "pisa2018_fra_ita_mex.csv")
    return frame.assign(**{name: frame[name].where(frame[name] < 90) for name in INDICES})


def test_timss_high_is_belonging(timss):
    frame, facts = timss
    found = score(frame, "timss-2015-g8-edmdata")
    # Every column in the file runs against belonging, which is stored 0 (agree a lot) to 3.
    assert found["timss15e_belong"].mean() == pytest.approx(3 - np.mean(facts["belonging"]["item_mean"]), abs=1e-6)
    assert found["timss15e_bullied"].mean() == pytest.approx(np.mean(facts["bullying"]["item_mean"]), abs=1e-6)
    assert sign_of(found["timss15e_belong"], found["timss15e_bullied"]) == -1
    alphas = reliability(frame, find_instrument("timss-2015-g8-edmdata"))["alpha_listwise"].round(4).tolist()
    assert alphas == [0.8434, 0.8596]


def test_the_publishers_codes_and_the_packages_codes_give_one_score(timss):
    frame, _ = timss
    belonging = [name for name in frame if name.startswith("BSBG15")]
    bullying = [name for name in frame if name.startswith("BSBG16")]
    as_published = pd.concat([frame[belonging] + 1, 4 - frame[bullying]], axis=1)
    package, published = score(frame, "timss-2015-g8-edmdata"), score(as_published, "timss-2015-g8")
    for scale in ("belong", "bullied"):
        np.testing.assert_allclose(published[f"timss15g8_{scale}"], package[f"timss15e_{scale}"] + 1, atol=1e-12)


def test_well_being_in_classes_needs_no_further_reversal(classes):
    frame, facts = classes
    key = find_instrument("class-wellbeing-cool")
    found = score(frame, key)
    assert found.attrs["answers"]["cool_item01"]["undeclared"] == 0
    assert found["cool_teachers"].mean() == pytest.approx(np.mean(facts["teachers"]["item_mean"]), abs=1e-6)
    assert found["cool_classmates"].mean() == pytest.approx(np.mean(facts["classmates"]["item_mean"]), abs=1e-6)
    assert reliability(frame, key)["alpha_listwise"].round(4).tolist() == [0.8681, 0.8309]
    assert sign_of(found["cool_teachers"], found["cool_classmates"]) == 1


def test_turning_an_item_that_is_stored_turned_round_would_make_it_run_backwards(classes):
    frame, _ = classes
    key = find_instrument("class-wellbeing-cool")
    rest = item_reliability(frame, key).set_index("item")["item_rest_r"]
    assert rest.min() > 0.4
    assert rest[["cool_item07", "cool_item09", "cool_item12"]].round(2).tolist() == [0.43, 0.57, 0.41]


@pytest.mark.parametrize(
    ("name", "scale", "index"),
    [
        ("pisa-bullying-2018", "pisa18_bullied3", "BEINGBULLIED"),
        ("pisa-teacher-support-2018", "pisa18_teachsup", "TEACHSUP"),
        ("pisa-belonging", "pisa_belong", "BELONG"),
    ],
)
def test_a_pisa_score_exists_exactly_where_the_published_index_does(pisa, name, scale, index):
    found = score(pisa, name)
    assert (found[scale].notna() == pisa[index].notna()).all()
    assert np.corrcoef(found[scale].dropna(), pisa[index].dropna())[0, 1] > 0.9


def test_every_expected_sign_that_the_pisa_file_can_show_holds(pisa):
    names = ("pisa-belonging", "pisa-bullying-2018", "pisa-teacher-support-2018")
    instruments = [find_instrument(name) for name in names]
    known = pd.concat([score(pisa, one) for one in instruments] + [pisa[INDICES]], axis=1)
    checked = 0
    for one in instruments:
        for scale in one.scales:
            for other, expected in scale.expected_sign.items():
                if other in known:
                    assert sign_of(known[scale.id], known[other]) == SIGN[expected], (scale.id, other)
                    checked += 1
    assert checked >= 12
