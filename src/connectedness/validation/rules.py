"""What a contract compiles to: rules, each with the expectations that measure it and how their count is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from connectedness.declare.odcs import Spot

Level = Literal["row", "dataset"]
Severity = Literal["critical", "warning", "info"]
SEVERITIES: dict[str, Severity] = {
    "error": "critical",
    "critical": "critical",
    "warning": "warning",
    "info": "info",
}
_WORDS = {
    "mustBe": "exactly {0}",
    "mustNotBe": "anything but {0}",
    "mustBeGreaterThan": "more than {0}",
    "mustBeGreaterOrEqualTo": "at least {0}",
    "mustBeLessThan": "fewer than {0}",
    "mustBeLessOrEqualTo": "at most {0}",
    "mustBeBetween": "from {0} to {1}",
    "mustNotBeBetween": "outside {0} to {1}",
}


def severity_of(said: str, spot: Spot) -> Severity:
    """The severity that a contract names; raises DeclarationError for another word."""
    if said.lower() not in SEVERITIES:
        raise spot.error("this severity is not known.", found=said, allowed=", ".join(SEVERITIES))
    return SEVERITIES[said.lower()]


@dataclass(frozen=True)
class Expectation:
    """One Great Expectations expectation: its name in snake case and its keyword arguments."""

    type: str
    kwargs: Mapping[str, Any]


@dataclass(frozen=True)
class Limit:
    """An operator of the standard on a count: `mustBeLessThan 5 percent`. Ranges include both ends."""

    operator: str
    bounds: tuple[float, ...]
    unit: Literal["rows", "percent"] = "rows"

    def holds(self, count: int, rows: int) -> bool:
        """Whether `count` of `rows` rows is allowed; the percentage of an empty table is 0."""
        value = count if self.unit == "rows" else 100 * count / rows if rows else 0.0
        low, high = self.bounds[0], self.bounds[-1]
        return {
            "mustBe": value == low,
            "mustNotBe": value != low,
            "mustBeGreaterThan": value > low,
            "mustBeGreaterOrEqualTo": value >= low,
            "mustBeLessThan": value < low,
            "mustBeLessOrEqualTo": value <= low,
            "mustBeBetween": low <= value <= high,
            "mustNotBeBetween": not low <= value <= high,
        }[self.operator]

    @property
    def means_none(self) -> bool:
        """Whether it says that no row may fail: then each failing row can be set aside by itself."""
        if self.operator == "mustBeLessThan":
            return self.unit == "rows" and 0 < self.bounds[0] <= 1
        return self.operator in ("mustBe", "mustBeLessOrEqualTo") and self.bounds[0] == 0

    def __str__(self) -> str:
        words = _WORDS[self.operator].format(*(f"{bound:g}" for bound in self.bounds))
        return words + (" % of rows" if self.unit == "percent" else "")


@dataclass(frozen=True)
class Rule:
    """A rule over a table.

    A `row` rule says which rows are bad; a `dataset` rule holds or does not for the table as a whole. A rule without
    a limit holds when its expectations do. `logical_type` is set on the rules that we check ourselves.
    """

    id: str
    level: Level
    severity: Severity
    description: str
    spot: Spot
    columns: tuple[str, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    limit: Limit | None = None
    logical_type: str | None = None
    timezone: bool | None = None


@dataclass(frozen=True)
class TextRule:
    """A rule in words, for a person to check."""

    id: str
    description: str
    spot: Spot


@dataclass(frozen=True)
class LevelRule:
    """A service level that is checked against the wave: how old, how full or how widely answered a table may be.

    `limit` is in days for an age, else in percent. `unit` is the word that the contract has for it.
    """

    id: str
    severity: Severity
    description: str
    spot: Spot
    kind: Literal["age", "filled", "answered"]
    limit: float
    columns: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class CrossRule:
    """A check of a table against another one, or against the last wave: its name and what the contract gives it."""

    id: str
    severity: Severity
    description: str
    spot: Spot
    check: str
    by: tuple[str, ...] = ()
    tolerance: float = 0.0


@dataclass(frozen=True)
class Suite:
    """A compiled contract. `optional` holds the columns that a table may lack; `ask` says whom to ask about it."""

    contract: str
    version: str
    table: str
    max_bad_share: float
    rules: tuple[Rule, ...]
    levels: tuple[LevelRule, ...] = ()
    cross: tuple[CrossRule, ...] = ()
    for_a_person: tuple[TextRule, ...] = ()
    optional: frozenset[str] = field(default_factory=frozenset)
    ask: str = ""
