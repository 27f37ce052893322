"""A release that looks nothing like our own instrument: a country, one scale, no words, no roster, no breakdown."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from unit.dashboard.made_release import make_release
from unit.dashboard.read_page import Page

from connectedness.dashboard import build_site


@pytest.fixture(scope="module")
def plain_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("plain")
    release = make_release(root / "release", roster=False, waves=("2026-fall",), hidden_school="102")
    book = json.loads((release / "codebook.json").read_text(encoding="utf-8"))
    book["survey"]["units"] = ["country", "school"]
    book["measures"] = [one for one in book["measures"] if one["id"] in ("belonging", "response_rate")]
    book["scales"] = book["scales"][:1]
    book["items"] = [one for one in book["items"] if one["scales"] == ["hr_belonging"]]
    book["breakdowns"], book["events"] = [], []
    for item in book["items"]:
        item.update(text=None, short=None, codes=[{**code, "label": None} for code in item["codes"]])
    for unit in book["units"]:
        unit["unit_type"] = unit["unit_type"].replace("district", "country")
    (release / "codebook.json").write_text(json.dumps(book), encoding="utf-8")
    path = release / "estimates" / "2026-fall.parquet"
    frame = pd.read_parquet(path).replace({"unit_type": {"district": "country"}})
    frame = frame[frame["measure"].isin(["belonging", "response_rate"]) & (frame["breakdown"] == "all")]
    frame.to_parquet(path, index=False)
    build_site(release, root / "site")
    return root / "site"


def test_one_scale_is_one_card_and_one_figure(plain_site: Path):
    page = Page(plain_site / "index.html")
    assert len(page.all("article")) == 1 and list(page.figures) == ["school-0"]


def test_the_widest_unit_gives_the_reference_its_name(plain_site: Path):
    assert "Above the country (3.72)" in Page(plain_site / "schools" / "101" / "index.html").text


def test_a_question_whose_words_are_not_ours_goes_by_its_id(plain_site: Path):
    text = Page(plain_site / "method.html").text
    assert "hr_bel_hide (the wording belongs to its owner) Turned round" in text
    assert "Answer 1: 5" in text


def test_the_hidden_school_is_still_marked(plain_site: Path):
    assert "Birch Lake Elementary hidden to protect students" in Page(plain_site / "index.html").text
    assert not (plain_site / "schools" / "102").exists()
