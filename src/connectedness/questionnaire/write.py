"""A questionnaire for one survey tool, and the column map that reads its export, written side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from connectedness.declare.project import open_project
from connectedness.declare.registry import find_instrument, read_instrument, require_verified
from connectedness.declare.wording import read_wording
from connectedness.errors import ConnectednessError, DeclarationError
from connectedness.files import write_text
from connectedness.questionnaire import limesurvey, plain, qualtrics, redcap
from connectedness.questionnaire.column_map import map_of, map_text
from connectedness.questionnaire.content import Content, content_of
from connectedness.questionnaire.notes import notes_of

ToolName = Literal["qualtrics", "limesurvey", "redcap", "plain"]
_FORMS = {"qualtrics": qualtrics, "limesurvey": limesurvey, "redcap": redcap, "plain": plain}
_ONE_LANGUAGE = ("redcap", "plain")
TOKEN, SCHOOL = "student_token", "school"
"""Columns of token and school, where no project says other names."""


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes
    ----------
    file, map_file : Path
        The questionnaire, and the column map.
    languages : tuple of str
        Languages of the questionnaire.
    columns : dict
        Column of the export that will hold each item, by item id.
    notes : list of str
        What an analyst should know, in sentences.
    """

    file: Path
    map_file: Path
    languages: tuple[str, ...]
    columns: dict[str, str]
    notes: list[str]


def write_questionnaire(
    name: str,
    tool: ToolName,
    *,
    language: str | None = None,
    modules: Sequence[str] = (),
    wording: Path | None = None,
    project: Path | None = None,
    out: Path | None = None,
    map_file: Path | None = None,
    force: bool = False,
) -> Written:
    """Write an instrument's questionnaire as a file that a survey tool imports, and the map of its export.

    Parameters
    ----------
    name : str
        Id of an instrument, or the path of its YAML file.
    tool : str
        `qualtrics`, `limesurvey`, `redcap`, or `plain` (a page to print or copy).
    language : str, optional
        `en` or `fr`; by default both, where the tool's file carries both and everything has words in both.
    modules : sequence of str
        Sensitive modules to ask; a question of consent stands before them.
    wording : Path, optional
        File with the words of an instrument whose publisher holds them.
    project : Path, optional
        Folder of a project: its instruments count too, and its survey says how students and schools are known.
    out, map_file : Path, optional
        Where to write; by default in the current folder, and the map beside the questionnaire.
    force : bool
        Whether files that are there may be replaced.

    Raises
    ------
    DeclarationError
        When the instrument, a module or a language is not there, or the wording is not ours to give.
    ConnectednessError
        When a file is there already and `force` is not given.
    """
    opened = open_project(project) if project else None
    path = Path(name)
    own_file = path.suffix in (".yaml", ".yml")
    instrument = read_instrument(path) if own_file else find_instrument(name, opened.root if opened else None)
    require_verified(instrument, accepted=True)
    survey = opened.survey if opened else None
    # A form to copy carries no token by itself; without a project, nobody has asked that students type one.
    asks_token = survey.identity is not None if survey else tool != "plain"
    asks_school = survey is None or survey.anonymous or survey.roster is None
    content = content_of(
        instrument,
        language=language,
        modules=modules,
        wording=read_wording(wording) if wording else None,
        token=_token(survey.identity.token if survey and survey.identity else TOKEN) if asks_token else None,
        school=SCHOOL if asks_school else None,
    )
    content = _fitted(
        content, tool, {one: text.model_dump() for one, text in (opened.schools if opened else {}).items()}
    )
    form = _FORMS[tool]
    target = out or Path(
        f"{instrument.id}-{tool}{'-' + content.languages[0] if tool in _ONE_LANGUAGE else ''}{form.ENDING}"
    )
    beside = map_file or target.with_name(f"{target.stem}.map.yaml")
    _must_be_free(target, beside, form.ENDING, force)
    names = form.columns(content)
    text = form.write(content)
    made = map_of(content, tool, names)
    write_text(target, text)
    write_text(beside, map_text(content, tool, made))
    items = {one.id: names[one.id] for one in content.questions}
    return Written(target, beside, content.languages, items, notes_of(content, tool, target, beside, survey))


def _fitted(content: Content, tool: str, schools: dict[str, dict[str, str | None]]) -> Content:
    """What the tool's file can hold: one language, and, on a page, schools to choose from and no token without use."""
    if tool in _ONE_LANGUAGE:
        content = content.in_one(content.languages[0])
    named = {one: {language: text for language, text in words.items() if text} for one, words in schools.items()}
    return replace(content, schools=tuple(named.items()))


def _token(name: str) -> str:
    """The survey's own name of the token's column, where every tool can hold it."""
    plain_name = name.isascii() and name.replace("_", "a").isalnum() and name[0].isalpha()
    return name if plain_name and len(name) <= 50 else TOKEN


def _must_be_free(target: Path, beside: Path, ending: str, force: bool) -> None:
    if target.suffix.lower() != ending:
        raise DeclarationError(
            "the ending of the questionnaire's name does not fit the tool.", found=target.name, allowed=f"NAME{ending}"
        )
    if beside.suffix.lower() not in (".yaml", ".yml") or beside == target:
        raise DeclarationError("a column map is a YAML file.", found=beside.name, allowed=".yaml")
    for file in (target, beside):
        if file.exists() and not force:
            raise ConnectednessError(
                "this file is already there.", file=file, todo="Give another name with -o, or add --force."
            )
