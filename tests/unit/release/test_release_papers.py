"""The papers: a Data Package that an outside reader validates, rows and all, and a citation."""

from __future__ import annotations

import json

import frictionless
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from unit.release.release_examples import (
    DISTRICT,
    small_project,
    small_protected,
    small_responses,
    small_roster,
    small_scores,
)

from connectedness import __version__
from connectedness.disclosure.rows import protect_rows
from connectedness.files import sha256_of
from connectedness.identity import TEST_KEY
from connectedness.release.formats import csv_bytes
from connectedness.release.rows import assemble_rows
from connectedness.release.write import write_release
from connectedness.release.write_rows import write_rows

FIRST, SECOND = "2025-fall", "2026-fall"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    project = small_project(tmp_path_factory.mktemp("papers"))
    write_release(project.store, project, FIRST, small_protected(project, FIRST), DISTRICT)
    return write_release(project.store, project, SECOND, small_protected(project, SECOND, seed=2), DISTRICT)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    project = small_project(tmp_path_factory.mktemp("rows"))
    responses = small_responses(project, SECOND)
    made = assemble_rows(
        project, [SECOND], responses, small_scores(responses), small_roster(responses), TEST_KEY, "study"
    )
    safe = protect_rows(made.frame, made.classification, made.quasi_identifiers, project.policy.rows.k)
    return write_rows(project.store, project, "study", safe)


def package_of(folder):
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def complaints(folder):
    report = frictionless.validate(str(folder / "datapackage.json"))
    return report.flatten(["fieldName", "rowNumber", "type", "note"]), report.stats


@pytest.mark.parametrize("kind", ["published", "rows"])
def test_an_outside_reader_finds_every_row_valid(request, kind):
    folder = request.getfixturevalue(kind)
    found, stats = complaints(folder)
    assert found == []
    assert stats["tasks"] == len(package_of(folder)["resources"]) == (3 if kind == "published" else 2)


def test_an_outside_reader_finds_a_value_outside_the_closed_sets(published, tmp_path):
    import shutil

    folder = shutil.copytree(published, tmp_path / "spoiled")
    path = folder / "estimates/2025-fall.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[1].replace("district", "village"), *lines[2:]]), encoding="utf-8")
    assert any(one[2] == "constraint-error" and one[0] == "unit_type" for one in complaints(folder)[0])


@pytest.mark.parametrize("kind", ["published", "rows"])
def test_every_csv_is_a_resource_with_its_size_and_hash(request, kind):
    folder = request.getfixturevalue(kind)
    package = package_of(folder)
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert package["version"] == folder.name and "licenses" not in package
    assert "synthetic" in package["description"]
    csvs = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.csv"))
    assert sorted(one["path"] for one in package["resources"]) == csvs
    for one in package["resources"]:
        assert one["hash"] == f"sha256:{sha256_of(folder / one['path'])}"
        assert one["bytes"] == (folder / one["path"]).stat().st_size and one["encoding"] == "utf-8"
        assert one["schema"]["missingValues"] == [""]


def test_closed_sets_stand_as_categories_with_labels_and_as_an_enum(published):
    fields = {one["name"]: one for one in package_of(published)["resources"][0]["schema"]["fields"]}
    measures = {one["value"]: one["label"] for one in fields["measure"]["categories"]}
    assert measures["response_rate"] == "Response rate"
    assert fields["measure"]["constraints"]["enum"] == list(measures)
    assert fields["reason"]["constraints"]["enum"] == ["suppressed"]
    assert fields["n"]["type"] == "integer" and fields["value"]["type"] == "number"


def test_the_citation_names_survey_release_and_engine_and_no_day_but_the_windows(published):
    text = (published / "CITATION.cff").read_text(encoding="utf-8")
    cited = yaml.safe_load(text)
    assert cited["title"] == "Maple Fork School Division" and cited["version"] == published.name
    assert cited["cff-version"] == "1.2.0" and cited["type"] == "dataset" and cited["authors"]
    software = cited["references"][0]
    assert (software["type"], software["title"], software["version"]) == ("software", "connectedness", __version__)
    assert "2026-fall (2026-10-05 to 2026-10-23)" in cited["abstract"] and "date-released" not in cited


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_every_float_reads_back_as_itself(values):
    text = csv_bytes(pd.DataFrame({"value": values})).decode("utf-8")
    assert [float(line) for line in text.splitlines()[1:]] == values


def test_a_null_is_empty_and_lines_end_alike_everywhere():
    frame = pd.DataFrame({"unit": ["é", None], "n": pd.array([None, 3], dtype="Int64"), "value": [float("nan"), 0.1]})
    assert csv_bytes(frame) == "unit,n,value\né,,\n,3,0.1\n".encode()
