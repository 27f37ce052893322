"""What Windows does differently, faked: held files, illegal names, permissions that do not exist."""

from __future__ import annotations

import os

import pytest

from connectedness import files
from connectedness.errors import ConnectednessError


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(files.time, "sleep", lambda _: None)


def held(times, real=os.replace):
    """`os.replace` as Windows has it while another program holds the file, for the first `times` calls."""
    calls = [0]

    def replace(source, target):
        calls[0] += 1
        if calls[0] <= times:
            raise PermissionError(13, "The process cannot access the file because it is being used by another process")
        real(source, target)

    return replace, calls


def test_a_file_held_for_a_moment_is_waited_for(tmp_path, monkeypatch):
    replace, calls = held(3)
    monkeypatch.setattr(files.os, "replace", replace)
    files.write_text(tmp_path / "page.html", "new")
    assert (tmp_path / "page.html").read_text() == "new"
    assert calls[0] == 4


def test_a_file_held_for_good_is_explained_and_kept(tmp_path, monkeypatch):
    (tmp_path / "page.html").write_text("old")
    replace, _ = held(10**6)
    monkeypatch.setattr(files.os, "replace", replace)
    with pytest.raises(ConnectednessError, match="open in another program"):
        files.write_text(tmp_path / "page.html", "new")
    assert (tmp_path / "page.html").read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize(
    "name", ["con", "NUL", "aux", "com1", "lpt9", "a:b", "a/b", "x.", "é", "A", "a?", "..", "", " "]
)
def test_names_are_legal_on_every_system(name):
    made = files.legal_name(name)
    assert made and made.lower() == made and made.strip(". ") == made
    assert not set(made) & set('<>:"/\\|?* ')
    assert made not in files._RESERVED


def test_distinct_ids_give_distinct_names():
    ids = ["a", "A", "a ", "a-", "é", "e", "con", "CON", "001", "1", "x/y", "x-y", "x\\y"]
    assert len({files.legal_name(one) for one in ids}) == len(ids)


def test_permissions_that_cannot_be_set_are_a_warning(tmp_path, monkeypatch):
    def refuses(self, mode, **more):
        raise NotImplementedError

    monkeypatch.setattr(files.Path, "chmod", refuses)
    with pytest.warns(UserWarning, match="let only you in"):
        assert files.private_folder(tmp_path / "store").is_dir()


def test_without_hard_links_a_copy_is_made(tmp_path, monkeypatch):
    def refuses(source, target):
        raise OSError(1, "Incorrect function")

    (tmp_path / "a").write_text("bundle")
    monkeypatch.setattr(files.os, "link", refuses)
    files.link_or_copy(tmp_path / "a", tmp_path / "b" / "a")
    assert (tmp_path / "b" / "a").read_text() == "bundle"


def test_a_folder_is_replaced_whole_and_mended_after_a_death(tmp_path):
    target, built = tmp_path / "site", tmp_path / "built"
    target.mkdir()
    (target / "old.html").write_text("old")
    # A run that died between its two renames leaves the old folder under another name.
    files.os.replace(target, tmp_path / ".site.old")
    built.mkdir()
    (built / "new.html").write_text("new")
    files.recover_folder(target)
    assert (target / "old.html").is_file()
    files.replace_folder(built, target)
    assert [one.name for one in target.iterdir()] == ["new.html"]
    assert not (tmp_path / ".site.old").exists()
