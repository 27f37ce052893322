"""What may leave of what was found about scales: verdicts in words for programs, never a count of students.

A verdict rests on the whole wave, or, between groups, on at least 200 students in each: of item functioning, and of
measurement invariance where somebody has run its script on these very answers. Beside verdicts one number
leaves: the difference that careless answers make to the district, in whole tenths, and only where both those flagged
and those not are at least the minimum.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from connectedness.errors import DisclosureError

Note = dict[str, Any]
NOT_JUDGED = "not_judged"

# From the verdict that a reader must know first. What was checked and found well outweighs what could not be checked,
# which is named beside it.
_GRAVITY = ("overridden", "caution", "ok", "not_checked")


def headline_notes(headlines: pd.DataFrame | None, shown: Collection[tuple[str, str]]) -> list[Note]:
    """Whether each scale holds together well enough for a headline; not judged where the figure is not shown."""
    if headlines is None:
        return []
    return [
        {"kind": "headline", "scale": scale, "verdict": verdict if (scale, basis) in shown else NOT_JUDGED}
        | {"basis": basis}
        for scale, verdict, basis in zip(headlines["scale"], headlines["verdict"], headlines["basis"], strict=True)
    ]


@dataclass(frozen=True)
class _Judged:
    verdict: str
    cause: str
    item: str
    against: str


def direction_notes(
    findings: Iterable[Any], statements: Sequence[Any], least: int, quiet: Callable[[str], bool]
) -> list[Note]:
    """One verdict for each scale and check of direction: the gravest of its findings, with their causes and items."""
    found: dict[tuple[str, str], list[_Judged]] = {}
    for one in findings:
        if one.verdict == "stop":
            raise DisclosureError(
                "a scale seems to run the wrong way, and a wave that was stopped is not released.",
                found=f"{one.check}: {one.item or one.scale}",
                todo="Mend the codes, or record a statement in survey.yaml that they are right.",
            )
        if not quiet(one.scale):
            found.setdefault((one.scale, one.check), []).append(_judged(one, least))
    return [_direction(scale, check, judged, statements) for (scale, check), judged in found.items()]


def _judged(one: Any, least: int) -> _Judged:
    """A finding that rests on too few students is not told. Of labels, `n` counts words and not students."""
    few = one.check != "labels" and one.n is not None and one.n < least and one.verdict != "not_checked"
    verdict, cause = ("not_checked", "too_few") if few else (str(one.verdict), str(one.cause))
    return _Judged(verdict, cause, one.item or "", one.other or "")


def _direction(scale: str, check: str, judged: list[_Judged], statements: Sequence[Any]) -> Note:
    verdict = min((one.verdict for one in judged), key=_GRAVITY.index)
    gravest = [one for one in judged if one.verdict == verdict]
    note: Note = {
        "kind": "direction",
        "scale": scale,
        "check": check,
        "verdict": verdict,
        "cause": sorted({one.cause for one in gravest} - {""}),
        "items": sorted({one.item for one in gravest} - {""}) if verdict != "ok" else [],
        "against": sorted({one.against for one in gravest} - {""}),
        "unchecked": sorted({one.item or one.against for one in judged if one.verdict == "not_checked"} - {""}),
    }
    if verdict == "overridden":  # who decided stays in survey.yaml: pages name no member of staff
        named = {scale, *note["items"]}
        note["statements"] = [
            {"what": one.what, "reason": one.reason, "date": one.date.isoformat()}
            for one in statements
            if one.check == check and one.what in named
        ]
    return note


def careless_notes(table: pd.DataFrame | None, minimum: int, least: int, quiet: Callable[[str], bool]) -> list[Note]:
    """What the district's mean would be without careless answers: a difference in tenths, or that it is not told."""
    if table is None:
        return []
    notes: list[Note] = []
    for row in table.to_dict("records"):
        told = not quiet(row["scale"]) and _at_least(row["n"], least)
        told = told and _at_least(row["n_flagged"], minimum) and _at_least(row["n_unflagged"], minimum)
        difference = round(float(row["difference"]), 1) + 0.0 if told else None
        verdict = "told" if told else "not_told"
        notes.append({"kind": "careless", "scale": str(row["scale"]), "verdict": verdict, "difference": difference})
    return notes


def _at_least(count: Any, minimum: int) -> bool:
    return not pd.isna(count) and int(count) >= minimum


def dif_notes(fairness: Mapping[str, pd.DataFrame], quiet: Callable[[str], bool]) -> list[Note]:
    """For each breakdown and scale: may its groups be compared? One caution outweighs what could not be checked."""
    return [
        _fair(breakdown, str(scale), rows)
        for breakdown, table in fairness.items()
        for scale, rows in table.groupby("scale", sort=False)
        if not quiet(str(scale))
    ]


def _fair(breakdown: str, scale: str, rows: pd.DataFrame) -> Note:
    items = sorted(set(rows.loc[rows["size"].isin(["moderate", "large"]), "item"]))
    reasons = sorted({str(one) for one in rows["reason"].dropna()})
    verdict = "caution" if items else "not_checked" if reasons else "none"
    note: Note = {"kind": "dif", "scale": scale, "breakdown": breakdown, "verdict": verdict}
    if verdict == "caution":
        return note | {"items": items, "of_items": int(rows["item"].nunique())}
    return note | {"cause": reasons}


_UNTESTED = {"stale": "stale", "impossible": None}
_MODELS = ("configural", "threshold", "metric", "scalar")


def invariance_notes(table: pd.DataFrame | None, quiet: Callable[[str], bool]) -> list[Note]:
    """For each breakdown and scale: what a test of measurement invariance found, or that nobody has made one.

    The first model that does not hold is named. Why one could not be fitted is not told: an item that all but a few
    of a group answered alike is a reason. Of groups too small for a test nothing is said.
    """
    if table is None:
        return []
    notes = []
    for (breakdown, scale), rows in table.groupby(["breakdown", "scale"], sort=False):
        note: Note = {"kind": "invariance", "scale": str(scale), "breakdown": str(breakdown)}
        told = _tested(rows) if (rows["state"] == "tested").any() else _untested(str(rows["state"].iloc[0]))
        if told and not quiet(str(scale)):
            notes.append(note | told)
    return notes


def _tested(rows: pd.DataFrame) -> Note:
    pairs = zip(rows["model"], rows["holds"], strict=True)
    holds = {str(model): None if pd.isna(held) else bool(held) for model, held in pairs}
    failing = [one for one in _MODELS if holds.get(one) is False]
    if failing:
        return {"verdict": "caution", "model": failing[0]}
    return {"verdict": "none" if all(holds.get(one) for one in _MODELS) else "not_checked"}


def _untested(state: str) -> Note:
    verdict = _UNTESTED.get(state, "not_tested")
    return {"verdict": verdict} if verdict else {}
