"""The column map of an export that will come back: exact, since the questionnaire's codes and names are ours."""

from __future__ import annotations

from typing import Any

import yaml

from connectedness.declare.columns import ColumnMap
from connectedness.questionnaire import limesurvey, plain, redcap
from connectedness.questionnaire.content import Content, Question

_FACTS: dict[str, dict[str, str]] = {
    "qualtrics": {
        "response_id": "ResponseId", "started_at": "StartDate", "submitted_at": "EndDate",
        "duration_s": "Duration (in seconds)",
    },
    "limesurvey": {"response_id": "id", "started_at": "startdate", "submitted_at": "submitdate"},
    "redcap": {"response_id": redcap.RECORD, "submitted_at": f"{redcap.SURVEY_FORM}_timestamp"},
    "plain": {},
}  # fmt: skip


def map_of(content: Content, tool: str, names: dict[str, str]) -> dict[str, Any]:
    """Make the map as plain data; `names` are the columns by question.

    An item's answers come as codes or as labels, in either language. Labels that the instrument's file holds are
    known without being written down.
    """
    columns: dict[str, Any] = {**_who(content, tool), **_FACTS[tool]}
    if content.consent:
        agreed = ["1", *content.consent.choices[1].label.values()]
        columns["consent"] = {"column": names[content.consent.id], "agreed": agreed}
    made: dict[str, Any] = {} if tool == "plain" else {"format": tool}
    made |= {"columns": columns} if columns else {}
    made["items"] = {one.id: _item(one, names[one.id]) for one in content.questions}
    ColumnMap.model_validate(made)
    return made


def map_text(content: Content, tool: str, made: dict[str, Any]) -> str:
    """Write the map as YAML, with what an analyst should know above."""
    lines = [f"# Column map of the questionnaire of {content.instrument.pinned} for {tool}. Nothing in it is a guess."]
    if content.school and content.token:
        lines.append("# If a roster gives each student's school, take the line with school out.")
    if tool == "plain":
        lines.append("# When the answers came: Google Forms, submitted_at: Timestamp; Microsoft Forms, submitted_at:")
        lines.append("# Completion time. Write it under columns.")
    return "\n".join(lines) + "\n" + yaml.safe_dump(made, allow_unicode=True, sort_keys=False, width=10_000)


def _who(content: Content, tool: str) -> dict[str, Any]:
    """Columns of token and school, as each tool names them."""
    if tool == "plain":
        beside = plain.asked_beside(content)
        found: dict[str, Any] = {"token": beside[plain.TOKEN]} if plain.TOKEN in beside else {}
        if plain.SCHOOL in beside:
            values = {words[content.languages[0]]: one for one, words in content.schools}
            named = {"column": beside[plain.SCHOOL], "values": values}
            found["school"] = named if values else beside[plain.SCHOOL]
        return found
    school = limesurvey.codes(content)[content.school] if content.school and tool == "limesurvey" else content.school
    token = (
        {"qualtrics": content.token, "limesurvey": "token", "redcap": redcap.RECORD}[tool] if content.token else None
    )
    found = {"token": token} if token else {}
    return found | ({"school": school} if school else {})


def _item(one: Question, column: str) -> Any:
    if not one.foreign:
        return column
    return {"column": column, "codes": {text: choice.code for choice in one.choices for text in choice.label.values()}}
