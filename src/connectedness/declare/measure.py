"""A measure: a declared statistic for groups."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Literal

from pydantic import field_validator, model_validator

from connectedness.declare.source import Frozen, NotAllowed, Text

Statistic = Literal["mean", "sd", "mean_of_shares", "share_favourable", "share_at_least", "share", "response_rate"]
OF_SCALE = ("mean", "sd", "mean_of_shares")
OF_ITEM = ("share_favourable", "share_at_least", "share")


class Measure(Frozen):
    """A statistic of one scale or one item.

    `mean`, `sd` and `mean_of_shares` (the mean over students of their share of favourable answers) are of a scale;
    `share_favourable`, `share_at_least` (the given code or one that expresses more) and `share` (the given code)
    are of an item. Change and standard deviation need no declaration: each measure gets its own.
    """

    id: str
    statistic: Statistic
    scale: str | None = None
    item: str | None = None
    code: int | None = None
    title: Text | None = None

    @field_validator("id")
    @classmethod
    def _id_holds(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", value) or len(value) > 32:
            raise ValueError("a measure's id is lower-case letters, digits and _, at most 32 of them.")
        return value

    @model_validator(mode="after")
    def _holds(self) -> Measure:
        if self.statistic == "response_rate":
            raise ValueError("the response rate is always computed; it is not declared.")
        if (self.statistic in OF_SCALE) != (self.scale is not None) or (self.scale is None) == (self.item is None):
            raise ValueError(f"{self.statistic} is of a {'scale' if self.statistic in OF_SCALE else 'single item'}.")
        if (self.statistic in ("share_at_least", "share")) != (self.code is not None):
            raise ValueError("share and share_at_least, and no other statistic, need a code.")
        return self

    @property
    def what(self) -> tuple[str, str | None, str | None, int | None]:
        """What is computed, whatever it is called: two measures with the same `what` are one."""
        return self.statistic, self.scale, self.item, self.code

    def must_fit(self, scales: Collection[str], items: Collection[str]) -> None:
        """Raise NotAllowed, which is a ValueError, when the scale or item is not there."""
        for what, name, known in (("scale", self.scale, scales), ("item", self.item, items)):
            if name is None or name in known:
                continue
            near = get_close_matches(name, list(known), n=1)
            raise NotAllowed(
                f"measure {self.id} is of the {what} {name}, which no pinned instrument has.",
                found=name,
                allowed=", ".join(sorted(known)) or f"no {what}: the pinned instruments have none",
                todo=f"Did you mean {near[0]}?"
                if near
                else f"Name a {what} of the pinned instruments, or pin the instrument that has it.",
            )
