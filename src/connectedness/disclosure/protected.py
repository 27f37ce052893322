"""The types that may leave the building: estimates, and facts of scales beside them."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field
from typing import Any, NoReturn

import pandas as pd

from connectedness.declare.policy import Audience, Policy
from connectedness.errors import DisclosureError
from connectedness.tables import ESTIMATE_COLUMNS, ESTIMATE_KEY, SUPPRESSED

FACT_KEY = ("wave", "scale", "unit_type", "statistic", "item")
FACT_COLUMNS = (*FACT_KEY, "value", "low", "high", "interval", "n", "reason")

_SEAL = object()


@dataclass(frozen=True, eq=False, repr=False)
class Protected:
    """Estimates of one wave, made safe for one audience. Only `protect` makes one.

    Attributes
    ----------
    wave : str
    audience : {"internal", "public"}
    policy : Policy
    minimum : int
        Students that must stand behind a number for this audience.
    """

    wave: str
    audience: Audience
    policy: Policy
    minimum: int
    _estimates: pd.DataFrame = field(repr=False)
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise DisclosureError(
                "protected estimates are made by protect() alone.",
                todo="Call connectedness.disclosure.protect.protect(estimates, units, policy, audience, shares=...).",
            )
        frame = self._estimates[list(ESTIMATE_COLUMNS)].sort_values(list(ESTIMATE_KEY), ignore_index=True)
        object.__setattr__(self, "_estimates", frame)

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("Protected has no other kinds.")

    def __reduce__(self) -> NoReturn:
        raise TypeError("protected estimates are not copied or pickled: write a release.")

    def __repr__(self) -> str:
        return f"Protected(wave={self.wave!r}, audience={self.audience!r}, minimum={self.minimum})"

    @property
    def estimates(self) -> pd.DataFrame:
        """A copy of the estimates, with the true reason of every hidden cell. It stays inside the building."""
        return self._estimates.copy()

    def released(self) -> pd.DataFrame:
        """The estimates as they may leave: sorted by key, one reason for every hidden cell, null for every other."""
        hidden = self._estimates["status"] == SUPPRESSED
        reason = pd.Series(SUPPRESSED, index=hidden.index, dtype="str").where(hidden)
        return self._estimates.assign(reason=reason)

    def summary(self) -> dict[str, int]:
        """Rows shown and hidden, and hidden by each reason. For operations only."""
        reasons = self._estimates["reason"].value_counts().sort_index()
        hidden = int((self._estimates["status"] == SUPPRESSED).sum())
        return {
            "shown": len(self._estimates) - hidden,
            "hidden": hidden,
            **{str(reason): int(count) for reason, count in reasons.items()},
        }

    def pattern_sha256(self) -> str:
        """Hash of the keys of what is hidden: two releases with one hash hide the same."""
        keys = self._estimates.loc[self._estimates["status"] == SUPPRESSED, list(ESTIMATE_KEY)]
        lines = "".join("\x1f".join(row) + "\n" for row in keys.itertuples(index=False, name=None))
        return hashlib.sha256(lines.encode()).hexdigest()


@dataclass(frozen=True, eq=False, repr=False)
class ProtectedFacts:
    """Facts and notes of one wave's scales, made safe for one audience. Only `protect_facts` makes one.

    Attributes
    ----------
    wave : str
    audience : {"internal", "public"}
    minimum : int
        Students that must stand behind a number for this audience.
    """

    wave: str
    audience: Audience
    minimum: int
    _facts: pd.DataFrame = field(repr=False)
    _notes: Sequence[dict[str, Any]] = field(repr=False)
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise DisclosureError(
                "protected facts are made by protect_facts() alone.",
                todo="Call connectedness.disclosure.facts.protect_facts(facts, protected).",
            )
        frame = self._facts[list(FACT_COLUMNS)].sort_values(list(FACT_KEY), ignore_index=True)
        object.__setattr__(self, "_facts", frame)
        object.__setattr__(self, "_notes", copy.deepcopy(list(self._notes)))

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("ProtectedFacts has no other kinds.")

    def __reduce__(self) -> NoReturn:
        raise TypeError("protected facts are not copied or pickled: write a release.")

    def __repr__(self) -> str:
        return f"ProtectedFacts(wave={self.wave!r}, audience={self.audience!r}, minimum={self.minimum})"

    @property
    def notes(self) -> list[dict[str, Any]]:
        """What was found of direction, headlines, careless answers and fairness; a copy, as it may leave."""
        return copy.deepcopy(list(self._notes))

    def released(self) -> pd.DataFrame:
        """A copy of the facts as they may leave: sorted by key; a hidden one has null numbers and one reason."""
        return self._facts.copy()

    def summary(self) -> dict[str, int]:
        """Facts shown and hidden. For operations only."""
        hidden = int((self._facts["reason"] == SUPPRESSED).sum())
        return {"shown": len(self._facts) - hidden, "hidden": hidden}
