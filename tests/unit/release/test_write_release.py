"""A release is built out of sight, named by its content, moved into place once, and never changed after."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from unit.release.release_examples import DISTRICT, SURVEY, small_estimates, small_project, small_protected

from connectedness import files
from connectedness.errors import ConnectednessError, DeclarationError, DisclosureError
from connectedness.release.open import current_release, open_release
from connectedness.release.write import write_release

FIRST, SECOND = "2025-fall", "2026-fall"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Protected estimates of two waves, and of the first wave with other answers; made once."""
    project = small_project(tmp_path_factory.mktemp("made"))
    return {
        FIRST: small_protected(project, FIRST),
        SECOND: small_protected(project, SECOND, seed=2),
        "changed": small_protected(project, FIRST, seed=3),
        "internal": small_protected(project, FIRST, "internal"),
    }


@pytest.fixture
def project(tmp_path):
    return small_project(tmp_path)


def release(project, wave, protected, **more):
    return write_release(project.store, project, wave, protected, DISTRICT, **more)


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(project):
    return sorted(path.name for path in (project.store / "releases").iterdir())


def test_a_release_holds_these_files_and_is_the_current_one(project, made):
    folder = release(project, FIRST, made[FIRST])
    assert sorted(contents(folder)) == [
        "CITATION.cff", "codebook.csv", "codebook.json", "datapackage.json",
        "estimates/2025-fall.csv", "estimates/2025-fall.parquet", "manifest.json",
    ]  # fmt: skip
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert folder.name == f"2025-fall-public-{manifest['hash']}" == manifest["release"]
    assert manifest["protected"][FIRST]["suppressed"] > 0
    assert current_release(project.store, "public") == folder
    pointer = json.loads((project.store / "releases" / "current-public.json").read_text(encoding="utf-8"))
    assert pointer == {"release": folder.name, "wave": FIRST}
    assert names(project) == [folder.name, "current-public.json"]


def test_a_later_wave_carries_the_earlier_one_byte_for_byte(project, made):
    first = contents(release(project, FIRST, made[FIRST]))
    folder = release(project, SECOND, made[SECOND])
    second = contents(folder)
    for name in ("estimates/2025-fall.csv", "estimates/2025-fall.parquet"):
        assert second[name] == first[name]
    assert folder.name.startswith("2026-fall-public-")
    opened = open_release(folder)
    assert opened.manifest["waves"] == [FIRST, SECOND]
    assert opened.estimates["wave"].unique().tolist() == [FIRST, SECOND]
    assert opened.codebook["waves"][1]["compared_with"] == FIRST


def test_the_same_inputs_give_the_same_folder_and_bytes(project, made, tmp_path):
    folder = release(project, FIRST, made[FIRST])
    before = contents(folder)
    stamp = (folder / "manifest.json").stat().st_mtime_ns
    assert release(project, FIRST, made[FIRST]) == folder
    assert contents(folder) == before and (folder / "manifest.json").stat().st_mtime_ns == stamp
    other = small_project(tmp_path / "elsewhere")
    again = release(other, FIRST, made[FIRST])
    assert again.name == folder.name and contents(again) == before


def test_the_same_bytes_in_another_process_with_another_hash_seed(tmp_path):
    script = (
        "import sys; from pathlib import Path\n"
        "from unit.release.release_examples import *\n"
        "from connectedness.disclosure.rows import protect_rows\n"
        "from connectedness.release.rows import assemble_rows\n"
        "from connectedness.release.write import write_release\n"
        "from connectedness.release.write_rows import write_rows\n"
        "project = small_project(Path(sys.argv[1]))\n"
        "made = small_protected(project, '2025-fall')\n"
        "write_release(project.store, project, '2025-fall', made, DISTRICT)\n"
        "answers = small_responses(project, '2025-fall')\n"
        "rows = assemble_rows(\n"
        "    project, ['2025-fall'], answers, small_scores(answers), small_roster(answers), b'k' * 32, 'study')\n"
        "write_rows(project.store, project, 'study', protect_rows(*rows, 5))\n"
    )
    tests = str(Path(__file__).resolve().parents[2])
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / seed)],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": tests},
            check=True,
        )
    one, two = (contents(tmp_path / seed / "store" / "releases") for seed in ("1", "2"))
    assert one == two
    assert {Path(name).suffix for name in one} == {".json", ".csv", ".parquet", ".sav", ".cff"}


def test_other_numbers_give_another_folder_and_leave_the_first_as_it_was(project, made):
    folder = release(project, FIRST, made[FIRST])
    before = contents(folder)
    other = release(project, FIRST, made["changed"])
    assert other != folder and contents(folder) == before
    assert current_release(project.store, "public") == other


def test_audiences_are_apart(project, made):
    public, internal = release(project, FIRST, made[FIRST]), release(project, FIRST, made["internal"])
    assert current_release(project.store, "public") == public
    assert current_release(project.store, "internal") == internal
    assert open_release(internal).codebook["policy"]["minimum"] == 6


def test_an_earlier_wave_unchanged_gives_back_the_current_release(project, made):
    release(project, FIRST, made[FIRST])
    current = release(project, SECOND, made[SECOND])
    assert release(project, FIRST, made[FIRST]) == current
    assert current_release(project.store, "public") == current


def test_an_earlier_wave_changes_only_by_reissue_and_later_waves_stay_byte_for_byte(project, made):
    release(project, FIRST, made[FIRST])
    current = release(project, SECOND, made[SECOND])
    before, listed = contents(current), names(project)
    with pytest.raises(DisclosureError, match="would change"):
        release(project, FIRST, made["changed"])
    assert names(project) == listed and current_release(project.store, "public") == current
    again = release(project, FIRST, made["changed"], reissue=True)
    after = contents(again)
    assert after["estimates/2026-fall.parquet"] == before["estimates/2026-fall.parquet"]
    assert after["estimates/2025-fall.csv"] != before["estimates/2025-fall.csv"]
    assert again.name.startswith("2026-fall-public-") and current_release(project.store, "public") == again
    assert contents(current) == before


def test_a_wave_skipped_is_added_only_by_reissue(project, made):
    release(project, SECOND, made[SECOND])
    with pytest.raises(DisclosureError, match="was not among them"):
        release(project, FIRST, made[FIRST])
    again = open_release(release(project, FIRST, made[FIRST], reissue=True))
    assert again.manifest["waves"] == [FIRST, SECOND] and again.manifest["wave"] == SECOND


@pytest.mark.parametrize("what", [pd.DataFrame(), None, {"wave": FIRST}])
def test_only_what_has_been_protected_is_released(project, what):
    with pytest.raises(ConnectednessError, match="protect"):
        release(project, FIRST, what)
    assert not project.store.exists()


def test_a_bare_table_of_estimates_is_refused(project):
    with pytest.raises(ConnectednessError, match="protect"):
        release(project, FIRST, small_estimates(project, FIRST))


def test_estimates_of_another_wave_are_refused(project, made):
    with pytest.raises(ConnectednessError, match="another wave"):
        release(project, SECOND, made[FIRST])


@pytest.mark.parametrize(
    ("column", "value", "match"), [("n", 4, "holds a number"), ("reason", "small_n", "another reason")]
)
def test_a_hidden_cell_that_still_tells_something_stops_the_release(project, made, monkeypatch, column, value, match):
    frame = made[FIRST].released()
    frame.loc[frame["status"] == "suppressed", column] = value
    monkeypatch.setattr(type(made[FIRST]), "released", lambda self: frame.copy())
    with pytest.raises(DisclosureError, match=match):
        release(project, FIRST, made[FIRST])
    assert current_release(project.store, "public") is None


def test_what_leaves_carries_one_public_reason_and_rows_in_the_order_of_their_key(project, made):
    estimates = open_release(release(project, FIRST, made[FIRST])).estimates
    hidden = estimates["reason"].notna()
    assert set(estimates.loc[hidden, "reason"]) == set(estimates.loc[hidden, "status"]) == {"suppressed"}
    assert estimates.loc[hidden, ["n", "eligible", "value", "se", "low", "high"]].isna().all(axis=None)
    key = ["wave", "unit_type", "unit", "breakdown", "level", "measure"]
    assert estimates[key].equals(estimates[key].sort_values(key, ignore_index=True))


def test_csv_reads_back_to_the_very_floats_of_the_parquet(project, made):
    folder = release(project, FIRST, made[FIRST])
    raw = (folder / "estimates/2025-fall.csv").read_bytes()
    assert b"\r" not in raw and not raw.startswith(b"\xef\xbb\xbf")
    from_csv = pd.read_csv(folder / "estimates/2025-fall.csv", dtype={"level": "str"})
    shown = open_release(folder).estimates
    for name in ("value", "se", "low", "high"):
        assert from_csv[name].equals(shown[name])
    assert str(shown["n"].dtype) == str(shown["eligible"].dtype) == "Int64" and str(shown["unit"].dtype) == "str"


def test_the_parquet_file_says_its_wave_policy_and_instruments(project, made):
    folder = release(project, FIRST, made[FIRST])
    told = json.loads(pq.read_schema(folder / "estimates/2025-fall.parquet").metadata[b"connectedness"])
    assert told["wave"] == FIRST and told["audience"] == "public" and told["policy"]["minimum"] == 10
    pinned = {one["pinned"]: one["sha256"] for one in open_release(folder).codebook["instruments"]}
    assert told["instruments"] == pinned


def test_every_unit_and_measure_in_the_files_is_in_the_codebook(project, made):
    opened = open_release(release(project, FIRST, made[FIRST]))
    assert set(opened.estimates["measure"]) == {one["id"] for one in opened.codebook["measures"]}
    assert set(opened.estimates["unit"]) == {one["unit"] for one in opened.codebook["units"]}


def test_a_school_that_has_closed_stays_in_the_codebook_while_its_estimates_are_carried(project, made):
    release(project, FIRST, made[FIRST])
    folder = write_release(project.store, project, SECOND, made[SECOND], DISTRICT[DISTRICT["unit"] != "c"])
    units = {one["unit"]: one["parent"] for one in open_release(folder).codebook["units"]}
    assert units["c"] == "maple_fork"


def test_what_a_killed_run_left_is_cleaned_and_the_earlier_release_is_untouched(project, made):
    folder = release(project, FIRST, made[FIRST])
    before = contents(folder)
    for left in (".building-2026-fall-public", ".building-2025-fall-public"):
        (project.store / "releases" / left / "estimates").mkdir(parents=True)
        (project.store / "releases" / left / "estimates" / "half.csv").write_text("wa")
    assert current_release(project.store, "public") == folder
    second = release(project, SECOND, made[SECOND])
    assert names(project) == sorted([folder.name, second.name, "current-public.json"])
    assert contents(folder) == before


@pytest.mark.parametrize("dies_at", ["move_into_place", "write_manifest", "pointer_of"])
def test_a_run_that_dies_anywhere_leaves_the_current_release_and_the_next_run_finishes(
    project, made, monkeypatch, dies_at
):
    first = release(project, FIRST, made[FIRST])
    home = {"move_into_place": "folder", "write_manifest": "write", "pointer_of": "write"}[dies_at]
    with monkeypatch.context() as patch:
        patch.setattr(f"connectedness.release.{home}.{dies_at}", dead)
        with pytest.raises(KeyboardInterrupt):
            release(project, SECOND, made[SECOND])
    assert current_release(project.store, "public") == first
    open_release(first)
    second = release(project, SECOND, made[SECOND])
    assert current_release(project.store, "public") == second


def dead(*_, **__):
    raise KeyboardInterrupt


def test_a_full_disk_says_that_nothing_has_changed(project, made, monkeypatch):
    first = release(project, FIRST, made[FIRST])

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files.Path, "write_bytes", full)
        with pytest.raises(ConnectednessError, match="disk is full"):
            release(project, SECOND, made[SECOND])
    assert current_release(project.store, "public") == first and names(project) == [first.name, "current-public.json"]


def test_a_folder_of_that_name_that_was_changed_is_an_error(project, made):
    folder = release(project, FIRST, made[FIRST])
    (project.store / "releases" / "current-public.json").unlink()
    (folder / "codebook.csv").write_bytes(b"changed\n")
    with pytest.raises(ConnectednessError, match="changed"):
        release(project, FIRST, made[FIRST])


def test_nothing_is_built_on_a_release_that_was_changed(project, made):
    folder = release(project, FIRST, made[FIRST])
    path = folder / "estimates/2025-fall.csv"
    path.write_bytes(path.read_bytes().replace(b"ok", b"OK", 1))
    with pytest.raises(ConnectednessError, match="changed"):
        release(project, SECOND, made[SECOND])


def test_a_released_wave_that_is_no_longer_declared_stops_the_next_release(project, made):
    release(project, FIRST, made[FIRST])
    lines = [line for line in SURVEY.splitlines(keepends=True) if "id: 2025-fall" not in line]
    shorter = small_project(project.root, "".join(lines))
    with pytest.raises(DeclarationError, match="no longer declared"):
        release(shorter, SECOND, made[SECOND])


def test_a_wave_whose_id_is_no_file_name_on_windows_gets_one(tmp_path):
    project = small_project(tmp_path, SURVEY.replace("2025-fall", "CON"))
    folder = write_release(project.store, project, "CON", small_protected(project, "CON"), DISTRICT)
    opened = open_release(folder)
    assert opened.manifest["waves"] == ["CON"] and set(opened.estimates["wave"]) == {"CON"}
    for name in opened.manifest["files"]:
        assert files.legal_name(Path(name).stem.lower()) == Path(name).stem.lower()
    assert folder.name == folder.name.lower()
