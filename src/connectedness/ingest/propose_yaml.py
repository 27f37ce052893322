"""A drafted column map as YAML: each line with the reason for it, and what is left for a person beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectedness.ingest.proposal import Proposal
from connectedness.ingest.yaml_text import comment, quoted, value

_SHOWN = 40


def proposal_yaml(proposal: Proposal) -> str:
    """Write a proposal as the YAML of a column map.

    Returns
    -------
    str
        Text that reads back as `proposal.map`, once `confirmed: false` is set to true.
    """
    made = proposal.map
    lines = [
        _comment(
            f"Column map, drafted. The file: {proposal.title} ({proposal.confidence}): {'; '.join(proposal.why)}."
        ),
        "# Look at every line, most of all at those marked GUESS, and at what is left for you below.",
        "# Nothing runs on this map until you write  confirmed: true  here, or delete the line.",
        "confirmed: false",
    ]
    for key in ("encoding", "delimiter", "dates"):
        if key in made:
            lines.append(f"{key}: {value(made[key])}{_why(proposal, key)}")
    lines += _block(proposal, "columns", made["columns"])
    lines += _block(proposal, "items", made["items"])
    lines += _left(proposal)
    return "\n".join(lines) + "\n"


def _block(proposal: Proposal, name: str, held: Mapping[str, Any]) -> list[str]:
    asides = [f"  # {comment(line)}" for line in proposal.asides.get(name, [])]
    if not held:
        return [f"{name}: {{}}", *asides] if asides or name == "items" else []
    lines = [f"{name}:"]
    for key, one in held.items():
        if (name, key) == ("columns", "others"):
            lines.append("  others:")
            lines += [f"    {unit}: {value(column)}{_why(proposal, f'others.{unit}')}" for unit, column in one.items()]
        else:
            lines.append(f"  {key}: {value(one)}{_why(proposal, f'{name}.{key}')}")
    return lines + asides


def _left(proposal: Proposal) -> list[str]:
    lines: list[str] = []
    for item in {**proposal.labels_unknown, **proposal.not_shown}:
        labels = proposal.labels_unknown.get(item, {})
        lines += [f"{item}: which code is {quoted(label)}?{_rows(rows)}" for label, rows in labels.items()]
        if rare := proposal.not_shown.get(item):
            lines.append(
                f"{item}: {rare} {'row holds' if rare == 1 else 'rows hold'} labels that are too rare to be shown."
            )
    how = (
        'Labels that no code has. Write each as in  ITEM: {column: "NAME", codes: {"the label": 3}}, or under missing:'
    )
    out = _section(how, lines)
    out += _section("Not sure:", proposal.unsure)
    missing = [
        f'{item}: "?"  # {proposal.wording.get(item, "")}'.removesuffix("  # ") for item in proposal.items_missing
    ]
    out += _section("Items that were not found. Write each that your file has under items, with its column:", missing)
    return out + _section("Columns that are not read unless you name them:", _joined(proposal.columns_unused))


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"# {title}", *(_comment(f"  {line}") for line in lines)] if lines else []


def _joined(names: list[str]) -> list[str]:
    shown = [name if len(name) <= 60 else name[:57] + "..." for name in names[:_SHOWN]]
    return shown + ([f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else [])


def _rows(rows: int | None) -> str:
    return "" if rows is None else f" ({rows:,} rows)"


def _why(proposal: Proposal, key: str) -> str:
    return f"  # {comment(proposal.reasons[key])}" if proposal.reasons.get(key) else ""


def _comment(text: str) -> str:
    return f"# {comment(text)}"
