"""One file, outside any project: scoring it, its reliability, and calibrating a scale on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectedness.declare.columns import ColumnMap
from connectedness.declare.instrument import Instrument
from connectedness.declare.registry import find_instrument, read_instrument, require_verified
from connectedness.declare.source import read_source
from connectedness.errors import ConnectednessError
from connectedness.files import written_beside

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".csv", ".tsv", ".parquet", ".xlsx", ".sav")


def score_file(
    instrument: str,
    file: Path,
    out: Path,
    *,
    map_file: Path | None = None,
    keep: Sequence[str] = (),
    methods: Sequence[str] = ("mean",),
    accept_unverified: bool = False,
    force: bool = False,
) -> dict[str, Any]:
    """Score every scale of an instrument on one file; write the rows in their order.

    Parameters
    ----------
    instrument : str
        Id of an instrument that ships (`pisa-belonging`), or the path of a YAML file.
    file : path
        CSV, TSV, XLSX, SAV or parquet: one row a student.
    out : path
        Where to write; its ending says the format.
    map_file : path, optional
        Column map, where the file's columns are not named as the instrument's items or variables.
    keep : sequence of str
        Columns of the file to write before the scores.
    methods : sequence of str
        As `connectedness.score` has them.
    accept_unverified : bool
        Score by codes and polarities that nobody has verified.
    force : bool
        Overwrite `out`.

    Returns
    -------
    dict
        `rows`, `scales` (id, number scored, mean, range), `not_read` (kind of bad answer: count) and `absent` (items
        that the file has no column for, and that count as not asked).

    Raises
    ------
    ConnectednessError
        When `out` exists and `force` is not given, or its ending is not one that can be written.
    DeclarationError, ContractError
        When the instrument or the file does not hold.
    """
    _refuse_output(out, FORMATS, force)
    from connectedness.ingest.items import read_items
    from connectedness.scoring.classical import score

    declared = _instrument(instrument)
    require_verified(declared, accept_unverified)
    read = read_items(file, declared, _map(map_file), keep)
    scores = score(read.items, declared, methods=methods)
    scores = scores.drop(columns=[name for name in scores.columns if name in read.items.columns])
    written = read.kept.join(scores)
    with written_beside(out) as beside:
        write_any(written, beside, out.suffix.lower())
    return {
        "rows": len(written),
        "scales": _scales(declared, scores),
        "not_read": dict(read.bad),
        "absent": list(read.absent),
    }


def file_reliability(
    instrument: str, file: Path, *, map_file: Path | None = None, by: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Facts of every scale of an instrument on one file.

    Parameters
    ----------
    instrument, file, map_file
        As in `score_file`.
    by : sequence of str
        Columns of the file that say which group (school, class) each row is in, for ICC and rwg.

    Returns
    -------
    list of dict
        One for each scale and statistic: `scale`, `statistic`, `item`, `unit_type`, `value`, `low`, `high`, `n`,
        `reason`. What concerns a single group is left out.

    Raises
    ------
    DeclarationError, ContractError
        When the instrument or the file does not hold.
    """
    from connectedness.ingest.items import read_items
    from connectedness.psychometrics.facts import scale_facts

    declared = _instrument(instrument)
    read = read_items(file, declared, _map(map_file), by)
    facts = scale_facts(read.items, declared, {name: read.kept[name] for name in by})
    facts = facts[facts["unit"].isna()].drop(columns="unit")
    return [{name: _plain(value) for name, value in row.items()} for row in facts.to_dict("records")]


def calibrate_file(
    instrument: str,
    file: Path,
    out: Path,
    *,
    scale: str | None = None,
    model: str = "gpcm",
    weights: str | None = None,
    map_file: Path | None = None,
    force: bool = False,
) -> dict[str, Any]:
    """Estimate a scale's item response parameters on one file, and write a parameter file that a form can pin.

    Parameters
    ----------
    instrument, file, map_file, force
        As in `score_file`.
    out : path
        Parameter file to write, ending in .yaml.
    scale : str, optional
        Id of the scale; may be left out where the instrument has one.
    model : {"gpcm", "pcm", "grm"}
        Generalised partial credit, partial credit, or graded response model.
    weights : str, optional
        Column of the file that holds survey weights.

    Returns
    -------
    dict
        `n`, `iterations`, `log_likelihood`, `reliability`, and lists of `items` and `item_fit`.

    Raises
    ------
    ConnectednessError
        When the answers cannot support the model, or `out` cannot be written.
    DeclarationError, ContractError
        When the instrument or the file does not hold.
    """
    _refuse_output(out, (".yaml", ".yml"), force)
    import pandas as pd

    from connectedness.ingest.items import read_items
    from connectedness.psychometrics.calibration import calibrate, write_parameters

    declared = _instrument(instrument)
    read = read_items(file, declared, _map(map_file), [weights] if weights else [])
    weight = pd.to_numeric(read.kept[weights], errors="coerce") if weights else None
    found = calibrate(read.items, declared, scale, model, weights=weight)
    write_parameters(found, out)
    tables = {"items": found.items, "item_fit": found.item_fit}
    return {
        "n": found.n,
        "iterations": found.iterations,
        "log_likelihood": found.log_likelihood,
        "reliability": found.reliability,
        **{
            name: [{key: _plain(value) for key, value in row.items()} for row in table.to_dict("records")]
            for name, table in tables.items()
        },
    }


def _refuse_output(out: Path, endings: Sequence[str], force: bool) -> None:
    if out.suffix.lower() not in endings:
        raise ConnectednessError(
            "this ending is not one that can be written.", file=out, found=out.suffix, allowed=", ".join(endings)
        )
    if out.exists() and not force:
        raise ConnectednessError("this file is already there.", file=out, todo="Give another name, or add --force.")


def _map(file: Path | None) -> ColumnMap | None:
    return read_source(file).parse(ColumnMap) if file else None


def _plain(value: Any) -> Any:
    """A JSON value: no NaN, no library's own number."""
    if value is None or value != value:
        return None
    return value.item() if hasattr(value, "item") else value


def write_any(frame: pd.DataFrame, path: Path, suffix: str) -> None:
    """Write a table in the format that `suffix` names."""
    if suffix == ".parquet":
        frame.to_parquet(path, index=False)
    elif suffix == ".xlsx":
        frame.to_excel(path, index=False, engine="openpyxl")
    elif suffix == ".sav":
        import pyreadstat

        pyreadstat.write_sav(frame, path)
    else:
        frame.to_csv(path, index=False, sep="\t" if suffix == ".tsv" else ",", lineterminator="\n")


def _instrument(name: str) -> Instrument:
    path = Path(name)
    return read_instrument(path) if path.suffix in (".yaml", ".yml") else find_instrument(name)


def _scales(instrument: Instrument, scores: pd.DataFrame) -> list[dict[str, Any]]:
    out = []
    for scale in instrument.scales:
        values = scores[scale.id].dropna()
        low, high = instrument.scale_range(scale.id)
        mean = None if values.empty else float(values.mean())
        out.append({"id": scale.id, "scored": len(values), "mean": mean, "range": f"{low} to {high}"})
    return out
