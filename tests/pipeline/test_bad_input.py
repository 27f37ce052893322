"""What districts really drop into the folder: each is explained or survived, and nothing published is touched."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from connectedness.declare.project import open_project
from connectedness.errors import ContractError, DeclarationError
from connectedness.pipeline import run_wave
from connectedness.store import report_file

WAVE = "2026-fall"
UNPRINTED = f"store/quarantine/{WAVE}/unknown_values.csv"


def export(root):
    return root / "inbox" / WAVE / "export-in-person.csv"


def sheet(root):
    return pd.read_csv(export(root), dtype=str, keep_default_na=False)


def put(root, table):
    table.to_csv(export(root), index=False, lineterminator="\n")


def empty(root):
    export(root).write_bytes(b"")


def header_only(root):
    put(root, sheet(root).head(0))


def wrong_encoding(root):
    table = sheet(root)
    table.iloc[0, 1] = "Zoé"
    export(root).write_bytes(table.to_csv(index=False, lineterminator="\n").encode("utf-16"))


def truncated(root):
    content = export(root).read_bytes()
    export(root).write_bytes(content[: len(content) // 2] + b'"never closed, 1, 2\n3,4')


def column_missing(root):
    put(root, sheet(root).drop(columns=item_column(root)))


def column_renamed(root):
    name = item_column(root)
    put(root, sheet(root).rename(columns={name: f"{name} (copy)"}))


def column_duplicated(root):
    lines = export(root).read_text(encoding="utf-8-sig").splitlines()
    name = item_column(root)
    lines = [f"{line},{name if i == 0 else 3}" for i, line in enumerate(lines)]
    export(root).write_text("\n".join(lines) + "\n", encoding="utf-8")


def nul_bytes(root):
    export(root).write_bytes(export(root).read_bytes().replace(b"\n", b"\x00\n", 40))


def item_column(root):
    return open_project(root).column_map(WAVE).items["hr_bel_accepted"].column


STOPS = [
    (empty, "empty"),
    (header_only, "no rows|header"),
    (wrong_encoding, "UTF-8|encoding"),
    (truncated, "quot|cut off|cells"),
    (column_missing, "column"),
    (column_renamed, "column"),
    (column_duplicated, "more than once"),
    (nul_bytes, "zero bytes"),
]


@pytest.mark.parametrize(("breaks", "says"), STOPS, ids=[one.__name__ for one, _ in STOPS])
def test_a_file_that_cannot_be_read_stops_the_wave_before_anything_is_published(copy, read_tree, breaks, says):
    kept = {name: read_tree(copy / name) for name in ("store/releases", "site/internal", "site/public")}
    breaks(copy)
    with pytest.raises(ContractError) as caught:
        run_wave(copy, WAVE)
    assert caught.value.exit_code == 11
    assert "export-in-person.csv" in str(caught.value)
    assert re.search(says, str(caught.value), re.IGNORECASE), str(caught.value)
    assert "What to do" in str(caught.value)
    assert {name: read_tree(copy / name) for name in kept} == kept
    page = (copy / "site" / "analyst" / "index.html").read_text(encoding="utf-8")
    assert "export-in-person.csv" in page and "stopped" in page.lower()


def totals(root):
    import json

    return json.loads(report_file(open_project(root), WAVE).read_text(encoding="utf-8"))


@pytest.mark.long
def test_text_where_codes_belong_in_a_whole_column_is_counted_and_never_printed(copy):
    table = sheet(copy)
    table[item_column(copy)] = [f"purple elephant {i}" for i in range(len(table))]
    put(copy, table)
    run_wave(copy, WAVE)
    found = totals(copy)
    n = sum(one["n"] for one in found["bad_items"] if one["item"] == "hr_bel_accepted")
    assert n > 400
    kept = (copy / "store" / "quarantine" / WAVE / "unknown_labels.csv").read_text(encoding="utf-8")
    assert "hr_bel_accepted,purple elephant 1,1" in kept
    assert "purple elephant" not in (copy / "site" / "analyst" / "index.html").read_text(encoding="utf-8")


@pytest.mark.long
def test_a_label_that_a_spreadsheet_would_run_is_kept_as_text(copy):
    table = sheet(copy)
    table.loc[table.index[200], item_column(copy)] = '=HYPERLINK("http://example.com")'
    put(copy, table)
    run_wave(copy, WAVE)
    kept = pd.read_csv(copy / "store" / "quarantine" / WAVE / "unknown_labels.csv")
    assert not kept["label"].str.match(r"[=+@-]").any()
    assert kept["label"].str.startswith("'=HYPERLINK").any()


def test_too_many_bad_rows_stop_the_wave(copy):
    table = sheet(copy)
    school = open_project(copy).column_map(WAVE).columns.school.column
    table.loc[table.index[: len(table) // 5], school] = "999"
    put(copy, table)
    with pytest.raises(ContractError, match="stopped"):
        run_wave(copy, WAVE)


def test_an_unknown_school_is_set_aside_and_named_and_what_one_row_holds_is_not(copy, read_tree):
    table = sheet(copy)
    school = open_project(copy).column_map(WAVE).columns.school.column
    before = sum(one["n"] for one in totals(copy)["quarantine"] if one["rule"] == "unknown_school")
    table.loc[table.index[100:108], school] = "777"
    table.loc[table.index[110], school] = "Ann Example"
    put(copy, table)
    run_wave(copy, WAVE)
    after = [one for one in totals(copy)["quarantine"] if one["rule"] == "unknown_school"]
    assert sum(one["n"] for one in after) >= before + 1
    assert any(one["school"] == "777" for one in after)
    telling = [name for name, content in read_tree(copy).items() if b"Ann Example" in content]
    assert sorted(str(name) for name in telling if "inbox" not in str(name)) == [UNPRINTED]


def test_a_group_of_one_student_that_is_not_declared_is_in_no_release(copy, read_tree):
    roster = copy / "inbox" / WAVE / "roster.csv"
    table = pd.read_csv(roster, dtype=str, keep_default_na=False)
    table.loc[3, "group"] = "Example group"
    table.loc[4, "grade"] = "Ann Example"
    table.to_csv(roster, index=False, lineterminator="\n")
    run_wave(copy, WAVE)
    for secret in (b"Example group", b"Ann Example"):
        telling = [str(name) for name, content in read_tree(copy).items() if secret in content]
        assert sorted(name for name in telling if "inbox" not in name) == [UNPRINTED]


def test_the_same_export_twice_counts_once(copy, district):
    (copy / "inbox" / WAVE / "export-again.csv").write_bytes(export(copy).read_bytes())
    run_wave(copy, WAVE)
    found = totals(copy)
    twice = next(one for one in found["files"] if one["excluded"].get("same_file"))
    assert twice["accepted"] == 0
    assert found["totals"]["accepted"] == totals(district)["totals"]["accepted"]


@pytest.mark.long
def test_two_waves_in_one_file_are_told_apart(copy, district):
    earlier = pd.read_csv(copy / "inbox" / "2025-fall" / "export-in-person.csv", dtype=str, keep_default_na=False).head(
        50
    )
    put(copy, pd.concat([sheet(copy), earlier]))
    run_wave(copy, WAVE)
    account = next(one for one in totals(copy)["files"] if one["file"] == "export-in-person.csv")
    before = next(one for one in totals(district)["files"] if one["file"] == "export-in-person.csv")
    assert account["excluded"]["other_wave"] > before["excluded"].get("other_wave", 0)
    assert account["accepted"] == before["accepted"]


@pytest.mark.long
def test_a_school_with_no_student_is_survived(copy):
    survey = copy / "survey.yaml"
    text = survey.read_text(encoding="utf-8")
    survey.write_text(
        text.replace("schools:\n", 'schools:\n  "900": {en: Empty School, fr: École vide}\n'), encoding="utf-8"
    )
    run_wave(copy, WAVE)


def test_a_typing_error_in_yaml_names_file_line_and_key(copy):
    survey = copy / "survey.yaml"
    survey.write_text(survey.read_text(encoding="utf-8").replace("timezone:", "timezon:"), encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        run_wave(copy, WAVE)
    assert caught.value.exit_code == 10
    text = str(caught.value)
    assert "survey.yaml, line" in text and "timezon" in text and "Did you mean timezone?" in text


def test_another_key_stops_before_anything_is_read(copy, monkeypatch, tmp_path):
    key = tmp_path / "another.key"
    key.write_bytes(b"k" * 32)
    monkeypatch.setenv("CONNECTEDNESS_KEY_FILE", str(key))
    (copy / "inbox" / WAVE / "export-in-person.csv").write_bytes(b"")  # would be the first complaint, were it read
    with pytest.raises(DeclarationError, match="key") as caught:
        run_wave(copy, WAVE)
    assert caught.value.exit_code == 10


def test_a_missing_key_stops_a_real_survey(copy, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    survey = copy / "survey.yaml"
    survey.write_text(
        survey.read_text(encoding="utf-8").replace("synthetic: true", "synthetic: false"), encoding="utf-8"
    )
    with pytest.raises(DeclarationError, match="key"):
        run_wave(copy, WAVE)


@pytest.mark.parametrize("command", [["run", "--wave", WAVE], ["check"]])
def test_the_command_says_it_in_words_and_with_its_exit_code(copy, command, capsys, monkeypatch):
    import sys

    from connectedness.cli import main

    survey = copy / "survey.yaml"
    survey.write_text(survey.read_text(encoding="utf-8").replace("policy: default", "policy: loose"), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["connectedness", command[0], str(copy), *command[1:]])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 10
    printed = capsys.readouterr().err
    assert "survey.yaml, line" in printed and "Traceback" not in printed


def test_an_error_nobody_foresaw_keeps_its_own_words_to_itself():
    from connectedness.errors import unexpected

    try:
        {}["an answer of a student"]  # noqa: B018
    except KeyError as error:
        text = unexpected(error)
    assert "KeyError" in text and "an answer" not in text
