"""Rules of the house that no linter holds."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
HEAVY = {"pandas", "numpy", "scipy", "pyarrow", "pingouin", "great_expectations", "prefect", "plotly", "pydantic"}
POSIX_ONLY = {"fcntl", "pwd", "grp", "resource", "termios", "posix", "pty"}


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["release", "rows", "--help"]])
def test_help_loads_nothing_heavy(arguments):
    code = (
        f"import sys; sys.argv = ['connectedness', *{arguments!r}]\n"
        "from connectedness.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print(sorted(set(sys.modules) & {HEAVY - {'pydantic'}!r}))"  # typer looks for pydantic by itself
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip().splitlines()[-1] == "[]"


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, connectedness; print(sorted(set(sys.modules) & {HEAVY!r}))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


def test_every_public_name_is_there_and_documented():
    import connectedness

    assert 10 <= len(connectedness.__all__) <= 25
    for name in connectedness.__all__:
        thing = getattr(connectedness, name)
        assert isinstance(thing, str) or (thing.__doc__ or "").strip(), name


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(ROOT / "src").as_posix())
def test_no_file_is_too_long_or_says_what_it_must_not(file):
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    assert not re.search(r"# ?(TODO|FIXME|XXX)|raise NotImplementedError", text)
    assert file.name not in ("utils.py", "helpers.py", "common.py")
    assert not imported(file) & POSIX_ONLY
    assert not re.search(r"\bos\.(fork|getuid|geteuid|chown|link\(|symlink|mkfifo|setsid|killpg)\b", text)
    for node in ast.walk(ast.parse(text)):
        assert not isinstance(node, ast.Assert), f"line {node.lineno}: assert vanishes under -O"


def test_most_files_are_short():
    assert median(file.read_text(encoding="utf-8").count("\n") for file in SOURCES) < 150


def test_each_heavy_library_has_its_room():
    rooms = {"plotly": "dashboard", "great_expectations": "validation", "prefect": None}
    for file in SOURCES:
        names = imported(file)
        for library, room in rooms.items():
            if library in names:
                allowed = {"flowrun.py", "serving.py"} if room is None else set()
                assert file.name in allowed or room in file.parts, file


def test_flows_put_no_table_in_parameters():
    for file in (ROOT / "flows").glob("*.py"):
        assert not imported(file) & (HEAVY - {"prefect"})


def test_the_project_speaks_of_itself_alone():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.split():
        file = ROOT / name
        if file.suffix in (".py", ".md", ".yaml", ".toml", ".cff", ".j2", ".R") and file.is_file():
            text = file.read_text(encoding="utf-8")
            assert not re.search(r"/[w]ork/|/[t]mp/|\b[C]EO\b|\b[i]ssue #?\d|\bsub-?[a]gent", text), name
