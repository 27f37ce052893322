"""score_irt: from a table of codes to scores with a status, whatever was missing and whichever form was answered."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from unit.scoring.irt_examples import instrument, parameters

from connectedness.errors import ContractError, DeclarationError
from connectedness.itemresponse import Model
from connectedness.scoring.irt import eap, score_irt, wle

ITEMS = ("a", "b", "c")
KNOWN = instrument(ITEMS, 3, min_answered=2, negative=("b",))
MODEL = Model("gpcm", np.array([1.0, 1.5, 0.8]), np.array([[-1.0, 0.0, 1.0], [-0.5, 0.4, 0.2], [-1.5, 0.0, 2.0]]))
PARAMETERS = parameters(MODEL, ITEMS)
TABLE = pd.DataFrame(
    {"a": [0, 3, 2, 2, 7, 9, 5], "b": [3, 0, 1, 9, 7, 8, 1], "c": [0, 3, 7, np.nan, 7, 1, 2]},
    index=list("tuvwxyz"),
)


def test_codes_are_turned_into_categories_in_the_scored_direction():
    scores = score_irt(TABLE, KNOWN, PARAMETERS)
    # Item b is negative: its code 3 is the lowest category.
    answers = np.array([[0, 0, 0], [3, 3, 3], [2, 2, -1], [-1, 2, 2]], np.int8)
    theta, se = wle(answers, MODEL)
    rows = ["t", "u", "v", "z"]
    np.testing.assert_allclose(scores.loc[rows, "s_wle"], theta)
    np.testing.assert_allclose(scores.loc[rows, "s_wle__se"], se)
    assert list(scores.index) == list("tuvwxyz")


def test_status_tells_why_there_is_no_score():
    scores = score_irt(TABLE, KNOWN, PARAMETERS)
    assert list(scores["s_wle__status"]) == [
        "ok",
        "ok",
        "ok",
        "too_few_answered",
        "not_asked",
        "too_few_answered",
        "ok",  # 5 is no declared code, so it is no answer; two others are
    ]
    assert list(scores["s_wle__n"]) == [3, 3, 2, 1, 0, 1, 2]
    assert (scores["s_wle"].isna() == (scores["s_wle__status"] != "ok")).all()


def test_the_parameters_own_rule_and_metric_win():
    own = parameters(MODEL, ITEMS, min_answered=1, metric={"slope": 2, "intercept": 10})
    scores, plain = score_irt(TABLE, KNOWN, own), score_irt(TABLE, KNOWN, PARAMETERS)
    assert scores.loc["w", "s_wle__status"] == "ok"
    np.testing.assert_allclose(scores.loc["t":"v", "s_wle"], 10 + 2 * plain.loc["t":"v", "s_wle"])
    np.testing.assert_allclose(scores.loc["t":"v", "s_wle__se"], 2 * plain.loc["t":"v", "s_wle__se"])


def test_eap_takes_the_population_of_the_parameters():
    own = parameters(MODEL, ITEMS, population={"mean": 0.5, "sd": 2.0})
    scores = score_irt(TABLE, KNOWN, own, "eap")
    theta, sd = eap(np.array([[0, 0, 0], [3, 3, 3]], np.int8), MODEL, 0.5, 2.0)
    np.testing.assert_allclose(scores.loc[["t", "u"], ["s_eap", "s_eap__se"]], np.column_stack([theta, sd]))


def test_scoring_equivalent_parameters_give_no_standard_error_and_no_eap():
    own = parameters(MODEL, ITEMS, scoring_equivalent=True)
    scores = score_irt(TABLE, KNOWN, own)
    assert scores["s_wle__se"].isna().all()
    assert scores["s_wle"].notna().sum() == 4
    assert scores.attrs["scoring_equivalent"]
    with pytest.raises(DeclarationError, match="scoring-equivalent"):
        score_irt(TABLE, KNOWN, own, "eap")


def test_each_form_has_its_own_parameters():
    other = parameters(Model("gpcm", MODEL.slopes, MODEL.thresholds + 1), ITEMS)
    forms = pd.Series(["en", "fr", "fr", "en", "en", None, "de"])
    scores = score_irt(TABLE, KNOWN, {"en": PARAMETERS, "fr": other}, forms=forms)
    plain = score_irt(TABLE, KNOWN, PARAMETERS)
    assert scores.loc["t", "s_wle"] == plain.loc["t", "s_wle"]
    np.testing.assert_allclose(scores.loc["u":"v", "s_wle"], plain.loc["u":"v", "s_wle"] + 1)
    assert list(scores.loc["y":"z", "s_wle__status"]) == ["no_parameters", "no_parameters"]


def test_an_item_without_a_column_is_not_asked():
    scores = score_irt(TABLE.drop(columns="c"), KNOWN, PARAMETERS)
    assert list(scores["s_wle__n"]) == [2, 2, 2, 1, 0, 0, 1]


def test_what_does_not_belong_together_is_refused():
    with pytest.raises(DeclarationError, match="another instrument"):
        score_irt(TABLE, KNOWN, parameters(MODEL, ITEMS, instrument="made-up@2"))
    with pytest.raises(DeclarationError, match="no such scale"):
        score_irt(TABLE, KNOWN, parameters(MODEL, ITEMS, scale="other"))
    with pytest.raises(DeclarationError, match="not those of the scale"):
        score_irt(TABLE, KNOWN, parameters(MODEL, ("a", "b", "d")))
    with pytest.raises(DeclarationError, match="number of steps"):
        score_irt(TABLE, KNOWN, parameters(Model("gpcm", MODEL.slopes, MODEL.thresholds[:, :2]), ITEMS))
    with pytest.raises(DeclarationError, match="way of scoring"):
        score_irt(TABLE, KNOWN, PARAMETERS, "map")
    with pytest.raises(DeclarationError, match="both or neither"):
        score_irt(TABLE, KNOWN, PARAMETERS, forms=pd.Series(["en"] * len(TABLE)))
    with pytest.raises(DeclarationError, match="no parameter file"):
        score_irt(TABLE, KNOWN, "nowhere")
    with pytest.raises(ContractError, match="no column"):
        score_irt(pd.DataFrame({"x": [1]}), KNOWN, PARAMETERS)
