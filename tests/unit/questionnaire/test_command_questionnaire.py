"""The command, as an analyst calls it."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from connectedness.cli import app

RUN = CliRunner()


def test_it_says_what_was_written_and_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = RUN.invoke(app, ["questionnaire", "healthy-relationships", "--for", "redcap", "--lang", "fr"])
    assert told.exit_code == 0
    assert "healthy-relationships-redcap-fr.csv  (30 questions)" in told.output
    assert "record_id" in told.output and "survey.yaml" in told.output
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["healthy-relationships-redcap-fr.csv", "healthy-relationships-redcap-fr.map.yaml"]


def test_as_json_with_modules(tmp_path):
    out, beside = tmp_path / "q.qsf", tmp_path / "m.yaml"
    arguments = ["--for", "qualtrics", "--modules", "gender, alliance", "-o", str(out), "--map", str(beside), "--json"]
    told = json.loads(RUN.invoke(app, ["questionnaire", "healthy-relationships@1", *arguments]).output)
    assert told["file"] == str(out) and told["map"] == str(beside) and told["languages"] == ["en", "fr"]
    assert told["columns"]["hr_gender"] == "hr_gender" and len(told["columns"]) == 32
    assert out.is_file() and beside.is_file()


def test_a_tool_that_is_not_known_is_wrong_usage():
    assert RUN.invoke(app, ["questionnaire", "healthy-relationships", "--for", "word"]).exit_code == 2
