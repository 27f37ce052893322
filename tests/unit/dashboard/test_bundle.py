from __future__ import annotations

from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs_version
from unit.dashboard.plotly_rules import style_ids_of, stylesheet_of

from connectedness.dashboard.pages import STYLE_IDS
from connectedness.packaged import packaged_root

ASSETS = packaged_root() / "dashboards" / "assets"


@pytest.fixture(scope="module")
def bundle() -> str:
    return (ASSETS / "plotly.min.js").read_text(encoding="utf-8")


def test_the_bundle_is_of_the_version_that_plotly_writes_for(bundle: str):
    assert f"v{get_plotlyjs_version()}" in bundle[:200]


def test_its_licence_is_beside_it():
    assert "MIT License" in (ASSETS / "plotly.LICENSE").read_text(encoding="utf-8")


def test_our_stylesheet_holds_the_rules_plotly_would_add_inline(bundle: str):
    assert (ASSETS / "plotly.css").read_text(encoding="utf-8") == stylesheet_of(bundle)


def test_pages_hold_an_element_for_each_style_plotly_would_add(bundle: str, site: Path):
    assert style_ids_of(bundle) == list(STYLE_IDS)
    page = (site / "index.html").read_text(encoding="utf-8")
    assert all(f'id="{one}"' in page for one in STYLE_IDS)
    assert 'id="plotly.js-style-global" class="no-inline-styles"' in page


def test_the_script_never_offers_to_send_a_figure_away():
    script = (ASSETS / "app.js").read_text(encoding="utf-8")
    for setting in ("showSendToCloud: false", "displaylogo: false", "displayModeBar: false", 'plotlyServerURL: ""'):
        assert setting in script
    assert not any(word in script for word in ("fetch(", "XMLHttpRequest", "http", "innerHTML", "eval("))
