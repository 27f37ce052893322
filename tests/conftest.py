"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config):
    """Keep every test off the network's telemetry and out of the user's own folders."""
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")


# Speed is shown in benchmarks, never judged by a test; and a check that guards a landing must give one answer.
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real survey data; tests that need it skip, saying so, where it is absent."""
    folder = Path(os.environ.get("CONNECTEDNESS_REAL_DATA", ROOT / "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is absent (set CONNECTEDNESS_REAL_DATA)")
    return folder
