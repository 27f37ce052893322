"""What a contract says beside its table: the service levels that were agreed, and whom to ask."""

from __future__ import annotations

from typing import Any

from connectedness.declare.odcs import Spot, custom_properties, spot_at
from connectedness.declare.source import Frozen, Place, Source


class ServiceLevel(Frozen):
    """One entry of `slaProperties`, as written.

    `elements` are columns of the contract's own table. `severity` comes from the custom property of that name, since
    the standard has no key for it.
    """

    spot: Spot
    id: str | None = None
    property: str
    value: Any = None
    more: Any = None
    unit: str | None = None
    elements: tuple[str, ...] = ()
    driver: str | None = None
    schedule: str | None = None
    description: str = ""
    severity: str | None = None

    def __str__(self) -> str:
        said = (self.property, self.value, self.more, self.unit)
        text = " ".join(str(one) for one in said if one is not None)
        text += f" of {', '.join(self.elements)}" if self.elements else ""
        aside = ", ".join(one for one in (self.driver, self.schedule) if one)
        text += f" ({aside})" if aside else ""
        return f"{text}: {self.description}" if self.description else text


class Contact(Frozen):
    """Somebody to ask: a person, an office or a channel; `address` is an e-mail or web address."""

    name: str
    role: str = ""
    address: str = ""

    def __str__(self) -> str:
        text = ", ".join(dict.fromkeys(one for one in (self.name, self.address) if one))
        return f"{text} ({self.role})" if self.role else text


def service_levels(source: Source) -> tuple[ServiceLevel, ...]:
    """The service levels of a contract file.

    Raises
    ------
    DeclarationError
        For an element of another table, and a custom property that is nearly one of ours.
    """
    default = source.data.get("slaDefaultElement")
    entries = source.data.get("slaProperties") or []
    return tuple(_service_level(source, ("slaProperties", i), one, default) for i, one in enumerate(entries))


def _service_level(source: Source, place: Place, data: dict[str, Any], default: str | None) -> ServiceLevel:
    custom = custom_properties(source, place, data, known=("severity",))
    severity = custom.get("severity")
    if severity is not None and not isinstance(severity, str):
        raise source.error("a severity is a word.", (*place, "customProperties"), found=severity)
    schedule = " ".join(data[key] for key in ("scheduler", "schedule") if data.get(key))
    return ServiceLevel(
        spot=spot_at(source, place),
        id=data.get("id"),
        property=data["property"],
        value=data["value"],
        more=data.get("valueExt"),
        unit=data.get("unit"),
        elements=_elements(source, place, data.get("element") or default or ""),
        driver=data.get("driver"),
        schedule=schedule or None,
        description=data.get("description") or "",
        severity=severity,
    )


def _elements(source: Source, place: Place, text: str) -> tuple[str, ...]:
    """Columns that a service level names, as `table.column` or, the table being one, as `column`."""
    table = source.data["schema"][0]["name"]
    found = []
    for one in (part.strip() for part in text.split(",") if part.strip()):
        before, _, column = one.rpartition(".")
        if before not in ("", table):
            raise source.error(
                "this element is of another table than the contract's.",
                (*place, "element"),
                found=one,
                allowed=f"{table}.COLUMN, or COLUMN",
            )
        found.append(column)
    return tuple(found)


def contacts_of(source: Source) -> tuple[Contact | None, tuple[Contact, ...]]:
    """Who answers for the table, and where else to ask: from `team`, in its new or its old form, and `support`.

    The owner is the member whose role says so, else the team itself, else its first member. Members who have a
    `dateOut` or were replaced are not named.
    """
    team = source.data.get("team") or {}
    listed = team if isinstance(team, list) else team.get("members") or []
    name = None if isinstance(team, list) else team.get("name")
    there = [one for one in listed if not one.get("dateOut") and not one.get("replacedByUsername")]
    members = [_member(one) for one in there]
    channels = tuple(_channel(one) for one in source.data.get("support") or [])
    owners = [one for one in members if "owner" in one.role.lower()]
    if not owners and name:
        return Contact(name=name, role="owner"), (*members, *channels)
    first = [*owners, *members][:1]
    rest = tuple(one for one in members if one not in first)
    return (first[0] if first else None), (*rest, *channels)


def _member(data: dict[str, Any]) -> Contact:
    user = data["username"]
    address = user if "@" in user else ""
    return Contact(name=data.get("name") or user, role=data.get("role") or "", address=address)


def _channel(data: dict[str, Any]) -> Contact:
    address = (data.get("url") or "").removeprefix("mailto:")
    return Contact(name=data["channel"], role=data.get("description") or "", address=address)
