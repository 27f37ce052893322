"""One number of a benchmark, and the table of them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Figure:
    """A measured number. `at_most` is what the project promises; None where it promises nothing."""

    name: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def kept(self) -> str:
        """Whether the promise is kept."""
        if self.at_most is None:
            return ""
        return "kept" if self.value <= self.at_most else "MISSED"


def table(figures: Sequence[Figure]) -> str:
    """The figures as a plain table."""
    rows = [("", "measured", "unit", "at most", "")]
    rows += [
        (one.name, f"{one.value:,.2f}", one.unit, "" if one.at_most is None else f"{one.at_most:,g}", one.kept)
        for one in figures
    ]
    wide = [max(len(row[i]) for row in rows) for i in range(5)]
    return "\n".join(
        f"{name:<{wide[0]}}  {value:>{wide[1]}}  {unit:<{wide[2]}}  {limit:>{wide[3]}}  {kept}".rstrip()
        for name, value, unit, limit, kept in rows
    )


def write(figures: Sequence[Figure]) -> Path:
    """Write the figures and the machine they were measured on; return the file."""
    RESULTS.mkdir(exist_ok=True)
    where = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
    text = json.dumps({"where": where, "figures": [asdict(one) for one in figures]}, indent=1)
    (RESULTS / "latest.json").write_text(text + "\n", encoding="utf-8")
    (RESULTS / "latest.txt").write_text(table(figures) + "\n", encoding="utf-8")
    return RESULTS / "latest.txt"
