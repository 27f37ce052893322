from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from unit.dashboard.made_release import make_release
from unit.dashboard.read_page import Page

from connectedness.dashboard import build_site
from connectedness.errors import ConnectednessError


def contents(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_there_is_a_page_for_the_district_and_one_for_each_school_that_may_be_shown(site: Path):
    schools = {folder.name for folder in (site / "schools").iterdir()}
    assert schools == {"101", "102", "103", "105", "maple-online-998c957a"}
    assert (site / "index.html").is_file() and (site / "method.html").is_file()
    assert all((site / "schools" / school / "method.html").is_file() for school in schools)


def test_every_page_is_returned_the_district_first(release: Path, tmp_path: Path):
    pages = build_site(release, tmp_path / "site")
    assert pages[0] == tmp_path / "site" / "index.html"
    assert sorted(pages) == sorted((tmp_path / "site").rglob("*.html"))


def test_the_same_release_gives_the_same_bytes(release: Path, site: Path, tmp_path: Path):
    build_site(release, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(site)


def test_a_school_folder_stands_alone_and_names_no_other_school(site: Path):
    folder = site / "schools" / "102"
    for path in folder.glob("*.html"):
        page = Page(path)
        links = [a.get("href") or a.get("src") for tag, a, _ in page.elements if tag in ("a", "link", "script")]
        for link in filter(None, links):
            assert not link.startswith(("http", "/", "..", "data:")), link
            assert link.startswith("#") or (folder / link).is_file(), link
        for other in ("Aspen Grove", "Cedar Ridge", "Dry Creek", "Eagle Butte", "Maple Fork Online", "Clubs at noon"):
            assert other not in page.source


def test_a_school_that_left_the_release_loses_its_folder(release: Path, tmp_path: Path):
    build_site(release, tmp_path / "site")
    fewer = make_release(tmp_path / "fewer", schools=["101", "103"])
    build_site(fewer, tmp_path / "site")
    assert {folder.name for folder in (tmp_path / "site" / "schools").iterdir()} == {"101", "103"}


def test_a_folder_that_is_not_a_site_is_never_replaced(release: Path, tmp_path: Path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(ConnectednessError, match="not a site of ours"):
        build_site(release, tmp_path / "photos")
    assert contents(tmp_path / "photos") == {"cat.jpg": hashlib.sha256(b"cat").hexdigest()}


def test_a_build_that_fails_leaves_the_old_site_and_nothing_beside_it(release: Path, tmp_path: Path):
    build_site(release, tmp_path / "site")
    before = contents(tmp_path / "site")
    templates = tmp_path / "project" / "dashboards" / "templates"
    templates.mkdir(parents=True)
    (templates / "school.html.j2").write_text("{{ nothing_of_the_kind }}")
    with pytest.raises(Exception, match="nothing_of_the_kind"):
        build_site(release, tmp_path / "site", tmp_path / "project")
    assert contents(tmp_path / "site") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["project", "site"]


def test_a_folder_that_is_not_a_release_is_said_so(tmp_path: Path):
    with pytest.raises(ConnectednessError, match="not a release"):
        build_site(tmp_path, tmp_path / "site")


def test_a_page_of_many_schools_stays_small(tmp_path: Path):
    schools = [f"{number:03}" for number in range(1, 49)]
    build_site(make_release(tmp_path / "release", schools=schools), tmp_path / "site")
    sizes = {path: path.stat().st_size for path in (tmp_path / "site").rglob("*.html")}
    assert len(sizes) == 2 * 49 and max(sizes.values()) < 200_000
