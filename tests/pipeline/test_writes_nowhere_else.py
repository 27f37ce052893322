"""A run writes into the project, the temporary folder and Prefect's own; nothing into the user's home."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest


@pytest.mark.skipif(os.name != "posix", reason="the home folder is told by HOME")
def test_the_user_s_home_stays_empty(made, tmp_path):
    root = shutil.copytree(made, tmp_path / "project")
    home = tmp_path / "home"
    home.mkdir()
    code = "import sys; from connectedness.pipeline import run_wave; run_wave(sys.argv[1], '2025-fall')"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "MPL", "CONNECTEDNESS"))}
    environment = {**kept, "HOME": str(home), "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code, str(root)], env=environment, check=True, cwd=tmp_path)
    assert [one.relative_to(home).as_posix() for one in home.rglob("*")] == []
