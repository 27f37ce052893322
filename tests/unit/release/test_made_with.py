"""The manifest says with what a release was made; its name does not hang on it."""

from __future__ import annotations

import json

import pyarrow
import pytest
from unit.release.release_examples import DISTRICT, SURVEY, small_project, small_protected

from connectedness.declare.project import open_project
from connectedness.release import folder_made_with, write
from connectedness.release.codebook import instrument_sha256
from connectedness.release.folder_made_with import declared, made_with, source_sha256
from connectedness.release.open import open_release
from connectedness.release.write import write_release

FIRST, SECOND = "2025-fall", "2026-fall"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return small_project(tmp_path_factory.mktemp("made_with"))


@pytest.fixture(scope="module")
def protected(project):
    return {FIRST: small_protected(project, FIRST), SECOND: small_protected(project, SECOND, seed=2)}


def test_the_manifest_tells_the_source_the_libraries_and_each_declaration(project, protected):
    manifest = open_release(write_release(project.store, project, FIRST, protected[FIRST], DISTRICT)).manifest
    assert manifest["made_with"]["libraries"]["pyarrow"] == pyarrow.__version__
    assert set(manifest["made_with"]["libraries"]) == {"numpy", "pandas", "pingouin", "pyarrow", "scipy"}
    assert len(manifest["made_with"]["engine_source_sha256"]) == 64
    told = manifest["declared"]
    assert told["instruments"] == {
        "healthy-relationships@1": instrument_sha256(project.instruments(FIRST)[0]),
    }
    assert {name.rpartition("/")[2] for name in told["contracts"]} == {
        "estimates.odcs.yaml", "responses.odcs.yaml", "roster.odcs.yaml", "scores.odcs.yaml",
    }  # fmt: skip
    assert list(told["column_maps"]) == [FIRST] and told["parameters"] == {} and manifest["carried"] == {}
    assert "python" not in json.dumps(manifest["made_with"]).lower()


def test_the_name_and_every_other_file_are_the_same_with_other_libraries(project, protected, tmp_path, monkeypatch):
    usual = write_release(project.store, project, FIRST, protected[FIRST], DISTRICT)
    monkeypatch.setattr(folder_made_with, "version", lambda name: "99.0")
    monkeypatch.setattr(folder_made_with, "source_sha256", lambda package: "0" * 64)
    elsewhere = small_project(tmp_path)
    other = write_release(elsewhere.store, elsewhere, FIRST, protected[FIRST], DISTRICT)
    assert other.name == usual.name
    one, two = (open_release(folder).manifest for folder in (usual, other))
    assert one["made_with"] != two["made_with"] and one["files"] == two["files"]
    again = write_release(project.store, project, FIRST, protected[FIRST], DISTRICT)
    assert open_release(again).manifest == one, "a release that stands is left as it is"


def test_a_carried_wave_keeps_what_it_was_made_with(tmp_path, protected, monkeypatch):
    project = small_project(tmp_path)
    first = open_release(write_release(project.store, project, FIRST, protected[FIRST], DISTRICT)).manifest
    monkeypatch.setattr(write, "made_with", lambda: made_with() | {"engine": "99.0"})
    second = open_release(write_release(project.store, project, SECOND, protected[SECOND], DISTRICT)).manifest
    assert second["made_with"]["engine"] == "99.0" and list(second["declared"]["column_maps"]) == [SECOND]
    assert second["carried"] == {FIRST: {"made_with": first["made_with"], "declared": first["declared"]}}


def test_the_source_is_told_by_its_code_and_not_by_line_ends_caches_or_pages(tmp_path):
    def package(name, code, *more):
        folder = tmp_path / name
        for path, content in (("a.py", code), ("sub/b.yaml", b"k: 1\n"), *more):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return source_sha256(folder)

    plain = package("plain", b"x = 1\ny = 2\n")
    assert package("windows", b"x = 1\r\ny = 2\r\n") == plain
    assert package("wheel", b"x = 1\ny = 2\n", ("project/t.yaml", b"k: 2\n"), ("a.pyc", b"0")) == plain
    assert package("changed", b"x = 1\ny = 3\n") != plain
    assert package("more", b"x = 1\ny = 2\n", ("c.py", b"")) != plain


def test_what_is_declared_is_told_apart_and_layout_is_not(tmp_path):
    plain = declared(small_project(tmp_path / "plain"), [FIRST])
    laid_out = SURVEY.replace("events:", "# A comment.\nevents:").replace("map: {items:", "map: {  items:")
    assert declared(small_project(tmp_path / "laid_out", laid_out), [FIRST]) == plain
    stricter = SURVEY + "policy: {minimum: {internal: 8, public: 20}}\n"
    other = declared(small_project(tmp_path / "policy", stricter), [FIRST])
    assert {name for name in plain if other[name] != plain[name]} == {"policy"}
    moved = declared(small_project(tmp_path / "map", SURVEY.replace("hr_bel_valued: Q1", "hr_bel_valued: Q2")), [FIRST])
    assert {name for name in plain if moved[name] != plain[name]} == {"column_maps"}


def test_a_contract_of_the_project_itself_counts(tmp_path):
    project = small_project(tmp_path)
    before = declared(project, [FIRST])["contracts"]
    name = "data_contracts/roster.odcs.yaml"
    (tmp_path / "data_contracts").mkdir()
    (tmp_path / name).write_text("# ours\n", encoding="utf-8")
    after = declared(project, [FIRST])["contracts"]
    assert {one for one in after if after[one] != before[one]} == {name}


FORMS = """\
id: abroad
title: {en: Abroad}
instruments: [pisa-belonging@1]
identity: {token: t}
waves:
  - {id: w1, window: [2025-10-06, 2025-10-24], files: ["x.csv"], map: {items: {pisa_st034q01: Q1}}}
  - {id: w2, window: [2026-10-06, 2026-10-24], files: ["x.csv"], map: {items: {pisa_st034q01: Q1}},
     forms: {column: CNT, forms: {FRA: france}}}
"""


def test_parameter_files_count_only_for_a_wave_that_says_who_answered_which_form(tmp_path):
    (tmp_path / "survey.yaml").write_text(FORMS, encoding="utf-8")
    project = open_project(tmp_path)
    assert declared(project, ["w1"])["parameters"] == {}
    assert "pisa-belonging-2018-fra.yaml" in declared(project, ["w2"])["parameters"]
