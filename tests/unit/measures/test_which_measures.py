"""Which measures a wave has, and what each of them counts."""

import numpy as np
import pytest
from unit.measures.small_survey import INSTRUMENT, anonymous, make_project, no_scores, one, respondents

from connectedness.errors import ContractError, DeclarationError
from connectedness.measures import estimate_wave

PLAIN = anonymous(("breakdowns: [grade_band, learning_mode, group]", "breakdowns: [grade_band]"))


def int16(*codes):
    return np.array(codes, dtype="int16")


def table_of(project, **columns):
    people = respondents(*((f"s{i}", "001") for i in range(4)), **columns)
    return estimate_wave(project, "w1", people, no_scores(people))


def test_at_least_goes_by_the_order_of_the_options_not_by_the_number(tmp_path):
    # Options run from 4 (never) to 1 (always): at least 2 is 2 or 1.
    table = table_of(make_project(tmp_path, replace=PLAIN), m_often=int16(4, 3, 2, 1))
    assert one(table, unit="001", measure="often")["value"] == 0.5
    table = table_of(make_project(tmp_path, replace=PLAIN), m_often=int16(1, 1, 1, 4))
    assert one(table, unit="001", measure="often")["value"] == 0.75


def test_favourable_is_mirrored_for_a_negative_item(tmp_path):
    table = table_of(make_project(tmp_path, replace=PLAIN), m_out=int16(1, 2, 4, 5))
    assert one(table, unit="001", measure="out_ok")["value"] == 0.5
    table = table_of(make_project(tmp_path, replace=PLAIN), m_out=int16(1, 1, 2, 5))
    assert one(table, unit="001", measure="out_ok")["value"] == 0.75


def test_no_missing_code_is_in_a_denominator(tmp_path):
    table = table_of(make_project(tmp_path, replace=PLAIN), m_adults=int16(1, -1, -2, -3))
    row = one(table, unit="001", measure="adults")
    assert (row["n"], row["value"]) == (1, 1.0)
    table = table_of(make_project(tmp_path, replace=PLAIN), m_adults=int16(0, 3, -4, -4))
    assert one(table, unit="001", measure="three_adults")[["n", "value"]].tolist() == [2, 0.5]


def test_an_item_that_the_export_lacks_was_asked_of_nobody(tmp_path):
    people = respondents(("s1", "001")).drop(columns="m_greeted")
    table = estimate_wave(make_project(tmp_path, replace=PLAIN), "w1", people, no_scores(people))
    assert one(table, unit="001", measure="m_greeted")[["n", "status"]].tolist() == [0, "no_answers"]


def test_single_answers_are_spelled_out_for_totals_and_for_the_widest_unit(tmp_path):
    table = table_of(make_project(tmp_path, replace=PLAIN))
    spelled = table[table["measure"].str.startswith("share:")]
    assert set(spelled["measure"].str.split(":").str[1]) == {"m_in", "m_out", "m_adults", "m_often"}
    where = set(zip(spelled["unit_type"], spelled["breakdown"], strict=True))
    assert where == {("district", "all"), ("district", "grade_band"), ("school", "all")}


def test_items_of_a_module_are_measured_only_when_it_is_on_and_never_spelled_out(tmp_path):
    off = table_of(make_project(tmp_path, replace=PLAIN), m_private=int16(1, 1, 0, 0))
    assert "private" not in set(off["measure"])
    on = make_project(tmp_path, replace=[*PLAIN, ("breakdowns:", "modules: [private]\nbreakdowns:")])
    table = table_of(on, m_private=int16(1, 1, 0, 0))
    assert one(table, unit="001", measure="private")["value"] == 0.5
    assert not table["measure"].str.startswith("share:m_private").any()


def test_a_declared_standard_deviation_is_one_of_its_own(tmp_path):
    project = make_project(
        tmp_path, replace=[*PLAIN, ("measures:\n", "measures:\n  - {id: spread, scale: m_belong, statistic: sd}\n")]
    )
    people = respondents(("a", "001"), ("b", "001"))
    table = estimate_wave(project, "w1", people, no_scores(people).assign(m_belong=[1.0, 3.0]))
    row = one(table, unit="001", measure="spread")
    assert (row["value"], row["method"]) == (pytest.approx(2**0.5), "sd")
    assert one(table, unit="001", measure="sd:belonging")["value"] == row["value"]


def test_nothing_is_called_favourable_where_the_instrument_calls_nothing_so(tmp_path):
    project = make_project(tmp_path, replace=PLAIN, instrument=INSTRUMENT.replace("    favourable: [4, 5]\n", ""))
    with pytest.raises(DeclarationError) as told:
        table_of(project)
    assert (told.value.key, told.value.found) == ("measures[2]", "out_ok")
    out_ok = ("  - {id: out_ok, item: m_out, statistic: share_favourable}\n", "")
    (tmp_path / "b").mkdir()
    project = make_project(
        tmp_path / "b", replace=[*PLAIN, out_ok], instrument=INSTRUMENT.replace("    favourable: [4, 5]\n", "")
    )
    assert "m_belong_favourable" not in set(table_of(project)["measure"])


@pytest.mark.parametrize("taken", ["adults", "response_rate"])
def test_two_measures_under_one_id_are_refused(tmp_path, taken):
    project = make_project(tmp_path, replace=[*PLAIN, ("{id: often,", f"{{id: {taken},")])
    with pytest.raises(DeclarationError, match="belongs to another measure"):
        table_of(project)


def test_a_code_that_the_item_lacks_is_refused(tmp_path):
    project = make_project(tmp_path, replace=[*PLAIN, ("share, code: 3", "share, code: 7")])
    with pytest.raises(DeclarationError) as told:
        table_of(project)
    assert told.value.found == "three_adults"


def test_scores_of_other_declarations_are_refused(tmp_path):
    people = respondents(("s1", "001"))
    with pytest.raises(ContractError) as told:
        estimate_wave(make_project(tmp_path, replace=PLAIN), "w1", people, no_scores(people)[["respondent"]])
    assert told.value.column == "m_belong"


def test_a_respondent_without_a_row_of_scores_has_none(tmp_path):
    people = respondents(("s1", "001"), ("s2", "001"))
    scores = no_scores(people).iloc[1:].assign(m_belong=4.0)
    table = estimate_wave(make_project(tmp_path, replace=PLAIN), "w1", people, scores)
    assert one(table, unit="001", measure="belonging")[["n", "value", "status"]].tolist() == [1, 4.0, "one_answer"]
