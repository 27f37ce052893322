"""Keys and pseudonyms."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
import unicodedata
from base64 import b32encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectedness import identity
from connectedness.declare.survey import Survey
from connectedness.errors import DeclarationError

KEY = b"0123456789abcdef0123456789abcdef"


def survey(synthetic: bool) -> Survey:
    wave = {"id": "w1", "window": ["2026-10-05", "2026-10-23"], "files": ["*.csv"], "map": "map.yaml"}
    return Survey.model_validate(
        {"id": "small", "title": {"en": "S"}, "synthetic": synthetic, "instruments": ["x@1"], "waves": [wave]}
    )


@pytest.fixture
def key_file(tmp_path, monkeypatch):
    path = tmp_path / "keys" / "small.key"
    monkeypatch.setenv(identity.KEY_VARIABLE, str(path))
    return path


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@given(st.lists(st.text(max_size=12)))
def test_pseudonyms_are_stable_distinct_and_in_the_order_given(ids):
    given_out = identity.pseudonyms(ids, KEY, "small")
    assert given_out == identity.pseudonyms(ids, KEY, "small")
    assert given_out == [identity.pseudonyms([one], KEY, "small")[0] for one in ids]
    assert len(set(given_out)) == len({unicodedata.normalize("NFC", one.strip()) for one in ids})
    assert all(len(one) == 26 and set(one) <= set("abcdefghijklmnopqrstuvwxyz234567") for one in given_out)


def test_a_pseudonym_is_what_its_description_says():
    digest = hmac.new(KEY, b"small\0student\0s1", hashlib.sha256).digest()
    assert identity.pseudonyms([" s1"], KEY, "small") == [b32encode(digest).decode().lower()[:26]]


def test_blanks_and_the_way_an_accent_is_typed_do_not_make_another_student():
    assert len(set(identity.pseudonyms(["é1", "e\u03011", " é1\n"], KEY, "small"))) == 1


def test_key_survey_and_purpose_each_make_another_pseudonym():
    made = {
        identity.pseudonyms(["s1"], key, survey_id, purpose)[0]
        for key in (KEY, identity.TEST_KEY)
        for survey_id in ("small", "large")
        for purpose in ("student", "row")
    }
    assert len(made) == 8


def test_a_key_is_made_once_private_and_outside_the_project(key_file, project):
    assert identity.make_key("small", project) == key_file
    key = key_file.read_bytes()
    assert len(key) == 32 and key != identity.TEST_KEY
    if os.name == "posix":
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    identity.make_key("small", project)
    assert key_file.read_bytes() == key
    assert identity.load_key(survey(synthetic=False), project) == key


def test_without_a_variable_the_key_is_in_the_users_own_folder(monkeypatch):
    monkeypatch.delenv(identity.KEY_VARIABLE, raising=False)
    assert identity.key_path("small").parts[-3:] == (".config", "connectedness", "small.key")


def test_a_key_inside_the_project_is_refused(project, monkeypatch):
    monkeypatch.setenv(identity.KEY_VARIABLE, str(project / "sub" / "small.key"))
    with pytest.raises(DeclarationError, match="inside the project"):
        identity.make_key("small", project)
    assert not (project / "sub").exists()
    with pytest.raises(DeclarationError, match="inside the project"):
        identity.load_key(survey(synthetic=True), project)


def test_a_synthetic_survey_needs_no_key_and_a_real_one_does(key_file, project):
    assert identity.load_key(survey(synthetic=True), project) == identity.TEST_KEY
    with pytest.raises(DeclarationError, match="backup") as raised:
        identity.load_key(survey(synthetic=False), project)
    assert raised.value.exit_code == 10
    assert not key_file.exists()


@pytest.mark.parametrize(("content", "said"), [(identity.TEST_KEY, "test key"), (b"short", "damaged")])
def test_the_test_key_and_a_damaged_key_are_refused_for_real_students(key_file, project, content, said):
    key_file.parent.mkdir()
    key_file.write_bytes(content)
    with pytest.raises(DeclarationError, match=said):
        identity.load_key(survey(synthetic=False), project)


@pytest.mark.skipif(os.name != "posix", reason="only POSIX says who may read a file")
def test_a_key_that_others_can_read_is_warned_of(key_file, project):
    identity.make_key("small", project).chmod(0o644)
    with pytest.warns(UserWarning, match="other people"):
        identity.load_key(survey(synthetic=False), project)


def test_a_store_takes_one_key_only(tmp_path):
    store = tmp_path / "store"
    identity.hold_fingerprint(store, KEY)
    identity.hold_fingerprint(store, KEY)
    with pytest.raises(DeclarationError, match="not the key") as raised:
        identity.hold_fingerprint(store, identity.TEST_KEY)
    assert raised.value.exit_code == 10
    assert KEY.hex() not in (store / "key-fingerprint").read_text()
    assert (store / "key-fingerprint").read_text().strip() == identity.fingerprint(KEY)
