"""What may leave of the facts about scales: figures of the whole wave, told coarsely, and verdicts.

The attacker holds every fact and estimate that one audience is shown of one wave, and knows how each is computed.
What is promised:

- Nothing of a single school, class or group leaves, but the reliability of a shown mean, which follows from two
  numbers that are shown (`mean_reliability`); and nothing that this module does not name. Agreement within one school
  never leaves.
- Behind every fact that leaves stand at least 30 students, and the audience's minimum.
- Nothing leaves about a scale of which the whole district's total is hidden in the estimates.
- A share that counts fewer students than the minimum, or all but so few, is hidden; a share of none or of all is not.
- Numbers of students are told as whole tens, downward, so that two of them do not tell how few lie between.
- Values are rounded to three decimals, to two where fewer than 500 students stand behind them, limits outward; so a
  sum of answers, or of products of two answers, follows from them no closer than to a few points.
- Figures over schools tell of sizes: the size that stands for unequal ones is a sum of squares, which with the
  district's total would give two hidden schools' numbers. It does not leave, and neither does the number of schools;
  what could be solved for it is told to two decimals, and not at all of fewer than ten schools when one is hidden. The
  median agreement of fewer than three never leaves, being one or two schools' own.

Not promised, and left to later work: releases of a wave that is still open, one after the other; and whether
somebody with all facts and all estimates could fit every student's answers to them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.disclosure.cells import BASE
from connectedness.disclosure.families import base_measure, family_of
from connectedness.disclosure.mean_reliability import reliability_notes
from connectedness.disclosure.notes import careless_notes, dif_notes, direction_notes, headline_notes, invariance_notes
from connectedness.disclosure.precision import round_down, round_to, round_up
from connectedness.disclosure.protected import _SEAL, FACT_COLUMNS, Protected, ProtectedFacts
from connectedness.errors import DisclosureError
from connectedness.tables import ALL, SUPPRESSED

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

FEWEST_STUDENTS = 30
FEWEST_UNITS = 10
_FEWEST_FOR_MEDIAN = 3
_MANY_STUDENTS = 500

COUNTS = frozenset({"n_answered", "n_scored", "n_complete"})
SHARES = frozenset({"missing_share", "not_asked_share", "floor_share", "ceiling_share"})
_WHOLE = frozenset({"n_items", "df"})
_FIT = frozenset({"chi_square", "cfi", "tli", "rmsea", "srmr"})
_CONSISTENCY = frozenset(
    {"alpha", "alpha_standardized", "alpha_pairwise", "lambda6", "mean_inter_item_r", "ordinal_alpha", "omega_total",
     "omega_hierarchical"}
)  # fmt: skip
OF_SCALE = COUNTS | SHARES | _WHOLE | _FIT | _CONSISTENCY
OF_ITEM = SHARES | {"mean", "sd", "item_rest_r", "alpha_if_deleted", "loading", "loading_standardized"}
MEMBERS = frozenset({"n_for_70", "n_for_80"})
OF_UNITS = MEMBERS | {"icc1", "icc2", "rwg_j_median"}


def protect_facts(
    facts: pd.DataFrame,
    protected: Protected,
    *,
    families: Mapping[str, str] | None = None,
    headlines: pd.DataFrame | None = None,
    findings: Iterable[Any] = (),
    statements: Iterable[Any] = (),
    careless: pd.DataFrame | None = None,
    fairness: Mapping[str, pd.DataFrame] | None = None,
    invariance: pd.DataFrame | None = None,
    means: Mapping[str, str] | None = None,
) -> ProtectedFacts:
    """Make one wave's facts about scales safe for one audience.

    Parameters
    ----------
    facts : DataFrame
        What `scale_facts` gives, of all instruments of the wave: scale, unit_type, unit, statistic, item, value, low,
        high, interval, n, reason.
    protected : Protected
        The same wave's estimates, made safe for the audience.
    families : mapping, optional
        Measure, item or scale id to family (`families.measure_families`). Without it any hidden total of the whole
        district hides all facts.
    headlines : DataFrame, optional
        What `headline_withheld` gives: scale, verdict, basis.
    findings : iterable, optional
        What `check_direction` gives.
    statements : iterable, optional
        The survey's recorded statements, for findings that they override.
    careless : DataFrame, optional
        What `sensitivity` gives: scale, n_flagged, n_unflagged, difference.
    fairness : mapping, optional
        Breakdown id to what `dif` gives for its groups.
    invariance : DataFrame, optional
        What `invariance_state` gives, with the `breakdown`.
    means : mapping, optional
        Scale to the measure that is its mean, for the reliability of each shown unit's mean.

    Returns
    -------
    ProtectedFacts
        Hidden facts have null numbers and the reason `suppressed`; a value that is null for another reason keeps it.

    Raises
    ------
    DisclosureError
        When `protected` is no Protected, the facts lack a column or hold a row twice, or a check of direction has
        stopped the wave.
    """
    if not isinstance(protected, Protected):
        raise DisclosureError(
            "facts are protected beside the estimates of their wave.",
            found=type(protected).__name__,
            allowed="Protected",
        )
    _must_have_columns(facts)
    estimates = protected.estimates
    least = max(protected.minimum, FEWEST_STUDENTS)
    kept = _may_leave(facts, estimates)
    quiet = _quiet(estimates, families)
    hidden = _hidden(kept, protected.minimum, least) | kept["scale"].map(quiet).to_numpy(bool)
    told = _told(kept.assign(wave=protected.wave), hidden)
    shown = {(one.scale, one.statistic) for one in told[told["value"].notna() & told["item"].isna()].itertuples()}
    decided = [one for one in statements if one.wave == protected.wave]
    notes = [
        *headline_notes(headlines, shown),
        *direction_notes(findings, decided, least, quiet),
        *careless_notes(careless, protected.minimum, least, quiet),
        *dif_notes(fairness or {}, quiet),
        *invariance_notes(invariance, quiet),
        *reliability_notes(told, protected.released(), means),
    ]
    return ProtectedFacts(protected.wave, protected.audience, protected.minimum, told, notes, _SEAL)


def _must_have_columns(facts: pd.DataFrame) -> None:
    wanted = [name for name in FACT_COLUMNS if name != "wave"] + ["unit"]
    missing = [name for name in wanted if name not in facts]
    if missing:
        raise DisclosureError("the facts of scales lack columns.", found=", ".join(missing), allowed=", ".join(wanted))
    if facts.duplicated(["scale", "unit_type", "unit", "statistic", "item"]).any():
        raise DisclosureError("the facts of scales hold a row twice.")


def _may_leave(facts: pd.DataFrame, estimates: pd.DataFrame) -> pd.DataFrame:
    """Rows of the kinds that may leave at all; whether each may be shown is another question."""
    frame = facts[facts["unit"].isna()].reset_index(drop=True)
    of_units, of_item = frame["unit_type"].notna(), frame["item"].notna()
    named = np.where(
        of_units,
        frame["statistic"].isin(OF_UNITS) & ~of_item,
        frame["statistic"].isin(OF_ITEM) & of_item | frame["statistic"].isin(OF_SCALE) & ~of_item,
    )
    counts = facts[facts["unit"].isna() & (facts["statistic"] == "n_groups")]
    groups = counts.set_index(["scale", "unit_type"])["value"].to_dict()
    open_kinds = _nothing_hidden(estimates)
    enough = [
        not isinstance(kind, str) or _enough_units(groups.get((scale, kind), 0), kind in open_kinds, statistic)
        for scale, kind, statistic in zip(frame["scale"], frame["unit_type"], frame["statistic"], strict=True)
    ]
    return frame[named.astype(bool) & np.array(enough, dtype=bool)].reset_index(drop=True)


def _enough_units(count: float, nothing_hidden: bool, statistic: str) -> bool:
    if statistic.startswith("rwg") and not count >= _FEWEST_FOR_MEDIAN:
        return False
    return bool(count >= FEWEST_UNITS) or nothing_hidden


def _nothing_hidden(estimates: pd.DataFrame) -> set[str]:
    """Kinds of unit of which the estimates hide no total."""
    totals = estimates[estimates["breakdown"] == ALL]
    hidden = totals[(totals["status"] == SUPPRESSED) & ~_derived(totals)]
    return set(totals["unit_type"]) - set(hidden["unit_type"])


def _derived(rows: pd.DataFrame) -> pd.Series:
    return rows["measure"].map(base_measure) != rows["measure"]


def _quiet(estimates: pd.DataFrame, families: Mapping[str, str] | None) -> Callable[[str], bool]:
    """Tell of a scale whether nothing may be said, the estimates hiding its total or how many answered in all.

    The widest kind of unit has the fewest units. Where two kinds have as few, both must be shown.
    """
    totals = estimates[(estimates["breakdown"] == ALL) & ~_derived(estimates)]
    units = totals.groupby("unit_type")["unit"].nunique()
    widest = totals[totals["unit_type"].isin(units.index[units == units.min()])]
    hidden = set(widest.loc[widest["status"] == SUPPRESSED, "measure"])
    everything = totals.empty or BASE in hidden or (families is None and bool(hidden))
    told = {family_of(one, families) for one in hidden}
    return lambda scale: everything or family_of(scale, families) in told


def _hidden(frame: pd.DataFrame, minimum: int, least: int) -> Bools:
    """Rows behind which too few students stand, and shares that count too few."""
    n, value = frame["n"].to_numpy(np.float64, na_value=np.nan), frame["value"].to_numpy(np.float64)
    items = frame["scale"].map(frame[frame["statistic"] == "n_items"].set_index("scale")["value"].to_dict())
    # Of a scale, what is missing is counted in answers: so many students as it has items.
    cells = frame["statistic"].isin(["missing_share", "not_asked_share"]) & frame["item"].isna()
    counted = np.round(value * n * np.where(cells, items.fillna(1), 1))
    whole = np.round(n * np.where(cells, items.fillna(1), 1))
    few = ((counted > 0) & (counted < minimum)) | ((whole - counted > 0) & (whole - counted < minimum))
    shares = frame["statistic"].isin(SHARES).to_numpy()
    return ~(n >= least) | (shares & few)


def _told(frame: pd.DataFrame, hidden: Bools) -> pd.DataFrame:
    """The frame that leaves: hidden rows emptied, the others told as precisely as they may be."""
    n = frame["n"].to_numpy(np.float64, na_value=np.nan)
    statistic = frame["statistic"]
    digits = np.where((n < _MANY_STUDENTS) | frame["unit_type"].notna(), 2, 3)
    digits = np.where(statistic == "icc1", np.where(n < _MANY_STUDENTS, 2, 3), digits)
    digits = np.where(statistic == "chi_square", 0, digits).astype(np.int64)
    value, low, high = (frame[name].to_numpy(np.float64) for name in ("value", "low", "high"))
    value, low, high = round_to(value, digits), round_down(low, digits), round_up(high, digits)
    tens, members = statistic.isin(COUNTS).to_numpy(), statistic.isin(MEMBERS).to_numpy()
    value = np.where(tens, _tens(value), np.where(members, _two_figures(value, up=True), value))
    low = np.where(members, _two_figures(low, up=False), low)
    high = np.where(members, _two_figures(high, up=True), high)
    gone = {name: np.where(hidden, np.nan, column) for name, column in (("value", value), ("low", low), ("high", high))}
    told = frame.assign(
        **gone,
        n=pd.Series(np.where(hidden, np.nan, _tens(n)), index=frame.index).astype("Int64"),
        interval=frame["interval"].mask(hidden),
        reason=frame["reason"].mask(hidden, SUPPRESSED),
    )
    kinds = dict.fromkeys(("value", "low", "high"), "float64") | {"n": "Int64"}
    return told[list(FACT_COLUMNS)].astype({name: kinds.get(name, "str") for name in FACT_COLUMNS})


def _tens(values: Floats) -> Floats:
    return np.floor(values / 10) * 10


def _two_figures(values: Floats, *, up: bool) -> Floats:
    """Members needed, in two significant figures: 464 students are about 470."""
    with np.errstate(divide="ignore", invalid="ignore"):
        step = 10.0 ** np.maximum(np.floor(np.log10(values)) - 1, 0)
    return (np.ceil(values / step) if up else np.floor(values / step)) * step
