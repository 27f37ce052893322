"""Read a release folder as the pages need it: what is shown, what is hidden, and what it is called.

Nothing here adds up, averages or compares rows: numbers are found, never made, because an aggregate of released
numbers could undo the protection they passed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from connectedness.errors import ConnectednessError
from connectedness.files import legal_name
from connectedness.tables import ALL, ESTIMATE_KEY, SUPPRESSED, read_table

RESPONSE_RATE = "response_rate"
OF_ITEM = ("item_rest_r", "alpha_if_deleted", "missing_share")
"""Facts of single items that a page shows."""
_READ = [*ESTIMATE_KEY, "n", "eligible", "value", "low", "high", "status"]


@dataclass(frozen=True)
class Cell:
    """One released number, or the fact that it is not shown."""

    n: int | None = None
    eligible: int | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    status: str = "absent"

    @property
    def hidden(self) -> bool:
        """Whether it is there but not shown, to protect students."""
        return self.status == SUPPRESSED

    @property
    def shown(self) -> bool:
        """Whether there is a number to show."""
        return self.value is not None and not self.hidden


ABSENT = Cell()
Key = tuple[str, str, str, str]  # wave, breakdown, level, measure


@dataclass(frozen=True)
class Fact:
    """One released fact about a scale; `reason` says why there is no value."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str | None = None

    @property
    def hidden(self) -> bool:
        """Whether it is there but not shown, to protect students."""
        return self.reason == SUPPRESSED


FactKey = tuple[str, str, str, str, str]  # wave, scale, statistic, kind of unit and item ("" for the scale itself)
Note = dict[str, Any]


@dataclass(frozen=True)
class Released:
    """A release: its codebook and manifest, the cells of each unit, and, by wave, what is known of its scales."""

    name: str
    codebook: dict[str, Any]
    manifest: dict[str, Any]
    cells: dict[tuple[str, str], dict[Key, Cell]]
    facts: dict[FactKey, Fact] = field(default_factory=dict)
    notes: dict[str, list[Note]] = field(default_factory=dict)

    @property
    def survey(self) -> dict[str, Any]:
        """The survey, as the codebook describes it."""
        survey: dict[str, Any] = self.codebook["survey"]
        return survey

    @cached_property
    def widest(self) -> tuple[str, str]:
        """Type and id of the one unit that holds all others."""
        kind = self.survey["units"][0]
        found = sorted(unit for unit_type, unit in self.cells if unit_type == kind)
        return kind, (found[0] if found else self.survey["id"])

    @cached_property
    def waves(self) -> list[dict[str, Any]]:
        """Waves whose estimates are in the release, the earliest first."""
        there = {key[0] for cells in self.cells.values() for key in cells}
        return [wave for wave in self.codebook["waves"] if wave["id"] in there]

    def cell(self, kind: str, unit: str, wave: str, measure: str, breakdown: str = ALL, level: str = ALL) -> Cell:
        """The cell with this key; `ABSENT` where the release has none."""
        return self.cells.get((kind, unit), {}).get((wave, breakdown, level, measure), ABSENT)

    def fact(self, wave: str, scale: str, statistic: str, kind: str = "", item: str = "") -> Fact | None:
        """A fact about a scale, or one item of it; None where the release has none."""
        return self.facts.get((wave, scale, statistic, kind, item))

    def units(self, kind: str) -> list[dict[str, Any]]:
        """Units of one type, in the codebook, by id."""
        return sorted((u for u in self.codebook["units"] if u["unit_type"] == kind), key=lambda u: u["unit"])

    def anything_shown(self, kind: str, unit: str) -> bool:
        """Whether any number of this unit may be shown."""
        return any(cell.shown or cell.n is not None for cell in self.cells.get((kind, unit), {}).values())

    def levels(self, kind: str, unit: str, breakdown: str) -> set[str]:
        """Levels of a breakdown that this unit has, in any wave."""
        return {key[2] for key in self.cells.get((kind, unit), {}) if key[1] == breakdown}


def read_release(folder: Path) -> Released:
    """Read `codebook.json`, `manifest.json` and every wave's files of a release.

    A wave has `estimates/<wave>.parquet`; `scales/<wave>.parquet` and `notes/<wave>.json` are not in every release.

    Raises
    ------
    ConnectednessError
        When the folder is not a release.
    """
    try:
        codebook = json.loads((folder / "codebook.json").read_text(encoding="utf-8"))
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ConnectednessError(
            "this folder is not a release: it has no codebook.json and manifest.json.",
            file=folder,
            todo="Name a folder inside store/releases, or make a release with: connectedness run --wave ID",
        ) from error
    frames = [read_table(path) for path in sorted((folder / "estimates").glob("*.parquet"))]
    if not frames:
        raise ConnectednessError("this release has no estimates, so there is nothing to draw.", file=folder)
    rows = pd.concat([_wanted(frame, codebook) for frame in frames], ignore_index=True)
    return Released(folder.name, codebook, manifest, _cells(rows), _facts(folder), _notes(folder, codebook))


def _facts(folder: Path) -> dict[FactKey, Fact]:
    """Facts about whole scales, and of single items those that a page shows; the release has more for researchers."""
    facts: dict[FactKey, Fact] = {}
    for path in sorted((folder / "scales").glob("*.parquet")):
        frame = read_table(path)
        plain = frame[frame["item"].isna() | frame["statistic"].isin(OF_ITEM)].astype(object)
        plain = plain.where(plain.notna(), None)
        names = ("wave", "scale", "statistic", "unit_type", "item", "value", "low", "high", "reason")
        for wave, scale, statistic, kind, item, value, low, high, reason in zip(
            *(plain[name] for name in names), strict=True
        ):
            # A hidden fact is emptied again here, as a hidden cell is.
            found = Fact(reason=SUPPRESSED) if reason == SUPPRESSED else Fact(value, low, high, reason)
            facts[(wave, scale, statistic, kind or "", item or "")] = found
    return facts


def _notes(folder: Path, codebook: dict[str, Any]) -> dict[str, list[Note]]:
    files = {wave["id"]: folder / "notes" / f"{legal_name(wave['id'])}.json" for wave in codebook["waves"]}
    return {wave: json.loads(file.read_text(encoding="utf-8")) for wave, file in files.items() if file.is_file()}


def _wanted(frame: pd.DataFrame, codebook: dict[str, Any]) -> pd.DataFrame:
    """Rows the pages show: the shares of single answers are many, and only those of indicators are drawn."""
    indicators = {item["id"] for item in codebook["items"] if item["kind"] == "indicator"}
    measure = frame["measure"]
    answer_of = measure.str.extract(r"^share:(.+):[^:]*$")[0]
    wanted = ~measure.str.startswith("sd:") & (answer_of.isna() | answer_of.isin(indicators))
    return frame.loc[wanted, _READ]


def _cells(rows: pd.DataFrame) -> dict[tuple[str, str], dict[Key, Cell]]:
    plain = rows.astype(object).where(rows.notna(), None)
    cells: dict[tuple[str, str], dict[Key, Cell]] = {}
    for wave, kind, unit, breakdown, level, measure, n, eligible, value, low, high, status in zip(
        *(plain[column] for column in _READ), strict=True
    ):
        # A hidden cell is emptied again here: no page can show what this room has never held.
        cell = Cell(status=SUPPRESSED) if status == SUPPRESSED else Cell(
            None if n is None else int(n), None if eligible is None else int(eligible), value, low, high, status
        )  # fmt: skip
        cells.setdefault((kind, unit), {})[(wave, breakdown, level, measure)] = cell
    return cells
