"""Measure belonging in schools: ingest, validate, score, estimate, protect, publish."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Public names and where they live. They are looked up when first used, so that `import connectedness` loads no table
# library, and the command answers at once.
_PUBLIC = {
    "ConnectednessError": "connectedness.errors",
    "DeclarationError": "connectedness.errors",
    "ContractError": "connectedness.errors",
    "DisclosureError": "connectedness.errors",
    "Instrument": "connectedness.declare.instrument",
    "find_instrument": "connectedness.declare.registry",
    "open_project": "connectedness.declare.project",
    "score": "connectedness.scoring.classical",
    "score_irt": "connectedness.scoring.irt",
    "explain": "connectedness.scoring.explain",
    "reliability": "connectedness.psychometrics.reliability",
    "omega": "connectedness.psychometrics.omega",
    "item_analysis": "connectedness.psychometrics.items",
    "icc": "connectedness.psychometrics.icc",
    "rwg": "connectedness.psychometrics.rwg",
    "dif": "connectedness.psychometrics.dif",
    "careless": "connectedness.psychometrics.careless",
    "calibrate": "connectedness.psychometrics.calibration",
    "protect": "connectedness.disclosure.protect",
    "audit": "connectedness.disclosure.audit",
    "open_release": "connectedness.release.open",
    "Release": "connectedness.release.open",
    "run_wave": "connectedness.pipeline",
    "make_district": "connectedness.synth",
}
__all__ = ["__version__", *_PUBLIC]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'connectedness' has no attribute {name!r}")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
