"""The one door out: estimates go in, what an audience may see comes out.

The attacker holds what one audience is shown of one wave, all of it, in any format, and knows the unit tree and the
rules of `suppression`. What is promised: no hidden number follows from the shown ones by adding and subtracting over
units and levels, nor does the number of any group of fewer than two hidden cells or fewer students than the minimum.
Each pattern is attacked (`audit`) before it is let out; what cannot be made safe raises.

Not promised, and left to later work: successive releases of a wave that is still open; inference from single records
across breakdowns and items; how narrow the bounds on a hidden value are, beyond one subtraction leaving a group
that all answered alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from connectedness.declare.policy import AUDIENCES, FLOOR, Audience, Policy
from connectedness.disclosure.audit import audit
from connectedness.disclosure.audit_verdicts import verdicts_that_tell
from connectedness.disclosure.cells import BASE, SHARE, Bools, check_frame
from connectedness.disclosure.families import CHANGE, SD, base_measure
from connectedness.disclosure.plan import Plan, make_plan
from connectedness.disclosure.precision import coarsen
from connectedness.disclosure.presence import with_hidden_levels, with_unseen_levels
from connectedness.disclosure.protected import _SEAL, Protected
from connectedness.disclosure.strays import without_strays
from connectedness.disclosure.tree import read_tree
from connectedness.disclosure.verdicts import of_unflagged, sides, with_verdicts
from connectedness.errors import DisclosureError
from connectedness.tables import ESTIMATE_COLUMNS, SUPPRESSED

_CELL = ["unit_type", "unit", "breakdown", "level"]
_NUMBERS = ["n", "eligible", "value", "se", "low", "high"]
STRUCTURAL = ("grade", "grade_band", "learning_mode")
"""Breakdowns that say what a unit offers, which is no secret of its students."""
_SMALL_FLOOR = 30
_ATTEMPTS = 5


def protect(
    estimates: pd.DataFrame,
    units: pd.DataFrame,
    policy: Policy,
    audience: Audience,
    *,
    shares: Collection[str],
    previous: pd.DataFrame | None = None,
    published_previous: pd.DataFrame | None = None,
    families: Mapping[str, str] | None = None,
    previous_units: pd.DataFrame | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    structural: Collection[str] = STRUCTURAL,
    levels: Mapping[str, Collection[str]] | None = None,
) -> Protected:
    """Make one wave's estimates safe for one audience.

    Parameters
    ----------
    estimates : DataFrame
        Estimates table of one wave, at full precision, nothing hidden. Its rows of unflagged students alone do not
        leave; from them comes a bit for each school and change (`verdicts`).
    units : DataFrame
        Unit tree of the wave.
    policy : Policy
        Minimum students for each audience, and `small`: the students under which no SD and no share of one answer
        code is shown and numbers are told coarsely. Never below the engine's floors, whatever the policy says.
    audience : {"internal", "public"}
    shares : collection of str
        Ids of the measures whose value is a share, 0 to 1 (`families.share_measures`).
    previous : DataFrame, optional
        Estimates, nothing hidden, of the wave that the change rows compare with. Needed when there are any: a change
        is hidden when either wave hides the number.
    published_previous : DataFrame, optional
        That wave's rows as last released to this audience; a change of what they hide or lack is hidden too.
    families : mapping, optional
        Measure or item id to family (`families.measure_families`). Without it all measures are one family, so that a
        cell in which one of them is of too few students shows the response rate alone.
    previous_units : DataFrame, optional
        Unit tree of the compared wave; by default `units`, and, where there are two kinds of unit and one widest,
        units that have closed since in that one.
    ranges : mapping, optional
        Measure id to the lowest and highest value it can have, for means; shares have 0 and 1. Of a mean without
        one, it is not looked at whether hidden schools are known to have answered alike.
    structural : collection of str
        Breakdowns that say what a unit offers. Of any other, a unit below the widest in which all are of one level
        hides the breakdown: its total is shown, but not that the level is that of every student there.
    levels : mapping, optional
        Breakdown to the levels that are declared: they have hidden rows where a breakdown is hidden, whether anybody
        is of them or not (`presence`). A level that is not named has no row unless the minimum of students are of it
        (`strays`).

    Returns
    -------
    Protected
        Hidden rows have null numbers, status `suppressed` and, inside, their true reason: `small_n`, `small_level`,
        `small_measure`, `complement`, `either_wave`, `small_precision` (an SD, or the share of one answer code, of
        fewer than `small`), `one_side` (a bit of too few), `empty` (nobody is there, which the row must not tell).

    Raises
    ------
    DisclosureError
        When the estimates do not hold together, the policy goes below the floor, or no safe pattern was found.
    """
    minimum, small = _minimum(policy, audience), _small(policy)
    on_sides, alone = sides(estimates, previous), estimates[of_unflagged(estimates)]
    estimates = estimates[~of_unflagged(estimates)]
    changes = estimates["measure"].astype("str").str.startswith(CHANGE).to_numpy(bool, na_value=False)
    if changes.any() and previous is None:
        raise DisclosureError(
            "there are changes, but not the wave they are measured from, so it is not known what that wave hides.",
            todo="Give the estimates of the compared wave as `previous`.",
        )
    frame = _with_unseen_levels(estimates, units, structural)
    rules = _Rules(minimum, small, families, shares, _ranges(frame, shares, ranges), structural)
    before = None
    if changes.any() and previous is not None:
        before = _before(previous, previous_units, units, rules)
        before = _with_published(before, published_previous)

    def shown(plan: Plan) -> pd.DataFrame:
        return _mask(frame, plan, small, shares, before)

    # The attacker is taken to know where nobody is, so the attack comes before rows that only hide this are added.
    inside = _safely(rules, frame, units, shown)
    inside = with_hidden_levels(inside, units, structural, levels or {})
    inside = _with_verdicts(inside, alone, on_sides, units, rules)
    inside = without_strays(inside, frame, units, minimum, structural, levels or {})
    return Protected(str(frame["wave"].iloc[0]), audience, policy, minimum, inside, _SEAL)


class _Rules(NamedTuple):
    minimum: int
    small: int
    families: Mapping[str, str] | None
    shares: Collection[str]
    ranges: Mapping[str, tuple[float, float]]
    structural: Collection[str]


def _with_unseen_levels(frame: pd.DataFrame, units: pd.DataFrame, structural: Collection[str]) -> pd.DataFrame:
    check_frame(frame)
    read_tree(units, set(zip(frame["unit_type"], frame["unit"], strict=True)))
    return with_unseen_levels(frame.reset_index(drop=True), units, structural)


def _ranges(
    frame: pd.DataFrame, shares: Collection[str], ranges: Mapping[str, tuple[float, float]] | None
) -> dict[str, tuple[float, float]]:
    """Lowest and highest value of every measure that has them; not of response rates, which are no answers."""
    measures = frame.loc[_is_share(frame, shares), "measure"].unique()
    of_shares = {str(one): (0.0, 1.0) for one in measures if one != BASE and not one.startswith(CHANGE)}
    if any(not low < high for low, high in (ranges or {}).values()):
        raise DisclosureError("a measure's range has no width, so it is not known what its answers can be.")
    return {str(one): (float(low), float(high)) for one, (low, high) in (ranges or {}).items()} | of_shares


def _minimum(policy: Policy, audience: Audience) -> int:
    if audience not in AUDIENCES:
        raise DisclosureError("this audience is not known.", found=audience, allowed=", ".join(AUDIENCES))
    minimum = policy.minimum.get(audience)
    if not isinstance(minimum, int) or isinstance(minimum, bool) or minimum < FLOOR:
        raise DisclosureError(
            f"the policy's minimum for {audience} is below what the engine allows.", found=minimum, allowed=FLOOR
        )
    return minimum


def _small(policy: Policy) -> int:
    if not isinstance(policy.small, int) or policy.small < _SMALL_FLOOR:
        raise DisclosureError("the policy shows SDs of too few students.", found=policy.small, allowed=_SMALL_FLOOR)
    return policy.small


def _safely(
    rules: _Rules, frame: pd.DataFrame, units: pd.DataFrame, shown: Callable[[Plan], pd.DataFrame]
) -> pd.DataFrame:
    """What a plan shows, after it has withstood the attack; hide more while it does not."""
    plan = make_plan(frame, units, rules.minimum, rules.small, rules.families, rules.ranges)
    for attempt in range(_ATTEMPTS):
        inside = shown(plan)
        hidden = inside["status"] == SUPPRESSED
        leaving = inside.assign(reason=pd.Series(SUPPRESSED, index=inside.index, dtype="str").where(hidden))
        result = audit(leaving, units, truth=frame, minimum=rules.minimum, families=rules.families, ranges=rules.ranges)
        if result.ok:
            return inside
        plan = plan.widened(result.recovered, top=attempt > 0)
    raise DisclosureError(
        "no way was found to show these estimates without telling what must stay hidden, so nothing was released.",
        todo="Join the smallest groups of a breakdown into wider ones, or leave that breakdown out.",
    )


def _with_verdicts(
    inside: pd.DataFrame, alone: pd.DataFrame, on_sides: pd.DataFrame, units: pd.DataFrame, rules: _Rules
) -> pd.DataFrame:
    """Add the bits about careless answers, after an attack on them."""
    found = with_verdicts(inside, alone, on_sides, rules.minimum, rules.small)
    if verdicts_that_tell(found, units, on_sides, rules.minimum):
        raise DisclosureError("a verdict about careless answers would tell of too few, so nothing was released.")
    return found


def _mask(
    frame: pd.DataFrame, plan: Plan, small: int, shares: Collection[str], before: pd.DataFrame | None
) -> pd.DataFrame:
    """The estimates with hidden rows blanked and shown ones told as precisely as they may be; true reasons inside."""
    measure = frame["measure"].astype("str")
    change, sd = (measure.str.startswith(prefix).to_numpy(bool) for prefix in (CHANGE, SD))
    n = frame["n"].to_numpy(np.float64)
    reason = plan.reasons()
    few, coarse, waves = n < small, plan.coarse_rows(), None
    if before is not None:
        key = pd.MultiIndex.from_frame(frame.loc[change, _CELL].assign(measure=measure[change].map(base_measure)))
        then = before.reindex(key)
        lost = then["hidden"].isna() | (then["hidden"] == True)  # noqa: E712
        reason[change] = np.where((reason[change] == None) & lost, "either_wave", reason[change])  # noqa: E711
        few[change] |= (then["n"] < small).to_numpy()
        coarse[change] |= (then["coarse"] == True).to_numpy()  # noqa: E712
        waves = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
        waves[0][change] = frame.set_index([*_CELL, "measure"])["value"].reindex(key).to_numpy(np.float64)
        waves[1][change] = then["value"].to_numpy(np.float64)
    shown = pd.isna(reason)
    code = measure.str.startswith(SHARE).to_numpy(bool)
    reason[(sd | code) & shown & few] = "small_precision"
    reason[sd & shown & ~few & coarse] = "complement"
    hidden = ~pd.isna(reason)
    share = _is_share(frame, shares)
    # The standard error of a share follows from the share and its n, so it needs no partner.
    spread = frame["method"].isin(["t", "welch"]).to_numpy(bool)
    told = coarsen(frame[list(ESTIMATE_COLUMNS)], few, coarse & ~few & spread, share, waves)
    return told.assign(
        **{name: told[name].mask(hidden) for name in _NUMBERS},
        status=told["status"].mask(hidden, SUPPRESSED),
        reason=pd.Series(reason, index=told.index).astype("str"),
    )


def _is_share(frame: pd.DataFrame, shares: Collection[str]) -> Bools:
    of = frame["measure"].map(base_measure)
    named = of.isin([*shares, BASE]) | of.str.startswith(SHARE) | frame["method"].isin(["wilson", "newcombe"])
    return (named & ~frame["measure"].str.startswith(SD)).to_numpy(bool)


def _before(
    previous: pd.DataFrame,
    previous_units: pd.DataFrame | None,
    units: pd.DataFrame,
    rules: _Rules,
) -> pd.DataFrame:
    """What the compared wave hides and tells coarsely, its n and value, by cell and measure."""
    kept = ~(previous["measure"].astype("str").str.startswith(CHANGE) | of_unflagged(previous))
    then = previous[kept]
    tree = _tree_then(then, units) if previous_units is None else previous_units
    then = _with_unseen_levels(then, tree, rules.structural)
    told = _safely(
        rules,
        then,
        tree,
        lambda plan: _mask(then, plan, rules.small, rules.shares, None).assign(coarse_=plan.coarse_rows()),
    )
    found = then[[*_CELL, "measure"]].assign(
        n=then["n"].to_numpy(np.float64),
        value=then["value"].to_numpy(np.float64),
        hidden=told["status"] == SUPPRESSED,
        coarse=told["coarse_"],
    )
    return found.set_index([*_CELL, "measure"])


def _tree_then(previous: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """The unit tree with units that have closed since, where there is only one place for them."""
    above = set(zip(units["parent_type"], units["parent"], strict=True))
    below = set(zip(units["unit_type"], units["unit"], strict=True))
    seen = set(zip(previous["unit_type"], previous["unit"], strict=True))
    gone = sorted(seen - above - below)
    top = sorted(above - below)
    if not gone or len(top) != 1 or len({kind for kind, _ in above | below}) != 2:
        return units
    more = pd.DataFrame([(*one, *top[0]) for one in gone], columns=["unit_type", "unit", "parent_type", "parent"])
    return pd.concat([units[list(more.columns)], more], ignore_index=True)


def _with_published(before: pd.DataFrame, published: pd.DataFrame | None) -> pd.DataFrame:
    """Hide, too, what the audience was last shown hidden, or was not shown at all."""
    if published is None or published.empty:
        return before
    if published.duplicated([*_CELL, "measure"]).any():
        raise DisclosureError("the compared wave's released rows hold a cell twice.")
    then = published.set_index([*_CELL, "measure"]).reindex(before.index)
    lost = (then["status"] == SUPPRESSED) | then["status"].isna()
    spread = then["method"].isin(["t"]) & then["se"].isna()
    return before.assign(hidden=before["hidden"] | lost, coarse=before["coarse"] | spread)
