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
    SURVEY,
    small_project,
    small_protected,
    small_responses,
    small_roster,
    small_scores,
)

from connectedness import __version__
from connectedness.disclosure.rows import protect_rows
from connectedness.errors import DeclarationError
from connectedness.files import sha256_of
from connectedness.identity import TEST_KEY
from connectedness.release.formats import csv_bytes
from connectedness.release.package_people import doi_in
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
    assert package["version"] == folder.name and "licenses" not in package and "contributors" not in package
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


def test_every_other_file_of_a_table_stands_beside_its_csv_with_size_and_hash(published, rows):
    for folder, wanted in ((published, {".parquet"}), (rows, {".parquet", ".sav"})):
        found = [one for told in package_of(folder)["resources"] for one in told.get("alternates", ())]
        there = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in wanted)
        assert sorted(one["path"] for one in found) == there and there
        for one in found:
            assert one["hash"] == f"sha256:{sha256_of(folder / one['path'])}"
            assert one["bytes"] == (folder / one["path"]).stat().st_size
            assert one["format"] == one["path"].rpartition(".")[2] and "/" in one["mediatype"]


def test_created_is_the_end_of_the_newest_wave_and_instruments_are_sources(published):
    package = package_of(published)
    assert package["created"] == "2026-10-23T00:00:00Z"
    assert [one["version"] for one in package["sources"]] == ["1"]
    assert "(healthy-relationships): Written for connectedness" in package["sources"][0]["title"]


DECLARED = """
publisher: {name: Maple Fork School Division, contact: belonging@maple-fork.example}
licence: {name: CC-BY-4.0, title: Attribution, path: "https://creativecommons.org/licenses/by/4.0/"}
keywords: [belonging, school]
url: https://maple-fork.example/belonging
doi: https://doi.org/10.5072/maple.1
"""


@pytest.fixture(scope="module")
def declared(tmp_path_factory):
    """The project with all that can be said of publishing, released to both audiences."""
    project = small_project(tmp_path_factory.mktemp("declared"), SURVEY + DECLARED)
    made = {
        who: write_release(project.store, project, FIRST, small_protected(project, FIRST, who), DISTRICT)
        for who in ("public", "internal")
    }
    return project, made


def test_a_public_release_says_who_publishes_under_which_licence_and_where(declared):
    folder = declared[1]["public"]
    package = package_of(folder)
    assert package["licenses"] == [
        {"name": "CC-BY-4.0", "title": "Attribution", "path": "https://creativecommons.org/licenses/by/4.0/"}
    ]
    assert package["contributors"] == [
        {"title": "Maple Fork School Division", "email": "belonging@maple-fork.example", "roles": ["publisher"]}
    ]
    assert package["keywords"] == ["belonging", "school"]
    assert (package["id"], package["homepage"]) == (
        "https://doi.org/10.5072/maple.1",
        "https://maple-fork.example/belonging",
    )
    cited = yaml.safe_load((folder / "CITATION.cff").read_text(encoding="utf-8"))
    assert (cited["license"], cited["doi"], cited["url"]) == ("CC-BY-4.0", "10.5072/maple.1", package["homepage"])
    assert cited["authors"] == [{"name": "Maple Fork School Division", "email": "belonging@maple-fork.example"}]
    assert complaints(folder)[0] == []


def test_a_release_that_is_not_public_names_no_licence_and_no_public_address(declared):
    folder = declared[1]["internal"]
    package, text = package_of(folder), (folder / "CITATION.cff").read_text(encoding="utf-8")
    assert package["contributors"] and not {"licenses", "id", "homepage"} & set(package)
    assert "CC-BY" not in text and "10.5072" not in text and "CC-BY" not in (folder / "codebook.json").read_text()


def test_another_licence_gives_a_release_of_another_name(declared, tmp_path):
    project = small_project(tmp_path, SURVEY + DECLARED.replace("CC-BY-4.0", "CC0-1.0"))
    other = write_release(project.store, project, FIRST, small_protected(project, FIRST), DISTRICT)
    assert other.name != declared[1]["public"].name


@pytest.mark.parametrize(
    "line",
    ["doi: maple", "url: maple-fork.example", "publisher: {contact: a@b.ca}", "licence: {name: CC BY}",
     "publisher: {name: M, contact: by post}"],
)  # fmt: skip
def test_papers_that_could_not_be_right_are_refused_where_they_are_declared(tmp_path, line):
    with pytest.raises(DeclarationError, match=line.partition(":")[0]):
        small_project(tmp_path, f"{SURVEY}{line}\n")


def test_a_doi_in_a_source_is_found_without_the_stop_after_it():
    assert doi_in("Furlong et al. (2011), doi 10.1002/pits.20609.") == "10.1002/pits.20609"
    assert doi_in("doi: 10.1002/1520-6807(199301)30:1<79::AID-PITS2310300113>3.0.CO;2-X.").endswith("2-X")
    assert doi_in("HBSC protocol 2017/18.") is None


def test_the_citation_names_survey_release_and_engine_and_no_day_but_the_windows(published):
    text = (published / "CITATION.cff").read_text(encoding="utf-8")
    cited = yaml.safe_load(text)
    assert cited["title"] == "Maple Fork School Division" and cited["version"] == published.name
    assert cited["cff-version"] == "1.2.0" and cited["type"] == "dataset" and cited["authors"]
    instrument, software = cited["references"]
    assert (instrument["version"], instrument["notes"]) == ("1", package_of(published)["sources"][0]["title"].partition(
        "(healthy-relationships): ")[2])  # fmt: skip
    assert (software["type"], software["title"], software["version"]) == ("software", "connectedness", __version__)
    assert "2026-fall (2026-10-05 to 2026-10-23)" in cited["abstract"]
    assert cited["date-released"] == "2026-10-23" and "license" not in cited


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_every_float_reads_back_as_itself(values):
    text = csv_bytes(pd.DataFrame({"value": values})).decode("utf-8")
    assert [float(line) for line in text.splitlines()[1:]] == values


def test_a_null_is_empty_and_lines_end_alike_everywhere():
    frame = pd.DataFrame({"unit": ["é", None], "n": pd.array([None, 3], dtype="Int64"), "value": [float("nan"), 0.1]})
    assert csv_bytes(frame) == "unit,n,value\né,,\n,3,0.1\n".encode()
