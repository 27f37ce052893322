"""Every statistic of a scale, and every interval, computed by R on made-up answers; scale_facts.R made them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from golden.scale_facts.beside_r import beside, same_figures, same_rows

from connectedness.declare.instrument import Instrument
from connectedness.psychometrics.facts import scale_facts
from connectedness.psychometrics.icc import icc
from connectedness.psychometrics.items import item_analysis
from connectedness.psychometrics.omega import omega
from connectedness.psychometrics.omega_hierarchical import omega_hierarchical
from connectedness.psychometrics.reliability import reliability
from connectedness.psychometrics.rwg import rwg

HERE = Path(__file__).parent
ANSWERS = pd.read_csv(HERE / "answers.csv")
FACTS = pd.read_csv(HERE / "facts.csv")
GROUPS = pd.read_csv(HERE / "groups.csv")
NEGATIVE = {"warm4", "fair3", "safe4"}
LEVELS = pytest.mark.parametrize("level", [0.95, 0.99])


def climate() -> Instrument:
    text = {"en": "x"}
    scales = {"warm": 5, "fair": 4, "safe": 6}
    return Instrument.model_validate(
        {
            "id": "climate", "version": 1, "title": text, "standing": text, "source": ["made for this test"],
            "licence": {"tier": "A", "terms": "ours"},
            "option_sets": {"five": {"expresses": "agreement", "options": [{"code": code} for code in range(1, 6)]}},
            "items": [
                {"id": item, "options": "five", "polarity": "negative" if item in NEGATIVE else "positive"}
                for scale, size in scales.items() for item in (f"{scale}{i}" for i in range(1, size + 1))
            ],
            "scales": [
                {"id": scale, "title": text, "description": text, "min_answered": 3, "structure": "reflective",
                 "items": [f"{scale}{i}" for i in range(1, size + 1)]}
                for scale, size in scales.items()
            ],
            "general": {"id": "climate", "title": text, "scales": list(scales)},
            "missing": {7: "not_asked"},
        }
    )  # fmt: skip


@pytest.fixture(scope="module", params=[0.95, 0.99])
def both(request):
    """Our facts beside R's, at one confidence, row by row."""
    found = scale_facts(ANSWERS, climate(), {"school": "school"}, level=request.param)
    facts, groups = (table[table["level"] == request.param].drop(columns="level") for table in (FACTS, GROUPS))
    return beside(found, facts, groups, "school")


def test_r_has_every_row_and_we_have_every_row_of_r(both):
    # multilevel leaves out a group of whom nobody answered all; here every group has somebody.
    same_rows(both)
    assert both["statistic"].nunique() == 39


@pytest.mark.parametrize("column", ["value", "low", "high"])
def test_every_figure_and_every_limit(both, column):
    same_figures(both, column)


def test_how_many_stand_behind_each_figure(both):
    counted = both[both["n_r"].notna()]
    assert len(counted) > 200
    pd.testing.assert_series_equal(counted["n"].astype(float), counted["n_r"], check_names=False)


def test_limits_hold_the_figure_and_say_how_they_were_made(both):
    limited = both[both["low"].notna()]
    assert (limited["low"] <= limited["value"]).all()
    assert limited["interval"].notna().all()
    assert both.loc[both["low"].isna(), "interval"].isna().all()
    assert both["value"].notna().all()


def test_psych_agrees_on_ordinal_alpha_as_far_as_it_searches():
    found = scale_facts(ANSWERS, climate()).query("statistic == 'ordinal_alpha'").set_index("scale")["value"]
    expected = FACTS[FACTS["statistic"] == "ordinal_alpha_psych"].groupby("scale")["value"].first()
    assert found[expected.index].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-5)


@LEVELS
def test_each_function_alone_tells_the_same(level):
    facts = scale_facts(ANSWERS, climate(), {"school": "school"}, level=level)
    facts[["item", "unit", "unit_type"]] = facts[["item", "unit", "unit_type"]].fillna("")
    at = facts.set_index(["scale", "statistic", "item", "unit_type", "unit"])

    for row in reliability(ANSWERS, climate(), level=level).itertuples():
        alpha = at.loc[(row.scale, "alpha", "", "", "")]
        assert [row.alpha_listwise, row.alpha_low, row.alpha_high] == pytest.approx(
            list(alpha[["value", "low", "high"]])
        )
        assert row.alpha_pairwise == pytest.approx(at.loc[(row.scale, "alpha_pairwise", "", "", ""), "value"])
    for row in omega(ANSWERS, climate(), level=level).itertuples():
        total = at.loc[(row.scale, "omega_total", "", "", "")]
        assert [row.omega_total, row.omega_low, row.omega_high] == list(total[["value", "low", "high"]])
    general = omega_hierarchical(ANSWERS, climate(), level=level).iloc[0]
    assert general["omega_hierarchical_low"] == at.loc[("climate", "omega_hierarchical", "", "", ""), "low"]
    for row in icc(ANSWERS, climate(), "school", level=level).itertuples():
        icc1 = at.loc[(row.scale, "icc1", "", "school", "")]
        assert [row.icc1, row.icc1_low, row.icc1_high] == list(icc1[["value", "low", "high"]])
    for row in rwg(ANSWERS, climate(), ANSWERS["school"]).itertuples():
        assert row.rwg_j == at.loc[(row.scale, "rwg_j", "", "school", row.group), "value"]
    items = item_analysis(ANSWERS, climate(), level=level)
    assert len(items) == 10 * 15
    for row in items.itertuples():
        assert row.value == at.loc[(row.scale, row.statistic, row.item, "", ""), "value"]


def test_the_order_of_rows_and_the_kind_of_columns_do_not_matter():
    again = ANSWERS.sample(frac=1, random_state=1).astype({"warm1": "Int64", "fair1": "str", "safe1": "Float32"})
    one, two = (scale_facts(frame, climate(), {"school": "school"}) for frame in (ANSWERS, again))
    pd.testing.assert_frame_equal(one, two, rtol=1e-9)
