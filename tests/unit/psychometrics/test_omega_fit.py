"""Omega: its model, its limits, and what it says of a scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from unit.psychometrics.facts_examples import drawn, likert

from connectedness.psychometrics.facts import scale_facts
from connectedness.psychometrics.facts_answers import Answers
from connectedness.psychometrics.facts_judgement import headline_withheld
from connectedness.psychometrics.omega import OneFactor, omega
from connectedness.psychometrics.omega_fit import fit_structure, one_factor, one_factor_start, second_order
from connectedness.psychometrics.omega_hierarchical import omega_hierarchical
from connectedness.psychometrics.reliability import reliability


def fitted(covariance: np.ndarray, n: int = 500) -> OneFactor:
    """The model of a covariance matrix; with no answers behind it, it has no limits of omega."""
    fit = fit_structure(one_factor(len(covariance)), one_factor_start(covariance), covariance, n)
    assert not isinstance(fit, str), fit
    return OneFactor(fit, Answers((), np.empty((0, 0), np.int8), 0, 0))


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(float, st.integers(3, 12), elements=st.floats(0.3, 0.9)),
    st.floats(0.1, 30),
)
def test_a_model_that_holds_is_found_again(loadings, scale):
    covariance = scale**2 * (np.outer(loadings, loadings) + np.diag(1 - loadings**2))
    n = 400
    model = fitted(covariance * n / (n - 1), n)
    np.testing.assert_allclose(model.loadings, scale * loadings, rtol=1e-5)
    assert model.fit.chi_square == pytest.approx(0, abs=1e-6)
    assert model.omega == pytest.approx(loadings.sum() ** 2 / (loadings.sum() ** 2 + (1 - loadings**2).sum()), rel=1e-6)


def test_equal_items_have_an_omega_that_is_their_alpha():
    covariance = np.full((5, 5), 0.4) + np.diag(np.full(5, 0.6))
    assert fitted(covariance).omega == pytest.approx(5 * 0.4 / (1 + 4 * 0.4))


@pytest.mark.parametrize("size", [3, 6, 20])
def test_slopes_are_the_slopes_of_what_is_implied(size):
    rng = np.random.default_rng(size)
    group_of = np.sort(np.arange(size) % 3)
    for structure, count in ((one_factor(size), 2 * size), (second_order(group_of), 2 * size + 3)):
        at = rng.uniform(0.3, 0.8, count)
        for place, slope in enumerate(structure.slopes(at)):
            step = np.zeros(count)
            step[place] = 1e-6
            np.testing.assert_allclose(
                (structure.implied(at + step) - structure.implied(at - step)) / 2e-6, slope, atol=1e-8
            )


@pytest.mark.parametrize("cuts", [[-1.2, -0.4, 0.4, 1.2], [-2.2, -1.6, -1, -0.2]], ids=["even", "crowded at the top"])
def test_the_interval_covers_the_truth_as_often_as_it_says(cuts):
    known = likert({"s": 5})
    loadings = np.array([0.8, 0.7, 0.6, 0.5, 0.7])
    rng = np.random.default_rng(5)

    def answers(n: int) -> pd.DataFrame:
        latent = rng.standard_normal((n, 1)) * loadings + rng.standard_normal((n, 5)) * np.sqrt(1 - loadings**2)
        return pd.DataFrame(np.digitize(latent, cuts) + 1, columns=list(known.scales[0].items))

    truth = omega(answers(1_000_000), known)["omega_total"].iloc[0]
    found = pd.concat([omega(answers(300), known) for _ in range(250)])
    assert 0.92 <= ((found["omega_low"] <= truth) & (truth <= found["omega_high"])).mean() <= 0.98


def test_a_weak_scale_has_a_model_where_there_is_one():
    # Scales that hardly hold together, from which the first guess alone runs away to a variance under nought.
    known = likert({"s": 5})
    found = pd.concat([omega(drawn(known, 400, load=0.4, seed=seed), known) for seed in range(60)])
    assert found["omega_total"].notna().mean() > 0.95
    assert set(found["reason"].dropna()) <= {"heywood_case", "no_convergence"}


def test_the_direction_of_the_score_does_not_change_omega():
    known = likert({"s": 5})
    frame = drawn(known, 300)
    one, turned = omega(frame, known).iloc[0], omega(6 - frame, known).iloc[0]
    assert one["omega_total"] == pytest.approx(turned["omega_total"], abs=1e-9)


def test_a_general_score_over_subscales_that_share_nothing_has_little_general():
    known = likert({"a": 4, "b": 4, "c": 4}, general=True)
    apart = drawn(known, 2000)
    facts = omega_hierarchical(apart, known).iloc[0]
    # Chance alone ties them, if anything does: the model may then have no general factor to speak of.
    assert facts["reason"] in ("heywood_case", "not_identified", "no_convergence") or facts["omega_hierarchical"] < 0.1


def test_a_general_score_over_one_trait_is_all_general():
    known = likert({"a": 3, "b": 3, "c": 3}, general=True)
    rng = np.random.default_rng(2)
    trait = rng.standard_normal(4000)
    subs = np.repeat(0.95 * trait[:, None] + np.sqrt(1 - 0.95**2) * rng.standard_normal((4000, 3)), 3, axis=1)
    latent = 0.7 * subs + np.sqrt(1 - 0.49) * rng.standard_normal((4000, 9))
    frame = pd.DataFrame(np.digitize(latent, [-1, -0.3, 0.3, 1]) + 1, columns=[i.id for i in known.items])
    row = omega_hierarchical(frame, known).iloc[0]
    assert 0.93 < row["omega_hierarchical"] / row["omega_total"] < 1
    assert row["omega_hierarchical_low"] < row["omega_hierarchical"] < row["omega_hierarchical_high"]


def test_no_general_score_declared_gives_no_row():
    known = likert({"a": 3, "b": 3, "c": 3})
    frame = drawn(known)
    assert omega_hierarchical(frame, known).empty
    assert "omega_hierarchical" not in set(scale_facts(frame, known)["statistic"])


def test_a_subscale_of_one_item_has_no_general_model():
    known = likert({"a": 3, "b": 3, "c": 1}, general=True)
    assert omega_hierarchical(drawn(known), known)["reason"].tolist() == ["subscale_of_one_item"]
    facts = scale_facts(drawn(known), known)
    assert (facts.loc[facts["scale"] == "whole", "reason"].dropna() == "subscale_of_one_item").all()


@pytest.mark.parametrize(
    ("load", "n", "verdict"),
    [(0.8, 400, "fine"), (0.55, 4000, "flagged"), (0.3, 4000, "withheld"), (0.45, 40, "flagged")],
)
def test_the_headline(load, n, verdict):
    known = likert({"s": 4})
    judged = headline_withheld(scale_facts(drawn(known, n, load=load, seed=4), known)).iloc[0]
    assert judged["verdict"] == verdict, judged
    assert judged["withheld"] == (verdict == "withheld") and judged["flagged"] == (verdict in ("withheld", "flagged"))


def test_a_scale_without_a_proper_model_does_not_pass_for_want_of_one():
    # The first item goes with the second and with the third, and these two do not: it would have to share more than
    # it varies.
    rng = np.random.default_rng(0)
    first, other = rng.integers(1, 6, 3000), rng.integers(1, 6, (3000, 2))
    same = rng.random(3000) < 0.6
    rows = np.column_stack([first, np.where(same, first, 3), np.where(same, other[:, 0], first), other[:, 1]])
    known = likert({"s": 4})
    judged = headline_withheld(scale_facts(pd.DataFrame(rows, columns=["s1", "s2", "s3", "s4"]), known)).iloc[0]
    assert judged["reason"] == "heywood_case" and judged["basis"] == "alpha"
    assert judged["verdict"] == "withheld" and judged["high"] < 0.6


def test_a_scale_that_is_not_declared_reflective_is_not_judged_and_keeps_its_facts():
    known = likert({"s": 4})
    scale = known.scales[0].model_copy(update={"structure": None})
    facts = scale_facts(drawn(known, 4000, load=0.3), known.model_copy(update={"scales": (scale,)}))
    assert headline_withheld(facts)["verdict"].tolist() == ["withheld"]
    judged = headline_withheld(facts, ["s"]).iloc[0]
    assert (judged["verdict"], judged["withheld"], judged["reason"]) == ("not_judged", False, "structure_not_declared")
    assert facts.loc[facts["statistic"] == "omega_total", "value"].notna().all()


def test_feldt_covers_the_truth_as_often_as_it_says():
    known = likert({"s": 4}, top=300)
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(200):
        rows = 40 * (rng.standard_normal((60, 1)) + rng.standard_normal((60, 4))) + 150
        frame = pd.DataFrame(np.clip(rows.round(), 1, 300), columns=list(known.scales[0].items))
        facts = reliability(frame, known).iloc[0]
        covered += facts["alpha_low"] <= 0.8 <= facts["alpha_high"]
    assert 0.91 <= covered / 200 <= 0.985
