"""One file, outside any project: scoring it, its reliability, and calibrating a scale on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectedness import __version__
from connectedness.declare.columns import ColumnMap
from connectedness.declare.instrument import Instrument
from connectedness.declare.registry import find_instrument, read_instrument, require_verified
from connectedness.declare.source import read_source
from connectedness.errors import ConnectednessError
from connectedness.files import write_text, written_beside

if TYPE_CHECKING:
    import pandas as pd

_UNLIKELY = -1.96
FORMATS = (".csv", ".tsv", ".parquet", ".xlsx", ".sav")


def score_file(
    instrument: str,
    file: Path,
    out: Path,
    *,
    map_file: Path | None = None,
    keep: Sequence[str] = (),
    methods: Sequence[str] = ("mean",),
    form: str | None = None,
    form_column: str | None = None,
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
        As `connectedness.score` has them, and `wle` and `eap`: item response scores by the parameters of a form.
    form, form_column : str, optional
        The form that everybody answered (its id, or the path of a parameter file), or the column that says it.
    accept_unverified : bool
        Score by codes and polarities that nobody has verified.
    force : bool
        Overwrite `out`.

    Returns
    -------
    dict
        `rows`; `scales`: id, and of the first method number scored, mean and range (null where it has no bounds);
        `not_read` (kind of bad answer: count); `absent` (items that the file has no column for, and that count as not
        asked); `made_with`: instrument, methods, norms, tables and parameters with their versions, which is written
        beside `out` too, as a JSON file of the same name and `.json`.

    Raises
    ------
    ConnectednessError
        When `out` exists and `force` is not given, or its ending is not one that can be written.
    DeclarationError, ContractError
        When the instrument or the file does not hold.
    """
    _refuse_output(out, FORMATS, force)
    from connectedness.ingest.items import read_items

    declared = _instrument(instrument)
    require_verified(declared, accept_unverified)
    columns = [form_column] if form_column and form_column not in keep else []
    read = read_items(file, declared, _map(map_file), [*keep, *columns])
    scores = _scored(read.items, declared, methods, form, read.kept[form_column] if form_column else None)
    written = read.kept.drop(columns=columns).join(scores)
    written.attrs = made_with = {"engine": __version__, **scores.attrs}
    with written_beside(out) as beside:
        write_any(written, beside, out.suffix.lower())
    write_text(_facts_file(out), json.dumps(made_with, ensure_ascii=False, indent=1) + "\n")
    return {
        "rows": len(written),
        "scales": _scales(declared, scores, methods[0]),
        "not_read": dict(read.bad),
        "absent": list(read.absent),
        "made_with": made_with,
    }


def _scored(
    items: pd.DataFrame, declared: Instrument, methods: Sequence[str], form: str | None, forms: pd.Series | None
) -> pd.DataFrame:
    """Scores alone, by the methods asked for; what they were made with is in `attrs`."""
    from connectedness.scoring.classical import score
    from connectedness.scoring.forms import score_one_form
    from connectedness.scoring.irt import IRT_METHODS

    by_model = [one for one in methods if one in IRT_METHODS]
    counted = [one for one in methods if one not in IRT_METHODS]
    parts = [score(items, declared, counted, keep=(), accept_unverified=True)] if counted else []
    if by_model:
        parts.append(score_one_form(items, declared, by_model, form, forms))
    made_with: dict[str, Any] = {}
    for one in parts:
        made_with |= {name: fact for name, fact in one.attrs.items() if name not in ("answers", "methods", "method")}
    scores = parts[0].join(parts[1:])
    scores.attrs = {**made_with, "methods": list(methods)}
    return scores


def _facts_file(out: Path) -> Path:
    """What a table of scores was made with lies beside it: a CSV file has no room for it."""
    return out.with_name(out.name + ".json")


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
    theta: str = "normal",
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
    theta : {"normal", "free"}
        Shape of theta's distribution, as in `connectedness.calibrate`.

    Returns
    -------
    dict
        `n`, `iterations`, `log_likelihood`, `reliability`, `theta` (its shape), lists of `items`, `item_fit` and
        `information`, and `person_fit`: of the respondents who answered, how many were judged, and how many
        answered far less likely than the model says (lz under -1.96). No respondent is listed.

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
    found = calibrate(read.items, declared, scale, model, weights=weight, theta=theta)
    write_parameters(found, out)
    tables = {"items": found.items, "item_fit": found.item_fit, "information": found.information}
    return {
        "n": found.n,
        "iterations": found.iterations,
        "log_likelihood": found.log_likelihood,
        "reliability": found.reliability,
        "theta": theta,
        "person_fit": {
            "judged": int(found.person_fit["lz"].notna().sum()),
            "unlikely": int((found.person_fit["lz"] < _UNLIKELY).sum()),
        },
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
        from connectedness.spreadsheets import write_workbook

        write_workbook(frame, path)
    elif suffix == ".sav":
        import pyreadstat

        pyreadstat.write_sav(frame, path)
    else:
        from connectedness.spreadsheets import csv_text

        path.write_bytes(csv_text(frame, "\t" if suffix == ".tsv" else ",").encode("utf-8"))


def _instrument(name: str) -> Instrument:
    path = Path(name)
    return read_instrument(path) if path.suffix in (".yaml", ".yml") else find_instrument(name)


def _scales(instrument: Instrument, scores: pd.DataFrame, method: str) -> list[dict[str, Any]]:
    """Each scale's scores by one method: how many, their mean, and the bounds that they have."""
    out = []
    for scale in instrument.scales:
        name = scale.id if method == "mean" else f"{scale.id}_{method}"
        if name not in scores:
            continue  # a scale without a norm, a table or parameters has no such score
        values = scores[name].dropna()
        low, high = instrument.scale_range(scale.id)
        k = len(scale.items)
        bounds = {"mean": (low, high), "sum": (low * k, high * k), "pomp": (0, 100), "favourable": (0, 1)}.get(method)
        out.append(
            {
                "id": scale.id,
                "method": method,
                "scored": len(values),
                "mean": None if values.empty else float(values.mean()),
                "range": None if bounds is None else f"{bounds[0]} to {bounds[1]}",
            }
        )
    return out
