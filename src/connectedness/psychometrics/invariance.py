"""Measurement invariance between groups: a script for lavaan with its data, and its results read back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.answers import find_columns, points_of
from connectedness.declare.instrument import Instrument, Scale
from connectedness.declare.registry import find_instrument
from connectedness.errors import ContractError, DeclarationError
from connectedness.files import written_beside
from connectedness.psychometrics.dif import FEWEST_IN_GROUP, group_of

MODELS = ("configural", "threshold", "metric", "scalar")
RESULTS = (
    *("scale", "model", "n", "chi2", "df", "p", "cfi", "rmsea", "srmr"),
    *("cfi_change", "rmsea_change", "holds", "reason"),
)
_SCRIPT = Path(__file__).with_name("invariance.R")
_FEWEST_ITEMS = 3


def write_invariance(
    frame: pd.DataFrame,
    instrument: Instrument | str,
    group: str | pd.Series | Sequence[Any] | NDArray[Any],
    folder: Path | str,
    *,
    scale: str | None = None,
    minimum: int = FEWEST_IN_GROUP,
) -> list[Path]:
    """Write a ready script for R's lavaan, with its data, that tests invariance of each scale between groups.

    No Python library fits these models soundly to ordered answers: semopy 2.3 raises errors on ordinal data with
    numpy 2.4 and scipy 1.17, and without it takes ordered answers for continuous ones. So the analysis is left to
    lavaan, and nothing here pretends to have done it.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent; item columns named by item id or variable, holding the instrument's codes.
    instrument : Instrument or str
        An instrument, or the name of one that ships.
    group : str, Series or array
        A column of `frame`, or one value per row.
    folder : path
        Where the files go; made if need be.
    scale : str, optional
        One scale only. Default: every scale of three items or more.
    minimum : int
        Groups with fewer respondents are left out.

    Returns
    -------
    list of Path
        `invariance.R`, `answers.csv` (group and points of items, no identity, rows in random order), `scales.csv`,
        `README.txt`.

    Raises
    ------
    ContractError
        When fewer than two groups are large enough, or no scale can be tested.
    DeclarationError
        When the scale is not the instrument's.

    Notes
    -----
    Models, each with the restrictions of those before: configural (same items), threshold, metric (loadings), scalar
    (intercepts), one factor per scale, WLSMV, identified as in Wu & Estabrook (2016), doi 10.1007/s11336-016-9506-0.
    One holds unless CFI falls by more than .010 or RMSEA rises by more than .015: Chen (2007),
    doi 10.1080/10705510701301834.
    """
    known = find_instrument(instrument) if isinstance(instrument, str) else instrument
    columns, groups = find_columns(frame, known), group_of(frame, group)
    scales, left_out = _testable(known, columns, scale)
    items = list(dict.fromkeys(item for one in scales for item in one.items))
    points = points_of(frame, columns, known, items).reset_index(drop=True)
    table = pd.concat([groups.rename("group"), points.astype("Int64")], axis=1)
    table = table[table["group"].notna() & points.notna().any(axis=1)]
    sizes = table["group"].value_counts()
    small = sorted(str(one) for one in sizes.index[sizes < minimum])
    if (sizes >= minimum).sum() < 2:
        raise ContractError(
            f"invariance is tested between two groups or more of at least {minimum} respondents each.",
            found=", ".join(f"{name}: {size}" for name, size in sizes.items()) or "no group",
            todo="Join groups that belong together, or leave this comparison out.",
        )
    table = table[~table["group"].isin(small)]
    # A fresh order each time, so that a row cannot be found again in the file it came from.
    table = table.iloc[np.random.default_rng().permutation(len(table))]
    listed = pd.DataFrame([(one.id, item) for one in scales for item in one.items], columns=["scale", "item"])
    return _write(Path(folder), table, listed, _readme(known, scales, left_out, small, minimum))


def read_invariance(folder: Path | str) -> pd.DataFrame:
    """Read the results that `invariance.R` wrote.

    Parameters
    ----------
    folder : path
        The folder of `write_invariance`, after the script was run in it.

    Returns
    -------
    DataFrame
        One row per scale and model (configural, threshold, metric, scalar): `scale`, `model`, `n`; scaled `chi2`,
        `df`, `p`, `cfi`, `rmsea`; `srmr`; `cfi_change` and `rmsea_change` from the model before; `holds` (the
        configural model by CFI of .95 or more and RMSEA of .08 or less); `reason`: null, or why there are no numbers
        (`no_convergence`, `constant_item`, `two_categories`, `one_group`).

    Raises
    ------
    ContractError
        When the script has not been run, or its table is not whole.
    """
    file = Path(folder) / "invariance.csv"
    if not file.is_file():
        raise ContractError(
            "there are no results here yet.", file=file, todo=f"Run the script in {Path(folder)}: Rscript invariance.R"
        )
    table = pd.read_csv(file)
    missing = [name for name in RESULTS if name not in table.columns]
    if missing:
        raise ContractError(
            "this table lacks columns.", file=file, found=", ".join(table.columns), allowed=", ".join(RESULTS)
        )
    words = {name: table[name].astype("str") for name in ("scale", "model", "reason")}
    holds = table["holds"].astype("boolean")
    return table.assign(**words, holds=holds, n=table["n"].astype("Int64"))[list(RESULTS)]


def _testable(instrument: Instrument, columns: dict[str, str], scale: str | None) -> tuple[list[Scale], dict[str, str]]:
    if scale is not None and scale not in instrument.scale_by_id:
        allowed = ", ".join(instrument.scale_by_id)
        raise DeclarationError(f"{instrument.pinned} has no such scale.", found=scale, allowed=allowed)
    wanted = [one for one in instrument.scales if scale in (None, one.id)]
    left_out = {}
    for one in wanted:
        if len(one.items) < _FEWEST_ITEMS:
            left_out[one.id] = "fewer than three items"
        elif set(one.items) - set(columns):
            left_out[one.id] = "not all of its items are in the file"
    kept = [one for one in wanted if one.id not in left_out]
    if not kept:
        raise ContractError(
            "no scale can be tested for invariance.",
            found="; ".join(f"{name}: {why}" for name, why in left_out.items()),
            allowed="scales of three items or more, all of them in the file",
        )
    return kept, left_out


def _write(folder: Path, table: pd.DataFrame, scales: pd.DataFrame, readme: str) -> list[Path]:
    # Results of other data must not be taken for these.
    (folder / "invariance.csv").unlink(missing_ok=True)
    texts = {
        "invariance.R": _SCRIPT.read_text(encoding="utf-8"),
        "answers.csv": table.to_csv(index=False, lineterminator="\n"),
        "scales.csv": scales.to_csv(index=False, lineterminator="\n"),
        "README.txt": readme,
    }
    for name, text in texts.items():
        with written_beside(folder / name) as beside:
            beside.write_bytes(text.encode("utf-8"))
    return [folder / name for name in texts]


def _readme(
    instrument: Instrument, scales: list[Scale], left_out: dict[str, str], small: list[str], minimum: int
) -> str:
    lines = [
        f"Measurement invariance of {instrument.pinned}: {', '.join(one.id for one in scales)}",
        "",
        "What it asks: do groups use the questions alike, so that their scores may be compared?",
        "How to run it: install R and its package lavaan, then, in this folder: Rscript invariance.R",
        "It writes invariance.csv, which connectedness reads back (read_invariance).",
        "",
        "Models, each with the restrictions of those before: configural, threshold, metric, scalar. One holds unless",
        "CFI falls by more than 0.010 or RMSEA rises by more than 0.015 (Chen 2007). Means of groups may be compared",
        "where all four hold.",
        "",
        "Why R: no Python library fits these models soundly to ordered answers.",
        "",
        "answers.csv holds one row per respondent: group and points of each item, in random order, without identity.",
        "It is still answers of single students: keep it where the responses are kept, and pass it on to nobody.",
        f"Groups of fewer than {minimum} respondents are left out: {', '.join(small) or 'none'}.",
        *(f"Left out: {name}, {why}." for name, why in left_out.items()),
    ]
    return "\n".join(lines) + "\n"
