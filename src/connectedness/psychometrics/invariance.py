"""Measurement invariance between groups: a script for lavaan with its data, and its results read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from connectedness.answers import find_columns, points_of
from connectedness.declare.instrument import Instrument, Scale
from connectedness.declare.policy import PRESETS
from connectedness.declare.registry import find_instrument
from connectedness.errors import ContractError, DeclarationError
from connectedness.files import write_bytes
from connectedness.psychometrics.dif import FEWEST_IN_GROUP, group_of
from connectedness.spreadsheets import csv_text

MODELS = ("configural", "threshold", "metric", "scalar")
RESULTS = (
    *("scale", "model", "n", "chi2", "df", "p", "cfi", "rmsea", "srmr"),
    *("cfi_change", "rmsea_change", "holds", "reason"),
)
MADE = "made.json"
_SCRIPT = Path(__file__).with_name("invariance.R")
_FEWEST_ITEMS = 3


@dataclass(frozen=True)
class Prepared:
    """What the script is given.

    Attributes
    ----------
    table : DataFrame
        `group`, then the points of each item: a row per respondent who answered anything.
    scales : tuple of Scale
        Those that can be tested.
    left_out : dict
        Ids of the other scales, and why.
    small : dict
        Groups with too few respondents, and how many each has.
    minimum : int
    """

    table: pd.DataFrame
    scales: tuple[Scale, ...]
    left_out: dict[str, str]
    small: dict[str, int]
    minimum: int

    @property
    def fingerprint(self) -> str:
        """Hash of scales and answers, whatever the order of the rows: the same answers give the same."""
        table = self.table.astype("str").sort_values(list(self.table.columns), ignore_index=True)
        listed = {one.id: list(one.items) for one in self.scales}
        text = json.dumps(listed, sort_keys=True) + table.to_csv(index=False, lineterminator="\n")
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


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
        `made.json` (which answers these are, by their hash), `README.txt`.

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
    return write_prepared(Path(folder), known, prepare(frame, known, group, scale=scale, minimum=minimum))


def prepare(
    frame: pd.DataFrame,
    instrument: Instrument,
    group: str | pd.Series | Sequence[Any] | NDArray[Any],
    *,
    scale: str | None = None,
    minimum: int = FEWEST_IN_GROUP,
) -> Prepared:
    """Choose scales, groups and rows that can be tested; parameters and errors as in `write_invariance`."""
    columns, groups = find_columns(frame, instrument), group_of(frame, group)
    scales, left_out = _testable(instrument, columns, scale)
    items = list(dict.fromkeys(item for one in scales for item in one.items))
    points = points_of(frame, columns, instrument, items).reset_index(drop=True)
    table = pd.concat([groups.rename("group"), points.astype("Int64")], axis=1)
    table = table[table["group"].notna() & points.notna().any(axis=1)]
    sizes = table["group"].value_counts()
    small = {str(name): int(size) for name, size in sizes[sizes < minimum].sort_index().items()}
    if (sizes >= minimum).sum() < 2:
        raise ContractError(
            f"invariance is tested between two groups or more of at least {minimum} respondents each.",
            found=", ".join(f"{name}: {size}" for name, size in sizes.items() if size >= minimum) or "no such group",
            todo="Join groups that belong together, or leave this comparison out.",
        )
    return Prepared(table[~table["group"].isin(list(small))], tuple(scales), left_out, small, minimum)


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
    if missing or not set(table["model"]) <= set(MODELS):
        raise ContractError(
            "this is not the table that invariance.R writes.",
            file=file,
            found=", ".join(table.columns),
            allowed=", ".join(RESULTS),
            todo="Run the script again: Rscript invariance.R",
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


def write_prepared(folder: Path, instrument: Instrument, prepared: Prepared) -> list[Path]:
    """Write the script and its data; results of other data that are there are removed. Returns the files' paths."""
    # Results of other data must not be taken for these.
    (folder / "invariance.csv").unlink(missing_ok=True)
    listed = pd.DataFrame([(one.id, item) for one in prepared.scales for item in one.items], columns=["scale", "item"])
    # A fresh order each time, so that a row cannot be found again in the file it came from.
    order = np.random.default_rng().permutation(len(prepared.table))
    answers = csv_text(prepared.table.iloc[order]).encode("utf-8")
    # R knows MD5 without a further package. The random order makes the answers of each writing their own.
    made = {
        "instrument": instrument.pinned,
        "fingerprint": prepared.fingerprint,
        "data": hashlib.md5(answers).hexdigest(),
    }
    texts = {
        "invariance.R": _SCRIPT.read_bytes(),
        "answers.csv": answers,
        "scales.csv": listed.to_csv(index=False, lineterminator="\n").encode("utf-8"),
        MADE: (json.dumps(made, indent=1) + "\n").encode("utf-8"),
        "README.txt": _readme(instrument, prepared).encode("utf-8"),
    }
    for name, content in texts.items():
        write_bytes(folder / name, content)
    return [folder / name for name in texts]


def _readme(instrument: Instrument, prepared: Prepared) -> str:
    lines = [
        f"Measurement invariance of {instrument.pinned}: {', '.join(one.id for one in prepared.scales)}",
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
        f"Groups of fewer than {prepared.minimum} respondents are left out: {_small(prepared.small)}.",
        *(f"Left out: {name}, {why}." for name, why in prepared.left_out.items()),
    ]
    return "\n".join(lines) + "\n"


def _small(groups: dict[str, int]) -> str:
    """Names of groups that are left out; of those of very few, whose name may be a student's, only the number."""
    at_least = PRESETS["default"].minimum["internal"]
    named = [name for name, size in groups.items() if size >= at_least]
    rest = len(groups) - len(named)
    told = [*named, *([f"{rest} of fewer than {at_least}"] if rest else [])]
    return ", ".join(told) or "none"
