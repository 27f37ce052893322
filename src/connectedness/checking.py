"""Every declaration and contract of a project, read and checked without touching student data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectedness.declare.project import check_declarations, open_project

CONTRACTS = ("roster", "responses", "scores", "estimates")
"""Contracts that every project has, its own or the packaged ones."""


def check_project(root: Path) -> dict[str, Any]:
    """Read every declaration of a project, and compile every contract. No student data is touched.

    Returns
    -------
    dict
        Numbers of waves, instruments and contracts, and notes for the person who checks.

    Raises
    ------
    DeclarationError
        At the first thing that does not hold.
    """
    from connectedness.declare.contract import read_contract
    from connectedness.packaged import find_file
    from connectedness.validation.compile import compile_contract

    project = open_project(root)
    check_declarations(project)
    for name in CONTRACTS:
        compile_contract(read_contract(find_file(project.root, f"data_contracts/{name}.odcs.yaml")))
    waves = project.survey.waves
    pins = {one.pinned for wave in waves for one in project.instruments(wave.id)}
    return {
        "survey": project.survey.id,
        "waves": len(waves),
        "instruments": len(pins),
        "contracts": len(CONTRACTS),
        "notes": [
            f"Before you use the module {one.id}: {one.legal_question.en}" for one in project.modules(waves[-1].id)
        ],
    }
