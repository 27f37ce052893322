"""Service levels: `slaProperties` of a contract as rules, and those rules against a wave and the clock."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import UTC, timedelta

import pandas as pd

from connectedness.declare.agreement import ServiceLevel
from connectedness.declare.contract import Contract
from connectedness.tables import UNKNOWN
from connectedness.validation.expectations import is_number
from connectedness.validation.result import Finding, Result, found, held
from connectedness.validation.rules import LevelRule, Suite, TextRule, severity_of
from connectedness.validation.wavefacts import WaveFacts, students

_CHECKED = ("freshness", "latency", "completeness", "responseRate")
_DAYS = {
    **dict.fromkeys(("d", "day", "days"), 1.0),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 1 / 24),
    **dict.fromkeys(("w", "wk", "week", "weeks"), 7.0),
}
_PERCENT = ("%", "percent")
SNAPSHOT = "snapshot"


def level_rules(contract: Contract) -> tuple[list[LevelRule], list[TextRule]]:
    """Service levels that are checked, and those that are for a person.

    Freshness and latency, completeness and response rate are checked, of responses and rosters. What else the
    standard knows (frequency, retention, availability, ...) is an agreement between people.

    Raises
    ------
    DeclarationError
        For a value, a unit, an element or a severity that cannot be checked, or a name that is nearly one of ours.
    """
    rules: list[LevelRule] = []
    texts: list[TextRule] = []
    for number, one in enumerate(contract.service_levels, 1):
        name = _name(one)
        if name is None or contract.table in ("scores", "estimates"):
            texts.append(TextRule(one.id or f"service_level_{number}", str(one), one.spot))
        else:
            taken = {rule.id for rule in rules}
            rules.append(_rule(contract, one, name, one.id or (f"{name}_{number}" if name in taken else name)))
    return rules, texts


def _name(one: ServiceLevel) -> str | None:
    """The name by which we check it; None where it is for a person."""
    plain = {name.lower(): name for name in _CHECKED}
    said = one.property.lower()
    if said in plain:
        return plain[said]
    if near := difflib.get_close_matches(said, plain, n=1, cutoff=0.8):
        raise one.spot.error(
            "this service level is not known, but nearly is.", found=one.property, allowed=plain[near[0]]
        )
    return None


def _rule(contract: Contract, one: ServiceLevel, name: str, rule_id: str) -> LevelRule:
    severity = severity_of(one.severity or "warning", one.spot)
    if not is_number(one.value) or one.value < 0:
        raise one.spot.error("this service level needs a number that is not below 0.", found=repr(one.value))
    if one.more is not None:
        raise one.spot.error("a service level that is checked has one value.", found=f"valueExt: {one.more}")
    words = one.description or f"{contract.table}: {one}"
    if name in ("freshness", "latency"):
        unit, columns = (one.unit or "").lower(), _aged(contract, one)
        if unit not in _DAYS:
            raise one.spot.error("this unit of time is not known.", found=one.unit, allowed=", ".join(_DAYS))
        return LevelRule(rule_id, severity, words, one.spot, "age", one.value * _DAYS[unit], columns, unit)
    if one.unit not in _PERCENT or one.value > 100:
        raise one.spot.error(
            "this service level is a percentage.", found=f"{one.value} {one.unit or ''}".strip(), allowed="0 to 100 %"
        )
    if name == "responseRate":
        if contract.table != "responses" or one.elements not in ((), ("school",)):
            raise one.spot.error(
                "a response rate is of the responses: of all of them, or with the element school of each school.",
                found=", ".join(one.elements) or contract.table,
            )
        return LevelRule(rule_id, severity, words, one.spot, "answered", one.value, one.elements)
    return LevelRule(rule_id, severity, words, one.spot, "filled", one.value, _filled(contract, one))


def _aged(contract: Contract, one: ServiceLevel) -> tuple[str, ...]:
    """Column whose newest time is looked at; for a roster, unless it says otherwise, the day of the snapshot."""
    if contract.table == "roster" and one.elements in ((), (SNAPSHOT,)):
        return (SNAPSHOT,)
    times = [each.name for each in contract.properties if each.logical_type == "timestamp"]
    wanted = one.elements or (("submitted_at",) if "submitted_at" in times else ())
    if len(wanted) != 1 or wanted[0] not in times:
        raise one.spot.error(
            "an age is that of one column that holds times.",
            found=", ".join(one.elements) or "no element",
            allowed=", ".join(times) or "none",
            todo="Name the column under element.",
        )
    return wanted


def _filled(contract: Contract, one: ServiceLevel) -> tuple[str, ...]:
    known = [each.name for each in contract.properties]
    strange = [name for name in one.elements if name not in known]
    if strange or not one.elements:
        raise one.spot.error(
            "completeness is of columns of the contract.",
            found=", ".join(strange) or "no element",
            allowed=", ".join(known),
            todo="Name the columns under element, with commas between them.",
        )
    return one.elements


def check_levels(suite: Suite, table: pd.DataFrame, facts: WaveFacts) -> tuple[list[Result], list[TextRule]]:
    """Check a table's service levels.

    Parameters
    ----------
    suite
        The table's compiled contract.
    table
        The rows that hold.
    facts
        The wave around it, and the clock.

    Returns
    -------
    results : list of Result
        One for each level.
    texts : list of TextRule
        Levels that nothing in the wave can answer, so that a person must.
    """
    results, texts = [], []
    for rule in suite.levels:
        unknown = _unknown(rule, table, facts)
        if unknown:
            texts.append(TextRule(rule.id, f"{rule.description} ({unknown})", rule.spot))
            results.append(held(suite, rule, unknown))
        elif aside := _aside(rule, table, facts):
            results.append(held(suite, rule, aside))
        else:
            results.append(
                found(suite, rule, _told_once(suite, rule, list(_FINDINGS[rule.kind](rule, table, facts)), facts))
            )
    return results, texts


def _told_once(suite: Suite, rule: LevelRule, findings: list[Finding], facts: WaveFacts) -> list[Finding]:
    """Findings without schools that have no answer at all, where another check tells of just these."""
    if rule.kind != "answered" or not any(one.check == "roster_schools_answered" for one in suite.cross):
        return findings
    came = set(facts.responses["school"])
    return [one for one in findings if one.school is None or one.school in came]


def _unknown(rule: LevelRule, table: pd.DataFrame, facts: WaveFacts) -> str:
    """Why nobody but a person can say; empty where the rule can be checked."""
    if rule.kind != "age" or facts.closed:
        return ""
    if rule.columns == (SNAPSHOT,):
        return "" if facts.snapshot else "survey.yaml does not say of which day the roster is"
    column = rule.columns[0]
    return "" if column in table and table[column].notna().any() else f"no row has a {column}"


def _aside(rule: LevelRule, table: pd.DataFrame, facts: WaveFacts) -> str:
    """Why a rule has nothing to check now; empty where it has."""
    if rule.kind == "age":
        if facts.closed:
            return "the wave is closed"
        return "the survey has not opened" if facts.now < facts.opens and rule.columns != (SNAPSHOT,) else ""
    if rule.kind == "answered":
        if facts.roster is None:
            return "there is no roster"
        return "" if facts.closed or facts.now > facts.closes else f"the survey is open until {facts.window[1]}"
    missing = [name for name in rule.columns if name not in table]
    if missing:
        return f"the table has no {', '.join(missing)}"
    return "" if len(table) else "there is no row"


def _age(rule: LevelRule, table: pd.DataFrame, facts: WaveFacts) -> Iterator[Finding]:
    if rule.columns == (SNAPSHOT,):
        yield from _snapshot_age(rule, facts)
        return
    column = rule.columns[0]
    newest = table[column].max().to_pydatetime()
    newest = newest if newest.tzinfo else newest.replace(tzinfo=UTC)
    ended = facts.now > facts.closes
    age = max(min(facts.now, facts.closes) - newest, timedelta(0))
    if age <= timedelta(days=rule.limit):
        return
    what = "answer" if column == "submitted_at" else column
    if ended:
        yield Finding(
            f"The newest {what} is of {facts.local_day(newest)}, {_time(age, rule)} before the survey closed; the "
            f"contract allows {_allowed(rule)}. Export again, or set closed: true if nothing more is to come."
        )
        return
    old = f"The newest {what} in the export is {_time(age, rule)} old"
    yield Finding(f"{old}; the contract allows {_allowed(rule)}. Export again.")


def _snapshot_age(rule: LevelRule, facts: WaveFacts) -> Iterator[Finding]:
    first, last = facts.window
    day = facts.snapshot or first
    away = max(first - day, day - last, timedelta(0))
    if away > timedelta(days=rule.limit):
        side = f"before the survey opened ({first})" if day < first else f"after it closed ({last})"
        yield Finding(
            f"The roster is of {day}, {_time(away, rule)} {side}; the contract allows {_allowed(rule)}. Export the "
            "roster anew, and write its day under snapshot in survey.yaml."
        )


def _time(age: timedelta, rule: LevelRule) -> str:
    """An age in whole days, or in hours where it is short or the contract counts in them."""
    hours = int(age.total_seconds() // 3600)
    in_hours = hours < 48 or _DAYS[rule.unit] < 1
    return _counted(hours, "hour") if in_hours else _counted(age.days, "day")


def _allowed(rule: LevelRule) -> str:
    factor = _DAYS[rule.unit]
    word = "hour" if factor < 1 else "day" if factor == 1 else "week"
    return _counted(round(rule.limit / factor, 2), word)


def _counted(n: float, word: str) -> str:
    return f"{n:{',' if isinstance(n, int) else 'g'}} {word}{'' if n == 1 else 's'}"


def _emptiness(rule: LevelRule, table: pd.DataFrame, facts: WaveFacts) -> Iterator[Finding]:
    for name in rule.columns:
        empty = table[name].isna() | table[name].isin(["", UNKNOWN])
        filled = len(table) - int(empty.sum())
        if 100 * filled >= rule.limit * len(table):
            continue
        share = f"{_floor(filled, len(table))} % of the {_counted(len(table), 'row')}"
        text = f"{name} is filled in {share}; the contract asks for {rule.limit:g} %."
        if "school" in table and name != "school":
            most = table.loc[empty, "school"].value_counts()
            if 2 * int(most.iloc[0]) > int(empty.sum()):
                text += f" Most rows without it, {int(most.iloc[0]):,}, are of {facts.label(str(most.index[0]))}."
        yield Finding(f"{text} Fill it in where the file comes from, or see that the column map names the column.")


def _answered(rule: LevelRule, table: pd.DataFrame, facts: WaveFacts) -> Iterator[Finding]:
    if facts.roster is None:
        return
    if not rule.columns:
        yield from _rate(rule, len(table), len(facts.roster), None, facts)
        return
    came = table["school"].value_counts()
    for school, eligible in facts.roster["school"].value_counts().sort_index().items():
        yield from _rate(rule, int(came.get(school, 0)), int(eligible), str(school), facts)


def _rate(rule: LevelRule, came: int, eligible: int, school: str | None, facts: WaveFacts) -> Iterator[Finding]:
    if 100 * came < rule.limit * eligible:
        who = "The wave" if school is None else facts.label(school)
        verb = "has" if came == 1 else "have"
        share = f"{came:,} of {students(eligible, 'eligible')} {verb} answered ({_floor(came, eligible)} %)"
        yield Finding(f"{who}: {share}; the contract asks for {rule.limit:g} %. Ask why before you publish.", school)


def _floor(part: int, whole: int) -> str:
    """A percentage rounded down, so that 94.96 never reads as the 95 that it misses."""
    return f"{1000 * part // whole / 10:g}"


_FINDINGS = {"age": _age, "filled": _emptiness, "answered": _answered}
