"""Each room as path to path, and one wave from its export files to its pages.

A run works in `store/.work/<wave>`. Only when the release is written does its work become `store/<wave>`, so a run
that dies or is stopped leaves the last good state in place, and running it again finishes the work.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectedness.declare.levels import declared_values
from connectedness.declare.policy import AUDIENCES, Audience
from connectedness.declare.project import Project, open_project
from connectedness.errors import ContractError
from connectedness.files import move_into_place, private_folder, sha256_of, write_text
from connectedness.identity import load_key
from connectedness.reporting import (
    NOTHING_READ,
    SHAPE,
    finished_report,
    last_shape,
    operations,
    read_json,
    stop,
    stopped_error,
    summary,
)
from connectedness.store import (
    EXAMINED,
    TABLES,
    aside_folder,
    fresh_work,
    one_run,
    read_if_there,
    recorded,
    wave_folder,
    work_folder,
    write_json,
)
from connectedness.tables import read_table, table_in_parts, write_table

if TYPE_CHECKING:
    import pandas as pd

    from connectedness.disclosure.protected import Protected, ProtectedFacts


def ingest(root: Path, wave: str, tell: Callable[[int, int], None] | None = None) -> Path:
    """Read a wave's exports and roster; return the folder in which the run works.

    `tell`, if given, is told how many bytes of the exports have been read, and how many there are.

    Raises
    ------
    ContractError
        When a file cannot be read, or lacks a column.
    """
    from connectedness.ingest import ingest_in_parts
    from connectedness.lifecycle.retention import missing_inbox_reason
    from connectedness.spreadsheets import csv_text

    project = open_project(root)
    if purged := missing_inbox_reason(project, wave):
        raise ContractError(purged)
    work, key = fresh_work(project, wave), load_key(project.survey, project.root)
    waiting = private_folder(work / "waiting")
    try:
        with table_in_parts(work / "ingested.parquet") as give:
            found = ingest_in_parts(project, wave, key, give, waiting, tell)
    except ContractError as error:
        stop(project, wave, NOTHING_READ, [str(error)])
        raise
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
    write_table(found.rejected, work / "rejected.parquet")
    if found.roster is not None:
        write_table(found.roster, work / "ingested_roster.parquet")
    write_json(work / "account.json", found.account)
    write_text(aside_folder(project, wave) / "unknown_labels.csv", csv_text(found.labels))
    write_text(aside_folder(project, wave) / "unknown_values.csv", csv_text(found.values))
    return work


def validate(root: Path, wave: str) -> Path:
    """Keep the rows that meet their contracts, set the rest aside; return the report's path.

    Raises
    ------
    ContractError
        When the wave cannot go on; the report and the analyst's page say why.
    """
    from connectedness.validation.wave import validate_wave

    project = open_project(root)
    work = work_folder(project, wave)
    account = read_json(work / "account.json")
    result = validate_wave(
        project,
        wave,
        read_table(work / "ingested.parquet"),
        read_if_there(work / "ingested_roster.parquet"),
        read_table(work / "rejected.parquet"),
        account,
        last_shape(project, wave),
    )
    write_table(result.quarantine, aside_folder(project, wave) / "rows.parquet")
    if result.stopped:
        stop(project, wave, result.report, result.stopped)
        raise stopped_error(wave, result.stopped, "Look at the analyst's page, mend the file")
    write_table(result.responses, work / "responses.parquet")
    if result.roster is not None:
        write_table(result.roster, work / "roster.parquet")
    write_json(work / "report.json", result.report)
    write_json(work / SHAPE, result.shape)
    return work / "report.json"


def score(root: Path, wave: str) -> Path:
    """Score every scale of the wave's instruments; return the path of the scores.

    Raises
    ------
    ContractError
        When a score lies outside its range.
    """
    from connectedness.scoring.classical import score_wave
    from connectedness.scoring.forms import score_forms
    from connectedness.validation.wave import validate_scores

    project = open_project(root)
    work, instruments = work_folder(project, wave), project.instruments(wave)
    responses = read_table(work / "responses.parquet")
    scores = score_wave(responses, instruments)
    by_form = score_forms(responses, instruments, project.wave(wave).forms, project.root)
    made_with = scores.attrs | by_form.attrs  # a join keeps neither
    scores = scores.join(by_form).copy()
    scores.attrs = made_with
    validate_scores(project, scores)
    return write_table(scores, work / "scores.parquet")


def examine(root: Path, wave: str) -> Path:
    """Find out whether the scales run the right way and hold together; return the path of the facts.

    Raises
    ------
    ContractError
        When a scale or an item runs backwards and nobody has stated that it is right.
    """
    from connectedness.measures import respondents_groups
    from connectedness.psychometrics.wave import examine_wave

    project = open_project(root)
    work = work_folder(project, wave)
    responses, roster = read_table(work / "responses.parquet"), read_if_there(work / "roster.parquet")
    units, breakdowns = respondents_groups(project, wave, responses, roster)
    report, account = read_json(work / "report.json"), read_json(work / "account.json")
    found = examine_wave(
        responses,
        read_table(work / "scores.parquet"),
        project.instruments(wave),
        units=units,
        breakdowns=breakdowns,
        minimum={str(audience): least for audience, least in project.policy.minimum.items()},
        labels={
            item: {int(code): text for code, text in one.items()} for item, one in account.get("labels", {}).items()
        },
        previous=_compared(project, wave, "scores"),
        statements=project.survey.statements,
    )
    if found.stops:
        stop(project, wave, report, found.stops)
        raise stopped_error(
            wave, found.stops, "See which way its options run, correct the column map or the instrument"
        )
    for name, table in found.tables().items():
        write_table(table, work / f"{name}.parquet")
    write_json(work / "report.json", report | {"notes": [*report["notes"], *found.cautions]})
    return work / "scales.parquet"


def measure(root: Path, wave: str) -> Path:
    """Estimate every measure of every unit and group; return the path of the estimates."""
    from connectedness.measures import estimate_wave, unit_tree
    from connectedness.validation.wave import validate_estimates

    project = open_project(root)
    work = work_folder(project, wave)
    responses, roster = read_table(work / "responses.parquet"), read_if_there(work / "roster.parquet")
    write_table(unit_tree(project, wave, responses, roster), work / "units.parquet")
    estimates = estimate_wave(
        project,
        wave,
        responses,
        read_table(work / "scores.parquet"),
        roster,
        _compared(project, wave),
        read_if_there(work / "flags.parquet"),
    )
    validate_estimates(project, estimates)
    return write_table(estimates, work / "estimates.parquet")


def release(root: Path, wave: str, *, reissue: bool = False) -> list[Path]:
    """Protect the estimates for each audience and write a release for each; keep the run's work as the wave's state.

    Returns
    -------
    list of Path
        The release folders, one an audience.

    Raises
    ------
    DisclosureError
        When numbers cannot be made safe, or an already published wave would change.
    """
    from connectedness.disclosure.ledger import record_estimates
    from connectedness.release.write import write_release

    project = open_project(root)
    _read_invariance(project, wave)
    units = read_table(work_folder(project, wave) / "units.parquet")
    # All are protected before any is written, so that no audience is ahead of another for want of safety.
    ready = [_protected(project, wave, audience) for audience in AUDIENCES]
    folders = []
    for protected, facts in ready:
        folder = write_release(project.store, project, wave, protected, units, reissue=reissue, facts=facts)
        record_estimates(project.store, folder.name, protected, sha256_of(folder / "manifest.json"))
        folders.append(folder)
    _keep(project, wave, folders)
    return folders


def publish(root: Path, wave: str) -> list[Path]:
    """Draw the pages of every audience from its current release, and the analyst's page; return the front pages."""
    from connectedness.dashboard import build_site
    from connectedness.release.open import current_release

    project = open_project(root)
    pages = []
    for audience in AUDIENCES:
        folder = current_release(project.store, audience)
        if folder is not None:
            pages.append(build_site(folder, project.site / audience, project.root)[0])
    return [*pages, operations(project)]


def run_wave(
    root: str | Path,
    wave: str,
    *,
    reissue: bool = False,
    tell: Callable[[str], None] | None = None,
    reading: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Take one wave from its export files to its pages, in this process.

    Parameters
    ----------
    root : path
        Folder of the project.
    wave : str
        Id of a wave that `survey.yaml` declares.
    reissue : bool
        Replace the wave in releases that already hold later waves.
    tell : callable, optional
        Called with the name of each room before its work begins.
    reading : callable, optional
        Called, while the exports are read, with the bytes read so far and the bytes that there are.

    Returns
    -------
    dict
        Row counts, release folders and pages, as in `summary`.

    Raises
    ------
    DeclarationError, ContractError, DisclosureError, ConnectednessError
        In words for the person who must act.
    """
    say = tell or (lambda _: None)
    with one_run(Path(root)) as project, recorded(project, wave):
        project.wave(wave)
        say("ingest")
        ingest(project.root, wave, reading)
        for step in (validate, score, examine, measure):
            say(step.__name__)
            step(project.root, wave)
        say("release")
        release(project.root, wave, reissue=reissue)
        say("publish")
        publish(project.root, wave)
        return summary(project, wave)


def _read_invariance(project: Project, wave: str) -> None:
    """Look for results of the invariance script here, so that a wave of which only tables are left finds them too."""
    from connectedness.comparable import SAID, invariance_sentences, read_back

    work = work_folder(project, wave)
    found = read_back(project, wave, read_table(work / "responses.parquet"), read_if_there(work / "roster.parquet"))
    write_table(found, work / "invariance.parquet")
    report = read_json(work / "report.json")
    notes = [one for one in report["notes"] if not one.startswith(SAID)]
    write_json(work / "report.json", report | {"notes": [*notes, *invariance_sentences(found, wave)]})


def _protected(project: Project, wave: str, audience: Audience) -> tuple[Protected, ProtectedFacts]:
    """A wave's estimates, and what is known of its scales, made safe for one audience."""
    from connectedness.disclosure.facts import protect_facts
    from connectedness.disclosure.families import measure_families, share_measures
    from connectedness.disclosure.protect import protect
    from connectedness.psychometrics.facts_judgement import headline_withheld
    from connectedness.psychometrics.wave import read_examined

    work, measures = work_folder(project, wave), project.measures(wave)
    families = measure_families(measures, project.instruments(wave))
    protected = protect(
        read_table(work / "estimates.parquet"),
        read_table(work / "units.parquet"),
        project.policy,
        audience,
        shares=share_measures(measures),
        families=families,
        previous=_compared(project, wave),
        previous_units=_compared(project, wave, "units"),
        published_previous=_published(project, wave, audience),
        ranges=mean_ranges(project, wave),
        levels={one.id: declared_values(project, wave, one.id) for one in project.survey.breakdowns},
    )
    found = read_examined({name: read_table(work / f"{name}.parquet") for name in EXAMINED})
    facts = protect_facts(
        found.scales,
        protected,
        families=families,
        headlines=headline_withheld(found.scales, project.undeclared_scales(wave)),
        findings=found.direction,
        statements=project.survey.statements,
        careless=found.careless[found.careless["audience"] == audience],
        fairness={str(name): table for name, table in found.dif.groupby("breakdown", sort=False)},
        invariance=read_table(work / "invariance.parquet"),
        means={one.scale: one.id for one in measures if one.statistic == "mean" and one.scale},
    )
    return protected, facts


def mean_ranges(project: Project, wave: str) -> dict[str, tuple[float, float]]:
    """Lowest and highest value of each measure that is a mean of a scale."""
    return {
        measure.id: instrument.scale_range(scale.id)
        for instrument in project.instruments(wave)
        for scale in instrument.scales
        for measure in project.measures(wave)
        if measure.statistic == "mean" and measure.scale == scale.id
    }


def _compared_wave(project: Project, wave: str) -> str | None:
    """Id of the nearest earlier wave that has been run, which changes are measured from."""
    for earlier in reversed(project.earlier(wave)):
        if (wave_folder(project, earlier.id) / "estimates.parquet").is_file():
            return earlier.id
    return None


def _compared(project: Project, wave: str, table: str = "estimates") -> pd.DataFrame | None:
    """A table of the compared wave."""
    compared = _compared_wave(project, wave)
    return None if compared is None else read_table(wave_folder(project, compared) / f"{table}.parquet")


def _published(project: Project, wave: str, audience: Audience) -> pd.DataFrame | None:
    """What the audience has been shown of the compared wave; None when nothing."""
    from connectedness.release.open import current_release, open_release

    compared, folder = _compared_wave(project, wave), current_release(project.store, audience)
    if compared is None or folder is None:
        return None
    shown = open_release(folder).estimates
    shown = shown[shown["wave"] == compared]
    return None if shown.empty else shown.reset_index(drop=True)


def _keep(project: Project, wave: str, folders: list[Path]) -> None:
    """Make the run's work the wave's state. The report comes last: it says that the rest is there."""
    work, kept = work_folder(project, wave), private_folder(wave_folder(project, wave))
    releases = {str(audience): one.name for audience, one in zip(AUDIENCES, folders, strict=True)}
    report = finished_report(project, read_json(work / "report.json"), releases)
    for name in TABLES:
        if (work / f"{name}.parquet").is_file():
            move_into_place(work / f"{name}.parquet", kept / f"{name}.parquet")
        else:
            (kept / f"{name}.parquet").unlink(missing_ok=True)
    if (work / SHAPE).is_file():
        move_into_place(work / SHAPE, kept / SHAPE)
    write_json(kept / "report.json", report)
    shutil.rmtree(work, ignore_errors=True)
