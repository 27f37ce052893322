"""Real answers of pupils in 30 classes: alpha and item figures by R's psych."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from connectedness.declare.instrument import Instrument
from connectedness.psychometrics.reliability import item_reliability, reliability


@pytest.fixture(scope="module")
def folder(real_data):
    return real_data / "class_wellbeing_mokken"


@pytest.fixture(scope="module")
def oracle(folder):
    return json.loads((folder / "oracle_reliability_icc_rwg.json").read_text(encoding="utf-8"))


def key(scales: dict[str, list[str]]) -> Instrument:
    """A key to the file, whose negative items are turned round already; codes 1 to 5."""
    text = {"en": "x"}
    items = [name for names in scales.values() for name in names]
    return Instrument.model_validate(
        {
            "id": "class-wellbeing", "version": 1, "title": text, "standing": text, "source": [],
            "licence": {"tier": "B", "terms": "a key only"},
            "option_sets": {"five": {"expresses": "agreement", "options": [{"code": code} for code in range(1, 6)]}},
            "items": [{"id": name.lower(), "variable": name, "options": "five"} for name in items],
            "scales": [
                {"id": scale.lower(), "title": text, "description": text, "min_answered": 1,
                 "items": [name.lower() for name in names]}
                for scale, names in scales.items()
            ],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("file", "parts"),
    [
        ("SWMDK.csv", ["teachers", "classmates"]),
        ("SWMD.csv", ["SWMD_teachers"]),
        ("autonomySupport.csv", ["autonomySupport"]),
    ],
)
def test_alpha_and_items(folder, oracle, file, parts):
    answers = pd.read_csv(folder / file)
    instrument = key({part: oracle[part]["items"] for part in parts})
    scales = reliability(answers, instrument).set_index("scale")
    items = item_reliability(answers, instrument)
    for part in parts:
        expected, found = oracle[part], scales.loc[part.lower()]
        assert found["n_complete"] == expected["n_complete"]
        assert found["alpha_listwise"] == pytest.approx(expected["alpha_listwise"], abs=1e-6)
        assert found["mean_inter_item_r"] == pytest.approx(expected["avg_interitem_r"], abs=1e-8)
        own = items[items["scale"] == part.lower()]
        for column, name in (("item_rest_r", "item_rest_r"), ("mean", "item_mean"), ("sd", "item_sd")):
            np.testing.assert_allclose(own[column], expected[name], atol=5.1e-7, rtol=0)


def test_the_two_scales_of_the_same_pupils(folder, oracle):
    instrument = key({part: oracle[part]["items"] for part in ("teachers", "classmates")})
    alpha = reliability(pd.read_csv(folder / "SWMDK.csv"), instrument)["alpha_listwise"].round(4)
    assert alpha.tolist() == [0.8681, 0.8309]
