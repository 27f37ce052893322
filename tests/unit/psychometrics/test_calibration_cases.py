"""What calibration gives beside parameters, what it leaves alone, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from unit.scoring.irt_examples import draw, instrument

from connectedness.declare.parameters import read_parameters
from connectedness.errors import ContractError, DeclarationError
from connectedness.itemresponse import Model, model_of, patterns
from connectedness.psychometrics.calibration import calibrate, write_parameters
from connectedness.psychometrics.calibration_em import Likelihood
from connectedness.scoring.irt import eap, score_irt

ITEMS = ("a", "b", "c", "d", "e")
KNOWN = instrument(ITEMS, 3)
MODEL = Model(
    "gpcm", np.array([1.0, 1.4, 0.8, 1.7, 1.2]), np.tile([-1.1, 0.1, 1.0], (5, 1)) + [[0], [0.3], [-0.4], [0], [0.5]]
)


def table(n: int = 600, seed: int = 4, kind: str = "gpcm") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    model = Model(kind, MODEL.slopes, MODEL.thresholds)
    answers = draw(model, rng.normal(size=n), rng, missing=0.05)
    return pd.DataFrame(np.where(answers < 0, 9, answers), columns=ITEMS, index=np.arange(n) + 1000).astype("int64")


TABLE = table()


@pytest.mark.parametrize("kind", ["pcm", "gpcm", "grm"])
def test_derivatives_are_those_of_the_likelihood(kind):
    rows, which = patterns(np.where(TABLE == 9, -1, TABLE).astype(np.int8), 4)
    weights = np.bincount(which).astype(float)
    likelihood = Likelihood(kind, rows, weights, weights, 4)
    free = likelihood.start() + 0.05 * np.sin(np.arange(len(likelihood.start())))

    def height_and_gradient(at):
        tables = likelihood.tables(at)
        height, counts = likelihood.expect(tables)
        return height, likelihood.gradient(tables, counts)

    steps = 1e-5 * np.eye(len(free))
    pairs = [(height_and_gradient(free + step), height_and_gradient(free - step)) for step in steps]
    slope = [(up[0] - down[0]) / 2e-5 for up, down in pairs]
    curve = [-(up[1] - down[1]) / 2e-5 for up, down in pairs]
    tables = likelihood.tables(free)
    counts = likelihood.expect(tables)[1]
    np.testing.assert_allclose(likelihood.gradient(tables, counts), slope, atol=1e-4)
    np.testing.assert_allclose(likelihood.informations(tables, counts)[0], curve, atol=1e-3)


@pytest.mark.parametrize("kind", ["pcm", "gpcm", "grm"])
def test_a_weight_is_so_many_alike_respondents(kind):
    weight = np.where(np.arange(len(TABLE)) % 3 == 0, 2, 1)
    weighted = calibrate(TABLE, KNOWN, model=kind, weights=weight)
    repeated = calibrate(TABLE.loc[TABLE.index.repeat(weight)], KNOWN, model=kind)
    np.testing.assert_allclose(weighted.items["value"], repeated.items["value"], atol=1e-5)
    scaled = calibrate(TABLE.assign(w=weight * 250.0), KNOWN, model=kind, weights="w")
    np.testing.assert_allclose(scaled.items[["value", "se"]], weighted.items[["value", "se"]], atol=1e-6)


def test_equal_weights_change_no_estimate_and_hardly_a_standard_error():
    plain, weighted = calibrate(TABLE, KNOWN), calibrate(TABLE, KNOWN, weights=np.full(len(TABLE), 7.0))
    np.testing.assert_allclose(weighted.items["value"], plain.items["value"], atol=1e-6)
    np.testing.assert_allclose(weighted.items["se"], plain.items["se"], rtol=0.25)


def test_the_order_of_rows_and_of_items_does_not_matter():
    plain = calibrate(TABLE, KNOWN)
    shuffled = calibrate(TABLE.sample(frac=1, random_state=1), KNOWN)
    np.testing.assert_allclose(shuffled.items["value"], plain.items["value"], atol=1e-6)
    turned = calibrate(TABLE, instrument(ITEMS[::-1], 3)).items.set_index(["item", "parameter"])["value"]
    pd.testing.assert_series_equal(
        turned.sort_index(), plain.items.set_index(["item", "parameter"])["value"].sort_index(), atol=1e-5
    )


def test_pcm_is_given_both_ways():
    found = calibrate(TABLE, KNOWN, model="pcm")
    assert found.items["centred"].mean() == pytest.approx(0, abs=1e-9)
    shift = found.items["value"] - found.items["centred"]
    np.testing.assert_allclose(shift, -found.population.loc[1, "mean"], atol=1e-9)
    assert list(found.population["identification"]) == ["population_centred", "items_centred"]
    assert found.population["sd"].nunique() == 1
    assert set(found.items["parameter"]) == {"step_1", "step_2", "step_3"}


def test_free_slopes_fit_answers_that_differ_in_slope():
    many = table(2500)
    pcm, gpcm = calibrate(many, KNOWN, model="pcm"), calibrate(many, KNOWN, model="gpcm")
    # Four more free numbers: by chance alone twice the difference would be about 4.
    assert 2 * (gpcm.log_likelihood - pcm.log_likelihood) > 20


@pytest.mark.parametrize("kind", ["pcm", "gpcm", "grm"])
def test_a_written_file_reads_back_and_scores(tmp_path, kind):
    found = calibrate(TABLE, KNOWN, model=kind, name="our-own", form="alberta")
    write_parameters(found, tmp_path / "our-own.yaml")
    back = read_parameters(tmp_path / "our-own.yaml")
    assert back == found.parameters
    assert (back.id, back.form, back.model) == ("our-own", "alberta", kind)
    scores = score_irt(TABLE, KNOWN, back, "eap")
    # The posterior mean by the file is the one that calibration reports.
    answered = found.person_fit["n"] > 0
    np.testing.assert_allclose(scores.loc[answered, "s_eap"], found.person_fit.loc[answered, "theta"], atol=2e-5)
    np.testing.assert_allclose(scores.loc[answered, "s_eap__se"], found.person_fit.loc[answered, "sd"], atol=2e-5)


def test_fit_is_one_where_the_model_holds_and_not_where_an_item_is_noise():
    rng = np.random.default_rng(6)
    big = table(4000, seed=9)
    good = calibrate(big, KNOWN).item_fit
    assert good[["infit", "outfit"]].sub(1).abs().to_numpy().max() < 0.1
    noisy = big.assign(c=np.where(rng.random(len(big)) < 0.6, rng.integers(0, 4, len(big)), big["c"]))
    bad = calibrate(noisy, KNOWN, model="pcm").item_fit.set_index("item")
    assert bad["infit"].idxmax() == "c"
    assert bad.loc["c", "infit"] > 1.15


def test_person_fit_finds_those_who_answer_without_looking():
    careless = TABLE.copy()
    careless.iloc[:10] = np.tile([0, 3, 0, 3, 0], (10, 1))
    fit = calibrate(careless, KNOWN).person_fit
    assert fit["lz"].iloc[:10].max() < -2
    assert fit["outfit"].iloc[:10].min() > 1.5
    assert (fit["lz"].iloc[10:] < -2).mean() < 0.04
    assert fit.index.equals(careless.index)


def test_information_is_where_the_thresholds_are():
    found = calibrate(TABLE, KNOWN)
    at = found.information.set_index("theta")
    assert abs(at["information"].idxmax()) < 1.5
    np.testing.assert_allclose(at["se"], at["information"] ** -0.5)
    assert 0.6 < found.reliability < 0.95
    theta, _ = eap(np.where(TABLE == 9, -1, TABLE).astype(np.int8), model_of(found.parameters))
    assert found.reliability == pytest.approx(np.nanvar(theta), abs=0.02)


def test_who_answered_nothing_or_weighs_nothing_has_no_part():
    plain = calibrate(TABLE, KNOWN)
    empty = pd.concat([TABLE, pd.DataFrame(9, columns=ITEMS, index=[1])])
    found = calibrate(empty, KNOWN)
    assert found.n == plain.n
    assert found.log_likelihood == pytest.approx(plain.log_likelihood)
    assert found.person_fit.loc[1].drop("n").isna().all()
    nought = calibrate(empty.assign(w=[1.0] * len(TABLE) + [0.0]), KNOWN, weights="w")
    assert nought.n == plain.n


def test_items_asked_in_turn_are_calibrated_together():
    matrix = table(3000, seed=12)
    for row, item in enumerate(ITEMS):
        matrix.iloc[row::5, [ITEMS.index(item), (ITEMS.index(item) + 1) % 5]] = 7
    found = calibrate(matrix, KNOWN).items
    slopes = found[found["parameter"] == "slope"]
    assert (np.abs(slopes["value"] - MODEL.slopes) < 3 * slopes["se"]).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.assign(c=9), "nobody answered this item"),
        (lambda t: t.drop(columns="c"), "nobody answered this item"),
        (lambda t: t.assign(c=2), "same answer"),
        (lambda t: t.assign(c=t["c"].replace(3, 2)), "nobody chose"),
        (lambda t: t.assign(c=t["c"].replace({0: 3, 1: 2, 2: 1, 3: 0})), "against"),
        (lambda t: t.head(49), "too few respondents"),
        (lambda t: t.head(0), "too few respondents"),
        (lambda t: t.where(np.eye(5, dtype=bool)[np.arange(len(t)) % 5], 9), "nobody answered two items"),
    ],
)
@pytest.mark.parametrize("kind", ["gpcm", "grm"])
def test_answers_that_cannot_be_calibrated_are_refused(change, says, kind):
    with pytest.raises(ContractError, match=says) as caught:
        calibrate(change(TABLE), KNOWN, model=kind)
    assert caught.value.exit_code == 11


def test_the_code_that_nobody_chose_is_named_as_the_file_has_it():
    backwards = instrument(ITEMS, 3, negative=("c",))
    with pytest.raises(ContractError) as caught:
        calibrate(TABLE.assign(c=(3 - TABLE["c"]).where(TABLE["c"].between(1, 3), 9)), backwards)
    assert caught.value.column == "c"
    assert "code 3" in str(caught.value)


@pytest.mark.parametrize("kind", ["pcm", "gpcm", "grm"])
def test_items_with_nothing_in_common_are_refused(kind):
    rng = np.random.default_rng(2)
    noise = pd.DataFrame(rng.integers(0, 4, (600, 5)), columns=ITEMS)
    mirrored = rng.random(600) < 0.6
    noise["b"], noise["d"] = (noise[there].where(~mirrored, 3 - noise[here]) for there, here in ("ba", "dc"))
    with pytest.raises(ContractError, match="in common|go with"):
        calibrate(noise, KNOWN, model=kind)


@pytest.mark.parametrize("kind", ["gpcm", "grm"])
def test_two_items_that_are_one_are_refused(kind):
    with pytest.raises(ContractError, match="without end") as caught:
        calibrate(TABLE.assign(b=TABLE["a"]), KNOWN, model=kind)
    assert caught.value.column in ("a", "b", "a, b")


def test_one_item_is_refused():
    with pytest.raises(ContractError, match="one item"):
        calibrate(TABLE, instrument(["a"], 3))


@pytest.mark.parametrize("weights", ["nowhere", [1.0, 2.0], np.full(600, -1.0), np.full(600, np.nan)])
def test_weights_that_do_not_hold_are_refused(weights):
    with pytest.raises(ContractError, match="weight"):
        calibrate(TABLE, KNOWN, weights=weights)


def test_choices_that_are_not_known_are_refused():
    with pytest.raises(DeclarationError, match="model"):
        calibrate(TABLE, KNOWN, model="rasch")
    with pytest.raises(DeclarationError, match="no such scale"):
        calibrate(TABLE, KNOWN, "other")
    with pytest.raises(DeclarationError, match="which scale"):
        calibrate(TABLE, "healthy-relationships")
    with pytest.raises(DeclarationError, match="shape of theta"):
        calibrate(TABLE, KNOWN, theta="skewed")
    with pytest.raises(DeclarationError, match="lower-case"):
        calibrate(TABLE, KNOWN, name="Not A Name")


def test_fifty_respondents_are_enough_to_try():
    found = calibrate(table(60, seed=31), KNOWN, model="pcm")
    assert found.n == 60
    assert np.isfinite(found.items[["value", "se", "centred_se"]]).all().all()
