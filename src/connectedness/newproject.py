"""Starting a project, and taking a packaged file into it: what `init` and `customise` do."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from connectedness import __version__
from connectedness.declare.instrument import Instrument
from connectedness.declare.registry import find_instrument
from connectedness.errors import DeclarationError
from connectedness.files import sha256_of, write_bytes, write_text
from connectedness.identity import KEY_VARIABLE, make_key
from connectedness.packaged import find_file, packaged_files

INSTRUMENT = "healthy-relationships@1"
RECORD = ".connectedness.json"
"""File of a project that says which packaged files it took, from which engine, and what they were then."""
SCHEDULE = "flows/prefect.yaml"
GITIGNORE = """\
# Student data, and what is made from it for people who may see it. None of this belongs in version control.
inbox/
landing/
store/
site/internal/
site/analyst/
*.key
"""

_SURVEY = """\
# Your survey. Read the comments, change what is not yours, then run:  connectedness check
# Every key that may stand here, also those that this file leaves out: docs/survey.md of connectedness.
# The id names the secret key too, so do not change it once a wave has been read.
id: {id}
# With French: {{en: "...", fr: "..."}}
title: {{en: "{title}"}}
# publisher: {{name: Your School Division, contact: surveys@your-division.example}}  # in the papers of a release, with
# licence: {{name: CC-BY-4.0}}      # keywords, url and doi; licence, url and doi are those of the public data
timezone: America/Edmonton       # of your schools
languages: [en]                  # or [en, fr]
units: [district, school]        # widest first
identity: {{token: student_token}} # the column, in exports and roster, that holds each student's id
instruments: [{pinned}]
modules: []                      # sensitive modules are off until named here
# Who could have answered. Columns: student_token, school, grade, learning_mode and your groups. If yours have other
# headers, add  columns: {{school: SchoolCode, grade: GradeLevel}}.  No roster? Take it out.
roster:
  format: csv                    # or oneroster, edfi
  file: "inbox/{{wave}}/roster.csv"
  # opt_out: {{column: OptedOut, agreed: ["No"]}}  # not eligible, and no answer comes in; participation_consent, assent
  # groups: {{file: "inbox/{{wave}}/groups.csv", token: StudentNo, columns: {{english_learner: EL}}}}
waves:
  - id: {year}-fall
    window: [{opens}, {closes}]  # first and last day
    files: ["inbox/{year}-fall/export-*.csv"]
    closed: false                # true once no more answers will come
    # How your survey tool names its columns: ours on the left, yours on the right. A column that is not named here
    # is never read, so names, e-mail and IP addresses stay outside. With a second wave, move the map to a file of
    # its own (maps/export.yaml) and write  map: maps/export.yaml  in both waves. The headings on the right are made
    # up: write your tool's, or let  connectedness columns  draft the map. Nothing runs until you confirm it.
    map:
      confirmed: false             # true once every heading is your tool's
      format: csv
      columns:
        token: student_token
        school: School
        grade: Grade
        learning_mode: {{column: {mode}, values: {{{modes}}}}}
        started_at: StartDate
        submitted_at: EndDate
        # complete: {{column: Finished, agreed: ["True"]}}
      # exclude:
      #   - {{column: Status, values: ["Survey Preview"], reason: preview}}
      items:
{items}
breakdowns: [grade_band, learning_mode]   # add your own: a column of the roster
# measures:                      # every scale's mean and share of favourable answers is there without asking
#   - {{id: at_least_two_adults, item: hr_adults, statistic: share_at_least, code: 2}}
# retention_days: 30             # how long a closed wave's files may lie in inbox/:  connectedness purge
policy: default                  # at least 6 students behind a number inside the district, 10 in public
schedule: {{cron: "0 6 * * 1-5"}}  # 06:00, Monday to Friday, while  connectedness serve  is running
# Where files land by themselves (a folder or an address): they are checked, and go into the inbox of their wave.
# intake: {{landing: landing/, every_minutes: 5}}
# notify: {{webhook_env: DISTRICT_WEBHOOK}}   # who is told when a run fails
# schools:                       # names for the pages, by the id that exports and roster use
#   "001": {{en: Cedar Hill School, fr: École Colline-aux-Cèdres}}
"""

_README = """\
# {title}

A belonging survey, read with connectedness {version}.

1. Open `survey.yaml` and change what is not yours: the waves, the columns of your survey tool, the schools.
2. Put each wave's exports and its roster into `inbox/<wave>/`, as received. This is the only place with identifiers.
3. `connectedness columns inbox/<wave>/EXPORT` drafts `maps/export.yaml`: which column is which question. Look at every
   line of it, write `confirmed: true` there, and in `survey.yaml` put `map: maps/export.yaml` in place of the map.
4. `connectedness check` tells whether everything fits together. It touches no student data.
5. `connectedness run` takes the newest open wave from its files to pages. Open `site/analyst/index.html` first.
6. `connectedness serve` does so on the schedule in `survey.yaml`.

`site/public/` may be published. `site/internal/` is for people inside the district, one folder a school;
`site/analyst/`, `store/` and `inbox/` are for the analyst alone.

To change a text, a page or a rule, take the packaged file into this project and edit it here, for example
`connectedness customise dashboards/texts.en.yaml`. `connectedness check` says when the packaged one has changed since.

The secret key that makes pseudonyms is not in this folder, and must not be. Keep a backup of it.
"""

_BACK_UP = """\
Made the project {id} in {folder}.

Its secret key: {key}
Keep a copy of this file where only those who may see student data can get at it, away from this computer and from
the project (a password manager, or a sealed drive). Without it, students cannot be followed from wave to wave.
To keep the key elsewhere, name its file in the variable {variable}.

Next: edit {survey},
then run  connectedness check "{folder}\""""


def init_project(folder: str | Path, survey_id: str | None = None) -> str:
    """Start a project: `survey.yaml`, `flows/prefect.yaml`, `.gitignore`, a README, and the key outside it.

    Parameters
    ----------
    folder : path
        Made if it is not there.
    survey_id : str, optional
        By default made from the folder's name.

    Returns
    -------
    str
        What was made, and how to keep the key.

    Raises
    ------
    DeclarationError
        When the folder holds a project already, the id is none, or the key's file would lie in the project.
    """
    root = Path(folder).resolve()
    name = _survey_id(root, survey_id)
    _must_be_new(root)
    key = make_key(name, root)
    title = name.replace("_", " ").title()
    _write_unless_there(root / SCHEDULE, find_file(None, SCHEDULE).read_text(encoding="utf-8"))
    _write_unless_there(root / ".gitignore", GITIGNORE)
    _write_unless_there(root / "README.md", _README.format(title=title, version=__version__))
    # Last, since it is what makes the folder a project: after a full disk, `init` can be run again.
    write_text(root / "survey.yaml", survey_template(name, title))
    return _BACK_UP.format(id=name, folder=root, key=key, variable=KEY_VARIABLE, survey=root / "survey.yaml")


def customise(project: str | Path, name: str) -> Path:
    """Copy one packaged file into the project, where it wins, and record what was copied.

    Parameters
    ----------
    project : path
        The project's folder.
    name : str
        Name of a packaged file, such as `dashboards/texts.fr.yaml`.

    Returns
    -------
    Path
        The copy.

    Raises
    ------
    DeclarationError
        When there is no such file, no project, or the project has its own copy already.
    """
    root = Path(project).resolve()
    if not (root / "survey.yaml").is_file():
        raise DeclarationError(
            "there is no survey.yaml in this folder, so it is no project.",
            file=root,
            todo=f"Go to the project's folder, or name it last, as in: connectedness customise {name} FOLDER",
        )
    wanted = _packaged_name(name)
    if (root / wanted).exists():
        raise DeclarationError(
            "the project has its own copy of this file already, so nothing is copied over it.",
            file=wanted,
            todo="Edit that copy. To begin again from the packaged file, rename the copy first.",
        )
    return _take(root, wanted)


def changed_since(project: str | Path) -> list[str]:
    """Names of the files the project took whose packaged original has changed, or gone, since.

    Raises
    ------
    DeclarationError
        When the record of what was taken cannot be read.
    """
    root = Path(project).resolve()
    taken = _record(root)
    now = set(packaged_files())
    return sorted(
        name
        for name, facts in taken.items()
        if (root / name).is_file() and (name not in now or sha256_of(find_file(None, name)) != facts["sha256"])
    )


def question_columns(instrument: Instrument) -> dict[str, str]:
    """Column names such as `Q1_2` for the items every student is asked: a question a scale, a line an item."""
    scale_of = {item: scale.id for scale in instrument.scales for item in scale.items}
    questions: dict[str, list[str]] = {}
    for item in instrument.items:
        if item.id not in instrument.module_of:
            questions.setdefault(scale_of.get(item.id, item.kind), []).append(item.id)
    return {
        item: f"Q{number}" if len(items) == 1 else f"Q{number}_{line}"
        for number, items in enumerate(questions.values(), start=1)
        for line, item in enumerate(items, start=1)
    }


def survey_template(survey_id: str, title: str, today: date | None = None) -> str:
    """`survey.yaml` of a new project: it holds as it is, and its comments say what to change."""
    instrument = find_instrument(INSTRUMENT)
    columns = question_columns(instrument)
    mode = next(item for item in instrument.items if item.fills == "learning_mode")
    options = instrument.option_sets[mode.options].options
    today = today or date.today()
    year = today.year + (today.month > 10)
    opens = _first_monday_of_october(year)
    return _SURVEY.format(
        id=survey_id,
        title=title,
        pinned=instrument.pinned,
        year=year,
        opens=opens,
        closes=opens + timedelta(days=18),
        mode=columns[mode.id],
        modes=", ".join(f'"{option.code}": {option.level}' for option in options),
        items="\n".join(f"        {item.id}: {columns[item.id]}" for item in instrument.active_items()),
    )


def _first_monday_of_october(year: int) -> date:
    first = date(year, 10, 1)
    return first + timedelta(days=-first.weekday() % 7)


def _survey_id(root: Path, given: str | None) -> str:
    plain = unicodedata.normalize("NFKD", root.name).encode("ascii", "ignore").decode().lower()
    name = given if given is not None else re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name):
        raise DeclarationError(
            "this cannot be the id of a survey.",
            found=name,
            allowed="lower-case letters, digits and _, at most 32, the first a letter",
            todo="Choose one with --id, as in: connectedness init FOLDER --id maple_fork",
        )
    return name


def _must_be_new(root: Path) -> None:
    if root.exists() and not root.is_dir():
        raise DeclarationError("this is a file, not a folder.", file=root, todo="Name another folder.")
    if (root / "survey.yaml").exists():
        raise DeclarationError(
            "this folder holds a project already, and nothing in it has been changed.",
            file=root / "survey.yaml",
            todo="Edit this survey.yaml, or name another folder.",
        )


def _packaged_name(name: str) -> str:
    wanted = name.replace("\\", "/").removeprefix("./")
    names = packaged_files()
    if wanted in names:
        return wanted
    same_file = [one for one in names if one.rsplit("/", 1)[-1] == wanted.rsplit("/", 1)[-1]]
    near = same_file or difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)
    inside = [one for one in names if one.startswith(wanted.rstrip("/") + "/")]
    raise DeclarationError(
        "no packaged file has this name.",
        found=name,
        allowed=", ".join(inside or names),
        todo=f"Did you mean {' or '.join(near)}?" if near and not inside else "Name one of these files.",
    )


def _take(root: Path, name: str) -> Path:
    """Copy a packaged file into the project unless it has its own, and note which it was."""
    target = root / name
    original = find_file(None, name)
    if not target.exists():
        taken = _record(root) | {name: {"engine": __version__, "sha256": sha256_of(original)}}
        write_bytes(target, original.read_bytes())
        write_text(root / RECORD, json.dumps({"customised": taken}, indent=1, sort_keys=True) + "\n")
    return target


def _record(root: Path) -> dict[str, dict[str, Any]]:
    path = root / RECORD
    if not path.is_file():
        return {}
    try:
        taken = json.loads(path.read_text(encoding="utf-8"))["customised"]
        return {str(name): {"engine": str(one["engine"]), "sha256": str(one["sha256"])} for name, one in taken.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DeclarationError(
            "this record of the files taken from the package cannot be read.",
            file=path,
            todo="Put it back from version control. If it is lost, delete it: only the notes of `check` go with it.",
        ) from None


def _write_unless_there(path: Path, text: str) -> None:
    if not path.exists():
        write_text(path, text)
