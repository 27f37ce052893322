"""A whole synthetic project: declarations, exports, rosters, and what was planted in them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from connectedness.declare.instrument import Instrument
from connectedness.declare.registry import find_instrument
from connectedness.errors import ConnectednessError
from connectedness.files import make_private, private_folder, write_text
from connectedness.newproject import GITIGNORE
from connectedness.synth.answers import item_models
from connectedness.synth.declarations import FIRST_LINE, map_text, survey_text
from connectedness.synth.defects import Planted, how_many, plant
from connectedness.synth.export import FAMILY, GIVEN, Writer
from connectedness.synth.people import MODES, People, draw_people, enrol
from connectedness.synth.plan import Plan, plan_district
from connectedness.synth.sheet import clean_sheet
from connectedness.synth.truth import file_account, wave_truth

INSTRUMENT = "healthy-relationships@1"
_FILES = {"export-in-person.csv": False, "export-digital.csv": True}
_PLANTED = "planted"
_MADE_ANEW = ("inbox", "store", "site", _PLANTED)
# Rows of schools whose number of answers is planned are left as they are.
_MAY_HAVE_DEFECTS = ("regular", "digital", "blended")


def make_district(
    folder: str | Path, *, students: int = 9000, schools: int = 24, waves: int = 3, seed: int = 1
) -> Path:
    """Write a synthetic district's project, with planted truth and planted defects.

    Answers follow a multilevel graded probit model: a student's belonging, supportive adults and respectful peers
    are correlated; 5 % of their variance lies between schools. In the last wave belonging rose at one school.
    `planted/<wave>/planted.json` holds the truth and the number of each defect in each file of that wave. It
    lies outside `inbox/`, which holds what a district would have received, and nothing else.

    Parameters
    ----------
    folder : path
        Made if it is not there. An earlier synthetic district in it is replaced; anything else is refused.
    students, schools, waves : int
        Students on each wave's roster, schools, and administrations, one each fall; the last is open.
    seed : int
        The same numbers and seed give the same files, byte for byte.

    Returns
    -------
    Path
        The project's folder.

    Raises
    ------
    ConnectednessError
        When the folder holds another project, or a district of this size cannot be made.
    """
    root = Path(folder)
    _must_be_free(root)
    plan, instrument = plan_district(students, schools, waves, seed), find_instrument(INSTRUMENT)
    for old in _MADE_ANEW:  # numbers of two synthetic districts must not mix
        shutil.rmtree(root / old, ignore_errors=True)
    write_text(root / "survey.yaml", survey_text(plan, instrument))
    write_text(root / "maps" / "export.yaml", map_text(instrument))
    if not (root / ".gitignore").exists():
        write_text(root / ".gitignore", f"{GITIGNORE}{_PLANTED}/\n")
    people = draw_people(plan, (len(GIVEN), len(FAMILY)))
    inbox = private_folder(root / "inbox")
    for wave in range(waves):
        planted = _write_wave(private_folder(inbox / plan.waves[wave].id), plan, wave, people, instrument)
        _write_planted(private_folder(private_folder(root / _PLANTED) / plan.waves[wave].id), planted)
    return root


def _must_be_free(root: Path) -> None:
    survey = root / "survey.yaml"
    if survey.is_file():
        ours = survey.read_text(encoding="utf-8", errors="replace").startswith(FIRST_LINE)
    else:
        ours = not any((root / name).exists() for name in (*_MADE_ANEW, "maps"))
    if not ours:
        raise ConnectednessError(
            "this folder holds a project that is not a synthetic one, so it is left alone.",
            file=root,
            todo="Name another folder, as in: connectedness demo maple-fork",
        )


def _write_wave(folder: Path, plan: Plan, wave: int, people: People, instrument: Instrument) -> dict[str, Any]:
    """Write a wave's exports and roster; return what was planted in them."""
    models, enrolled = item_models(instrument), enrol(plan, people, wave)
    neighbour = plan.waves[wave - 1 if wave else min(1, len(plan.waves) - 1)].id
    writer = Writer(plan, wave, people, enrolled, instrument, models, neighbour)
    everyone = clean_sheet(plan, wave, enrolled, models)
    eligible = np.isin(np.array([one.role for one in plan.schools]), _MAY_HAVE_DEFECTS)
    files: dict[str, Planted] = {}
    identifiers: list[str] = []
    leave_out = ("other_wave",) if len(plan.waves) == 1 else ()
    for number, (name, digital) in enumerate(_FILES.items()):
        rng = np.random.default_rng([plan.seed, 5, wave, number])
        rows = np.flatnonzero((enrolled.mode[everyone.seat] == MODES.index("digital")) == digital)
        if not len(rows):
            continue
        sheet = everyone.rows(rows)
        counts = how_many(len(rows), 3 * wave + 5 * number, leave_out)
        files[name] = plant(rng, sheet, eligible[enrolled.school[sheet.seat]], models, counts)
        identifiers += writer.write_export(folder / name, files[name].sheet, rng)
        make_private(folder / name)
    writer.write_roster(folder / "roster.csv")
    make_private(folder / "roster.csv")
    return {
        "wave": plan.waves[wave].id,
        "seed": plan.seed,
        "files": {name: file_account(one, models) for name, one in files.items()},
        "roster_rows": len(enrolled.person),
        "truth": wave_truth(plan, wave, enrolled, [one.sheet for one in files.values()]),
        "identifiers": sorted({*identifiers, *FAMILY}),
    }


def _write_planted(folder: Path, planted: dict[str, Any]) -> None:
    write_text(folder / "planted.json", json.dumps(planted, ensure_ascii=False, indent=1) + "\n")
    make_private(folder / "planted.json")
