"""In PISA files 1 means strongly agree. Three published mistakes follow from forgetting it; none may happen here."""

from __future__ import annotations

import pandas as pd
import pytest

from connectedness.declare.instrument import Instrument
from connectedness.declare.registry import find_instrument
from connectedness.scoring.classical import score

PISA = find_instrument("pisa-belonging")
POSITIVE = ("pisa_st034q02", "pisa_st034q03", "pisa_st034q05")
NEGATIVE = ("pisa_st034q01", "pisa_st034q04", "pisa_st034q06")
# Strongly agrees with all that is good, strongly disagrees with all that is bad.
BELONGS = pd.DataFrame([dict.fromkeys(POSITIVE, 1) | dict.fromkeys(NEGATIVE, 4)])


def mistaken_mean(reverse: tuple[str, ...]) -> float:
    points = BELONGS.iloc[0]
    return float(points.where(~points.index.isin(reverse), 5 - points).mean())


def test_it_is_the_positive_items_that_are_reversed():
    assert {item.id for item in PISA.items if PISA.is_reversed(item.id)} == set(POSITIVE)


def test_a_student_who_belongs_earns_the_highest_score():
    assert score(BELONGS, PISA)["pisa_belong"].tolist() == [4.0]


@pytest.mark.parametrize(
    ("reverse", "wrong"),
    [
        pytest.param(NEGATIVE, 1.0, id="reversing the negatively worded items"),
        pytest.param((), 2.5, id="averaging the raw codes"),
        pytest.param(NEGATIVE + POSITIVE, 2.5, id="reversing every item"),
    ],
)
def test_the_known_mistakes_give_another_score(reverse, wrong):
    assert mistaken_mean(reverse) == wrong
    assert score(BELONGS, PISA)["pisa_belong"].tolist() != [wrong]


def test_a_file_coded_the_other_way_needs_only_its_options_in_the_other_order():
    declared = PISA.model_dump()
    options = declared["option_sets"]["agreement"]["options"]
    for option in options:
        option["code"] = 5 - option["code"]
    declared["option_sets"]["agreement"]["favourable"] = (4, 3)
    other = Instrument.model_validate(declared)
    assert {item.id for item in other.items if other.is_reversed(item.id)} == set(NEGATIVE)
    assert score(5 - BELONGS, other)["pisa_belong"].tolist() == [4.0]


def test_every_item_of_the_add_health_scale_is_reversed():
    add_health = find_instrument("school-connectedness-5")
    assert all(add_health.is_reversed(item.id) for item in add_health.items)
    agrees = pd.DataFrame([{item.variable: 1 for item in add_health.items}])
    assert score(agrees, add_health)["sc5_connect"].tolist() == [5.0]
