"""Every declaration and contract of a project, read and checked without touching student data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectedness.declare.parameters import find_parameters, parameter_files
from connectedness.declare.project import Project, check_declarations, open_project
from connectedness.declare.registry import instrument_files, read_instrument

CONTRACTS = ("roster", "responses", "scores", "estimates")
"""Contracts that every project has, its own or the packaged ones."""


def check_project(root: Path) -> dict[str, Any]:
    """Read every YAML file of a project, and compile every contract. No student data is touched.

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
    from connectedness.measures.wanted import usable_measures
    from connectedness.packaged import find_file
    from connectedness.validation.compile import compile_contract

    project = open_project(root)
    check_declarations(project)
    for name in CONTRACTS:
        compile_contract(read_contract(find_file(project.root, f"data_contracts/{name}.odcs.yaml")))
    for wave in project.survey.waves:
        usable_measures(project, wave.id)
    _check_own_files(project)
    waves = project.survey.waves
    pins = {one.pinned for wave in waves for one in project.instruments(wave.id)}
    return {
        "survey": project.survey.id,
        "waves": len(waves),
        "instruments": len(pins),
        "contracts": len(CONTRACTS),
        "notes": [
            *(
                f"Scale {scale} does not say whether its items are signs of one thing, so nobody judges whether it "
                "holds together. Write structure: reflective or formative in its instrument."
                for scale in project.undeclared_scales(waves[-1].id)
            ),
            *(f"Before you use the module {one.id}: {one.legal_question.en}" for one in project.modules(waves[-1].id)),
        ],
    }


def _check_own_files(project: Project) -> None:
    """Read the project's own instruments, parameters, texts and theme, whether a wave uses them or not."""
    for file in instrument_files(project.root).values():
        read_instrument(file)
    for name in parameter_files(project.root):
        find_parameters(name, project.root)
    if (project.root / "dashboards").is_dir():
        from connectedness.dashboard.words import read_theme, read_words

        read_theme(project.root)
        for language in project.survey.languages:
            read_words(language, project.root)
