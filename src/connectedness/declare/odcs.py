"""The Open Data Contract Standard as a file format: its own schema, places in a file, and its custom properties."""

from __future__ import annotations

import difflib
import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema.exceptions import ValidationError, relevance
from jsonschema.validators import validator_for

from connectedness.declare.source import Frozen, Place, Source, dotted
from connectedness.errors import DeclarationError

OPERATORS = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
)


class Spot(Frozen):
    """Where something stands in a contract file; errors and rules carry it."""

    file: str
    line: int | None = None
    key: str = ""

    def error(self, problem: str, **more: Any) -> DeclarationError:
        """A `DeclarationError` at this place."""
        return DeclarationError(problem, file=self.file, line=self.line, key=self.key or None, **more)


def spot_at(source: Source, place: Place) -> Spot:
    """Where a key path of this file stands."""
    return Spot(file=str(source.file), line=source.line_of(place), key=dotted(place))


def custom_properties(source: Source, place: Place, data: dict[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    """Custom properties by name. A district may add its own, but not one that is nearly a name we read.

    Raises
    ------
    DeclarationError
        For a name that nearly is one of `known`, or one that stands twice.
    """
    found: dict[str, Any] = {}
    for i, one in enumerate(data.get("customProperties") or []):
        name, here = one["property"], (*place, "customProperties", i)
        near = difflib.get_close_matches(name.lower(), [key.lower() for key in known], n=1, cutoff=0.8)
        if near and name not in known:
            raise source.error("this custom property is not known.", here, found=name, allowed=", ".join(known))
        if name in found:
            raise source.error("this custom property stands twice.", here, found=name)
        found[name] = one["value"]
    return found


def must_be_known(source: Source, place: Place, data: dict[str, Any], known: set[str]) -> None:
    """Raise DeclarationError for a construct of the standard that would be left unchecked."""
    for key in data:
        if key not in known:
            raise source.error(
                "this construct of the standard is not read here, and would be left unchecked.",
                (*place, key),
                found=key,
                todo="Take it out, or write what it says as a quality rule (a rule of type text is shown to a person).",
            )


def must_follow_the_standard(source: Source) -> None:
    """Check against the standard's own JSON schema: its Python models leave every key optional.

    Raises
    ------
    DeclarationError
        With file, line and key path of the first thing that does not follow it.
    """
    errors = list(_standard().iter_errors(source.data))
    if not errors:
        return
    # A rule that fails makes the schema call the keys beside it unknown too, so that complaint is told last.
    telling = [error for error in errors if error.validator not in _UNKNOWN_KEY]
    error = max(telling or errors, key=relevance)
    place: Place = tuple(error.absolute_path)
    if not telling:
        unknown = [key for key in error.instance if f"'{key}'" in error.message]
        raise source.error("this key is not known to the data contract standard.", (*place, *unknown[:1]))
    raise source.error(
        f"this does not follow the data contract standard: {_plain(error)}.",
        place,
        allowed=", ".join(map(str, error.validator_value)) if error.validator == "enum" else None,
        todo="Look the key up in the Open Data Contract Standard, version 3.",
    )


_UNKNOWN_KEY = ("unevaluatedProperties", "additionalProperties")


@cache
def _standard() -> Any:
    text = files("open_data_contract_standard").joinpath("schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    return validator_for(schema)(schema)


def _plain(error: ValidationError) -> str:
    if error.validator == "oneOf" and all(one.validator == "required" for one in error.context or []):
        return "exactly one of " + ", ".join(OPERATORS) + " must stand here"
    if error.message.startswith("'map'") and isinstance(error.instance, dict) and "logicalType" not in error.instance:
        return "a column needs a logicalType"  # the schema takes a column without one for every type at once
    text = error.message.rstrip(".")
    return text if len(text) <= 160 else text[:157] + "..."
