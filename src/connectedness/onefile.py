"""Scoring one file, outside any project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectedness.declare.columns import ColumnMap
from connectedness.declare.instrument import Instrument
from connectedness.declare.registry import find_instrument, read_instrument
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
    force : bool
        Overwrite `out`.

    Returns
    -------
    dict
        `rows`, `scales` (id, number scored, mean, range) and `not_read` (kind of bad answer: count).

    Raises
    ------
    ConnectednessError
        When `out` exists and `force` is not given, or its ending is not one that can be written.
    DeclarationError, ContractError
        When the instrument or the file does not hold.
    """
    if out.suffix.lower() not in FORMATS:
        raise ConnectednessError(
            "this ending is not one that can be written.", file=out, found=out.suffix, allowed=", ".join(FORMATS)
        )
    if out.exists() and not force:
        raise ConnectednessError("this file is already there.", file=out, todo="Give another name, or add --force.")
    from connectedness.ingest.items import read_items
    from connectedness.scoring.classical import score

    declared = _instrument(instrument)
    columns = read_source(map_file).parse(ColumnMap) if map_file else None
    read = read_items(file, declared, columns, keep)
    scores = score(read.items, declared, methods=("mean",))
    scores = scores.drop(columns=[name for name in scores.columns if name in read.items.columns])
    written = read.kept.join(scores)
    with written_beside(out) as beside:
        write_any(written, beside, out.suffix.lower())
    return {"rows": len(written), "scales": _scales(declared, scores), "not_read": dict(read.bad)}


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
