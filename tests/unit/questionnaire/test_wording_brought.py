"""Instruments whose wording is not ours: refused without a file of texts, exact with one."""

from __future__ import annotations

from pathlib import Path

import pytest
from unit.questionnaire import survey_tools

from connectedness.declare.columns import ColumnMap
from connectedness.declare.registry import read_instrument
from connectedness.declare.source import read_source
from connectedness.declare.wording import read_wording
from connectedness.errors import ConnectednessError, DeclarationError
from connectedness.ingest import read_items
from connectedness.proposing import read_wording as texts_of
from connectedness.questionnaire import write_questionnaire

INSTRUMENT = """
id: keyed
version: 1
title: {en: Keyed}
standing: {en: Invented for tests}
source: [none]
licence: {tier: B, terms: A key only. Get the wording from its publisher.}
option_sets:
  often:
    expresses: frequency
    options: [{code: 1}, {code: 2}, {code: 3, label: {en: Often}}]
items:
  - {id: kd_a, options: often}
  - {id: kd_b, options: often}
  - {id: kd_c, options: often}
"""
ITEMS, SET, CODES = ["kd_a", "kd_b", "kd_c"], "often", [1, 2, 3]
# Invented texts: no instrument's own wording.
TEXTS = {one: f'Invented = question {n}, <b> & "more"?' for n, one in enumerate(ITEMS, start=1)}
LABELS = {code: f"invented answer {letter}" for code, letter in zip(CODES, "xyzuvw", strict=False)}


@pytest.fixture
def keyed(tmp_path):
    """An instrument of the user's own, of which only the key is there."""
    (tmp_path / "keyed.yaml").write_text(INSTRUMENT, encoding="utf-8")
    return str(tmp_path / "keyed.yaml")


def as_yaml(file, texts=TEXTS, labels=LABELS):
    lines = ["items:", *(f"  {one}: {{en: '{text}'}}" for one, text in texts.items()), "options:", f"  {SET}:"]
    file.write_text("\n".join([*lines, *(f"    {code}: {text}" for code, text in labels.items())]), encoding="utf-8")
    return file


def as_csv(file, delimiter=","):
    rows = [["item", "code", "en", "fr"], *([one, "", text, f"{text} fr"] for one, text in TEXTS.items())]
    rows += [[SET, str(code), text, f"{text} fr"] for code, text in LABELS.items()]
    file.write_bytes(survey_tools.as_csv(rows, delimiter=delimiter))
    return file


def test_without_texts_it_says_whose_they_are_and_how_to_bring_them(tmp_path, keyed):
    with pytest.raises(DeclarationError, match="not ours to give. A key only. Get the wording") as told:
        write_questionnaire(keyed, "qualtrics", out=tmp_path / "q.qsf")
    assert ITEMS[0] in told.value.found and SET in told.value.found and "--wording FILE" in told.value.todo
    assert [file.name for file in tmp_path.iterdir()] == ["keyed.yaml"]
    for name in ("ucla-loneliness-3", "pisa-belonging", "pssm"):
        with pytest.raises(DeclarationError, match="not ours to give"):
            write_questionnaire(name, "plain", out=tmp_path / "q.html")


def test_a_licence_that_binds_the_instrument_is_named(tmp_path):
    with pytest.raises(DeclarationError, match="licence binds"):
        write_questionnaire("sdq", "plain", out=tmp_path / "q.html")


@pytest.mark.parametrize("texts", [False, True])
@pytest.mark.parametrize("tool", ["qualtrics", "limesurvey", "redcap", "plain"])
def test_brought_words_come_back_as_codes(tmp_path, keyed, tool, texts):
    out = tmp_path / f"q{ {'qualtrics': '.qsf', 'limesurvey': '.txt', 'redcap': '.csv', 'plain': '.html'}[tool] }"
    made = write_questionnaire(keyed, tool, wording=as_yaml(tmp_path / "w.yaml"), out=out)
    assert made.languages == ("en",)
    page = made.file.read_text(encoding="utf-8")
    rows = [dict(zip(ITEMS, CODES, strict=False)), {ITEMS[1]: CODES[-1]}]
    seen = [{TEXTS[one]: LABELS[code] for one, code in row.items()} for row in rows]
    given = {"token": "s", "school": "001", "student_token": "s", "record_id": "r", "Which school do you go to?": "1"}
    if tool == "plain":
        export = survey_tools.google_forms(page, seen, given=given)
    elif tool == "redcap":
        export = survey_tools.redcap(page, seen, texts=texts, given=given)
    else:
        export = getattr(survey_tools, tool)(page, seen, texts=texts, language="en", given=given)
    path = tmp_path / "export.csv"
    path.write_bytes(export)
    found = read_items(path, read_instrument(Path(keyed)), read_source(made.map_file).parse(ColumnMap))
    assert found.items.to_dict("list") == {one: [row.get(one, -1) for row in rows] for one in ITEMS} and not found.bad


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_texts_in_csv_in_both_languages(tmp_path, keyed, delimiter):
    read = read_wording(as_csv(tmp_path / "w.csv", delimiter))
    assert read.items[ITEMS[0]].words() == {"en": TEXTS[ITEMS[0]], "fr": f"{TEXTS[ITEMS[0]]} fr"}
    assert read.options[SET][CODES[0]].en == LABELS[CODES[0]]
    made = write_questionnaire(keyed, "limesurvey", wording=tmp_path / "w.csv", out=tmp_path / "q.txt")
    assert made.languages == ("en", "fr")


def test_one_file_serves_the_drafting_of_a_map_too(tmp_path, keyed):
    known = [read_instrument(Path(keyed))]
    of_yaml = texts_of(as_yaml(tmp_path / "w.yaml"), known)
    of_csv = texts_of(as_csv(tmp_path / "w.csv"), known)
    assert of_yaml == {one: (text,) for one, text in TEXTS.items()}
    assert of_csv == {one: (text, f"{text} fr") for one, text in TEXTS.items()}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("items: {kd_other: x}\n", "does not have"),
        (f"items: {{{ITEMS[0]}: x}}\noptions: {{{SET}: {{77: x}}}}\n", "does not have"),
        (f"items: {{{ITEMS[0]}: ' '}}\n", "empty"),
        (f"items: {{{ITEMS[0]}: x}}\n", "not everything has words in English"),
        (f"items: {{{ITEMS[0]}: '${{e://x}}'}}\n", "instructions"),
        ("options: {}\n", "missing"),
    ],
)
def test_texts_that_do_not_hold(tmp_path, keyed, content, problem):
    (tmp_path / "w.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(DeclarationError, match=problem):
        write_questionnaire(keyed, "qualtrics", wording=tmp_path / "w.yaml", out=tmp_path / "q.qsf")


@pytest.mark.parametrize("labels", [["same", "Same"], ["2", "one"], ["one", "1"]])
def test_labels_that_an_export_could_not_tell_apart(tmp_path, keyed, labels):
    made = {**LABELS, CODES[0]: labels[0], CODES[1]: labels[1]}
    quoted = {code: f"'{text}'" for code, text in made.items()}
    with pytest.raises(DeclarationError, match="cannot be told"):
        write_questionnaire(
            keyed,
            "qualtrics",
            wording=as_yaml(tmp_path / "w.yaml", labels=quoted),
            out=tmp_path / "q.qsf",
        )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('item,fr\nx,"broken\n', "quote marks"),
        ("id,words\nx,y\n", "other columns"),
        ("item,en\nucla3_a,x\nucla3_a,y\n", "stands twice"),
        ("item,code,en\nset,one,y\n", "whole number"),
        ("item,en\nNot An Id,y\n", "id is lower-case"),
        ("", "other columns"),
    ],
)
def test_csv_that_does_not_hold_says_where(tmp_path, content, problem):
    (tmp_path / "w.csv").write_text(content, encoding="utf-8")
    with pytest.raises(DeclarationError, match=problem) as told:
        read_wording(tmp_path / "w.csv")
    assert told.value.line is not None


def test_texts_may_stand_alone_where_the_labels_are_known(tmp_path, keyed):
    (tmp_path / "w.yaml").write_text("kd_a: One\nkd_b: {en: Two, fr: Deux}\n", encoding="utf-8")
    read = read_wording(tmp_path / "w.yaml")
    assert read.items["kd_b"].words() == {"en": "Two", "fr": "Deux"} and not read.options
    with pytest.raises(DeclarationError, match="no texts of kd_c, and no labels of often"):
        write_questionnaire(keyed, "qualtrics", wording=tmp_path / "w.yaml", out=tmp_path / "q.qsf")


def test_our_own_words_are_not_changed_by_a_file(tmp_path):
    (tmp_path / "w.yaml").write_text("items: {hr_bel_part: Something else}\n", encoding="utf-8")
    with pytest.raises(DeclarationError, match="changed question"):
        write_questionnaire("healthy-relationships", "plain", wording=tmp_path / "w.yaml", out=tmp_path / "q.html")


def test_nothing_is_overwritten_unasked(tmp_path):
    out = tmp_path / "q.html"
    write_questionnaire("healthy-relationships", "plain", out=out)
    for file in (out, tmp_path / "q.map.yaml"):
        file.write_text("mine", encoding="utf-8")
        with pytest.raises(ConnectednessError, match="already there"):
            write_questionnaire("healthy-relationships", "plain", out=out)
        assert file.read_text(encoding="utf-8") == "mine"
    write_questionnaire("healthy-relationships", "plain", out=out, force=True)
    assert out.read_text(encoding="utf-8") != "mine"


def test_a_module_or_an_ending_that_is_not_known(tmp_path):
    with pytest.raises(DeclarationError, match="module is not known"):
        write_questionnaire("healthy-relationships", "plain", modules=["other"], out=tmp_path / "q.html")
    with pytest.raises(DeclarationError, match="ending"):
        write_questionnaire("healthy-relationships", "plain", out=tmp_path / "q.qsf")
