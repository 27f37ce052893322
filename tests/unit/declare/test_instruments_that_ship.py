"""What must hold of every instrument in the registry, and of ours in particular."""

from __future__ import annotations

import pytest

from connectedness.declare.instrument import Instrument
from connectedness.declare.project import default_measures
from connectedness.declare.registry import find_instrument, instrument_files
from connectedness.declare.source import Text, read_source
from connectedness.packaged import instruments_folder

ALL = {name: find_instrument(name) for name in instrument_files()}
OURS = ALL["healthy-relationships"]
KEYED = {name: one for name, one in ALL.items() if one.has_key}
METHOD_SUFFIXES = ("", "_sum", "_pomp", "_favourable", "_t", "_z", "_table", "_wle", "_eap", "__n", "__se", "__status")


def test_each_is_there_under_its_file_name():
    assert {"healthy-relationships", "pisa-belonging", "school-connectedness-5", "pssm", "sdq"} <= set(ALL)
    assert all(name == instrument.id and instrument.version == 1 for name, instrument in ALL.items())


def test_no_id_stands_twice_in_the_whole_registry():
    ids = []
    for instrument in ALL.values():
        ids += [item.id for item in instrument.items]
        ids += [scale.id + suffix for scale in instrument.scales for suffix in METHOD_SUFFIXES]
        ids += [module.id for module in instrument.modules]
        ids += [measure.id for measure in instrument.measures]
    assert sorted(ids) == sorted(set(ids))


def test_default_measures_share_an_id_only_with_what_they_measure():
    for instrument in ALL.values():
        declared = {measure.id for measure in instrument.measures}
        for measure in default_measures(instrument):
            assert measure.id not in declared
            assert len(measure.id.encode()) <= 32


@pytest.mark.parametrize("instrument", KEYED.values(), ids=KEYED.keys())
def test_every_item_of_a_scale_says_which_answers_are_favourable(instrument: Instrument):
    for scale in instrument.scales:
        for item in scale.items:
            points, favourable = instrument.points(item), instrument.favourable_codes(item)
            assert favourable
            best = sorted(points, key=points.__getitem__, reverse=scale.higher_is == "worse")[-len(favourable) :]
            assert set(favourable) == set(best), item


def every_text(thing: object, path: str = ""):
    """Each Text inside a frozen object, with its path."""
    if isinstance(thing, Text):
        yield path, thing
    elif isinstance(thing, tuple):
        for i, one in enumerate(thing):
            yield from every_text(one, f"{path}[{i}]")
    elif isinstance(thing, dict):
        for key, one in thing.items():
            yield from every_text(one, f"{path}.{key}")
    elif hasattr(type(thing), "model_fields"):
        for field in type(thing).model_fields:
            yield from every_text(getattr(thing, field), f"{path}.{field}")


def test_ours_has_every_text_in_english_and_french():
    texts = dict(every_text(OURS))
    assert len(texts) >= 100
    for path, text in texts.items():
        assert text.en.strip() and text.fr and text.fr.strip(), path
        assert text.en != text.fr, path
    assert all(item.text and item.short for item in OURS.items)
    assert all(option.label for one in OURS.option_sets.values() for option in one.options)
    assert all(measure.title for measure in OURS.measures)
    assert OURS.languages == ("en", "fr")


def test_ours_is_marked_new_and_without_norms():
    assert "New" in OURS.standing.en and "no norms" in OURS.standing.en
    assert "pas de normes" in (OURS.standing.fr or "")
    assert OURS.licence.tier == "A"


def test_keys_hold_no_wording():
    for name, instrument in ALL.items():
        if name != "healthy-relationships":
            assert all(item.text is None and item.short is None for item in instrument.items), name


@pytest.mark.parametrize("instrument", KEYED.values(), ids=KEYED.keys())
def test_every_key_says_whom_it_is_for_how_it_is_built_and_how_far_it_is_verified(instrument: Instrument):
    facts = {fact.what for fact in instrument.verification}
    assert {"codes", "polarity"} <= facts
    assert instrument.population and instrument.population.fr and instrument.source
    assert all(scale.structure == "reflective" for scale in instrument.scales)
    if instrument.missing:
        assert "missing" in facts


def test_an_expected_sign_with_a_scale_of_the_registry_is_expected_from_both_sides():
    signs = {scale.id: scale.expected_sign for one in ALL.values() for scale in one.scales}
    for scale, expected in signs.items():
        for other, sign in expected.items():
            if scale in signs.get(other, {}):
                assert signs[other][scale] == sign, (scale, other)


def test_belonging_goes_with_adults_and_against_bullying():
    pisa, ours = ALL["pisa-belonging"].scale_by_id["pisa_belong"], OURS.scale_by_id["hr_belonging"]
    assert pisa.expected_sign["pisa18_teachsup"] == pisa.expected_sign["BELONG"] == "+"
    assert pisa.expected_sign["pisa18_bullied6"] == pisa.expected_sign["BEINGBULLIED"] == "-"
    assert ours.expected_sign["hr_supportive_adults"] == "+"


def test_what_a_licence_binds_ships_without_a_key():
    bound = {name for name, one in ALL.items() if one.licence.tier == "C"}
    assert bound == {"sdq", "promis-peer-relationships", "strs", "mdi", "ourschool", "uchicago-5essentials"}
    assert not any(ALL[name].items or ALL[name].scales or ALL[name].option_sets for name in bound)
    assert not any(one.permission for one in ALL.values())


def test_parameters_of_a_form_are_of_that_instrument_and_form():
    for instrument in ALL.values():
        for form in instrument.forms:
            file = instruments_folder() / "parameters" / str(form.parameters)
            declared = read_source(file).data
            assert declared["instrument"] == instrument.pinned
            assert declared["form"] == form.id
            assert declared["scale"] in instrument.scale_by_id


def test_the_readme_says_how_far_each_key_is_verified():
    text = (instruments_folder() / "README.md").read_text(encoding="utf-8")
    for name, instrument in ALL.items():
        assert f"`{name}`" in text
        if not instrument.has_key:
            continue
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}` |"))
        cells = [cell.strip(" *") for cell in row.split("|")[1:-1]]
        told = dict(zip(("tier", "items", "variables", "codes", "polarity", "missing", "rule"), cells[1:], strict=True))
        assert (told["tier"], told["items"]) == (instrument.licence.tier, str(len(instrument.items)))
        for what in ("variables", "codes", "polarity", "missing", "rule"):
            hows = {fact.how for fact in instrument.verification if fact.what == what}
            weakest = next((how for how in ("unverified", "code", "published", "own") if how in hows), "–")
            assert told[what] == weakest, (name, what)


def test_belonging_has_two_negative_items_and_the_other_scales_none():
    negative = {item.id for item in OURS.items if item.polarity == "negative"}
    assert negative == {"hr_bel_outside", "hr_bel_hide"}
    assert negative < set(OURS.scale_by_id["hr_belonging"].items)


def test_sensitive_items_are_off_out_of_every_score_and_carry_the_legal_question():
    modules = {module.id: module for module in OURS.modules}
    assert set(modules) == {"chosen_name", "gender", "alliance"}
    sensitive = {"hr_name_used", "hr_gender", "hr_alliance"}
    assert {item for module in modules.values() for item in module.items} == sensitive
    assert not sensitive & {item.id for item in OURS.active_items()}
    assert {item.id for item in OURS.active_items(("gender",))} & sensitive == {"hr_gender"}
    assert not sensitive & {item for scale in OURS.scales for item in scale.items}
    for module in modules.values():
        assert "ask your counsel" in module.legal_question.en
        assert "conseiller juridique" in (module.legal_question.fr or "")


def test_no_item_has_room_for_a_name_or_pronoun():
    for item in OURS.items:
        words = f"{item.text.en} {item.text.fr}".lower()
        assert "pronoun" not in words and "pronom" not in words and " name" not in words and " nom " not in words
        assert OURS.codes(item.id)  # closed answers only


def test_the_learning_mode_is_a_column_and_the_attention_item_an_answer():
    levels = {option.code: option.level for option in OURS.option_sets["learning_mode"].options}
    assert levels == {1: "in_person", 2: "digital", 3: "blended"}
    assert "hr_mode" not in {item.id for item in OURS.active_items()}
    assert OURS.item_by_id["hr_attention"].correct == 4


def test_measures_of_adults_count_one_or_more_and_two_or_more():
    assert {measure.id: measure.what for measure in OURS.measures} == {
        "one_adult": ("share_at_least", None, "hr_adults", 1),
        "two_adults": ("share_at_least", None, "hr_adults", 2),
    }


def test_every_scale_has_a_sign_that_another_scale_or_an_index_can_contradict():
    unsigned = {scale.id for one in ALL.values() for scale in one.scales if not scale.expected_sign}
    assert not unsigned


def test_belonging_and_adults_go_with_ours_and_against_loneliness_and_bullying():
    signs = {scale.id: scale.expected_sign for one in ALL.values() for scale in one.scales}
    for scale in ("sc5_connect", "scm_teacher", "pssm_member", "yrbs_connect"):
        assert {signs[scale][one] for one in ("hr_belonging", "hr_supportive_adults", "pisa_belong")} == {"+"}
        assert {signs[scale][one] for one in ("ucla3_lonely", "pisa18_bullied3", "pisa22_bullied9")} == {"-"}
