"""Facts and notes of scales for a made release: one scale that works, one that is loose, one that does not hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from connectedness.tables import write_table

GOOD, LOOSE, BROKEN = "hr_belonging", "hr_supportive_adults", "hr_respectful_peers"
WAVE = "2026-fall"
_COLUMNS = ["wave", "scale", "unit_type", "statistic", "item", "value", "low", "high", "interval", "n", "reason"]
_OMEGA = {GOOD: (0.834, 0.826, 0.842), LOOSE: (0.652, 0.631, 0.673), BROKEN: (0.513, 0.482, 0.544)}
_ICC2 = {GOOD: 0.93, LOOSE: 0.41, BROKEN: 0.62}


def add_facts(folder: Path, *, changes: dict[tuple[str, str], dict[str, Any]] | None = None, **more: Any) -> Path:
    """Add facts of the latest wave to a made release; `changes` by scale and statistic, `more` notes by kind."""
    rows = [row for scale in _OMEGA for row in _of_scale(scale)]
    for row in rows:
        row |= (changes or {}).get((row["scale"], row["statistic"]), {})
    frame = pd.DataFrame(rows, columns=_COLUMNS).astype({"n": "Int64"})
    words = ["wave", "scale", "unit_type", "statistic", "item", "interval", "reason"]
    (folder / "scales").mkdir(exist_ok=True)
    write_table(frame.astype(dict.fromkeys(words, "str")), folder / "scales" / f"{WAVE}.parquet")
    (folder / "notes").mkdir(exist_ok=True)
    notes = [note for kind in (_notes() | more).values() for note in kind]
    (folder / "notes" / f"{WAVE}.json").write_text(json.dumps(notes), encoding="utf-8")
    book = json.loads((folder / "codebook.json").read_text(encoding="utf-8"))
    for scale in book["scales"]:
        scale["structure"] = "reflective"
    (folder / "codebook.json").write_text(json.dumps(book), encoding="utf-8")
    return folder


def _of_scale(scale: str) -> list[dict[str, Any]]:
    value, low, high = _OMEGA[scale]

    def row(
        statistic: str, figure: float, *limits: float, kind: str | None = None, item: str | None = None
    ) -> dict[str, Any]:
        ends = dict(zip(("low", "high"), limits, strict=False))
        return {
            "wave": WAVE,
            "scale": scale,
            "unit_type": kind,
            "statistic": statistic,
            "item": item,
            "value": figure,
            "n": 610,
        } | ends

    return [
        row("n_items", 6.0), row("n_scored", 610.0), row("n_complete", 540.0), row("missing_share", 0.031),
        row("floor_share", 0.004, 0.001, 0.012), row("ceiling_share", 0.21, 0.18, 0.25),
        row("alpha", value, low, high), row("omega_total", value, low, high), row("ordinal_alpha", value + 0.03),
        row("icc1", 0.051, 0.029, 0.101, kind="school"), row("icc2", _ICC2[scale], 0.2, 0.97, kind="school"),
        row("mean_inter_item_r", 0.454), row("cfi", 0.947), row("tli", 0.91), row("srmr", 0.031),
        row("rmsea", 0.091, 0.071, 0.112), row("rwg_j_median", 0.72, kind="school"),
        row("n_for_70", 44.0, 21.0, 77.0, kind="school"), row("n_for_80", 75.0, 36.0, 140.0, kind="school"),
        *_of_items(row, scale),
    ]  # fmt: skip


def _of_items(row: Any, scale: str) -> list[dict[str, Any]]:
    if scale != GOOD:
        return []
    return [
        row("item_rest_r", 0.604, 0.569, 0.636, item="hr_bel_part"),
        row("alpha_if_deleted", 0.804, 0.787, 0.821, item="hr_bel_part"),
        row("missing_share", 0.033, 0.025, 0.043, item="hr_bel_part"),
        row("mean", 3.912, item="hr_bel_part"),
        row("item_rest_r", 0.211, item="hr_bel_hide"),
        row("missing_share", 0.0051, item="hr_bel_hide"),
    ]


def _notes() -> dict[str, list[dict[str, Any]]]:
    verdicts = {GOOD: "fine", LOOSE: "flagged", BROKEN: "withheld"}
    return {
        "headline": [
            {"kind": "headline", "scale": scale, "verdict": verdict, "basis": "omega_total"}
            for scale, verdict in verdicts.items()
        ],
        "direction": [
            _direction("labels", "not_checked", cause=["no_labels"]),
            _direction("one_item", "overridden", items=["hr_bel_hide"], statements=[
                {"what": "hr_bel_hide", "reason": "Checked by hand", "date": "2026-11-02"}]),
            _direction("whole_scale", "ok", against=[LOOSE], unchecked=["ucla3_lonely", BROKEN]),
            _direction("last_wave", "ok", against=["previous"]),
        ],
        "careless": [
            {"kind": "careless", "scale": GOOD, "verdict": "told", "difference": 0.0},
            {"kind": "careless", "scale": LOOSE, "verdict": "told", "difference": -0.2},
            {"kind": "careless", "scale": BROKEN, "verdict": "not_told", "difference": None},
        ],
        "dif": [
            {"kind": "dif", "scale": GOOD, "breakdown": "grade_band", "verdict": "caution", "items": ["hr_bel_part"],
             "of_items": 6},
            {"kind": "dif", "scale": LOOSE, "breakdown": "grade_band", "verdict": "none", "cause": []},
            {"kind": "dif", "scale": GOOD, "breakdown": "learning_mode", "verdict": "not_checked",
             "cause": ["too_few_in_group"]},
        ],
        "invariance": [
            {"kind": "invariance", "scale": GOOD, "breakdown": "grade_band", "verdict": "not_tested"},
            {"kind": "invariance", "scale": GOOD, "breakdown": "learning_mode", "verdict": "not_tested"},
            {"kind": "invariance", "scale": LOOSE, "breakdown": "learning_mode", "verdict": "caution",
             "model": "metric"},
            {"kind": "invariance", "scale": LOOSE, "breakdown": "grade_band", "verdict": "stale"},
            {"kind": "invariance", "scale": BROKEN, "breakdown": "grade_band", "verdict": "none"},
        ],
    }  # fmt: skip


def _direction(check: str, verdict: str, **more: Any) -> dict[str, Any]:
    blank: dict[str, Any] = {"cause": [], "items": [], "against": [], "unchecked": []}
    return {"kind": "direction", "scale": GOOD, "check": check, "verdict": verdict} | blank | more
