"""`explain` tells a person which items are reversed, and why."""

from __future__ import annotations

import json

import pytest

from connectedness.declare.registry import find_instrument, instrument_files
from connectedness.errors import DeclarationError
from connectedness.scoring.explain import explain, explanation_text


def items_of(told: dict) -> dict[str, dict]:
    return {item["id"]: item for scale in told["scales"] for item in scale["items"]}


def test_a_negative_item_is_reversed_for_this_reason():
    item = items_of(explain(find_instrument("healthy-relationships"), "hr_belonging"))["hr_bel_outside"]
    assert item["reversed"] is True
    assert item["why"] == "Agreeing means less belonging, and 5 means strongly agree, so a 5 earns 1 point."
    assert item["points"] == {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1}
    assert item["favourable"] == [1, 2]


def test_in_pisa_it_is_the_positive_items_and_the_reason_is_the_code_order():
    items = items_of(explain("pisa-belonging"))
    assert {item for item in items if items[item]["reversed"]} == {"pisa_st034q02", "pisa_st034q03", "pisa_st034q05"}
    assert items["pisa_st034q03"]["why"].endswith("and 4 means strongly disagree, so a 4 earns 1 point.")
    assert items["pisa_st034q01"]["why"].endswith("and 4 means strongly disagree, so a 4 earns 4 points.")


def test_one_scale_or_the_whole_instrument():
    ours = find_instrument("healthy-relationships")
    one, whole = explain(ours, "hr_respectful_peers"), explain(ours)
    assert [scale["id"] for scale in one["scales"]] == ["hr_respectful_peers"]
    assert "modules" not in one and "other_items" not in one
    assert {module["id"] for module in whole["modules"]} == {"chosen_name", "gender", "alliance"}
    told = {item["id"] for item in whole["other_items"]} | set(items_of(whole))
    assert told == {item.id for item in ours.items}


@pytest.mark.parametrize("name", instrument_files())
def test_every_explanation_is_json_and_fits_a_terminal(name):
    told = explain(find_instrument(name))
    assert json.loads(json.dumps(told)) == told
    text = explanation_text(told)
    assert max(map(len, text.splitlines())) <= 100
    for scale in told["scales"]:
        assert f"at least {scale['min_answered']} of {scale['n_items']}" in text
        assert all(item["id"] in text for item in scale["items"])
    for source in told["instrument"]["source"]:
        assert " ".join(source.split()) in " ".join(text.split())
    for fact in told["instrument"]["verification"]:
        assert fact["note"] in " ".join(text.split())


def test_the_text_marks_reversed_items_and_prints_the_legal_question():
    text = explanation_text(explain(find_instrument("healthy-relationships")))
    assert text.count("REVERSED") == 2
    assert " ".join(text.split()).count("ask your counsel") == 3
    assert "no norms" in text


def test_what_is_not_verified_is_said():
    told = explain("pisa-student-teacher-2022")
    text = explanation_text(told)
    assert told["instrument"]["unverified"] is True
    assert "NOT VERIFIED: polarity of pisa22_st267q04, pisa22_st267q08." in text
    assert "only with accept_unverified: true" in text


def test_a_high_score_that_is_bad_and_what_it_should_go_with():
    text = explanation_text(explain("pisa-bullying-2018", "pisa18_bullied3"))
    assert "Here a high score is bad." in text
    assert "Should fall as these rise: BELONG, pisa_belong, " in text


def test_an_entry_that_a_licence_binds():
    told = explain("sdq")
    assert told["scales"] == [] and told["instrument"]["has_key"] is False
    assert "nothing can be scored" in explanation_text(told)


def test_a_scale_that_is_not_there():
    with pytest.raises(DeclarationError, match="has no such scale") as caught:
        explain(find_instrument("pisa-belonging"), "belong")
    assert "pisa_belong" in str(caught.value)
