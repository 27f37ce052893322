"""Pages as a browser shows them, opened from the disk: drawn, quiet, and asking nothing of any network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from unit.dashboard.made_release import make_release

from connectedness.dashboard import build_operations, build_site

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM.exists() and DRIVER.exists()),
        reason="no browser here: needs Debian's chromium and chromium-driver",
    ),
]
PAGES = ("index.html", "method.html", "index.fr.html", "schools/101/index.html", "schools/103/index.html",
         "schools/103/method.html", "analyst/index.html")  # fmt: skip
REPORT = {
    "survey": "maple_fork", "wave": "2026-fall", "status": "stopped", "stopped": ["A column is missing."],
    "files": [{"file": "a-rather-long-name-of-an-export-file-from-the-survey-tool.csv", "rows": 10, "accepted": 9,
               "quarantined": 1, "excluded": {}}],
    "totals": {"read": 10, "accepted": 9, "quarantined": 1, "excluded": 0},
    "quarantine": [{"table": "responses", "file": "export.csv", "rule": "unknown_school", "school": "999",
                    "column": "school", "rows": [4], "n": 1}],
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pages")
    titles = {"101": "</script><script>alert(1)</script>", "105": "École secondaire du très long nom de Grande-Prairie"}
    build_site(make_release(root / "release", languages=["en", "fr"], school_titles=titles), root / "site")
    (root / "report.json").write_text(json.dumps(REPORT), encoding="utf-8")
    build_operations([root / "report.json"], root / "analyst")
    shutil.move(root / "analyst", root / "site" / "analyst")
    return root / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    started.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument",
        {"source": "window.refused = []; document.addEventListener('securitypolicyviolation',"
                   " e => window.refused.push(e.violatedDirective + ' ' + e.blockedURI));"},
    )  # fmt: skip
    yield started
    started.quit()


def opened(browser: Any, path: Path, width: int = 1200) -> None:
    """Open a page at a width and wait until every figure says that it is drawn."""
    from selenium.webdriver.support.ui import WebDriverWait

    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(path.as_uri())
    left = "return document.querySelectorAll('.chart:not([data-drawn])').length"
    WebDriverWait(browser, 20).until(lambda one: one.execute_script(left) == 0)


def requests(browser: Any) -> list[str]:
    """Addresses the page asked for."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_from_the_disk_is_quiet_and_asks_nothing_of_the_network(browser: Any, folder: Path, name: str):
    opened(browser, folder / name)
    assert browser.get_log("browser") == []
    assert browser.execute_script("return window.refused") == []
    asked = requests(browser)
    assert asked and all(url.startswith("file:") for url in asked), asked


@pytest.mark.parametrize("name", ["index.html", "schools/101/index.html", "schools/103/index.html"])
@pytest.mark.parametrize("width", [360, 1200])
def test_every_figure_has_its_marks(browser: Any, folder: Path, name: str, width: int):
    opened(browser, folder / name, width)
    marks = browser.execute_script(
        "return [...document.querySelectorAll('.chart')].map(c => c.querySelectorAll('.point path, path.point').length)"
    )
    assert len(marks) >= 14 and all(count > 0 for count in marks), marks


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_scrolls_in_one_direction_only(browser: Any, folder: Path, name: str):
    opened(browser, folder / name, 360)
    browser.execute_script("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    width = browser.execute_script("return document.documentElement.scrollWidth")
    assert width <= 360


def test_names_stand_above_their_lines_where_there_is_little_room(browser: Any, folder: Path):
    opened(browser, folder / "index.html", 360)
    fit = "return document.getElementById('school-0').getAttribute('data-fit')"
    names = "return document.getElementById('school-0').textContent.includes('Birch Lake Elementary')"
    assert browser.execute_script(fit) == "narrow" and browser.execute_script(names)
    opened(browser, folder / "index.html", 1200)
    assert browser.execute_script(fit) == "wide"


def test_no_figure_offers_to_share_or_to_edit(browser: Any, folder: Path):
    opened(browser, folder / "schools" / "101" / "index.html")
    assert browser.execute_script("return document.querySelectorAll('.modebar-btn').length") == 0
    page = browser.execute_script("return document.body.innerHTML").lower()
    assert "share chart" not in page and "cloud.plotly" not in page


def test_a_name_that_is_a_script_is_shown_and_not_run(browser: Any, folder: Path):
    opened(browser, folder / "schools" / "101" / "index.html")
    assert browser.execute_script("return document.querySelector('h1').textContent").startswith("</script><script>")
    scripts = browser.execute_script("return [...document.scripts].filter(s => !s.src && s.type === '').length")
    assert scripts == 0


def test_without_scripts_every_number_is_still_in_a_table(browser: Any, folder: Path):
    try:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        browser.get((folder / "schools" / "101" / "index.html").as_uri())
        html = browser.page_source
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert "scripts are off" in html and html.count("<table>") >= 5


def test_the_keyboard_reaches_the_skip_link_first(browser: Any, folder: Path):
    from selenium.webdriver.common.keys import Keys

    opened(browser, folder / "index.html")
    browser.find_element("tag name", "body").send_keys(Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("class") == "skip"
