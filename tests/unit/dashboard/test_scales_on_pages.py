"""How well scores work, on the method page; and what is withheld, flagged or cautioned on the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from unit.dashboard.made_release import make_release
from unit.dashboard.read_page import Page
from unit.dashboard.scale_examples import BROKEN, GOOD, LOOSE, add_facts

from connectedness.dashboard import build_site

LANGUAGES = ["en", "fr"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scales")
    build_site(add_facts(make_release(folder / "release", languages=LANGUAGES)), folder / "site")
    return folder / "site"


def built(folder: Path, name: str = "method.html", **more) -> Page:
    release = add_facts(make_release(folder / "release", languages=LANGUAGES), **more)
    build_site(release, folder / "site")
    return Page(folder / "site" / name)


def part(page: Page, scale: str) -> str:
    """What the method page says of one scale."""
    titles = {GOOD: "Belonging", LOOSE: "Support from adults", BROKEN: "Respect among students"}
    marks = [page.text.index(f"How well the score works, {titles[one]}") for one in (GOOD, LOOSE, BROKEN)]
    at = marks[list(titles).index(scale)]
    later = [mark for mark in marks if mark > at]
    return page.text[at - 400 : min(later) - 400 if later else len(page.text)]


# ---- the method page


def test_the_method_page_gives_the_facts_of_the_latest_wave_in_plain_words(pages):
    said = part(Page(pages / "method.html"), GOOD)
    for words in (
        "How well this score works, Fall 2026",
        "Students with a score 610 or more",
        "Students who answered every statement 540 or more",
        "Answers missing 3%",
        "Students at the lowest score under 1% 0% to 2% Good",
        "Students at the highest score 21% 18% to 25% Fair",
        "Alpha 0.83 0.82 to 0.85 Good",
        "Omega 0.83 0.82 to 0.85 Good",
        "Ordinal alpha 0.86 Good",
        "Differences by school, ICC(1) 5%",
        "Reliability of the average of one school, ICC(2) 0.93 0.20 to 0.97 Good",
        "A mean of about 44 students is needed for 0.70, and of about 75 for 0.80.",
        "The statements go together well enough to make one score.",
    ):
        assert words in said, words


def test_numbers_and_words_are_french_on_the_french_page(pages):
    text = Page(pages / "method.fr.html").text
    for words in ("Alpha 0,83 0,82 à 0,85 Bon", "610 ou plus", "Il faut la moyenne d’environ 44 élèves pour 0,70"):
        assert words in text, words


def test_every_colour_has_a_word_beside_it(pages):
    page = Page(pages / "method.html")
    signs = [one["class"].split()[1] for one in page.all("span") if one.get("class", "").startswith("sign ")]
    assert {"good", "fair", "poor", "none"} == set(signs)
    for kind, word in (("good", "Good"), ("fair", "Fair"), ("poor", "Poor")):
        assert f'<span class="sign {kind}"><span aria-hidden="true" class="shape"></span>{word}</span>' in page.source


def test_what_was_checked_of_direction_and_what_could_not_be(pages):
    said = part(Page(pages / "method.html"), GOOD)
    for words in (
        "Not checked The file names no answers by words that could be compared",
        "Decided A statement goes against the others. It was recorded on 2 November 2026 that this is right: "
        "“Checked by hand”",
        "Checked The score goes with, or against, these as it should: “Support from adults”. "
        "This could not be checked: “Respect among students”.",
        "Checked The district’s average and spread are like those of the survey before.",
    ):
        assert words in said, words
    assert "ucla3_lonely" not in said, "what was never asked is no finding, and an id is no name"


def test_what_careless_answers_would_change_is_one_sentence_without_a_count(pages):
    page = Page(pages / "method.html")
    assert "the district’s average would change by less than 0.05 points." in part(page, GOOD)
    assert "the district’s average would be 0.2 points lower." in part(page, LOOSE)
    assert "What answers that look careless change is not shown" in part(page, BROKEN)


def test_whether_groups_may_be_compared_is_said_for_each_breakdown(pages):
    said = part(Page(pages / "method.html"), GOOD)
    assert "By Grade band: Belonging: compare these groups with care. 1 of 6 statements works differently" in said
    assert "By Learning mode: It could not be checked in every one of these groups" in said


def test_a_hidden_fact_has_the_mark_and_one_that_does_not_apply_says_so(tmp_path):
    page = built(tmp_path, changes={
        (GOOD, "floor_share"): {"value": 0.0042, "reason": "suppressed"},
        (GOOD, "omega_total"): {"value": None, "low": None, "high": None, "reason": "two_items"},
        (GOOD, "icc2"): {"value": None, "low": None, "high": None, "reason": "some_new_reason"},
    })  # fmt: skip
    said = part(page, GOOD)
    assert "Students at the lowest score hidden to protect students" in said and "0.4%" not in said
    assert "Omega not from two statements" in said and "ICC(2) could not be computed" in said


# ---- results pages


def test_a_score_that_does_not_hold_together_has_no_number_on_any_page_and_says_why(pages):
    for name in ("index.html", "schools/101/index.html"):
        page = Page(pages / name)
        assert (
            "Respect among students Not shown The statements of this score do not go together well enough" in page.text
        )
        assert (
            "Not shown, because their statements do not go together well enough: respect among students." in page.text
        )
        assert "Respect among students 3" not in page.text
        heads = page.text.split("Over time")[1]
        assert "Respect among students" not in heads
        assert sum("Respect" in one.get("aria-label", "") for one in page.all("div")) == 0


def test_a_loose_score_is_shown_and_flagged(pages):
    text = Page(pages / "index.html").text
    flag = "The statements of this score hold together only loosely"
    assert text.index("Support from adults 3.8") < text.index(flag) < text.index("Respect among students Not shown")
    assert text.count(flag) == 1


def test_a_school_mean_that_differs_mostly_by_chance_is_marked_on_school_pages(pages):
    mark = "Schools differ so little on this score that most of the difference between two of them is chance."
    assert Page(pages / "schools" / "101" / "index.html").text.count(mark) == 1
    assert mark not in Page(pages / "index.html").text
    assert "Most of the differences here are chance on: support from adults." in Page(pages / "index.html").text


def test_a_comparison_of_groups_carries_the_caution_where_it_was_found(pages):
    for name in ("index.html", "schools/101/index.html"):
        text = Page(pages / name).text
        assert text.count("Belonging: compare these groups with care. 1 of 6 statements works differently") == 1
        assert text.index("compare these groups with care") < text.index("By learning mode")
    assert "comparez ces groupes avec prudence. 1 énoncé sur 6" in Page(pages / "index.fr.html").text


def test_a_score_of_parts_is_never_withheld(tmp_path):
    release = add_facts(make_release(tmp_path / "release"))
    book = json.loads((release / "codebook.json").read_text(encoding="utf-8"))
    for scale in book["scales"]:
        scale["structure"] = "formative"
    (release / "codebook.json").write_text(json.dumps(book), encoding="utf-8")
    build_site(release, tmp_path / "site")
    assert "Not shown" not in Page(tmp_path / "site" / "index.html").text


def test_a_district_of_which_every_score_is_withheld_still_has_pages(tmp_path):
    verdicts = [
        {"kind": "headline", "scale": one, "verdict": "withheld", "basis": "alpha"} for one in (GOOD, LOOSE, BROKEN)
    ]
    page = built(tmp_path, "index.html", headline=verdicts)
    assert page.text.count("Not shown The statements") == 3 and "At least one adult to go to 9" in page.text


def test_a_release_without_facts_is_drawn_as_before(site: Path):
    for name in ("index.html", "method.html"):
        text = Page(site / name).text
        assert "How well this score works" not in text and "Not shown" not in text


def test_pages_stay_under_two_hundred_kilobytes(pages):
    assert max(path.stat().st_size for path in pages.rglob("*.html")) < 200_000
