"""A formula that nobody has computed is no answer, and not an empty cell either."""

from __future__ import annotations

import openpyxl
import pytest

from connectedness.declare.registry import find_instrument
from connectedness.ingest.items import read_items

KEY = find_instrument("school-connectedness-5")
ITEMS = [item.id for item in KEY.items]


@pytest.fixture
def workbook(tmp_path):
    def write(*rows):
        book = openpyxl.Workbook()
        for row in (ITEMS, *rows):
            book.active.append(row)
        book.save(tmp_path / "export.xlsx")
        return tmp_path / "export.xlsx"

    return write


def test_a_formula_without_a_value_is_counted_as_bad_and_an_empty_cell_as_skipped(workbook):
    read = read_items(workbook([1, 2, 3, 4, 5], [1, "=1+1", None, 4, "=A2"]), KEY)
    assert read.items.to_numpy().tolist() == [[1, 2, 3, 4, 5], [1, -4, -1, 4, -4]]
    assert sum(read.bad.values()) == 2


def test_a_formula_far_down_is_found(workbook):
    rows = [[1, 2, 3, 4, 5]] * 30_000
    read = read_items(workbook(*rows, ["=2", 2, 3, 4, 5]), KEY)
    assert len(read.items) == 30_001 and read.items.iloc[-1].tolist() == [-4, 2, 3, 4, 5]
    assert (read.items.iloc[:-1] == [1, 2, 3, 4, 5]).all(axis=None)
