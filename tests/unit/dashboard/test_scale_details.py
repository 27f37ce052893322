"""What stands under the fold of a score on the method page, what is said of groups, and a school's own reliability."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.dashboard.made_release import make_release
from unit.dashboard.read_page import Page
from unit.dashboard.scale_examples import BROKEN, GOOD, LOOSE, add_facts

from connectedness.dashboard import build_site


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("details")
    build_site(add_facts(make_release(folder / "release", languages=["en", "fr"])), folder / "site")
    return folder / "site"


def built(folder: Path, name: str = "method.html", **more) -> Page:
    build_site(add_facts(make_release(folder / "release"), **more), folder / "site")
    return Page(folder / "site" / name)


def folds(page: Page) -> list[str]:
    """Source of each fold, in the page's order of scales."""
    return [part.partition("</details>")[0] for part in page.source.split('<details class="more">')[1:]]


def test_fit_and_agreement_are_under_the_fold_with_a_word_and_a_meaning(pages):
    text = Page(pages / "method.html").text
    for words in (
        "Average correlation of two statements 0.45 Good Good from 0.15 to 0.50",
        "One factor, CFI 0.947 Fair",
        "One factor, TLI 0.910 Fair",
        "One factor, RMSEA 0.091 0.071 to 0.112 Poor",
        "One factor, SRMR 0.031 Good",
        "Agreement within one school, rwg(j) 0.72 Good",
    ):
        assert words in text, words
    french = Page(pages / "method.fr.html").text
    assert "Un facteur, RMSEA 0,091 0,071 à 0,112 Faible" in french
    assert "Accord au sein d’une unité (école), rwg(j) 0,72 Bon" in french


def test_each_statement_has_a_line_with_its_figures_and_no_other_figure_of_items_is_shown(pages):
    page = Page(pages / "method.html")
    assert "Part of “our school” 0.60 0.56 to 0.64 0.80 0.78 to 0.83 3%" in page.text
    assert "Hiding things about myself 0.21 under 1%" in page.text, "a figure that the release has not is left empty"
    assert "3.91" not in page.source
    assert [fold.count("Each statement of") > 0 for fold in folds(page)] == [True, False, False]


def test_folds_are_closed_by_themselves_opened_by_any_browser_and_named_for_their_score(pages):
    parts = folds(Page(pages / "method.html"))
    assert len(parts) == 3
    assert [one.strip().startswith("<summary>More on “") for one in parts] == [True] * 3
    assert len({one.partition("</summary>")[0] for one in parts}) == 3
    assert all(one.count("<caption>") == one.count("<table>") for one in parts)


def test_a_hidden_fact_under_the_fold_has_the_mark_and_no_number(tmp_path):
    hidden = {"value": 0.0042, "low": 0.001, "high": 0.01, "reason": "suppressed"}
    page = built(tmp_path, changes={(GOOD, "missing_share"): hidden, (GOOD, "cfi"): hidden, (GOOD, "rmsea"): hidden})
    assert "One factor, CFI hidden to protect students" in page.text
    assert "Part of “our school” 0.60 0.56 to 0.64 0.80 0.78 to 0.83 hidden to protect students" in page.text
    assert "0.004" not in page.source and "0.4%" not in page.source


def test_why_there_is_no_figure_is_said(tmp_path):
    gone = {"value": None, "low": None, "high": None}
    page = built(tmp_path, changes={(GOOD, "rmsea"): gone | {"reason": "no_degrees_of_freedom"},
                                    (GOOD, "item_rest_r"): gone | {"reason": "constant_item"}})  # fmt: skip
    assert "One factor, RMSEA not from three statements" in page.text
    assert "Hiding things about myself could not be computed under 1%" in page.text


def test_a_test_of_invariance_that_nobody_made_is_said_with_the_command(pages):
    text = Page(pages / "method.html").text
    said = (
        "Measurement invariance was not tested here by “Grade band” and “Learning mode”. "
        "The script for it is ready: connectedness invariance --wave 2026-fall"
    )
    assert text.count(said) == 1
    assert "was tested on other answers than these, so the result does not count" in text
    assert "By Grade band, the whole score: Measurement invariance was found" in text
    french = Page(pages / "method.fr.html").text
    assert "n’a pas été testée ici" in french and "connectedness invariance --wave 2026-fall" in french


def test_a_model_that_fails_reaches_the_method_page_and_the_comparison_of_groups(pages):
    assert "metric invariance does not hold" in Page(pages / "method.html").text
    for name in ("index.html", "schools/101/index.html"):
        text = Page(pages / name).text
        said = "Support from adults: compare these groups with care. The score does not measure alike in all of them"
        assert text.count(said) == 1
        assert text.index("By learning mode") < text.index(said)
    assert "Le score ne mesure pas de la même façon" in Page(pages / "index.fr.html").text


def test_one_caution_is_enough_where_items_and_score_both_fail(tmp_path):
    both = [{"kind": "invariance", "scale": GOOD, "breakdown": "grade_band", "verdict": "caution", "model": "scalar"}]
    page = built(tmp_path, "index.html", invariance=both)
    assert page.text.count("Belonging: compare these groups with care") == 1


@pytest.mark.parametrize("model", ["configural", "threshold", "metric", "scalar"])
def test_each_model_has_its_own_sentence(tmp_path, model):
    note = {"kind": "invariance", "scale": GOOD, "breakdown": "grade_band", "verdict": "caution", "model": model}
    assert f"{model} invariance does not hold" in built(tmp_path, invariance=[note]).text


def test_a_school_whose_own_mean_is_mostly_chance_is_marked_and_others_are_not(tmp_path):
    """Of one scale alone: another is marked by ICC(2) already, the third is withheld."""
    units = [{"unit": "101", "value": 0.44}, {"unit": "102", "value": 0.81}]
    notes = [
        {"kind": "mean_reliability", "scale": one, "unit_type": "school", "units": units}
        for one in (GOOD, LOOSE, BROKEN)
    ]
    page = built(tmp_path, "schools/101/index.html", mean_reliability=notes)
    mark = "may be chance (reliability"
    assert page.text.count(mark) == 1 and "may be chance (reliability 0.44)" in page.text
    others = [path for path in (tmp_path / "site").rglob("index.html") if "101" not in str(path)]
    assert others and not any(mark in Page(path).text for path in others)
