"""Instruments and tables that the tests of scale facts share."""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectedness.declare.instrument import Instrument


def likert(sizes: dict[str, int], *, top: int = 5, structure: str = "reflective", general: bool = False) -> Instrument:
    """Scales of so many items each, called by the scale and a number; codes 1 to `top`, 7 not asked, all positive."""
    text = {"en": "x"}
    declared = {
        "id": "made-up", "version": 1, "title": text, "standing": text, "source": ["made for this test"],
        "licence": {"tier": "A", "terms": "ours"},
        "option_sets": {"all": {"expresses": "x", "options": [{"code": code} for code in range(1, top + 1)]}},
        "items": [{"id": f"{s}{i}", "options": "all"} for s, size in sizes.items() for i in range(1, size + 1)],
        "scales": [
            {"id": s, "title": text, "description": text, "structure": structure, "min_answered": min(2, size),
             "items": [f"{s}{i}" for i in range(1, size + 1)]}
            for s, size in sizes.items()
        ],
        "missing": {} if top >= 7 else {7: "not_asked"},
    }  # fmt: skip
    if general:
        declared["general"] = {"id": "whole", "title": text, "scales": list(sizes)}
    return Instrument.model_validate(declared)


def drawn(known: Instrument, n: int = 120, *, load: float = 0.7, seed: int = 1) -> pd.DataFrame:
    """Answers to scales that hold together as far as `load` says."""
    rng = np.random.default_rng(seed)
    columns = {}
    for scale in known.scales:
        trait = rng.standard_normal(n)
        for item in scale.items:
            latent = load * trait + np.sqrt(1 - load**2) * rng.standard_normal(n)
            cuts = np.linspace(-1.2, 1.2, len(known.codes(item)) - 1)
            columns[item] = np.digitize(latent, cuts).astype(float) + 1
    return pd.DataFrame(columns)
