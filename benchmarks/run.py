"""Every benchmark, one after the other: a table on the screen, and results/ beside this file.

    python benchmarks/run.py            all
    python benchmarks/run.py scoring    one: start, scoring, ingest, million, wave, demo (with its pages), facts, irt

Each promise of the project has its number here. Peers run in the same process, on the same data, in turn.
"""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import bench_demo
import bench_facts
import bench_ingest
import bench_irt
import bench_million
import bench_pages
import bench_scoring
import bench_start
import bench_wave
from figures import Figure, table, write

from connectedness.synth import make_district

Bench = Callable[[Path], list[Figure]]


def large_district(place: Path) -> Path:
    """A district of 100,000 students and one wave, made once."""
    root = place / "large"
    if not root.exists():
        make_district(root, students=bench_wave.STUDENTS, schools=bench_wave.SCHOOLS, waves=1)
    return root


def demo(place: Path) -> list[Figure]:
    """The demo, and how heavy its pages are."""
    return [*bench_demo.measure(place / "demo"), *bench_pages.measure(place / "demo" / "site")]


BENCHES: dict[str, Bench] = {
    "start": lambda place: bench_start.measure(),
    "scoring": lambda place: bench_scoring.measure(),
    "ingest": lambda place: bench_ingest.measure(large_district(place)),
    "million": lambda place: bench_million.measure(place / "million"),
    "wave": lambda place: bench_wave.measure(large_district(place)),
    "demo": demo,
    "facts": lambda place: bench_facts.measure(),
    "irt": lambda place: bench_irt.measure(),
}


def main(names: Sequence[str]) -> int:
    """Run the named benchmarks, or all; return 1 when one of them broke or a promise was missed."""
    unknown = set(names) - set(BENCHES)
    if unknown:
        print(f"No benchmark is called {', '.join(sorted(unknown))}. There are: {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    broken = []
    with tempfile.TemporaryDirectory() as place:
        for name in names or BENCHES:
            print(f"{name} ...", file=sys.stderr, flush=True)
            try:
                figures += BENCHES[name](Path(place))
            except Exception:  # the other benchmarks still tell something
                traceback.print_exc()
                broken.append(name)
    print(table(figures))
    print(f"\nWritten to {write(figures)}")
    if broken:
        print(f"Broken: {', '.join(broken)}", file=sys.stderr)
    return int(bool(broken) or any(one.kept == "MISSED" for one in figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
