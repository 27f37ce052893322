"""What is to be computed in a wave: every measure, down to the score column or the item's codes it counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectedness.declare.instrument import Instrument
from connectedness.declare.measure import OF_ITEM, Measure
from connectedness.declare.project import Project
from connectedness.errors import DeclarationError

RESPONSE_RATE = "response_rate"
CHANGING = ("mean", "mean_of_shares", *OF_ITEM)
"""Statistics whose change from the wave before is an estimate too."""
UNFLAGGED = "unflagged:"
"""Before a mean's id: the mean of those alone whose answers do not look careless. It never leaves the building."""


@dataclass(frozen=True)
class OfScore:
    """A statistic of a score column: `mean`, `mean_of_shares` or `sd`."""

    measure: str
    statistic: str
    column: str


@dataclass(frozen=True)
class ShareOf:
    """The share of those who answered an item that chose one of `codes`."""

    measure: str
    item: str
    codes: tuple[int, ...]


Wanted = OfScore | ShareOf


def usable_measures(project: Project, wave_id: str) -> tuple[tuple[Measure, Instrument], ...]:
    """Measures of a wave that can be computed, each with the instrument it is of.

    Left out: measures that come with an instrument but are of an item in a module that is off, or count favourable
    answers where the instrument calls none favourable.

    Raises
    ------
    DeclarationError
        When the survey itself declares such a measure, or two measures have one id.
    """
    found: list[tuple[Measure, Instrument]] = []
    for measure in project.measures(wave_id):
        instrument = _owner(project.instruments(wave_id), measure)
        problem = _why_not(measure, instrument, project.survey.modules)
        if problem and measure in project.survey.measures:
            raise _error(project, measure, problem)
        if measure.id in {RESPONSE_RATE, *(one.id for one, _ in found)}:
            raise _error(project, measure, "this id belongs to another measure of the wave.")
        if not problem:
            found.append((measure, instrument))
    return tuple(found)


def wanted(project: Project, wave_id: str) -> tuple[Wanted, ...]:
    """Everything computed in every cell, the response rate and changes apart: measures, each mean with its SD."""
    out: list[Wanted] = []
    for measure, instrument in usable_measures(project, wave_id):
        if measure.item is not None:
            out.append(ShareOf(measure.id, measure.item, counted_codes(measure, instrument)))
        elif measure.statistic == "mean_of_shares":
            out.append(OfScore(measure.id, measure.statistic, f"{measure.scale}_favourable"))
        else:
            out.append(OfScore(measure.id, measure.statistic, str(measure.scale)))
        if measure.statistic == "mean":
            out.append(OfScore(f"sd:{measure.id}", "sd", str(measure.scale)))
    return tuple(out)


def unflagged(project: Project, wave_id: str) -> tuple[OfScore, ...]:
    """Each mean of a scale, to be taken without those whose answers look careless."""
    means = (one for one in wanted(project, wave_id) if isinstance(one, OfScore) and one.statistic == "mean")
    return tuple(OfScore(UNFLAGGED + one.measure, one.statistic, one.column) for one in means)


def answer_shares(project: Project, wave_id: str) -> tuple[ShareOf, ...]:
    """The share giving each answer of each scale item and indicator; a sensitive module's items have none."""
    return tuple(
        ShareOf(f"share:{item.id}:{code}", item.id, (code,))
        for instrument in project.instruments(wave_id)
        for item in instrument.active_items()
        if item.kind in ("scale", "indicator")
        for code in instrument.codes(item.id)
    )


def counted_codes(measure: Measure, instrument: Instrument) -> tuple[int, ...]:
    """Codes of the item that the measure counts; `at least` goes by the options' order, not by the number."""
    item = str(measure.item)
    if measure.statistic == "share_favourable":
        return instrument.favourable_codes(item)
    codes = instrument.codes(item)
    if measure.code not in codes:
        return ()
    return codes[codes.index(measure.code) :] if measure.statistic == "share_at_least" else (measure.code,)


def comparable(project: Project, wave_id: str, before_id: str) -> frozenset[str]:
    """Ids of measures that are the same thing in both waves: one statistic, of one instrument in one version."""
    now, before = (
        {
            measure.id: (measure.what, instrument.pinned)
            for measure, instrument in usable_measures(project, wave)
            if measure.statistic in CHANGING
        }
        for wave in (wave_id, before_id)
    )
    return frozenset(measure for measure, what in now.items() if before.get(measure) == what)


def _owner(instruments: tuple[Instrument, ...], measure: Measure) -> Instrument:
    owners: Iterator[Instrument] = (
        one for one in instruments if measure.scale in one.scale_by_id or measure.item in one.item_by_id
    )
    return next(owners)


def _why_not(measure: Measure, instrument: Instrument, modules: tuple[str, ...]) -> str | None:
    """Why a measure cannot be computed; None if it can."""
    if measure.item is not None:
        if measure.item not in {item.id for item in instrument.active_items(modules)}:
            return "this measure is of an item that is not asked: its module is off."
        return None if counted_codes(measure, instrument) else "this measure counts an answer that its item lacks."
    if measure.statistic == "mean_of_shares":
        items = instrument.scale_by_id[str(measure.scale)].items
        if not any(instrument.favourable_codes(item) for item in items):
            return f"this measure counts favourable answers, and {instrument.pinned} calls none favourable."
    return None


def _error(project: Project, measure: Measure, problem: str) -> DeclarationError:
    if measure in project.survey.measures:
        return project.source.error(problem, ("measures", project.survey.measures.index(measure)), found=measure.id)
    return project.source.error(problem, ("measures",), found=measure.id, todo="Give your own measure another id.")
