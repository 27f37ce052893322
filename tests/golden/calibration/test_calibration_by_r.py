"""Every number of a calibration by marginal maximum likelihood written in base R, with other nodes, another climb and
numeric second derivatives; synthetic.R and timss.R made the figures.

Figures agree to 1e-6. Test information to 5e-6: it is that of the parameters as written, which are rounded to 1e-6.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from unit.scoring.irt_examples import instrument

from connectedness.psychometrics.calibration import Calibration, calibrate

HERE = Path(__file__).parent
ANSWERS = pd.read_csv(HERE / "answers.csv")
ITEMS = [f"i{at}" for at in range(1, 6)]
FIGURES = pd.read_csv(HERE / "figures.csv")
FITS = ("pcm", "gpcm", "grm", "gpcm_weighted")


@pytest.fixture(scope="module")
def fits() -> dict[str, Calibration]:
    known = instrument(ITEMS, 3)
    made = {name: calibrate(ANSWERS, known, model=name) for name in ("pcm", "gpcm", "grm")}
    return made | {"gpcm_weighted": calibrate(ANSWERS, known, model="gpcm", weights="weight")}


def table(fit: str, name: str, figures: pd.DataFrame = FIGURES) -> pd.DataFrame:
    return figures[(figures["fit"] == fit) & (figures["table"] == name)]


def close(found, expected, tolerance=1e-6):
    np.testing.assert_allclose(np.asarray(found, float), np.asarray(expected, float), rtol=0, atol=tolerance)


def compare_items(found: pd.DataFrame, expected: pd.DataFrame, prefix: str = "", column: str = "value") -> None:
    by_r = expected.set_index(["item", "statistic"]).loc[
        list(zip(found["item"], prefix + found["parameter"], strict=True))
    ]
    close(found[column], by_r["value"])
    close(found["se" if column == "value" else f"{column}_se"], by_r["se"])


@pytest.mark.parametrize("fit", FITS)
def test_slopes_and_steps_and_their_errors(fits, fit):
    compare_items(fits[fit].items, table(fit, "items"))
    declared = fits[fit].parameters.items["i3"]
    steps = fits[fit].items.query("item == 'i3' and parameter != 'slope'")
    close(declared.steps, steps["value"])
    close(declared.steps_se, steps["se"])


def test_thresholds_of_mean_nought_and_the_population(fits):
    found = fits["pcm"]
    compare_items(found.items, table("pcm", "items"), "centred_", "centred")
    expected = table("pcm", "population").set_index("statistic")
    centred = found.population.set_index("identification").loc["items_centred"]
    close(centred[["mean", "mean_se"]], expected.loc["mean", ["value", "se"]])
    for _, row in found.population.iterrows():
        close(row[["sd", "sd_se"]], expected.loc["sd", ["value", "se"]])
    close(found.parameters.population.sd, expected.loc["sd", "value"])


@pytest.mark.parametrize("fit", FITS)
def test_fit_of_every_item(fits, fit):
    expected = table(fit, "item_fit").pivot(index="item", columns="statistic", values="value")
    found = fits[fit].item_fit.set_index("item")
    for column in ("n", "infit", "outfit"):
        close(found[column], expected.loc[found.index, column])


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("column", ["n", "theta", "sd", "infit", "outfit", "lz"])
def test_every_person(fits, fit, column):
    expected = pd.read_csv(HERE / "persons.csv").query("fit == @fit").set_index("row")
    found = fits[fit].person_fit
    assert list(found.columns) == ["n", "theta", "sd", "infit", "outfit", "lz"]
    close(found[column], expected.loc[found.index, column])


@pytest.mark.parametrize("fit", FITS)
def test_likelihood_reliability_and_information(fits, fit):
    expected = table(fit, "fit").set_index("statistic")["value"]
    close([fits[fit].log_likelihood, fits[fit].reliability], expected[["log_likelihood", "reliability"]])
    by_r = table(fit, "information").assign(at=lambda rows: rows["item"].astype(float))
    by_r = by_r.pivot(index="at", columns="statistic", values="value").sort_index()
    for column in ("theta", "information", "se"):
        close(fits[fit].information[column], by_r[column], 5e-6)
    assert fits[fit].n == len(pd.read_csv(HERE / "persons.csv").query("fit == @fit"))


def test_a_whole_weight_is_so_many_students_alike(fits):
    """Estimates are those of rows written out; errors are not, since a weighted row is still one student."""
    many = ANSWERS.loc[ANSWERS.index.repeat(ANSWERS["weight"])].reset_index(drop=True)
    repeated = calibrate(many, instrument(ITEMS, 3), model="gpcm").items
    compare_items(repeated, table("gpcm_repeated", "items"))
    close(fits["gpcm_weighted"].items["value"], repeated["value"])
    assert (fits["gpcm_weighted"].items["se"] > repeated["se"]).all()


def test_belonging_of_9672_real_students(real_data):
    answers = pd.read_csv(real_data / "timss2015_grade8_edmdata" / "timss2015_g8_belonging_bullying_items.csv")
    by_r = pd.read_csv(HERE / "timss_figures.csv")
    by_r["item"] = by_r["item"].str.lower()
    known = instrument([f"bsbg15{letter}" for letter in "abcdefg"], 3)
    found = calibrate(answers.rename(columns=str.lower), known, model="pcm")
    compare_items(found.items, table("timss", "items", by_r))
    compare_items(found.items, table("timss", "items", by_r), "centred_", "centred")
    population = table("timss", "population", by_r).set_index("statistic")
    centred = found.population.set_index("identification").loc["items_centred"]
    for one in ("mean", "sd"):
        close(centred[[one, f"{one}_se"]], population.loc[one, ["value", "se"]])
    fitted = table("timss", "item_fit", by_r).pivot(index="item", columns="statistic", values="value")
    for column in ("infit", "outfit"):
        close(found.item_fit.set_index("item")[column], fitted[column])
    told = table("timss", "fit", by_r).set_index("statistic")["value"]
    close(found.reliability, told["reliability"])
    assert found.log_likelihood == pytest.approx(told["log_likelihood"], rel=1e-9)
