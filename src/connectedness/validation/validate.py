"""A table against its contract: the one module that speaks to Great Expectations.

The engine runs every rule that it can express and counts; the rows set aside come from our own masks, and must be as
many as the engine counted. No value of a cell is read from the engine's results, so none can reach a report.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import great_expectations as gx
import numpy as np
import pandas as pd

from connectedness.declare.contract import Contract
from connectedness.errors import ConnectednessError
from connectedness.tables import QUARANTINE_COLUMNS
from connectedness.validation.compile import compile_contract
from connectedness.validation.dtypes import has_type
from connectedness.validation.masks import bad_rows, fitted
from connectedness.validation.result import Result
from connectedness.validation.rules import Expectation, Rule, Suite

MAX_BAD_SHARE = "max_bad_share"
# Counts only: the engine is told to keep no example of what it finds.
_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
# The second sets its own level, and names a temporary folder to the analyst at every table.
for _chatty in ("great_expectations", "great_expectations.data_context.types.base"):
    logging.getLogger(_chatty).setLevel(logging.ERROR)


@dataclass(frozen=True)
class Validated:
    """The rows that hold, the lines of quarantine for those that do not, and every rule's result.

    `warned` has a line, in the shape of the quarantine, for each row and rule whose severity lets the row go on.
    """

    rows: pd.DataFrame
    quarantine: pd.DataFrame
    results: tuple[Result, ...]
    suite: Suite
    warned: pd.DataFrame

    @property
    def stopping(self) -> tuple[Result, ...]:
        """Results that stop the table."""
        return tuple(result for result in self.results if result.stopping)


@dataclass(frozen=True)
class _Count:
    """What the engine says of one expectation: whether it holds, and how many rows (or what number) it saw."""

    success: bool
    bad: int
    observed: Any


def validate(
    table: pd.DataFrame,
    contract: Contract,
    *,
    name: str,
    codes: Mapping[str, Iterable[int]] | None = None,
    allowed: Mapping[str, Iterable[str]] | None = None,
    bad_before: int = 0,
    file: str | None = None,
) -> Validated:
    """Check a table against its contract.

    Parameters
    ----------
    table
        n rows. Its columns `source` and `source_row`, where it has them, say where each row came from.
    contract
        As read from its file.
    name
        What the quarantine calls the table.
    codes
        Item columns and the codes allowed in each; see `compile_contract`.
    allowed
        Columns and the values allowed in them now; see `compile_contract`.
    bad_before
        Rows set aside before this table was made. They count in the share of bad rows.
    file
        Name of the file, for a table without a `source` column.

    Returns
    -------
    Validated
        Rows that break no critical row rule, in their order and unchanged; one line of quarantine for each bad row
        and rule; the result of every rule, and of `max_bad_share` at the end.

    Raises
    ------
    DeclarationError
        When the contract does not compile.
    ConnectednessError
        When the engine fails on a rule, or counts other rows than we do. No table passes then.
    """
    suite = compile_contract(contract, codes, allowed)
    if not table.columns.is_unique:
        raise ConnectednessError("two columns of this table have one name.", file=file or name)
    types = {
        rule.id: has_type(table[rule.columns[0]], rule.logical_type, rule.timezone) for rule in _typed(suite, table)
    }
    mistyped = {rule.columns[0] for rule in _typed(suite, table) if not types[rule.id]}
    usable = set(table.columns) - mistyped
    runnable = [rule for rule in suite.rules if rule.expectations and _can_run(rule, usable)]
    prepared = {rule.id: tuple(fitted(one, table) for one in rule.expectations) for rule in runnable}
    counts = _run(suite, table, prepared)
    masks = {
        rule.id: _mask(rule, prepared[rule.id], counts[rule.id], table) for rule in runnable if rule.level == "row"
    }
    results = [_result(suite, rule, table, types.get(rule.id), counts.get(rule.id)) for rule in suite.rules]
    lines, bad = _lines([one for one in suite.rules if one.severity == "critical"], masks, table, name, file)
    warned, _ = _lines([one for one in suite.rules if one.severity != "critical"], masks, table, name, file)
    results.append(bad_share(suite, name, int(bad.sum()) + bad_before, len(table) + bad_before))
    rows = table if not bad.any() else table.loc[~bad].reset_index(drop=True)
    return Validated(rows, lines, tuple(results), suite, warned)


def _typed(suite: Suite, table: pd.DataFrame) -> list[Any]:
    return [rule for rule in suite.rules if rule.logical_type is not None and rule.columns[0] in table.columns]


def _can_run(rule: Rule, usable: set[str]) -> bool:
    """Whether its columns are there with their types; whether a column exists can always be asked."""
    asks_only = all(one.type == "expect_column_to_exist" for one in rule.expectations)
    return asks_only or set(rule.columns) <= usable


def _run(
    suite: Suite, table: pd.DataFrame, prepared: Mapping[str, Sequence[Expectation]]
) -> dict[str, tuple[_Count, ...]]:
    """Run every expectation in one pass; counts of each rule, in the order of its expectations."""
    severities = {rule.id: rule.severity for rule in suite.rules}
    flat = [(rule, one) for rule, expectations in prepared.items() for one in expectations]
    if not flat:
        return {}
    # All in one list: adding them one at a time costs the square of their number.
    expectations = [
        {"type": one.type, "kwargs": dict(one.kwargs), "severity": severities[rule], "meta": {"position": position}}
        for position, (rule, one) in enumerate(flat)
    ]
    suite_of_engine = gx.ExpectationSuite(name=f"{suite.contract}.{suite.version}", expectations=expectations)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the engine's own, about what it calls in pandas
        found = _batch(table).validate(suite_of_engine, result_format=_RESULT_FORMAT)
    by_position = {one.expectation_config.meta["position"]: one for one in found.results}
    counts: dict[str, tuple[_Count, ...]] = dict.fromkeys(prepared, ())
    for position, (rule, _) in enumerate(flat):
        counts[rule] += (_count(by_position.get(position), rule),)
    return counts


def _batch(table: pd.DataFrame) -> Any:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    asset = context.data_sources.add_pandas("tables").add_dataframe_asset("table")
    return asset.add_batch_definition_whole_dataframe("whole").get_batch(batch_parameters={"dataframe": table})


def _count(found: Any, rule: str) -> _Count:
    """Read one result; what the engine raised is told by its kind alone, since its text can hold a cell."""
    if found is None:
        raise ConnectednessError("the rule engine lost a rule, so nothing was passed.", key=rule)
    flags = found.exception_info or {}
    details = [flags] if "raised_exception" in flags else list(flags.values())
    for detail in details:
        if isinstance(detail, dict) and detail.get("raised_exception"):
            last = str(detail.get("exception_traceback") or "").strip().splitlines()
            kind = last[-1].partition(":")[0].rpartition(".")[2] if last else "unknown"
            raise ConnectednessError(
                "the rule engine could not run a rule, so nothing was passed.",
                key=rule,
                found=kind if kind.isidentifier() else "an error",
                todo="Look at this rule in the contract: does it fit the type of its column?",
            )
    result = found.result or {}
    return _Count(bool(found.success), int(result.get("unexpected_count") or 0), result.get("observed_value"))


def _mask(rule: Rule, expectations: Sequence[Expectation], counts: Sequence[_Count], table: pd.DataFrame) -> np.ndarray:
    """Bad rows of a rule; they must be as many as the engine counted."""
    bad = np.zeros(len(table), dtype=bool)
    for expectation, count in zip(expectations, counts, strict=True):
        if count.success and count.bad == 0:
            continue
        mask = bad_rows(expectation, table)
        if int(mask.sum()) != count.bad:
            raise ConnectednessError(
                "the rule engine and the row check do not agree, so nothing was passed.",
                key=rule.id,
                found=f"{count.bad} rows and {int(mask.sum())} rows",
                todo="This is a fault of the program: please report it with the contract.",
            )
        bad |= mask
    return bad


def _result(
    suite: Suite, rule: Rule, table: pd.DataFrame, type_holds: bool | None, counts: tuple[_Count, ...] | None
) -> Result:
    made = Result(suite.contract, suite.version, rule.id, rule.level, rule.severity, rule.description, True, 0)
    if rule.logical_type is not None and type_holds is not None:
        return replace(made, success=type_holds, found="" if type_holds else "its values are of another type")
    if counts is None:
        if set(rule.columns) - set(table.columns) <= suite.optional and not set(rule.columns) <= set(table.columns):
            return replace(made, description=f"{rule.description} (the table does not have the column)")
        return replace(made, success=False, n_bad=None)
    bad = sum(count.bad for count in counts)
    if rule.limit is None:
        return replace(made, success=all(count.success for count in counts), n_bad=bad, found=_found(rule, bad, counts))
    count = bad if rule.columns else int(counts[0].observed)
    holds = rule.limit.holds(count, len(table))
    return replace(made, success=holds, n_bad=bad, found=f"{rows_in_words(count)}; the contract says {rule.limit}")


def _found(rule: Rule, bad: int, counts: Sequence[_Count]) -> str:
    if any(one.type == "expect_column_to_exist" for one in rule.expectations):
        return "" if counts[0].success else "the column is not there"
    return rows_in_words(bad) if bad else ""


def rows_in_words(n: int) -> str:
    """Say a number of rows: 1 row, 2,000 rows."""
    return f"{n:,} row{'' if n == 1 else 's'}"


def _lines(
    rules: Sequence[Rule], masks: Mapping[str, np.ndarray], table: pd.DataFrame, name: str, file: str | None
) -> tuple[pd.DataFrame, np.ndarray]:
    """A line for each row that a rule finds bad, rule by rule, and all such rows."""
    bad = np.zeros(len(table), dtype=bool)
    parts = []
    for rule in rules:
        mask = masks.get(rule.id)
        if mask is None or not mask.any():
            continue
        bad |= mask
        parts.append(lines_of(table, np.flatnonzero(mask), ", ".join(rule.columns), rule.id, name, file))
    if not parts:
        return empty_quarantine(), bad
    return pd.concat(parts, ignore_index=True), bad


def lines_of(
    table: pd.DataFrame, positions: np.ndarray, column: str, rule: str, name: str, file: str | None = None
) -> pd.DataFrame:
    """Lines of quarantine for the rows at these positions of a table."""
    rows = table.iloc[positions]
    lines = pd.DataFrame({"table": [name] * len(rows)}, dtype="str")
    # A row that cannot say where it came from is named by its place in the table.
    lines["file"] = rows["source"].fillna(file or name).to_numpy() if "source" in rows else file or name
    numbers = pd.Series(rows["source_row"].to_numpy() if "source_row" in rows else positions + 2)
    lines["row"] = numbers.where(numbers.notna(), positions + 2).astype("int64")
    lines["column"], lines["rule"] = column, rule
    lines["school"] = rows["school"].to_numpy() if "school" in rows else None
    return lines.astype(dict.fromkeys(("file", "column", "rule", "school"), "str"))[list(QUARANTINE_COLUMNS)]


def empty_quarantine() -> pd.DataFrame:
    """A quarantine without a line, with the types of one that has some."""
    return pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "str") for name in QUARANTINE_COLUMNS})


def bad_share(suite: Suite, name: str, bad: int, rows: int) -> Result:
    """Whether too many rows are bad. One bad row never stops a table that may have bad rows at all, unless it is all.

    Without that, one slip in a class of fifteen would stop the district's wave.
    """
    limit = suite.max_bad_share * rows
    stops = bad > (max(limit, 1) if suite.max_bad_share else 0) or (bad == rows and rows > 0)
    share = f"{100 * bad / rows:.1f}" if rows else "0.0"
    return Result(
        suite.contract,
        suite.version,
        MAX_BAD_SHARE,
        "dataset",
        "critical",
        f"{name}: at most {100 * suite.max_bad_share:g} % of rows are bad",
        not stops,
        bad,
        f"{bad:,} of {rows_in_words(rows)} {'is' if bad == 1 else 'are'} bad ({share} %)" if bad else "",
    )
