"""How a table did against one rule, and the sentences that tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectedness.validation.rules import CrossRule, Level, LevelRule, Severity, Suite


@dataclass(frozen=True)
class Finding:
    """One sentence of the report, with the next step; `school` where it is about one school."""

    sentence: str
    school: str | None = None


@dataclass(frozen=True)
class Result:
    """How a table did against one rule.

    `n_bad` counts bad rows; it is null for a rule that could not be checked, because its column is missing or of
    another type (a rule of its own says so). `found` says in words what was counted; it never holds a value.
    `findings` are sentences for the report, school by school where they are of schools.
    """

    contract: str
    version: str
    id: str
    level: Level
    severity: Severity
    description: str
    success: bool
    n_bad: int | None
    found: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def stopping(self) -> bool:
        """Whether it stops the whole table."""
        return not self.success and self.level == "dataset" and self.severity == "critical" and self.n_bad is not None

    def as_dict(self) -> dict[str, Any]:
        """The result as `report.json` holds it."""
        names = ("contract", "version", "id", "level", "severity", "description", "success", "n_bad", "found")
        return {name: getattr(self, name) for name in names}


def held(suite: Suite, rule: LevelRule | CrossRule, aside: str = "") -> Result:
    """The result of a rule about the wave that holds; `aside` says why it was not checked, if it was not."""
    words = f"{rule.description} ({aside})" if aside else rule.description
    return Result(suite.contract, suite.version, rule.id, "dataset", rule.severity, words, True, 0)


def found(suite: Suite, rule: LevelRule | CrossRule, findings: Sequence[Finding]) -> Result:
    """The result of a rule about the wave: it holds where there is no finding."""
    made = held(suite, rule)
    if not findings:
        return made
    more = f" And {len(findings) - 1} more." if len(findings) > 1 else ""
    return replace(made, success=False, found=findings[0].sentence + more, findings=tuple(findings))
