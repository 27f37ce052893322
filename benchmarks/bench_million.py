"""A Qualtrics export of a million rows, read into the wave's tables, beside pandas merely reading it as text.

Each reading runs in a process of its own, so that its peak memory is its own; a tenth of the rows shows whether memory
grows with them.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from bench_wave import _peak_mb
from figures import Figure, table

ROWS, ITEMS, BLOCK = (100_000, 1_000_000), 30, 5_000
FACTS = (
    "StartDate", "EndDate", "Status", "Progress", "Duration (in seconds)", "Finished", "RecordedDate", "ResponseId",
    "DistributionChannel", "UserLanguage", "Token", "School",
)  # fmt: skip
NAMES = [f"Q{i}" for i in range(1, ITEMS + 1)]


def measure(place: Path) -> list[Figure]:
    """Make the exports in `place`, one after the other, and read each in two ways."""
    figures, peaks, ratio = [], [], 0.0
    for rows in ROWS:
        root = project(place / str(rows), rows)
        export = root / "inbox" / "w1" / "export.csv"
        ours, theirs = _child("ours", root), _child("pandas", export)
        export.unlink()
        for name, found in (("ours", ours), ("pandas.read_csv as text", theirs)):
            figures.append(Figure(f"Qualtrics, {rows:,} rows, {name}", found["seconds"], "s"))
            if found["peak_mb"] is not None:
                figures.append(Figure(f"Qualtrics, {rows:,} rows, {name}, peak memory", found["peak_mb"], "MB"))
        ratio = ours["processor"] / theirs["processor"]
        peaks.append(ours["peak_mb"])
    figures.append(Figure(f"Qualtrics, {ROWS[-1]:,} rows, ours / pandas.read_csv, processor", ratio, "ratio", 6))
    if peaks[0]:
        figures.append(Figure("Qualtrics, peak memory, a million rows / 100,000", peaks[-1] / peaks[0], "ratio", 1.5))
    return figures


def project(root: Path, rows: int) -> Path:
    """A survey of one wave, whose export has so many rows."""
    (root / "instruments").mkdir(parents=True)
    inbox = root / "inbox" / "w1"
    inbox.mkdir(parents=True)
    ids = [f"bench_{name.lower()}" for name in NAMES]
    instrument = {
        "id": "bench", "version": 1, "title": {"en": "Bench"}, "standing": {"en": "Invented"}, "source": ["none"],
        "licence": {"tier": "A", "terms": "none"},
        "option_sets": {
            "agreement": {
                "expresses": "agreement", "options": [{"code": code} for code in range(1, 6)], "favourable": [4, 5],
            }
        },
        "items": [{"id": one, "options": "agreement"} for one in ids],
        "scales": [
            {"id": "bench_scale", "title": {"en": "S"}, "description": {"en": "S"}, "items": ids, "min_answered": 1}
        ],
    }  # fmt: skip
    columns = {
        "school": "School", "started_at": "StartDate", "submitted_at": "EndDate",
        "duration_s": "Duration (in seconds)",
    }  # fmt: skip
    wave = {
        "id": "w1", "window": ["2026-10-05", "2026-10-23"], "files": ["inbox/w1/*"],
        "map": {"columns": columns, "items": dict(zip(ids, NAMES, strict=True))},
    }  # fmt: skip
    survey = {
        "id": "bench", "title": {"en": "Bench"}, "synthetic": True, "timezone": "America/Edmonton",
        "instruments": ["bench@1"], "identity": {"token": "Token"}, "waves": [wave],
    }  # fmt: skip
    # JSON is YAML.
    (root / "instruments" / "bench.yaml").write_text(json.dumps(instrument), encoding="utf-8")
    (root / "survey.yaml").write_text(json.dumps(survey), encoding="utf-8")
    write_export(inbox / "export.csv", rows)
    return root


def write_export(path: Path, rows: int) -> None:
    """An export as Qualtrics writes it: three rows of header, then a row a student."""
    tags = [*FACTS, *NAMES]
    random = Random(1)
    with path.open("w", newline="", encoding="utf-8") as opened:
        out = csv.writer(opened)
        out.writerows([tags, [f"{tag}, in words" for tag in tags], [json.dumps({"ImportId": tag}) for tag in tags]])
        for start in range(0, rows, BLOCK):
            out.writerows(_row(i, random) for i in range(start, min(start + BLOCK, rows)))


def _row(i: int, random: Random) -> list[str]:
    time = f"2026-10-{5 + i % 18:02} {8 + i % 8:02}:{i % 60:02}:{i * 7 % 60:02}"
    facts = [time, time, "0", "100", str(60 + i % 900), "1", time, f"R_{i:015}", "anonymous", "EN", f"token{i:08}"]
    return [*facts, f"{i % 200:03}", *random.choices("12345", k=ITEMS)]


def _child(what: str, path: Path) -> dict[str, float]:
    child = subprocess.run(
        [sys.executable, __file__, what, str(path)], check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    found: dict[str, float] = json.loads(child.stdout.splitlines()[-1])
    return found


def _read(what: str, path: Path) -> None:
    if what == "ours":
        from connectedness.pipeline import ingest as reader
    else:
        import pandas as pd

    at, used = time.perf_counter(), time.process_time()
    if what == "ours":
        reader(path, "w1")
    else:
        pd.read_csv(path, dtype=str, skiprows=[1, 2])
    took = {"seconds": time.perf_counter() - at, "processor": time.process_time() - used}
    print(json.dumps(took | {"peak_mb": _peak_mb()}))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(table(measure(Path(folder))))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _read(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
