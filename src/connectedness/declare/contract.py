"""A contract: what a table must look like, read from an Open Data Contract Standard (ODCS) v3 file."""

from __future__ import annotations

import difflib
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema.exceptions import ValidationError, relevance
from jsonschema.validators import validator_for

from connectedness.declare.source import Frozen, Place, Source, dotted, read_source
from connectedness.errors import DeclarationError

DEFAULT_BAD_SHARE = 0.05
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
# What a property may carry that describes and checks nothing. Anything else is either read or refused.
_DESCRIBING = {
    "id", "businessName", "physicalType", "deprecated", "synonyms", "authoritativeDefinitions", "tags", "semanticType",
    "partitioned", "partitionKeyPosition", "encryptedName", "transformSourceObjects", "transformLogic",
    "transformDescription", "examples", "criticalDataElement", "context", "dataGranularityDescription",
}  # fmt: skip
_READ = {
    "name", "description", "logicalType", "logicalTypeOptions", "required", "unique", "primaryKey",
    "primaryKeyPosition", "enum", "classification", "quality", "customProperties",
}  # fmt: skip
_READ_OF_TABLE = {"name", "description", "logicalType", "properties", "quality", "customProperties", "physicalName"}


class Spot(Frozen):
    """Where something stands in a contract file; errors and rules carry it."""

    file: str
    line: int | None = None
    key: str = ""

    def error(self, problem: str, **more: Any) -> DeclarationError:
        """A `DeclarationError` at this place."""
        return DeclarationError(problem, file=self.file, line=self.line, key=self.key or None, **more)


class Quality(Frozen):
    """One entry of a `quality` list, as written: `data` holds every key of it."""

    spot: Spot
    data: dict[str, Any]


class Property(Frozen):
    """One column: its type, whether it may be empty, its allowed values and its quality rules.

    `may_be_absent` comes from the custom property `mayBeAbsent`: the column is known, but a table may lack it.
    """

    spot: Spot
    name: str
    description: str = ""
    logical_type: str
    options: dict[str, Any] = {}
    required: bool = False
    unique: bool = False
    primary_key: bool = False
    primary_key_position: int = -1
    enum: tuple[Any, ...] | None = None
    classification: str | None = None
    may_be_absent: bool = False
    quality: tuple[Quality, ...] = ()


class Contract(Frozen):
    """What the compiler needs of an ODCS file: one table, its columns, keys and rules.

    `max_bad_share` is the share of bad rows (0 to 1) above which the whole table is refused.
    """

    spot: Spot
    id: str
    version: str
    table: str
    description: str = ""
    properties: tuple[Property, ...]
    quality: tuple[Quality, ...] = ()
    max_bad_share: float = DEFAULT_BAD_SHARE
    service_levels: tuple[str, ...] = ()

    @property
    def classes(self) -> dict[str, str]:
        """Classification of each column that has one."""
        return {one.name: one.classification for one in self.properties if one.classification is not None}

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Columns of the primary key, in their declared positions."""
        keys = [one for one in self.properties if one.primary_key]
        return tuple(one.name for one in sorted(keys, key=lambda one: one.primary_key_position))


def read_contract(path: Path, shown: str | Path | None = None) -> Contract:
    """Read an ODCS v3 file that describes one table; `shown` is the name that errors print (default the path).

    Raises
    ------
    DeclarationError
        With file, line and key path: when the file breaks the standard's own schema, describes more or less than
        one table, or holds a construct that would be left unchecked.
    """
    return contract_from(read_source(path, shown))


def contract_from(source: Source) -> Contract:
    """The contract in a YAML file that has been read; raises as `read_contract` does."""
    _must_follow_the_standard(source)
    data = source.data
    if not data["apiVersion"].startswith("v3."):
        raise source.error("only version 3 of the standard is read.", ("apiVersion",), found=data["apiVersion"])
    tables = data.get("schema") or []
    if len(tables) != 1:
        raise source.error("a contract here describes one table.", ("schema",), found=f"{len(tables)} tables")
    place: Place = ("schema", 0)
    table = tables[0]
    _must_be_known(source, place, table, _READ_OF_TABLE | _DESCRIBING)
    properties = tuple(
        _property(source, (*place, "properties", i), one) for i, one in enumerate(table.get("properties") or [])
    )
    names = [one.name for one in properties]
    for i, one in enumerate(properties):
        if one.name in names[:i]:
            raise one.spot.error("this column stands twice.", found=one.name)
    return Contract(
        spot=_spot(source, place),
        id=data["id"],
        version=data["version"],
        table=table["name"],
        description=table.get("description") or "",
        properties=properties,
        quality=_quality(source, place, table),
        max_bad_share=_bad_share(source),
        service_levels=tuple(_service_level(one) for one in data.get("slaProperties") or []),
    )


def _property(source: Source, place: Place, data: dict[str, Any]) -> Property:
    _must_be_known(source, place, data, _READ | _DESCRIBING)
    custom = _custom(source, place, data, known=("mayBeAbsent",))
    absent = custom.get("mayBeAbsent", False)
    if not isinstance(absent, bool):
        raise source.error("mayBeAbsent is true or false.", (*place, "customProperties"), found=absent)
    enum = data.get("enum")
    return Property(
        spot=_spot(source, place),
        name=data["name"],
        description=data.get("description") or "",
        logical_type=data["logicalType"],
        options=data.get("logicalTypeOptions") or {},
        required=data.get("required", False),
        unique=data.get("unique", False),
        primary_key=data.get("primaryKey", False),
        primary_key_position=data.get("primaryKeyPosition", -1),
        enum=None if enum is None else tuple(one["value"] for one in enum),
        classification=data.get("classification"),
        may_be_absent=absent,
        quality=_quality(source, place, data),
    )


def _quality(source: Source, place: Place, data: dict[str, Any]) -> tuple[Quality, ...]:
    rules = data.get("quality") or []
    return tuple(Quality(spot=_spot(source, (*place, "quality", i)), data=rule) for i, rule in enumerate(rules))


def _bad_share(source: Source) -> float:
    share = _custom(source, (), source.data, known=("maxBadShare",)).get("maxBadShare", DEFAULT_BAD_SHARE)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise source.error(
            "maxBadShare is the share of bad rows at which a table is refused.",
            ("customProperties",),
            found=share,
            allowed="a number from 0 to 1, as in 0.05 for 5 %",
        )
    return float(share)


def _custom(source: Source, place: Place, data: dict[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    """Custom properties by name. A district may add its own, but not one that is nearly a name we read."""
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


def _service_level(data: dict[str, Any]) -> str:
    text = " ".join(str(data[key]) for key in ("property", "value", "unit") if data.get(key) is not None)
    return f"{text}: {data['description']}" if data.get("description") else text


def _must_be_known(source: Source, place: Place, data: dict[str, Any], known: set[str]) -> None:
    for key in data:
        if key not in known:
            raise source.error(
                "this construct of the standard is not read here, and would be left unchecked.",
                (*place, key),
                found=key,
                todo="Take it out, or write what it says as a quality rule (a rule of type text is shown to a person).",
            )


def _must_follow_the_standard(source: Source) -> None:
    """Check against the standard's own JSON schema: its Python models leave every key optional."""
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


def _spot(source: Source, place: Place) -> Spot:
    return Spot(file=str(source.file), line=source.line_of(place), key=dotted(place))
