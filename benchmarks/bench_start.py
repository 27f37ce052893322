"""How long a person waits for `connectedness --help`, beside Python that only imports the command-line library."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from figures import Figure, table

COMMAND = Path(sys.executable).with_name("connectedness")
ROUNDS = 5


def measure() -> list[Figure]:
    """Best of five starts of each, in turn."""
    commands = ([COMMAND, "--help"], [sys.executable, "-c", "import typer"])
    best = [float("inf")] * len(commands)
    for _ in range(ROUNDS):
        for place, command in enumerate(commands):
            at = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            best[place] = min(best[place], time.perf_counter() - at)
    return [
        Figure("connectedness --help", best[0], "s", 0.5),
        Figure("python -c 'import typer'", best[1], "s"),
        Figure("starting, ours / the import alone", best[0] / best[1], "ratio"),
    ]


if __name__ == "__main__":
    print(table(measure()))
