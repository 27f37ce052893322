"""With every sensitive module on, no page, release or restricted row tells a module item's id, words or answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from connectedness.declare.project import open_project
from connectedness.declare.registry import find_instrument
from connectedness.pipeline import run_wave
from connectedness.research import release_rows
from connectedness.store import wave_folder
from connectedness.tables import read_table

WAVE, MODULES = "2026-fall", ("chosen_name", "gender", "alliance")
INSTRUMENT = find_instrument("healthy-relationships@1")
ITEMS = [item for module in INSTRUMENT.modules for item in module.items]
# Answers as the export writes them: words that can stand nowhere else, so that finding one is finding an answer.
ANSWERS = {
    item: {f"zq{item[3:7]}answer{code}": code for code in INSTRUMENT.codes(item)} for item in ITEMS
}  # fmt: skip
SURVEY = """\
id: small_district
title: {en: Small District, fr: Petit district}
synthetic: true
languages: [en, fr]
identity: {token: student_token}
instruments: [healthy-relationships@1]
modules: [chosen_name, gender, alliance]
roster: {format: csv, file: "inbox/{wave}/roster.csv"}
waves:
  - {id: 2026-fall, window: [2026-10-05, 2026-10-23], files: ["inbox/2026-fall/export.csv"], map: maps/export.yaml}
breakdowns: [grade_band]
"""


def column(item: str) -> str:
    """Name of a question in the export; not the item's id, which could then be told by a file's header."""
    names = [one.id for one in INSTRUMENT.active_items(MODULES)]
    return f"Q{1 + names.index(item)}"


def column_map() -> str:
    plain = [f"  {one.id}: {column(one.id)}" for one in INSTRUMENT.active_items()]
    told = [f"  {item}: {{column: {column(item)}, codes: {json.dumps(ANSWERS[item])}}}" for item in ITEMS]
    return "\n".join(
        [
            "format: csv",
            "columns: {token: student_token, school: School, grade: Grade, learning_mode: Mode, submitted_at: End,",
            '  consent: {column: Consent, agreed: ["yes"]}}',
            "items:",
            *plain,
            *told,
        ]
    )


def export(people: pd.DataFrame) -> pd.DataFrame:
    """Answers that hang together, so that the scales hold; of those who did not consent, module answers too."""
    draw = np.random.default_rng(11)
    kind = draw.normal(size=len(people))
    answers = {}
    for item in INSTRUMENT.active_items(MODULES):
        codes = sorted(INSTRUMENT.codes(item.id))
        place = (kind if item.polarity == "positive" else -kind) + draw.normal(scale=0.6, size=len(people))
        code = np.take(codes, np.clip(np.round((place + 2) / 4 * (len(codes) - 1)), 0, len(codes) - 1).astype(int))
        words = {code: text for text, code in ANSWERS.get(item.id, {}).items()}
        answers[column(item.id)] = [words.get(int(one), str(one)) for one in code]
    head = people.rename(columns={"school": "School", "grade": "Grade"}).assign(
        Mode="in_person", End="2026-10-08T10:00:00Z", Consent=np.where(np.arange(len(people)) % 4 == 0, "no", "yes")
    )
    return head.drop(columns="learning_mode").assign(**answers)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """The survey, run to its pages, with rows made for one research project."""
    root = tmp_path_factory.mktemp("modules") / "project"
    (root / "inbox" / WAVE).mkdir(parents=True)
    (root / "maps").mkdir()
    (root / "survey.yaml").write_text(SURVEY, encoding="utf-8")
    (root / "maps" / "export.yaml").write_text(column_map(), encoding="utf-8")
    people = pd.DataFrame(
        {
            "student_token": [f"t{i:04d}" for i in range(240)],
            "school": np.repeat(["s1", "s2", "s3"], 80),
            "grade": np.tile(["4", "5", "8", "9"], 60),
            "learning_mode": "in_person",
        }
    )
    people.to_csv(root / "inbox" / WAVE / "roster.csv", index=False)
    export(people).to_csv(root / "inbox" / WAVE / "export.csv", index=False)
    run_wave(root, WAVE)
    release_rows(root, "study")
    return root


def leaving(root: Path) -> list[Path]:
    """Everything that is made to be handed on: releases, rows, pages and the record of releases."""
    folders = [root / "site", root / "store" / "releases"]
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


def words() -> list[str]:
    """Ids, texts, short names, own answer words of module items, and the modules' ids and titles."""
    items = [item for item in INSTRUMENT.items if item.id in ITEMS]
    texts = [text for item in items for text in (item.text, item.short) if text is not None]
    found = [*ITEMS, *(answer for told in ANSWERS.values() for answer in told)]
    found += [one for text in texts for one in (text.en, text.fr) if one and len(one) > 10]
    found += ["hr_gender", "chosen_name", "gay-straight", "gais-hétéros"]
    gender = INSTRUMENT.option_sets["gender"].options
    return found + [option.label.en for option in gender if option.label and len(option.label.en) > 4]


def everything_in(path: Path) -> str:
    """A file as text; of parquet the columns, metadata and cells, which are packed in its bytes."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        return f"{table.schema.metadata} {' '.join(table.column_names)} {table.to_pandas().to_csv()}"
    return path.read_bytes().decode("utf-8", errors="ignore")


def test_the_module_answers_really_came_in_of_those_who_consented(project):
    responses = read_table(wave_folder(open_project(project), WAVE) / "responses.parquet")
    for item in ITEMS:
        answered = responses[item] >= 0
        assert 150 <= answered.sum() <= 180, item
        assert responses.loc[answered, item].nunique() > 1


def test_pages_releases_and_rows_were_really_made(project):
    names = [path.name for path in leaving(project)]
    assert {"rows.sav", "rows.csv", "codebook.json", "datapackage.json", "CITATION.cff", "index.fr.html"} <= set(names)
    shown = pd.concat(pd.read_csv(one) for one in project.glob("store/releases/*-public-*/estimates/*.csv"))
    assert (shown["status"] == "ok").sum() > 50


def test_no_file_that_leaves_holds_an_id_a_word_or_an_answer_of_a_module(project):
    wanted = words()
    assert len(wanted) > 15
    for path in leaving(project):
        if path.name == "plotly.min.js":
            continue
        inside = everything_in(path).casefold()
        found = [word for word in wanted if word.casefold() in inside]
        assert not found, (path.relative_to(project).as_posix(), found)


def test_no_file_or_folder_that_leaves_is_named_after_a_module(project):
    for path in leaving(project):
        name = path.relative_to(project).as_posix().casefold()
        assert not any(word.casefold() in name for word in (*ITEMS, *MODULES)), name


def test_no_measure_and_no_restricted_column_follows_a_module_answer(project):
    """Not by name: no column of the rows is a module's answers under another name, whole or in part."""
    responses = read_table(wave_folder(open_project(project), WAVE) / "responses.parquet")
    rows = pd.read_parquet(next(project.glob("store/releases/rows-study-*")) / "rows.parquet")
    assert len(rows) == len(responses)
    plain = {one.id for one in INSTRUMENT.active_items()}
    for item in ITEMS:
        secret = sorted(responses[item].tolist())
        for name in set(rows.columns) - plain:
            if pd.api.types.is_numeric_dtype(rows[name]):
                assert sorted(rows[name].fillna(-9).astype(float)) != secret, (item, name)


def test_of_those_who_did_not_consent_not_even_the_store_keeps_a_module_answer(project):
    sheet = pd.read_csv(project / "inbox" / WAVE / "export.csv", dtype=str)
    responses = read_table(wave_folder(open_project(project), WAVE) / "responses.parquet")
    refused = responses["source_row"].sub(2).map(sheet["Consent"].ne("yes").to_dict())
    assert refused.sum() == 60
    assert (responses.loc[refused, ITEMS] < 0).all(axis=None)
    assert (responses.loc[refused, ["hr_bel_valued", "hr_adult_care"]] >= 0).all(axis=None)
