"""Where one group holds all students, its numbers are those of the unit: no section, at most a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from unit.dashboard.made_release import make_release
from unit.dashboard.read_page import Page

from connectedness.dashboard import build_site


def built(folder: Path, kept: dict[str, str]) -> Path:
    """A site of which school 101 has one level of each breakdown in `kept`; `group` is a third breakdown."""
    release = make_release(folder / "release", languages=["en", "fr"])
    for path in (release / "estimates").glob("*.parquet"):
        frame = pd.read_parquet(path)
        group = frame[frame["breakdown"] == "grade_band"].replace(
            {"grade_band": "group", "g4_6": "not_newcomer", "g7_9": "newcomer"}
        )
        frame = pd.concat([frame, group[group["level"] != "g10_12"]], ignore_index=True)
        for breakdown, level in kept.items():
            others = (frame["unit"] == "101") & (frame["breakdown"] == breakdown) & (frame["level"] != level)
            frame = frame[~others]
        frame.to_parquet(path, index=False)
    book = json.loads((release / "codebook.json").read_text(encoding="utf-8"))
    levels = [{"id": "not_newcomer", "title": {"en": "Not a newcomer", "fr": "Pas arrivé depuis peu"}},
              {"id": "newcomer", "title": {"en": "Newcomer", "fr": "Arrivé depuis peu"}}]  # fmt: skip
    book["breakdowns"].append({"id": "group", "title": {"en": "Time in the country", "fr": None}, "levels": levels})
    (release / "codebook.json").write_text(json.dumps(book), encoding="utf-8")
    build_site(release, folder / "site")
    return folder / "site" / "schools" / "101"


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> Path:
    kept = {"grade_band": "g7_9", "learning_mode": "in_person", "group": "not_newcomer"}
    return built(tmp_path_factory.mktemp("alone"), kept)


def headings(folder: Path) -> list[str]:
    return [one["id"] for one in Page(folder / "index.html").all("section") if "id" in one]


def test_grades_and_way_of_learning_stand_in_one_sentence(alone: Path):
    text = Page(alone / "index.html").text
    assert "(82%). All students here: grades 7 to 9, in person." in text
    assert text.count("All students here") == 1
    assert "Tous les élèves d’ici : " in Page(alone / "index.fr.html").text.replace("\u00a0", " ")


def test_another_group_of_all_is_not_mentioned(alone: Path):
    for page in ("index.html", "index.fr.html"):
        text = Page(alone / page).text
        assert "newcomer" not in text.lower() and "arrivé depuis peu" not in text and "in one group" not in text


def test_no_section_and_no_figure_is_left_of_them(alone: Path, tmp_path: Path):
    assert not any(
        name.startswith(("grade_band", "learning_mode", "group")) for name in Page(alone / "index.html").figures
    )
    several = built(tmp_path, {})
    assert any(name.startswith("group") for name in Page(several / "index.html").figures)
    assert "All students here" not in Page(several / "index.html").text


def test_the_level_of_what_is_not_known_is_not_told_as_a_fact(tmp_path: Path):
    assert "All students here" not in Page(built(tmp_path, {"learning_mode": "unknown"}) / "index.html").text
