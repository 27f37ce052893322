"""Every page: safe from injection, fetching nothing, and readable without eyes, colour or a wide screen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from unit.dashboard.made_release import make_release
from unit.dashboard.read_page import Page

from connectedness.dashboard import build_site
from connectedness.dashboard.words import read_theme

PAGES = ("index.html", "method.html", "schools/103/index.html", "schools/103/method.html")


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, site: Path) -> Page:
    return Page(site / request.param)


def test_the_policy_allows_only_this_folders_files(page: Page):
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "style-src 'self'" in policy
    assert "unsafe" not in policy and "http" not in policy


def test_nothing_is_fetched_from_elsewhere_and_nothing_is_inline(page: Page):
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page.source)
    assert all("style" not in a and not [name for name in a if name.startswith("on")] for _, a, _ in page.elements)
    assert all("src" in a or a.get("type") == "application/json" for a in page.all("script"))
    assert not page.all("style") and not page.all("iframe") and not page.all("form")


def test_it_has_a_language_one_heading_landmarks_and_a_skip_link(page: Page):
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == 1
    assert all(len(page.all(tag)) == 1 for tag in ("header", "main", "footer"))
    assert page.all("a")[0]["href"] == "#main" and page.all("main")[0]["id"] == "main"


def test_headings_skip_no_level(page: Page):
    levels = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def test_ids_are_unique_and_every_reference_finds_its_place(page: Page):
    ids = [a["id"] for _, a, _ in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    wanted = {a["aria-labelledby"] for _, a, _ in page.elements if "aria-labelledby" in a}
    wanted |= {a["data-chart"] for a in page.all("script") if "data-chart" in a}
    assert wanted <= set(ids)


def test_tables_have_a_caption_and_heads_with_a_scope(page: Page):
    assert len(page.all("caption")) == len(page.all("table")) > 0
    assert all(a.get("scope") in ("col", "row") for a in page.all("th"))


def test_every_line_of_a_table_fills_its_columns(page: Page):
    width, row = 0, 0
    for tag, attributes, path in page.elements:
        if tag == "tr":
            assert row in (0, width)
            row = 0
        elif tag in ("th", "td"):
            row += int(attributes.get("colspan", 1))
            width = row if path[-2:] == ("thead", "tr") else width


def test_every_figure_has_words_a_name_and_a_table(site: Path):
    page = Page(site / "schools/101/index.html")
    charts = [a for a in page.all("div") if "chart" in a.get("class", "").split()]
    assert charts and all(a["role"] == "img" and len(a["aria-label"]) > 20 for a in charts)
    assert all(a["role"] == "group" for a in page.all("figure"))
    tables = [path for tag, _, path in page.elements if tag == "table" and "details" in path]
    assert len(tables) == len(page.all("figure"))


@pytest.mark.parametrize("text", ["ink", "quiet", "accent", "reference", "rise", "fall"])
def test_text_stands_out_from_its_ground(text: str):
    theme = read_theme(None)
    assert contrast(theme[f"colour.{text}"], theme["colour.card"]) >= 4.5
    # What is not drawn on cards alone stands on the page's own ground too.
    assert text == "reference" or contrast(theme[f"colour.{text}"], theme["colour.paper"]) >= 4.5


def test_words_on_coloured_grounds_stand_out_too():
    theme = read_theme(None)
    for kind in ("rise", "fall"):
        assert contrast(theme[f"colour.{kind}"], theme[f"colour.{kind}_soft"]) >= 4.5
    assert contrast(theme["colour.ink"], theme["colour.unsure_soft"]) >= 4.5
    for ink, fill in zip(theme["answers.ink"], theme["answers.fill"], strict=True):
        assert contrast(ink, fill) >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio of two colours."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_name_can_end_no_script_and_start_no_markup(tmp_path: Path):
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    release = make_release(tmp_path / "release", school_titles={"101": evil, "102": "<b>Bold</b> & <a href='x'>co</a>"})
    build_site(release, tmp_path / "site")
    for path in (tmp_path / "site").rglob("*.html"):
        page = Page(path)
        assert not page.all("img") and not page.all("b")
        assert all("src" in a or a.get("type") == "application/json" for a in page.all("script"))
    figure = Page(tmp_path / "site" / "index.html").figures["school-0"]
    names = figure["narrow"]["data"][0]["text"]
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; &lt;a href='x'&gt;co&lt;/a&gt;" in names
    assert not any("<" in name.replace("<br>", "") for name in names + figure["layout"]["yaxis"]["ticktext"])
