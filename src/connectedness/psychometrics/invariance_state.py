"""What is known of measurement invariance: results of these very answers, or why there are none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from connectedness.declare.instrument import Instrument
from connectedness.errors import ContractError
from connectedness.psychometrics.invariance import MADE, prepare, read_invariance

TESTED = "tested"
STALE = "stale"
NOT_RUN = "not_run"
UNREADABLE = "unreadable"
NOT_WRITTEN = "not_written"
IMPOSSIBLE = "impossible"
COLUMNS = ("scale", "state", "model", "holds", "reason")


def invariance_state(
    frame: pd.DataFrame,
    instrument: Instrument,
    group: str | pd.Series | Sequence[Any] | NDArray[Any],
    folder: Path,
) -> pd.DataFrame:
    """Tell for each scale whether invariance between groups was tested on these answers, and what came out.

    Parameters
    ----------
    frame, instrument, group
        As in `write_invariance`: the answers that the scores of now are made of.
    folder : path
        Where `write_invariance` wrote, if it did.

    Returns
    -------
    DataFrame
        `scale`; `state`: `tested`; `stale` (the files are of other answers than `frame` holds now, or the results
        are of other files, so they do not count); `not_run`; `unreadable` (the results are not the script's table);
        `not_written`; `impossible` (too few groups are large enough, or the scale is too short); `model`, `holds`,
        `reason`: of each model where the state is `tested`, else null.
    """
    try:
        prepared = prepare(frame, instrument, group)
    except ContractError:
        return _table([(one.id, IMPOSSIBLE) for one in instrument.scales])
    state, results = _results(folder, lambda: prepared.fingerprint)
    wanted = [one.id for one in prepared.scales]
    rows: list[tuple[Any, ...]] = [(one, IMPOSSIBLE) for one in prepared.left_out]
    if results is None:
        return _table([*rows, *((one, state) for one in wanted)])
    for one in wanted:
        own = results[results["scale"] == one]
        lines = zip(own["model"], own["holds"], own["reason"], strict=True)
        rows += [(one, TESTED, *line) for line in lines] or [(one, UNREADABLE)]
    return _table(rows)


def _results(folder: Path, fingerprint: Any) -> tuple[str, pd.DataFrame | None]:
    file = folder / MADE
    if not file.is_file():
        return NOT_WRITTEN, None
    made = json.loads(file.read_text(encoding="utf-8"))
    if made.get("fingerprint") != fingerprint():
        return STALE, None
    if not (folder / "invariance.csv").is_file():
        return NOT_RUN, None
    try:
        results = read_invariance(folder)
    except (ContractError, ValueError):
        return UNREADABLE, None
    of = (
        pd.read_csv(folder / "invariance.csv", dtype={"data": "str"})
        .get("data", pd.Series(dtype="str"))
        .unique()
        .tolist()
    )
    return (TESTED, results) if of == [made.get("data")] else (STALE, None)


def _table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    table = pd.DataFrame([(*row, *[None] * (5 - len(row))) for row in rows], columns=list(COLUMNS))
    return table.astype(dict.fromkeys(COLUMNS, "str") | {"holds": "boolean"})
