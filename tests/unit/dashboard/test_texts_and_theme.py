from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from unit.dashboard.read_page import Page

from connectedness.dashboard import build_site
from connectedness.dashboard.words import flat, read_theme, read_words
from connectedness.errors import DeclarationError
from connectedness.packaged import packaged_root

ROOT = Path(__file__).parents[3]
SOURCES = [*(ROOT / "src/connectedness/dashboard").glob("*.py"), *(ROOT / "dashboards/templates").glob("*.j2")]


def texts(language: str) -> dict[str, str]:
    path = packaged_root() / "dashboards" / f"texts.{language}.yaml"
    return flat(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_both_languages_hold_the_same_keys_and_places():
    english, french = texts("en"), texts("fr")
    assert english.keys() == french.keys()
    for key, text in english.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", french[key])), key


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_key_stands_twice_in_a_file(language: str):
    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict:
        keys = [loader.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), sorted(key for key in keys if keys.count(key) > 1)
        return dict(zip(keys, [loader.construct_object(value, deep=True) for _, value in node.value], strict=True))

    Strict.add_constructor("tag:yaml.org,2002:map", mapping)
    path = packaged_root() / "dashboards" / f"texts.{language}.yaml"
    yaml.load(path.read_text(encoding="utf-8"), Strict)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_text_is_left_empty(language: str):
    assert all(str(text).strip() for text in texts(language).values())


def project_with(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / "project" / "dashboards" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return tmp_path / "project"


def test_a_projects_own_text_wins_key_by_key(release: Path, tmp_path: Path):
    project = project_with(tmp_path, "texts.en.yaml", "page: {minute: At a glance}\n")
    build_site(release, tmp_path / "site", project)
    text = Page(tmp_path / "site" / "index.html").text
    assert "At a glance" in text and "In one minute" not in text and "Over time" in text


def test_a_key_that_no_page_uses_is_refused_by_name(tmp_path: Path):
    project = project_with(tmp_path, "texts.en.yaml", "page: {minit: At a glance}\n")
    with pytest.raises(DeclarationError, match=r"page\.minit"):
        read_words("en", project)


def test_a_projects_own_colour_reaches_stylesheet_and_figures(release: Path, tmp_path: Path):
    project = project_with(tmp_path, "theme.yaml", 'colour: {accent: "#123456"}\n')
    build_site(release, tmp_path / "site", project)
    assert "--accent: #123456;" in (tmp_path / "site" / "assets" / "theme.css").read_text()
    assert "#123456" in Page(tmp_path / "site" / "index.html").source
    assert read_theme(project)["colour.ink"] == read_theme(None)["colour.ink"]


def test_a_projects_own_headline_chooses_the_cards(release: Path, tmp_path: Path):
    project = project_with(tmp_path, "theme.yaml", "headline: [two_adults, belonging]\n")
    build_site(release, tmp_path / "site", project)
    page = Page(tmp_path / "site" / "index.html")
    assert len(page.all("article")) == 2
    assert page.text.index("At least two adults to go to 7") < page.text.index("Belonging 3")


def test_a_projects_own_template_and_asset_win_file_by_file(release: Path, tmp_path: Path):
    project_with(tmp_path, "assets/app.css", "body { color: teal }\n")
    mine = '{% extends "results.html.j2" %}{% block foot %}<p>Questions? Call the office.</p>{% endblock %}'
    project = project_with(tmp_path, "templates/district.html.j2", mine)
    build_site(release, tmp_path / "site", project)
    assert "Questions? Call the office." in Page(tmp_path / "site" / "index.html").text
    assert "Questions?" not in Page(tmp_path / "site" / "schools" / "101" / "index.html").text
    assert (tmp_path / "site" / "schools" / "101" / "assets" / "app.css").read_text() == "body { color: teal }\n"


def test_every_text_the_pages_name_exists():
    known = texts("en")
    for path in SOURCES:
        for key in re.findall(
            r"""\b(?:words|t)\(\s*f?["']([a-z_]+\.[a-z_.]*[a-z])["']""", path.read_text(encoding="utf-8")
        ):
            assert key in known or f"{key}.one" in known, (path.name, key)
