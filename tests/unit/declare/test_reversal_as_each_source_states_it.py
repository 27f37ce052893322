"""Which items count backwards in each key that ships: derived here, and as its source says."""

from __future__ import annotations

import pandas as pd
import pytest

from connectedness.declare.registry import find_instrument, instrument_files
from connectedness.scoring.classical import score

KEYED = [name for name in instrument_files() if find_instrument(name).has_key]


def reversed_variables(name: str) -> set[str]:
    instrument = find_instrument(name)
    return {item.variable or item.id for item in instrument.items if instrument.is_reversed(item.id)}


def numbered(pattern: str, numbers: str) -> set[str]:
    return {pattern.format(number) for number in numbers}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pssm", {"pssm_03", "pssm_06", "pssm_09", "pssm_12", "pssm_16"}),
        ("pisa-belonging", numbered("ST034Q0{}TA", "235")),
        ("pisa-bullying-2018", set()),
        ("pisa-bullying-2022", set()),
        ("pisa-teacher-support-2015", numbered("ST100Q0{}TA", "12345")),
        ("pisa-teacher-support-2018", numbered("ST100Q0{}TA", "1234")),
        ("pisa-teacher-support-2022", numbered("ST270Q0{}JA", "1234")),
        ("pisa-student-teacher-2022", numbered("ST267Q0{}JA", "48")),
        ("timss-2019-g4", numbered("ASBG10{}", "ABCDE") | numbered("ASBG11{}", "ABCDEFGHIJK")),
        ("timss-2019-g8", numbered("BSBG13{}", "ABCDE") | numbered("BSBG14{}", "ABCDEFGHIJKLMN")),
        ("timss-2015-g8", numbered("BSBG15{}", "ABCDEFG") | numbered("BSBG16{}", "ABCDEFGHI")),
        ("timss-2015-g8-edmdata", numbered("BSBG15{}", "ABCDEFG")),
        ("pirls-2016", numbered("ASBG12{}", "ABCDE") | numbered("ASBG13{}", "ABCDEFGH")),
        ("pirls-bullying-2011", set()),
        ("school-connectedness-5", {"H1ED19", "H1ED20", "H1ED22", "H1ED23", "H1ED24"}),
        ("chks-connectedness", set()),
        ("chks-caring-adults", set()),
        (
            "hbsc-support",
            {"teacheraccept", "teachercare", "teachertrust", "studtogether", "studhelpful", "studaccept"},
        ),
        ("scm-teacher-relationships", set()),
        ("yrbs-connectedness", {"Q103"}),
        ("ucla-loneliness-3", set()),
        ("class-wellbeing-cool", set()),
        ("healthy-relationships", {"hr_bel_outside", "hr_bel_hide"}),
    ],
)
def test_the_reversed_items(name, expected):
    assert reversed_variables(name) == expected


def test_no_key_is_left_out_above():
    marks = [mark for mark in test_the_reversed_items.pytestmark if mark.name == "parametrize"]
    assert {case[0] for case in marks[0].args[1]} == set(KEYED)


@pytest.mark.parametrize("name", KEYED)
def test_the_most_of_every_item_is_the_most_of_the_scale(name):
    instrument = find_instrument(name)
    for scale in instrument.scales:
        most = {}
        for item in scale.items:
            codes = instrument.codes(item)
            most[item] = codes[-1] if instrument.item_by_id[item].polarity == "positive" else codes[0]
        found = score(pd.DataFrame([most]), instrument, ("mean", "pomp"), accept_unverified=True)
        assert found[scale.id].tolist() == [instrument.scale_range(scale.id)[1]]
        assert found[f"{scale.id}_pomp"].tolist() == [100]


@pytest.mark.parametrize(
    ("name", "cycles"),
    [
        ("pisa-belonging", ("2015", "2018", "2022")),
        ("pisa-bullying-2018", ("2018",)),
        ("pisa-bullying-2022", ("2022",)),
        ("pisa-teacher-support-2015", ("2015",)),
        ("pisa-teacher-support-2018", ("2018",)),
        ("pisa-teacher-support-2022", ("2022",)),
        ("pisa-student-teacher-2022", ("2022",)),
        ("timss-2019-g4", ("2019",)),
        ("timss-2015-g8", ("2015",)),
        ("pirls-2016", ("2016",)),
        ("pirls-bullying-2011", ("2011",)),
    ],
)
def test_a_key_is_bound_to_its_cycles(name, cycles):
    assert find_instrument(name).cycles == cycles


@pytest.mark.parametrize("not_asked", [5, 7, 95, 97])
def test_a_pisa_item_that_was_not_asked_is_not_skipped(not_asked):
    asked = {f"ST038Q0{i}NA": 1 for i in range(3, 9)}
    found = score(
        pd.DataFrame([asked | {"ST038Q03NA": not_asked}, dict.fromkeys(asked, not_asked)]), "pisa-bullying-2018"
    )
    assert found["pisa18_bullied3__status"].tolist() == ["too_few_answered", "not_asked"]
    assert found["pisa18_bullied6"].tolist()[0] == 1


def test_points_of_pirls_run_from_weekly_to_never_as_published():
    key = find_instrument("pirls-bullying-2011")
    lowest = min(key.points("pirls_asbg09a").values())
    assert {code: points - lowest for code, points in key.points("pirls_asbg09a").items()} == {1: 0, 2: 1, 3: 2, 4: 3}
    assert {cut.id: (cut.at_least, cut.at_most) for cut in key.scale_by_id["pirls_bullied"].cuts} == {
        "almost_never": (10.1, None),
        "about_weekly": (None, 8.3),
    }
