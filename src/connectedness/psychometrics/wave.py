"""All that is known of a wave's scales beyond their scores: facts, direction, fairness, careless answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from connectedness.declare.instrument import Instrument
from connectedness.psychometrics.careless import careless
from connectedness.psychometrics.careless_sensitivity import sensitivity
from connectedness.psychometrics.dif import dif
from connectedness.psychometrics.direction import check_direction
from connectedness.psychometrics.direction_finding import Finding
from connectedness.psychometrics.facts import COLUMNS, scale_facts


@dataclass(frozen=True)
class Examined:
    """What was found about a wave's scales. Nothing of it is protected yet.

    Attributes
    ----------
    scales : DataFrame
        Facts of scales and items, as `scale_facts` gives them.
    direction : tuple of Finding
        Every check of every scale, those that could not be made too.
    dif : DataFrame
        As `dif` gives it, with the `breakdown` whose groups are compared.
    flags : DataFrame
        `wave`, `respondent`, and for each sign of careless answering whether it was seen.
    careless : DataFrame
        As `sensitivity` gives it, for each `audience`.
    """

    scales: pd.DataFrame
    direction: tuple[Finding, ...]
    dif: pd.DataFrame
    flags: pd.DataFrame
    careless: pd.DataFrame

    @property
    def stops(self) -> list[str]:
        """Sentences of the checks that stop the wave."""
        return [one.sentence for one in self.direction if one.verdict == "stop"]

    @property
    def cautions(self) -> list[str]:
        """Sentences that the analyst should read though the wave goes on."""
        return [one.sentence for one in self.direction if one.verdict in ("caution", "overridden")]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Each part as a table, by its name in the store."""
        found = pd.DataFrame([asdict(one) for one in self.direction], columns=list(Finding.__dataclass_fields__))
        texts = dict.fromkeys(("check", "scale", "item", "verdict", "cause", "sentence", "other"), "str")
        numbers = dict.fromkeys(("statistic", "low", "high"), "float64") | {"n": "Int64"}
        return {
            "scales": self.scales,
            "direction": found.astype(texts | numbers),
            "dif": self.dif,
            "flags": self.flags,
            "careless": self.careless,
        }


def read_examined(tables: Mapping[str, pd.DataFrame]) -> Examined:
    """What `Examined.tables` gave, as it was."""
    rows = tables["direction"].astype(object).where(tables["direction"].notna(), None).to_dict("records")
    direction = tuple(Finding(**{str(name): value for name, value in row.items()}) for row in rows)
    return Examined(tables["scales"], direction, tables["dif"], tables["flags"], tables["careless"])


def examine_wave(
    responses: pd.DataFrame,
    scores: pd.DataFrame,
    instruments: Sequence[Instrument],
    *,
    units: Mapping[str, pd.Series],
    breakdowns: Mapping[str, pd.Series],
    minimum: Mapping[str, int],
    labels: Mapping[str, Mapping[int, str]] | None = None,
    previous: pd.DataFrame | None = None,
    statements: Iterable[Any] = (),
) -> Examined:
    """Examine every scale of a wave.

    Parameters
    ----------
    responses, scores : DataFrame
        The wave's tables, row by row alike.
    instruments : sequence of Instrument
        Those that the wave pins; one without scales is passed over.
    units : mapping
        Kind of unit below the widest (`school`, `class`) to the unit of each respondent.
    breakdowns : mapping
        Breakdown to the group of each respondent.
    minimum : mapping
        Audience to its minimum number of students.
    labels : {item id: {code: label}}, optional
        What the export itself says that codes mean.
    previous : DataFrame, optional
        Scores of the compared wave.
    statements : iterable
        Recorded decisions that a stop is no mistake.

    Returns
    -------
    Examined
    """
    with_scales = [one for one in instruments if one.scales]
    facts = [scale_facts(responses, one, units) for one in with_scales]
    compared = [_dif(responses, one, name, groups) for one in with_scales for name, groups in breakdowns.items()]
    flags = _flags(responses, with_scales)
    told = [sensitivity(scores, flags["any_flag"], least).assign(audience=name) for name, least in minimum.items()]
    found = check_direction(
        responses, scores, with_scales, labels=labels, previous=previous, statements=statements
    ) if with_scales else []  # fmt: skip
    return Examined(
        _stacked(facts, COLUMNS),
        tuple(found),
        _stacked(compared, ["breakdown"]),
        responses[["wave", "respondent"]].reset_index(drop=True).join(flags),
        _stacked(told, ["audience"]),
    )


def _dif(responses: pd.DataFrame, instrument: Instrument, breakdown: str, groups: pd.Series) -> pd.DataFrame:
    table = dif(responses, instrument, groups.astype("str").reset_index(drop=True))
    table.insert(0, "breakdown", breakdown)
    for column in ("reference", "group", "focal"):
        if column in table:
            table[column] = table[column].astype("str")
    return table


def _flags(responses: pd.DataFrame, instruments: Sequence[Instrument]) -> pd.DataFrame:
    """A sign is seen when it is seen in any of the wave's instruments; time is of the whole wave."""
    flags = pd.DataFrame({"any_flag": pd.array([False] * len(responses), dtype="boolean")})
    items = sum(len(one.active_items()) for one in instruments)
    duration = "duration_s" if "duration_s" in responses and responses["duration_s"].notna().any() else None
    for instrument in instruments:
        seen = careless(
            responses, instrument, duration, items_in_duration=items if duration and len(instruments) > 1 else None
        ).reset_index(drop=True)
        for column in [name for name in seen.columns if name.endswith("_flag")]:
            flags[column] = flags[column] | seen[column] if column in flags else seen[column]
    return flags[[*(name for name in flags.columns if name != "any_flag"), "any_flag"]]


def _stacked(tables: list[pd.DataFrame], columns: Sequence[str] = ()) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(columns))
