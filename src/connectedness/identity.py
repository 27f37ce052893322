"""Keyed pseudonyms: who answered, without anybody's name. The one place that knows the key.

A pseudonym is the same in every wave and cannot be turned back without the key, so the key is never inside the
project, where student data and everything made from it lie.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import unicodedata
import warnings
from collections.abc import Iterable
from pathlib import Path

from connectedness.declare.survey import Survey
from connectedness.errors import DeclarationError
from connectedness.files import make_private, private_folder, write_text, written_beside

KEY_VARIABLE = "CONNECTEDNESS_KEY_FILE"
KEY_BYTES = 32
PSEUDONYM_LENGTH = 26
_KEPT_BYTES = 20
TEST_KEY = b"connectedness-test-key,no-secret"
"""A key that everybody can read here: for synthetic surveys only, and refused for any other."""
_FINGERPRINT_FILE = "key-fingerprint"
_WHY_OUTSIDE = "Whoever gets a copy of the project would get the key with it, and could tell who answered."


def key_path(survey_id: str) -> Path:
    """File of a survey's key: the one named by CONNECTEDNESS_KEY_FILE, else in the user's configuration folder."""
    named = os.environ.get(KEY_VARIABLE)
    return Path(named) if named else Path.home() / ".config" / "connectedness" / f"{survey_id}.key"


def make_key(survey_id: str, project_root: Path) -> Path:
    """Make a survey's key, 32 random bytes that only the owner can read, and return its file.

    A key that is already there is kept: another would give every student another pseudonym.

    Raises
    ------
    DeclarationError
        When the file would lie inside the project.
    """
    path = key_path(survey_id)
    _refuse_inside(path, project_root)
    if path.exists():
        return path
    private_folder(path.parent)
    with written_beside(path) as beside:
        beside.touch(mode=0o600)
        beside.write_bytes(secrets.token_bytes(KEY_BYTES))
    return make_private(path)


def load_key(survey: Survey, root: Path) -> bytes:
    """Read the key of a survey whose project is in `root`.

    A survey that is declared `synthetic: true` and has no key file gets `TEST_KEY`.

    Raises
    ------
    DeclarationError
        When the key is missing, damaged, inside the project, or the test key of a survey that is not synthetic.
    """
    path = key_path(survey.id)
    _refuse_inside(path, root)
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        if survey.synthetic:
            return TEST_KEY
        raise DeclarationError(
            "the key that makes pseudonyms is not there.",
            file=path,
            todo=f"Put the key back from your backup, or name its file in {KEY_VARIABLE}. Do not make a new one if "
            "waves have been read already: students could no longer be followed from wave to wave.",
        ) from None
    except OSError as error:
        raise DeclarationError(
            "the key cannot be read.",
            file=path,
            found=error.strerror,
            todo="Ask who owns this file to let you read it.",
        ) from None
    _must_hold(key, survey, path)
    return key


def _must_hold(key: bytes, survey: Survey, path: Path) -> None:
    if len(key) != KEY_BYTES:
        raise DeclarationError(
            "this key is damaged.",
            file=path,
            found=f"{len(key)} bytes",
            allowed=f"{KEY_BYTES} bytes",
            todo="Put the key back from your backup.",
        )
    if key == TEST_KEY and not survey.synthetic:
        raise DeclarationError(
            "this is the test key, which everybody knows; a survey of real students needs its own.",
            file=path,
            todo="Make a key with: connectedness init",
        )
    if os.name == "posix" and path.stat().st_mode & 0o077:
        warnings.warn(f"{path}: other people can read this key. Let only yourself in (chmod 600).", stacklevel=3)


def fingerprint(key: bytes) -> str:
    """A short mark of a key, which tells two keys apart and gives neither away."""
    return hmac.digest(key, b"connectedness key fingerprint", "sha256").hex()[:16]


def hold_fingerprint(store: Path, key: bytes) -> None:
    """Note in `store` which key it was made with; the first time writes, later times compare.

    Raises
    ------
    DeclarationError
        When the store was made with another key.
    """
    path = store / _FINGERPRINT_FILE
    mark = fingerprint(key)
    if not path.exists():
        private_folder(store)
        write_text(path, mark + "\n")
        return
    held = path.read_text(encoding="utf-8", errors="replace").strip()
    if held != mark:
        raise DeclarationError(
            "this is not the key that the earlier waves were read with, so no student could be followed.",
            file=path,
            found=f"key {mark}",
            allowed=f"key {held}",
            todo=f"Put the first key back from your backup, or name its file in {KEY_VARIABLE}.",
        )


def pseudonyms(ids: Iterable[str], key: bytes, survey_id: str, purpose: str = "student") -> list[str]:
    """Pseudonym of each id, in the order given.

    The first 26 characters (130 bits) of the lower-case base32 form of HMAC-SHA256(key, message), where the message
    is survey id, purpose and id, parted by zero bytes. The id is trimmed and in Unicode's composed form (NFC), so
    that one id typed on two systems is one student.

    Parameters
    ----------
    ids : iterable of str
        Raw ids; each distinct one is hashed once.
    key : bytes
        The survey's key.
    survey_id, purpose : str
        What the pseudonym is for: the same id gets unlike pseudonyms in two surveys or for two purposes.
    """
    raw = list(ids)
    prefix = f"{survey_id}\0{purpose}\0".encode()
    distinct = dict.fromkeys(raw)
    digests = [hmac.digest(key, prefix + _plain(one), "sha256")[:_KEPT_BYTES] for one in distinct]
    known = dict(zip(distinct, _base32(digests), strict=True))
    return [known[one] for one in raw]


def _plain(raw: str) -> bytes:
    return unicodedata.normalize("NFC", raw.strip()).encode("utf-8", "surrogatepass")


def _base32(digests: list[bytes]) -> list[str]:
    """First letters of the lower-case base32 form of each digest."""
    # Five bytes are eight letters, so all digests are written at once, and then cut.
    letters = base64.b32encode(b"".join(digests)).decode("ascii").lower()
    each = _KEPT_BYTES // 5 * 8
    return [letters[start : start + PSEUDONYM_LENGTH] for start in range(0, len(letters), each)]


def _refuse_inside(path: Path, root: Path) -> None:
    if path.resolve().is_relative_to(root.resolve()):
        raise DeclarationError(
            "the key may not lie inside the project.",
            file=path,
            todo=f"Move it elsewhere and name its file in {KEY_VARIABLE}. {_WHY_OUTSIDE}",
        )
