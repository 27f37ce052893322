"""A questionnaire goes out, is imported, answered and exported, and every answer comes back as the code it was."""

from __future__ import annotations

import shutil
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.questionnaire import survey_tools

from connectedness.declare.columns import ColumnMap
from connectedness.declare.registry import find_instrument
from connectedness.declare.source import read_source
from connectedness.ingest import detect, read_items
from connectedness.ingest.propose import propose
from connectedness.questionnaire import write_questionnaire

HR = find_instrument("healthy-relationships")
ASKED = [item for item in HR.items if item.id not in HR.module_of]
STORED = [item.id for item in ASKED if item.kind != "context"]
GIVEN = {"student_token": "s{n}", "token": "s{n}", "school": "001", "record_id": "s{n}"}
FORMATS = {"qualtrics": "qualtrics", "limesurvey": "limesurvey", "redcap": "redcap"}

codes = st.fixed_dictionaries({item.id: st.sampled_from((None, *HR.codes(item.id))) for item in ASKED})
students = st.lists(codes, min_size=1, max_size=4)
few = settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])


def as_seen(answers: dict, language: str) -> dict[str, str]:
    """What a student reads and chooses: texts and labels, never an id or a code."""
    out = {}
    for item in ASKED:
        if answers[item.id] is not None:
            option = next(one for one in HR.option_sets[item.options].options if one.code == answers[item.id])
            out[item.text.in_language(language)] = option.label.in_language(language)
    return out


def named(columns: ColumnMap) -> dict[str, str]:
    """Column of each item; LimeSurvey's `part1[code]` and `part1_code` are one column."""
    return {item: one.column.replace("[", "_").rstrip("]") for item, one in columns.items.items()}


def comes_back(tmp_path, rows, made, export, name, format_, definition=None):
    """The export maps itself, and by the drafted and by the written map alike each answer is what it was."""
    path = tmp_path / name
    path.write_bytes(export)
    assert detect(path).format == format_
    written = read_source(made.map_file).parse(ColumnMap)
    drafted = propose(path, [HR], definition=definition)
    assert not drafted.items_missing and not drafted.unsure and not drafted.labels_unknown
    assert not [reason for reason in drafted.reasons.values() if "question text 0" in reason]
    assert {item: one.column for item, one in written.items.items()} == made.columns
    assert named(drafted.confirmed()) == named(written)
    expected = {item: [-1 if row[item] is None else row[item] for row in rows] for item in STORED}
    for one in (written, drafted.confirmed()):
        found = read_items(path, HR, one)
        assert found.items.to_dict("list") == expected
        assert not found.bad and not found.absent


@pytest.fixture(scope="module")
def questionnaire(tmp_path_factory):
    """Write a questionnaire of a tool, in one language or in both, once."""

    @cache
    def written(tool, language=None):
        out = tmp_path_factory.mktemp("out") / f"out{ENDINGS[tool]}"
        made = write_questionnaire("healthy-relationships", tool, out=out, language=language)
        return made, made.file.read_text(encoding="utf-8")

    return written


ENDINGS = {"qualtrics": ".qsf", "limesurvey": ".txt", "redcap": ".csv", "plain": ".html"}


@pytest.mark.parametrize("texts", [False, True], ids=["codes", "labels"])
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("tool", ["qualtrics", "limesurvey"])
@few
@given(rows=students)
def test_a_tool_with_both_languages(tmp_path, questionnaire, rows, tool, language, texts):
    made, text = questionnaire(tool)
    assert made.languages == ("en", "fr")
    seen = [as_seen(row, language) for row in rows]
    export = getattr(survey_tools, tool)(text, seen, texts=texts, language=language, given=GIVEN)
    comes_back(tmp_path, rows, made, export, "export.csv", tool)


@pytest.mark.parametrize(("texts", "headings"), [(False, False), (True, False), (True, True)])
@pytest.mark.parametrize("language", ["en", "fr"])
@few
@given(rows=students)
def test_redcap_raw_labels_and_labels_as_headings(tmp_path, questionnaire, rows, language, texts, headings):
    made, text = questionnaire("redcap", language)
    export = survey_tools.redcap(
        text, [as_seen(row, language) for row in rows], texts=texts, headings=headings, given=GIVEN
    )
    if headings:  # with headings of labels, the dictionary beside the export says which field each is
        shutil.copy(made.file, tmp_path / "dictionary.csv")
    else:
        comes_back(tmp_path, rows, made, export, "export.csv", "redcap")
        return
    path = tmp_path / "labels.csv"
    path.write_bytes(export)
    found = read_items(path, HR, read_source(made.map_file).parse(ColumnMap))
    assert found.items.to_dict("list") == {i: [-1 if row[i] is None else row[i] for row in rows] for i in STORED}


@pytest.mark.parametrize("language", ["en", "fr"])
@few
@given(rows=students)
def test_a_page_copied_into_google_forms_or_microsoft_forms(tmp_path, questionnaire, rows, language):
    made, text = questionnaire("plain", language)
    seen = [as_seen(row, language) for row in rows]
    school = {"Which school do you go to?": "001", "À quelle école vas-tu?": "001"}
    export = survey_tools.google_forms(text, seen, french=language == "fr", given=school)
    comes_back(tmp_path, rows, made, export, "answers.csv", "google_forms")
    export = survey_tools.microsoft_forms(text, seen, given=school)
    comes_back(tmp_path, rows, made, export, "answers.xlsx", "microsoft_forms")


@pytest.mark.parametrize("tool", ["qualtrics", "limesurvey", "redcap"])
def test_the_questionnaire_itself_drafts_the_map_before_any_answer(questionnaire, tool):
    made, _ = questionnaire(tool)
    drafted = propose(made.file, [HR])
    assert drafted.format == FORMATS[tool] and not drafted.items_missing
    assert named(drafted.confirmed()) == named(read_source(made.map_file).parse(ColumnMap))
