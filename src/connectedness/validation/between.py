"""Checks of one table against another, or against the last wave: a contract names them, and none other is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from connectedness.declare.contract import Quality
from connectedness.declare.odcs import Spot
from connectedness.tables import UNKNOWN
from connectedness.validation.expectations import is_number
from connectedness.validation.result import Finding, Result, found, held
from connectedness.validation.rules import CrossRule, Severity, Suite
from connectedness.validation.wavefacts import WaveFacts, students

ENGINE = "connectedness"
_LEAST = 10  # a school of five that becomes one of seven is no news


def cross_rule(table: str, quality: Quality, severity: Severity) -> CrossRule:
    """Compile a quality rule of the engine `connectedness`.

    Raises
    ------
    DeclarationError
        For a check that is not known of this table, and an argument that it does not take.
    """
    block, spot = quality.data["implementation"], quality.spot
    known = sorted(name for name, one in _CHECKS.items() if one.table == table)
    if not isinstance(block, dict) or block.get("check") not in known:
        raise spot.error(
            "this check is not known here.",
            found=block.get("check") if isinstance(block, dict) else "text",
            allowed=", ".join(known) or f"none of {table}; checks stand with responses and roster",
            todo="Write implementation: {check: NAME}.",
        )
    check = _CHECKS[block["check"]]
    given = {key: value for key, value in block.items() if key != "check"}
    unknown = sorted(set(given) - set(check.takes))
    if unknown:
        raise spot.error(
            "this check does not take that.", found=", ".join(unknown), allowed=", ".join(check.takes) or "nothing"
        )
    return CrossRule(
        id=quality.data.get("id") or block["check"],
        severity=severity,
        description=quality.data.get("description") or check.words,
        spot=spot,
        check=block["check"],
        by=_by(given, check, spot),
        tolerance=_tolerance(given, check, spot),
    )


def _by(given: dict[str, Any], check: _Check, spot: Spot) -> tuple[str, ...]:
    listed = given.get("by", list(check.by[0]) if check.by else [])
    by = tuple(listed) if isinstance(listed, list) else (listed,)
    if check.by and by not in check.by:
        allowed = "; ".join(f"[{', '.join(one)}]" for one in check.by)
        raise spot.error("this check does not count by that.", found=listed, allowed=allowed)
    return by


def _tolerance(given: dict[str, Any], check: _Check, spot: Spot) -> float:
    share = given.get("tolerance", check.tolerance)
    if not is_number(share) or share < 0:
        raise spot.error("the tolerance is a percentage.", found=repr(share), allowed="20, for 20 %")
    return float(share)


def check_between(suite: Suite, facts: WaveFacts) -> list[Result]:
    """Run a table's checks against the other table and the last wave; one result each."""
    results = []
    for rule in suite.cross:
        check = _CHECKS[rule.check]
        aside = "there is no roster" if facts.roster is None else check.aside(facts)
        results.append(held(suite, rule, aside) if aside else found(suite, rule, list(check.run(rule, facts))))
    return results


def _schools_on_roster(rule: CrossRule, facts: WaveFacts) -> Iterator[Finding]:
    listed = set(_of_roster(facts)["school"])
    for school, n in facts.responses["school"].value_counts().sort_index().items():
        if school not in listed:
            yield Finding(
                f"{facts.label(str(school))} has {n:,} answer{'' if n == 1 else 's'} and no student on the roster. Add "
                "its students to the roster, or correct the school in the export.",
                str(school),
            )


def _roster_schools_answered(rule: CrossRule, facts: WaveFacts) -> Iterator[Finding]:
    came = set(facts.responses["school"])
    so_far = "" if facts.closed or facts.now > facts.closes else " so far"
    for school, n in _of_roster(facts)["school"].value_counts().sort_index().items():
        if school not in came:
            yield Finding(
                f"{facts.label(str(school))}: none of its {students(int(n), 'eligible')} has answered{so_far}. Ask "
                "whether the school took part, and whether its export is missing.",
                str(school),
            )


def _no_more_answers(rule: CrossRule, facts: WaveFacts) -> Iterator[Finding]:
    by = [name for name in rule.by if name in facts.responses and name in _of_roster(facts)]
    if by != list(rule.by):
        return
    came, listed = _counts(facts.responses, by), _counts(_of_roster(facts), by)
    if by == ["school"]:
        # Answers of students who are not on the roster were set aside, but the school did send them.
        for school, n in facts.strangers.items():
            came[(school,)] = came.get((school,), 0) + n
    known = {key[0] for key in listed}
    for key in sorted(came):
        n, eligible = came[key], listed.get(key, 0)
        if key[0] in known and n > eligible * (1 + rule.tolerance / 100):
            grade = f", grade {key[1]}" if len(by) > 1 else ""
            yield Finding(
                f"{facts.label(key[0])}{grade}: {n:,} answers came, of {students(eligible, 'eligible')}. See whether "
                "the roster is whole, or whether students answered more than once or named another school.",
                key[0],
            )


def _counts(table: pd.DataFrame, by: list[str]) -> dict[tuple[str, ...], int]:
    """Rows of each combination of these columns, where all of them are known."""
    sizes = table.groupby(by, sort=False).size()
    keys = [tuple(map(str, key)) if isinstance(key, tuple) else (str(key),) for key in sizes.index]
    return {key: int(n) for key, n in zip(keys, sizes, strict=True) if not {"", UNKNOWN} & set(key)}


def _roster_like_last_wave(rule: CrossRule, facts: WaveFacts) -> Iterator[Finding]:
    now, before = _of_roster(facts)["school"].value_counts(), (facts.previous or {})["roster"]["schools"]
    last = (facts.previous or {})["wave"]
    if not rule.by:
        yield from _size(rule, "The roster", int(now.sum()), sum(before.values()), last)
        return
    for school in sorted({*map(str, now.index), *before}):
        n, old = int(now.get(school, 0)), int(before.get(school, 0))
        if abs(n - old) >= _LEAST:
            yield from _size(rule, facts.label(school), n, old, last, school)


def _size(rule: CrossRule, who: str, n: int, old: int, last: str, school: str | None = None) -> Iterator[Finding]:
    if abs(n - old) <= old * rule.tolerance / 100:
        return
    on = "" if school is None else " on the roster"
    text = f"{who} has {students(n)}{on}"
    if old:
        way = "fewer" if n < old else "more"
        text += f", {100 * abs(n - old) / old:.0f} % {way} than the {old:,} of {last}"
    else:
        text += f", and had none in {last}"
    yield Finding(f"{text}. See that the roster is whole, and of this wave.", school)


def _of_roster(facts: WaveFacts) -> pd.DataFrame:
    return pd.DataFrame(columns=["school"]) if facts.roster is None else facts.roster


def _never(facts: WaveFacts) -> str:
    return ""


def _no_last_roster(facts: WaveFacts) -> str:
    return "" if facts.previous and facts.previous.get("roster") else "no earlier wave has a roster"


@dataclass(frozen=True)
class _Check:
    """A check: the table that it stands with, what it takes, and when it has nothing to compare."""

    table: str
    words: str
    run: Callable[[CrossRule, WaveFacts], Iterator[Finding]]
    takes: tuple[str, ...] = ()
    by: tuple[tuple[str, ...], ...] = ()
    tolerance: float = 0.0
    aside: Callable[[WaveFacts], str] = _never


_CHECKS = {
    "schools_on_roster": _Check(
        "responses", "every school that answered is on the roster", _schools_on_roster
    ),
    "roster_schools_answered": _Check(
        "responses", "every school on the roster has answers", _roster_schools_answered
    ),
    "no_more_answers_than_students": _Check(
        "responses",
        "no school has more answers than eligible students",
        _no_more_answers,
        takes=("by", "tolerance"),
        by=(("school",), ("school", "grade")),
    ),
    "roster_like_last_wave": _Check(
        "roster",
        "the roster is about as large as in the last wave",
        _roster_like_last_wave,
        takes=("by", "tolerance"),
        by=((), ("school",)),
        tolerance=20.0,
        aside=_no_last_roster,
    ),
}  # fmt: skip
