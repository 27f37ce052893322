"""The disclosure policy: how many people must stand behind a number, for whom."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from connectedness.declare.source import Frozen, NotAllowed

FLOOR = 5
"""The engine's floor: no policy may show numbers of fewer people than this, to anyone."""

Audience = Literal["internal", "public"]
AUDIENCES: tuple[Audience, ...] = ("internal", "public")


class RowsPolicy(Frozen):
    """Restricted-use rows: the quasi-identifiers, coarsest first, and how many people must share each combination."""

    k: Annotated[int, Field(ge=FLOOR)] = 5
    quasi_identifiers: tuple[str, ...] | None = None


class Policy(Frozen):
    """A named, versioned disclosure policy."""

    id: str = "default"
    version: int = 1
    minimum: dict[Audience, int] = {"internal": 6, "public": 10}
    small: Annotated[int, Field(ge=30)] = 30
    rows: RowsPolicy = RowsPolicy()

    @field_validator("minimum")
    @classmethod
    def _not_under_the_floor(cls, value: dict[Audience, int]) -> dict[Audience, int]:
        missing = [audience for audience in AUDIENCES if audience not in value]
        if missing:
            raise ValueError(f"the minimum for {' and '.join(missing)} is missing.")
        for audience, minimum in value.items():
            if minimum < FLOOR:
                raise NotAllowed(
                    f"the minimum for {audience} is {minimum}; the lowest the engine allows is {FLOOR}.",
                    found=f"{audience}: {minimum}",
                    allowed=f"{FLOOR} or more",
                    todo="Raise it; the preset default has internal: 6 and public: 10.",
                )
        if value["public"] < value["internal"]:
            raise NotAllowed(
                "the public minimum is lower than the internal one.",
                found=f"internal: {value['internal']}, public: {value['public']}",
                allowed=f"public: {value['internal']} or more",
                todo="Raise the public minimum, or lower the internal one.",
            )
        return value


PRESETS: dict[str, Policy] = {"default": Policy()}
