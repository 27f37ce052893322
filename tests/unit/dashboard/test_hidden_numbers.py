"""What a release hides is in no page: not as a number, not in a figure's data, not in an axis or a file name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from unit.dashboard.made_release import HIDDEN_SCHOOL, make_release
from unit.dashboard.read_page import Page

from connectedness.dashboard import build_site

MARK = "hidden to protect students"


def lines(figure: dict) -> dict[str, float | None]:
    """Name of each line of a dot plot, and the value of its dot."""
    axis = figure["layout"]["yaxis"]
    dots = next(trace for trace in figure["data"] if "error_x" in trace)
    return {name.replace("<br>", " "): value for name, value in zip(axis["ticktext"], dots["x"], strict=True)}


@pytest.fixture(scope="module")
def district(site: Path) -> Page:
    return Page(site / "index.html")


def test_a_hidden_school_is_listed_with_the_mark_and_has_no_page(site: Path, district: Page):
    assert f"Dry Creek School {MARK}" in district.text
    assert not [path for path in site.rglob("*") if HIDDEN_SCHOOL in path.name]
    links = [a["href"] for a in district.all("a") if a["href"].startswith("schools/")]
    assert len(links) == 5 and not any(HIDDEN_SCHOOL in link for link in links)


def test_a_hidden_school_is_an_empty_line_in_every_figure(district: Page):
    for i in range(4):
        values = lines(district.figures[f"school-{i}"])
        assert values["Dry Creek School"] is None
        assert sum(value is None for value in values.values()) == 1


def test_a_hidden_line_has_no_interval_no_hover_and_the_one_mark(district: Page):
    figure = district.figures["school-0"]
    dots = next(trace for trace in figure["data"] if "error_x" in trace)
    row = list(lines(figure)).index("Dry Creek School")
    assert dots["error_x"]["array"][row] is None and dots["error_x"]["arrayminus"][row] is None
    assert dots["hovertext"][row] == ""
    marks = [trace for trace in figure["data"] if MARK in (trace.get("text") or [])]
    assert [(trace["y"], trace["text"]) for trace in marks] == [([row], [MARK])]


def test_a_hidden_level_is_marked_in_figure_table_and_alternative_text(site: Path):
    page = Page(site / "schools" / "103" / "index.html")
    assert lines(page.figures["grade_band-0"])["Grades 10 to 12"] is None
    assert f"Grades 10 to 12 {MARK}" in page.text
    alternative = next(a["aria-label"] for a in page.all("div") if a.get("id") == "grade_band-0")
    assert f"Grades 10 to 12: {MARK}" in alternative


def test_numbers_left_by_mistake_in_hidden_rows_reach_no_file(tmp_path: Path):
    planted = [7654, 8765, 4.6543217, 0.7654321, 4.5432167, 4.7654321]
    build_site(make_release(tmp_path / "release", hidden_values=planted), tmp_path / "site")
    shown = ("7654", "7\u00a0654", "8765", "8\u00a0765", "4.654", "4.65", "4.543", "4.54", "4.765", "4.77", "4.76")
    for path in (tmp_path / "site").rglob("*"):
        if path.suffix in (".html", ".json") or path.name == "theme.css":
            found = [number for number in shown if number in path.read_text(encoding="utf-8")]
            assert not found, (path, found)


def test_axes_run_over_the_declared_range_whatever_the_data(district: Page):
    for name, figure in district.figures.items():
        for layout in [figure["layout"], *([figure["narrow"]["layout"]] if "narrow" in figure else [])]:
            along = layout["yaxis"] if name.startswith("trend") else layout["xaxis"]
            low, high = along["range"]
            assert (round(low, 6), round(high, 6)) in {(0.88, 5.12), (-0.03, 1.03), (0, 1)}, name


def test_figures_hold_no_more_digits_than_the_page_shows(district: Page):
    for figure in district.figures.values():
        text = json.dumps(figure["data"])
        numbers = [part for trace in figure["data"] for part in (trace.get("x") or []) if isinstance(part, float)]
        assert all(round(number, 2) == number for number in numbers)
        assert "bdata" not in text


def test_a_school_hidden_whole_in_the_latest_wave_alone_keeps_a_page_of_marks(tmp_path: Path):
    import pandas as pd

    release = make_release(tmp_path / "release")
    path = release / "estimates" / "2026-fall.parquet"
    frame = pd.read_parquet(path)
    mine = frame["unit"] == "102"
    frame.loc[mine, ["n", "eligible", "value", "se", "low", "high"]] = None
    frame.loc[mine, ["status", "reason"]] = "suppressed"
    frame.to_parquet(path, index=False)
    build_site(release, tmp_path / "site")
    page = Page(tmp_path / "site" / "schools" / "102" / "index.html")
    assert "The number of students who answered is hidden" in page.text
    assert "of students answered" not in page.text
    assert page.text.count(MARK) > 8
    trend = page.figures["trend-0"]["data"][-1]
    assert trend["y"][-1] is None and trend["y"][0] is not None
