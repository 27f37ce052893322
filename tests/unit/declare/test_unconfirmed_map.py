"""A drafted column map stops whatever would read by it, and says what to do."""

from __future__ import annotations

import json

import pytest

from connectedness.checking import check_project
from connectedness.declare.columns import ColumnMap
from connectedness.declare.project import open_project
from connectedness.declare.source import read_source
from connectedness.errors import DeclarationError
from connectedness.onefile import score_file

MAP = "confirmed: {}\nitems:\n  pisa_st034q01: A\n"


@pytest.fixture
def drafted(tmp_path):
    path = tmp_path / "maps" / "export.yaml"
    path.parent.mkdir()
    path.write_text(MAP.format("false"), encoding="utf-8")
    survey = {
        "id": "s", "title": {"en": "S"}, "synthetic": True, "instruments": ["pisa-belonging@1"],
        "waves": [{"id": "w", "window": ["2026-01-01", "2026-01-31"], "files": ["*.csv"], "map": "maps/export.yaml"}],
    }  # fmt: skip
    (tmp_path / "survey.yaml").write_text(json.dumps(survey), encoding="utf-8")
    return path


def told(error: DeclarationError, file: str = "export.yaml") -> None:
    """The error says where, what is wrong, and the way out."""
    assert error.exit_code == 10 and str(error.file).endswith(file) and error.key and "confirmed" in error.key
    text = str(error)
    for words in ("nobody has confirmed it", "GUESS", "confirmed: true", "delete the line", "run again"):
        assert words in text


def test_a_run_a_check_and_a_score_stop(drafted, tmp_path):
    project = open_project(tmp_path)
    with pytest.raises(DeclarationError) as met:
        project.column_map("w")
    told(met.value)
    assert met.value.line == 1
    with pytest.raises(DeclarationError) as met:
        check_project(tmp_path)
    told(met.value)
    (tmp_path / "e.csv").write_text("A\n1\n", encoding="utf-8")
    with pytest.raises(DeclarationError) as met:
        score_file("pisa-belonging", tmp_path / "e.csv", tmp_path / "o.csv", map_file=drafted)
    told(met.value)
    assert not (tmp_path / "o.csv").exists()


def test_inside_survey_yaml_it_stops_too(tmp_path):
    text = (
        "id: s\ntitle: {en: S}\ninstruments: [pisa-belonging@1]\nwaves:\n"
        "  - id: w\n    window: [2026-01-01, 2026-01-31]\n    files: [a.csv]\n"
        "    map:\n      confirmed: false\n      items: {pisa_st034q01: A}\n"
    )
    (tmp_path / "survey.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError) as met:
        open_project(tmp_path)
    told(met.value, "survey.yaml")
    assert met.value.line == 9


def test_a_draft_without_items_asks_for_a_look_before_anything_else(drafted):
    drafted.write_text("confirmed: false\nitems: {}\n", encoding="utf-8")
    with pytest.raises(DeclarationError) as met:
        read_source(drafted).parse(ColumnMap)
    told(met.value)


@pytest.mark.parametrize("text", [MAP.format("true"), MAP.partition("\n")[2]])
def test_confirmed_or_written_by_hand_it_is_read(drafted, text):
    drafted.write_text(text, encoding="utf-8")
    assert read_source(drafted).parse(ColumnMap).confirmed
