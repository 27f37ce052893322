"""docs/survey.md names every key of survey.yaml and of the column map, and no other."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import pytest
from pydantic import BaseModel

from connectedness.declare.source import Text
from connectedness.declare.survey import Survey

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "survey.md"
HEADINGS = {
    "Survey": "survey.yaml", "Identity": "identity", "Roster": "roster", "RosterGroups": "groups", "Wave": "waves",
    "WaveForms": "forms", "Breakdown": "breakdowns", "Measure": "measures", "Policy": "policy", "RowsPolicy": "rows",
    "Schedule": "schedule", "Intake": "intake", "IntakeRoute": "routes", "Notify": "notify", "Email": "email",
    "Event": "events", "Statement": "statements", "Publisher": "publisher", "DataLicence": "licence",
    "ColumnMap": "the column map", "FixedColumns": "columns", "ValueColumn": "a value column",
    "ItemColumn": "an item column", "ParticipationColumn": "a column of consent", "Exclusion": "exclude",
}  # fmt: skip
# Told in a word where they are used.
ELSEWHERE = {"Text", "ConsentColumn", "OptOutColumn"}


def models(model: type[BaseModel], found: dict[str, type[BaseModel]]) -> dict[str, type[BaseModel]]:
    """The model and all that its fields are made of."""
    if model.__name__ not in found:
        found[model.__name__] = model
        for field in model.model_fields.values():
            for inner in parts(field.annotation):
                models(inner, found)
    return found


def parts(annotation) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in typing.get_args(annotation) for model in parts(inner)]


def sections() -> dict[str, str]:
    pieces = re.split(r"^## (.+)$", DOCUMENT.read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def test_every_part_of_a_survey_has_a_section_and_every_section_is_one():
    there = set(models(Survey, {})) - ELSEWHERE
    assert there == set(HEADINGS), "a new part of survey.yaml needs a section in docs/survey.md"
    assert set(sections()) == set(HEADINGS.values())
    assert Text in models(Survey, {}).values()


@pytest.mark.parametrize("name", sorted(HEADINGS))
def test_every_key_stands_in_its_section(name):
    keys = re.findall(r"^\| `([a-z_]+)` \|", sections()[HEADINGS[name]], flags=re.M)
    assert len(keys) == len(set(keys))
    assert set(keys) == set(models(Survey, {})[name].model_fields)


@pytest.mark.parametrize("name", sorted(HEADINGS))
def test_a_key_without_a_default_says_none_and_only_such_a_key(name):
    rows = re.findall(r"^\| `([a-z_]+)` \| .* \|(.*)\|$", sections()[HEADINGS[name]], flags=re.M)
    told = {key: default.strip() for key, default in rows}
    for key, field in models(Survey, {})[name].model_fields.items():
        if field.is_required():
            assert told[key] == "", f"{key} must be there, so it has no default"
        elif field.default is None:
            assert told[key] != "", key
        elif isinstance(field.default, bool | int):
            assert told[key].strip("`").lower() == str(field.default).lower(), key


def test_links_lead_to_sections():
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading).replace(" ", "-") for heading in sections()}
    text = DOCUMENT.read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(#([a-z-]+)\)", text)) <= anchors


def test_the_example_of_a_roster_is_one():
    import yaml

    block = re.search(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), flags=re.S)
    roster = yaml.safe_load(block[1])["roster"]
    models(Survey, {})["Roster"].model_validate(roster)
