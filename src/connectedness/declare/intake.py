"""The intake: the landing folder that is watched, and which of its files belong to which wave."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from connectedness.declare.source import Frozen, NotAllowed

KEPT_FOR_A_PERSON = ("set-aside", "waiting")
"""Folders of the landing folder in which files wait for a person; no wave may be called so."""
_OURS = ("inbox", "store", "site", "flows", "maps", "instruments", "data_contracts", "dashboards")


def _landing(value: str) -> str:
    if "::" in value:
        raise ValueError("the landing folder is one address, not a chain of them.")
    if is_url(value):
        return _url(value)
    parts = PurePosixPath(PureWindowsPath(value).as_posix()).parts
    if not parts or ".." in parts or parts == (".",) or parts[0] in _OURS:
        raise NotAllowed(
            "the landing folder is a folder of its own: what lies in it has not been looked at yet.",
            found=value,
            allowed="landing/, another folder of its own, or an address such as sftp://files.example.ca/survey",
        )
    return value


def _url(value: str) -> str:
    if "@" in urlsplit(value).netloc and ":" in urlsplit(value).netloc.rpartition("@")[0]:
        raise NotAllowed(
            "an address here may not hold a password, since this file is read by many.",
            found="an address with a password in it",
            todo="Take it out, and give it to the driver through its own settings or environment variables.",
        )
    return value


def is_url(value: str) -> bool:
    """Whether a landing folder is an address, and not a folder; the letter of a Windows drive is no protocol."""
    return re.match(r"[a-z][a-z0-9+.-]+://", value) is not None


class IntakeRoute(Frozen):
    """Files whose name fits the pattern, such as `fall-*.csv`, belong to the wave."""

    files: Annotated[str, Field(min_length=1)]
    wave: str


class Intake(Frozen):
    """The landing folder: in the project, elsewhere, or an address whose driver is installed.

    A file is taken when two looks, `settle_minutes` or more apart, find it unchanged. `serve` looks every
    `every_minutes`.
    """

    landing: Annotated[str, AfterValidator(_landing)]
    settle_minutes: Annotated[int, Field(ge=1, le=1440)] = 2
    every_minutes: Annotated[int, Field(ge=1, le=1440)] = 5
    routes: tuple[IntakeRoute, ...] = ()
