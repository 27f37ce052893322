"""The default demo as a newcomer types it, Prefect and all."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, table

COMMAND = Path(sys.executable).with_name("connectedness")


def measure(folder: Path) -> list[Figure]:
    """Make the demo in `folder`, which keeps the pages."""
    at = time.perf_counter()
    quiet = {**os.environ, "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    subprocess.run([COMMAND, "demo", folder], check=True, stdout=subprocess.DEVNULL, env=quiet)
    return [Figure("the default demo", time.perf_counter() - at, "s", 90)]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(table(measure(Path(folder) / "demo")))


if __name__ == "__main__":
    main()
