"""Opening a release: a changed, missing, extra or outside file is refused, and said."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.release.release_examples import DISTRICT, small_project, small_protected

from connectedness.errors import ConnectednessError
from connectedness.release.folder import content_hash
from connectedness.release.open import current_release, open_release
from connectedness.release.write import write_release

WAVE = "2025-fall"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    project = small_project(tmp_path_factory.mktemp("published"))
    return write_release(project.store, project, WAVE, small_protected(project, WAVE), DISTRICT)


@pytest.fixture
def copy(published, tmp_path):
    """A copy to spoil, under another name: a researcher may rename the folder."""
    return shutil.copytree(published, tmp_path / "my copy")


def edit_manifest(folder, change):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")


def test_a_renamed_copy_opens(copy, published):
    assert open_release(str(copy)).estimates.equals(open_release(published).estimates)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_changed_byte_anywhere_is_found(published, copy, data):
    names = sorted(path.relative_to(published).as_posix() for path in published.rglob("*") if path.is_file())
    name = data.draw(st.sampled_from([name for name in names if name != "manifest.json"]))
    whole = (published / name).read_bytes()
    at, flip = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    (copy / name).write_bytes(whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :])
    with pytest.raises(ConnectednessError, match="changed since it was published") as error:
        open_release(copy)
    assert error.value.file == copy / name
    (copy / name).write_bytes(whole)


def test_an_extra_and_a_missing_file_are_named(copy):
    (copy / "estimates" / "notes.txt").write_text("mine")
    with pytest.raises(ConnectednessError, match=r"not part of this release(.|\n)*estimates/notes\.txt"):
        open_release(copy)
    (copy / "estimates" / "notes.txt").unlink()
    (copy / "codebook.csv").unlink()
    with pytest.raises(ConnectednessError, match=r"missing(.|\n)*codebook\.csv"):
        open_release(copy)


@pytest.mark.parametrize(
    "name",
    ["../outside.csv", "/etc/passwd", "C:/x.csv", "estimates\\x.csv", "estimates/../../x", "./codebook.csv", "a//b"],
)
def test_a_manifest_that_reaches_outside_is_refused_before_anything_is_read(copy, name):
    edit_manifest(copy, lambda manifest: manifest["files"].update({name: "0" * 64}))
    with pytest.raises(ConnectednessError, match="outside the release"):
        open_release(copy)


def test_a_link_that_leads_outside_is_refused(copy, tmp_path):
    outside = tmp_path / "codebook.csv"
    shutil.move(copy / "codebook.csv", outside)
    try:
        (copy / "codebook.csv").symlink_to(outside)
    except OSError:
        pytest.skip("this system does not let us make a link")
    with pytest.raises(ConnectednessError, match="outside the release"):
        open_release(copy)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda one: one.pop("files"), "parts of a release"),
        (lambda one: one.update(files=["codebook.csv"]), "parts of a release"),
        (lambda one: one.update(waves="2025-fall"), "parts of a release"),
        (lambda one: one.update(waves=["2025-fall", "2031-fall"]), "parts of a release"),
        (lambda one: one.update(waves=[]), "parts of a release"),
        (lambda one: one.update(kind="rows"), "parts of a release"),
        (lambda one: one.update(hash="0" * 12), "does not fit"),
        (lambda one: one.update(release="2025-fall-public-0"), "does not fit"),
        (lambda one: one.update(kind="pictures"), "not known"),
    ],
)
def test_a_manifest_that_does_not_hold_is_refused(copy, change, match):
    edit_manifest(copy, change)
    with pytest.raises(ConnectednessError, match=match):
        open_release(copy)


def test_what_is_no_release_is_said(tmp_path):
    with pytest.raises(ConnectednessError, match=r"no manifest\.json"):
        open_release(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(ConnectednessError, match="not JSON"):
        open_release(tmp_path)


def test_rows_are_not_found_where_there_are_estimates(published):
    with pytest.raises(ConnectednessError, match="holds estimates, not rows"):
        _ = open_release(published).rows


def test_there_is_no_current_release_before_the_first(tmp_path):
    assert current_release(tmp_path, "public") is None


@pytest.mark.parametrize("content", ["{", '{"release": "../elsewhere"}', '{"release": "gone"}', '{"release": 3}', "[]"])
def test_a_pointer_that_does_not_hold_is_an_error_not_a_new_beginning(tmp_path, content):
    (tmp_path / "releases").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "releases" / "current-public.json").write_text(content)
    with pytest.raises(ConnectednessError, match="current release"):
        current_release(tmp_path, "public")


@given(
    st.dictionaries(st.text(min_size=1), st.text("0123456789abcdef", min_size=64, max_size=64), max_size=5),
    st.randoms(),
)
def test_the_hash_hangs_on_names_and_contents_and_not_on_their_order(hashes, shuffle):
    items = list(hashes.items())
    shuffle.shuffle(items)
    assert content_hash(dict(items)) == content_hash(hashes)
    assert content_hash({**hashes, "extra.csv": "0" * 64}) != content_hash(hashes)


def test_opening_is_light_until_a_release_is_opened():
    code = (
        "import sys, connectedness.release.open; print([m for m in ('pandas', 'pyarrow', 'numpy') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
