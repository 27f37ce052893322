"""Facts of scales in a release: beside the estimates, carried byte for byte, described, and never unprotected."""

from __future__ import annotations

import json

import frictionless
import pandas as pd
import pyarrow.parquet as pq
import pytest
from unit.release.release_examples import DISTRICT, small_facts, small_project, small_protected

from connectedness.disclosure.protected import FACT_COLUMNS
from connectedness.errors import ConnectednessError, DisclosureError
from connectedness.release.open import current_release, open_release
from connectedness.release.write import write_release

FIRST, SECOND = "2025-fall", "2026-fall"
OF_FIRST = ("scales/2025-fall.parquet", "scales/2025-fall.csv", "notes/2025-fall.json")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    project = small_project(tmp_path_factory.mktemp("made"))
    protected = {FIRST: small_protected(project, FIRST), SECOND: small_protected(project, SECOND, seed=2)}
    facts = {
        FIRST: small_facts(project, FIRST, protected[FIRST]),
        SECOND: small_facts(project, SECOND, protected[SECOND], seed=2),
        "changed": small_facts(project, FIRST, protected[FIRST], seed=5),
    }
    return protected, facts


@pytest.fixture
def project(tmp_path):
    return small_project(tmp_path)


@pytest.fixture
def release(project, made):
    def write(wave, facts="own", **more):
        protected, known = made
        chosen = known[wave if facts == "own" else facts] if isinstance(facts, str) else facts
        return write_release(project.store, project, wave, protected[wave], DISTRICT, facts=chosen, **more)

    return write


def test_facts_stand_beside_the_estimates_of_their_wave(release, made):
    folder = release(FIRST)
    assert all((folder / name).is_file() for name in OF_FIRST)
    opened = open_release(folder)
    assert list(opened.scales.columns) == list(FACT_COLUMNS) and set(opened.scales["wave"]) == {FIRST}
    pd.testing.assert_frame_equal(opened.scales, made[1][FIRST].released(), check_dtype=False)
    assert opened.notes == {FIRST: sorted(made[1][FIRST].notes, key=lambda note: note["scale"])}
    assert str(opened.scales["n"].dtype) == "Int64" and not opened.estimates.empty


def test_the_csv_reads_back_to_the_floats_of_the_parquet(release):
    folder = release(FIRST)
    from_csv, shown = pd.read_csv(folder / "scales/2025-fall.csv"), open_release(folder).scales
    for name in ("value", "low", "high"):
        assert from_csv[name].equals(shown[name])
    told = json.loads(pq.read_schema(folder / "scales/2025-fall.parquet").metadata[b"connectedness"])
    assert told["wave"] == FIRST and told["policy"]["minimum"] == 10


def test_earlier_waves_facts_are_carried_byte_for_byte(release):
    first = release(FIRST)
    second = release(SECOND)
    for name in OF_FIRST:
        assert (second / name).read_bytes() == (first / name).read_bytes()
    assert list(open_release(second).scales["wave"].unique()) == [FIRST, SECOND]


def test_a_wave_released_without_facts_stays_without_them(release):
    first = release(FIRST, None)
    assert open_release(first).scales.empty and open_release(first).notes == {}
    assert list(open_release(first).scales.columns) == list(FACT_COLUMNS)
    opened = open_release(release(SECOND))
    assert set(opened.scales["wave"]) == {SECOND} and set(opened.estimates["wave"]) == {FIRST, SECOND}


def test_a_release_without_facts_says_nothing_of_them(release):
    folder = release(FIRST, None)
    assert "statistics" not in open_release(folder).codebook
    assert not (folder / "scales").exists() and not (folder / "notes").exists()
    assert "scale_variable" not in (folder / "codebook.csv").read_text(encoding="utf-8")


def test_facts_decide_the_name_and_the_same_facts_give_the_same_folder(release):
    without, with_facts, changed = release(FIRST, None), release(FIRST), release(FIRST, "changed")
    assert len({without.name, with_facts.name, changed.name}) == 3
    assert release(FIRST) == with_facts


def test_an_earlier_waves_facts_change_only_by_reissue(release, project):
    release(FIRST)
    current = release(SECOND)
    assert release(FIRST) == current
    for other in ("changed", None):
        with pytest.raises(DisclosureError, match="would change"):
            release(FIRST, other)
    assert current_release(project.store, "public") == current
    again = release(FIRST, "changed", reissue=True)
    assert (again / "scales/2026-fall.csv").read_bytes() == (current / "scales/2026-fall.csv").read_bytes()
    assert (again / OF_FIRST[1]).read_bytes() != (current / OF_FIRST[1]).read_bytes()


def test_a_changed_note_or_fact_is_found_when_the_release_is_opened(release):
    folder = release(FIRST)
    path = folder / "notes/2025-fall.json"
    path.write_bytes(path.read_bytes().replace(b"headline", b"headlime", 1))
    with pytest.raises(ConnectednessError, match="changed"):
        open_release(folder)


@pytest.mark.parametrize("wrong", [pd.DataFrame(), {"alpha": 0.8}])
def test_only_facts_that_have_been_protected_are_released(release, project, wrong):
    with pytest.raises(ConnectednessError, match="protect_facts"):
        release(FIRST, wrong)
    assert not project.store.exists()


def test_facts_of_another_wave_or_audience_are_refused(release, project, made):
    with pytest.raises(ConnectednessError, match="not protected with these estimates"):
        release(SECOND, FIRST)
    internal = small_protected(project, FIRST, "internal")
    with pytest.raises(ConnectednessError, match="not protected with these estimates"):
        write_release(project.store, project, FIRST, internal, DISTRICT, facts=made[1][FIRST])


def test_a_hidden_fact_that_still_holds_a_number_stops_the_release(release, project, made, monkeypatch):
    frame = made[1][FIRST].released()
    frame.loc[frame.index[0], ["reason", "value"]] = ["suppressed", 0.4]
    monkeypatch.setattr(type(made[1][FIRST]), "released", lambda self: frame.copy())
    with pytest.raises(DisclosureError, match="hidden fact"):
        release(FIRST)
    assert current_release(project.store, "public") is None


def test_an_outside_reader_finds_facts_and_notes_described_and_valid(release):
    release(FIRST)
    folder = release(SECOND)
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    paths = [one["path"] for one in package["resources"]]
    assert {"scales/2025-fall.csv", "scales/2026-fall.csv", "notes/2025-fall.json", "notes/2026-fall.json"} < set(paths)
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.flatten(["fieldName", "rowNumber", "type", "note"]) == []


def test_the_codebook_describes_every_column_and_statistic_that_occurs(release):
    opened = open_release(release(FIRST))
    assert [one["name"] for one in opened.codebook["scale_variables"]] == list(FACT_COLUMNS)
    assert {one["id"] for one in opened.codebook["statistics"]} == set(opened.scales["statistic"])
    for one in opened.codebook["statistics"]:
        assert one["title"]["en"] and one["title"]["fr"]
    table = pd.read_csv(opened.path / "codebook.csv")
    assert set(table.loc[table["kind"] == "statistic", "id"]) == set(opened.scales["statistic"])
    assert {one["structure"] for one in opened.codebook["scales"]} == {"reflective"}


def test_every_statistic_that_can_leave_has_a_name():
    from connectedness.disclosure.facts import OF_ITEM, OF_SCALE, OF_UNITS
    from connectedness.release.fact_variables import FACT_VARIABLES, STATISTICS

    assert set(STATISTICS) == OF_SCALE | OF_ITEM | OF_UNITS
    assert list(FACT_VARIABLES) == list(FACT_COLUMNS)
