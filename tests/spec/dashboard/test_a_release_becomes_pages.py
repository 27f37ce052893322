"""A release in, one call, pages out."""

from __future__ import annotations

from pathlib import Path

from unit.dashboard.made_release import make_release
from unit.dashboard.read_page import Page

from connectedness.dashboard import build_site


def test_a_principal_reads_what_rose_and_how_sure_that_is(tmp_path: Path):
    build_site(make_release(tmp_path / "release"), tmp_path / "site")

    page = Page(tmp_path / "site" / "schools" / "101" / "index.html")

    assert "142 of 173 students answered" in page.text
    assert "Clear rise since Fall 2025: belonging." in page.text
    assert "Likely between 3.96 and 4.24" in page.text


def test_a_school_too_small_to_show_is_listed_with_the_reason_and_has_no_page(tmp_path: Path):
    pages = build_site(make_release(tmp_path / "release"), tmp_path / "site")

    assert "Dry Creek School hidden to protect students" in Page(pages[0]).text
    assert not (tmp_path / "site" / "schools" / "104").exists()
