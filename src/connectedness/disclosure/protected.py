"""The one type that may leave the building."""

from __future__ import annotations

import hashlib
from dataclasses import InitVar, dataclass, field
from typing import NoReturn

import pandas as pd

from connectedness.declare.policy import Audience, Policy
from connectedness.errors import DisclosureError
from connectedness.tables import ESTIMATE_COLUMNS, ESTIMATE_KEY, SUPPRESSED

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
