"""A wave of 100,000 students from files to pages, without Prefect: seconds a room, and the memory it took.

The wave runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, table

STUDENTS, SCHOOLS, WAVE = 100_000, 200, "2026-fall"


def measure(project: Path) -> list[Figure]:
    """Run the wave of a district made in `project`, which keeps the pages."""
    child = subprocess.run(
        [sys.executable, __file__, str(project)], check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    found = json.loads(child.stdout.splitlines()[-1])
    rooms = found["rooms"]
    released = sum(seconds for room, seconds in rooms.items() if room != "publish")
    figures = [Figure(f"100,000 students, {room}", seconds, "s") for room, seconds in rooms.items()]
    figures.append(Figure("100,000 students, files to release", released, "s", 30))
    # On a busy machine the wall clock says more about the neighbours than about us.
    figures.append(Figure("100,000 students, files to release, processor", found["processor"], "s"))
    if found["peak_mb"] is not None:
        figures.append(Figure("100,000 students, peak memory", found["peak_mb"], "MB", 2048))
    return figures


def _run(project: Path) -> None:
    from connectedness.pipeline import run_wave

    moments: list[tuple[str, float, float]] = []

    def note(room: str) -> None:
        moments.append((room, time.perf_counter(), time.process_time()))

    run_wave(project, WAVE, tell=note)
    note("end")
    rooms = {room: after - at for (room, at, _), (_, after, _) in zip(moments, moments[1:], strict=False)}
    processor = {room: used for room, _, used in moments}
    found = {"rooms": rooms, "processor": processor["publish"] - moments[0][2], "peak_mb": _peak_mb()}
    print(json.dumps(found))


def _peak_mb() -> float | None:
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024**2 if sys.platform == "darwin" else peak / 1024


def main() -> None:
    from connectedness.synth import make_district

    with tempfile.TemporaryDirectory() as folder:
        make_district(folder, students=STUDENTS, schools=SCHOOLS, waves=1)
        print(table(measure(Path(folder))))


if __name__ == "__main__":
    if len(sys.argv) == 2:
        _run(Path(sys.argv[1]))
    else:
        main()
