"""A contract: what a table must look like, read from an Open Data Contract Standard (ODCS) v3 file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectedness.declare.agreement import Contact, ServiceLevel, contacts_of, service_levels
from connectedness.declare.odcs import Spot, custom_properties, must_be_known, must_follow_the_standard, spot_at
from connectedness.declare.source import Frozen, Place, Source, read_source

DEFAULT_BAD_SHARE = 0.05
_ASKED = 3
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

    `max_bad_share` is the share of bad rows (0 to 1) above which the whole table is refused. `owner` answers for the
    table; `contacts` are the further places to ask.
    """

    spot: Spot
    id: str
    version: str
    table: str
    description: str = ""
    properties: tuple[Property, ...]
    quality: tuple[Quality, ...] = ()
    max_bad_share: float = DEFAULT_BAD_SHARE
    service_levels: tuple[ServiceLevel, ...] = ()
    owner: Contact | None = None
    contacts: tuple[Contact, ...] = ()

    @property
    def classes(self) -> dict[str, str]:
        """Classification of each column that has one."""
        return {one.name: one.classification for one in self.properties if one.classification is not None}

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Columns of the primary key, in their declared positions."""
        keys = [one for one in self.properties if one.primary_key]
        return tuple(one.name for one in sorted(keys, key=lambda one: one.primary_key_position))

    @property
    def ask(self) -> str:
        """Whom to ask about the table, as a sentence; empty where the contract names nobody."""
        owner = [] if self.owner is None else [self.owner.model_copy(update={"role": f"owner of the {self.table}"})]
        asked = [str(one) for one in (*owner, *self.contacts)][:_ASKED]
        return f"Ask: {'; or '.join(asked)}." if asked else ""


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
    must_follow_the_standard(source)
    data = source.data
    if not data["apiVersion"].startswith("v3."):
        raise source.error("only version 3 of the standard is read.", ("apiVersion",), found=data["apiVersion"])
    tables = data.get("schema") or []
    if len(tables) != 1:
        raise source.error("a contract here describes one table.", ("schema",), found=f"{len(tables)} tables")
    place: Place = ("schema", 0)
    table = tables[0]
    must_be_known(source, place, table, _READ_OF_TABLE | _DESCRIBING)
    properties = tuple(
        _property(source, (*place, "properties", i), one) for i, one in enumerate(table.get("properties") or [])
    )
    names = [one.name for one in properties]
    for i, one in enumerate(properties):
        if one.name in names[:i]:
            raise one.spot.error("this column stands twice.", found=one.name)
    owner, contacts = contacts_of(source)
    return Contract(
        spot=spot_at(source, place),
        id=data["id"],
        version=data["version"],
        table=table["name"],
        description=table.get("description") or "",
        properties=properties,
        quality=_quality(source, place, table),
        max_bad_share=_bad_share(source),
        service_levels=service_levels(source),
        owner=owner,
        contacts=contacts,
    )


def _property(source: Source, place: Place, data: dict[str, Any]) -> Property:
    must_be_known(source, place, data, _READ | _DESCRIBING)
    custom = custom_properties(source, place, data, known=("mayBeAbsent",))
    absent = custom.get("mayBeAbsent", False)
    if not isinstance(absent, bool):
        raise source.error("mayBeAbsent is true or false.", (*place, "customProperties"), found=absent)
    enum = data.get("enum")
    return Property(
        spot=spot_at(source, place),
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
    return tuple(Quality(spot=spot_at(source, (*place, "quality", i)), data=rule) for i, rule in enumerate(rules))


def _bad_share(source: Source) -> float:
    share = custom_properties(source, (), source.data, known=("maxBadShare",)).get("maxBadShare", DEFAULT_BAD_SHARE)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise source.error(
            "maxBadShare is the share of bad rows at which a table is refused.",
            ("customProperties",),
            found=share,
            allowed="a number from 0 to 1, as in 0.05 for 5 %",
        )
    return float(share)
