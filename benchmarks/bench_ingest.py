"""Reading a wave's files, every row judged and every id hashed, beside pandas merely reading the same files."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pandas as pd
from bench_wave import SCHOOLS, STUDENTS, WAVE
from figures import Figure, table

from connectedness.declare.project import open_project
from connectedness.identity import TEST_KEY
from connectedness.ingest import ingest_wave
from connectedness.synth import make_district


def measure(root: Path) -> list[Figure]:
    """Ingest the wave of a district made in `root`, then read its files with pandas."""
    project = open_project(root)
    files = sorted((root / "inbox" / WAVE).glob("*.csv"))
    at = time.perf_counter()
    found = ingest_wave(project, WAVE, TEST_KEY)
    ours = time.perf_counter() - at
    at = time.perf_counter()
    rows = sum(len(pd.read_csv(file)) for file in files)
    theirs = time.perf_counter() - at
    assert rows == sum(one["rows"] for one in (*found.account["files"], found.account["roster"]))
    return [
        Figure(f"reading {rows:,} rows, ours", ours, "s"),
        Figure(f"reading {rows:,} rows, pandas.read_csv", theirs, "s"),
        Figure("reading, ours / pandas.read_csv", ours / theirs, "ratio"),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(table(measure(make_district(folder, students=STUDENTS, schools=SCHOOLS, waves=1))))


if __name__ == "__main__":
    main()
