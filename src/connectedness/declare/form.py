"""A form of an instrument: the language or country version that a set of parameters belongs to."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from connectedness.declare.source import Frozen, Text


def _file_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*\.ya?ml", value):
        raise ValueError("parameters are named by a file of instruments/parameters, as in my-scale-france.yaml.")
    return value


class Form(Frozen):
    """One language or country version. A wave says by a response column who answered which form.

    `parameters` names a file in `instruments/parameters/`, of the project or of the package. The `default` form is
    the one of a student whose form is not known.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    title: Text | None = None
    language: str | None = None
    country: tuple[str, ...] = ()
    parameters: Annotated[str, AfterValidator(_file_name)] | None = None
    default: bool = False
    note: str | None = None

    @field_validator("country", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value
