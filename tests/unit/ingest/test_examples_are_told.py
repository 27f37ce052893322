"""The tables of traps are true: every example is in one, and every test that they name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
ROW = re.compile(r"^\| .+ \| (?:`([^`]+)`|none) \| `([^`:]+)::([^`]+)` \|$", flags=re.M)


@pytest.mark.parametrize("folder", ["exports", "rosters"])
def test_every_row_names_a_file_and_a_test(folder):
    text = (EXAMPLES / folder / "README.md").read_text(encoding="utf-8")
    rows = ROW.findall(text)
    lines = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| trap")]
    assert len(rows) == len(lines)
    for example, file, test in rows:
        assert not example or (EXAMPLES / folder / example).is_file(), example
        assert re.search(rf"^def {test}\(", (HERE / file).read_text(encoding="utf-8"), flags=re.M), f"{file}::{test}"


@pytest.mark.parametrize("folder", ["exports", "rosters"])
def test_every_example_is_in_the_table(folder):
    named = {example for example, _, _ in ROW.findall((EXAMPLES / folder / "README.md").read_text(encoding="utf-8"))}
    kept = {path for path in (EXAMPLES / folder).rglob("*") if path.is_file() and path.name[0] != "."}
    there = {path.relative_to(EXAMPLES / folder).as_posix() for path in kept if path.suffix not in (".md", ".py")}
    assert {one for one in there if "__pycache__" not in one} == named - {""}
