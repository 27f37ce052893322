from __future__ import annotations

from pathlib import Path

import pytest
from unit.dashboard.made_release import make_release
from unit.dashboard.read_page import Page

from connectedness.dashboard import build_site


@pytest.fixture(scope="module")
def school(site: Path) -> Page:
    return Page(site / "schools" / "101" / "index.html")


def test_the_head_says_school_wave_and_how_many_answered(school: Page):
    assert "Aspen Grove School Fall 2026 142 of 173 students answered (82%)." in school.text


def test_a_card_gives_value_range_verdict_and_the_district(school: Page):
    assert "Belonging 4.10 on a scale of 1 to 5 Likely between 3.96 and 4.24 Clear rise" in school.text
    assert "Up 0.30 points since Fall 2025; likely 0.11 to 0.49." in school.text
    assert "Above the district (3.72)" in school.text


def test_the_district_stands_below_above_or_not_told_apart_as_the_school_is_seen(site: Path):
    assert "Below the district (3.72)" in Page(site / "schools" / "105" / "index.html").text
    assert "Not told apart from the district (3.72)" in Page(site / "schools" / "103" / "index.html").text
    assert "this range" not in Page(site / "index.html").text


def test_a_small_difference_is_worded_with_care(school: Page):
    assert (
        "Since Fall 2025 the difference is +0.09 points, but it could be anything from \u22120.10 to +0.28."
        in school.text
    )


def test_a_fall_is_said_plainly(site: Path):
    text = Page(site / "schools" / "105" / "index.html").text
    assert "Clear fall Down 0.20 points since Fall 2025; likely 0.07 to 0.33." in text


def test_the_first_sentence_sums_up_the_cards(school: Page):
    assert (
        "In one minute Clear rise since Fall 2025: belonging. The survey can\u2019t tell whether these changed"
        in school.text
    )


def test_practices_stand_most_common_first(school: Page):
    names = school.figures["practices-dots"]["layout"]["yaxis"]["ticktext"]
    values = next(trace for trace in school.figures["practices-dots"]["data"] if "error_x" in trace)["x"]
    assert values == sorted(values, reverse=True)
    assert names[0] == "Someone to be with at recess"


def test_the_answers_of_the_adults_question_are_one_bar_a_unit(school: Page):
    figure = school.figures["hr_adults-bars"]
    assert len(figure["data"]) == 4 and all(len(trace["x"]) == 2 for trace in figure["data"])
    assert "11% said \u201cnone\u201d, 19% said \u201cone\u201d" in school.text
    assert "At least two adults to go to: 72%" in school.text


def test_an_event_of_this_school_is_noted_with_its_caution_and_others_are_not(school: Page):
    assert "15 January 2026: Advisory time began" in school.text
    assert "does not show that it caused it" in school.text
    assert "Clubs at noon" not in school.text


def test_schools_are_listed_by_name_and_never_ranked(site: Path):
    page = Page(site / "index.html")
    names = [name.replace("<br>", " ") for name in page.figures["school-0"]["layout"]["yaxis"]["ticktext"]]
    assert names == sorted(names)
    assert "this is not a ranking" in page.text


def test_numbers_in_names_sort_as_numbers(tmp_path: Path):
    release = make_release(tmp_path / "release", schools=["s10", "s2", "s1"])
    build_site(release, tmp_path / "site")
    names = Page(tmp_path / "site" / "index.html").figures["school-0"]["layout"]["yaxis"]["ticktext"]
    assert names == ["School s1", "School s2", "School s10"]


def test_accents_do_not_move_a_name_to_the_end(tmp_path: Path):
    titles = {"a": "Zénith", "b": "École du Lac", "c": "Fairview"}
    build_site(make_release(tmp_path / "release", schools=["a", "b", "c"], school_titles=titles), tmp_path / "site")
    names = Page(tmp_path / "site" / "index.html").figures["school-0"]["layout"]["yaxis"]["ticktext"]
    assert names == ["École du Lac", "Fairview", "Zénith"]


def test_without_a_roster_the_page_says_it_is_not_known_how_many_were_asked(tmp_path: Path):
    build_site(make_release(tmp_path / "release", roster=False), tmp_path / "site")
    text = Page(tmp_path / "site" / "schools" / "101" / "index.html").text
    assert "142 students answered. It is not known how many were asked." in text


def test_one_wave_has_no_trend_and_no_change(tmp_path: Path):
    build_site(make_release(tmp_path / "release", waves=("2026-fall",)), tmp_path / "site")
    page = Page(tmp_path / "site" / "schools" / "101" / "index.html")
    assert not any(name.startswith("trend") for name in page.figures)
    assert "There is no earlier survey to compare with." in page.text


def test_the_method_page_says_what_is_reversed_the_range_and_the_least_answered(site: Path):
    text = Page(site / "method.html").text
    assert "A score needs at least 4 of the 6 statements answered" in text
    assert "The average of its statements, from 1 to 5." in text
    assert (
        "At school I hide things about myself to keep out of trouble with others. Turned round: agreeing means less"
        in text
    )
    assert "fewer than 6 students is hidden" in text
    assert "Who is kept from finding out" in text and "What is not promised" in text


def test_the_method_page_of_a_school_names_no_number_of_students(site: Path):
    school, district = (Page(site / path / "method.html").text for path in ("schools/103", "."))
    assert school.replace("Cedar Ridge Community School", "Maple Fork School Division") == district


def test_french_pages_stand_beside_the_english_ones_when_the_survey_has_french(tmp_path: Path):
    build_site(make_release(tmp_path / "release", languages=["en", "fr"]), tmp_path / "site")
    page = Page(tmp_path / "site" / "schools" / "101" / "index.fr.html")
    assert page.all("html")[0]["lang"] == "fr"
    assert "142 élèves sur 173 ont répondu (82\u00a0%)." in page.source.replace("&#39;", "'")
    assert "Probablement entre 3,96 et 4,24" in page.text
    assert any(a["href"] == "index.html" and a.get("hreflang") == "en" for a in page.all("a"))
    english = Page(tmp_path / "site" / "index.html")
    assert any(a["href"] == "index.fr.html" for a in english.all("a"))
