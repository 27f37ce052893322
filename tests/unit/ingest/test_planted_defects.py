"""Every defect planted in the synthetic district is found in its row, and no other."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from connectedness.declare.project import open_project
from connectedness.ingest import ingest_wave
from connectedness.synth import make_district

FOUND_IN_ROWS = {"bad_code", "bad_text"}  # these rows stay, and their cells are counted


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    return open_project(make_district(tmp_path_factory.mktemp("d") / "district", students=2000, schools=12, waves=2))


@pytest.mark.parametrize("place", [0, 1])
def test_planted_rows_and_cells_are_found_and_no_others(district, place):
    wave = district.survey.waves[place].id
    planted = json.loads((district.root / "planted" / wave / "planted.json").read_text(encoding="utf-8"))
    found = ingest_wave(district, wave, b"k" * 32)
    for file, expected in planted["files"].items():
        lines = found.rejected[found.rejected["file"] == file]
        rows = {rule: sorted(group["row"]) for rule, group in lines.groupby("rule")}
        assert rows == {rule: sorted(n) for rule, n in expected["row_numbers"].items() if rule not in FOUND_IN_ROWS}
        cells: Counter = Counter()
        for which in ("bad_items", "bad_items_in_quarantined_rows"):
            for item, kinds in expected[which].items():
                cells.update({(item, kind): n for kind, n in kinds.items() if n})
        counted = Counter()
        for bad in (one for one in found.account["bad_items"] if one["file"] == file):
            counted[bad["item"], "text" if bad["kind"].startswith("text") else "code"] += bad["n"]
        assert counted == cells
    assert found.account["roster"]["accepted"] == planted["roster_rows"]
