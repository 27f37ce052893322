"""The codebook says what everything in a release is, in words, and nothing of sensitive items."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from unit.release.release_examples import SURVEY, UNITS, small_project

from connectedness.errors import ConnectednessError, DeclarationError
from connectedness.release.codebook import build_codebook, codebook_table, instrument_sha256
from connectedness.release.measure_entries import wave_measures
from connectedness.release.titles import band_title

MEASURES = ("belonging", "sd:belonging", "change:belonging", "response_rate", "share:hr_adults:2", "hr_prac_greeted")


def book(project, measures=MEASURES, **more):
    waves = more.pop("waves", ["2026-fall", "2025-fall"])
    return build_codebook(project, waves, more.pop("units", UNITS), measures, "public", project.policy, **more)


def titles(entries, language="en"):
    return {one["id"]: one["title"][language] for one in entries}


def test_waves_stand_in_their_order_each_compared_with_the_nearest_earlier_one_released(tmp_path):
    project = small_project(tmp_path)
    waves = book(project)["waves"]
    assert [(one["id"], one["compared_with"]) for one in waves] == [("2025-fall", None), ("2026-fall", "2025-fall")]
    assert waves[0]["window"] == ["2025-10-06", "2025-10-24"] and waves[0]["closed"] is True
    assert book(project, waves=["2026-fall"])["waves"][0]["compared_with"] is None


@pytest.mark.parametrize(
    ("measure", "en", "fr"),
    [
        ("belonging", "Belonging: mean", "Appartenance : moyenne"),
        ("sd:belonging", "Belonging: standard deviation", None),
        ("hr_belonging_favourable", "Belonging: share of favourable answers", None),
        ("change:belonging", "Belonging: mean, change since the wave before", None),
        ("response_rate", "Response rate", "Taux de réponse"),
        ("any_adult", "At least one adult to go to", "Au moins un adulte à qui parler"),
        ("share:hr_bel_valued:5", "Valued: Strongly agree", "Ma contribution compte : Tout à fait d'accord"),
    ],
)
def test_titles_are_made_where_none_is_declared(tmp_path, measure, en, fr):
    project = small_project(tmp_path)
    entry = book(project, [measure])["measures"][0]
    scale = project.instruments("2026-fall")[0].scale_by_id["hr_belonging"].title
    assert entry["title"]["en"] == en.replace("Belonging", scale.en)
    if fr is not None:
        assert entry["title"]["fr"] == fr.replace("Appartenance", scale.fr)
    assert entry["title"]["fr"]


def test_every_kind_of_measure_has_its_unit_and_range(tmp_path):
    shapes = {
        one["id"]: (one["kind"], one["unit"], one["range"], one["of"])
        for one in book(small_project(tmp_path))["measures"]
    }
    assert shapes == {
        "response_rate": ("rate", "share", [0, 1], None),
        "belonging": ("mean", "points", [1, 5], None),
        "hr_prac_greeted": ("share", "share", [0, 1], None),
        "change:belonging": ("change", "points", [-4, 4], "belonging"),
        "sd:belonging": ("sd", "points", [0, 4], "belonging"),
        "share:hr_adults:2": ("share", "share", [0, 1], None),
    }


def test_the_bit_about_careless_answers_is_told_of(tmp_path):
    entry = book(small_project(tmp_path), ["careless:belonging"])["measures"][0]
    told = [entry[name] for name in ("statistic", "kind", "unit", "range", "of", "scale")]
    assert told == ["verdict_differs", "verdict", "yes_no", [0, 1], "belonging", "hr_belonging"]
    assert entry["title"]["en"].endswith("without answers that look careless")
    assert "constat" in entry["title"]["fr"]


def test_a_practice_is_called_by_its_short_name(tmp_path):
    project = small_project(tmp_path)
    item = project.instruments("2026-fall")[0].item_by_id["hr_prac_greeted"]
    assert titles(book(project)["measures"])["hr_prac_greeted"] == item.short.en


def test_levels_have_words_in_both_languages_and_unknown_comes_last(tmp_path):
    levels = {"grade_band": {"unknown", "g7_9", "g4_6"}, "group": {"south", "north", "unknown"}, "all": {"all"}}
    grade_band, group = book(small_project(tmp_path), levels=levels)["breakdowns"]
    assert titles(grade_band["levels"]) == {"g4_6": "Grades 4 to 6", "g7_9": "Grades 7 to 9", "unknown": "Not known"}
    assert titles(group["levels"]) == {"north": "North side", "south": "south", "unknown": "Not known"}
    assert titles(group["levels"], "fr") == {"north": "Côté nord", "south": "south", "unknown": "Inconnu"}


@pytest.mark.parametrize(
    ("grades", "en", "fr"),
    [
        (("K", "1", "2", "3"), "Kindergarten to grade 3", "De la maternelle à la 3e année"),
        (("1", "2"), "Grades 1 to 2", "De la 1re à la 2e année"),
        (("9",), "Grade 9", "9e année"),
        (("K",), "Kindergarten", "Maternelle"),
    ],
)
def test_grade_bands_are_named_by_their_grades(grades, en, fr):
    assert (band_title(grades).en, band_title(grades).fr) == (en, fr)


def test_units_hold_the_widest_and_schools_by_their_names(tmp_path):
    units = book(small_project(tmp_path))["units"]
    assert [(one["unit"], one["title"]["en"], one["parent"]) for one in units] == [
        ("maple_fork", "Maple Fork School Division", None),
        ("a", "Aspen School", "maple_fork"),
        ("b", "Birch School", "maple_fork"),
        ("c", "c", "maple_fork"),
    ]


def test_a_survey_of_one_kind_of_unit_has_no_district(tmp_path):
    project = small_project(tmp_path, SURVEY.replace("[district, school]", "[country, school]"))
    tree = pd.DataFrame({"unit_type": "school", "unit": ["a"], "parent_type": "country", "parent": "ITA"})
    assert [one["unit"] for one in book(project, units=tree)["units"]] == ["ITA", "a"]


def test_items_say_their_points_and_whether_they_are_reversed(tmp_path):
    items = {one["id"]: one for one in book(small_project(tmp_path))["items"]}
    hide, valued, adults = items["hr_bel_hide"], items["hr_bel_valued"], items["hr_adults"]
    assert hide["reversed"] and [one["points"] for one in hide["codes"]] == [5, 4, 3, 2, 1]
    assert not valued["reversed"] and [one["points"] for one in valued["codes"]] == [1, 2, 3, 4, 5]
    assert hide["favourable"] == [2, 1] and adults["scales"] == [] and adults["codes"][0]["points"] is None


def test_items_of_sensitive_modules_never_appear_even_when_the_module_is_on(tmp_path):
    project = small_project(tmp_path)
    instrument = project.instruments("2026-fall")[0]
    text = json.dumps(book(project, [one["id"] for one in wave_measures(project, "2026-fall")]))
    assert instrument.module_of and not [item for item in instrument.module_of if item in text]


def test_a_measure_that_nothing_declares_is_refused(tmp_path):
    with pytest.raises(ConnectednessError, match="nobody"):
        book(small_project(tmp_path), ["nobody"])


def test_a_measure_dropped_since_keeps_the_entry_of_the_release_before(tmp_path):
    before = book(small_project(tmp_path / "one"))
    dropped = small_project(tmp_path / "two", SURVEY.replace("id: belonging,", "id: belong,"))
    entries = {one["id"]: one for one in book(dropped, ["belonging", "belong"], earlier=before)["measures"]}
    assert entries["belonging"] == next(one for one in before["measures"] if one["id"] == "belonging")


def test_a_released_wave_that_is_no_longer_declared_is_said(tmp_path):
    with pytest.raises(DeclarationError, match="2024-fall"):
        book(small_project(tmp_path), waves=["2024-fall", "2025-fall"])


def test_the_table_has_a_line_for_each_variable_measure_scale_and_item(tmp_path):
    codebook = book(small_project(tmp_path))
    table = codebook_table(codebook)
    parts = ("variables", "measures", "scales", "items")
    assert table["kind"].value_counts().to_dict() == {part[:-1]: len(codebook[part]) for part in parts}
    line = table.set_index("id").loc["hr_bel_hide"]
    assert (line["reversed"], line["favourable"], line["codes"].split(";")[0]) == ("yes", "2;1", "1=Strongly disagree")


def test_an_instruments_hash_is_of_what_it_declares(tmp_path):
    instrument = small_project(tmp_path).instruments("2026-fall")[0]
    assert instrument_sha256(instrument) == instrument_sha256(instrument.model_copy())
    assert instrument_sha256(instrument) != instrument_sha256(instrument.model_copy(update={"version": 2}))
