from __future__ import annotations

from pathlib import Path

import pytest
from unit.dashboard.made_release import make_release

from connectedness.dashboard import build_site


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_release(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="session")
def site(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "site"
    build_site(release, out)
    return out
