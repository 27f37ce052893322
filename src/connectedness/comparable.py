"""May groups be compared on a score? Files that test it in R, of one file or of a wave, and what came of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectedness.declare.columns import ColumnMap
from connectedness.declare.instrument import Instrument
from connectedness.declare.project import Project
from connectedness.declare.registry import find_instrument, read_instrument
from connectedness.declare.source import read_source
from connectedness.errors import ConnectednessError, ContractError, DeclarationError
from connectedness.files import legal_name, private_folder
from connectedness.store import invariance_folder, one_run, read_if_there, wave_folder
from connectedness.tables import UNKNOWN

if TYPE_CHECKING:
    import pandas as pd

    from connectedness.psychometrics.invariance import Prepared

RUN, RESULTS = "Rscript invariance.R", "invariance.csv"
SAID = "Invariance by "
"""How each of `invariance_sentences` begins."""


def invariance_of_file(
    instrument: str, file: Path, by: str, out: Path, *, map_file: Path | None = None, force: bool = False
) -> dict[str, Any]:
    """Write the script and data that test, on one file outside any project, whether groups may be compared.

    Parameters
    ----------
    instrument : str
        Id of an instrument that ships, or the path of a YAML file.
    file : path
        CSV, TSV, XLSX, SAV or parquet: one row a student.
    by : str
        Column of the file that says each row's group.
    out : path
        Folder for the files.
    map_file : path, optional
        Column map, where the file's columns are not named as the instrument's items or variables.
    force : bool
        Overwrite files of an earlier time, and remove their results.

    Returns
    -------
    dict
        `run` (the command), `results` (the file that it writes), `written`: for each folder `by`, `instrument`,
        `folder`, `n`, `groups`, `small` (groups left out), `scales`, `left_out` (scale: why), `state`; `refused`
        (nothing, of one file).

    Raises
    ------
    ConnectednessError
        When the folder holds such files and `force` is not given.
    DeclarationError, ContractError
        When the instrument or the file does not hold, or fewer than two groups are large enough.
    """
    if (out / "answers.csv").exists() and not force:
        raise ConnectednessError(
            "files of an earlier time are here.", file=out, todo="Give another folder, or add --force."
        )
    from connectedness.ingest.items import read_items
    from connectedness.psychometrics.invariance import prepare, write_prepared

    path = Path(instrument)
    declared = read_instrument(path) if path.suffix in (".yaml", ".yml") else find_instrument(instrument)
    columns = read_source(map_file).parse(ColumnMap) if map_file else None
    read = read_items(file, declared, columns, [by])
    groups = read.kept[by].astype("str").str.strip()
    # An item that the file lacks must be told as that, not as one that nobody was asked.
    prepared = prepare(read.items.drop(columns=list(read.absent)), declared, groups.mask(groups == ""))
    write_prepared(out, declared, prepared)
    return _told([_written(by, declared, out, prepared, "written")], [])


def invariance_of_wave(root: Path, wave: str, by: Sequence[str] = ()) -> dict[str, Any]:
    """Write the script and data for a wave that has been run, into its folder of the store; never into a release.

    Files that are of the wave's answers as they are now stay, with their results.

    Parameters
    ----------
    root : path
        Folder of the project.
    wave : str
    by : sequence of str
        Ids of breakdowns; by default all.

    Returns
    -------
    dict
        As `invariance_of_file`; `refused`: `by`, `instrument` and `why` of what cannot be tested.

    Raises
    ------
    ConnectednessError
        When the wave has not been run, or another run is working.
    DeclarationError
        When the survey has no such wave or breakdown.
    """
    from connectedness.psychometrics.invariance import prepare, write_prepared
    from connectedness.psychometrics.invariance_state import NOT_RUN, TESTED, invariance_state

    written, refused = [], []
    with one_run(root) as project:
        project.wave(wave)
        _must_be_breakdowns(project, by)
        responses, roster = (read_if_there(wave_folder(project, wave) / f"{one}.parquet") for one in _PARTS)
        if responses is None:
            raise ConnectednessError(
                "this wave has not been run yet.", found=wave, todo=f"connectedness run --wave {wave}"
            )
        for name, declared, groups, folder in _comparisons(project, wave, responses, roster, by):
            try:
                prepared = prepare(responses, declared, groups)
            except ContractError as error:
                refused.append({"by": name, "instrument": declared.pinned, "why": error.problem})
                continue
            states = set(invariance_state(responses, declared, groups, folder)["state"])
            state = TESTED if TESTED in states else NOT_RUN if NOT_RUN in states else "written"
            if state == "written" or (state == NOT_RUN and not (folder / "answers.csv").is_file()):
                for place in (folder.parent.parent, folder.parent, folder):
                    private_folder(place)
                write_prepared(folder, declared, prepared)
            written.append(_written(name, declared, folder, prepared, state))
    return _told(written, refused)


def read_back(project: Project, wave: str, responses: pd.DataFrame, roster: pd.DataFrame | None) -> pd.DataFrame:
    """What is known of invariance in a wave whose answers are these; files of other answers lose the answers.

    Returns
    -------
    DataFrame
        `breakdown`, then as `invariance_state`, of every breakdown and scale.
    """
    import pandas as pd

    from connectedness.psychometrics.invariance_state import COLUMNS, STALE, invariance_state

    tables = []
    for name, declared, groups, folder in _comparisons(project, wave, responses, roster, ()):
        found = invariance_state(responses, declared, groups, folder)
        if (found["state"] == STALE).any():
            # Somebody who has since left the wave may be among them.
            (folder / "answers.csv").unlink(missing_ok=True)
        tables.append(found.assign(breakdown=name))
    columns = ["breakdown", *COLUMNS]
    if not tables:
        return pd.DataFrame(columns=columns).astype(dict.fromkeys(columns, "str") | {"holds": "boolean"})
    return pd.concat(tables, ignore_index=True)[columns].astype({"breakdown": "str"})


def invariance_sentences(table: pd.DataFrame, wave: str) -> list[str]:
    """What an analyst should know of `read_back`: results that do not count, and scores that do not compare."""
    from connectedness.psychometrics.invariance_state import STALE, TESTED, UNREADABLE

    said = []
    again = f"Write the files again, and run the script in them: connectedness invariance --wave {wave} --by"
    for name, rows in table.groupby("breakdown", sort=False):
        if (rows["state"] == STALE).any():
            said.append(f"{SAID}{name}: its files are of other answers than the wave has now. {again} {name}")
        if (rows["state"] == UNREADABLE).any():
            said.append(f"{SAID}{name}: {RESULTS} is not what the script writes. Run it again: {RUN}")
        tested = rows[rows["state"] == TESTED]
        for scale, models in tested.groupby("scale", sort=False):
            failing = models.loc[models["holds"].eq(False).fillna(False), "model"]
            if len(failing):
                said.append(f"{SAID}{name}: of {scale}, the {failing.iloc[0]} model does not hold.")
    return said


_PARTS = ("responses", "roster")


def _comparisons(
    project: Project, wave: str, responses: pd.DataFrame, roster: pd.DataFrame | None, by: Sequence[str]
) -> Iterator[tuple[str, Instrument, pd.Series, Path]]:
    """Breakdown, instrument, each respondent's group, and the folder of the files."""
    from connectedness.measures import respondents_groups

    _, breakdowns = respondents_groups(project, wave, responses, roster)
    for name, groups in breakdowns.items():
        if by and name not in by:
            continue
        known = groups.astype("str")
        known = known.mask(known == UNKNOWN)  # those of whom it is not known are no group of their own
        for declared in project.instruments(wave):
            if declared.scales:
                folder = invariance_folder(project, wave) / legal_name(name) / legal_name(declared.id)
                yield name, declared, known, folder


def _must_be_breakdowns(project: Project, by: Sequence[str]) -> None:
    known = [one.id for one in project.survey.breakdowns]
    for name in by:
        if name not in known:
            raise DeclarationError(
                "the survey has no such breakdown.",
                file=project.root / "survey.yaml",
                found=name,
                allowed=", ".join(known) or "none",
            )


def _written(by: str, declared: Instrument, folder: Path, prepared: Prepared, state: str) -> dict[str, Any]:
    return {
        "by": by,
        "instrument": declared.pinned,
        "folder": str(folder),
        "n": len(prepared.table),
        "groups": int(prepared.table["group"].nunique()),
        "small": len(prepared.small),
        "scales": [one.id for one in prepared.scales],
        "left_out": prepared.left_out,
        "state": state,
    }


def _told(written: list[dict[str, Any]], refused: list[dict[str, Any]]) -> dict[str, Any]:
    return {"run": RUN, "results": RESULTS, "written": written, "refused": refused}
